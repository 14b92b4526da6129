"""What an edition is exported as: a table, one JSON document, and a printed booklet with its charts."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import write_day
from membership.declarations.domain import Unit, write_figure
from membership.observatory.domain import Edition, HiddenBecause, IndicatorSet, SecrecyRule
from membership.observatory.schemas import EVERY_KIND, CellOut, PortraitOut, ResponseOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "edition.typ"
_CHARTED: Final = 1000
"""Places on a chart's line: its figures are whole thousandths of the largest one shown."""

COUNTRY: Final = "national"

EXPORT_HEADER = (
    "Activité",
    "Délégation",
    "Code",
    "Indicateur",
    "Unité",
    "Attendues",
    "Réponses",
    "Taux de réponse",
    "Structures",
    "Médiane",
    "Premier quartile",
    "Troisième quartile",
    "Total",
    "Masqué",
    "Total masqué",
    "Repris de l'édition",
)


ANSWERED: Final = "responses"
"""The code of the lines that say who answered: no indicator's."""


def export_lines(responses: Iterable[ResponseOut], portraits: Iterable[PortraitOut]) -> Iterator[Sequence[object]]:
    """Return who answered, then the cells of portraits, as lines in the order of ``EXPORT_HEADER``."""
    for one in responses:
        kind = one.label if one.group == "kind" else EVERY_KIND
        where = one.code if one.group == "delegation" else COUNTRY
        told = (one.expected, one.answered, one.rate)
        yield kind, where, ANSWERED, "Réponses à la campagne", "structures", *told, *[None] * 8
    for portrait in portraits:
        for cell in portrait.cells:
            yield (
                portrait.kind_label,
                portrait.delegation or COUNTRY,
                cell.indicator,
                cell.label,
                cell.unit.label,
                None,
                None,
                None,
                cell.count,
                cell.median,
                cell.low,
                cell.high,
                cell.total,
                cell.hidden_label or "",
                cell.total_hidden.label if cell.total_hidden else "",
                cell.kept_from,
            )


async def print_edition(
    edition: Edition,
    held: IndicatorSet,
    rule: SecrecyRule,
    responses: Sequence[ResponseOut],
    portraits: Sequence[PortraitOut],
) -> bytes:
    """Return the booklet of a published edition: who answered, then a portrait for each kind, in the whole country."""
    if edition.published_on is None:
        raise ValueError(f"{edition.id} is not published")
    document = {
        "title": edition.title,
        "reason": edition.reason or "",
        "published_on": write_day(edition.published_on),
        "seal": edition.sha256 or "",
        "secrecy": (
            f"Aucun chiffre d'activité n'est donné sur moins de {rule.minimum} structures, ni aucun quartile sur moins"
            f" de {rule.quartiles_minimum}."
        ),
        "kept": f"° Chiffre d'une édition précédente : moins de {rule.minimum} structures ont changé depuis.",
        "has_kept": any(cell.kept_from for one in portraits for cell in one.cells),
        "notes": [one.source for one in (held, rule) if one.status != "published"],
        "responses": {
            group: [_response(one) for one in responses if one.group == group and one.expected]
            for group in ("all", "kind", "delegation")
        },
        "totals": [_total(cell) for one in portraits if one.kind is None for cell in one.cells],
        "portraits": [_portrait(held, rule, one) for one in portraits if one.kind and one.delegation is None],
    }
    return await print_pdf(_TEMPLATE, document, on=edition.published_on)


def _response(one: ResponseOut) -> dict[str, Any]:
    return {
        "label": one.label,
        "counts": f"{one.answered} sur {one.expected}",
        "rate": "" if one.rate is None else f"{one.rate:.1f}".replace(".", ",") + "\u00a0%",
        "bar": int(one.rate * 10) if one.rate is not None else 0,
    }


def _total(cell: CellOut) -> dict[str, str]:
    return {"label": _marked(cell), "value": _written(cell.total, cell.unit), "count": str(cell.count or "")}


def _portrait(held: IndicatorSet, rule: SecrecyRule, portrait: PortraitOut) -> dict[str, Any]:
    themes = []
    for theme in held.themes:
        cells = [cell for cell in portrait.cells if cell.theme == theme.code]
        if cells:
            themes.append({"label": theme.label, "rows": _rows(cells)})
    return {
        "kind": portrait.kind_label,
        "themes": themes if any(cell.count is not None for cell in portrait.cells) else [],
        "withheld": _withheld(rule, portrait.cells),
    }


def _withheld(rule: SecrecyRule, cells: Sequence[CellOut]) -> str:
    if all(cell.hidden is HiddenBecause.TOO_FEW for cell in cells):
        return f"Moins de {rule.minimum} structures ont répondu : ce portrait n'est pas donné."
    return f"Ce portrait n'est pas donné : il dirait les chiffres de moins de {rule.minimum} structures."


def _rows(cells: Sequence[CellOut]) -> list[dict[str, Any]]:
    """Write the rows of a theme; those of one unit share one scale."""
    highest: dict[Unit, Decimal] = {Unit.PERCENT: Decimal(100)}
    for cell in cells:
        if cell.high is not None:
            highest[cell.unit] = max(highest.get(cell.unit, Decimal(0)), cell.high)
    return [_row(cell, highest.get(cell.unit, Decimal(0))) for cell in cells]


def _row(cell: CellOut, highest: Decimal) -> dict[str, Any]:
    charted = cell.low is not None and cell.high is not None
    return {
        "label": _marked(cell),
        "count": str(cell.count) if cell.count is not None else "",
        "low": _written(cell.low, cell.unit),
        "median": _written(cell.median, cell.unit) or cell.hidden_label or "",
        "high": _written(cell.high, cell.unit),
        "shown": cell.median is not None,
        "charted": charted,
        "box": [_place(value, highest) for value in (cell.low, cell.median, cell.high)],
    }


def _marked(cell: CellOut) -> str:
    return cell.label if cell.kept_from is None else f"{cell.label} °"


def _place(value: Decimal | None, highest: Decimal) -> int:
    return int(max(value, Decimal(0)) * _CHARTED / highest) if value is not None and highest else 0


def _written(value: Decimal | None, unit: Unit) -> str:
    if value is None:
        return ""
    whole = value == value.to_integral_value()
    if unit is Unit.EUR and whole:
        return f"{int(value):,}".replace(",", "\u202f") + "\u00a0€"
    return write_figure(value, unit)
