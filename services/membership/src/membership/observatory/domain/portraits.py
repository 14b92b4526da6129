"""The portrait of a kind of activity: medians and quartiles, shown only where they name nobody."""

from collections.abc import Iterable, Mapping
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
    """Below how many structures nothing is shown, and above which share of a total one structure hides it.

    Dated data, with source and status.
    """

    since: date
    minimum: int
    largest_percent: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a figure is about: a kind of activity, or all of them, in a delegation or the whole country."""

    kind: ActivityKind | None
    delegation: str | None


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
    quartiles: tuple[Decimal, Decimal, Decimal] | None = None
    total: Decimal | None = None
    hidden: HiddenBecause | None = None
    total_hidden: HiddenBecause | None = None


def published(indicator: str, summaries: Mapping[Scope, Summary], rule: SecrecyRule, *, adds_up: bool) -> list[Cell]:
    """Return the cells of one indicator, of every scope that has a value.

    Quartiles are shown of a kind, in a delegation and in the country; totals in the country, of a kind and of all.
    What a delegation, or a kind, hides does not follow from what the others show.
    """
    countries = [scope for kind in ActivityKind if (scope := Scope(kind, None)) in summaries]
    totals = _totals({scope: summaries[scope] for scope in countries}, rule) if adds_up else {}
    cells = []
    for country in countries:
        regions = {one: summaries[one].count for one in summaries if one.kind is country.kind and one.delegation}
        few = summaries[country].count < rule.minimum
        hidden = frozenset({country, *regions}) if few else hidden_parts(regions, rule.minimum)
        for scope in (country, *regions):
            cell = Cell(scope, indicator, summaries[scope].count, summaries[scope].quartiles)
            if scope in hidden:
                cell = Cell(scope, indicator, hidden=_why(summaries[scope], rule))
            cells.append(_totalled(cell, totals))
    everywhere = Scope(None, None)
    return [*cells, _totalled(Cell(everywhere, indicator), totals)] if everywhere in totals else cells


Total = tuple[int, Decimal] | HiddenBecause
"""On how many structures, and how much; or why it is not told."""


def _totals(kinds: Mapping[Scope, Summary], rule: SecrecyRule) -> dict[Scope, Total]:
    """Return the country's totals, by kind and of all kinds together."""
    hidden = _hidden_totals(kinds, rule)
    totals: dict[Scope, Total] = {
        scope: _why_total(one, rule) if scope in hidden else (one.count, one.total) for scope, one in kinds.items()
    }
    whole = _together(kinds.values())
    if len(kinds) > 1 and not _names_somebody(whole, rule):
        totals[Scope(None, None)] = (whole.count, whole.total)
    return totals


def _hidden_totals(kinds: Mapping[Scope, Summary], rule: SecrecyRule) -> frozenset[Scope]:
    """Return whose totals to hide: together, those hidden name nobody either."""
    counts = {scope: one.count for scope, one in kinds.items()}
    told = {scope for scope, one in kinds.items() if _names_somebody(one, rule)}
    while True:
        hidden = hidden_parts(counts, rule.minimum, told=told)
        others = sorted((scope for scope in counts if scope not in hidden), key=counts.__getitem__)
        if not hidden or not others or not _names_somebody(_together(kinds[scope] for scope in hidden), rule):
            return hidden
        told = {*hidden, others[0]}


def _together(summaries: Iterable[Summary]) -> Summary:
    every = list(summaries)
    zero = Decimal(0)
    return Summary(
        count=sum(one.count for one in every),
        quartiles=(zero, zero, zero),
        total=sum((one.total for one in every), zero),
        largest=max((one.largest for one in every), default=zero),
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
