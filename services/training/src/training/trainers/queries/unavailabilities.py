"""Reads of when the trainers are not there. Why is shown to the training team alone."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.pagination import Order, Page, paginate
from common.transaction import Read
from training.trainers import repository
from training.trainers.domain import UnavailabilityNotFound
from training.trainers.queries.trainers import shows_all
from training.trainers.schemas import UnavailabilityListParams, UnavailabilityOut
from training.trainers.tables import TrainerRow, UnavailabilityRow

_ABSENCE: Any = UnavailabilityRow.__table__  # type: ignore[attr-defined]
_TRAINER: Any = TrainerRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"first_day": _ABSENCE.c.first_day}, default="first_day", unique=_ABSENCE.c.id)


async def list_unavailabilities(read: Read, params: UnavailabilityListParams) -> Page[UnavailabilityOut]:
    """Return one page of when the trainers are not there."""
    query = _query()
    if params.trainer_id:
        query = query.where(_ABSENCE.c.trainer_id.in_(params.trainer_id))
    if params.day_from:
        query = query.where(_ABSENCE.c.last_day >= params.day_from)
    if params.day_to:
        query = query.where(_ABSENCE.c.first_day <= params.day_to)
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(read, *row) for row in rows], next_cursor=cursor, total=total)


async def find_unavailability(read: Read, unavailability_id: UUID) -> UnavailabilityOut:
    """Return when a trainer is not there. Raises UnavailabilityNotFound."""
    row = (await read.session.execute(_query().where(_ABSENCE.c.id == unavailability_id))).one_or_none()
    if row is None:
        raise UnavailabilityNotFound("Cette indisponibilité n'existe pas.")
    return _out(read, *row)


def _query() -> Select[Any]:
    return select(UnavailabilityRow, _TRAINER.c.name).join(_TRAINER, _TRAINER.c.id == _ABSENCE.c.trainer_id)


def _out(read: Read, row: UnavailabilityRow, name: str) -> UnavailabilityOut:
    absence = repository.unavailability_of(row)
    return UnavailabilityOut(
        id=row.id,
        trainer_id=row.trainer_id,
        trainer_name=name,
        first_day=absence.first.day,
        first_half=absence.first.half,
        last_day=absence.last.day,
        last_half=absence.last.half,
        reason=absence.reason if shows_all(read) else None,
    )
