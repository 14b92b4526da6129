"""Reads of the register for whoever needs it: structures, values of a day, what other lists are joined with."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    Uuid,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from membership.members import repository
from membership.members.domain import (
    Entry,
    Kept,
    Member,
    MemberStatus,
    Topic,
    counting,
    normalise,
)
from membership.members.repository import entries_of_days, latest_entries, register_as_of, to_domain
from membership.members.tables import FOLDED_CITY, EntryRow, MemberRow
from membership.rights import RIGHTS, Act

TODAY: Any = MemberRow.__table__  # type: ignore[attr-defined]
"""The register as it is today, for lists of other capabilities to be joined with."""
_RECORD = TODAY.alias("record")
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]
PRESENT: ColumnElement[bool] = and_(TODAY.c.merged_into.is_(None), ~TODAY.c.retracted)
"""The condition that a record is a structure: neither a duplicate of one, nor what an import was undone of."""


def visible(grant: Grant, *, merged: bool = False) -> Select[tuple[UUID]]:
    """Select the ids of the structures within reach; ``merged``, of the records that were duplicates too."""
    return select(TODAY.c.id).where(within(grant), *_unless(merged))


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
    query = select(MemberRow).where(TODAY.c.id == _among(member_ids))
    return {row.id: to_domain(row) for row in (await source.session.execute(query)).scalars()}


async def applying_among(source: Read, member_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some structures of which an application is to be decided."""
    query = select(TODAY.c.id).where(TODAY.c.id == _among(member_ids), TODAY.c.applying)
    return set((await source.session.execute(query)).scalars())


async def bearer_of(source: Read, siren: str) -> Member | None:
    """Return the structure that bears a SIREN today, whoever asks."""
    query = select(MemberRow).where(TODAY.c.siren == siren, PRESENT)
    row = (await source.session.execute(query)).scalar_one_or_none()
    return to_domain(row) if row else None


async def parts_of(source: Read, group_id: UUID) -> int:
    """Return how many structures are part of a group today."""
    query = select(func.count()).where(TODAY.c.held[Topic.GROUP.value].has_key(str(group_id)))
    return int((await source.session.execute(query)).scalar_one())


