"""Hours as they are read on the wall of a place: directive 2000/84/CE for Paris, zones of the IANA."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from common.moments import HourSkipped, hours, instant, require_hours, whole_days


@pytest.mark.parametrize(
    ("day", "begins", "ends", "zone"),
    [
        pytest.param(date(2027, 3, 28), time(2, 30), time(3), "Europe/Paris", id="il commence entre deux heures"),
        pytest.param(date(2027, 3, 28), time(2, 30), None, "Europe/Paris", id="sans fin aussi"),
        pytest.param(date(2027, 3, 28), time(1), time(2, 59), "Europe/Paris", id="il y finit"),
    ],
)
def test_an_hour_that_the_clocks_jump_over_is_refused(day: date, begins: time, ends: time | None, zone: str) -> None:
    with pytest.raises(HourSkipped):
        hours(day, begins, ends, zone)
    with pytest.raises(HourSkipped, match="n'existe pas le 28 mars 2027"):
        require_hours(day, begins, ends, zone)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Cayenne"])
def test_every_other_hour_of_the_year_stands(zone: str) -> None:
    """In Paris one hour of the year is none; where clocks never move, none is missing."""
    first, missing = date(2027, 1, 1), []
    for day in (first + timedelta(days=days) for days in range(365)):
        for hour in range(24):
            try:
                hours(day, time(hour), time(hour, 59), zone)
            except HourSkipped:
                missing.append((day, hour))
    assert missing == ([(date(2027, 3, 28), 2)] if zone == "Europe/Paris" else [])


def test_whole_days_are_lived_where_they_are() -> None:
    """The night of 28 to 29 March 2026 is one hour short in Paris."""
    when = whole_days(date(2026, 3, 28), date(2026, 3, 29), "Europe/Paris")
    assert (when.starts_at, when.ends_at) == (
        datetime(2026, 3, 27, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )
    assert (when.first_day, when.last_day) == (date(2026, 3, 28), date(2026, 3, 29))


@pytest.mark.parametrize(
    ("ends", "last_day", "over_at"),
    [
        pytest.param(time(23), date(2026, 12, 1), datetime(2026, 12, 2, 2, tzinfo=UTC), id="à l'heure dite"),
        pytest.param(None, date(2026, 12, 1), datetime(2026, 12, 2, 3, tzinfo=UTC), id="sans fin : le jour passé"),
    ],
)
def test_from_when_on_it_is_over_where_it_is_held(ends: time | None, last_day: date, over_at: datetime) -> None:
    when = hours(date(2026, 12, 1), time(21), ends, "America/Cayenne")
    assert (when.last_day, when.over_at) == (last_day, over_at)
    assert when.starts_at == instant(date(2026, 12, 1), time(21), "America/Cayenne")
