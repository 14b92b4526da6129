"""Reads of the key figures of the yearly report."""

from membership.yearly_figures.queries.amounts import told_of
from membership.yearly_figures.queries.definitions import definitions_of, figure_sets
from membership.yearly_figures.queries.reading import (
    export_rows,
    find_edition,
    find_figure,
    find_year,
    list_editions,
    list_rows,
    print_year,
)

__all__ = [
    "definitions_of",
    "export_rows",
    "figure_sets",
    "find_edition",
    "find_figure",
    "find_year",
    "list_editions",
    "list_rows",
    "print_year",
    "told_of",
]
