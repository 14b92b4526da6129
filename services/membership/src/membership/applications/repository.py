"""Loads and saves applications, their documents and the opinions on them; the only writer of their tables."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Uuid, any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from common.db import copy_rows
from common.files import StoredFile
from common.identifiers import new_id
from common.transaction import Read, Tx
from membership.applications.domain import (
    Advice,
    Application,
    ApplicationStatus,
    Document,
    DocumentNotFound,
    DocumentState,
    Opinion,
    reservation_kept,
    reservation_of,
)
from membership.applications.tables import ApplicationRow, DocumentRow, OpinionRow


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Application]:
    """Load those of these that are applications, and hold them until the end of the transaction."""
    query = select(ApplicationRow).where(col(ApplicationRow.id).in_(ids)).order_by(col(ApplicationRow.id))
    held = query.with_for_update().execution_options(populate_existing=True)
    return {row.id: to_domain(row) for row in (await tx.session.execute(held)).scalars()}


async def hold_open_of(tx: Tx, member_ids: Sequence[UUID]) -> list[Application]:
    """Load the open applications of some structures, and hold them until the end of the transaction."""
    query = select(ApplicationRow).where(
        col(ApplicationRow.member_id).in_(member_ids), col(ApplicationRow.status) == ApplicationStatus.OPEN.value
    )
    held = query.order_by(col(ApplicationRow.id)).with_for_update().execution_options(populate_existing=True)
    return [to_domain(row) for row in (await tx.session.execute(held)).scalars()]


async def waiting(source: Read) -> dict[UUID, date | None]:
    """Return each structure whose application is open, and since when it is said to be a member."""
    query = select(col(ApplicationRow.member_id), col(ApplicationRow.member_since))
    rows = await source.session.execute(query.where(col(ApplicationRow.status) == ApplicationStatus.OPEN.value))
    return {row.member_id: row.member_since for row in rows}


async def open_since(source: Read) -> list[UUID]:
    """Return the open applications that say since when their structure is a member, of records still in use."""
    query = select(col(ApplicationRow.id)).where(
        col(ApplicationRow.status) == ApplicationStatus.OPEN.value, col(ApplicationRow.member_since).is_not(None)
    )
    return list((await source.session.execute(query.order_by(col(ApplicationRow.id)))).scalars())


async def add(tx: Tx, applications: Sequence[Application]) -> None:
    """Insert new applications."""
    rows = map(_values, applications)
    written = ({**row, "reservations": orjson.dumps(row["reservations"]).decode()} for row in rows)
    await copy_rows(tx.session, "application", written)


async def applying(source: Read, member_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of some structures of which an application is still to be decided."""
    query = select(col(ApplicationRow.member_id)).where(
        col(ApplicationRow.member_id) == _among(member_ids), col(ApplicationRow.status) == ApplicationStatus.OPEN.value
    )
    return set((await source.session.execute(query)).scalars())


async def withdrawn_among(source: Read, ids: Collection[UUID]) -> set[UUID]:
    """Return those of these that are applications that their structure took back."""
    if not ids:
        return set()
    query = select(col(ApplicationRow.id)).where(
        col(ApplicationRow.id).in_(ids), col(ApplicationRow.status) == ApplicationStatus.WITHDRAWN.value
    )
    return set((await source.session.execute(query)).scalars())


async def save(tx: Tx, application: Application) -> None:
    """Write an application that was loaded for update."""
    statement = update(ApplicationRow).where(col(ApplicationRow.id) == application.id)
    await tx.session.execute(statement.values(**_values(application)))


async def save_version(tx: Tx, application_id: UUID, version: int) -> None:
    """Write the version of an application that was loaded for update, and nothing else."""
    statement = update(ApplicationRow).where(col(ApplicationRow.id) == application_id)
    await tx.session.execute(statement.values(version=version))


async def documents_of(source: Read, application_ids: Sequence[UUID]) -> dict[UUID, list[Document]]:
    """Return the documents sent for some applications, in the order of their sending."""
    query = select(DocumentRow).where(col(DocumentRow.application_id) == _among(application_ids))
    found: dict[UUID, list[Document]] = {application_id: [] for application_id in application_ids}
    for row in (await source.session.execute(query.order_by(col(DocumentRow.sent_at), col(DocumentRow.id)))).scalars():
        found[row.application_id].append(document_of(row))
    return found


