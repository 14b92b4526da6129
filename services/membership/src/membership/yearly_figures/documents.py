"""What the key figures are exported as: the rows of one, and an edition on one printed page."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import write_day
from membership.yearly_figures.schemas import YearlyEditionDetail, YearlyEditionFigureOut, YearlyRowOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "figures.typ"
_BARRED: Final = 1000
"""Places on a bar: the larger of the two years takes them all."""

EXPORT_HEADER = ("jour", "reference", "nom", "delegation", "quantite", "detail")


def export_line(row: YearlyRowOut) -> Sequence[object]:
    """Write a row as one line, in the order of ``EXPORT_HEADER``."""
    return (row.day.isoformat(), row.reference, row.name, row.delegation, row.quantity, row.detail)


async def print_edition(edition: YearlyEditionDetail) -> bytes:
    """Return an edition on one page: each figure beside the year before, in the order of the report."""
    told = [one for one in edition.figures if one.value is not None]
    untold = [one.label for one in edition.figures if one.value is None]
    document = {
        "title": f"Chiffres clés {edition.year}",
        "place": edition.name,
        "again": _again(edition) if edition.number > 1 else "",
        "published_on": write_day(edition.published_on),
        "year": str(edition.year),
        "before": str(edition.year - 1),
        "themes": [
            {"label": label, "rows": [_row(one) for one in figures]}
            for label, figures in groupby(told, key=lambda one: one.theme_label)
        ],
        "untold": ", ".join(untold),
        "assumed": ", ".join(one.label for one in told if one.status == "assumed"),
        "definitions": edition.definitions,
    }
    return await print_pdf(_TEMPLATE, document, on=edition.published_on)


def _again(edition: YearlyEditionDetail) -> str:
    why = f" : {edition.reason}" if edition.reason else ""
    return f"Édition révisée n° {edition.number}{why}"


def _row(figure: YearlyEditionFigureOut) -> dict[str, Any]:
    now, before = figure.value or Decimal(0), figure.previous
    highest = max(now, before or Decimal(0))
    return {
        "label": figure.label,
        "since": f"partielle : comptée depuis le {write_day(figure.partial_since)}" if figure.partial_since else "",
        "unit": figure.unit,
        "value": _written(now, figure.unit),
        "previous": "pas de donnée" if before is None else _written(before, figure.unit),
        "change": _signed(figure.change_percent),
        "bar": _place(now, highest),
        "bar_before": _place(before or Decimal(0), highest),
    }


def _place(value: Decimal, highest: Decimal) -> int:
    return max(0, int(value * _BARRED / highest)) if highest else 0


def _written(value: Decimal, unit: str) -> str:
    whole = value == value.to_integral_value()
    text = f"{value:,.0f}" if whole or (unit == "euros" and abs(value) >= 1000) else f"{value:,.2f}"
    return text.replace(",", "\u202f").replace(".", ",") + ("\u00a0€" if unit == "euros" else "")


def _signed(percent: Decimal | None) -> str:
    if percent is None:
        return ""
    return f"{percent:+.1f}".replace("-", "−").replace(".", ",") + "\u00a0%"
