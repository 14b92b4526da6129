"""What a calendar must see of a change, and at which hour: RFC 5545 §3.8.7.4 (SEQUENCE), zones of the IANA."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from common.moments import hours
from membership.agenda.domain import (
    AgendaEntry,
    AgendaEntryCancelled,
    AgendaStatus,
    Audience,
    Source,
    Told,
    between,
    of_day,
    require_own,
    retell,
)
from membership.territory.domain import local_zone
from membership.territory.queries import zones

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
WHEN = hours(date(2026, 12, 1), time(9), time(12), "Europe/Paris")
TOLD = Told(UUID(int=1), Source.AGENDA, "event", "Université d'été", WHEN, Audience.MEMBERS)
CANCELLED = {"status": AgendaStatus.CANCELLED, "cancelled_reason": "Neige."}


@pytest.mark.parametrize(
    ("change", "sequence", "is_changed"),
    [
        pytest.param({}, 0, False, id="les mêmes mots"),
        pytest.param({"title": "Autre"}, 1, True, id="un titre"),
        pytest.param({"place": "Lyon"}, 1, True, id="un lieu"),
        pytest.param({"when": replace(WHEN, ends_at=None)}, 1, True, id="une fin que personne ne sait plus"),
        pytest.param({"when": replace(WHEN, zone="Indian/Reunion")}, 1, True, id="un fuseau"),
        pytest.param({"audience": Audience.PUBLIC}, 1, True, id="un autre public"),
        pytest.param(CANCELLED, 1, True, id="une annulation"),
        pytest.param({"participants": (UUID(int=7),)}, 0, True, id="une invitée de plus : les mêmes mots"),
        pytest.param({"listed": False}, 0, True, id="un créneau complet : plus rien à lire"),
    ],
)
def test_what_a_calendar_must_see(change: dict[str, Any], sequence: int, *, is_changed: bool) -> None:
    before = retell(None, TOLD, NOW)
    after = retell(before, replace(TOLD, **change), LATER)
    assert (after.sequence, after.changed_at) == (sequence, LATER if is_changed else NOW)
    assert after.recorded_at == NOW


def test_moved_twice_then_cancelled_then_said_again() -> None:
    entry: AgendaEntry | None = None
    days = [WHEN, *(hours(date(2026, 12, day), time(9), time(12), "Europe/Paris") for day in (2, 3))]
    history = [replace(TOLD, when=when) for when in days]
    history.append(replace(history[-1], **CANCELLED))
    sequences = []
    for hour, told in enumerate([*history, history[-1]]):
        entry = retell(entry, told, NOW + timedelta(hours=hour))
        sequences.append(entry.sequence)
    assert entry is not None
    assert sequences == [0, 1, 2, 3, 3]
    assert entry.cancelled_at == NOW + timedelta(hours=3), "said again, it is not cancelled later"
    kept = retell(entry, history[0], NOW + timedelta(days=1))
    assert (kept.sequence, kept.cancelled_at) == (4, None), "a service may hold it after all"


@pytest.mark.parametrize(
    ("delegation", "departments", "day", "utc"),
    [
        pytest.param("occitanie", ["31"], date(2026, 12, 1), 8, id="Toulouse, l'hiver"),
        pytest.param("occitanie", ["31"], date(2026, 3, 28), 8, id="Toulouse, la veille du changement d'heure"),
        pytest.param("occitanie", ["31"], date(2026, 3, 29), 7, id="Toulouse, le jour du changement d'heure"),
        pytest.param("guyane", [], date(2026, 12, 1), 12, id="Cayenne, toujours trois heures de retard"),
        pytest.param("guyane", [], date(2026, 7, 1), 12, id="Cayenne, l'été aussi"),
        pytest.param("guadeloupe", [], date(2026, 12, 1), 13, id="Pointe-à-Pitre"),
        pytest.param("oceanindien", ["974"], date(2026, 12, 1), 5, id="Saint-Denis de La Réunion"),
        pytest.param("oceanindien", ["976"], date(2026, 12, 1), 6, id="Mamoudzou"),
        pytest.param("oceanindien", [], date(2026, 12, 1), 5, id="sans département : la première heure dite"),
        pytest.param(None, [], date(2026, 12, 1), 8, id="tout le réseau : Paris"),
    ],
)
def test_nine_oclock_is_nine_on_the_wall(delegation: str | None, departments: list[str], day: date, utc: int) -> None:
    when = hours(day, time(9), None, local_zone(zones(), delegation, departments))
    assert when.starts_at == datetime.combine(day, time(utc), UTC)
    assert when.local()[0].time() == time(9)


def test_a_day_is_whole_while_nobody_said_the_hour() -> None:
    assert of_day(date(2026, 12, 1), None, None, "America/Cayenne").starts_at == datetime(2026, 12, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "read", "ends"),
    [
        pytest.param("America/Cayenne", "America/Cayenne", True, id="un fuseau connu"),
        pytest.param("Mars/Olympus", "UTC", True, id="un fuseau inconnu se lit à l'heure universelle"),
        pytest.param("America/Cayenne", "America/Cayenne", False, id="une fin qui ne suit pas le début est laissée"),
    ],
)
def test_what_another_service_says_of_its_hours(zone: str, read: str, *, ends: bool) -> None:
    when = between(NOW, LATER if ends else NOW, zone)
    assert (when.zone, when.starts_at, when.ends_at) == (read, NOW, LATER if ends else None)


@pytest.mark.parametrize("reason", ["Neige", "Neige.", "Neige ."])
def test_why_a_date_is_cancelled_is_said_in_a_sentence(reason: str) -> None:
    entry = retell(None, replace(TOLD, status=AgendaStatus.CANCELLED, cancelled_reason=reason), NOW)
    with pytest.raises(AgendaEntryCancelled) as refused:
        require_own(entry)
    assert str(refused.value) == "Cette date est annulée (Neige). Saisissez-en une autre."


def test_a_moment_is_read_without_listing_the_zones_of_the_machine_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot that is booked, or a session that is heard, would take ten milliseconds each."""
    between(NOW, LATER, "Europe/Paris")
    listed: list[None] = []
    monkeypatch.setattr("membership.agenda.domain.moments.available_timezones", lambda: listed.append(None) or set())
    between(NOW, LATER, "America/Cayenne")
    assert listed == []
