"""When slots are, in the local time of each delegation, and until when a place is booked.

The hours before a slot are dated data, `assumed` (no regulation was read); zones are the IANA's, public holidays the
Code du travail's (art. L3133-1, L3422-2); the rest is decided in ADR 0030.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from common.errors import Refusal, obstacle
from membership.accompaniments.domain import (
    AccompanimentClosed,
    AccompanimentOpen,
    Level,
    MeetingMode,
    Offer,
    Series,
    SeriesOver,
    Slot,
    SlotCancelled,
    SlotFull,
    SlotInPast,
    SlotsOutOfBounds,
    SlotStarted,
    SlotTooLate,
    SlotTooSmall,
    SlotZoneUnknown,
    Terms,
    amend,
    cancel,
    close,
    left_of,
    limits,
    move,
    plan,
    reopen,
    require_bookable,
    write_there,
    zone_of,
)
from membership.accompaniments.queries import booking_rule, kinds, public_holidays
from membership.territory.queries import zones

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TUESDAY = date(2026, 12, 1)


def test_the_kinds_are_those_the_federation_names() -> None:
    named = ["coodiag", "inserdiag", "social-utility", "anti-discrimination", "zest", "esf-plus"]
    assert list(kinds()) == [*named, "responsible-purchasing"]
    assert all(kind.first_level_free for kind in kinds().values())


@pytest.mark.parametrize(
    ("delegation", "zone", "hour"),
    [
        pytest.param("occitanie", None, 8, id="Paris, en hiver : une heure d'avance"),
        pytest.param(None, None, 8, id="le réseau est à l'heure de Paris"),
        pytest.param("guyane", None, 12, id="Cayenne : trois heures de retard"),
        pytest.param("guadeloupe", None, 13, id="Guadeloupe : quatre heures de retard"),
        pytest.param("oceanindien", None, 5, id="La Réunion : quatre heures d'avance"),
        pytest.param("oceanindien", "Indian/Mayotte", 6, id="Mayotte : trois heures d'avance"),
    ],
)
def test_nine_o_clock_is_that_of_the_place(delegation: str | None, zone: str | None, hour: int) -> None:
    local = zone_of(zones(), delegation, zone).zone
    planned = plan(Series(TUESDAY, time(9), time(10), 60), local, {}, NOW)
    assert planned.times == ((datetime(2026, 12, 1, hour, tzinfo=UTC), datetime(2026, 12, 1, hour + 1, tzinfo=UTC)),)
    assert write_there(planned.times[0][0], local) == "1er décembre 2026 à 9 h 00"


def test_a_delegation_has_its_own_local_times_only() -> None:
    with pytest.raises(SlotZoneUnknown):
        zone_of(zones(), "occitanie", "America/Cayenne")


def test_the_hour_on_the_wall_stays_when_the_clocks_change() -> None:
    """Summer time begins on 28 March 2027."""
    planned = plan(Series(date(2027, 3, 23), time(9), time(10), 60, weeks=2), "Europe/Paris", {}, NOW)
    assert [start.hour for start, _ in planned.times] == [8, 7]


def test_six_weeks_of_tuesday_mornings_without_the_public_holidays() -> None:
    """Neither Ascension (a Thursday) nor Whit Monday is on a Tuesday; 14 July 2026 was. Code du travail, L3133-1."""
    zone = zone_of(zones(), "occitanie", None)
    holidays = public_holidays(zone, [2026])
    series = Series(date(2026, 6, 23), time(9), time(12), 60, weeks=6)
    planned = plan(series, zone.zone, holidays, datetime(2026, 6, 1, tzinfo=UTC))
    assert len(planned.times) == 15
    assert planned.left_out == ((date(2026, 7, 14), "Fête nationale"),)


@pytest.mark.parametrize(
    ("delegation", "zone", "day"),
    [
        ("guadeloupe", None, date(2026, 5, 27)),
        ("guyane", None, date(2026, 6, 10)),
        ("oceanindien", "Indian/Reunion", date(2026, 12, 20)),
        ("oceanindien", "Indian/Mayotte", date(2026, 4, 27)),
    ],
    ids=["Guadeloupe", "Guyane", "La Réunion", "Mayotte"],
)
def test_the_abolition_of_slavery_is_kept_where_it_is(delegation: str, zone: str | None, day: date) -> None:
    """Code du travail, art. L3422-2."""
    assert day in public_holidays(zone_of(zones(), delegation, zone), [2026])
    assert day not in public_holidays(zone_of(zones(), "occitanie", None), [2026])


@pytest.mark.parametrize(
    ("series", "count"),
    [
        pytest.param(Series(TUESDAY, time(9), time(12), 60), 3, id="trois heures, d'une heure"),
        pytest.param(Series(TUESDAY, time(9), time(12), 50), 3, id="le reste est laissé"),
        pytest.param(Series(TUESDAY, time(9), time(10), 60, weeks=2, weekdays=(1, 3)), 4, id="mardi et jeudi"),
        pytest.param(Series(date(2027, 3, 28), time(2, 15), time(3), 45), 1, id="une heure que les horloges sautent"),
        pytest.param(Series(TUESDAY, time(9), time(10), 90), SlotsOutOfBounds, id="rien n'entre"),
        pytest.param(Series(TUESDAY, time(12), time(9), 60), SlotsOutOfBounds, id="heures à l'envers"),
        pytest.param(Series(TUESDAY, time(0), time(23), 15, weeks=53), SlotsOutOfBounds, id="beaucoup trop"),
        pytest.param(Series(date(2026, 11, 22), time(10), time(11), 60), SlotInPast, id="à cet instant même"),
    ],
)
def test_what_a_series_makes(series: Series, count: int | type[Refusal]) -> None:
    if isinstance(count, int):
        times = plan(series, "Europe/Paris", {}, NOW).times
        assert len(times) == count
        assert all(start < end for start, end in times)
    else:
        with pytest.raises(count):
            plan(series, "Europe/Paris", {}, NOW)


def test_a_place_is_booked_the_day_before_and_dropped_two_days_before() -> None:
    rule = booking_rule(TUESDAY)
    assert limits(rule, datetime(2026, 12, 3, 8, tzinfo=UTC)) == (
        datetime(2026, 12, 2, 8, tzinfo=UTC),
        datetime(2026, 12, 1, 8, tzinfo=UTC),
    )
    assert rule.status == "assumed"


STARTS = datetime(2026, 12, 3, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OFFER = Offer(
    UUID(int=1), "coodiag", "occitanie", Level.FIRST, Terms("Coodiag", "Diagnostic", "", 60, MeetingMode.REMOTE)
)
SLOT = Slot(
    UUID(int=2), OFFER.id, STARTS, STARTS + timedelta(hours=1), "Europe/Paris", 2, "a", "Toulouse", None,
    book_until=STARTS - timedelta(hours=24), cancel_until=STARTS - timedelta(hours=48), taken=1,
)  # fmt: skip
CANCELLED = replace(SLOT, cancelled_at=NOW, cancel_reason="Neige.")


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


@pytest.mark.parametrize(
    ("slot", "now", "refusal"),
    [
        pytest.param(SLOT, SLOT.book_until, None, id="24 heures avant, à la seconde"),
        pytest.param(SLOT, SLOT.book_until + SECOND, SlotTooLate, id="une seconde après"),
        pytest.param(replace(SLOT, taken=2), NOW, SlotFull, id="deux places, deux prises"),
        pytest.param(CANCELLED, NOW, SlotCancelled, id="annulé"),
    ],
)
def test_when_a_place_is_booked(slot: Slot, now: datetime, refusal: type[Refusal] | None) -> None:
    assert found(lambda: require_bookable(slot, now)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("moved", "now", "refusal"),
    [
        pytest.param(replace(SLOT, place="Albi"), STARTS - SECOND, None, id="une seconde avant le début"),
        pytest.param(replace(SLOT, place="Albi"), STARTS, SlotStarted, id="commencé"),
        pytest.param(replace(CANCELLED, place="Albi"), NOW, SlotCancelled, id="annulé"),
        pytest.param(replace(SLOT, starts_at=NOW), NOW, SlotInPast, id="à cet instant même"),
        pytest.param(replace(SLOT, starts_at=NOW + SECOND), NOW, None, id="plus tard"),
        pytest.param(replace(SLOT, capacity=1), NOW, None, id="autant de places que de réservées"),
        pytest.param(replace(SLOT, capacity=0), NOW, SlotTooSmall, id="une place de moins"),
    ],
)
def test_when_a_slot_is_moved(moved: Slot, now: datetime, refusal: type[Refusal] | None) -> None:
    before = CANCELLED if moved.cancelled_at else SLOT
    assert found(lambda: move(before, moved, now)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        pytest.param(replace(SLOT, starts_at=STARTS + SECOND), True, id="une autre heure"),
        pytest.param(replace(SLOT, place="Albi"), True, id="un autre lieu"),
        pytest.param(replace(SLOT, link="https://visio.example"), True, id="un autre lien"),
        pytest.param(replace(SLOT, capacity=3), False, id="une place de plus ne regarde pas qui a réservé"),
        pytest.param(SLOT, False, id="rien"),
    ],
)
def test_a_structure_is_told_of_another_time_or_place(moved: Slot, told: bool) -> None:
    assert move(SLOT, moved, NOW).moved_at == (NOW if told else None)


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        pytest.param(STARTS - SECOND, None, id="une seconde avant le début"),
        pytest.param(STARTS, SlotStarted, id="commencé"),
    ],
)
def test_a_slot_is_cancelled_before_it_begins(now: datetime, refusal: type[Refusal] | None) -> None:
    assert found(lambda: cancel(SLOT, "Neige.", now)) is (refusal or type(None))
    assert cancel(SLOT, "Neige.", NOW).taken == 0
    with pytest.raises(SlotCancelled, match="Neige"):
        cancel(CANCELLED, "Neige.", NOW)


@pytest.mark.parametrize(
    ("slots", "first_day", "now", "left"),
    [
        pytest.param([SLOT], None, STARTS - SECOND, 1, id="à venir"),
        pytest.param([SLOT], None, STARTS, 0, id="commencé"),
        pytest.param([CANCELLED], None, NOW, 0, id="annulé"),
        pytest.param([SLOT], date(2026, 12, 3), NOW, 1, id="à partir de son jour"),
        pytest.param([SLOT], date(2026, 12, 4), NOW, 0, id="à partir du lendemain"),
        pytest.param(
            [replace(SLOT, zone="America/Cayenne", starts_at=datetime(2026, 12, 4, 2, tzinfo=UTC))],
            date(2026, 12, 4),
            NOW,
            0,
            id="à Cayenne, c'est encore le 3",
        ),
    ],
)
def test_what_is_left_of_a_series(slots: list[Slot], first_day: date | None, now: datetime, left: int) -> None:
    if left:
        assert left_of(slots, first_day, now) == slots
    else:
        with pytest.raises(SeriesOver):
            left_of(slots, first_day, now)


def test_another_promise_is_another_edition() -> None:
    assert amend(OFFER, OFFER.terms) is OFFER
    assert amend(OFFER, replace(OFFER.terms, duration_minutes=90)).edition == OFFER.edition + 1


def test_an_offer_is_closed_then_opened_again() -> None:
    closed = close(OFFER)
    assert (closed.is_open, reopen(closed).is_open) == (False, True)
    with pytest.raises(AccompanimentClosed):
        close(closed)
    with pytest.raises(AccompanimentOpen):
        reopen(OFFER)
