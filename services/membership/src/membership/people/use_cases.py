"""What is done about people beyond their structure: to forget one, wherever they are named."""

from uuid import UUID

from common.rights import Grant
from common.transaction import Tx
from membership.contacts import use_cases as contacts
from membership.contacts.domain import ErasureGround
from membership.contacts.queries import known_as
from membership.notices import use_cases as notices
from membership.people import queries


async def erase(tx: Tx, grant: Grant, contact_id: UUID, if_match: str | None, ground: ErasureGround) -> None:
    """Forget a person, and what was sent to them that proves nothing.

    Raises ContactNotFound, ContactErased, ContactSeated, MemberNotFound, PreconditionMissing, PreconditionFailed.
    """
    await contacts.erase_contact(tx, grant, contact_id, if_match, ground, queries.engagements_of)
    await notices.forget_people(tx, await known_as(tx, contact_id))
