"""When slots are, in the local time of each delegation, and until when a place is booked."""

from datetime import UTC, date, datetime, time

import pytest

from common.errors import Refusal
from membership.accompaniments.domain import (
    Series,
    SlotInPast,
    SlotsOutOfBounds,
    SlotZoneUnknown,
    limits,
    plan,
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