async def groups_among(source: Read, member_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some structures that another is part of, was, or is announced to be."""
    keys = any_(literal([str(member_id) for member_id in member_ids], ARRAY(String)))
    counting = entries_of_days(date.max, None, _ENTRY.c.topic == Topic.GROUP.value, _ENTRY.c.key == keys).c
    query = select(counting.key).where(counting.value.is_not(None)).distinct()
    return set(map(UUID, (await source.session.execute(query)).scalars()))


async def names_of(source: Read, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return what some structures are called today."""
    query = select(TODAY.c.id, TODAY.c.name).where(TODAY.c.id == _among(member_ids))
    return {row.id: row.name for row in await source.session.execute(query)}


def held_on(day: date, topic: Topic, keys: Sequence[str], member_ids: Collection[UUID] | None = None) -> FromClause:
    """Return the values that some subjects of one topic have on a day, of every structure that has one, or of some."""
    return latest_entries(day, None, _ENTRY.c.topic == topic.value, _ENTRY.c.key.in_(keys), _about(member_ids))


def register_on(day: date, member_ids: Collection[UUID] | None = None, known_at: datetime | None = None) -> FromClause:
    """Return the register of a day as a table, what is announced for it included, of all structures or of some."""
    return register_as_of(day, known_at, member_ids)


def kept_of(register: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of a register, of today or of a day, of which ``Kept`` is made, in its order."""
    return [register.c[name] for name in Kept._fields]


def statuses_until(day: date) -> FromClause:
    """Return every standing that structures entered until a day, as a table: ``member_id``, ``status``, ``joined_on``,
    ``left_on``, ``effective_on``; what was withdrawn or entered again for the same day is not in it.
    """
    one = entries_of_days(day, None, _ENTRY.c.topic == Topic.STATUS.value).c
    status = one.value["status"].astext.label("status")
    days = (cast(one.value[name].astext, Date).label(name) for name in ("joined_on", "left_on"))
    query = select(one.member_id, one.effective_on, status, *days).where(one.value.is_not(None))
    return query.join(TODAY, TODAY.c.id == one.member_id).where(PRESENT).subquery()


def structure_of(member_id: ColumnElement[UUID]) -> ColumnElement[UUID]:
    """Return the structure that a record is of, for a query: itself, or the one that its duplicate was merged into."""
    into = select(_RECORD.c.merged_into).where(_RECORD.c.id == member_id).correlate_except(_RECORD).scalar_subquery()
    found: ColumnElement[UUID] = func.coalesce(into, member_id)
    return found


async def register_mark(source: Read) -> str:
    """Return a text that is another one after any change of the register: none is lost, each gives a new version."""
    query = select(func.count(), func.coalesce(func.sum(col(MemberRow.version)), 0))
    return "/".join(map(str, (await source.session.execute(query)).one()))


async def every_structure(source: Read) -> list[Member]:
    """Return the whole register: an import compares with all of it."""
    return [to_domain(row) for row in (await source.session.execute(select(MemberRow).where(PRESENT))).scalars()]


def joined_with_member(
    query: Select[Any], member_id: ColumnElement[UUID], grant: Grant, *, merged: bool = False
) -> Select[Any]:
    """Add to another capability's query the structure each row is about, within the grant's reach.

    The row's last column is read with ``member_of``. What is about a record that was a duplicate is left out, unless
    ``merged``: what was written once, as a frozen roll, stays whole.
    """
    joined = query.add_columns(MemberRow).join(MemberRow, TODAY.c.id == member_id)
    return joined.where(within(grant), *_unless(merged))


def is_reached(grant: Grant, *member_ids: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that one at least of the structures that a row is about is within the grant's reach.

    Records that were duplicates count: what was written of them stays.
    """
    return exists().where(TODAY.c.id.in_(member_ids), within(grant))


def member_of(row: Any) -> Member:
    """Return the structure that ``joined_with_member`` added to a row."""
    return to_domain(row[-1])


def _among(ids: Collection[UUID]) -> ColumnElement[Any]:
    """Return any of these ids as one parameter: an export asks for more than a statement may have."""
    among: ColumnElement[Any] = any_(literal(list(ids), ARRAY(Uuid)))
    return among


def _about(member_ids: Collection[UUID] | None) -> ColumnElement[bool]:
    return true() if member_ids is None else _ENTRY.c.member_id == _among(member_ids)


MEMBER_TOWN: ColumnElement[str] = literal_column(FOLDED_CITY)
MEMBER_ID: ColumnElement[UUID] = TODAY.c.id
MEMBER_NAME: ColumnElement[str] = TODAY.c.name
MEMBER_REFERENCE: ColumnElement[str] = TODAY.c.reference
MEMBER_DELEGATION: ColumnElement[str | None] = TODAY.c.delegation
MEMBER_ACTIVITIES: ColumnElement[list[str]] = TODAY.c.activities
MEMBER_JOINED_ON: ColumnElement[date | None] = TODAY.c.joined_on
"""For the order and the counts of a list of what is about structures."""


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
    query = select(TODAY.c.id).where(within(grant), TODAY.c.id == _among(member_ids))
    return set((await source.session.execute(query)).scalars())


def within(grant: Grant) -> ColumnElement[bool]:
    """Return the condition that a structure is within reach."""
    return grant.covers(member=TODAY.c.id, delegation=TODAY.c.delegation)


def _unless(merged: bool) -> tuple[ColumnElement[bool], ...]:
    return () if merged else (PRESENT,)


def in_delegations(codes: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a joined structure is covered by one of these delegations."""
    condition: ColumnElement[bool] = TODAY.c.delegation.in_(codes)
    return condition


def is_named_like(words: str) -> ColumnElement[bool]:
    """Return the condition that a joined structure's name contains some words, without case nor accents."""
    condition: ColumnElement[bool] = TODAY.c.normalized_name.contains(normalise(words), autoescape=True)
    return condition


def still_belongs() -> ColumnElement[bool]:
    """Return ``belongs`` as a condition on a joined structure."""
    condition: ColumnElement[bool] = TODAY.c.status.in_([MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value])
    return condition


def has_complete_file() -> ColumnElement[bool]:
    """Return ``missing_for_admission`` as a condition on a joined structure; a test holds the two together."""
    columns = TODAY.c
    return and_(
        func.cardinality(columns.activities) > 0,
        columns.street.is_not(None),
        columns.postcode.is_not(None),
        columns.city.is_not(None),
        columns.delegation.is_not(None),
    )
