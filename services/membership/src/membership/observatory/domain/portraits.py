"""The portrait of a kind of activity: medians and quartiles, shown only where they name nobody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from common.labels import Labelled
from common.secrecy import hidden_parts
from membership.members.domain import ActivityKind


class HiddenBecause(Labelled):
    """Why a figure is not shown."""

    TOO_FEW = "too_few", "trop peu de structures"
    DEDUCIBLE = "deducible", "se déduirait des autres"
    DOMINATED = "dominated", "une structure fait l'essentiel du total"


@dataclass(frozen=True, slots=True)
class SecrecyRule:
    """Below how many structures nothing is shown, nor quartiles, and which share of a total one structure may make.

    Dated data, with source and status.
    """

    since: date
    minimum: int
    quartiles_minimum: int
    largest_percent: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a figure is about: a kind of activity, or all of them, in a delegation or the whole country.

    Structures without a delegation are those of ``""``: a part of the country that is counted, and never shown.
    """

    kind: ActivityKind | None
    delegation: str | None


EVERYWHERE = Scope(None, None)
"""All kinds of activity, in the whole country."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the structures of a scope make of one indicator, before secrecy. ``largest`` is the largest value."""

    count: int
    quartiles: tuple[Decimal, Decimal, Decimal]
    total: Decimal
    largest: Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator in one scope as it may be shown; what is hidden says why, and shows no count either."""

    scope: Scope
    indicator: str
    count: int | None = None
    median: Decimal | None = None
    quarters: tuple[Decimal, Decimal] | None = None
    total: Decimal | None = None
    hidden: HiddenBecause | None = None
    total_hidden: HiddenBecause | None = None


def published(
    indicator: str,
    summaries: Mapping[Scope, Summary],
    rule: SecrecyRule,
    *,
    adds_up: bool,
    told: Collection[Scope] = (),
) -> list[Cell]:
    """Return the cells of one indicator, of every scope that has a value.

    Medians and quartiles are shown of a kind, in a delegation and in the country; totals in the country, of a kind and
    of all. What a delegation, or a kind, hides does not follow from what the others show. ``told`` are scopes whose
    total would tell a hidden one: that of an indicator this one is made of.
    """
    countries = [scope for kind in ActivityKind if (scope := Scope(kind, None)) in summaries]
    totals = _totals(summaries, countries, rule, told) if adds_up else {}
    cells = []
    for country in countries:
        regions = {one: summaries[one].count for one in summaries if one.kind is country.kind and one != country}
        few = summaries[country].count < rule.minimum
        hidden = frozenset({country, *regions}) if few else hidden_parts(regions, rule.minimum)
        for scope in (country, *regions):
            if scope.delegation != "":
                cell = _cell(indicator, scope, summaries[scope], rule, is_hidden=scope in hidden)
                cells.append(_totalled(cell, totals))
    return [*cells, _totalled(Cell(EVERYWHERE, indicator), totals)] if EVERYWHERE in totals else cells


def revised(
    cells: Iterable[Cell], before: Iterable[Cell], changed: Mapping[Scope, int], rule: SecrecyRule
) -> list[Cell]:
    """Return the cells of a revised edition: where too few structures changed, those of the edition before.

    Two editions side by side tell what came between them: the figures of one structure, where one alone corrected.
    """
    few = {scope for scope, count in changed.items() if 0 < count < rule.minimum}
    if any(scope.kind is not None and scope.delegation is None for scope in few):
        few.add(EVERYWHERE)
    kept = [cell for cell in before if cell.scope in few]
    return [*(cell for cell in cells if cell.scope not in few), *kept]


def hidden_totals(cells: Iterable[Cell]) -> set[Scope]:
    """Return the scopes of an indicator whose total is not told."""
    return {cell.scope for cell in cells if cell.scope.delegation is None and cell.total is None}


def _cell(indicator: str, scope: Scope, summary: Summary, rule: SecrecyRule, *, is_hidden: bool) -> Cell:
    if is_hidden:
        return Cell(scope, indicator, hidden=_why(summary, rule))
    low, median, high = summary.quartiles
    quarters = (low, high) if summary.count >= rule.quartiles_minimum else None
    return Cell(scope, indicator, summary.count, median, quarters)


Total = tuple[int, Decimal] | HiddenBecause
"""On how many structures, and how much; or why it is not told."""


def _totals(
    summaries: Mapping[Scope, Summary], countries: Sequence[Scope], rule: SecrecyRule, told: Collection[Scope]
) -> dict[Scope, Total]:
    """Return the country's totals, by kind and of all kinds together."""
    kinds = {scope: summaries[scope] for scope in countries}
    hidden = _hidden_totals(kinds, rule, told)
    totals: dict[Scope, Total] = {
        scope: _why_total(one, rule) if scope in hidden else (one.count, one.total) for scope, one in kinds.items()
    }
    whole = summaries.get(EVERYWHERE)
    if len(kinds) > 1 and whole is not None and EVERYWHERE not in told and not _names_somebody(whole, rule):
        totals[EVERYWHERE] = (whole.count, whole.total)
    return totals


def _hidden_totals(kinds: Mapping[Scope, Summary], rule: SecrecyRule, told: Collection[Scope]) -> frozenset[Scope]:
    """Return whose totals to hide: together, those hidden name nobody either."""
    counts = {scope: one.count for scope, one in kinds.items()}
    named = {scope for scope, one in kinds.items() if scope in told or _names_somebody(one, rule)}
    while True:
        hidden = hidden_parts(counts, rule.minimum, told=named)
        others = sorted((scope for scope in counts if scope not in hidden), key=counts.__getitem__)
        if not hidden or not others or not _names_somebody(_at_worst(kinds[scope] for scope in hidden), rule):
            return hidden
        named = {*hidden, others[0]}


def _at_worst(summaries: Iterable[Summary]) -> Summary:
    """Return what several kinds make together if the same structures have them all: as few, and as large, as can be."""
    every = list(summaries)
    zero = Decimal(0)
    return Summary(
        count=max((one.count for one in every), default=0),
        quartiles=(zero, zero, zero),
        total=sum((one.total for one in every), zero),
        largest=sum((one.largest for one in every), zero),
    )


def _names_somebody(summary: Summary, rule: SecrecyRule) -> bool:
    return summary.count < rule.minimum or summary.largest * 100 > summary.total * rule.largest_percent


def _totalled(cell: Cell, totals: Mapping[Scope, Total]) -> Cell:
    match totals.get(cell.scope):
        case None:
            return cell
        case HiddenBecause() as because:
            return replace(cell, total_hidden=because)
        case (count, total):
            return replace(cell, count=count, total=total)


def _why(summary: Summary, rule: SecrecyRule) -> HiddenBecause:
    return HiddenBecause.TOO_FEW if summary.count < rule.minimum else HiddenBecause.DEDUCIBLE


def _why_total(summary: Summary, rule: SecrecyRule) -> HiddenBecause:
    if summary.count < rule.minimum or not _names_somebody(summary, rule):
        return _why(summary, rule)
    return HiddenBecause.DOMINATED
