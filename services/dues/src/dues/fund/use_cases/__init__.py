"""What is done with the mutual fund."""

from dues.fund.use_cases.applications import (
    attach,
    change_application,
    detach,
    draft_application,
    submit,
    withdraw,
)
from dues.fund.use_cases.awards import note_report, note_return, pay_instalment, release_award
from dues.fund.use_cases.calls import change_call, decide, delete_call, draft_call, open_call
from dues.fund.use_cases.money import commit, pay, release, take_back

__all__ = [
    "attach",
    "change_application",
    "change_call",
    "commit",
    "decide",
    "delete_call",
    "detach",
    "draft_application",
    "draft_call",
    "note_report",
    "note_return",
    "open_call",
    "pay",
    "pay_instalment",
    "release",
    "release_award",
    "submit",
    "take_back",
    "withdraw",
]
