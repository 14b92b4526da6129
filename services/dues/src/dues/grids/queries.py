"""The dated figures that the service ships with, one TOML file per grid year, read once and checked whole."""

import re
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from common.shipped_data import shipped
from dues.grids.domain import Grid, GridNotFound, PublishedMedians, SmicTable, require_sound, require_sound_table

_DATA = files("dues.grids") / "data"
_GRID = re.compile(r"grid-(\d{4})\.toml")


def grid_of(year: int) -> Grid:
    """Return the grid of a calendar year. Raises ``GridNotFound``; ValueError for a file that has defects."""
    if year not in _years():
        raise GridNotFound(f"Aucune grille de cotisation n'est renseignée pour {year}.", extra={"year": year})
    return _read(year)


def reference_grid(year: int) -> Grid:
    """Return the grid that a draft for a year is compared with: that year's or else, not voted yet, the latest."""
    return _read(year if year in _years() else max(_years()))


@cache
def _years() -> frozenset[int]:
    names = (path.name for path in _DATA.iterdir())
    return frozenset(int(found[1]) for name in names if (found := _GRID.fullmatch(name)))


@cache
def _read(year: int) -> Grid:
    grid = TypeAdapter(Grid).validate_python(shipped("dues.grids", f"grid-{year}.toml"))
    require_sound(grid, year)
    return grid


@cache
def smic_table() -> SmicTable:
    """Return the hourly SMIC, rate by rate. Raises ValueError for a table that has defects."""
    table = TypeAdapter(SmicTable).validate_python(shipped("dues.grids", "smic.toml")["rates"])
    require_sound_table(table)
    return table


@cache
def published_medians() -> PublishedMedians:
    """Return the latest medians that the federation published."""
    return TypeAdapter(PublishedMedians).validate_python(shipped("dues.grids", "medians-2024.toml"))
