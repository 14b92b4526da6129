"""Loads and saves the people of structures; the only writer of the table ``contact``."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from common.transaction import Read, Tx
from membership.contacts.domain import ContactErased, ContactNotFound, Details
from membership.contacts.tables import ContactRow
from membership.members.domain import normalise


async def get_for_update(tx: Tx, contact_id: UUID) -> ContactRow:
    """Load a person and hold the row until the end of the transaction. Raises ContactNotFound, ContactErased."""
    row = await tx.session.get(ContactRow, contact_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ContactNotFound("Cette personne n'existe pas.")
    if row.erased_at is not None:
        raise ContactErased("Les données de cette personne ont été effacées.")
    return row


async def of_structure(source: Read, member_id: UUID) -> list[ContactRow]:
    """Return the people of a structure, erased ones aside."""
    query = select(ContactRow).where(col(ContactRow.member_id) == member_id, col(ContactRow.erased_at).is_(None))
    return list((await source.session.execute(query.order_by(col(ContactRow.id)))).scalars())


async def hold_many(tx: Tx, contact_ids: Collection[UUID]) -> list[ContactRow]:
    """Load people and hold them until the end of the transaction."""
    return await _held(tx, col(ContactRow.id).in_(contact_ids))


async def hold_twins(tx: Tx, contact_id: UUID) -> list[ContactRow]:
    """Load the same person as records that were merged know them, and hold them."""
    return await _held(tx, col(ContactRow.merged_into) == contact_id)


async def twins_of(source: Read, contact_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the ids under which records that were merged know some people, each with theirs."""
    query = select(col(ContactRow.id), col(ContactRow.merged_into)).where(col(ContactRow.merged_into).in_(contact_ids))
    rows = await source.session.execute(query.order_by(col(ContactRow.id)))
    return {twin: contact_id for twin, contact_id in rows if contact_id is not None}


async def _held(tx: Tx, condition: ColumnElement[bool]) -> list[ContactRow]:
    query = select(ContactRow).where(condition).order_by(col(ContactRow.id)).with_for_update()
    return list((await tx.session.execute(query.execution_options(populate_existing=True))).scalars())


def add(tx: Tx, contact_id: UUID, member_id: UUID, details: Details) -> ContactRow:
    """Insert a person."""
    row = ContactRow(
        id=contact_id,
        member_id=member_id,
        given_name=details.given_name,
        family_name=details.family_name,
        normalized_name=normalise(details.name),
        function=details.function,
        email=details.email,
        phone=details.phone,
        merged_into=None,
        version=1,
        erased_at=None,
    )
    tx.session.add(row)
    return row


def save(row: ContactRow, details: Details) -> None:
    """Write what a loaded person became."""
    row.given_name = details.given_name
    row.family_name = details.family_name
    row.normalized_name = normalise(details.name)
    row.function = details.function
    row.email = details.email
    row.phone = details.phone
    row.version += 1


def erase(tx: Tx, row: ContactRow) -> None:
    """Leave nothing of a loaded person but that there was one."""
    row.given_name = row.family_name = row.normalized_name = ""
    row.function = row.email = row.phone = None
    row.erased_at = tx.now
    row.version += 1


def details_of(row: ContactRow) -> Details:
    """Read a row as the rules know a person."""
    return Details(row.given_name, row.family_name, row.function, row.email, row.phone)
