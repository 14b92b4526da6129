"""The agenda in calendars: parsed back by the library, and read line by line without it (RFC 5545, 5546, 7986)."""

import asyncio
import hashlib
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
import icalendar
import pytest

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.agenda.documents import Wording, feed
from membership.agenda.domain import AgendaFeedsTooMany, Audience, Source, Told, hours, retell
from membership.agenda.use_cases import open_feed, renew_feed

from ..departures.test_departures import joined
from ..duplicates.test_merging import id_of, merge
from ..follow_up.test_follow_up import member
from ..members.test_dates import TODAY, on
from ..sittings.test_minutes import act, sitting
from .test_agenda import AGENDA, everything, written

FEED = "/agenda.ics"


def lines(body: bytes) -> list[str]:
    """Unfold by the letter of RFC 5545 §3.1, and check the letter."""
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    return re.sub(rb"\r\n[ \t]", b"", body).decode("utf-8").split("\r\n")


def part(found: list[str], uid: str) -> dict[str, str]:
    """Return the lines of one event, by what stands before the colon."""
    at = next(row for row, line in enumerate(found) if line.startswith(f"UID:{uid}"))
    begin = max(row for row in range(at) if found[row] == "BEGIN:VEVENT")
    end = found.index("END:VEVENT", at)
    return dict(line.split(":", 1) for line in found[begin + 1 : end])


async def fetched(client: httpx.AsyncClient, path: str = FEED, **params: Any) -> bytes:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return answer.content


async def test_moved_twice_then_cancelled_in_every_calendar(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client, starts_at="09:00", ends_at="10:00")
        uid = f"{path.removeprefix('/agenda/')}@agenda.coorace.org"
        seen = []
        for days in (10, 20, 30, None):
            if days is None:
                await act(client, path, "POST", "cancel", reason="Grève ; salle fermée")
            elif days > 10:
                await act(client, path, "POST", "move", day=on(days), starts_at="09:00", ends_at="10:00")
            for body in (await fetched(client), await fetched(client, f"{path}.ics")):
                event = part(lines(body), uid)
                [read] = icalendar.Calendar.from_ical(body).walk("VEVENT")
                assert (str(read["UID"]), str(read["SEQUENCE"]), str(read["STATUS"])) == (
                    event["UID"],
                    event["SEQUENCE"],
                    event["STATUS"],
                )
            seen.append((event["SEQUENCE"], event["STATUS"], event["DTSTART;TZID=Europe/Paris"][:8]))
            method = "CANCEL" if days is None else "PUBLISH"
            assert f"METHOD:{method}" in lines(body)
            assert "METHOD:PUBLISH" in lines(await fetched(client))
        last = on(30).replace("-", "")
        assert seen == [
            ("0", "CONFIRMED", on(10).replace("-", "")),
            ("1", "CONFIRMED", on(20).replace("-", "")),
            ("2", "CONFIRMED", last),
            ("3", "CANCELLED", last),
        ]
        assert event["SUMMARY"] == "Annulé : Université d'été"
        assert event["DESCRIPTION"] == r"Annulé : Grève \; salle fermée"


PLACES = [
    pytest.param("guyane", None, "America/Cayenne", 12, id="Cayenne"),
    pytest.param("guadeloupe", None, "America/Guadeloupe", 13, id="Pointe-à-Pitre"),
    pytest.param("oceanindien", None, "Indian/Reunion", 5, id="La Réunion"),
    pytest.param("oceanindien", "Indian/Mayotte", "Indian/Mayotte", 6, id="Mayotte"),
]


@pytest.mark.parametrize(("delegation", "given", "zone", "utc"), PLACES)
async def test_nine_oclock_there(
    membership: ServiceUnderTest, delegation: str, given: str | None, zone: str, utc: int
) -> None:
    async with membership.client("network") as client:
        path = await written(client, delegation=delegation, zone=given, starts_at="09:00", ends_at="10:30")
        body = await fetched(client)
    found, day = lines(body), on(10).replace("-", "")
    event = part(found, path.removeprefix("/agenda/"))
    assert event[f"DTSTART;TZID={zone}"] == f"{day}T090000"
    assert event[f"DTEND;TZID={zone}"] == f"{day}T103000"
    assert f"TZID:{zone}" in found
    [read] = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert read.start.astimezone(UTC).hour == utc


