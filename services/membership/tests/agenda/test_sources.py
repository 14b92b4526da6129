"""What the agenda shows of what membership does elsewhere, and of what the other services tell."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.contracts.gatherings import GatheringFact, GatheringState
from common.contracts.legal_desk import WebinarCancelled, WebinarScheduled
from common.contracts.ptce import MeetingScheduled, VisitScheduled
from common.contracts.training import SessionCancelled, SessionConfirmed, SessionMoved, SessionScheduled
from common.identifiers import new_id
from common.subscriptions import Event
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from membership.agenda.use_cases import hear

from ..accompaniments.test_catalogue import offered, opened
from ..assemblies.test_assembly import RESOLUTION, convened
from ..bookings.test_bookings import admitted, booked
from ..departures.test_departures import joined as registered
from ..duplicates.test_merging import id_of, merge, undo
from ..members.test_dates import TODAY, on
from ..renewals.test_renewals import OCTOBER, at, joined
from ..renewals.test_renewals import opened as renewal_opened
from ..sittings.test_minutes import act
from .test_agenda import AGENDA, titles


async def shown(client: httpx.AsyncClient, entry_id: object) -> dict[str, Any]:
    answer = await client.get(f"{AGENDA}/{entry_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def away(client: httpx.AsyncClient, name: str) -> str:
    return await joined(client, name, department="976", postcode="97600")


async def test_a_departmental_meeting_follows_its_days(membership: ServiceUnderTest) -> None:
    body = {"delegation": "oceanindien", "departments": ["976"], "subject": "À Mamoudzou", "day": on(5)}
    async with membership.client("network", "board") as client:
        await away(client, "A")
        meeting = (await client.post("/meetings", json=body)).json()
        whole = await shown(client, meeting["id"])
        assert (whole["all_day"], whole["first_day"], whole["zone"]) == (True, on(5), "Indian/Mayotte")
        path = f"/meetings/{meeting['id']}"
        await act(client, path, "POST", "move", day=on(6), starts_at="09:00", ends_at="12:00", place="MJC")
        moved = await shown(client, meeting["id"])
        assert (moved["starts_at"], moved["place"], moved["sequence"]) == (f"{on(6)}T06:00:00Z", "MJC", 1)
        invited = await away(client, "B")
        await act(client, path, "POST", "invite")
        assert (await shown(client, meeting["id"]))["sequence"] == 1, "who else is called changes no calendar"
        await act(client, path, "POST", "cancel", reason="Cyclone.")
        assert (await shown(client, meeting["id"]))["cancelled_reason"] == "Cyclone."
    async with membership.client("member", member_id=UUID(invited)) as client:
        assert (await shown(client, meeting["id"]))["sequence"] == 2
        assert (await titles(client), await titles(client, cancelled=True)) == ([], ["À Mamoudzou"])


async def test_a_meeting_is_for_the_structure_that_both_records_were(membership: ServiceUnderTest) -> None:
    """Merged, undone, merged again: who is called is who is called to the meeting."""
    body = {"delegation": "occitanie", "departments": ["31"], "subject": "Rencontre", "day": on(5)}

    async def sees(path: str) -> list[str]:
        async with membership.client("member", member_id=UUID(id_of(path))) as own:
            return await titles(own)

    async with membership.client("network", "board") as client:
        stays, goes = await registered(client, "Régain"), await registered(client, "Regain")
        meeting = await client.post("/meetings", json={**body, "members": [id_of(goes)]})
        assert (await sees(stays), await sees(goes)) == ([], ["Rencontre"])
        pair = await merge(client, stays, goes)
        assert await sees(stays) == ["Rencontre"]
        assert (await undo(client, pair)).status_code == 200
        assert (await sees(stays), await sees(goes)) == ([], ["Rencontre"])
        path = f"/meetings/{meeting.json()['id']}"
        await act(client, path, "POST", "invite", members=[id_of(stays)])
        await merge(client, stays, goes)
        assert await sees(stays) == ["Rencontre"], "called under both"
        assert (await shown(client, meeting.json()["id"]))["sequence"] == 0


async def test_an_assembly_shows_from_its_convening_on(membership: ServiceUnderTest) -> None:
    body = {"kind": "ordinary", "title": "En préparation", "held_on": on(90), "place": "Paris"}
    async with membership.client("network", "board") as client:
        await client.post("/assemblies", json=body)
        assert await titles(client) == []
        path = await convened(client, RESOLUTION)
        found = await shown(client, path.removeprefix("/assemblies/"))
        assert (found["kind_label"], found["audience"], found["place"]) == ("Assemblée générale", "members", "Paris")
        etag = (await client.get(path)).headers["etag"]
        amended = await client.patch(path, json={"place": "Lyon"}, headers={"If-Match": etag})
        assert amended.status_code == 200, amended.text
        elsewhere = await shown(client, found["id"])
        assert (elsewhere["place"], elsewhere["sequence"]) == ("Lyon", 1)
        await act(client, path, "POST", "cancel", reason="Quorum hors d'atteinte.")
        gone = await shown(client, found["id"])
        assert (gone["status"], gone["cancelled_reason"], gone["sequence"]) == (
            "cancelled",
            "Quorum hors d'atteinte.",
            2,
        )


async def test_a_sitting_follows_its_day(membership: ServiceUnderTest) -> None:
    body = {"held_on": on(8), "in_office": 3, "present": 3, "minutes_reference": "PV-8"}
    async with membership.client("board") as client:
        held = (await client.post("/sittings", json=body)).json()
        changed = await client.patch(f"/sittings/{held['id']}", json={"held_on": on(9)}, headers={"If-Match": '"v1"'})
        assert changed.status_code == 200, changed.text
        found = await shown(client, held["id"])
        assert (found["first_day"], found["last_day"], found["sequence"]) == (on(9), on(9), 1)


async def test_deadlines_of_the_year(membership: ServiceUnderTest) -> None:
    year = TODAY.year - 1
    async with membership.client("network") as client:
        opening = await client.post("/declaration-campaigns", json={"year": year, "closes_on": on(30)})
        assert opening.status_code == 201, opening.text
        [before] = (await client.get(AGENDA)).json()["items"]
        more = {"closes_on": on(45), "reason": "Comptes tardifs."}
        path = f"/declaration-campaigns/{year}/extend"
        extended = await client.post(path, json=more, headers={"If-Match": '"v1"'})
        assert extended.status_code == 200, extended.text
        [after] = (await client.get(AGENDA)).json()["items"]
        assert (before["id"], before["first_day"], before["sequence"]) == (after["id"], on(30), 0)
        assert (after["first_day"], after["all_day"], after["sequence"]) == (on(45), True, 1)
        assert after["title"] == f"Dernier jour pour déclarer les chiffres de {year}"


async def test_the_renewal_shows_its_last_day_of_information(membership: ServiceUnderTest) -> None:
    async with at(membership, OCTOBER) as client:
        path = await renewal_opened(client)
        renewal = (await client.get(path)).json()
        found = await shown(client, renewal["id"])
        assert (found["kind"], found["first_day"]) == ("renewal_deadline", renewal["notice_until"])
        said = f"Renouvellement {renewal['year']} : les structures en sont informées au plus tard ce jour"
        assert found["title"] == said


async def test_a_slot_shows_while_a_place_is_left_and_to_those_who_have_one(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own, other] = await arranged(membership, admitted, "A", "B")
    async with (
        membership.client("delegation", delegation="occitanie") as client,
        membership.client("member", member_id=own) as booked_it,
        membership.client("member", member_id=other) as did_not,
    ):
        offer = await offered(client, title="Coodiag")
        [slot] = await opened(client, offer)
        found = await shown(did_not, slot["id"])
        assert (found["mode"], found["place"], found["audience"]) == ("remote", None, "members")
        assert "link" not in found
        booking = await booked(client, slot, own)
        assert (await titles(did_not), await titles(booked_it)) == ([], ["Coodiag"]), "full"
        assert await titles(client) == ["Coodiag"], "who runs it sees it, full or not"
        feeds = [(await reader.get("/agenda.ics")).text for reader in (did_not, booked_it)]
        assert [slot["id"] in feed for feed in feeds] == [False, True]
        await act(client, booking, "POST", "cancel", reason="Fermeture.")
        assert await titles(did_not) == ["Coodiag"]
        assert (await shown(client, slot["id"]))["sequence"] == 0
        await client.patch(offer, json={"title": "Coodiag express"}, headers={"If-Match": '"v1"'})
        assert (await titles(client), (await shown(client, slot["id"]))["sequence"]) == (["Coodiag express"], 1)
        await booked(client, slot, own)
        await act(client, offer, "POST", "close")
        assert (await titles(did_not), await titles(booked_it)) == ([], ["Coodiag express"])
        await act(client, offer, "POST", "reopen")
        await act(client, f"/accompaniment-slots/{slot['id']}", "POST", "cancel", reason="Grève.")
        assert (await titles(booked_it), await titles(booked_it, cancelled=True)) == ([], ["Coodiag express"])
        assert await titles(did_not, cancelled=True) == [], "it was never theirs"


@pytest.mark.parametrize(
    ("roles", "delegation", "sees"),
    [
        pytest.param(("finance",), None, False, id="la comptabilité, qui ne lit pas les accompagnements"),
        pytest.param(("ops",), None, False, id="l'exploitation"),
        pytest.param((), None, False, id="sans jeton"),
        pytest.param(("board",), None, True, id="le conseil"),
        pytest.param(("network",), None, True, id="le réseau"),
        pytest.param(("delegation",), "occitanie", True, id="la délégation"),
        pytest.param(("delegation",), "idf", False, id="une autre"),
    ],
)
async def test_who_reads_accompaniments_reads_their_slots(
    membership: ServiceUnderTest, roles: tuple[str, ...], delegation: str | None, *, sees: bool
) -> None:
    async with membership.client("network") as client:
        [slot] = await opened(client, await offered(client, title="Coodiag"))
    async with membership.client(*roles, delegation=delegation) as client:
        assert await titles(client) == (["Coodiag"] if sees else [])
        assert (await client.get(f"{AGENDA}/{slot['id']}")).status_code == (200 if sees else 404)
        if roles:
            there = await client.get(f"/accompaniment-slots/{slot['id']}")
            assert there.is_success is sees, "as the catalogue"


async def test_a_slot_is_for_the_structure_that_both_records_were(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [stays, goes] = await arranged(membership, admitted, "Régain", "Regain")
    async with membership.client("network", "board") as client, membership.client("member", member_id=stays) as own:
        [slot] = await opened(client, await offered(client, title="Coodiag"))
        await booked(client, slot, goes)
        assert await titles(own) == []
        pair = await merge(client, f"/members/{stays}", f"/members/{goes}")
        assert await titles(own) == ["Coodiag"]
        assert (await undo(client, pair)).status_code == 200
        assert await titles(own) == []


async def test_the_last_places_taken_while_the_offer_closes(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """Whatever comes first, the agenda says what both acts left."""
    [one, other] = await arranged(membership, admitted, "A", "B")
    async with membership.client("network", "board") as client:
        offer = await offered(client)
        [slot] = await opened(client, offer, capacity=3)
        bodies = [{"slot_id": slot["id"], "member_id": str(who)} for who in (one, other)]
        answers = await asyncio.gather(
            *(client.post("/accompaniment-bookings", json=body) for body in bodies),
            client.post(f"{offer}/close", json={}, headers={"If-Match": '"v1"'}),
        )
        assert answers[-1].status_code == 200, answers[-1].text
        assert {answer.status_code for answer in answers[:2]} <= {201, 409}
        [row] = await membership.rows("SELECT listed, participants FROM agenda_entry WHERE source = 'accompaniments'")
        has = {who for who, answer in zip((one, other), answers[:2], strict=True) if answer.status_code == 201}
        assert (row.listed, set(row.participants)) == (False, has)


NINE_IN_CAYENNE = datetime(TODAY.year + 1, 2, 2, 12, tzinfo=UTC)


def state(gathering_id: UUID, **fields: Any) -> GatheringState:
    return GatheringState(
        **{
            "id": gathering_id,
            "title": "Conduire un entretien",
            "kind": "training_session",
            "starts_at": NINE_IN_CAYENNE,
            "ends_at": NINE_IN_CAYENNE + timedelta(hours=8),
            "zone": "America/Cayenne",
            "mode": "on_site",
            "venue": "Maison des associations",
            "city": "Cayenne",
            "department": "973",
            "delegation": "guyane",
            "audience": "public",
            "status": "scheduled",
            "url": "https://www.coorace.example/sessions/1",
            **fields,
        }
    )


def fact(of: type[GatheringFact], gathering_id: UUID, **fields: Any) -> GatheringFact:
    return of(state=state(gathering_id, **fields))


async def test_a_session_is_announced_confirmed_moved_and_cancelled(membership: ServiceUnderTest) -> None:
    session = new_id()
    later = {"starts_at": NINE_IN_CAYENNE + timedelta(days=1), "ends_at": NINE_IN_CAYENNE + timedelta(days=1, hours=8)}
    history: list[tuple[GatheringFact, str]] = [
        (fact(SessionScheduled, session), "tentative"),
        (fact(SessionConfirmed, session, status="confirmed"), "confirmed"),
        (fact(SessionMoved, session, status="moved", **later), "confirmed"),
        (fact(SessionCancelled, session, status="cancelled", **later), "cancelled"),
    ]
    async with membership.client() as anybody:
        for sequence, (told, status) in enumerate(history):
            await membership.receive(told)
            found = await shown(anybody, session)
            assert (found["sequence"], found["status"]) == (sequence, status)
        assert (found["place"], found["source"]) == ("Maison des associations, Cayenne (973)", "training")


async def test_what_is_repeated_or_older_changes_nothing(membership: ServiceUnderTest) -> None:
    session = new_id()
    first, second = fact(SessionScheduled, session), fact(SessionMoved, session, status="moved", city="Kourou")
    await membership.receive(first, second)
    before = await membership.rows("SELECT * FROM agenda_entry")
    for sequence, told in ((2, second), (1, first), (1, fact(SessionCancelled, session, status="cancelled"))):
        async with membership.runtime.database.transaction(Actor("service:membership")) as tx:
            await hear(tx, Event(uuid4(), sequence, tx.now, told))
    assert await membership.rows("SELECT * FROM agenda_entry") == before


@pytest.mark.parametrize(
    ("fields", "shown_as"),
    [
        pytest.param({"kind": "hackathon"}, {"kind_label": "hackathon"}, id="une sorte inconnue, telle quelle"),
        pytest.param({"status": "postponed"}, {"status": "confirmed"}, id="un état inconnu"),
        pytest.param({"mode": "metaverse"}, {"mode": None}, id="une façon de se réunir inconnue"),
        pytest.param({"url": "javascript:alert(1)"}, {"url": None}, id="un lien qui n'en est pas un"),
        pytest.param({"url": "https://x.example/\nX-BAD:1"}, {"url": None}, id="un lien sur deux lignes"),
        pytest.param({"url": "https://x.example/\x00"}, {"url": None}, id="un lien et un caractère nul"),
        pytest.param({"url": "https://x.example/\u200b"}, {"url": None}, id="un lien et un caractère invisible"),
        pytest.param({"title": "A\r\nB\x00C"}, {"title": "A  B C"}, id="un titre qu'aucun calendrier n'écrit"),
        pytest.param({"venue": "Salle\x07", "city": None, "department": None}, {"place": "Salle"}, id="un lieu aussi"),
        pytest.param({"zone": "Mars/Olympus"}, {"zone": "UTC"}, id="un fuseau inconnu"),
        pytest.param({"venue": None, "city": None, "department": None}, {"place": None}, id="sans lieu"),
        pytest.param({"delegation": None}, {"delegation": None}, id="pour tout le pays"),
    ],
)
async def test_what_a_newer_producer_may_say(
    membership: ServiceUnderTest, fields: dict[str, Any], shown_as: dict[str, Any]
) -> None:
    visit = new_id()
    await membership.receive(fact(VisitScheduled, visit, **fields))
    async with membership.client() as anybody:
        found = await shown(anybody, visit)
        assert {name: found[name] for name in shown_as} == shown_as
        for path in ("/agenda.ics", f"{AGENDA}/{visit}.ics"):
            calendar = await anybody.get(path)
            assert (calendar.status_code, str(visit) in calendar.text) == (200, True), calendar.text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("weather", "Conditions météorologiques.", id="un code connu"),
        pytest.param("strike", "strike", id="un code inconnu, tel quel"),
        pytest.param(None, None, id="sans raison"),
    ],
)
async def test_why_a_gathering_is_cancelled(membership: ServiceUnderTest, code: str | None, said: str | None) -> None:
    webinar = new_id()
    await membership.receive(fact(WebinarScheduled, webinar, reason_code=code))
    async with membership.client() as anybody:
        assert (await shown(anybody, webinar))["cancelled_reason"] is None, "it is held"
        await membership.receive(fact(WebinarCancelled, webinar, status="cancelled", reason_code=code))
        assert (await shown(anybody, webinar))["cancelled_reason"] == said
        assert (f"Annulé : {said}" in (await anybody.get(f"{AGENDA}/{webinar}.ics")).text) is (said is not None)


async def test_a_gathering_may_last_whole_days_or_end_nobody_knows_when(membership: ServiceUnderTest) -> None:
    """From the morning of the second to the evening of the third, in Cayenne: whatever the hours, two days."""
    visit, meeting = new_id(), new_id()
    two_days = {"all_day": True, "ends_at": NINE_IN_CAYENNE + timedelta(hours=32)}
    await membership.receive(
        fact(VisitScheduled, visit, **two_days), fact(MeetingScheduled, meeting, ends_at=None, audience="public")
    )
    async with membership.client() as anybody:
        whole = await shown(anybody, visit)
        year = TODAY.year + 1
        assert (whole["all_day"], whole["first_day"], whole["last_day"]) == (True, f"{year}-02-02", f"{year}-02-03")
        assert whole["starts_at"] == f"{year}-02-02T03:00:00Z"
        endless = await shown(anybody, meeting)
        assert (endless["ends_at"], endless["last_day"]) == (None, f"{year}-02-02")


async def test_an_unknown_audience_is_the_narrowest(membership: ServiceUnderTest) -> None:
    meeting, webinar = new_id(), new_id()
    await membership.receive(
        fact(MeetingScheduled, meeting, audience="friends"), fact(WebinarScheduled, webinar, audience="participants")
    )
    await membership.receive(fact(WebinarCancelled, webinar, audience="participants", status="cancelled"))
    async with membership.client("delegation", delegation="guyane") as client:
        assert len(await titles(client, cancelled=True)) == 2
    for roles, member_id in (((), None), (("board",), None), (("member",), uuid4())):
        async with membership.client(*roles, member_id=member_id) as client:
            assert await titles(client, cancelled=True) == []
