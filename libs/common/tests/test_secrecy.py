"""What a reader of a table can work out counts the minimum at least, whatever the figures."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from common.secrecy import hidden_columns, hidden_parts, is_whole_hidden, shown_rows

MINIMUM = st.integers(1, 8)
COUNTS = st.dictionaries(st.sampled_from("abcdefghijklmn"), st.integers(0, 20))
ROWS = st.dictionaries(
    st.sampled_from("abcdefg"), st.fixed_dictionaries({level: st.integers(0, 30) for level in ("low", "mid", "high")})
)


@given(COUNTS, MINIMUM)
def test_what_subtraction_gives_is_never_too_few(counts: dict[str, int], minimum: int) -> None:
    hidden = hidden_parts(counts, minimum)
    whole = sum(counts.values())
    assert all(counts[part] >= minimum for part in counts if part not in hidden)
    if whole < minimum:
        assert hidden == frozenset(counts)
        return
    # A reader subtracts any shown parts from the whole: the least that is left is what is hidden.
    shown = [counts[part] for part in counts if part not in hidden]
    left = [whole - sum(some) for size in range(min(len(shown), 3) + 1) for some in combinations(shown, size)]
    left.append(whole - sum(shown))
    assert all(rest >= minimum for rest in left if rest or hidden)


@given(COUNTS, MINIMUM)
def test_no_more_is_hidden_than_needed(counts: dict[str, int], minimum: int) -> None:
    hidden = hidden_parts(counts, minimum)
    large = [part for part in hidden if counts[part] >= minimum]
    assert len(large) <= 1
    for part in large:
        assert sum(counts[other] for other in hidden if other != part) < minimum
        assert all(counts[other] >= counts[part] for other in counts if other not in hidden)


@given(ROWS, MINIMUM)
def test_the_rows_beside_those_shown_are_never_too_few(rows: dict[str, dict[str, int]], minimum: int) -> None:
    shown = shown_rows(rows, minimum)
    beside = [part for part in rows if part not in shown]
    for column in ("low", "mid", "high"):
        assert all(rows[part][column] >= minimum for part in shown)
        if shown and beside:
            assert sum(row[column] for row in rows.values()) - sum(rows[part][column] for part in shown) >= minimum


@given(COUNTS.filter(bool), MINIMUM)
def test_whoever_knows_a_hidden_part_finds_no_other(counts: dict[str, int], minimum: int) -> None:
    hidden = hidden_parts(counts, minimum, insiders=True)
    assert all(counts[part] >= minimum for part in counts if part not in hidden)
    if is_whole_hidden(counts, hidden, minimum, insiders=True):
        assert hidden == frozenset(counts) or sum(counts.values()) < minimum
        return
    rest = sum(counts[part] for part in hidden)
    assert all(rest - counts[part] >= minimum for part in hidden)


@given(ROWS.filter(bool), MINIMUM)
def test_whoever_knows_a_row_finds_no_other_by_the_totals(rows: dict[str, dict[str, int]], minimum: int) -> None:
    hidden = hidden_columns(rows, minimum)
    columns = ("low", "mid", "high")
    for own in rows.values():
        elsewhere = {column: sum(row[column] for row in rows.values()) - own[column] for column in columns}
        assert all(elsewhere[column] >= minimum for column in columns if column not in hidden)
        if 0 < len(hidden) < len(columns):
            assert sum(elsewhere[column] for column in hidden) >= minimum
    assert len(hidden) != 1


@given(ROWS, MINIMUM)
def test_whoever_knows_a_row_finds_no_other_beside_those_shown(rows: dict[str, dict[str, int]], minimum: int) -> None:
    shown = shown_rows(rows, minimum, insiders=True)
    beside = [rows[part] for part in rows if part not in shown]
    for column, own in [(column, own) for column in ("low", "mid", "high") for own in beside] if shown else []:
        assert sum(row[column] for row in beside) - own[column] >= minimum


def test_rows_are_shown_to_insiders_too_where_many_are_beside() -> None:
    rows = {name: {"low": 6, "high": 7} for name in "abc"} | {"d": {"low": 2, "high": 2}, "e": {"low": 9, "high": 1}}
    assert shown_rows(rows, 5, insiders=True) == {"a"}
    assert shown_rows({name: {"low": 6, "high": 7} for name in "abc"}, 5, insiders=True) == set("abc")