async def test_nine_oclock_in_paris_across_the_change_of_hour(membership: ServiceUnderTest) -> None:
    """The last Sunday of March: one day at UTC+1, the next at UTC+2, nine on the wall both days."""
    march = date(TODAY.year + 1, 3, 31)
    sunday = march - timedelta(days=(march.weekday() + 1) % 7)
    async with membership.client("network") as client:
        for day in (sunday - timedelta(days=1), sunday):
            await written(client, f"Le {day.day}", day=day.isoformat(), starts_at="09:00", ends_at="10:00")
        body = await fetched(client)
    found = lines(body)
    assert [line for line in found if line.startswith("DTSTART;")] == [
        f"DTSTART;TZID=Europe/Paris:{day:%Y%m%d}T090000" for day in (sunday - timedelta(days=1), sunday)
    ]
    assert found.count("BEGIN:VTIMEZONE") == 1, "one for each zone that is used"
    changes = [
        line for line in found if f"{sunday:%Y%m%d}T" in line and ("RDATE" in line or line.startswith("DTSTART:"))
    ]
    assert changes, "the zone says the hour that changes that night"
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert [event.start.astimezone(UTC).hour for event in events] == [8, 7]


async def test_whole_days_end_the_day_after(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client, day=on(10), last_day=on(12))
        found = lines(await fetched(client))
    event = part(found, path.removeprefix("/agenda/"))
    assert event["DTSTART;VALUE=DATE"] == on(10).replace("-", "")
    assert event["DTEND;VALUE=DATE"] == on(13).replace("-", ""), "exclusive"
    assert (event["TRANSP"], "BEGIN:VTIMEZONE" in found) == ("TRANSPARENT", False)


async def test_what_a_calendar_says_of_itself_and_of_a_date(membership: ServiceUnderTest) -> None:
    title = "Été, hiver ; " + "ŒUVRER ENSEMBLE, " * 12
    fields = {"place": "Maison, 3e étage", "url": "https://www.coorace.example/ete", "description": "Un\nDeux\\trois"}
    async with membership.client("network") as client:
        path = await written(client, title, delegation="occitanie", mode="on_site", **fields)
        body = await fetched(client)
    found = lines(body)
    for line in (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Coorace//Agenda du réseau//FR",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Coorace : l'agenda du réseau",
        "NAME:Coorace : l'agenda du réseau",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ):
        assert line in found, line
    event = part(found, path.removeprefix("/agenda/"))
    assert event["SUMMARY"] == title.strip().replace(",", r"\,").replace(";", r"\;") or event["SUMMARY"].startswith(
        "Été"
    )
    assert event["LOCATION"] == r"Maison\, 3e étage"
    assert event["DESCRIPTION"] == r"Un\nDeux\\trois"
    assert event["CATEGORIES"] == "Rendez-vous du réseau,Occitanie"
    assert event["URL"] == "https://www.coorace.example/ete"
    assert event["ORGANIZER;CN=Coorace"] == "mailto:ne-pas-repondre@coorace.example"
    assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
    assert event["LAST-MODIFIED"] == event["DTSTAMP"]
    [read] = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert (str(read["SUMMARY"]), str(read["DESCRIPTION"])) == (title, fields["description"])


