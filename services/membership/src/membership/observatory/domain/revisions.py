"""A revised edition beside those before it: what may be told anew, and what stays as it was told. Pure.

Two editions side by side tell what came between them. So a figure that fewer than the minimum of structures changed is
the one told before, and a total that was not told then is told once enough of them changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from membership.members.domain import ActivityKind
from membership.observatory.domain.indicators import Indicator
from membership.observatory.domain.portraits import EVERYWHERE, Cell, HiddenBecause, Scope, SecrecyRule

Key = tuple[Scope, str]
"""One indicator in one scope."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a structure gave of one of its activities: the value of each indicator that can be told of it."""

    member_id: UUID
    kind: ActivityKind
    delegation: str
    values: Mapping[str, float]


def changes(then: Iterable[Observed], now: Iterable[Observed]) -> dict[Key, int]:
    """Return in how many structures each figure changed: corrected, come, gone, moved. What stayed may be left out."""
    before, after = ({(one.member_id, one.kind): one for one in every} for every in (then, now))
    changed: dict[Key, set[UUID]] = defaultdict(set)
    for member_id, kind in before.keys() | after.keys():
        was, is_ = before.get((member_id, kind)), after.get((member_id, kind))
        for code in _codes(was) | _codes(is_):
            for scope in _scopes_changed(kind, code, was, is_):
                changed[scope, code].add(member_id)
    sums = [_sums(every.values()) for every in (before, after)]
    for member_id, code in sums[0].keys() | sums[1].keys():
        if sums[0].get((member_id, code)) != sums[1].get((member_id, code)):
            changed[EVERYWHERE, code].add(member_id)
    return {key: len(members) for key, members in changed.items()}


def families(indicators: Sequence[Indicator]) -> dict[str, frozenset[str]]:
    """Return with which others each indicator is told or kept: what it is made of, what is made of it, and so on."""
    tied = {
        one.code: {other.code for other in indicators if one.is_made_of(other) or other.is_made_of(one)}
        for one in indicators
    }
    found = {}
    for one in indicators:
        family = {one.code}
        while more := {other for code in family for other in tied[code]} - family:
            family |= more
        found[one.code] = frozenset(family)
    return found


def revised(
    cells: Iterable[Cell],
    before: Iterable[Cell],
    changed: Mapping[Key, int],
    rule: SecrecyRule,
    tied: Mapping[str, Collection[str]],
) -> list[Cell]:
    """Return the cells of a revised edition, ``changed`` being since the edition that each cell before rests on.

    ``tied`` are families of indicators: from parts told anew a whole that is kept would follow.
    """
    old = {(cell.scope, cell.indicator): cell for cell in before}
    kept = _kept(old, changed, rule, tied)
    known = {code for _, code in old}
    told = [
        cell if cell.indicator not in known else _beside(cell, old.get(key), changed.get(key, 0), rule)
        for cell in cells
        if (key := (cell.scope, cell.indicator)) not in kept
    ]
    return [*(cell for cell in told if cell is not None), *(old[key] for key in old if key in kept)]


def _kept(
    old: Mapping[Key, Cell], changed: Mapping[Key, int], rule: SecrecyRule, tied: Mapping[str, Collection[str]]
) -> set[Key]:
    """Return which cells stay: those few structures changed, and those that would tell them."""
    telling = {key for key, cell in old.items() if cell.hidden is None}
    kept = {key for key in telling if 0 < changed.get(key, 0) < rule.minimum}
    while True:
        beside = {(scope, other) for scope, code in kept for other in tied.get(code, ())}
        beside |= {(EVERYWHERE, code) for scope, code in kept if scope.delegation is None}
        if beside & telling <= kept:
            return kept
        kept |= beside & telling


def _beside(cell: Cell, old: Cell | None, changed: int, rule: SecrecyRule) -> Cell | None:
    """Return a cell with its total only where the edition before told one, or enough structures changed since."""
    if cell.total is None or changed >= rule.minimum or (old is not None and old.total is not None):
        return cell
    if cell.scope == EVERYWHERE:
        return None
    why = old.total_hidden if old is not None else None
    return replace(cell, total=None, total_hidden=why or HiddenBecause.DEDUCIBLE)


def _codes(one: Observed | None) -> set[str]:
    return set(one.values) if one else set()


def _scopes_changed(kind: ActivityKind, code: str, was: Observed | None, is_: Observed | None) -> set[Scope]:
    held = [one for one in (was, is_) if one is not None and code in one.values]
    places = {one.delegation for one in held}
    if len(held) == 2 and held[0].values[code] == held[1].values[code]:
        return {Scope(kind, place) for place in places} if len(places) > 1 else set()
    return {Scope(kind, place) for place in (None, *places)}


def _sums(every: Iterable[Observed]) -> dict[tuple[UUID, str], float]:
    sums: dict[tuple[UUID, str], float] = {}
    for one in every:
        for code, value in one.values.items():
            sums[one.member_id, code] = sums.get((one.member_id, code), 0) + value
    return sums
