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
    """What the structures of a scope make of one indicator, before secrecy. ``largest`` is the largest value.

    Without quartiles it is counted and added up only, and no cell is made of it.
    """

    count: int
    quartiles: tuple[Decimal, Decimal, Decimal] | None
    total: Decimal
    largest: Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """One indicator in one scope as it may be shown; what is hidden says why, and shows no count either.

    ``kept_from`` is the number of the edition it was computed for, where that is an earlier one of the same year.
    """

    scope: Scope
    indicator: str
    count: int | None = None
    median: Decimal | None = None
    quarters: tuple[Decimal, Decimal] | None = None
    total: Decimal | None = None
    hidden: HiddenBecause | None = None
    total_hidden: HiddenBecause | None = None
    kept_from: int | None = None


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
    of all. What a delegation, or a kind, hides does not follow from what the others show, nor the figures of the few
    structures outside a delegation from those it reads of its own. ``told`` are scopes whose total would tell a hidden
    one: that of an indicator this one is made of. ADR 0028.
    """
    countries = [scope for kind in ActivityKind if (scope := Scope(kind, None)) in summaries]
    totals = _totals(summaries, countries, rule, told) if adds_up else {}
    cells = []
    for country in countries:
        regions = {one: summaries[one].count for one in summaries if one.kind is country.kind and one != country}
        few = summaries[country].count < rule.minimum
        hidden = {country, *regions} if few else set(hidden_parts(regions, rule.minimum))
        if any(0 < rest.count < rule.minimum for rest in _unknown(summaries, country).values()):
            hidden.add(country)
        for scope in (country, *regions):
            if scope.delegation != "" and summaries[scope].quartiles is not None:
                cell = _cell(indicator, scope, summaries[scope], rule, is_hidden=scope in hidden)
                cells.append(_totalled(cell, totals))
    return [*cells, _totalled(Cell(EVERYWHERE, indicator), totals)] if EVERYWHERE in totals else cells


def hidden_totals(cells: Iterable[Cell]) -> set[Scope]:
    """Return the scopes of an indicator whose total is not told."""
    return {cell.scope for cell in cells if cell.scope.delegation is None and cell.total is None}


def _cell(indicator: str, scope: Scope, summary: Summary, rule: SecrecyRule, *, is_hidden: bool) -> Cell:
    if is_hidden or summary.quartiles is None:
        return Cell(scope, indicator, hidden=_why(summary, rule))
    low, median, high = summary.quartiles
    quarters = (low, high) if summary.count >= rule.quartiles_minimum else None
    return Cell(scope, indicator, summary.count, median, quarters)


Total = tuple[int, Decimal] | HiddenBecause
"""On how many structures, and how much; or why it is not told."""
Unknown = Mapping[str | None, Summary]
"""What remains of a scope's total for whoever knows a part of it: anybody (None), and each delegation."""


def _unknown(summaries: Mapping[Scope, Summary], whole: Scope) -> Unknown:
    """Return what each does not know of a whole: a delegation reads every figure of its own structures."""
    parts = {one.delegation: part for one, part in summaries.items() if one.kind is whole.kind and one != whole}
    rests: dict[str | None, Summary] = {None: summaries[whole]}
    rests |= {known: _together(part for one, part in parts.items() if one != known) for known in parts if known}
    return rests


def _together(summaries: Iterable[Summary]) -> Summary:
    """Return what distinct structures make together."""
    every = list(summaries)
    return Summary(
        count=sum(one.count for one in every),
        quartiles=None,
        total=sum((one.total for one in every), Decimal(0)),
        largest=max((one.largest for one in every), default=Decimal(0)),
    )


def _totals(
    summaries: Mapping[Scope, Summary], countries: Sequence[Scope], rule: SecrecyRule, told: Collection[Scope]
) -> dict[Scope, Total]:
    """Return the country's totals, by kind and of all kinds together."""
    hidden = _hidden_totals({scope: _unknown(summaries, scope) for scope in countries}, rule, told)
    totals: dict[Scope, Total] = {
        scope: _why_total(summaries[scope], rule)
        if scope in hidden
        else (summaries[scope].count, summaries[scope].total)
        for scope in countries
    }
    if len(countries) > 1 and EVERYWHERE in summaries and EVERYWHERE not in told:
        whole = summaries[EVERYWHERE]
        if not _names_somebody(_unknown(summaries, EVERYWHERE), rule):
            totals[EVERYWHERE] = (whole.count, whole.total)
    return totals


def _hidden_totals(kinds: Mapping[Scope, Unknown], rule: SecrecyRule, told: Collection[Scope]) -> frozenset[Scope]:
    """Return whose totals to hide: together, those hidden name nobody either."""
    counts = {scope: unknown[None].count for scope, unknown in kinds.items()}
    named = {scope for scope, unknown in kinds.items() if scope in told or _names_somebody(unknown, rule)}
    while True:
        hidden = hidden_parts(counts, rule.minimum, told=named)
        others = sorted((scope for scope in counts if scope not in hidden), key=counts.__getitem__)
        if not hidden or not others or not _names_somebody(_at_worst([kinds[one] for one in hidden]), rule):
            return hidden
        named = {*hidden, others[0]}


def _at_worst(kinds: Collection[Unknown]) -> Unknown:
    """Return what several kinds leave unknown if the same structures have them all: as few, and as large, as can be."""
    rests = {}
    for knows in {knows for unknown in kinds for knows in unknown}:
        every = [unknown.get(knows, unknown[None]) for unknown in kinds]
        rests[knows] = Summary(
            count=max(one.count for one in every),
            quartiles=None,
            total=sum((one.total for one in every), Decimal(0)),
            largest=sum((one.largest for one in every), Decimal(0)),
        )
    return rests


def _names_somebody(unknown: Unknown, rule: SecrecyRule) -> bool:
    """Tell whether a total names a structure to somebody; who knows all of it already learns nothing."""
    return any(rest.count and _is_of_few(rest, rule) for rest in unknown.values())


def _is_of_few(summary: Summary, rule: SecrecyRule) -> bool:
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
    if summary.count < rule.minimum or not _is_of_few(summary, rule):
        return _why(summary, rule)
    return HiddenBecause.DOMINATED
