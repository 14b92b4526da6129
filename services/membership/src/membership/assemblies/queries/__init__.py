"""Reads of general assemblies: where each stands, who is in the room, what was voted."""

from membership.assemblies.queries.convening import convocations_of, records_of
from membership.assemblies.queries.loading import assembly_rules, load, meeting_of, require_visible
from membership.assemblies.queries.reading import (
    draft_minutes,
    find_assembly,
    find_minutes,
    list_assemblies,
    list_participants,
    list_voters,
    written_minutes,
)
from membership.assemblies.queries.showing import show
from membership.assemblies.repository import candidacies_naming, stays_naming

__all__ = [
    "assembly_rules",
    "candidacies_naming",
    "convocations_of",
    "draft_minutes",
    "find_assembly",
    "find_minutes",
    "list_assemblies",
    "list_participants",
    "list_voters",
    "load",
    "meeting_of",
    "records_of",
    "require_visible",
    "show",
    "stays_naming",
    "written_minutes",
]
