"""The rules of reminders: what is to be reminded on a day, at which level, and what keeps it from being sent.

Dues are no commercial supply: a reminder asks for what is owed, and for no penalty or indemnity (domain.md §6.2).
"""

from dues.reminders.domain.dispatch import Dispatch, Means, require_dispatch, require_unsent
from dues.reminders.domain.holds import (
    CallOutcome,
    Hold,
    HoldReason,
    HoldState,
    RegionCall,
    require_call,
    require_hold_days,
    require_liftable,
    why_held,
    why_planned,
    why_promised,
    why_studied,
)
from dues.reminders.domain.levels import DayKind, Level, ReminderRule, days_after
from dues.reminders.domain.proposal import LateCall, Proposal, Reminded, Ripe, by_member, propose, ripe
from dues.reminders.domain.refusals import (
    HoldDaysWrong,
    HoldEnded,
    NobodyToRemind,
    RegionCallWrong,
    ReminderChoiceUnclear,
    ReminderDispatchWrong,
    ReminderHoldNotFound,
    ReminderNotFound,
    ReminderNotPrinted,
    ReminderRunNotFound,
    ReminderSent,
)

__all__ = [
    "CallOutcome",
    "DayKind",
    "Dispatch",
    "Hold",
    "HoldDaysWrong",
    "HoldEnded",
    "HoldReason",
    "HoldState",
    "LateCall",
    "Level",
    "Means",
    "NobodyToRemind",
    "Proposal",
    "RegionCall",
    "RegionCallWrong",
    "Reminded",
    "ReminderChoiceUnclear",
    "ReminderDispatchWrong",
    "ReminderHoldNotFound",
    "ReminderNotFound",
    "ReminderNotPrinted",
    "ReminderRule",
    "ReminderRunNotFound",
    "ReminderSent",
    "Ripe",
    "by_member",
    "days_after",
    "propose",
    "require_call",
    "require_dispatch",
    "require_hold_days",
    "require_liftable",
    "require_unsent",
    "ripe",
    "why_held",
    "why_planned",
    "why_promised",
    "why_studied",
]
