"""What an edition is exported as: a table, one JSON document, and a printed booklet with its charts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import write_day
from membership.declarations.domain import Unit, write_figure
from membership.members.domain import ActivityKind
from membership.observatory.domain import Edition, IndicatorSet, SecrecyRule, withheld
from membership.observatory.schemas import EVERY_KIND, CellOut, EvolutionOut, PortraitOut, ResponseOut
from membership.territory.domain import Delegation

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
        yield (
            kind,
            where,
            ANSWERED,
            "Réponses à la campagne",
            "structures",
            *told,
            *[None] * 5,
            one.hidden_label or "",
            None,
            None,
        )
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


@dataclass(frozen=True, slots=True)
class Booklet:
    """What is printed of an edition: of the whole country, or of one delegation beside it. ``series`` are medians."""

    edition: Edition
    held: IndicatorSet
    rule: SecrecyRule
    responses: Sequence[ResponseOut]
    portraits: Sequence[PortraitOut]
    series: Mapping[ActivityKind, Sequence[EvolutionOut]]
    place: Delegation | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return f"{self.edition.title} : {self.place.name}" if self.place else self.edition.title

    def told(self) -> list[PortraitOut]:
        """The portraits it holds."""
        where = self.place.code if self.place else None
        return [one for one in self.portraits if one.kind and one.delegation == where]

    def beside(self, kind: ActivityKind | None) -> dict[str, CellOut]:
        """The country's portrait of a kind, beside which a delegation's stands."""
        country = [one for one in self.portraits if one.kind == kind and one.delegation is None]
        return {cell.indicator: cell for one in country for cell in one.cells} if self.place else {}


async def print_booklet(booklet: Booklet) -> bytes:
    """Print a published edition: who answered, then a portrait for each kind of activity."""
    edition, rule, told = booklet.edition, booklet.rule, booklet.told()
    if edition.published_on is None:
        raise ValueError(f"{edition.id} is not published")
    totals = [one for one in booklet.portraits if one.kind is None and booklet.place is None]
    document = {
        "title": booklet.title,
        "place": booklet.place.name if booklet.place else "",
        "reason": edition.reason or "",
        "published_on": write_day(edition.published_on),
        "seal": edition.sha256 or "",
        "secrecy": (
            f"Aucun chiffre d'activité n'est donné sur moins de {rule.minimum} structures, ni aucun quartile sur moins"
            f" de {rule.quartiles_minimum}."
        ),
        "kept": f"° Chiffre d'une édition précédente : moins de {rule.minimum} structures ont changé depuis.",
        "has_kept": _has_kept(booklet, told + totals),
        "notes": [one.source for one in (booklet.held, rule) if one.status != "published"],
        "responses": _responses(booklet),
        "totals": [_total(cell) for one in totals for cell in one.cells],
        "portraits": [_portrait(booklet, one) for one in told],
    }
    return await print_pdf(_TEMPLATE, document, on=edition.published_on)


def _has_kept(booklet: Booklet, printed: Iterable[PortraitOut]) -> bool:
    """Tell whether a figure is of an earlier edition: one of its own, or of the country's beside them."""
    for one in printed:
        beside = booklet.beside(one.kind)
        shown = [*one.cells, *(beside[cell.indicator] for cell in one.cells if cell.indicator in beside)]
        if any(cell.kept_from for cell in shown):
            return True
    return False


def _responses(booklet: Booklet) -> dict[str, list[dict[str, Any]]]:
    """Write who answered: by kind and by delegation or, of one delegation, its own beside all."""
    place = booklet.place.code if booklet.place else None
    expected = [one for one in booklet.responses if one.expected != 0]
    if place is not None:
        here = [one for one in expected if one.group == "delegation" and one.code == place]
        every = [one for one in expected if one.group == "all"]
        return {"all": [_response(one) for one in here + every], "kind": [], "delegation": []}
    return {
        group: [_response(one) for one in expected if one.group == group] for group in ("all", "kind", "delegation")
    }


