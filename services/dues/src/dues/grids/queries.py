"""The dated figures that the service ships with, one TOML file per grid year, read once and checked whole."""

from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from common.shipped import shipped
from dues.grids.domain import Grid, GridNotFound, PublishedMedians, SmicTable

_DATA = files("dues.grids") / "data"


@cache
def grid_of(year: int) -> Grid:
    """Return the grid of a calendar year. Raises ``GridNotFound``."""
    name = f"grid-{year}.toml"
    if not (_DATA / name).is_file():
        raise GridNotFound(f"Aucune grille de cotisation n'est renseignée pour {year}.", extra={"year": year})
    return TypeAdapter(Grid).validate_python(shipped("dues.grids", name))


@cache
def smic_table() -> SmicTable:
    """Return the hourly SMIC, rate by rate."""
    return TypeAdapter(SmicTable).validate_python(shipped("dues.grids", "smic.toml")["rates"])


@cache
def published_medians() -> PublishedMedians:
    """Return the latest medians that the federation published."""
    return TypeAdapter(PublishedMedians).validate_python(shipped("dues.grids", "medians-2024.toml"))
