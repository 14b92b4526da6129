"""Reads of matters, whoever asks: the board decides on all of them."""

from collections.abc import Sequence
from uuid import UUID

from common.transaction import Read
from membership.applications import queries as applications
from membership.matters.domain import Matter
from membership.measures import queries as measures


async def matters_of(source: Read, ids: Sequence[UUID]) -> dict[UUID, Matter]:
    """Return those of these that are applications or measures, each with its structure."""
    if not ids:
        return {}
    files = [Matter(file, structure) for file, structure in await applications.among(source, ids)]
    about_members = [Matter(measure, structure) for measure, structure in await measures.among(source, ids)]
    return {matter.id: matter for matter in (*files, *about_members)}
