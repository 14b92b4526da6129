"""Loads and saves invitations; the only writer of their table."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from membership.assessments.queries import structure_of
from membership.invitations.domain import Invitation, InvitationNotFound, InvitationPurpose
from membership.invitations.tables import InvitationRow

_TABLE: Any = InvitationRow.__table__  # type: ignore[attr-defined]


async def add(tx: Tx, invitation: Invitation, key_digest: bytes) -> None:
    """Insert a new invitation."""
    await tx.session.execute(insert(InvitationRow).values(**_values(invitation), key_digest=key_digest))


async def save(tx: Tx, invitation: Invitation) -> None:
    """Write an invitation whose assessment is held."""
    statement = update(InvitationRow).where(col(InvitationRow.id) == invitation.id)
    await tx.session.execute(statement.values(**_values(invitation)))


async def note_reading(tx: Tx, invitation_id: UUID) -> None:
    """Note when a link was opened first."""
    unread = (col(InvitationRow.id) == invitation_id, col(InvitationRow.read_at).is_(None))
    await tx.session.execute(update(InvitationRow).where(*unread).values(read_at=tx.now))


async def forget_names(tx: Tx, before: date) -> list[UUID | None]:
    """Let go of the names of those whose link ended before a day; return the review of each, None of who answered."""
    named = (col(InvitationRow.until) < before, col(InvitationRow.name).is_not(None))
    statement = update(InvitationRow).where(*named).values(name=None).returning(col(InvitationRow.review_id))
    return list((await tx.session.execute(statement)).scalars())


async def by_key(source: Read, key_digest: bytes) -> Invitation | None:
    """Load the invitation of a key, if there is one."""
    row = (await source.session.execute(_query().where(_TABLE.c.key_digest == key_digest))).mappings().one_or_none()
    return _invitation(row) if row else None


async def of_assessment(source: Read, assessment_id: UUID) -> list[Invitation]:
    """Load the invitations to an assessment, the oldest first."""
    query = _query().where(_TABLE.c.assessment_id == assessment_id).order_by(_TABLE.c.id)
    return [_invitation(row) for row in (await source.session.execute(query)).mappings()]


async def get(source: Read, assessment_id: UUID, invitation_id: UUID) -> Invitation:
    """Load one invitation to an assessment. Raises InvitationNotFound."""
    found = [one for one in await of_assessment(source, assessment_id) if one.id == invitation_id]
    if not found:
        raise InvitationNotFound("Cette invitation n'existe pas, ou n'est pas dans votre périmètre.")
    return found[0]


def _query() -> Select[Any]:
    return select(*_TABLE.c, structure_of(_TABLE.c.assessment_id).label("member_id"))


def _invitation(row: Mapping[Any, Any]) -> Invitation:
    known = {name: value for name, value in row.items() if name != "key_digest"}
    return Invitation(**{**known, "purpose": InvitationPurpose(row["purpose"])})


def _values(invitation: Invitation) -> dict[str, Any]:
    values = asdict(invitation)
    del values["member_id"]
    return {**values, "purpose": invitation.purpose.value}
