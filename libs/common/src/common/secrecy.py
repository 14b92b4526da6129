"""Statistical secrecy: which parts of a published whole must be hidden so that no small part can be known. Pure.

A table says the whole and some of its parts. Whoever reads it knows the hidden parts together, by subtraction. So a
part smaller than the minimum is hidden, and with it another one where the hidden parts would, together, be smaller
than the minimum still. A whole smaller than the minimum is hidden with all its parts.

What this does not protect from: two tables of the same whole taken at two moments, whose difference is what came in
between (publish a period once it is over), and whoever is in a part, and subtracts itself.
"""

from collections.abc import Mapping
from typing import TypeVar

Part = TypeVar("Part")


def is_too_few(count: int, minimum: int) -> bool:
    """Tell whether a count is too small to be shown. None at all is too few as well: it says something of everybody.

    >>> is_too_few(4, 5), is_too_few(5, 5), is_too_few(0, 5)
    (True, False, True)
    """
    return count < minimum


def hidden_parts(counts: Mapping[Part, int], minimum: int) -> frozenset[Part]:
    """Return the parts of a whole to hide, ``counts`` being all its parts and the whole being their sum.

    Either nothing is hidden, or the hidden parts count ``minimum`` together at least, or the whole itself is too
    small and everything is hidden, the whole too.

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
    """
    hidden = {part for part, count in counts.items() if is_too_few(count, minimum)}
    if hidden and is_too_few(sum(counts[part] for part in hidden), minimum):
        shown = [part for part in counts if part not in hidden]
        hidden.update(sorted(shown, key=lambda part: counts[part])[:1])  # it reaches the minimum by itself
    return frozenset(hidden)


def shown_rows(rows: Mapping[Part, Mapping[str, int]], minimum: int) -> frozenset[Part]:
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
    shown = [part for part, cells in rows.items() if not any(is_too_few(count, minimum) for count in cells.values())]
    shown.sort(key=lambda part: sum(rows[part].values()), reverse=True)
    while shown and not _is_safe_beside([cells for part, cells in rows.items() if part not in shown], minimum):
        shown.pop()
    return frozenset(shown)


def _is_safe_beside(others: list[Mapping[str, int]], minimum: int) -> bool:
    columns = {column for cells in others for column in cells}
    return not any(is_too_few(sum(cells.get(column, 0) for cells in others), minimum) for column in columns)
