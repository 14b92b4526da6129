"""Loads and saves structures, their entries, and what these say of each day."""

from membership.members.repository.dated import entries_of_days, latest_entries
from membership.members.repository.dues import called_for, calls, stands, years
from membership.members.repository.entries import (
    add_entries,
    add_first_entries,
    announced,
    draw_again,
    entries_about,
    entries_of,
    forget_person,
    to_entry,
)
from membership.members.repository.periods import behind, register_as_of
from membership.members.repository.structures import (
    add,
    answer_again,
    get_for_update,
    get_many_for_update,
    identities,
    mark,
    overdue,
    retract,
    save,
    to_domain,
)

__all__ = [
    "add",
    "add_entries",
    "add_first_entries",
    "announced",
    "answer_again",
    "behind",
    "called_for",
    "calls",
    "draw_again",
    "entries_about",
    "entries_of",
    "entries_of_days",
    "forget_person",
    "get_for_update",
    "get_many_for_update",
    "identities",
    "latest_entries",
    "mark",
    "overdue",
    "register_as_of",
    "retract",
    "save",
    "stands",
    "to_domain",
    "to_entry",
    "years",
]
