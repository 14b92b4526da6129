"""The agenda in calendars: parsed back by the library, and read line by line without it (RFC 5545, 5546, 7986)."""

import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest
from dateutil.tz import tzical

from common.auth import ANYONE
from common.moments import hours
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.agenda.documents import WRITING, Wording, feed, writing
from membership.agenda.domain import Audience, Source, Told, retell
from membership.agenda.queries import for_calendars, network_zones
from membership.agenda.schemas import AgendaFilters
from membership.agenda.use_cases import tell

from ..members.test_dates import TODAY, on
from ..sittings.test_minutes import act
from .test_agenda import written

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
        assert "last-modified" not in first.headers, "an instant of a change may be earlier than what others saw"
        tag, tomorrow = first.headers["etag"], "Wed, 01 Jan 2098 00:00:00 GMT"
        for known in ({"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}):
            again = await anybody.get(FEED, headers=known)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
        for unknown in ({"If-Modified-Since": tomorrow}, {"If-None-Match": '"x"', "If-Modified-Since": tomorrow}):
            assert (await anybody.get(FEED, headers=unknown)).status_code == 200, unknown
        await act(client, path, "POST", "cancel", reason="Neige.")
        assert (await anybody.get(FEED, headers={"If-None-Match": tag})).status_code == 200


async def test_other_words_are_another_calendar(membership: ServiceUnderTest) -> None:
    """The tag says in brief what a calendar holds: the dates, and the words they are written with."""
    words = Wording({"event": "Rendez-vous"}, {"idf": "Île-de-France"}, "Coorace", "x@coorace.example")
    others = [replace(words, kinds={"event": "Date"}), replace(words, organizer_name="La fédération")]
    assert len({writing(one) for one in (words, *others)}) == 3
    async with membership.client("network") as client, membership.client() as anybody:
        for change in (None, ("move", {"day": on(11)}), ("cancel", {"reason": "Neige."})):
            before = (await anybody.get(FEED)).headers["etag"]
            if change is None:
                path = await written(client, day=on(10))
            else:
                await act(client, path, "POST", change[0], **change[1])
            assert (await anybody.get(FEED, headers={"If-None-Match": before})).status_code == 200, change


def test_who_changes_the_writing_changes_its_number() -> None:
    """Else calendars that have the former words would be told that nothing changed."""
    body = at_nine("Europe/Paris", "America/Cayenne")
    assert (WRITING, hashlib.sha256(body).hexdigest()[:12]) == (1, "9a81c8bba796")


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


async def test_a_calendar_that_is_cut_keeps_what_is_to_come(membership: ServiceUnderTest) -> None:
    """2,050 dates, of which fifty too many: those that were over longest ago go, whichever came first in the table."""
    days = [day for day in range(-80, 100) if day]
    numbers = range(2_050)
    told = [
        Told(
            UUID(int=number + 1),
            Source.AGENDA,
            "event",
            f"{days[number % len(days)]}",
            hours(TODAY + timedelta(days=days[number % len(days)]), time(9), None, "Europe/Paris"),
            Audience.PUBLIC,
        )
        for number in numbers
    ]
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        await tell(tx, told)
    async with membership.runtime.database.reading(ANYONE) as read:
        kept = await for_calendars(read, ANYONE, AgendaFilters())
    shown = [int(entry.told.title) for entry in kept]
    every = sorted(int(one.title) for one in told)
    assert shown == every[50:]


async def test_a_feed_takes_the_filters_of_the_list(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        for kind in ("event", "webinar"):
            await written(client, kind, kind=kind, day=on(10))
        await written(client, "plus tard", day=on(50))
        body = await fetched(client, kind=["event"], day_to=on(20))
        assert [str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(body).walk("VEVENT")] == ["event"]
        assert (await client.get(FEED, params={"kind": "event", "_": "1763800000", "nocache": ""})).status_code == 200
        assert (await client.get(FEED, params={"day_to": "demain"})).status_code == 422
        assert (await client.get("/agenda", params={"kinds": "event"})).status_code == 422


async def test_the_same_dates_are_the_same_bytes() -> None:
    """Else no client would ever hear that nothing changed: the order of zones must not follow that of a memory."""
    zones = ("America/Cayenne", "America/Guadeloupe", "Europe/Paris", "Indian/Mayotte", "Indian/Reunion")
    body = at_nine(*reversed(zones))
    assert [line.removeprefix("TZID:") for line in lines(body) if line.startswith("TZID:")] == list(zones)


def at_nine(*zones: str) -> bytes:
    """Write one date at nine in each of some zones."""
    day, now = date(2026, 12, 1), datetime(2026, 11, 22, tzinfo=UTC)
    told = [
        Told(UUID(int=number), Source.AGENDA, "event", zone, hours(day, time(9), None, zone), Audience.PUBLIC)
        for number, zone in enumerate(zones)
    ]
    return feed("x", [retell(None, one, now) for one in told], Wording({}, {}, "Coorace", "x@coorace.example"))


@pytest.mark.parametrize("zone", [*network_zones(), "America/Martinique"])
def test_each_place_has_its_clocks_as_outlook_reads_them(zone: str) -> None:
    """Outlook reads of a zone its name, its offsets, one beginning and one yearly rule for each. Read by dateutil."""
    body = at_nine(zone)
    found = lines(body)
    clocks = found[found.index("BEGIN:VTIMEZONE") : found.index("END:VTIMEZONE")]
    names = {line.partition(":")[0] for line in clocks}
    assert names <= {"BEGIN", "END", "TZID", "DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO"}
    read, known = tzical(io.StringIO(body.decode())).get(zone), ZoneInfo(zone)
    for year in range(2024, 2042):
        for month in (3, 10, 1, 7):
            for hour in range(31 * 24):
                wall = datetime(year, month, 1) + timedelta(hours=hour)  # noqa: DTZ001
                instant = wall.replace(tzinfo=known)
                if instant.astimezone(UTC).astimezone(known).replace(tzinfo=None) == wall and not is_twice(instant):
                    assert wall.replace(tzinfo=read).utcoffset() == instant.utcoffset(), wall


def is_twice(instant: datetime) -> bool:
    """Tell whether clocks show an hour twice, the night they go back: which is meant, no calendar can say."""
    return instant.utcoffset() != instant.replace(fold=1).utcoffset()


def test_the_hour_of_any_other_place_is_written_in_utc() -> None:
    found = lines(at_nine("Europe/Paris", "Pacific/Noumea", "UTC"))
    assert [line for line in found if line.startswith(("DTSTART", "TZID")) and "1970" not in line] == [
        "TZID:Europe/Paris",
        "DTSTART;TZID=Europe/Paris:20261201T090000",
        "DTSTART:20261130T220000Z",
        "DTSTART:20261201T090000Z",
    ]
