"""Loads and saves the solidarity calls; the only writer of their tables."""

from training.solidarity_calls.repository.applications import (
    add_application,
    add_spending,
    application_of,
    hold_application,
    hold_waiting,
    save_closed,
    save_decided,
    save_project,
    save_ranked,
    save_submitted,
    save_withdrawn,
    spendings_of,
    spent_of,
)
from training.solidarity_calls.repository.calls import (
    add_call,
    call_of,
    delete_call,
    hold_call,
    save_call,
)
from training.solidarity_calls.repository.scores import (
    add_score,
    own_scores,
    score_of,
    scores_of,
)

__all__ = [
    "add_application",
    "add_call",
    "add_score",
    "add_spending",
    "application_of",
    "call_of",
    "delete_call",
    "hold_application",
    "hold_call",
    "hold_waiting",
    "own_scores",
    "save_call",
    "save_closed",
    "save_decided",
    "save_project",
    "save_ranked",
    "save_submitted",
    "save_withdrawn",
    "score_of",
    "scores_of",
    "spendings_of",
    "spent_of",
]
