"""Reads of renewals. Where a structure stands is computed from the register and from what was sent, never stored."""

from membership.renewals.queries.reading import (
    exceptions_of,
    export_rows,
    find_line,
    find_renewal,
    lines_in,
    lines_of,
    list_lines,
    list_renewals,
    of_year,
    print_letters,
    print_proof,
    renewal_rules,
    selected,
    writer,
)

__all__ = [
    "exceptions_of",
    "export_rows",
    "find_line",
    "find_renewal",
    "lines_in",
    "lines_of",
    "list_lines",
    "list_renewals",
    "of_year",
    "print_letters",
    "print_proof",
    "renewal_rules",
    "selected",
    "writer",
]
