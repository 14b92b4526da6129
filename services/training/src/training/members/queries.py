"""Reads of our copy of the members, and of what dues told of them."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from common.clock import legal_day
from common.legal_entities import Address
from common.rights import Grant
from common.transaction import Read
from training.members.domain import (
    KnownMember,
    MemberMerged,
    Membership,
    MemberUnknown,
    Standing,
    is_member_on,
    known_by,
)
from training.members.tables import MemberCopy, MemberStanding

_MEMBER: Any = MemberCopy.__table__  # type: ignore[attr-defined]
_STANDING: Any = MemberStanding.__table__  # type: ignore[attr-defined]
_RECORD: Any = _MEMBER.alias("record")
_BEHIND: Any = _MEMBER.alias("behind")
MEMBER_ID: Any = _BEHIND.c.id
MEMBER_NAME: Any = _BEHIND.c.name
MEMBER_DELEGATION: Any = _BEHIND.c.delegation


async def require_member(read: Read, grant: Grant, member_id: UUID) -> KnownMember:
    """Return a member that exists and is within reach. Raises MemberUnknown, MemberMerged."""
    found = await _reached(read, grant, member_id)
    if found is not None and found.merged_into is not None:
        into = await _reached(read, grant, found.merged_into)
        if into is not None:
            raise MemberMerged(
                f"Cet enregistrement était un doublon : la structure est {into.name}.", extra={"into_id": str(into.id)}
            )
    if found is None or found.merged_into is not None:
        raise MemberUnknown("Cet adhérent n'est pas connu de la formation, ou n'est pas dans votre périmètre.")
    return _known(found)


async def membership_on(read: Read, member_id: UUID, day: date) -> Membership:
    """Return whether a structure was a member on a day, and what was known of its dues at the end of that day.

    A record that was a duplicate is its structure's. What was told of the structure comes before what was told of its
    duplicate. Raises MemberUnknown.
    """
    found = (await members_behind(read, [member_id])).get(member_id)
    if found is None:
        raise MemberUnknown("Cet adhérent n'est pas connu de la formation.")
    told = await _told(read, found.id)
    return Membership(member=found, day=day, is_member=is_member_on(found, day), standings=known_by(told, day))


async def members_behind(read: Read, records: Collection[UUID]) -> dict[UUID, KnownMember]:
    """Return the member that each record is of: itself, or the one it was a duplicate of."""
    behind = func.coalesce(_RECORD.c.merged_into, _RECORD.c.id)
    query: Select[Any] = select(MemberCopy, _RECORD.c.id).join(_RECORD, _MEMBER.c.id == behind)
    rows = await read.session.execute(query.where(_RECORD.c.id.in_(records)))
    return {record: _known(row) for row, record in rows}


def records_of(record: UUID | None) -> Select[Any]:
    """Return the ids of all the records of the member that a record is of, its own and its duplicates', to look in."""
    behind = select(func.coalesce(_RECORD.c.merged_into, _RECORD.c.id)).where(_RECORD.c.id == record).scalar_subquery()
    return select(_MEMBER.c.id).where(or_(_MEMBER.c.id == behind, _MEMBER.c.merged_into == behind))


async def address_of(read: Read, record: UUID) -> Address | None:
    """Return where the structure that a record is of has its mail, as membership tells it."""
    behind = func.coalesce(_RECORD.c.merged_into, _RECORD.c.id)
    query = select(_MEMBER.c.address).join(_RECORD, _MEMBER.c.id == behind).where(_RECORD.c.id == record)
    told = (await read.session.execute(query)).scalar_one_or_none()
    return Address(**told) if told else None


def joined_with_member(query: Select[Any], record: ColumnElement[UUID], grant: Grant) -> Select[Any]:
    """Add the member that a record is of to a query, within reach: its id, its name, its delegation."""
    joined = query.join(_RECORD, _RECORD.c.id == record)
    joined = joined.join(_BEHIND, _BEHIND.c.id == func.coalesce(_RECORD.c.merged_into, _RECORD.c.id))
    return joined.add_columns(MEMBER_ID, MEMBER_NAME, MEMBER_DELEGATION).where(
        grant.covers(member=MEMBER_ID, delegation=MEMBER_DELEGATION)
    )


async def _reached(read: Read, grant: Grant, member_id: UUID) -> MemberCopy | None:
    within = grant.covers(member=_MEMBER.c.id, delegation=_MEMBER.c.delegation)
    query = select(MemberCopy).where(_MEMBER.c.id == member_id, within)
    found: MemberCopy | None = (await read.session.execute(query)).scalar_one_or_none()
    return found


async def _told(read: Read, member_id: UUID) -> list[Standing]:
    """Return what dues told of a structure: of its duplicates first, then of itself, each in the order it was told."""
    duplicates = select(_MEMBER.c.id).where(_MEMBER.c.merged_into == member_id)
    query = select(MemberStanding).where(or_(_STANDING.c.member_id == member_id, _STANDING.c.member_id.in_(duplicates)))
    own = _STANDING.c.member_id == member_id
    rows = (await read.session.execute(query.order_by(own, _STANDING.c.told_at, _STANDING.c.sequence))).scalars()
    return [Standing(row.year, row.standing, row.since, row.until, legal_day(row.told_at)) for row in rows]


def _known(row: MemberCopy) -> KnownMember:
    return KnownMember(
        id=row.id,
        reference=row.reference,
        name=row.name,
        siren=row.siren,
        siret=row.siret,
        status=row.status,
        category=row.category,
        delegation=row.delegation,
        department=row.department,
        joined_on=row.joined_on,
        left_on=row.left_on,
    )
