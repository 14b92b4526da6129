"""Loads and saves applications; the only writer of the table ``application``."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col

from common.transaction import Tx
from membership.applications.domain import Application, ApplicationNotFound, ApplicationStatus
from membership.applications.tables import ApplicationRow


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load applications and hold them. Raises ApplicationNotFound naming the first that does not exist."""
    query = select(ApplicationRow).where(col(ApplicationRow.id).in_(ids)).order_by(col(ApplicationRow.id))
    found = {row.id: _to_domain(row) for row in (await tx.session.execute(query.with_for_update())).scalars()}
    for wanted in ids:
        if wanted not in found:
            raise ApplicationNotFound(f"La candidature {wanted} n'existe pas.")
    return found


async def add(tx: Tx, applications: Sequence[Application]) -> None:
    """Insert new applications."""
    if applications:
        await tx.session.execute(insert(ApplicationRow), [_values(application) for application in applications])


async def save(tx: Tx, application: Application) -> None:
    """Write an application that was loaded for update."""
    statement = update(ApplicationRow).where(col(ApplicationRow.id) == application.id)
    await tx.session.execute(statement.values(**_values(application)))


def _values(application: Application) -> dict[str, object]:
    return {
        "id": application.id,
        "member_id": application.member_id,
        "received_on": application.received_on,
        "status": application.status.value,
        "sitting_id": application.sitting_id,
        "decided_on": application.decided_on,
    }


def _to_domain(row: ApplicationRow) -> Application:
    return Application(
        id=row.id,
        member_id=row.member_id,
        received_on=row.received_on,
        status=ApplicationStatus(row.status),
        sitting_id=row.sitting_id,
        decided_on=row.decided_on,
    )
