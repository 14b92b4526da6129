"""Loads and saves the mutual fund; the only writer of its tables."""

from dues.fund.repository.applications import (
    add_application,
    add_attachment,
    attachments_of,
    awarded_of,
    delete_attachment,
    hold_application,
    hold_waiting,
    loaded,
    save_award,
    save_awarded,
    save_paid,
    save_project,
    save_refused,
    save_submitted,
    save_withdrawn,
)
from dues.fund.repository.calls import add_call, call_of, delete_call, hold_call, save_call
from dues.fund.repository.movements import add, committed, hold_fund, outflow, outflows

__all__ = [
    "add",
    "add_application",
    "add_attachment",
    "add_call",
    "attachments_of",
    "awarded_of",
    "call_of",
    "committed",
    "delete_attachment",
    "delete_call",
    "hold_application",
    "hold_call",
    "hold_fund",
    "hold_waiting",
    "loaded",
    "outflow",
    "outflows",
    "save_award",
    "save_awarded",
    "save_call",
    "save_paid",
    "save_project",
    "save_refused",
    "save_submitted",
    "save_withdrawn",
]
