"""Reads of the register: what each person may see of it, and in which shape."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlmodel import col

from common.blockers import BlockerOut
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from membership.members.domain import Member, MemberNotFound, MemberStatus, missing_for_admission, normalise
from membership.members.repository import to_domain
from membership.members.schemas import (
    ActivityOut,
    MemberFilters,
    MemberListParams,
    MemberOut,
    Standing,
)
from membership.members.tables import DuesCall, MemberRow
from membership.rights import RIGHTS, Act

_TABLE: Any = MemberRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"name": _TABLE.c.name, "reference": _TABLE.c.reference, "created_at": _TABLE.c.created_at},
    default="name",
    unique=_TABLE.c.id,
)


def visible(grant: Grant) -> Select[tuple[UUID]]:
    """Select the ids of the structures within reach."""
    return select(_TABLE.c.id).where(_within(grant))


async def find_member(read: Read, grant: Grant, member_id: UUID) -> MemberOut:
    """Return one structure within reach. Raises MemberNotFound."""
    return await _find(read, grant, _TABLE.c.id == member_id)


async def find_by_siren(read: Read, grant: Grant, siren: str) -> MemberOut:
    """Return the structure that bears a SIREN, within reach. Raises MemberNotFound."""
    return await _find(read, grant, _TABLE.c.siren == siren)


async def list_members(read: Read, grant: Grant, params: MemberListParams) -> Page[MemberOut]:
    """Return one page of structures within reach."""
    query = select(MemberRow).where(_within(grant), *_conditions(params))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    members = [to_domain(row) for row in rows]
    return Page(items=await _shown(read, members), next_cursor=cursor, total=total)


async def every_structure(read: Read) -> list[Member]:
    """Return the whole register: an import compares with all of it."""
    return [to_domain(row) for row in (await read.session.execute(select(MemberRow))).scalars()]


def joined_with_member(query: Select[Any], member_id: ColumnElement[UUID], grant: Grant) -> Select[Any]:
    """Add to another capability's query the structure each row is about, within the grant's reach.

    The row's last column is read with ``member_of``.
    """
    return query.add_columns(MemberRow).join(MemberRow, _TABLE.c.id == member_id).where(_within(grant))


def member_of(row: Any) -> Member:
    """Return the structure that ``joined_with_member`` added to a row."""
    return to_domain(row[-1])


def in_delegations(codes: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a joined structure is covered by one of these delegations."""
    condition: ColumnElement[bool] = _TABLE.c.delegation.in_(codes)
    return condition


def has_complete_file() -> ColumnElement[bool]:
    """Return ``missing_for_admission`` as a condition on a joined structure; a test holds the two together."""
    columns = _TABLE.c
    return and_(
        func.cardinality(columns.activities) > 0,
        columns.street.is_not(None),
        columns.postcode.is_not(None),
        columns.city.is_not(None),
        columns.delegation.is_not(None),
    )


MEMBER_NAME: ColumnElement[str] = _TABLE.c.name
"""For the order of a list of what is about structures."""


async def export_rows(read: Read, grant: Grant, filters: MemberFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list with the same filters."""
    query = select(MemberRow).where(_within(grant), *_conditions(filters)).order_by(_TABLE.c.name, _TABLE.c.id)
    members = [to_domain(row) for row in (await read.session.execute(query)).scalars()]
    standings = await _standings(read, members)
    return (_export_line(member, standings.get(member.id)) for member in members)


EXPORT_HEADER = (
    "reference", "nom", "siren", "statut", "types", "adresse", "code_postal", "commune", "departement",
    "delegation", "adherente_depuis", "cotisation",
)  # fmt: skip


async def shown(read: Read, member: Member) -> MemberOut:
    """Write a loaded structure as the API shows it to the one who asks."""
    [written] = await _shown(read, [member])
    return written


async def _shown(read: Read, members: Sequence[Member]) -> list[MemberOut]:
    standings = await _standings(read, members)
    amendable = await _amendable(read, members)
    return [_member_out(member, standings.get(member.id), amendable) for member in members]


async def _amendable(read: Read, members: Sequence[Member]) -> set[UUID]:
    """Return which of these structures the one who asks may amend."""
    grant = grant_for(RIGHTS, Act.EDIT_MEMBERS, read.actor)
    if grant is None:
        return set()
    query = select(_TABLE.c.id).where(_within(grant), _TABLE.c.id.in_([member.id for member in members]))
    return set((await read.session.execute(query)).scalars())


def _member_out(member: Member, standing: Standing | None, amendable: Container[UUID]) -> MemberOut:
    return MemberOut(
        id=member.id,
        reference=member.reference,
        name=member.name,
        siren=member.siren,
        siret=member.siret,
        status=member.status,
        status_label=member.status.label,
        activities=[
            ActivityOut(kind=kind, label=kind.label, main=index == 0) for index, kind in enumerate(member.activities)
        ],
        delegation=member.delegation,
        department=member.department,
        street=member.street,
        postcode=member.postcode,
        city=member.city,
        joined_on=member.joined_on,
        version=member.version,
        standing=standing,
        missing=[BlockerOut(code=b.code, message=b.message) for b in missing_for_admission(member)],
        allowed_actions=["amend"] if member.id in amendable else [],
    )


async def _find(read: Read, grant: Grant, condition: ColumnElement[bool]) -> MemberOut:
    query = select(MemberRow).where(condition, _within(grant))
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise MemberNotFound("Cette structure n'existe pas, ou n'est pas dans votre périmètre.")
    return await shown(read, to_domain(row))


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=_TABLE.c.id, delegation=_TABLE.c.delegation)


def _conditions(filters: MemberFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = []
    if filters.status:
        conditions.append(columns.status.in_([status.value for status in filters.status]))
    if filters.delegation:
        conditions.append(columns.delegation.in_(filters.delegation))
    if filters.department:
        conditions.append(columns.department.in_(filters.department))
    if filters.kind:
        conditions.append(columns.activities.overlap([kind.value for kind in filters.kind]))
    if filters.joined_from:
        conditions.append(columns.joined_on >= filters.joined_from)
    if filters.joined_to:
        conditions.append(columns.joined_on <= filters.joined_to)
    if filters.q:
        conditions.append(columns.normalized_name.contains(normalise(filters.q), autoescape=True))
    return conditions


async def _standings(read: Read, members: Sequence[Member]) -> Mapping[UUID, Standing]:
    """Return this year's dues standing of each member among the structures, in one query."""
    year = read.today.year
    ids = [member.id for member in members if member.status is MemberStatus.ACTIVE]
    if not ids:
        return {}
    query = select(DuesCall).where(col(DuesCall.member_id).in_(ids), col(DuesCall.year) == year)
    calls = {call.member_id: call for call in (await read.session.execute(query)).scalars()}
    return {member_id: _standing(year, calls.get(member_id)) for member_id in ids}


def _standing(year: int, call: DuesCall | None) -> Standing:
    if call is None:
        return Standing(year=year, status="none", label=f"cotisation {year} non appelée")
    return Standing(
        year=year,
        status=call.status,
        label=f"cotisation {year} appelée",
        invoice_id=call.id,
        number=call.number,
        total=call.total,
        issued_on=call.issued_on,
        due_on=call.due_on,
    )


def _export_line(member: Member, standing: Standing | None) -> Sequence[object]:
    return (
        member.reference,
        member.name,
        member.siren,
        member.status.label,
        "/".join(kind.value.upper() for kind in member.activities),
        member.street,
        member.postcode,
        member.city,
        member.department,
        member.delegation,
        member.joined_on,
        standing.label if standing else None,
    )
