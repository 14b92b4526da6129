"""The portrait of a kind of activity: medians and quartiles, shown only where they name nobody."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from common.secrecy import hidden_parts
from membership.members.domain import ActivityKind
from membership.observatory.domain.secrecy import (
    EVERYWHERE,
    HiddenBecause,
    Scope,
    SecrecyRule,
    Summary,
    Unknown,
    hidden_wholes,
    is_of_few,
    names_few,
    names_somebody,
    unknown,
)


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
        if names_few(_unknown(summaries, country), rule):
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


def _totals(
    summaries: Mapping[Scope, Summary], countries: Sequence[Scope], rule: SecrecyRule, told: Collection[Scope]
) -> dict[Scope, Total]:
    """Return the country's totals, by kind and of all kinds together."""
    hidden = hidden_wholes({scope: _unknown(summaries, scope) for scope in countries}, rule, told)
    totals: dict[Scope, Total] = {
        scope: _why_total(summaries[scope], rule)
        if scope in hidden
        else (summaries[scope].count, summaries[scope].total)
        for scope in countries
    }
    if len(countries) > 1 and EVERYWHERE in summaries and EVERYWHERE not in told:
        whole = summaries[EVERYWHERE]
        if not names_somebody(_unknown(summaries, EVERYWHERE), rule):
            totals[EVERYWHERE] = (whole.count, whole.total)
    return totals


def _unknown(summaries: Mapping[Scope, Summary], whole: Scope) -> Unknown:
    parts = {one.delegation or "": part for one, part in summaries.items() if one.kind is whole.kind and one != whole}
    return unknown(summaries[whole], parts)


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
    if summary.giving < rule.minimum:
        return HiddenBecause.TOO_FEW
    return HiddenBecause.DOMINATED if is_of_few(summary, rule) else HiddenBecause.DEDUCIBLE
