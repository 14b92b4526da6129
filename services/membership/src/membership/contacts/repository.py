"""Loads and saves the people of structures; the only writer of the table ``contact``."""

from uuid import UUID

from common.transaction import Tx
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
