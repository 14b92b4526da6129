"""What each person may see of the register, and in which shape."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import ge, le
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, String, not_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import possible
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.members import repository
from membership.members.documents import export_line
from membership.members.domain import (
    ANSWERING,
    STRUCTURE,
    Kept,
    Member,
    MemberNotFound,
    MemberRetracted,
    MemberStatus,
    Topic,
    YearOfDues,
    belongs,
    counting,
    is_withdrawable,
    merged,
    normalise,
    on_day,
    read,
    refused_acts,
)
from membership.members.queries.dues import dues_of
from membership.members.queries.register import (
    PRESENT,
    TODAY,
    allowed_on,
    applying_among,
    entries_of,
    kept_of,
    upcoming,
    within,
)
from membership.members.repository import latest_entries, register_as_of, to_domain, to_entry
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
from membership.members.tables import EntryRow, MemberRow
from membership.rights import RIGHTS, Act

_ACTIONS = {
    "amend": Act.EDIT_MEMBERS,
    "leave": Act.RECORD_DEPARTURES,
    "withdraw_departure": Act.RECORD_DEPARTURES,
    "open_measure": Act.RUN_MEASURES,
    "apply_again": Act.RECEIVE_APPLICATIONS,
    "correct_joining": Act.CORRECT_STATUSES,
    "correct_leaving": Act.CORRECT_STATUSES,
}
_NOT_WITHIN_REACH = "Cette structure n'existe pas, ou n'est pas dans votre périmètre."
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]
_ENTRY_ORDER = Order(
    columns={"recorded_at": _ENTRY.c.recorded_at, "effective_on": _ENTRY.c.effective_on},
    default="-recorded_at",
    unique=_ENTRY.c.id,
)


async def find_member(source: Read, grant: Grant, member_id: UUID, then: Then = NOW) -> MemberOut:
    """Return one structure within reach, as of a day. Raises MemberNotFound, NotInRegisterThen."""
    if not is_past(then):
        return await shown(source, await find(source, grant, member_id))
    member = await _find(source, grant, TODAY.c.id == member_id)
    known = await repository.entries_of(source, [member.id])
    past = on_day(member, known, then.as_of or source.today, then.known_at)
    return MemberOut.of(await _not_merged(source, grant, past))


async def find(source: Read, grant: Grant, member_id: UUID) -> Member:
    """Return one structure within reach, for another capability. Raises MemberNotFound, MemberMerged."""
    return await _not_merged(source, grant, await _find(source, grant, TODAY.c.id == member_id))


async def find_readable(source: Read, member_id: UUID) -> Member:
    """Return one structure that whoever acts may read. Raises MemberNotFound."""
    grant = grant_for(RIGHTS, Act.READ_MEMBERS, source.actor)
    if grant is None:
        raise MemberNotFound(_NOT_WITHIN_REACH)
    return await find(source, grant, member_id)


async def require_not_merged(source: Read, member: Member) -> None:
    """Let a loaded structure through, not a record that is none. Raises MemberNotFound, MemberMerged, MemberRetracted.

    A process that acts for nobody has no roles, and nothing bounds what it reaches.
    """
    if not member.is_present:
        actor = source.actor
        grant = grant_for(RIGHTS, Act.READ_MEMBERS, actor) if actor.roles else Grant(actor, Scope.ALL)
        if grant is None:
            raise MemberNotFound(_NOT_WITHIN_REACH)
        await find(source, grant, member.id)


async def find_by_siren(source: Read, grant: Grant, siren: str) -> MemberOut:
    """Return the structure that bears a SIREN, within reach. Raises MemberNotFound."""
    return await shown(source, await _bearing(source, grant, TODAY.c.siren == siren))


async def find_by_siret(source: Read, grant: Grant, siret: str) -> MemberOut:
    """Return the structure that bears a SIRET, within reach. Raises MemberNotFound."""
    return await shown(source, await _bearing(source, grant, TODAY.c.siret == siret))


async def list_members(source: Read, grant: Grant, params: MemberListParams) -> Page[MemberOut]:
    """Return one page of structures within reach, as of a day."""
    register = _register(source, params)
    rows, cursor, total = await paginate(source, _then(source, grant, params, register), _order(register), params)
    members = [read(Kept(*row)) for row in rows]
    items = [MemberOut.of(member) for member in members] if is_past(params) else await _shown(source, members)
    return Page(items=items, next_cursor=cursor, total=total)


async def list_entries(source: Read, grant: Grant, member_id: UUID, params: EntryListParams) -> Page[EntryOut]:
    """Return one page of a structure's entries, the last recorded first. Raises MemberNotFound."""
    member = await find(source, grant, member_id)
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


