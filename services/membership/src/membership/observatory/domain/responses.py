"""Who answered a campaign, told where it does not name those who did not. Pure.

A rate is a figure like another: of few structures expected it is hidden, and with it what would tell it by
subtraction, to anybody or to a delegation, which follows each of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from common.secrecy import hidden_parts, is_whole_hidden
from membership.members.domain import ActivityKind
from membership.observatory.domain.portraits import Cell
from membership.observatory.domain.secrecy import (
    HiddenBecause,
    Scope,
    SecrecyRule,
    Summary,
    Unknown,
    hidden_wholes,
    unknown,
)


@dataclass(frozen=True, slots=True)
class Response:
    """How many structures of a group (``all``, a ``kind``, a ``delegation``) were expected to declare, and did.

    What is hidden says why, and counts nobody.
    """

    group: str
    code: str
    expected: int | None
    answered: int | None
    rate: Decimal | None
    hidden: HiddenBecause | None = None


Expected = Mapping[tuple[str, str], int]
"""How many structures were expected of each kind of activity in each delegation, or in none (``""``)."""


def told_responses(
    exact: Sequence[Response], expected: Expected, cells: Sequence[Cell], rule: SecrecyRule
) -> tuple[Response, ...]:
    """Return what is told of who answered, ``cells`` being the figures told beside it.

    Those of no delegation are a part of the country that is counted, and never told. Where nobody was expected there
    is nothing to hide.
    """
    counts = {one.code: one.expected for one in exact if one.group == "delegation" and one.expected}
    telling = {group: _telling(exact, group, cells, rule) for group in ("kind", "delegation")}
    places = hidden_parts(counts, rule.minimum, told=telling["delegation"], insiders=True)
    kinds = hidden_wholes(_by_kind(expected), rule, {Scope(ActivityKind(code), None) for code in telling["kind"]})
    hidden = {
        "all": {""} if is_whole_hidden(counts, places, rule.minimum, insiders=True) else set(),
        "delegation": places,
        "kind": {scope.kind.value for scope in kinds if scope.kind},
    }
    is_none_told = bool(hidden["all"])
    return tuple(
        _hidden(one, rule) if one.expected and (is_none_told or one.code in hidden[one.group]) else one
        for one in exact
        if one.group != "delegation" or one.code
    )


def _hidden(one: Response, rule: SecrecyRule) -> Response:
    few = one.expected is not None and one.expected < rule.minimum
    why = HiddenBecause.TOO_FEW if few else HiddenBecause.DEDUCIBLE
    return replace(one, expected=None, answered=None, rate=None, hidden=why)


def _by_kind(expected: Expected) -> dict[Scope, Unknown]:
    """Return what each does not know of the structures expected of a kind: a delegation follows its own."""
    parts: dict[Scope, dict[str, int]] = {}
    for (kind, place), count in expected.items():
        if count:
            parts.setdefault(Scope(ActivityKind(kind), None), {})[place] = count
    return {
        scope: unknown(_heads(sum(places.values())), {place: _heads(count) for place, count in places.items()})
        for scope, places in parts.items()
    }


def _heads(count: int) -> Summary:
    """Return structures as values of one: none is more than another."""
    return Summary(count, None, Decimal(count), Decimal(1), count)


def _telling(exact: Iterable[Response], group: str, cells: Sequence[Cell], rule: SecrecyRule) -> Collection[str]:
    """Return whose answers, less the counts of the portraits that are told, would be the count of a hidden one."""
    return {
        one.code
        for one in exact
        if one.group == group and 0 < (one.answered or 0) - _counted(one, cells) < rule.minimum
    }


def _counted(one: Response, cells: Iterable[Cell]) -> int:
    """Return how many structures the portraits of a group count; all that answered where none is hidden."""
    counts: dict[Scope, int] = {}
    for cell in cells:
        if cell.scope.kind is not None and _is_of(cell.scope, one):
            counts[cell.scope] = max(counts.get(cell.scope, 0), cell.count or 0)
    is_any_hidden = not counts or 0 in counts.values()
    return sum(counts.values()) if is_any_hidden else (one.answered or 0)


def _is_of(scope: Scope, one: Response) -> bool:
    if one.group == "kind":
        return scope == Scope(ActivityKind(one.code), None)
    return scope.delegation == one.code
