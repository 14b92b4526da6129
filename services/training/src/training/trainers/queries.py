"""Reads of the trainers."""

from collections.abc import Collection, Mapping
from uuid import UUID

from common.transaction import Read
from training.trainers import repository
from training.trainers.domain import Trainer, TrainerNotFound


async def trainers_by_id(read: Read, ids: Collection[UUID]) -> Mapping[UUID, Trainer]:
    """Return some trainers, whole: what each may teach, when it is not there, what it costs. Raises TrainerNotFound."""
    found = await repository.get(read, ids)
    if found.keys() != set(ids):
        raise TrainerNotFound("Ce formateur n'existe pas.")
    return found