async def document_row(source: Read, application_id: UUID, document_id: UUID) -> DocumentRow:
    """Load one document of an application. Raises DocumentNotFound."""
    row = await source.session.get(DocumentRow, document_id)
    if row is None or row.application_id != application_id:
        raise DocumentNotFound("Cette pièce n'existe pas.")
    return row


def add_document(tx: Tx, application_id: UUID, document: Document, stored: StoredFile) -> None:
    """Insert a document that was sent."""
    tx.session.add(
        DocumentRow(
            id=document.id,
            application_id=application_id,
            item=document.item,
            filename=document.filename,
            media_type=document.media_type,
            size=stored.size,
            sha256=stored.sha256,
            path=stored.path,
            sent_at=document.sent_at,
            sent_by=tx.actor.subject,
            state=document.state.value,
            remark=None,
            checked_at=None,
            checked_by=None,
        )
    )


def save_check(tx: Tx, row: DocumentRow, document: Document) -> None:
    """Write what a check made of a loaded document."""
    row.state = document.state.value
    row.remark = document.remark
    row.checked_at = tx.now
    row.checked_by = tx.actor.subject


async def opinions_of(source: Read, application_ids: Sequence[UUID]) -> dict[UUID, list[Opinion]]:
    """Return the opinions on some applications, in the order in which they were given."""
    query = select(OpinionRow).where(col(OpinionRow.application_id) == _among(application_ids))
    found: dict[UUID, list[Opinion]] = {application_id: [] for application_id in application_ids}
    for row in (await source.session.execute(query.order_by(col(OpinionRow.given_at), col(OpinionRow.id)))).scalars():
        found[row.application_id].append(
            Opinion(row.delegation, Advice(row.advice), row.text, row.given_on, row.given_by)
        )
    return found


def add_opinion(tx: Tx, application_id: UUID, opinion: Opinion) -> None:
    """Insert an opinion."""
    tx.session.add(
        OpinionRow(
            id=new_id(),
            application_id=application_id,
            delegation=opinion.delegation,
            advice=opinion.advice.value,
            text=opinion.text,
            given_on=opinion.given_on,
            given_at=tx.now,
            given_by=opinion.given_by,
        )
    )


def _among(ids: Sequence[UUID]) -> ColumnElement[Any]:
    """Return any of these ids as one parameter: an export asks for more than a statement may have."""
    among: ColumnElement[Any] = any_(literal(list(ids), ARRAY(Uuid)))
    return among


def _values(application: Application) -> dict[str, object]:
    return {
        "id": application.id,
        "member_id": application.member_id,
        "received_on": application.received_on,
        "status": application.status.value,
        "sitting_id": application.sitting_id,
        "decided_on": application.decided_on,
        "reservations": [reservation_kept(one) for one in application.reservations],
        "documents_asked": application.documents_asked,
        "member_since": application.member_since,
        "withdrawn_on": application.withdrawn_on,
        "withdrawal_reason": application.withdrawal_reason,
        "version": application.version,
    }


def to_domain(row: ApplicationRow) -> Application:
    """Turn a row into the application the rules know."""
    return Application(
        id=row.id,
        member_id=row.member_id,
        received_on=row.received_on,
        status=ApplicationStatus(row.status),
        sitting_id=row.sitting_id,
        decided_on=row.decided_on,
        reservations=tuple(reservation_of(one) for one in row.reservations),
        documents_asked=row.documents_asked,
        member_since=row.member_since,
        withdrawn_on=row.withdrawn_on,
        withdrawal_reason=row.withdrawal_reason,
        version=row.version,
    )


def document_of(row: DocumentRow) -> Document:
    """Turn a row into the document the rules know."""
    return Document(
        id=row.id,
        item=row.item,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        sent_at=row.sent_at,
        state=DocumentState(row.state),
        remark=row.remark,
    )
