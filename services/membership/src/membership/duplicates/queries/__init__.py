"""Reads of duplicates: the pairs within reach, what their merge would do, and what stands against it or its undoing."""

from membership.duplicates.queries.reading import (
    draw,
    find_pair,
    list_pairs,
    plan_out,
    require_reached,
    show_plan,
    undo_rules,
)
from membership.duplicates.queries.undoing import undo_obstacle

__all__ = [
    "draw",
    "find_pair",
    "list_pairs",
    "plan_out",
    "require_reached",
    "show_plan",
    "undo_obstacle",
    "undo_rules",
]
