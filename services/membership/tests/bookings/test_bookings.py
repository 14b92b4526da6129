"""A structure books a place, drops it or comes; what it is told, and what it is left with."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.members import use_cases as members
from membership.members.domain import suspend
from membership.members.use_cases import Why

from ..accompaniments.test_catalogue import LINK, listed, offered, opened
from ..members.test_dates import TODAY, on
from ..renewals.test_renewals import joined
from ..sittings.test_minutes import act

PATH = "/accompaniment-bookings"
WITHIN_A_YEAR = (date(TODAY.year + 1, 3, 1) - TODAY).days
"""1 March of next year: days after it are of the same year."""


async def admitted(membership: ServiceUnderTest, *names: str, **fields: Any) -> list[UUID]:
    async with membership.client("network", "board") as client:
        return [UUID(await joined(client, name, **fields)) for name in names]


async def reserved(client: httpx.AsyncClient, slot: Any, member: object, **fields: Any) -> httpx.Response:
    return await client.post(PATH, json={"slot_id": slot["id"], "member_id": str(member), **fields})


async def booked(client: httpx.AsyncClient, slot: Any, member: object, **fields: Any) -> str:
    answer = await reserved(client, slot, member, **fields)
    assert answer.status_code == 201, answer.text
    return f"{PATH}/{answer.json()['id']}"


async def mails(membership: ServiceUnderTest) -> list[tuple[str, str]]:
    return [(row.recipient, row.subject) for row in await membership.rows("SELECT * FROM mail ORDER BY id")]


async def test_a_structure_books_and_reads_what_was_promised(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("delegation", delegation="occitanie") as client:
        offer = await offered(client)
        [slot] = await opened(client, offer)
    async with membership.client("member", member_id=own) as client:
        path = await booked(client, slot, own, expectation="Préparer un projet")
        shown = (await client.get(path)).json()
        assert (shown["state"], shown["link"], shown["free"]) == ("booked", LINK, True)
        assert (shown["free_year"], shown["last_mail"]) == (date.fromisoformat(on(10)).year, "à envoyer")
        assert (shown["allowed_actions"], list(shown["blockers"])) == (["cancel"], ["rate"])
        full = await reserved(client, slot, own)
        assert (full.status_code, full.json()["code"]) == (409, "slot_already_booked")
        assert (await reserved(client, slot, other)).json()["code"] == "member_not_found"
    [mail] = await membership.rows("SELECT * FROM mail")
    assert (mail.recipient, mail.subject) == (
        "presidence@a.example",
        "Réservation confirmée : Coodiag : entretien d'une heure",
    )
    assert LINK in mail.text
    assert "Pour vous préparer : Vos deux derniers bilans" in mail.text
    assert "9 h 00 (heure locale, Europe/Paris)" in mail.text
    assert "Vous pouvez la rendre depuis votre espace adhérent jusqu'au" in mail.text
    async with membership.client("delegation", delegation="occitanie") as client:
        etag = (await client.get(offer)).headers["etag"]
        await client.patch(offer, json={"title": "Autre promesse"}, headers={"If-Match": etag})
        seen = (await client.get(path)).json()
        assert (seen["promised"]["title"], seen["edition"]) == ("Coodiag : entretien d'une heure", 1)
        assert seen["allowed_actions"] == ["cancel"]
        assert sorted(seen["blockers"]) == ["absent", "deliver", "hold", "reopen"]
    async with membership.client("member", member_id=other) as client:
        assert (await client.get(path)).status_code == 404
        assert await listed(client, PATH) == []
        refused = await reserved(client, slot, other)
        assert (refused.status_code, refused.json()["code"]) == (409, "slot_full")
    async with membership.client("delegation", delegation="bretagne") as client:
        assert (await client.get(path)).status_code == 404
        assert (await act_on_unseen(client, path)).status_code == 404
    async with membership.client("board") as client:
        assert (await client.get(path)).status_code == 403


async def act_on_unseen(client: httpx.AsyncClient, path: str) -> httpx.Response:
    return await client.post(f"{path}/cancel", json={"reason": "x"}, headers={"If-Match": '"v1"'})


async def test_the_last_place_is_taken_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    structures = await arranged(membership, admitted, "A", "B", "C", "D")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client), capacity=2)
        answers = await asyncio.gather(*(reserved(client, slot, member) for member in structures))
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409]
        assert {answer.json().get("code") for answer in answers} == {None, "slot_full"}
        [row] = await membership.rows("SELECT taken FROM accompaniment_slot")
        assert row.taken == 2
        assert len(await membership.rows("SELECT 1 FROM accompaniment_booking")) == 2
        assert len(await mails(membership)) == 2


async def test_two_free_first_levels_at_once_are_one(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        slots = await opened(client, await offered(client), WITHIN_A_YEAR, ends="11:00")
        answers = await asyncio.gather(*(reserved(client, slot, own) for slot in slots))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert [answer.json()["code"] for answer in answers if answer.status_code == 409] == ["first_level_used"]
        rows = await membership.rows("SELECT taken FROM accompaniment_slot ORDER BY taken")
        assert [row.taken for row in rows] == [0, 1]


async def test_the_free_first_level_once_a_year_and_a_kind(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        first, same, next_year = await opened(
            client, await offered(client), WITHIN_A_YEAR, ends="11:00"
        ) + await opened(client, await offered(client), WITHIN_A_YEAR + 366)
        [zest] = await opened(client, await offered(client, kind="zest"), WITHIN_A_YEAR + 1)
        [further] = await opened(client, await offered(client, level="further"), WITHIN_A_YEAR + 2)
    async with membership.client("member", member_id=own) as client:
        path = await booked(client, first, own)
        assert (await reserved(client, same, own)).json()["code"] == "first_level_used"
        asked = await reserved(client, same, own, allowance_reason="Je voudrais bien")
        assert (asked.status_code, asked.json()["code"]) == (403, "allowance_not_yours")
        for other in (next_year, zest, further):
            await booked(client, other, own)
        assert (await act(client, path, "POST", "cancel")).status_code == 200
        again = await booked(client, same, own)
        assert (await client.get(again)).json()["free_year"] == date.fromisoformat(on(WITHIN_A_YEAR)).year
    async with membership.client("delegation", delegation="occitanie") as client:
        allowed = await booked(client, first, own, allowance_reason="Fusion en cours")
        shown = (await client.get(allowed)).json()
        assert (shown["allowance_reason"], shown["free_year"]) == ("Fusion en cours", None)


async def test_who_cannot_book(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("network", "board") as client:
        candidate = (await client.post("/applications", json={"name": "C", "department": "31"})).json()["member_id"]
        [slot] = await opened(client, await offered(client, None), capacity=5)
        [breton] = await opened(client, await offered(client, "bretagne"), 11)
        [aci] = await opened(client, await offered(client, activities=["aci"]), 12)
        for member, where, code in (
            (candidate, slot, "member_cannot_book"),
            (own, breton, "delegation_not_served"),
            (own, aci, "activity_not_served"),
        ):
            refused = await reserved(client, where, member)
            assert (refused.status_code, refused.json()["code"]) == (409, code), refused.text
        await membership_suspended(membership, other)
        refused = await reserved(client, slot, other)
        assert (refused.status_code, refused.json()["code"]) == (409, "member_cannot_book")
        assert "suspendue" in refused.json()["detail"]
    async with membership.client("member", member_id=own) as client:
        assert (await reserved(client, breton, own)).status_code == 404
    rows = await membership.rows("SELECT 1 FROM accompaniment_slot WHERE taken > 0")
    assert rows == []


async def membership_suspended(membership: ServiceUnderTest, member: UUID) -> None:
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        held = (await members.hold(tx, [member]))[member]
        await members.apply(tx, held, suspend, tx.today, Why("épreuve"))


async def test_a_place_is_dropped_in_time_or_by_who_accompanies(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("network") as client:
        offer = await offered(client)
        [slot] = await opened(client, offer, 5, capacity=2)
    async with membership.client("member", member_id=own) as client:
        path = await booked(client, slot, own)
    async with membership.client("member", member_id=other) as client:
        kept = await booked(client, slot, other)
    async with membership.days_later(4) as later:
        async with later.client("member", member_id=own) as client:
            late = await act(client, path, "POST", "cancel")
            assert (late.status_code, late.json()["code"]) == (409, "booking_cancel_too_late")
            assert "cancel" in (await client.get(path)).json()["blockers"]
        async with later.client("delegation", delegation="occitanie") as client:
            silent = await act(client, path, "POST", "cancel")
            assert (silent.status_code, silent.json()["code"]) == (400, "cancellation_reason_missing")
            dropped = await act(client, path, "POST", "cancel", reason="La structure a appelé")
            assert (dropped.json()["state"], dropped.json()["cancelled_side"]) == ("cancelled", "staff")
            assert dropped.json()["link"] == LINK
            again = await act(client, path, "POST", "cancel", reason="x")
            assert (again.status_code, again.json()["code"]) == (409, "booking_settled")
    async with membership.client("member", member_id=own) as client:
        assert (await client.get(path)).json()["link"] is None
    async with membership.client("member", member_id=other) as client:
        dropped = await act(client, kept, "POST", "cancel", reason=None)
        assert (dropped.json()["cancelled_side"], dropped.json()["link"]) == ("structure", None)
        assert (await listed(client, "/accompaniment-slots"))[0]["free_places"] == 2
    assert [subject.partition(" : ")[0] for _, subject in await mails(membership)][2:] == ["Annulation"]


async def test_a_place_booked_late_says_whom_to_call(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """Past the last moment to give it back, nothing promises one that has gone by."""
    own, other = await arranged(membership, admitted, "A", "B")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client), 10, begins="00:00", ends="01:00")
        [general] = await opened(
            client, await offered(client, None), 10, begins="00:00", ends="01:00", adviser="Réseau"
        )
    bookings = ((slot, own, "la délégation Occitanie"), (general, other, "l'équipe réseau de Coorace"))
    async with membership.days_later(8) as later:
        for where, member, holder in bookings:
            async with later.client("member", member_id=member) as client:
                path = await booked(client, where, member)
                shown = (await client.get(path)).json()
                assert (shown["cancel_until"], shown["holder"]) == (None, holder)
                assert "trop tard" in shown["blockers"]["cancel"][0]["message"]
                late = await act(client, path, "POST", "cancel")
                assert (late.status_code, late.json()["code"]) == (409, "booking_cancel_too_late")
    texts = [mail.text for mail in await membership.rows("SELECT text FROM mail ORDER BY posted_at, id")]
    assert [holder in text for text, (_, _, holder) in zip(texts, bookings, strict=True)] == [True, True]
    assert not any("jusqu'au" in one for one in texts)


async def test_a_moved_slot_is_told_and_dropped_freely(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        offer = await offered(client)
        [slot] = await opened(client, offer, 5)
        path = await booked(client, slot, own)
        where = f"/accompaniment-slots/{slot['id']}"
        small = await act(client, where, "POST", "move", **moved_to(6, capacity=1, link=LINK))
        assert small.status_code == 200, small.text
        assert (small.json()["capacity"], small.json()["free_places"]) == (1, 0)
        past = await act(client, where, "POST", "move", **moved_to(-1))
        assert (past.status_code, past.json()["code"]) == (400, "slot_in_past")
        shown = (await client.get(path)).json()
        assert (shown["moved"], shown["starts_at"][:10]) == (True, on(6))
        subjects = [subject for _, subject in await mails(membership)]
        assert subjects[-1] == "Changement : Coodiag : entretien d'une heure"
        before = (await client.get(path)).headers["etag"]
        more = await act(client, where, "POST", "move", **moved_to(6, capacity=3, link=LINK))
        assert (more.json()["free_places"], len(await mails(membership))) == (2, len(subjects))
        assert (await client.get(path)).headers["etag"] == before
    async with membership.days_later(5) as later, later.client("member", member_id=own) as client:
        assert (await act(client, path, "POST", "cancel")).json()["state"] == "cancelled"


def moved_to(days: int, **fields: Any) -> dict[str, Any]:
    return {"day": on(days), "begins": "14:00", "minutes": 60, "place": "Toulouse", **fields}


async def test_a_cancelled_slot_tells_everybody_why(membership: ServiceUnderTest) -> None:
    own, other, silent = [*(await admitted(membership, "A", "B")), *(await admitted(membership, "C", mail=False))]
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client), capacity=5)
        paths = [await booked(client, slot, member) for member in (own, other, silent)]
        where = f"/accompaniment-slots/{slot['id']}"
        gone = await act(client, where, "POST", "cancel", reason="Grève des trains")
        assert (gone.json()["free_places"], gone.json()["allowed_actions"]) == (5, [])
        again = await act(client, where, "POST", "cancel", reason="x")
        assert (again.status_code, again.json()["code"]) == (409, "slot_cancelled")
        shown = [(await client.get(path)).json() for path in paths]
        assert {(one["state"], one["cancelled_side"]) for one in shown} == {("cancelled", "slot")}
        assert [one["last_mail"] for one in shown] == ["à envoyer", "à envoyer", None]
    async with membership.client("member", member_id=own) as client:
        assert (await client.get(where)).json()["cancel_reason"] == "Grève des trains"
        assert (await client.get(paths[0])).json()["cancel_reason"] == "Grève des trains"
    told = await membership.rows("SELECT recipient FROM mail WHERE text LIKE '%Raison : Grève des trains%'")
    assert sorted(row.recipient for row in told) == ["presidence@a.example", "presidence@b.example"]


async def test_a_slot_cancelled_while_it_is_booked_leaves_nobody_waiting(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client))
        where = f"/accompaniment-slots/{slot['id']}"
        await asyncio.gather(reserved(client, slot, own), act(client, where, "POST", "cancel", reason="Malade"))
    rows = await membership.rows("SELECT state FROM accompaniment_booking WHERE state = 'booked'")
    assert rows == []


async def test_the_networks_are_run_by_the_network(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client, None), 2)
        path = await booked(client, slot, own)
    async with membership.days_later(3) as later, later.client("delegation", delegation="occitanie") as client:
        assert (await client.get(path)).json()["allowed_actions"] == ["cancel"]
        for under in ("hold", "absent"):
            refused = await act(client, path, "POST", under)
            assert (refused.status_code, refused.json()["code"]) == (403, "accompaniment_not_yours")


async def test_the_bookings_are_listed_filtered_and_exported(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted, "Alpha", "Beta")
    async with membership.client("network") as client:
        offer = await offered(client)
        early, late = await opened(client, offer, 5), await opened(client, offer, 9)
        path = await booked(client, early[0], own)
        await booked(client, late[0], other)
        await act(client, path, "POST", "cancel", reason="Reporté")
    async with membership.client("delegation", delegation="occitanie") as client:
        for filters, names in (
            ({}, ["Beta", "Alpha"]),
            ({"sort": "name"}, ["Alpha", "Beta"]),
            ({"state": "cancelled"}, ["Alpha"]),
            ({"starts_from": on(6)}, ["Beta"]),
            ({"starts_to": on(5)}, ["Alpha"]),
            ({"member_id": str(other)}, ["Beta"]),
            ({"q": "alp"}, ["Alpha"]),
            ({"kind": "zest"}, []),
            ({"delegation": "bretagne"}, []),
            ({"slot": late[0]["id"]}, ["Beta"]),
            ({"accompaniment": offer.rpartition("/")[2]}, ["Beta", "Alpha"]),
        ):
            assert [one["name"] for one in await listed(client, PATH, **filters)] == names, filters
        lines = (await client.get(f"{PATH}/export", params={"state": "cancelled"})).text.splitlines()
        assert len(lines) == 2
        assert ";Alpha;occitanie;Coodiag;premier niveau;" in lines[1]
        assert lines[1].endswith("la délégation ou le réseau;Reporté")
        assert (await client.get(f"{PATH}/export", params={"format": "xlsx"})).content[:2] == b"PK"
        page = await client.get(PATH, params={"limit": 1})
        rest = await client.get(PATH, params={"limit": 1, "cursor": page.json()["next_cursor"]})
        assert [one.json()["items"][0]["name"] for one in (page, rest)] == ["Beta", "Alpha"]
    async with membership.client("delegation", delegation="bretagne") as client:
        assert len((await client.get(f"{PATH}/export")).text.splitlines()) == 1


async def test_the_same_key_books_once(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client), capacity=3)
        body = {"slot_id": slot["id"], "member_id": str(own)}
        tried = await client.post(PATH, json=body, params={"dry_run": "true"})
        assert tried.status_code == 201
        assert (await membership.rows("SELECT 1 FROM accompaniment_booking"), await mails(membership)) == ([], [])
        first = await client.post(PATH, json=body, headers={"Idempotency-Key": "place-1"})
        again = await client.post(PATH, json=body, headers={"Idempotency-Key": "place-1"})
        assert (first.status_code, again.json()) == (201, first.json())
        assert len(await mails(membership)) == 1


@pytest.mark.parametrize("days", [0, 1])
async def test_it_is_too_late_to_book(membership: ServiceUnderTest, arranged: Arrange, days: int) -> None:
    [own] = await arranged(membership, admitted, "A")
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client), 1 + days, begins="00:00", ends="01:00")
    async with membership.days_later(days) as later, later.client("member", member_id=own) as client:
        refused = await reserved(client, slot, own)
        assert (refused.status_code, refused.json()["code"]) == (409, "slot_too_late")
