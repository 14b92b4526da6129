"""Loads and saves the trainers, their competences and their unavailabilities; the only writer of their tables."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.characters import normalise
from common.transaction import Read, Tx
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
    TrainerNotFound,
    Unavailability,
    UnavailabilityReason,
    Withdrawal,
)
from training.trainers.tables import CompetenceRow, TrainerRow, UnavailabilityRow

_COMPETENCE: Any = CompetenceRow.__table__  # type: ignore[attr-defined]
_UNAVAILABILITY: Any = UnavailabilityRow.__table__  # type: ignore[attr-defined]


async def get(read: Read, ids: Collection[UUID]) -> dict[UUID, Trainer]:
    """Load those of some trainers that exist, whole."""
    rows = (await read.session.execute(select(TrainerRow).where(col(TrainerRow.id).in_(ids)))).scalars().all()
    return await _whole(read, rows)


async def hold(tx: Tx, trainer_id: UUID) -> Trainer:
    """Load a trainer whole, and keep others from changing it until the transaction ends. Raises TrainerNotFound."""
    query = select(TrainerRow).where(col(TrainerRow.id) == trainer_id).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise TrainerNotFound("Ce formateur n'existe pas.")
    return (await _whole(tx, [row]))[row.id]


async def add(tx: Tx, trainer: Trainer) -> bool:
    """Save a new trainer; tell whether its account was free."""
    values = {**_values(tx, trainer), "id": trainer.id, "created_at": tx.now, "created_by": tx.actor.subject}
    return await _if_account_is_free(tx, insert(TrainerRow).values(values))


async def save(tx: Tx, trainer: Trainer) -> bool:
    """Save what a trainer became; tell whether its account was free."""
    statement = update(TrainerRow).where(col(TrainerRow.id) == trainer.id)
    return await _if_account_is_free(tx, statement.values(_values(tx, trainer)))


async def forget(tx: Tx, trainer: Trainer) -> None:
    """Save what is left of what an erased trainer could teach, and none of its absences."""
    for competence in trainer.competences:
        await save_competence(tx, competence)
    await tx.session.execute(delete(UnavailabilityRow).where(_UNAVAILABILITY.c.trainer_id == trainer.id))


async def trainer_of_competence(read: Read, competence_id: UUID) -> UUID | None:
    """Return whose a competence is, None where there is none of this identifier."""
    query = select(_COMPETENCE.c.trainer_id).where(_COMPETENCE.c.id == competence_id)
    found: UUID | None = (await read.session.execute(query)).scalar_one_or_none()
    return found


async def add_competence(tx: Tx, trainer_id: UUID, added: Competence) -> None:
    """Save what a trainer may teach from now on."""
    written = {"id": added.id, "trainer_id": trainer_id, "recorded_at": tx.now, "recorded_by": tx.actor.subject}
    await tx.session.execute(insert(CompetenceRow).values({**_competence_values(added), **written}))


async def save_competence(tx: Tx, changed: Competence) -> None:
    """Save what a competence became."""
    statement = update(CompetenceRow).where(_COMPETENCE.c.id == changed.id)
    await tx.session.execute(statement.values(_competence_values(changed)))


async def add_unavailability(tx: Tx, trainer_id: UUID, added: Unavailability) -> None:
    """Save when a trainer is not there."""
    await tx.session.execute(
        insert(UnavailabilityRow).values(
            id=added.id,
            trainer_id=trainer_id,
            first_day=added.first.day,
            first_half=added.first.half.value,
            last_day=added.last.day,
            last_half=added.last.half.value,
            reason=added.reason.value,
            recorded_at=tx.now,
            recorded_by=tx.actor.subject,
        )
    )


async def remove_unavailability(tx: Tx, unavailability_id: UUID) -> bool:
    """Delete when a trainer is not there; tell whether it was declared."""
    statement = delete(UnavailabilityRow).where(_UNAVAILABILITY.c.id == unavailability_id)
    removed = await tx.session.execute(statement.returning(_UNAVAILABILITY.c.id))
    return removed.scalar_one_or_none() is not None


async def _if_account_is_free(tx: Tx, statement: Any) -> bool:
    try:
        async with tx.savepoint():
            await tx.session.execute(statement)
    except IntegrityError as error:
        if "uq_trainer_account" in str(error.orig):
            return False
        raise
    return True


async def _whole(read: Read, rows: Collection[TrainerRow]) -> dict[UUID, Trainer]:
    ids = [row.id for row in rows]
    competences, unavailabilities = await _competences(read, ids), await _unavailabilities(read, ids)
    return {
        row.id: replace(
            trainer_of(row),
            competences=tuple(competences[row.id]),
            unavailabilities=tuple(unavailabilities[row.id]),
        )
        for row in rows
    }


def trainer_of(row: TrainerRow) -> Trainer:
    """Read a trainer, without what it may teach and when it is not there."""
    return Trainer(
        id=row.id,
        profile=_profile(row),
        archived_on=row.archived_on,
        erased_on=row.erased_on,
        erasure_reason=row.erasure_reason,
        version=row.version,
    )


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


def _values(tx: Tx, trainer: Trainer) -> dict[str, Any]:
    profile, contractor, cost = trainer.profile, trainer.profile.contractor, trainer.profile.cost
    return {
        "name": profile.name,
        "name_key": normalise(profile.name),
        "kind": profile.kind.value,
        "email": profile.email,
        "phone": profile.phone,
        "account": profile.account,
        "contractor_name": contractor.name if contractor else None,
        "contractor_siret": contractor.siret if contractor else None,
        "contractor_nda": contractor.nda if contractor else None,
        "subcontract": contractor.subcontract if contractor else None,
        "delegations": list(profile.delegations),
        "cost": cost.amount if cost else None,
        "cost_unit": cost.unit.value if cost else None,
        "cost_note": cost.note if cost else "",
        "archived_on": trainer.archived_on,
        "erased_on": trainer.erased_on,
        "erasure_reason": trainer.erasure_reason,
        "version": trainer.version,
        "changed_at": tx.now,
        "changed_by": tx.actor.subject,
    }


def _competence_values(competence: Competence) -> dict[str, Any]:
    withdrawal = competence.withdrawal
    return {
        "programme_code": competence.programme_code,
        "theme": competence.theme,
        "evidence": competence.evidence.value,
        "reference": competence.reference,
        "assessed_on": competence.assessed_on,
        "assessed_by": competence.assessed_by,
        "valid_until": competence.valid_until,
        "withdrawn_on": withdrawal.on if withdrawal else None,
        "withdrawal_reason": withdrawal.reason if withdrawal else None,
        "withdrawn_by": withdrawal.by if withdrawal else None,
    }
