"""Reads of the solidarity calls, of their applications and of their jury."""

from training.solidarity_calls.queries.applications import (
    APPLICATION,
    APPLICATIONS_HEADER,
    applications_of,
    export_applications,
    find_application,
    list_applications,
    list_spending,
    reached_application,
)
from training.solidarity_calls.queries.calls import (
    CALL,
    find_call,
    list_calls,
    reached_call,
    reads_all,
    totals_of,
)
from training.solidarity_calls.queries.jury import (
    decided,
    decision_record,
    list_board,
    scores,
)

__all__ = [
    "APPLICATION",
    "APPLICATIONS_HEADER",
    "CALL",
    "applications_of",
    "decided",
    "decision_record",
    "export_applications",
    "find_application",
    "find_call",
    "list_applications",
    "list_board",
    "list_calls",
    "list_spending",
    "reached_application",
    "reached_call",
    "reads_all",
    "scores",
    "totals_of",
]
