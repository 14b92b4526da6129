"""What is exported and printed of a simulation: its lines, and the pages that the assembly is given."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.drafts.domain import Change
from dues.grids.domain import Beneficiary, delegation_name, kind_label
from dues.simulations.domain import Band, Figure, Part, Scenario, Summary, assumptions
from dues.simulations.schemas import LineOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "report.typ"
_CHARTED: Final = 1000
"""The longest bar of the chart; the others are whole thousandths of it."""

EXPORT_HEADER = (
    "adherent", "delegation", "activite", "issue", "reference_part_fixe", "reference_part_variable", "reference_total",
    "reference_plafonne", "projet_part_fixe", "projet_part_variable", "projet_total", "projet_plafonne", "ecart",
    "raisons",
)  # fmt: skip


def export_line(line: LineOut) -> Sequence[object]:
    """Return the cells of a member, in the order of ``EXPORT_HEADER``."""
    return (
        line.name,
        delegation_name(line.delegation),
        kind_label(line.kind) if line.kind else None,
        line.outcome_label,
        line.reference_fixed,
        line.reference_variable,
        line.reference_total,
        _yes(line.reference_capped),
        line.draft_fixed,
        line.draft_variable,
        line.draft_total,
        _yes(line.draft_capped),
        line.difference,
        " ".join(dict.fromkeys(one.message for one in line.blockers)),
    )


async def print_report(document: Mapping[str, Any], on: date) -> bytes:
    """Return the PDF of what ``report`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(_TEMPLATE, document, on=on)


def report(label: str, version: int, scenario: Scenario, summary: Summary, changes: Iterable[Change]) -> dict[str, Any]:
    """Return what the template prints: every text, amount and day as it is to be read."""
    most = max((band.sums.count for band in summary.distribution), default=0)
    total = summary.total
    return {
        "label": label,
        "version": str(version),
        "year": str(scenario.year),
        "reference_year": str(scenario.reference_year),
        "asked_on": write_day(scenario.asked_on),
        "total": _figure(total),
        "tiles": [
            {"label": "paieraient plus", "count": str(total.losers.count), "sum": _signed(total.losers.difference)},
            {"label": "paieraient moins", "count": str(total.winners.count), "sum": _signed(total.winners.difference)},
            {
                "label": "paieraient autant",
                "count": str(total.sums.count - total.losers.count - total.winners.count),
                "sum": "",
            },
            {"label": "montant inconnu", "count": str(summary.blocked), "sum": ""},
        ],
        "distribution": [_band(band, most) for band in summary.distribution],
        "by_delegation": [_figure(one) for one in summary.by_delegation],
        "by_kind": [_figure(one) for one in summary.by_kind],
        "by_beneficiary": _beneficiaries(summary.by_beneficiary),
        "changes": _changes(changes),
        "reasons": [{"label": one.label, "count": str(one.count)} for one in summary.reasons],
        "assumptions": list(assumptions(scenario)),
    }


def _changes(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Write what changes, in one line the kinds of which the same changes alike."""
    alike: dict[tuple[str, str | None, str | None], list[str]] = {}
    for one in changes:
        if one.changed:
            kind, _, what = one.label.rpartition(" : ")
            alike.setdefault((what, one.before, one.after), []).append(kind)
    return [
        {
            "label": f"{', '.join(kinds)} : {what}" if any(kinds) else what,
            "before": before or "–",
            "after": after or "–",
        }
        for (what, before, after), kinds in alike.items()
    ]


def _figure(figure: Figure) -> dict[str, str]:
    return {
        "label": figure.label,
        "count": str(figure.sums.count),
        "before": format_euros(figure.sums.reference),
        "after": format_euros(figure.sums.draft),
        "difference": _signed(figure.sums.difference),
        "losers": str(figure.losers.count),
        "winners": str(figure.winners.count),
    }


def _band(band: Band, most: int) -> dict[str, Any]:
    way = "same" if band.least == band.most else "down" if band.least is None or band.least < 0 else "up"
    return {
        "label": band.label,
        "count": str(band.sums.count),
        "bar": band.sums.count * _CHARTED // most if most else 0,
        "sum": _signed(band.sums.difference) if way != "same" else "",
        "way": way,
    }


def _beneficiaries(parts: Iterable[Part]) -> list[dict[str, str]]:
    """Write the three beneficiaries, the delegations as one: each has its own line in the table of delegations."""
    held = list(parts)
    return [
        _part(beneficiary.label, [part for part in held if part.label == beneficiary.label])
        for beneficiary in Beneficiary
    ]


def _part(label: str, parts: Sequence[Part]) -> dict[str, str]:
    before = sum((part.reference for part in parts), Decimal(0))
    after = sum((part.draft for part in parts), Decimal(0))
    return {
        "label": label,
        "before": format_euros(before),
        "after": format_euros(after),
        "difference": _signed(after - before),
    }


def _signed(amount: Decimal) -> str:
    """Write a difference with its sign, a true minus."""
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{format_euros(abs(amount))}"


def _yes(value: bool | None) -> str | None:
    return None if value is None else "oui" if value else "non"
