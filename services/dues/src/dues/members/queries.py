"""Reads of our copy of the members."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, ColumnElement, Select, Uuid, any_, func, literal, select, tuple_

from common.legal_entities import Address
from common.pagination import Order
from common.rights import Grant
from common.transaction import Read
from dues.members.domain import KnownMember, MemberMerged, MemberUnknown
from dues.members.tables import MemberCopy

_MEMBER: Any = MemberCopy.__table__  # type: ignore[attr-defined]
_RECORD: Any = _MEMBER.alias("record")
_BEHIND: Any = _MEMBER.alias("behind")
MEMBER_ID: Any = _BEHIND.c.id
MEMBER_NAME: Any = _BEHIND.c.name
MEMBER_DELEGATION: Any = _BEHIND.c.delegation

BY_NAME = Order(columns={"name": _MEMBER.c.name}, default="name", unique=_MEMBER.c.id)

_PURPOSE = "dues"
"""What membership calls the letters that this service writes."""

Place = tuple[str, UUID]
"""A place in the order of names."""


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
        raise MemberUnknown("Cet adhérent n'est pas connu des cotisations, ou n'est pas dans votre périmètre.")
    return known(found)


async def _reached(read: Read, grant: Grant, member_id: UUID) -> MemberCopy | None:
    within = grant.covers(member=_MEMBER.c.id, delegation=_MEMBER.c.delegation)
    query = select(MemberCopy).where(_MEMBER.c.id == member_id, within)
    found: MemberCopy | None = (await read.session.execute(query)).scalar_one_or_none()
    return found


async def count_members(read: Read) -> int:
    """Return how many members we know, duplicates that were merged aside."""
    query = select(func.count()).where(_MEMBER.c.merged_into.is_(None))
    return int((await read.session.execute(query)).scalar_one())


async def members_after(read: Read, place: Place | None, limit: int | None = None) -> list[KnownMember]:
    """Return members in the order of names, after a place in it, duplicates that were merged aside."""
    query = select(_MEMBER).where(_MEMBER.c.merged_into.is_(None))
    query = query.order_by(_MEMBER.c.name, _MEMBER.c.id).limit(limit)
    if place is not None:
        query = query.where(tuple_(_MEMBER.c.name, _MEMBER.c.id) > tuple_(*place))
    return [known(row) for row in await read.session.execute(query)]


def members_named(q: str | None, delegations: Collection[str]) -> Select[Any]:
    """Select the members whose name holds a text, of some delegations or of all; duplicates that were merged aside."""
    query = select(MemberCopy).where(_MEMBER.c.merged_into.is_(None))
    if q:
        query = query.where(_MEMBER.c.name.icontains(q, autoescape=True))
    return query.where(_MEMBER.c.delegation.in_(delegations)) if delegations else query


async def members_besides(read: Read, members: Select[Any]) -> list[KnownMember]:
    """Return every member but those selected, in the order of names, duplicates that were merged aside."""
    query = select(_MEMBER).where(_MEMBER.c.merged_into.is_(None), _MEMBER.c.id.not_in(members))
    return [known(row) for row in await read.session.execute(query.order_by(_MEMBER.c.name, _MEMBER.c.id))]


async def members_behind(read: Read, records: Collection[UUID]) -> dict[UUID, KnownMember]:
    """Return the member that each record is of: itself, or the one it was a duplicate of."""
    behind = func.coalesce(_RECORD.c.merged_into, _RECORD.c.id)
    query: Select[Any] = select(MemberCopy, _RECORD.c.id).join(_RECORD, _MEMBER.c.id == behind)
    rows = await read.session.execute(query.where(_RECORD.c.id.in_(records)))
    return {record: known(row) for row, record in rows}


async def members_of_sirens(read: Read, sirens: Collection[str]) -> dict[str, list[KnownMember]]:
    """Return the members of each SIREN, duplicates that were merged aside; more than one is for a person to tell."""
    query: Select[Any] = select(MemberCopy, _MEMBER.c.siren)
    query = query.where(_MEMBER.c.siren.in_(sirens), _MEMBER.c.merged_into.is_(None))
    found: dict[str, list[KnownMember]] = {}
    for row, siren in await read.session.execute(query.order_by(_MEMBER.c.name, _MEMBER.c.id)):
        found.setdefault(siren, []).append(known(row))
    return found


def place_of(cursor: Mapping[str, Any]) -> Place | None:
    """Return the place that the cursor of a job keeps, None at its beginning."""
    return (cursor["name"], UUID(cursor["id"])) if cursor else None


def cursor_after(member: KnownMember) -> dict[str, Any]:
    """Return the cursor of a job that has dealt with a member and all before it."""
    return {"name": member.name, "id": str(member.id)}


async def records_of(read: Read, member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return every record that some members are or were known under, with the member it is of.

    A duplicate keeps what was issued to it: an invoice is not addressed again.
    """
    query = select(_MEMBER.c.id, _MEMBER.c.merged_into).where(_MEMBER.c.merged_into == among(member_ids))
    duplicates = {row.id: row.merged_into for row in await read.session.execute(query)}
    return {**{member_id: member_id for member_id in member_ids}, **duplicates}


def among(ids: Collection[UUID]) -> CollectionAggregate[Any]:
    """Return ids to be equal to, as one parameter: a statement takes no more than 32,767 of them."""
    return any_(literal(list(ids), ARRAY(Uuid)))


def member_behind(record: ColumnElement[UUID]) -> ColumnElement[UUID]:
    """Return the member that a record is of, as a column: another one's where it was a duplicate."""
    merged = select(_MEMBER.c.merged_into).where(_MEMBER.c.id == record).correlate_except(_MEMBER).scalar_subquery()
    behind: ColumnElement[UUID] = func.coalesce(merged, record)
    return behind


def joined_with_member(query: Select[Any], record: ColumnElement[UUID], grant: Grant) -> Select[Any]:
    """Add the member that a record is of to a query, within reach: its id, its name, its delegation."""
    joined = query.join(_RECORD, _RECORD.c.id == record)
    joined = joined.join(_BEHIND, _BEHIND.c.id == func.coalesce(_RECORD.c.merged_into, _RECORD.c.id))
    return joined.add_columns(MEMBER_ID, MEMBER_NAME, MEMBER_DELEGATION).where(
        grant.covers(member=MEMBER_ID, delegation=MEMBER_DELEGATION)
    )


def known(row: Any) -> KnownMember:
    """Read a row as the rules know a member."""
    address = _address(row.address)
    return KnownMember(
        id=row.id,
        name=row.name,
        siren=row.siren,
        status=row.status,
        category=row.category,
        activities=tuple((entry["kind"], entry["main"]) for entry in row.activities),
        delegation=row.delegation,
        address=address,
        mail_address=_mail_address(row.correspondence) or address,
        joined_on=row.joined_on,
        renewed_years=tuple(row.renewed_years),
    )


def _address(kept: Mapping[str, str] | None) -> Address | None:
    return Address(street=kept["street"], postcode=kept["postcode"], city=kept["city"]) if kept else None


def _mail_address(correspondence: Sequence[Mapping[str, Any]]) -> Address | None:
    return next((_address(one["address"]) for one in correspondence if one["purpose"] == _PURPOSE), None)