async def export_rows(source: Read, grant: Grant, params: MemberExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same structures as the list with the same filters."""
    register = _register(source, params)
    query = _then(source, grant, params, register).order_by(register.c.name, register.c.id)
    members = [read(Kept(*row)) for row in await source.session.execute(query)]
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
    statuses = await entries_of(source, ids, [Topic.STATUS])
    outside = [member.id for member in members if not belongs(member)]
    applying = await applying_among(source, outside) if outside else set()
    refused = {
        member.id: refused_acts(member, statuses[member.id], source.today, applying=member.id in applying)
        for member in members
    }
    return [
        MemberOut.of(
            member,
            standing=standings.get(member.id),
            upcoming=announced[member.id],
            acts=possible(
                {act: refusal for act, refusal in refused[member.id].items() if member.id in allowed[_ACTIONS[act]]}
            ),
        )
        for member in members
    ]


async def _find(source: Read, grant: Grant, condition: ColumnElement[bool]) -> Member:
    """Return the record within reach that fulfils a condition; one that was a duplicate only where no other does."""
    likeliest = (TODAY.c.retracted, TODAY.c.merged_into.nulls_first())
    query = select(MemberRow).where(condition, within(grant)).order_by(*likeliest).limit(1)
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise MemberNotFound(_NOT_WITHIN_REACH)
    return to_domain(row)


async def _bearing(source: Read, grant: Grant, condition: ColumnElement[bool]) -> Member:
    """Return the structure that bears an identifier, be it under a record that turned out to be a duplicate."""
    found = await _find(source, grant, condition)
    return await find(source, grant, found.merged_into or found.id)


async def _not_merged(source: Read, grant: Grant, member: Member) -> Member:
    """Let a structure through, not a record that is none. Raises MemberNotFound, MemberMerged, MemberRetracted."""
    if member.retracted:
        raise MemberRetracted("Cette structure venait d'un import qui a été annulé : elle n'est plus au registre.")
    if member.merged_into is not None:
        raise merged(await find(source, grant, member.merged_into))
    return member


def is_past(then: Then) -> bool:
    """Tell whether another day than today is asked for, or what was known at another instant than now."""
    return then.as_of is not None or then.known_at is not None


def _register(source: Read, then: Then) -> FromClause:
    """Return the register: the table of today, or what it was on another day or from what was known then."""
    if not is_past(then):
        return cast("FromClause", TODAY)
    return register_as_of(then.as_of or source.today, then.known_at)


def _order(register: FromClause) -> Order:
    columns = register.c
    return Order(
        columns={"name": columns.name, "reference": columns.reference, "created_at": columns.created_at},
        default="name",
        unique=columns.id,
    )


def selected(source: Read, grant: Grant, filters: MemberFilters) -> Select[Any]:
    """Select the structures of today within reach that pass the filters, for a count of what the list shows."""
    return _read_from(source, TODAY, grant, filters, TODAY.c.answered_for)


def _then(
    source: Read, grant: Grant, params: MemberListParams | MemberExportParams, register: FromClause
) -> Select[Any]:
    """Select the structures of a register of today, or of another day, that pass the filters then."""
    if register is TODAY:
        return selected(source, grant, params)
    of_seats = (_ENTRY.c.topic == Topic.MANDATE.value, _ENTRY.c.key.in_(ANSWERING))
    seats = latest_entries(params.as_of or source.today, params.known_at, *of_seats)
    return _read_from(source, register, grant, params, register.c.id.in_(select(seats.c.member_id)))


def _read_from(
    source: Read, register: FromClause, grant: Grant, filters: MemberFilters, answered_for: ColumnElement[bool]
) -> Select[Any]:
    """Select what is kept of the structures that are within reach today and pass the filters then."""
    columns = register.c
    query = select(*kept_of(register)).where(*_conditions(columns, filters))
    if filters.standing:
        year = filters.standing_year or source.today.year
        query = query.where(repository.stands(columns.id, year, filters.standing))
    if filters.billing_contact is not None:
        query = query.where(answered_for if filters.billing_contact else not_(answered_for))
    if register is TODAY:
        return query.where(within(grant), PRESENT)
    return query.join(TODAY, TODAY.c.id == columns.id).where(within(grant))


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
        conditions.append(columns.activities.overlap(_texts(filters.kind)) if columns is TODAY.c else held)
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
            of_year = columns.id.in_(repository.called_for(year))
            conditions.append(of_year if called else ~of_year)
    if filters.q:
        conditions.append(columns.normalized_name.contains(normalise(filters.q), autoescape=True))
    return conditions


def _texts(values: Collection[object]) -> ColumnElement[Any]:
    return sql_cast([str(value) for value in values], ARRAY(String))


async def _standings(source: Read, members: Sequence[Member]) -> Mapping[UUID, Standing]:
    """Return this year's dues standing of each member among the structures, in as many queries for many as for one.

    One that left has one if it was called before.
    """
    year = source.today.year
    ids = [member.id for member in members if member.status is not MemberStatus.CANDIDATE]
    if not ids:
        return {}
    known = await dues_of(source, year, ids)
    due = [member.id for member in members if belongs(member)]
    return {member_id: Standing.of(known.get(member_id, YearOfDues(year))) for member_id in {*due, *known}}
