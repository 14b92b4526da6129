"""Reads of reminders: what is to be reminded, what was, what stops it."""

from dues.reminders.queries.holds import (
    HOLD_HEADER,
    excused,
    export_holds,
    find_hold,
    held,
    list_holds,
    list_region_calls,
)
from dues.reminders.queries.members import call_situation, member_situation
from dues.reminders.queries.proposals import (
    PROPOSAL_HEADER,
    Proposed,
    export_proposals,
    gaps,
    list_proposals,
    proposals_of,
    reminder_rules,
    rule_out,
)
from dues.reminders.queries.sent import (
    REMINDER_HEADER,
    export_reminders,
    find_reminder,
    find_run,
    list_reminders,
    list_runs,
    reminded_of,
)

__all__ = [
    "HOLD_HEADER",
    "PROPOSAL_HEADER",
    "REMINDER_HEADER",
    "Proposed",
    "call_situation",
    "excused",
    "export_holds",
    "export_proposals",
    "export_reminders",
    "find_hold",
    "find_reminder",
    "find_run",
    "gaps",
    "held",
    "list_holds",
    "list_proposals",
    "list_region_calls",
    "list_reminders",
    "list_runs",
    "member_situation",
    "proposals_of",
    "reminded_of",
    "reminder_rules",
    "rule_out",
]
