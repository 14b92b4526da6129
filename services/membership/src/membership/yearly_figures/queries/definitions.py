"""The definitions of the key figures, shipped with the service."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from common.shipped_data import shipped
from membership.yearly_figures.domain import (
    FigureMeasure,
    FigurePeriod,
    FigureSet,
    FigureTheme,
    Naming,
    YearlyFigure,
    figures_of,
)


@cache
def figure_sets() -> tuple[FigureSet, ...]:
    """Return every version of the definitions."""
    return tuple(_set(one) for one in shipped("membership.yearly_figures", "figures.toml")["sets"])


def definitions_of(year: int) -> FigureSet:
    """Return the definitions of a year. Raises FiguresNotDefined."""
    return figures_of(figure_sets(), year)


def _set(data: Mapping[str, Any]) -> FigureSet:
    return FigureSet(
        version=data["version"],
        since=data["since"],
        themes=tuple(FigureTheme(**theme) for theme in data["themes"]),
        figures=tuple(_figure(one) for one in data["figures"]),
    )


def _figure(data: Mapping[str, Any]) -> YearlyFigure:
    read = {
        "period": FigurePeriod(data["period"]),
        "measure": FigureMeasure(data["measure"]),
        "named_to": Naming(data.get("named_to", Naming.REACH.value)),
    }
    return YearlyFigure(**{**data, **read})
