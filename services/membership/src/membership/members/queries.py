"""Reads of the register: what each person may see of it, and in which shape."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import ge, le
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, func, select, true
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.members import repository
from membership.members.documents import export_line
from membership.members.domain import (
    STRUCTURE,
    Entry,
    Member,
    MemberNotFound,
    MemberStatus,
    Topic,
    belongs,
    counting,
    is_withdrawable,
    normalise,
    on_day,
    possible_actions,
)
from membership.members.repository import Kept, latest_entries, register_as_of, to_domain, to_entry
from membership.members.schemas import (
    NOW,
    EntryListParams,
    EntryOut,
    MemberExportParams,
    MemberFilters,
    MemberListParams,
    MemberOut,
    Standing,
    Then,
)
from membership.members.tables import DuesCall, EntryRow, MemberRow
from membership.rights import RIGHTS, Act

_TABLE: Any = MemberRow.__table__  # type: ignore[attr-defined]
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]
_ACTIONS = {
    "amend": Act.EDIT_MEMBERS,
    "leave": Act.RECORD_DEPARTURES,
    "withdraw_departure": Act.RECORD_DEPARTURES,
    "open_measure": Act.RUN_MEASURES,
    "apply_again": Act.RECEIVE_APPLICATIONS,
}
_NOT_WITHIN_REACH = "Cette structure n'existe pas, ou n'est pas dans votre périmètre."
_ENTRY_ORDER = Order(
    columns={"recorded_at": _ENTRY.c.recorded_at, "effective_on": _ENTRY.c.effective_on},
    default="-recorded_at",
    unique=_ENTRY.c.id,
)


def visible(grant: Grant) -> Select[tuple[UUID]]:
    """Select the ids of the structures within reach."""
    return select(_TABLE.c.id).where(_within(grant))


async def find_member(source: Read, grant: Grant, member_id: UUID, then: Then = NOW) -> MemberOut:
    """Return one structure within reach, as of a day. Raises MemberNotFound, NotInRegisterThen."""
    member = await _find(source, grant, _TABLE.c.id == member_id)
    if not is_past(then):
        return await shown(source, member)
    known = await repository.entries_of(source, [member.id])
    return MemberOut.of(on_day(member, known, then.as_of or source.today, then.known_at))


async def find(source: Read, grant: Grant, member_id: UUID) -> Member:
    """Return one structure within reach, for another capability. Raises MemberNotFound."""
    return await _find(source, grant, _TABLE.c.id == member_id)


async def find_readable(source: Read, member_id: UUID) -> Member:
    """Return one structure that whoever acts may read. Raises MemberNotFound."""
    grant = grant_for(RIGHTS, Act.READ_MEMBERS, source.actor)
    if grant is None:
        raise MemberNotFound(_NOT_WITHIN_REACH)
    return await find(source, grant, member_id)


async def entries_of(
    source: Read, member_ids: Sequence[UUID], topics: Collection[Topic] = tuple(Topic)
) -> dict[UUID, list[Entry]]:
    """Return the entries of some structures, on some topics or all, in the order in which they were recorded."""
    found: dict[UUID, list[Entry]] = {member_id: [] for member_id in member_ids}
    for entry in await repository.entries_of(source, member_ids, topics):
        found[entry.member_id].append(entry)
    return found


async def structures_of(source: Read, member_ids: Collection[UUID]) -> dict[UUID, Member]:
    """Return some structures as they are today, whoever asks."""
    query = select(MemberRow).where(_TABLE.c.id.in_(member_ids))
    return {row.id: to_domain(row) for row in (await source.session.execute(query)).scalars()}


async def bearer_of(source: Read, siren: str) -> Member | None:
    """Return the structure that bears a SIREN today, whoever asks."""
    row = (await source.session.execute(select(MemberRow).where(_TABLE.c.siren == siren))).scalar_one_or_none()
    return to_domain(row) if row else None


async def parts_of(source: Read, group_id: UUID) -> int:
    """Return how many structures are part of a group today."""
    query = select(func.count()).where(_TABLE.c.held[Topic.GROUP.value].has_key(str(group_id)))
    return int((await source.session.execute(query)).scalar_one())


async def calls_to_settle(source: Read, member_id: UUID, year: int | None = None) -> list[str]:
    """Return the numbers of a structure's calls for dues that are not settled, of a year or all, as dues told."""
    of_year = (col(DuesCall.year) == year,) if year is not None else ()
    unsettled = (col(DuesCall.member_id) == member_id, col(DuesCall.status) == "issued", *of_year)
    query = select(col(DuesCall.number)).where(*unsettled).order_by(col(DuesCall.number))
    return list((await source.session.execute(query)).scalars())


