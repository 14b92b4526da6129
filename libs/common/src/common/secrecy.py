"""Statistical secrecy: which parts of a published whole must be hidden so that no small part can be known. Pure.

A table says the whole and some of its parts. Whoever reads it knows the hidden parts together, by subtraction. So a
part smaller than the minimum is hidden, and with it another one where the hidden parts would, together, be smaller
than the minimum still. A whole smaller than the minimum is hidden with all its parts.

Whoever answers for a part may know all of it, hidden or not, as a delegation that reads each of its structures. With
``insiders``, what is hidden is safe from each of them too: without any one hidden part, the others count the minimum.

What this does not protect from: two tables of the same whole taken at two moments, whose difference is what came in
between (publish a period once it is over), and whoever is in a part, and subtracts itself.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

Part = TypeVar("Part")


def _is_too_few(count: int, minimum: int) -> bool:
    """Tell whether a count is too small to be shown. None at all is too few as well: it says something of everybody.

    >>> _is_too_few(4, 5), _is_too_few(5, 5), _is_too_few(0, 5)
    (True, False, True)
    """
    return count < minimum


def hidden_parts(
    counts: Mapping[Part, int], minimum: int, *, told: Collection[Part] = (), insiders: bool = False
) -> frozenset[Part]:
    """Return the parts of a whole to hide, ``counts`` being all its parts and the whole being their sum.

    ``told`` are to be hidden for another reason, as one that a single respondent makes up.

    Either nothing is hidden, or the hidden parts count ``minimum`` together at least (with ``insiders``: without any
    one of them), or everything is hidden, and the whole too where ``is_whole_hidden`` says so.

    Large enough parts are shown, all of them:

    >>> sorted(hidden_parts({"north": 7, "south": 9, "west": 5}, 5))
    []

    A part hidden alone would be the whole less the others: the smallest of the others goes with it.

    >>> sorted(hidden_parts({"north": 7, "south": 9, "west": 2}, 5))
    ['north', 'west']

    Two small parts may cover each other, or not:

    >>> sorted(hidden_parts({"north": 7, "south": 4, "west": 2}, 5))
    ['south', 'west']
    >>> sorted(hidden_parts({"north": 7, "south": 1, "west": 2}, 5))
    ['north', 'south', 'west']

    An empty part covers nothing:

    >>> sorted(hidden_parts({"north": 7, "south": 9, "west": 3, "east": 0}, 5))
    ['east', 'north', 'west']

    The north, who knows its seven, would find the two of the west, were both hidden alone:

    >>> sorted(hidden_parts({"north": 7, "south": 9, "west": 2}, 5, insiders=True))
    ['north', 'south', 'west']
    """
    hidden = {part for part, count in counts.items() if _is_too_few(count, minimum) or part in told}
    others = sorted((part for part in counts if part not in hidden), key=lambda part: counts[part])
    while hidden and others and not _covers([counts[part] for part in hidden], minimum, insiders=insiders):
        hidden.add(others.pop(0))
        if not insiders:  # what was added reaches the minimum by itself
            break
    return frozenset(hidden)


def is_whole_hidden(
    counts: Mapping[Part, int], hidden: Collection[Part], minimum: int, *, insiders: bool = False
) -> bool:
    """Tell whether the whole is to be hidden with its parts: it is too small, or would tell one of them to another.

    >>> is_whole_hidden({"north": 7, "west": 2}, {"north", "west"}, 5, insiders=True)
    True
    >>> is_whole_hidden({"north": 7, "west": 2}, {"north", "west"}, 5)
    False
    """
    if _is_too_few(sum(counts.values()), minimum):
        return True
    return insiders and bool(hidden) and not _covers([counts[part] for part in hidden], minimum, insiders=True)


def _covers(hidden: Sequence[int], minimum: int, *, insiders: bool) -> bool:
    if insiders:
        return not _is_too_few(sum(hidden) - max(hidden), minimum)
    return len([count for count in hidden if count]) != 1 and not _is_too_few(sum(hidden), minimum)


def hidden_columns(rows: Mapping[Part, Mapping[str, int]], minimum: int) -> frozenset[str]:
    """Return the column totals of a table to hide from insiders: each knows its own row, and subtracts it.

    What is hidden counts the minimum together too, seen from each row.

    >>> table = {"north": {"low": 6, "high": 9}, "south": {"low": 5, "high": 5}, "west": {"low": 1, "high": 2}}
    >>> sorted(hidden_columns(table, 5))
    []
    >>> sorted(hidden_columns({"north": {"low": 6, "mid": 3, "high": 9}, "west": {"low": 9, "mid": 2, "high": 6}}, 5))
    ['high', 'mid']
    """
    columns = sorted({column for cells in rows.values() for column in cells})
    elsewhere = {
        column: min(sum(_column(rows, column)) - own for own in (*_column(rows, column), 0)) for column in columns
    }
    hidden = {column for column in columns if _is_too_few(elsewhere[column], minimum)}
    others = sorted((column for column in columns if column not in hidden), key=lambda column: elsewhere[column])
    while hidden and others and not _is_unseen(rows, hidden, minimum):
        hidden.add(others.pop(0))
    return frozenset(hidden)


def _column(rows: Mapping[Part, Mapping[str, int]], column: str) -> list[int]:
    return [cells.get(column, 0) for cells in rows.values()]


def _is_unseen(rows: Mapping[Part, Mapping[str, int]], hidden: Collection[str], minimum: int) -> bool:
    totals = [sum(cells.get(column, 0) for column in hidden) for cells in rows.values()]
    return len(hidden) > 1 and not _is_too_few(sum(totals) - max(totals), minimum)


def shown_rows(rows: Mapping[Part, Mapping[str, int]], minimum: int, *, insiders: bool = False) -> frozenset[Part]:
    """Return the rows of a table to show, each a part of the whole broken down by the same columns.

    The column totals being published, the rows that are not shown are known together: column by column, they must
    count the minimum too. So a row is shown whole or not at all, when each of its cells is large enough, and as long
    as what remains beside the shown rows is large enough in each column, or nothing.

    >>> rows = {"north": {"low": 6, "high": 9}, "south": {"low": 5, "high": 5}, "west": {"low": 1, "high": 2}}
    >>> sorted(shown_rows(rows, 5))
    ['north']
    >>> sorted(shown_rows({**rows, "east": {"low": 4, "high": 5}}, 5))
    ['north', 'south']
    """
    shown = [part for part, cells in rows.items() if not any(_is_too_few(count, minimum) for count in cells.values())]
    shown.sort(key=lambda part: sum(rows[part].values()), reverse=True)
    while shown and not _is_safe_beside(
        [cells for part, cells in rows.items() if part not in shown], minimum, insiders=insiders
    ):
        shown.pop()
    return frozenset(shown)


def _is_safe_beside(others: list[Mapping[str, int]], minimum: int, *, insiders: bool) -> bool:
    columns = {column for cells in others for column in cells}
    for column in columns:
        counts = [cells.get(column, 0) for cells in others]
        if _is_too_few(sum(counts) - (max(counts) if insiders else 0), minimum):
            return False
    return True
