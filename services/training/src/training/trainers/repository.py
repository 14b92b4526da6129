"""Loads and saves the trainers, their competences and their unavailabilities; the only writer of their tables."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from common.transaction import Read
from training.trainers.domain import (
    Competence,
    Contractor,
    Cost,
    CostUnit,
    Evidence,
    Half,
    HalfDay,
    Profile,
    Trainer,
    TrainerKind,
    Unavailability,
    UnavailabilityReason,
    Withdrawal,
)
from training.trainers.tables import CompetenceRow, TrainerRow, UnavailabilityRow

_COMPETENCE: Any = CompetenceRow.__table__  # type: ignore[attr-defined]
_UNAVAILABILITY: Any = UnavailabilityRow.__table__  # type: ignore[attr-defined]


async def get(read: Read, ids: Collection[UUID]) -> dict[UUID, Trainer]:
    """Load those of some trainers that exist, whole."""
    rows = (await read.session.execute(select(TrainerRow).where(col(TrainerRow.id).in_(ids)))).scalars()
    return await _whole(read, list(rows))


async def _whole(read: Read, rows: Collection[TrainerRow]) -> dict[UUID, Trainer]:
    ids = [row.id for row in rows]
    competences, unavailabilities = await _competences(read, ids), await _unavailabilities(read, ids)
    return {
        row.id: Trainer(
            id=row.id,
            profile=_profile(row),
            competences=tuple(competences[row.id]),
            unavailabilities=tuple(unavailabilities[row.id]),
            archived_on=row.archived_on,
            erased_on=row.erased_on,
            version=row.version,
        )
        for row in rows
    }


async def _competences(read: Read, ids: Collection[UUID]) -> dict[UUID, list[Competence]]:
    query = select(CompetenceRow).where(_COMPETENCE.c.trainer_id.in_(ids))
    found: dict[UUID, list[Competence]] = defaultdict(list)
    for row in (await read.session.execute(query.order_by(_COMPETENCE.c.assessed_on, _COMPETENCE.c.id))).scalars():
        found[row.trainer_id].append(competence_of(row))
    return found


async def _unavailabilities(read: Read, ids: Collection[UUID]) -> dict[UUID, list[Unavailability]]:
    query = select(UnavailabilityRow).where(_UNAVAILABILITY.c.trainer_id.in_(ids))
    order = (_UNAVAILABILITY.c.first_day, _UNAVAILABILITY.c.id)
    found: dict[UUID, list[Unavailability]] = defaultdict(list)
    for row in (await read.session.execute(query.order_by(*order))).scalars():
        found[row.trainer_id].append(unavailability_of(row))
    return found


def competence_of(row: CompetenceRow) -> Competence:
    """Read a competence."""
    withdrawal = None
    if row.withdrawn_on is not None:
        withdrawal = Withdrawal(row.withdrawn_on, row.withdrawal_reason or "", row.withdrawn_by or "")
    return Competence(
        id=row.id,
        programme_code=row.programme_code,
        theme=row.theme,
        evidence=Evidence(row.evidence),
        reference=row.reference,
        assessed_on=row.assessed_on,
        assessed_by=row.assessed_by,
        valid_until=row.valid_until,
        withdrawal=withdrawal,
    )


def unavailability_of(row: UnavailabilityRow) -> Unavailability:
    """Read an unavailability."""
    first = HalfDay(row.first_day, Half(row.first_half))
    last = HalfDay(row.last_day, Half(row.last_half))
    return Unavailability(row.id, first, last, UnavailabilityReason(row.reason))


def _profile(row: TrainerRow) -> Profile:
    contractor = cost = None
    if row.contractor_name is not None and row.contractor_siret is not None:
        contractor = Contractor(row.contractor_name, row.contractor_siret, row.contractor_nda, row.subcontract)
    if row.cost is not None and row.cost_unit is not None:
        cost = Cost(row.cost, CostUnit(row.cost_unit), row.cost_note)
    return Profile(
        name=row.name,
        kind=TrainerKind(row.kind),
        email=row.email,
        phone=row.phone,
        account=row.account,
        contractor=contractor,
        delegations=tuple(row.delegations),
        cost=cost,
    )
