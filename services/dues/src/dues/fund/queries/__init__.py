"""Reads of the mutual fund: its statement, its calls for projects, the applications."""

from dues.fund.queries.applications import EXPORT_HEADER as APPLICATIONS_HEADER
from dues.fund.queries.applications import (
    export_applications,
    find_application,
    find_attachment,
    letter_of,
    list_applications,
    reached_application,
    schedule_out,
    schedule_rules,
    summary_of,
)
from dues.fund.queries.calls import find_call, list_calls, reached_call
from dues.fund.queries.statement import EXPORT_HEADER as LINES_HEADER
from dues.fund.queries.statement import export_lines, list_lines, position, statement

__all__ = [
    "APPLICATIONS_HEADER",
    "LINES_HEADER",
    "export_applications",
    "export_lines",
    "find_application",
    "find_attachment",
    "find_call",
    "letter_of",
    "list_applications",
    "list_calls",
    "list_lines",
    "position",
    "reached_application",
    "reached_call",
    "schedule_out",
    "schedule_rules",
    "statement",
    "summary_of",
]