async def test_a_client_that_asks_again_is_told_that_nothing_changed(membership: ServiceUnderTest) -> None:
    async with membership.client() as anybody, membership.client("network") as client:
        path = await written(client)
        first = await anybody.get(FEED)
        assert (first.headers["cache-control"], (await client.get(FEED)).headers["cache-control"]) == (
            "public, no-cache",
            "private, no-cache",
        )
        tag, changed = first.headers["etag"], first.headers["last-modified"]
        for known in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-Modified-Since": changed}):
            again = await anybody.get(FEED, headers=known)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
        for unknown in ({"If-Modified-Since": "hier"}, {"If-None-Match": '"x"', "If-Modified-Since": changed}):
            assert (await anybody.get(FEED, headers=unknown)).status_code == 200, unknown
        await act(client, path, "POST", "cancel", reason="Neige.")
        assert (await anybody.get(FEED, headers={"If-None-Match": tag})).status_code == 200


async def test_what_was_cancelled_stays_ninety_days(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client, day=on(300))
        await act(client, path, "POST", "cancel", reason="Neige.")
    for days, stays in ((89, True), (91, False)):
        async with membership.days_later(days) as later, later.client() as anybody:
            assert (path.removeprefix("/agenda/").encode() in await fetched(anybody)) is stays, days


