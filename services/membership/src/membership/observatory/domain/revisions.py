"""A revised edition beside those before it: what may be told anew, and what stays as it was told. Pure.

Two editions side by side tell what came between them. So what changed is under the secrecy of a figure of one edition:
of too few structures, for anybody or for a delegation that reads its own, or a total of which one made nearly all the
change, the figure is the one told before. A total that was not told then is told once its change names nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from membership.members.domain import ActivityKind
from membership.observatory.domain.indicators import Indicator
from membership.observatory.domain.portraits import Cell
from membership.observatory.domain.secrecy import (
    EVERYWHERE,
    HiddenBecause,
    Scope,
    SecrecyRule,
    Summary,
    Unknown,
    names_few,
    names_somebody,
    together,
    unknown,
)

Key = tuple[Scope, str]
"""One indicator in one scope."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a structure gave of one of its activities: the value of each indicator that can be told of it."""

    member_id: UUID
    kind: ActivityKind
    delegation: str
    values: Mapping[str, float]


def changes(then: Iterable[Observed], now: Iterable[Observed]) -> dict[Key, Unknown]:
    """Return what each does not know of how each figure changed: corrected, come, gone, moved.

    What stayed may be left out. Changes add up whatever their sign: who reads the sum does not know that two make up
    for each other. In a delegation, where no total is told, they are only counted.
    """
    before, after = ({(one.member_id, one.kind): one for one in every} for every in (then, now))
    reads = {one.member_id: one.delegation for every in (before, after) for one in every.values()}
    changed: dict[Key, dict[UUID, float]] = defaultdict(dict)
    for member_id, kind in before.keys() | after.keys():
        was, is_ = before.get((member_id, kind)), after.get((member_id, kind))
        for code in _codes(was) | _codes(is_):
            for scope in _scopes_changed(kind, code, was, is_):
                changed[scope, code][member_id] = _value(is_, code) - _value(was, code)
    sums = [_sums(every.values()) for every in (before, after)]
    for member_id, code in sums[0].keys() | sums[1].keys():
        was_told, is_told = (every.get((member_id, code)) for every in sums)
        if was_told != is_told:
            changed[EVERYWHERE, code][member_id] = (is_told or 0) - (was_told or 0)
    return {(scope, code): _unknown(scope, members, reads) for (scope, code), members in changed.items()}


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
    changed: Mapping[Key, Unknown],
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
        cell if cell.indicator not in known else _beside(cell, old.get(key), changed.get(key), rule)
        for cell in cells
        if (key := (cell.scope, cell.indicator)) not in kept
    ]
    return [*(cell for cell in told if cell is not None), *(old[key] for key in old if key in kept)]


def _kept(
    old: Mapping[Key, Cell], changed: Mapping[Key, Unknown], rule: SecrecyRule, tied: Mapping[str, Collection[str]]
) -> set[Key]:
    """Return which cells stay: those whose change would name somebody, and those that would tell them."""
    telling = {key for key, cell in old.items() if cell.hidden is None}
    kept = {key for key in telling if key in changed and _names_somebody(old[key], changed[key], rule)}
    while True:
        beside = {(scope, other) for scope, code in kept for other in tied.get(code, ())}
        beside |= {(EVERYWHERE, code) for scope, code in kept if scope.delegation is None}
        if beside & telling <= kept:
            return kept
        kept |= beside & telling


def _names_somebody(old: Cell, changed: Unknown, rule: SecrecyRule) -> bool:
    """Tell whether a cell told anew beside the old one would: by few who changed or, of a total, by how much."""
    return names_few(changed, rule) or (old.total is not None and names_somebody(changed, rule))


def _beside(cell: Cell, old: Cell | None, changed: Unknown | None, rule: SecrecyRule) -> Cell | None:
    """Return a cell with its total only where the edition before told one, or its change since names nobody."""
    if cell.total is None or (old is not None and old.total is not None):
        return cell
    if changed is not None and not names_somebody(changed, rule):
        return cell
    if cell.scope == EVERYWHERE:
        return None
    why = old.total_hidden if old is not None else None
    return replace(cell, total=None, total_hidden=why or HiddenBecause.DEDUCIBLE)


def _unknown(scope: Scope, changed: Mapping[UUID, float], reads: Mapping[UUID, str]) -> Unknown:
    by_delegation: dict[str, list[Decimal]] = defaultdict(list)
    for member_id, change in changed.items():
        by_delegation[reads[member_id]].append(Decimal(repr(abs(change))))
    parts = {
        place: Summary(len(every), None, sum(every, Decimal(0)), max(every), sum(map(bool, every)))
        for place, every in by_delegation.items()
    }
    # A delegation reads its own figures; what it shows is to hide from the others.
    return unknown(together(parts.values()), parts if scope.delegation is None else {})


def _value(one: Observed | None, code: str) -> float:
    return one.values.get(code, 0) if one else 0


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
