"""What a reader of a table can work out counts the minimum at least, whatever the figures."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from common.secrecy import hidden_parts, shown_rows

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
