"""Reads of the Observatoire: its indicators, its portraits under secrecy, its editions, what compares with them."""

from membership.observatory.queries.booklets import list_booklets, print_booklet, print_edition
from membership.observatory.queries.comparisons import compare, evolution
from membership.observatory.queries.editions import (
    document,
    document_of,
    export_rows,
    find_edition,
    list_editions,
    portraits_of,
    published_edition,
)
from membership.observatory.queries.portraits import compute, preview, responses_of
from membership.observatory.queries.versions import asked_in, find_indicators, indicator_sets, secrecy_rules

__all__ = [
    "asked_in",
    "compare",
    "compute",
    "document",
    "document_of",
    "evolution",
    "export_rows",
    "find_edition",
    "find_indicators",
    "indicator_sets",
    "list_booklets",
    "list_editions",
    "portraits_of",
    "preview",
    "print_booklet",
    "print_edition",
    "published_edition",
    "responses_of",
    "secrecy_rules",
]