def _response(one: ResponseOut) -> dict[str, Any]:
    return {
        "label": one.label,
        "counts": one.hidden_label or f"{one.answered} sur {one.expected}",
        "rate": "" if one.rate is None else f"{one.rate:.1f}".replace(".", ",") + "\u00a0%",
        "bar": int(one.rate * 10) if one.rate is not None else 0,
    }


def _total(cell: CellOut) -> dict[str, str]:
    return {
        "label": _marked(cell.label, cell),
        "value": _written(cell.total, cell.unit),
        "count": str(cell.count or ""),
    }


def _portrait(booklet: Booklet, portrait: PortraitOut) -> dict[str, Any]:
    themes, beside = [], booklet.beside(portrait.kind)
    for theme in booklet.held.themes:
        cells = [cell for cell in portrait.cells if cell.theme == theme.code]
        if cells:
            themes.append({"label": theme.label, "rows": _rows(cells, beside)})
    why = withheld([cell.hidden for cell in portrait.cells], booklet.rule)
    return {
        "kind": portrait.kind_label,
        "themes": themes if any(cell.count is not None for cell in portrait.cells) else [],
        "withheld": f"{why} : ce portrait n'est pas donné." if why else "",
        "years": _years(booklet.series.get(portrait.kind, ()) if portrait.kind else ()),
    }


def _years(series: Sequence[EvolutionOut]) -> dict[str, Any]:
    """Write the medians of each year; those of a year that does not compare, or are hidden, are left blank."""
    years = sorted({point.year for one in series for point in one.points})
    rows = []
    for one in series:
        medians = {point.year: _written(point.cell.median, one.unit) for point in one.points}
        rows.append({"label": one.label, "medians": [medians.get(year, "") or "–" for year in years]})
    return {"heads": [str(year) for year in years], "rows": rows}


def _rows(cells: Sequence[CellOut], beside: Mapping[str, CellOut]) -> list[dict[str, Any]]:
    """Write the rows of a theme; those of one unit share one scale."""
    highest: dict[Unit, Decimal] = {Unit.PERCENT: Decimal(100)}
    for cell in (*cells, *(beside[cell.indicator] for cell in cells if cell.indicator in beside)):
        for value in (cell.high, cell.median):
            highest[cell.unit] = max(highest.get(cell.unit, Decimal(0)), value or Decimal(0))
    return [_row(cell, highest[cell.unit], beside.get(cell.indicator)) for cell in cells]


def _row(cell: CellOut, highest: Decimal, country: CellOut | None) -> dict[str, Any]:
    """Write an indicator; what is drawn of it are places on its scale, and none where there is nothing to draw."""
    return {
        "label": _marked(cell.label, cell),
        "count": str(cell.count) if cell.count is not None else "",
        "low": _written(cell.low, cell.unit),
        "median": _written(cell.median, cell.unit) or cell.hidden_label or "",
        "high": _written(cell.high, cell.unit),
        "country": _country(country) if country else "",
        "shown": cell.median is not None,
        "band": _places(highest, cell.low, cell.high),
        "middle": _places(highest, cell.median),
        "beside": _places(highest, country.median if country else None),
    }


def _country(cell: CellOut) -> str:
    """Write the country's median beside a delegation's, each marked where it is kept: one may be without the other."""
    return _marked(_written(cell.median, cell.unit) or cell.hidden_label or "", cell)


def _marked(text: str, cell: CellOut) -> str:
    return text if cell.kept_from is None else f"{text} °"


def _places(highest: Decimal, *values: Decimal | None) -> list[int]:
    return [int(max(one, Decimal(0)) * _CHARTED / highest) if highest else 0 for one in values if one is not None]


def _written(value: Decimal | None, unit: Unit) -> str:
    if value is None:
        return ""
    whole = value == value.to_integral_value()
    if unit is Unit.EUR and whole:
        return f"{int(value):,}".replace(",", "\u202f") + "\u00a0€"
    return write_figure(value, unit)
