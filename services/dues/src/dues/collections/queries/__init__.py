"""Reads of collections: what there is to collect, the runs, their lines."""

from dues.collections.queries.banked import banked_lines, banked_runs
from dues.collections.queries.claims import (
    action_of,
    after_return,
    came_back,
    collection_rules,
    due_claims,
    mandates_on,
    propose_on,
    receipts_of,
    setting_for,
)
from dues.collections.queries.lines import find_line, lines_to_export, list_lines
from dues.collections.queries.runs import filed, find_run, list_runs, preview, shown_rules

__all__ = [
    "action_of",
    "after_return",
    "banked_lines",
    "banked_runs",
    "came_back",
    "collection_rules",
    "due_claims",
    "filed",
    "find_line",
    "find_run",
    "lines_to_export",
    "list_lines",
    "list_runs",
    "mandates_on",
    "preview",
    "propose_on",
    "receipts_of",
    "setting_for",
    "shown_rules",
]
