"""What is done with the solidarity calls: run one, answer it, judge it, follow its awards."""

from training.solidarity_calls.use_cases.applications import (
    change_application,
    draft_application,
    held_application,
    submit,
    withdraw,
)
from training.solidarity_calls.use_cases.calls import (
    change_call,
    decide,
    delete_call,
    draft_call,
    freeze_ranking,
    open_call,
)
from training.solidarity_calls.use_cases.jury import (
    close_award,
    decline,
    give_score,
    spend,
)

__all__ = [
    "change_application",
    "change_call",
    "close_award",
    "decide",
    "decline",
    "delete_call",
    "draft_application",
    "draft_call",
    "freeze_ranking",
    "give_score",
    "held_application",
    "open_call",
    "spend",
    "submit",
    "withdraw",
]
