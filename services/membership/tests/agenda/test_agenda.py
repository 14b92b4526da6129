"""The agenda: who sees which date, in a list, in counts and one by one; what people write by hand."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor

from ..declarants.test_follow_up import member
from ..members.test_dates import TODAY, on
from ..members.test_register import receive, structure
from ..sittings.test_minutes import act, sitting

AGENDA = "/agenda"


def entry(title: str = "Université d'été", **fields: Any) -> dict[str, Any]:
    return {"kind": "event", "title": title, "audience": "public", "day": on(10), **fields}


async def written(client: httpx.AsyncClient, title: str = "Université d'été", **fields: Any) -> str:
    answer = await client.post(AGENDA, json=entry(title, **fields))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/membership/v1/agenda/{answer.json()['id']}"
    return f"{AGENDA}/{answer.json()['id']}"


async def titles(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    answer = await client.get(AGENDA, params={"total": True, **filters})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    months = (await client.get(f"{AGENDA}/months", params=filters)).json()["items"]
    assert sum(month["count"] for month in months) == page["total"], "a count says no more than the list"
    return sorted(one["title"] for one in page["items"])


async def everything(membership: ServiceUnderTest) -> dict[str, str]:
    """One date for each audience and reach, and who may see them."""
    async with membership.client("network", "board") as client:
        ids = {"A": await member(client, "A", "31"), "B": await member(client, "B", "77")}
        ids["candidate"] = str((await receive(client, **structure("C")))["member_id"])
        await written(client, "Pour tous")
        await written(client, "Pour tous, en Occitanie", delegation="occitanie")
        await written(client, "Adhérentes", audience="members")
        await written(client, "Adhérentes d'Occitanie", audience="members", delegation="occitanie")
        await sitting(client)
        invited = {"delegation": "occitanie", "departments": ["31"], "subject": "Rencontre", "day": on(4)}
        assert (await client.post("/meetings", json=invited)).status_code == 201
    return ids


PUBLIC = {"Pour tous", "Pour tous, en Occitanie"}
MEMBERS = {"Adhérentes", "Adhérentes d'Occitanie"}
READERS = [
    pytest.param((), None, None, PUBLIC, id="sans jeton"),
    pytest.param(("ops",), None, None, PUBLIC, id="l'exploitation"),
    pytest.param(("ops",), "A", None, PUBLIC, id="un jeton de structure sans le rôle d'adhérente"),
    pytest.param(("member",), "A", None, PUBLIC | MEMBERS | {"Rencontre"}, id="une adhérente, invitée"),
    pytest.param(("member",), "B", None, PUBLIC | {"Adhérentes"}, id="une adhérente d'ailleurs"),
    pytest.param(("member",), "candidate", None, PUBLIC, id="une candidate"),
    pytest.param(("member",), None, None, PUBLIC, id="personne en particulier"),
    pytest.param(("delegation",), None, "occitanie", PUBLIC | MEMBERS | {"Rencontre"}, id="la délégation"),
    pytest.param(("delegation",), None, "idf", PUBLIC | {"Adhérentes"}, id="une autre délégation"),
    pytest.param(("finance",), None, None, PUBLIC | MEMBERS, id="la comptabilité"),
    pytest.param(("board",), None, None, PUBLIC | MEMBERS | {"Conseil d'administration"}, id="le conseil"),
    pytest.param(
        ("network",), None, None, PUBLIC | MEMBERS | {"Conseil d'administration", "Rencontre"}, id="le réseau"
    ),
]


@pytest.mark.parametrize(("roles", "structure_of", "delegation", "seen"), READERS)
async def test_what_an_audience_does_not_include_is_nowhere(
    membership: ServiceUnderTest,
    arranged: Arrange,
    roles: tuple[str, ...],
    structure_of: str | None,
    delegation: str | None,
    seen: set[str],
) -> None:
    ids = await arranged(membership, everything)
    member_id = UUID(ids[structure_of]) if structure_of else None
    all_rows = await membership.rows("SELECT id, title FROM agenda_entry")
    assert {row.title for row in all_rows} == PUBLIC | MEMBERS | {"Rencontre", "Conseil d'administration"}
    async with membership.client(*roles, member_id=member_id, delegation=delegation) as client:
        assert set(await titles(client, day_from=on(0))) == seen
        feed = (await client.get("/agenda.ics")).text.replace("\r\n ", "")
        for row in all_rows:
            status = 200 if row.title in seen else 404
            for path in (f"{AGENDA}/{row.id}", f"{AGENDA}/{row.id}.ics"):
                assert (await client.get(path)).status_code == status, row.title
            assert (str(row.id) in feed) == (row.title in seen), row.title


async def test_dates_are_found(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await written(client, "Webinaire", kind="webinar", mode="remote", starts_at="14:00", ends_at="15:00")
        await written(client, "Congrès", day=on(40), last_day=on(42), place="Cité des congrès, Nantes", mode="on_site")
        await written(client, "Bretagne", delegation="bretagne", audience="members", day=on(20), starts_at="10:00")
        gone = await written(client, "Renoncé", day=on(12))
        await act(client, gone, "POST", "cancel", reason="Salle indisponible.")
        for filters, found in (
            ({}, ["Bretagne", "Congrès", "Webinaire"]),
            ({"cancelled": True}, ["Bretagne", "Congrès", "Renoncé", "Webinaire"]),
            ({"day_from": on(42)}, ["Congrès"]),
            ({"day_from": on(43)}, []),
            ({"day_to": on(19)}, ["Webinaire"]),
            ({"day_from": on(20), "day_to": on(20)}, ["Bretagne"]),
            ({"kind": ["webinar", "visit"]}, ["Webinaire"]),
            ({"mode": "remote"}, ["Webinaire"]),
            ({"audience": "members"}, ["Bretagne"]),
            ({"delegation": "occitanie"}, ["Congrès", "Webinaire"]),
            ({"delegation": "bretagne", "audience": "members"}, ["Bretagne"]),
            ({"q": "NANTES"}, ["Congrès"]),
            ({"q": "lyon"}, []),
        ):
            assert await titles(client, **filters) == found, filters
        first = (await client.get(AGENDA, params={"limit": 2})).json()
        rest = (await client.get(AGENDA, params={"limit": 2, "cursor": first["next_cursor"]})).json()
        read = [one["title"] for one in (*first["items"], *rest["items"])]
        assert (read, rest["next_cursor"]) == (["Webinaire", "Bretagne", "Congrès"], None)


async def test_a_day_is_that_of_the_place(membership: ServiceUnderTest) -> None:
    """A whole day in Mayotte begins the evening before in Paris: it is of no other day, nor of the month before."""
    year = TODAY.year + 1
    december, eve = f"{year}-12-01", f"{year}-11-30"
    async with membership.client("network") as client:
        for zone in ("Indian/Mayotte", "America/Guadeloupe"):
            await written(client, zone, day=december, zone=zone)
        for day, found in ((eve, []), (december, ["America/Guadeloupe", "Indian/Mayotte"]), (f"{year}-12-02", [])):
            assert await titles(client, day_from=day, day_to=day) == found, day
        months = (await client.get(f"{AGENDA}/months", params={"day_from": december})).json()["items"]
        assert months == [{"month": f"{year}-12", "count": 2}]


async def test_a_zone_that_the_database_does_not_know_is_counted(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await written(client)
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(text("UPDATE agenda_entry SET zone = 'Europe/Neuve'"))
        months = await client.get(f"{AGENDA}/months")
        assert (months.status_code, [month["count"] for month in months.json()["items"]]) == (200, [1])


async def test_a_date_is_written_corrected_moved_and_cancelled(membership: ServiceUnderTest) -> None:
    async with membership.client("delegation", delegation="guyane") as client:
        path = await written(client, delegation="guyane", starts_at="09:00", ends_at="12:00", place="Cayenne")
        shown = (await client.get(path)).json()
        assert (shown["starts_at"], shown["zone"]) == (f"{on(10)}T12:00:00Z", "America/Cayenne")
        assert (shown["sequence"], shown["allowed_actions"]) == (0, ["amend", "move", "cancel"])
        amended = await client.patch(path, json={"title": "Rencontres", "url": None}, headers={"If-Match": '"v1"'})
        assert (amended.json()["title"], amended.headers["etag"]) == ("Rencontres", '"v2"')
        again = await client.patch(path, json={"title": "Rencontres"}, headers={"If-Match": '"v2"'})
        assert (again.json()["sequence"], again.headers["etag"]) == (1, '"v2"'), "the same words change nothing"
        moved = (await act(client, path, "POST", "move", day=on(11), starts_at="10:00")).json()
        assert (moved["starts_at"], moved["ends_at"], moved["place"]) == (f"{on(11)}T13:00:00Z", None, "Cayenne")
        cancelled = (await act(client, path, "POST", "cancel", reason="Grève.")).json()
        assert (cancelled["status_label"], cancelled["cancelled_reason"], cancelled["sequence"]) == (
            "annulée",
            "Grève.",
            3,
        )
        assert cancelled["allowed_actions"] == []
        assert {one["code"] for [one] in cancelled["blockers"].values()} == {"agenda_entry_cancelled"}
        late = await act(client, path, "POST", "move", day=on(12))
        assert (late.status_code, late.json()["code"]) == (409, "agenda_entry_cancelled")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"kind": "assembly"}, 400, "agenda_kind_unknown", id="une assemblée ne se saisit pas ici"),
        pytest.param({"delegation": "grand-nord"}, 400, "delegation_unknown", id="une délégation inconnue"),
        pytest.param({"delegation": None}, 403, "agenda_entry_not_yours", id="pour tout le réseau"),
        pytest.param({"delegation": "idf"}, 403, "agenda_entry_not_yours", id="pour une autre délégation"),
        pytest.param({"zone": "Asia/Tokyo"}, 400, "agenda_zone_unknown", id="un fuseau d'ailleurs"),
        pytest.param({"day": on(-1)}, 400, "agenda_moment_passed", id="hier"),
        pytest.param({"audience": "board"}, 422, None, id="pour le conseil"),
        pytest.param({"url": "http://exemple.example/page"}, 422, None, id="une page sans chiffrement"),
        pytest.param({"url": "https://exemple.example/\x01"}, 422, None, id="une page et un caractère de contrôle"),
        pytest.param({"starts_at": "10:00", "ends_at": "09:00"}, 422, None, id="finie avant d'avoir commencé"),
        pytest.param({"starts_at": "10:00Z"}, 422, None, id="l'heure d'un autre fuseau"),
        pytest.param({"ends_at": "10:00"}, 422, None, id="une fin sans début"),
        pytest.param({"last_day": on(9)}, 422, None, id="un dernier jour avant le premier"),
        pytest.param({"last_day": on(12), "starts_at": "09:00"}, 422, None, id="plusieurs jours sans heure de fin"),
        pytest.param(
            {"last_day": on(10), "starts_at": "22:00", "ends_at": "02:00"}, 422, None, id="le même jour dit autrement"
        ),
        pytest.param({"couleur": "bleu"}, 422, None, id="un champ inconnu"),
    ],
)
async def test_what_cannot_be_written(
    membership: ServiceUnderTest, fields: dict[str, Any], status: int, code: str | None
) -> None:
    async with membership.client("delegation", delegation="occitanie") as client:
        refused = await client.post(AGENDA, json={**entry(delegation="occitanie"), **fields})
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code), refused.text
    assert await membership.rows("SELECT 1 FROM agenda_entry") == []


async def test_an_hour_that_does_not_exist_is_refused_wherever_it_is_written(membership: ServiceUnderTest) -> None:
    """The night when clocks go forward in Paris: between two and three there is nothing."""
    march = date(TODAY.year + 1, 3, 31)
    skipped = {"day": (march - timedelta(days=(march.weekday() + 1) % 7)).isoformat(), "starts_at": "02:30"}
    invited = {"delegation": "occitanie", "departments": ["31"], "subject": "Rencontre", "day": on(4)}
    async with membership.client("network") as client:
        path = await written(client)
        meeting = f"/meetings/{(await client.post('/meetings', json=invited)).json()['id']}"
        for refused in (
            await client.post(AGENDA, json=entry(**skipped, ends_at="03:00")),
            await act(client, path, "POST", "move", **skipped, ends_at="03:00"),
            await client.post("/meetings", json={**invited, **skipped, "ends_at": "03:00"}),
            await act(client, meeting, "POST", "move", **skipped, ends_at="03:00"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (400, "hour_skipped"), refused.text


async def test_what_is_somebody_elses_is_read_and_not_changed(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await written(client)
        held = await sitting(client)
        elsewhere = f"{AGENDA}/{held.removeprefix('/sittings/')}"
        shown = (await client.get(elsewhere)).json()
        assert (shown["source_label"], shown["allowed_actions"]) == ("les séances du conseil", [])
        refused = await act(client, elsewhere, "POST", "cancel", reason="x")
        assert (refused.status_code, refused.json()["code"]) == (409, "agenda_entry_elsewhere")
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(path)).json()["allowed_actions"] == []
        refused = await act(client, path, "POST", "cancel", reason="x")
        assert (refused.status_code, refused.json()["code"]) == (403, "agenda_entry_not_yours")
        hidden = await client.post(f"{elsewhere}/cancel", json={"reason": "x"}, headers={"If-Match": '"v1"'})
        assert hidden.status_code == 404
    async with membership.client("member") as client:
        assert (await client.post(AGENDA, json=entry())).status_code == 403


async def test_a_date_is_of_ones_own_delegation_unless_it_is_said(membership: ServiceUnderTest) -> None:
    async with membership.client("delegation", delegation="guyane") as client:
        shown = (await client.get(await written(client, starts_at="09:00"))).json()
        assert (shown["delegation"], shown["zone"]) == ("guyane", "America/Cayenne")
        refused = await client.post(AGENDA, json=entry(delegation=None))
        assert (refused.status_code, refused.json()["code"]) == (403, "agenda_entry_not_yours")
        assert "le réseau" in refused.json()["detail"]
    async with membership.client("network", "delegation", delegation="guyane") as client:
        shown = (await client.get(await written(client))).json()
        assert shown["delegation"] is None, "who writes for all writes for all"


async def test_of_two_who_move_at_once_one_is_told(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client)
        bodies = [{"day": on(days)} for days in (20, 21)]
        headers = {"If-Match": '"v1"'}
        both = await asyncio.gather(*(client.post(f"{path}/move", json=body, headers=headers) for body in bodies))
        assert sorted(answer.status_code for answer in both) == [200, 412]
        missing = await client.post(f"{path}/move", json=bodies[0])
        assert missing.status_code == 428
        assert (await client.get(path)).json()["sequence"] == 1


async def test_the_place_and_the_kind_are_corrected_and_kept_when_it_moves(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client, place="Nantes")

        async def amended(**change: Any) -> httpx.Response:
            etag = (await client.get(path)).headers["etag"]
            return await client.patch(path, json=change, headers={"If-Match": etag})

        changed = (await amended(place="Rezé", kind="webinar")).json()
        assert (changed["place"], changed["kind_label"], changed["sequence"]) == ("Rezé", "Webinaire", 1)
        refused = await amended(kind="assembly")
        assert (refused.status_code, refused.json()["code"]) == (400, "agenda_kind_unknown")
        assert (await amended(kind=None)).status_code == 422
        for place, kept in (({}, "Rezé"), ({"place": "Lyon"}, "Lyon"), ({"place": None}, None)):
            moved = await act(client, path, "POST", "move", day=on(20), **place)
            assert moved.json()["place"] == kept


async def test_an_evening_ends_the_day_after_and_a_seminar_later(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        evening = await written(client, "Soirée", starts_at="22:00", ends_at="02:00", last_day=on(11))
        seminar = await written(client, "Séminaire", starts_at="14:00", ends_at="12:00", last_day=on(12))
        for path, last in ((evening, on(11)), (seminar, on(12))):
            shown = (await client.get(path)).json()
            assert (shown["first_day"], shown["last_day"], shown["all_day"]) == (on(10), last, False)
        assert await titles(client, day_from=on(12)) == ["Séminaire"]
        found = (await client.get(f"{evening}.ics")).text
        assert f"DTSTART;TZID=Europe/Paris:{on(10).replace('-', '')}T220000" in found
        assert f"DTEND;TZID=Europe/Paris:{on(11).replace('-', '')}T020000" in found


async def test_a_date_without_an_end_changes_until_its_day_is_over(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        that_day, the_day_after = [await written(client, day=on(1), starts_at="00:00") for _ in range(2)]
    for days, path, status in ((1, that_day, 200), (2, the_day_after, 409)):
        async with membership.days_later(days) as then, then.client("network") as client:
            answer = await act(client, path, "POST", "cancel", reason="Neige.")
            assert answer.status_code == status, answer.text
    assert answer.json()["code"] == "agenda_entry_over"


async def test_a_dry_run_and_a_repetition_write_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        shown = await client.post(AGENDA, params={"dry_run": True}, json=entry())
        assert (shown.status_code, await titles(client)) == (201, [])
        key = {"Idempotency-Key": "une-date"}
        first, second = [await client.post(AGENDA, json=entry(), headers=key) for _ in range(2)]
        assert first.json() == second.json()
        assert await titles(client) == ["Université d'été"]
        kinds = (await client.get(f"{AGENDA}/kinds")).json()
        assert (kinds["status"], kinds["zones"][0]) == ("assumed", "Europe/Paris")
        rule = kinds["rule"]
        assert {name: rule[name] for name in rule if name not in ("status", "source")} == {
            "feed_days": 400,
            "staff_feed_days": 120,
            "feed_notice_days": 30,
            "feed_kept_days": 90,
            "feeds_each": 20,
            "past_shown_days": 90,
            "cancelled_shown_days": 90,
            "most_in_a_calendar": 2_000,
            "ask_again_hours": 1,
        }
        assert (rule["status"], rule["source"][:8]) == ("assumed", "Personne")