async def names_of(source: Read, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what some structures are called today."""
    query = select(_TABLE.c.id, _TABLE.c.name).where(_TABLE.c.id.in_(member_ids))
    return {row.id: row.name for row in await source.session.execute(query)}


def held_on(day: date, topic: Topic, keys: Sequence[str], member_ids: Collection[UUID] | None = None) -> FromClause:
    """Return the values that some subjects of one topic have on a day, of every structure that has one, or of some."""
    return latest_entries(day, None, _ENTRY.c.topic == topic.value, _ENTRY.c.key.in_(keys), _about(member_ids))


def register_on(day: date, member_ids: Collection[UUID] | None = None, known_at: datetime | None = None) -> FromClause:
    """Return the register of a day as a table, what is announced for it included, of all structures or of some."""
    return register_as_of(day, known_at, _about(member_ids))


async def calls_of(source: Read, year: int, member_ids: Collection[UUID] | None) -> Sequence[DuesCall]:
    """Return the calls for dues of a year of all structures or of some, as the service dues told."""
    some = (col(DuesCall.member_id).in_(member_ids),) if member_ids is not None else ()
    query = select(DuesCall).where(col(DuesCall.year) == year, *some)
    return (await source.session.execute(query)).scalars().all()


async def find_by_siren(source: Read, grant: Grant, siren: str) -> MemberOut:
    """Return the structure that bears a SIREN, within reach. Raises MemberNotFound."""
    return await shown(source, await _find(source, grant, _TABLE.c.siren == siren))


async def find_by_siret(source: Read, grant: Grant, siret: str) -> MemberOut:
    """Return the structure that bears a SIRET, within reach. Raises MemberNotFound."""
    return await shown(source, await _find(source, grant, _TABLE.c.siret == siret))


async def list_members(source: Read, grant: Grant, params: MemberListParams) -> Page[MemberOut]:
    """Return one page of structures within reach, as of a day."""
    register = _register(source, params)
    rows, cursor, total = await paginate(source, _read_from(register, grant, params), _order(register), params)
    members = [to_domain(Kept(*row)) for row in rows]
    items = [MemberOut.of(member) for member in members] if is_past(params) else await _shown(source, members)
    return Page(items=items, next_cursor=cursor, total=total)


async def list_entries(source: Read, grant: Grant, member_id: UUID, params: EntryListParams) -> Page[EntryOut]:
    """Return one page of a structure's entries, the last recorded first. Raises MemberNotFound."""
    member = await _find(source, grant, _TABLE.c.id == member_id)
    query = select(EntryRow).where(_ENTRY.c.member_id == member.id, _ENTRY.c.topic.in_(sorted(STRUCTURE)))
    if params.topic:
        query = query.where(_ENTRY.c.topic.in_([topic.value for topic in params.topic]))
    rows, cursor, total = await paginate(source, query, _ENTRY_ORDER, params)
    known = await repository.entries_of(source, [member.id], STRUCTURE)
    counts = {entry.id for entry in counting(known)}
    void = {entry.withdraws for entry in known}
    may_withdraw = bool(await allowed_on(source, Act.EDIT_MEMBERS, [member.id]))
    items = [
        EntryOut.of(
            entry,
            counts=entry.id in counts,
            withdrawn=entry.id in void,
            allowed_actions=["withdraw"] if may_withdraw and entry.id in counts and is_withdrawable(entry) else [],
        )
        for entry in map(to_entry, rows)
    ]
    return Page(items=items, next_cursor=cursor, total=total)


async def register_mark(source: Read) -> str:
    """Return a text that is another one after any change of the register: none is lost, each gives a new version."""
    query = select(func.count(), func.coalesce(func.sum(col(MemberRow.version)), 0))
    return "/".join(map(str, (await source.session.execute(query)).one()))


async def every_structure(source: Read) -> list[Member]:
    """Return the whole register: an import compares with all of it."""
    return [to_domain(row) for row in (await source.session.execute(select(MemberRow))).scalars()]


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


def is_named_like(words: str) -> ColumnElement[bool]:
    """Return the condition that a joined structure's name contains some words, without case nor accents."""
    condition: ColumnElement[bool] = _TABLE.c.normalized_name.contains(normalise(words), autoescape=True)
    return condition


def still_belongs() -> ColumnElement[bool]:
    """Return ``belongs`` as a condition on a joined structure."""
    condition: ColumnElement[bool] = _TABLE.c.status.in_([MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value])
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


def _about(member_ids: Collection[UUID] | None) -> ColumnElement[bool]:
    return true() if member_ids is None else _ENTRY.c.member_id.in_(member_ids)


MEMBER_ID: ColumnElement[UUID] = _TABLE.c.id
MEMBER_NAME: ColumnElement[str] = _TABLE.c.name
MEMBER_DELEGATION: ColumnElement[str | None] = _TABLE.c.delegation
MEMBER_DEPARTMENT: ColumnElement[str | None] = _TABLE.c.department
MEMBER_ACTIVITIES: ColumnElement[list[str]] = _TABLE.c.activities
MEMBER_JOINED_ON: ColumnElement[date | None] = _TABLE.c.joined_on
"""For the order and the counts of a list of what is about structures."""


async def export_rows(source: Read, grant: Grant, params: MemberExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list with the same filters."""
    register = _register(source, params)
    query = _read_from(register, grant, params).order_by(register.c.name, register.c.id)
    members = [to_domain(Kept(*row)) for row in await source.session.execute(query)]
    standings = {} if is_past(params) else await _standings(source, members)
    return (export_line(member, standings.get(member.id)) for member in members)


async def shown(source: Read, member: Member) -> MemberOut:
    """Write a loaded structure as the API shows it to the one who asks."""
    [written] = await _shown(source, [member])
    return written


async def _shown(source: Read, members: Sequence[Member]) -> list[MemberOut]:
    ids = [member.id for member in members]
    standings = await _standings(source, members)
    allowed = {act: await allowed_on(source, act, ids) for act in set(_ACTIONS.values())}
    announced = await upcoming(source, members, STRUCTURE)
    return [
        MemberOut.of(
            member,
            standing=standings.get(member.id),
            upcoming=announced[member.id],
            allowed_actions=[
                action
                for action in possible_actions(member, announced[member.id], source.today)
                if member.id in allowed[_ACTIONS[action]]
            ],
        )
        for member in members
    ]


async def upcoming(source: Read, members: Sequence[Member], topics: Collection[Topic]) -> dict[UUID, list[Entry]]:
    """Return what is announced of each structure, soonest first, and what should have taken effect and could not."""
    announced: dict[UUID, list[Entry]] = {member.id: [] for member in members}
    for entry in await repository.announced(source, members, topics):
        announced[entry.member_id].append(entry)
    return {member_id: counting(entries) for member_id, entries in announced.items()}


async def allowed_on(source: Read, act: Act, member_ids: Collection[UUID]) -> set[UUID]:
    """Return about which of these structures the one who asks may do an act."""
    grant = grant_for(RIGHTS, act, source.actor)
    if grant is None:
        return set()
    if grant.scope is Scope.ALL:
        return set(member_ids)
    query = select(_TABLE.c.id).where(_within(grant), _TABLE.c.id.in_(member_ids))
    return set((await source.session.execute(query)).scalars())


async def _find(source: Read, grant: Grant, condition: ColumnElement[bool]) -> Member:
    query = select(MemberRow).where(condition, _within(grant))
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise MemberNotFound(_NOT_WITHIN_REACH)
    return to_domain(row)


def is_past(then: Then) -> bool:
    """Tell whether another day than today is asked for, or what was known at another instant than now."""
    return then.as_of is not None or then.known_at is not None


def _register(source: Read, then: Then) -> FromClause:
    """Return the register: the table of today, or what it was on another day or from what was known then."""
    if not is_past(then):
        return cast("FromClause", _TABLE)
    return register_as_of(then.as_of or source.today, then.known_at)


def _order(register: FromClause) -> Order:
    columns = register.c
    return Order(
        columns={"name": columns.name, "reference": columns.reference, "created_at": columns.created_at},
        default="name",
        unique=columns.id,
    )


def selected(grant: Grant, filters: MemberFilters) -> Select[Any]:
    """Select the structures of today within reach that pass the filters, for a count of what the list shows."""
    return _read_from(_TABLE, grant, filters)


def _read_from(register: FromClause, grant: Grant, filters: MemberFilters) -> Select[Any]:
    """Select what is kept of the structures that are within reach today and pass the filters then."""
    columns = register.c
    query = select(*(columns[name] for name in Kept._fields)).where(*_conditions(columns, filters))
    if register is not _TABLE:
        query = query.join(_TABLE, _TABLE.c.id == columns.id)
    return query.where(_within(grant))


def _within(grant: Grant) -> ColumnElement[bool]:
    return grant.covers(member=_TABLE.c.id, delegation=_TABLE.c.delegation)


def _conditions(columns: Any, filters: MemberFilters) -> list[ColumnElement[bool]]:
    one_of = (
        (columns.status, filters.status),
        (columns.category, filters.category),
        (columns.delegation, filters.delegation),
        (columns.department, filters.department),
    )
    conditions = [column.in_([str(value) for value in values]) for column, values in one_of if values]
    if filters.kind:
        held = columns.held[Topic.ACTIVITY.value].has_any(_texts(filters.kind))
        # Of today's table an index knows the activities, and how many structures have each.
        conditions.append(columns.activities.overlap(_texts(filters.kind)) if columns is _TABLE.c else held)
    if filters.group:
        conditions.append(columns.held[Topic.GROUP.value].has_any(_texts(filters.group)))
    bounds = (
        (ge, columns.joined_on, filters.joined_from),
        (le, columns.joined_on, filters.joined_to),
        (ge, columns.left_on, filters.left_from),
        (le, columns.left_on, filters.left_to),
    )
    conditions += [compare(column, day) for compare, column, day in bounds if day]
    for year, called in ((filters.called, True), (filters.not_called, False)):
        if year is not None:
            of_year = columns.id.in_(select(col(DuesCall.member_id)).where(col(DuesCall.year) == year))
            conditions.append(of_year if called else ~of_year)
    if filters.q:
        conditions.append(columns.normalized_name.contains(normalise(filters.q), autoescape=True))
    return conditions


def _texts(values: Collection[object]) -> ColumnElement[Any]:
    return sql_cast([str(value) for value in values], ARRAY(String))


async def _standings(source: Read, members: Sequence[Member]) -> Mapping[UUID, Standing]:
    """Return this year's dues standing of each member among the structures, in one query.

    One that left has one if it was called before.
    """
    year = source.today.year
    ids = [member.id for member in members if member.status is not MemberStatus.CANDIDATE]
    if not ids:
        return {}
    calls = {call.member_id: call for call in await calls_of(source, year, ids)}
    due = [member.id for member in members if belongs(member)]
    return {member_id: Standing.of(year, calls.get(member_id)) for member_id in {*due, *calls}}
