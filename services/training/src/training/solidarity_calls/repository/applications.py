"""The applications and what became of them, as they are kept."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from training.solidarity_calls.domain import (
    Application,
    Award,
    BudgetLine,
    Call,
    Decision,
    Project,
    Ranked,
    SolidarityApplicationNotFound,
    SolidarityApplicationStatus,
    SolidarityPublic,
    Spending,
    Spent,
    outcome_of,
    seats,
)
from training.solidarity_calls.repository.calls import call_of
from training.solidarity_calls.tables import ApplicationRow, CallRow, SpendingRow

_ID: Any = col(ApplicationRow.id)


async def add_application(tx: Tx, call: Call, member_id: UUID, project: Project) -> UUID:
    """Insert a draft; return its id."""
    application_id = new_id()
    values = {
        **_project(project),
        "id": application_id,
        "call_id": call.id,
        "member_id": member_id,
        "status": SolidarityApplicationStatus.DRAFT.value,
        "reason": "",
        "created_at": tx.now,
        "created_by": tx.actor.subject,
        "version": 1,
    }
    await tx.session.execute(insert(ApplicationRow).values(**values))
    return application_id


async def hold_application(tx: Tx, application_id: UUID) -> Application:
    """Load an application and hold it. Raises SolidarityApplicationNotFound."""
    query = _with_call().where(application_id == _ID).with_for_update(of=ApplicationRow)
    row = (await tx.session.execute(query)).one_or_none()
    if row is None:
        raise SolidarityApplicationNotFound("Cette demande n'existe pas.")
    return application_of(*row)


async def hold_waiting(tx: Tx, call_id: UUID) -> list[Application]:
    """Load the applications of a call that wait for the jury, and hold them."""
    query = _with_call().where(
        col(ApplicationRow.call_id) == call_id,
        col(ApplicationRow.status) == SolidarityApplicationStatus.SUBMITTED.value,
    )
    rows = (await tx.session.execute(query.order_by(_ID).with_for_update(of=ApplicationRow))).all()
    return [application_of(*row) for row in rows]


async def save_project(tx: Tx, application: Application, project: Project) -> None:
    """Save what a structure wrote of a held draft."""
    await _change(tx, application, **_project(project))


async def save_submitted(tx: Tx, application: Application, reference: str) -> None:
    """Save that a held draft was submitted, under a number."""
    status = SolidarityApplicationStatus.SUBMITTED.value
    told = {"submitted_on": tx.today, "submitted_by": tx.actor.subject}
    await _change(tx, application, status=status, reference=reference, **told)


async def save_withdrawn(tx: Tx, application: Application) -> None:
    """Save that a held application was withdrawn."""
    await _change(tx, application, status=SolidarityApplicationStatus.WITHDRAWN.value)


async def save_ranked(tx: Tx, applications: Sequence[Application], ranked: Sequence[Ranked]) -> None:
    """Save the frozen ranking of held applications."""
    found = {one.id: one for one in applications}
    for place in ranked:
        await _change(tx, found[place.application_id], rank=place.rank, score=place.score)


async def save_decided(tx: Tx, application: Application, decision: Decision) -> None:
    """Save what was decided of a held application."""
    awarded = decision.amount
    await _change(
        tx,
        application,
        status=outcome_of(application, decision).value,
        decided_on=tx.today,
        awarded=awarded,
        awarded_trainees=None if awarded is None else seats(application, decision),
        reason=decision.reason,
    )


async def save_closed(tx: Tx, application: Application) -> None:
    """Save that the award of a held application is closed."""
    await _change(tx, application, closed_on=tx.today)


async def add_spending(tx: Tx, application: Application, spending: Spending) -> None:
    """Note what a part of an award was spent on."""
    values = {
        **asdict(spending),
        "id": new_id(),
        "application_id": application.id,
        "recorded_at": tx.now,
        "recorded_by": tx.actor.subject,
    }
    await tx.session.execute(insert(SpendingRow).values(**values))
    await _change(tx, application)


async def spent_of(read: Read, application_ids: Collection[UUID]) -> dict[UUID, Spent]:
    """Return what was spent of the awards of some applications."""
    summed = [func.sum(col(getattr(SpendingRow, name))) for name in ("trainees", "hours", "amount")]
    query = select(col(SpendingRow.application_id), *summed).where(col(SpendingRow.application_id).in_(application_ids))
    rows = await read.session.execute(query.group_by(col(SpendingRow.application_id)))
    found = {row[0]: Spent(trainees=row[1], hours=row[2], amount=row[3]) for row in rows}
    return {one: found.get(one, Spent()) for one in application_ids}


async def spendings_of(read: Read, application_id: UUID) -> list[SpendingRow]:
    """Return what an award was spent on, in the order in which it was noted."""
    query = select(SpendingRow).where(col(SpendingRow.application_id) == application_id)
    return list((await read.session.execute(query.order_by(col(SpendingRow.id)))).scalars())


def application_of(row: ApplicationRow, call: CallRow) -> Application:
    """Read a row and its call's as the rules know an application."""
    return Application(
        id=row.id,
        call=call_of(call),
        member_id=row.member_id,
        project=Project(
            title=row.title,
            description=row.description,
            partners=tuple(row.partners),
            public=None if row.public is None else SolidarityPublic(row.public),
            trainees=row.trainees,
            hours=row.hours,
            asked=row.asked,
            costs=tuple(BudgetLine(line["label"], Decimal(line["amount"])) for line in row.costs),
        ),
        status=SolidarityApplicationStatus(row.status),
        reference=row.reference,
        rank=row.rank,
        score=row.score,
        award=_award(row),
        version=row.version,
    )


def _award(row: ApplicationRow) -> Award | None:
    if row.awarded is None or row.awarded_trainees is None or row.decided_on is None:
        return None
    return Award(amount=row.awarded, trainees=row.awarded_trainees, decided_on=row.decided_on, closed_on=row.closed_on)


def _with_call() -> Select[Any]:
    query: Select[Any] = select(ApplicationRow).add_columns(CallRow)
    query = query.join(CallRow, col(CallRow.id) == col(ApplicationRow.call_id))
    return query.execution_options(populate_existing=True)


async def _change(tx: Tx, application: Application, **changes: object) -> None:
    statement = update(ApplicationRow).where(application.id == _ID)
    await tx.session.execute(statement.values(**changes, version=application.version + 1))


def _project(project: Project) -> dict[str, object]:
    said = {name: getattr(project, name) for name in Project.__slots__}
    return {
        **said,
        "partners": list(project.partners),
        "public": project.public and project.public.value,
        "costs": [{"label": line.label, "amount": str(line.amount)} for line in project.costs],
    }