async def test_what_is_over_stays_ninety_days(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await written(client, day=on(1))
    for days, stays in ((91, True), (92, False)):
        async with membership.days_later(days) as later, later.client() as anybody:
            assert (path.removeprefix("/agenda/").encode() in await fetched(anybody)) is stays, days


async def test_a_feed_takes_the_filters_of_the_list(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        for kind in ("event", "webinar"):
            await written(client, kind, kind=kind, day=on(10))
        await written(client, "plus tard", day=on(50))
        body = await fetched(client, kind=["event"], day_to=on(20))
        assert [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(body).walk("VEVENT")] == ["event"]
        assert (await client.get(FEED, params={"kinds": "event"})).status_code == 422


def secret_of(given: dict[str, Any]) -> str:
    path: str = given["path"]
    return path.removeprefix("/membership/v1")


async def subscribed(client: httpx.AsyncClient, label: str = "Mon calendrier") -> dict[str, Any]:
    answer = await client.post(f"{AGENDA}/feeds", json={"label": label})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given: dict[str, Any] = answer.json()
    return given


async def summaries(client: httpx.AsyncClient, path: str) -> set[str]:
    return {str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(await fetched(client, path)).walk("VEVENT")}


async def test_a_secret_address_shows_what_its_person_sees(membership: ServiceUnderTest) -> None:
    ids = await everything(membership)
    async with membership.client("member", member_id=UUID(ids["B"])) as client:
        given = await subscribed(client)
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {
            "Pour tous",
            "Pour tous, en Occitanie",
            "Adhérentes",
        }
        answer = await calendar.get(secret_of(given))
        assert answer.headers["cache-control"] == "private, no-cache"
        again = await calendar.get(secret_of(given), headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    [row] = await membership.rows("SELECT * FROM agenda_feed")
    secret = given["path"].rpartition("/")[2].removesuffix(".ics")
    assert row.token_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert (row.last_used_on, row.expires_on) == (TODAY, TODAY + timedelta(days=400))


async def test_the_secret_is_shown_once_and_kept_nowhere(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        key = {"Idempotency-Key": "mon-calendrier"}
        first, second = [await client.post(f"{AGENDA}/feeds", json={"label": "x"}, headers=key) for _ in range(2)]
        assert (second.status_code, second.json()["code"]) == (409, "answer_given_once")
        secret = first.json()["path"].rpartition("/")[2].removesuffix(".ics")
        [feed] = (await client.get(f"{AGENDA}/feeds")).json()["items"]
        assert "path" not in feed
    assert len(secret) >= 43
    [kept] = await membership.rows("SELECT body FROM idempotency_key")
    assert kept.body == b""
    for table in await membership.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"):
        rows = await membership.rows(f'SELECT t::text AS row FROM "{table.name}" t')  # noqa: S608
        assert not any(secret in row.row for row in rows), table.name


async def test_a_revoked_address_is_gone_and_nobody_elses(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client, membership.client("finance") as other:
        given = await subscribed(client)
        path = f"{AGENDA}/feeds/{given['id']}"
        for under in ("renew", "revoke"):
            refused = await other.post(f"{path}/{under}")
            assert (refused.status_code, refused.json()["code"]) == (404, "agenda_feed_not_found")
        assert (await other.get(f"{AGENDA}/feeds")).json()["items"] == []
        assert (await client.post(f"{path}/revoke")).json()["revoked_at"] is not None
        for under in ("renew", "revoke"):
            assert (await client.post(f"{path}/{under}")).json()["code"] == "agenda_feed_revoked"
    async with membership.client() as calendar:
        for path in (secret_of(given), f"{AGENDA}/calendars/inconnu.ics"):
            gone = await calendar.get(path)
            assert (gone.status_code, gone.json()["code"]) == (404, "agenda_feed_not_found")


async def test_an_address_expires_unless_it_is_renewed(membership: ServiceUnderTest) -> None:
    async with membership.client("member") as client:
        given, kept = [await subscribed(client, label) for label in ("l'une", "l'autre")]
    async with membership.days_later(400) as then, then.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 200
    async with membership.days_later(401) as after, after.client() as calendar, after.client("member") as client:
        assert (await calendar.get(secret_of(given))).status_code == 404
        renewed = (await client.post(f"{AGENDA}/feeds/{kept['id']}/renew")).json()
        assert renewed["expires_on"] == on(801)
        assert (await calendar.get(secret_of(kept))).status_code == 200, "the address is the same"


async def test_an_address_that_sees_more_than_a_structure_serves_less_long(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        given = await subscribed(client)
        assert given["expires_on"] == on(120)
    async with membership.days_later(120) as then, then.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 200
    async with membership.days_later(121) as after, after.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 404


async def test_the_address_of_who_left_a_post_is_found_and_stopped(membership: ServiceUnderTest) -> None:
    async with membership.client("board", "member") as client:
        await sitting(client)
        given = await subscribed(client)
    async with membership.client("member") as client:
        await subscribed(client, "une autre")
    for role in ("member", "delegation", "board", "finance"):
        async with membership.client(role) as client:
            assert (await client.get("/agenda-feeds")).status_code == 403
            assert (await client.post(f"/agenda-feeds/{given['id']}/revoke")).status_code == 403
    async with membership.client("network") as client, membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {"Conseil d'administration"}
        everybodys = (await client.get("/agenda-feeds", params={"total": True})).json()
        assert everybodys["total"] == 2
        [found] = (await client.get("/agenda-feeds", params={"role": "board"})).json()["items"]
        assert (found["id"], "path" in found, "token_hash" in found) == (given["id"], False, False)
        same = (await client.get("/agenda-feeds", params={"subject": found["subject"], "serving": True})).json()[
            "items"
        ]
        assert given["id"] in [one["id"] for one in same]
        assert (await client.get("/agenda-feeds", params={"subject": "x"})).json()["items"] == []
        stopped = await client.post(f"/agenda-feeds/{given['id']}/revoke")
        assert (stopped.status_code, stopped.json()["revoked_by"] is not None) == (200, True)
        assert (await calendar.get(secret_of(given))).status_code == 404
        [gone] = (await client.get("/agenda-feeds", params={"serving": False})).json()["items"]
        assert gone["id"] == given["id"]
        again = await client.post(f"/agenda-feeds/{given['id']}/revoke")
        assert again.json()["code"] == "agenda_feed_revoked"
        unknown = await client.post(f"/agenda-feeds/{UUID(int=1)}/revoke")
        assert unknown.json()["code"] == "agenda_feed_not_found"
    async with membership.client("ops") as client:
        assert (await client.get("/agenda-feeds")).status_code == 200


async def test_a_renewed_address_has_the_rights_of_today(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await sitting(client)
        given = await subscribed(client)
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {"Conseil d'administration"}
        [row] = await membership.rows("SELECT subject FROM agenda_feed")
        async with membership.runtime.database.transaction(Actor(row.subject, frozenset({"finance"}))) as tx:
            await renew_feed(tx, UUID(given["id"]))
        assert await summaries(calendar, secret_of(given)) == set()


async def test_what_a_structure_that_left_still_reads(membership: ServiceUnderTest) -> None:
    """Rights of the day are kept with the address; that a structure is a member is asked of the register each time."""
    invited = {"delegation": "occitanie", "departments": ["31"], "subject": "Rencontre", "day": on(4)}
    async with membership.client("network", "board") as client:
        own = await member(client, "A", "31")
        await written(client, "Adhérentes", audience="members", day=on(60))
        assert (await client.post("/meetings", json=invited)).status_code == 201
    async with membership.client("member", member_id=UUID(own)) as client:
        given = await subscribed(client)
        assert await summaries(client, secret_of(given)) == {"Adhérentes", "Rencontre"}
    async with membership.client("network", "board") as client:
        etag = (await client.get(f"/members/{own}")).headers["etag"]
        body = {"cause": "ceased", "received_on": on(0), "reason": "Liquidation."}
        gone = await client.post(f"/members/{own}/departure", json=body, headers={"If-Match": etag})
        assert gone.status_code == 200, gone.text
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == set()


async def test_the_address_of_a_record_that_was_merged_reads_for_the_one_that_stays(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
    async with membership.client("member", member_id=UUID(id_of(goes))) as client:
        given = await subscribed(client)
    async with membership.client("network", "board") as client, membership.client() as calendar:
        await written(client, "Adhérentes", audience="members")
        await merge(client, stays, goes)
        await written(client, "Occitanie", audience="members", delegation="occitanie")
        assert await summaries(calendar, secret_of(given)) == {"Adhérentes", "Occitanie"}
        etag = (await client.get(stays)).headers["etag"]
        body = {"cause": "ceased", "received_on": on(0), "reason": "Liquidation."}
        gone = await client.post(f"{stays}/departure", json=body, headers={"If-Match": etag})
        assert gone.status_code == 200, gone.text
        assert await summaries(calendar, secret_of(given)) == set()


async def test_twenty_addresses_at_most_however_fast_they_are_asked_for(membership: ServiceUnderTest) -> None:
    """The second who asks for the last one waits for the first, and is told."""
    async with membership.client("network") as client:
        given = [await subscribed(client, str(number)) for number in range(19)]
        [one] = await membership.rows("SELECT DISTINCT subject FROM agenda_feed")
        person, database = Actor(one.subject, frozenset({"network"})), membership.runtime.database

        async def ask() -> None:
            async with database.transaction(person) as tx:
                await open_feed(tx, "la dernière, elle aussi")

        async with database.transaction(person) as first:
            await open_feed(first, "la dernière")
            second = asyncio.create_task(ask())
            done, _ = await asyncio.wait([second], timeout=0.5)
            assert not done
        with pytest.raises(AgendaFeedsTooMany):
            await second
        refused = await client.post(f"{AGENDA}/feeds", json={"label": "une de trop"})
        assert (refused.status_code, refused.json()["code"]) == (409, "agenda_feeds_too_many")
        await client.post(f"{AGENDA}/feeds/{given[0]['id']}/revoke")
        await subscribed(client)


async def test_the_same_dates_are_the_same_bytes() -> None:
    """Else no client would ever hear that nothing changed: the order of zones must not follow that of a memory."""
    zones = ("America/Cayenne", "America/Guadeloupe", "Europe/Paris", "Indian/Mayotte", "Indian/Reunion")
    day, now = date(2026, 12, 1), datetime(2026, 11, 22, tzinfo=UTC)
    told = [
        Told(UUID(int=number), Source.AGENDA, "event", zone, hours(day, time(9), None, zone), Audience.PUBLIC)
        for number, zone in enumerate(reversed(zones))
    ]
    body = feed("x", [retell(None, one, now) for one in told], Wording({}, {}, "Coorace", "x@coorace.example"))
    assert [line.removeprefix("TZID:") for line in lines(body) if line.startswith("TZID:")] == list(zones)
