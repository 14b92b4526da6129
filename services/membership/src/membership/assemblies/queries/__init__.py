"""Reads of general assemblies: where each stands, who is in the room, what was voted."""

from membership.assemblies.queries.loading import assembly_rules, meeting_of, require_visible
from membership.assemblies.queries.reading import (
    draft_minutes,
    find_assembly,
    find_minutes,
    list_assemblies,
    list_participants,
    list_voters,
    written_minutes,
)
from membership.assemblies.repository import candidacies_naming, stays_naming

__all__ = [
    "assembly_rules",
    "candidacies_naming",
    "draft_minutes",
    "find_assembly",
    "find_minutes",
    "list_assemblies",
    "list_participants",
    "list_voters",
    "meeting_of",
    "require_visible",
    "stays_naming",
    "written_minutes",
]
