"""Working days: public holidays of France, closing days of TARGET, and counting over them either way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.workdays import FRANCE, TARGET


@pytest.mark.parametrize(
    ("day", "worked", "settled"),
    [
        pytest.param(date(2026, 4, 3), True, False, id="vendredi saint"),
        pytest.param(date(2026, 4, 6), False, False, id="lundi de Pâques"),
        pytest.param(date(2026, 5, 1), False, False, id="1er mai"),
        pytest.param(date(2026, 5, 8), False, True, id="8 mai"),
        pytest.param(date(2026, 5, 14), False, True, id="Ascension"),
        pytest.param(date(2026, 5, 15), True, True, id="le lendemain, dont on fait un pont"),
        pytest.param(date(2026, 5, 25), False, True, id="lundi de Pentecôte, journée de solidarité ou non"),
        pytest.param(date(2026, 7, 14), False, True, id="14 juillet"),
        pytest.param(date(2026, 12, 25), False, False, id="Noël"),
        pytest.param(date(2025, 12, 26), True, False, id="26 décembre, férié en Alsace et en Moselle seulement"),
        pytest.param(date(2026, 11, 28), False, False, id="samedi"),
        pytest.param(date(2026, 11, 29), False, False, id="dimanche"),
        pytest.param(date(2027, 5, 6), False, True, id="Ascension d'une autre année"),
    ],
)
def test_which_days_are_worked_and_on_which_banks_settle(day: date, worked: bool, settled: bool) -> None:  # columns
    assert (FRANCE.holds(day), TARGET.holds(day)) == (worked, settled)


@pytest.mark.parametrize(
    ("day", "count", "later"),
    [
        pytest.param(date(2026, 4, 30), 1, date(2026, 5, 4), id="par-dessus le 1er mai et une fin de semaine"),
        pytest.param(date(2026, 5, 7), 5, date(2026, 5, 18), id="par-dessus le 8 mai et l'Ascension"),
        pytest.param(date(2026, 12, 31), 1, date(2027, 1, 4), id="par-dessus l'an neuf"),
        pytest.param(date(2026, 5, 1), 0, date(2026, 5, 1), id="aucun : le jour même, fût-il férié"),
    ],
)
def test_days_are_counted_over_what_is_closed(day: date, count: int, later: date) -> None:
    assert FRANCE.after(day, count) == later


def test_the_first_working_day_from_a_day() -> None:
    assert FRANCE.first_from(date(2026, 5, 8)) == date(2026, 5, 11)
    assert FRANCE.first_from(date(2026, 5, 11)) == date(2026, 5, 11)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 30))
def test_counting_back_undoes_counting_on(day: date, count: int) -> None:
    start = FRANCE.first_from(day)
    assert FRANCE.before(FRANCE.after(start, count), count) == start
    assert FRANCE.after(start, count) - start >= timedelta(days=count)
