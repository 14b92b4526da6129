"""The applications, their instalments and their documents, as they are kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.fund.domain import (
    NOTHING,
    Award,
    BudgetLine,
    Decision,
    FundApplication,
    FundApplicationNotFound,
    FundApplicationStatus,
    FundCall,
    FundProject,
    Instalment,
)
from dues.fund.repository.calls import call_of
from dues.fund.tables import FundApplicationRow, FundAttachmentRow, FundCallRow, FundInstalmentRow

_ID: Any = col(FundApplicationRow.id)


async def add_application(tx: Tx, call: FundCall, delegation: str, project: FundProject) -> UUID:
    """Insert a draft; return its id."""
    application_id = new_id()
    values = {
        **_project(project),
        "id": application_id,
        "call_id": call.id,
        "delegation": delegation,
        "status": FundApplicationStatus.DRAFT.value,
        "conditions": "",
        "reason": "",
        "created_at": tx.now,
        "created_by": tx.actor.subject,
        "version": 1,
    }
    await tx.session.execute(insert(FundApplicationRow).values(**values))
    return application_id


async def hold_application(tx: Tx, application_id: UUID) -> FundApplication:
    """Load an application and hold it. Raises FundApplicationNotFound."""
    row = await tx.session.get(FundApplicationRow, application_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise FundApplicationNotFound("Cette demande n'existe pas.")
    return (await loaded(tx, [(row, await tx.session.get_one(FundCallRow, row.call_id))]))[0]


async def hold_waiting(tx: Tx, call_id: UUID) -> list[FundApplication]:
    """Load the applications of a call that wait for a decision, and hold them."""
    query = (
        select(FundApplicationRow, FundCallRow)
        .join(FundCallRow, col(FundCallRow.id) == col(FundApplicationRow.call_id))
        .where(
            col(FundApplicationRow.call_id) == call_id,
            col(FundApplicationRow.status) == FundApplicationStatus.SUBMITTED.value,
        )
        .order_by(_ID)
        .with_for_update(of=FundApplicationRow)
    )
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).all()
    return await loaded(tx, rows)


async def loaded(read: Read, rows: Sequence[Any]) -> list[FundApplication]:
    """Read rows of an application and its call as the rules know them, with what was awarded."""
    query = select(FundInstalmentRow).where(
        col(FundInstalmentRow.application_id).in_([application.id for application, _ in rows])
    )
    query = query.order_by(col(FundInstalmentRow.number)).execution_options(populate_existing=True)
    by_application: dict[UUID, list[Instalment]] = {}
    for one in (await read.session.execute(query)).scalars():
        kept = Instalment(one.number, one.label, one.amount, one.needs_report, one.paid, one.paid_on)
        by_application.setdefault(one.application_id, []).append(kept)
    return [_application(row, call_of(call), by_application.get(row.id, [])) for row, call in rows]


async def save_project(tx: Tx, application: FundApplication) -> None:
    """Save what a delegation wrote of a held application."""
    await _change(tx, application, **_project(application.project))


async def save_submitted(tx: Tx, application: FundApplication, reference: str) -> None:
    """Save that a held draft was submitted, under a number."""
    status = FundApplicationStatus.SUBMITTED.value
    await _change(
        tx, application, status=status, reference=reference, submitted_on=tx.today, submitted_by=tx.actor.subject
    )


async def save_withdrawn(tx: Tx, application: FundApplication) -> None:
    """Save that a held application was withdrawn."""
    await _change(tx, application, status=FundApplicationStatus.WITHDRAWN.value)


async def save_refused(tx: Tx, application: FundApplication, decision: Decision, sitting_on: date) -> None:
    """Save that the board refused a held application."""
    await _change(tx, application, status=FundApplicationStatus.REFUSED.value, **_decided(tx, decision, sitting_on))


async def save_awarded(
    tx: Tx, application: FundApplication, decision: Decision, award: Award, letter: Mapping[str, Any]
) -> None:
    """Save what the board awarded to a held application, and the letter that tells it."""
    await _change(
        tx,
        application,
        status=FundApplicationStatus.AWARDED.value,
        awarded=award.amount,
        letter=dict(letter),
        letter_on=tx.today,
        **_decided(tx, decision, award.sitting_on),
    )
    await tx.session.execute(
        insert(FundInstalmentRow),
        [
            {
                "application_id": application.id,
                "number": one.number,
                "label": one.label,
                "amount": one.amount,
                "needs_report": one.needs_report,
                "paid": None,
                "paid_on": None,
            }
            for one in award.instalments
        ],
    )


async def save_paid(tx: Tx, application: FundApplication, number: int, amount: Decimal, paid_on: date) -> None:
    """Save what was paid of an instalment of a held application."""
    statement = update(FundInstalmentRow).where(
        col(FundInstalmentRow.application_id) == application.id, col(FundInstalmentRow.number) == number
    )
    await tx.session.execute(statement.values(paid=amount, paid_on=paid_on))


async def save_award(tx: Tx, application: FundApplication, **changes: date | None) -> None:
    """Save what became of the award of a held application: its report, its end."""
    await _change(tx, application, **changes)


async def add_attachment(tx: Tx, attachment: FundAttachmentRow) -> None:
    """Keep a document beside those sent before."""
    tx.session.add(attachment)
    await tx.session.flush()


async def delete_attachment(tx: Tx, attachment_id: UUID) -> None:
    """Forget a document."""
    await tx.session.execute(delete(FundAttachmentRow).where(col(FundAttachmentRow.id) == attachment_id))


async def attachments_of(read: Read, application_ids: Collection[UUID]) -> dict[UUID, list[FundAttachmentRow]]:
    """Return the documents of some applications, each in the order in which they were sent."""
    query = select(FundAttachmentRow).where(col(FundAttachmentRow.application_id).in_(application_ids))
    found: dict[UUID, list[FundAttachmentRow]] = {application_id: [] for application_id in application_ids}
    for row in (await read.session.execute(query.order_by(col(FundAttachmentRow.id)))).scalars():
        found[row.application_id].append(row)
    return found


async def awarded_of(tx: Tx, call_id: UUID) -> Decimal:
    """Return what was awarded so far of a held call."""
    query = select(func.sum(col(FundApplicationRow.awarded))).where(col(FundApplicationRow.call_id) == call_id)
    return (await tx.session.execute(query)).scalar_one() or NOTHING


async def _change(tx: Tx, application: FundApplication, **changes: object) -> None:
    statement = update(FundApplicationRow).where(application.id == _ID)
    await tx.session.execute(statement.values(**changes, version=application.version + 1))


def _decided(tx: Tx, decision: Decision, sitting_on: date) -> dict[str, object]:
    return {
        "sitting_on": sitting_on,
        "conditions": decision.conditions,
        "reason": decision.reason,
        "decided_by": tx.actor.subject,
    }


def _project(project: FundProject) -> dict[str, object]:
    return {
        "title": project.title,
        "description": project.description,
        "asked": project.asked,
        "costs": _written(project.costs),
        "funding": _written(project.funding),
        "starts_on": project.starts_on,
        "ends_on": project.ends_on,
    }


def _written(lines: Iterable[BudgetLine]) -> list[dict[str, str]]:
    return [{"label": line.label, "amount": str(line.amount)} for line in lines]


def _lines(written: Iterable[Mapping[str, str]]) -> tuple[BudgetLine, ...]:
    return tuple(BudgetLine(line["label"], Decimal(line["amount"])) for line in written)


def _application(row: FundApplicationRow, call: FundCall, instalments: Sequence[Instalment]) -> FundApplication:
    return FundApplication(
        id=row.id,
        call=call,
        delegation=row.delegation,
        project=FundProject(
            title=row.title,
            description=row.description,
            asked=row.asked,
            costs=_lines(row.costs),
            funding=_lines(row.funding),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        ),
        status=FundApplicationStatus(row.status),
        reference=row.reference,
        award=_award(row, instalments),
        version=row.version,
    )


def _award(row: FundApplicationRow, instalments: Sequence[Instalment]) -> Award | None:
    if row.awarded is None or row.sitting_on is None:
        return None
    return Award(
        amount=row.awarded,
        sitting_on=row.sitting_on,
        instalments=tuple(instalments),
        report_received_on=row.report_received_on,
        closed_on=row.closed_on,
    )
