"""Loads and saves structures and their entries; the only writer of the tables ``member`` and ``member_entry``."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import UniqueViolationError
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Row,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col

from common.db import copy_rows
from common.transaction import Read, Tx
from membership.members.domain import (
    STRUCTURE,
    Entry,
    Identity,
    Kept,
    Member,
    MemberNotFound,
    SirenTaken,
    Subject,
    Topic,
    Value,
    nested,
    read,
    written,
)
from membership.members.tables import DuesCall, EntryRow, MemberRow

_TABLE: Any = MemberRow.__table__  # type: ignore[attr-defined]
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]
_UNIQUE_SIREN = "uq_member_siren"
_SIREN_TAKEN = "Une autre structure porte déjà ce SIREN."

_IDENTITIES = text("""
SELECT m.id, m.normalized_name, m.postcode, m.department, m.siren, borne.sirens, borne.sirets, ARRAY(
    SELECT upper(regexp_replace(value ->> 'convention', '[^[:alnum:]]', '', 'g'))
    FROM jsonb_each(m.held -> 'activity') WHERE value ->> 'convention' <> ''
) AS conventions
FROM member m LEFT JOIN (
    SELECT member_id, array_agg(value ->> 'siren') FILTER (WHERE value ->> 'siren' <> '') AS sirens,
        array_agg(value ->> 'siret') FILTER (WHERE value ->> 'siret' <> '') AS sirets
    FROM member_entry e WHERE topic = 'identifiers' AND value IS NOT NULL
        AND NOT EXISTS (SELECT FROM member_entry w WHERE w.withdraws = e.id) GROUP BY member_id
) borne ON borne.member_id = m.id WHERE m.merged_into IS NULL
""")

# Part of every page that shows structures: written once, and read as rows.
_ANNOUNCED = (
    select(_ENTRY)
    .join(_TABLE, _TABLE.c.id == _ENTRY.c.member_id)
    .where(
        _TABLE.c.id == any_(bindparam("members", type_=ARRAY(Uuid))),
        _ENTRY.c.announced,
        _ENTRY.c.effective_on > _TABLE.c.as_of,
        _ENTRY.c.topic == any_(bindparam("topics", type_=ARRAY(String))),
    )
    .order_by(_ENTRY.c.recorded_at, _ENTRY.c.id)
)


async def get_for_update(tx: Tx, member_id: UUID) -> Member:
    """Load a structure and hold it until the end of the transaction. Raises MemberNotFound."""
    row = await tx.session.get(MemberRow, member_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise MemberNotFound("Cette structure n'existe pas.")
    return to_domain(row)


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Load structures and hold them, in one order for everybody, so that two sittings cannot deadlock."""
    query = select(MemberRow).where(col(MemberRow.id).in_(ids)).order_by(col(MemberRow.id)).with_for_update()
    rows = await tx.session.execute(query.execution_options(populate_existing=True))
    return {row.id: to_domain(row) for row in rows.scalars()}


async def entries_of(source: Read, member_ids: Sequence[UUID], topics: Collection[Topic] = tuple(Topic)) -> list[Entry]:
    """Return the entries of some structures, on some topics or all, in the order in which they were recorded."""
    query = select(EntryRow).where(col(EntryRow.member_id).in_(member_ids))
    if len(topics) < len(Topic):
        query = query.where(col(EntryRow.topic).in_([topic.value for topic in topics]))
    ordered = query.order_by(col(EntryRow.recorded_at), col(EntryRow.id))
    return [to_entry(row) for row in (await source.session.execute(ordered)).scalars()]


async def entries_about(source: Read, contact_ids: Collection[UUID]) -> list[Entry]:
    """Return what was ever entered about one person, under every record that knows or knew them, as it was recorded.

    ``contact_ids`` are those of the one person: records that were merged may have known them twice.
    """
    keys = [str(contact_id) for contact_id in contact_ids]
    known = and_(col(EntryRow.topic) == Topic.CONTACT.value, col(EntryRow.key).in_(keys))
    seated = and_(
        col(EntryRow.topic) == Topic.MANDATE.value,
        col(EntryRow.value)["contact_id"].astext.in_(keys),
        col(EntryRow.member_id).in_(select(col(EntryRow.member_id)).where(known)),
    )
    query = select(EntryRow).where(or_(known, seated)).order_by(col(EntryRow.recorded_at), col(EntryRow.id))
    return [to_entry(row) for row in (await source.session.execute(query)).scalars()]


async def announced(source: Read, members: Sequence[Member], topics: Collection[Topic]) -> list[Entry]:
    """Return what was recorded of some structures for days after the one they stand at, in the order of recording.

    Superseded and withdrawn entries are among it.
    """
    of_whom = {"members": [member.id for member in members], "topics": [topic.value for topic in topics]}
    return [to_entry(row) for row in await source.session.execute(_ANNOUNCED, of_whom)]


def latest_entries(day: date, known_at: datetime | None, *conditions: ColumnElement[bool]) -> FromClause:
    """Return what holds on a day of each subject that fulfils the conditions, from what was known at an instant.

    The same two steps as ``in_force``, which a test holds it to: for each subject and day the last entry that was not
    withdrawn, and of these the one of the latest day.
    """
    entry = EntryRow.__table__.c  # type: ignore[attr-defined]
    known = (entry.recorded_at <= known_at,) if known_at is not None else ()
    counting = entries_of_days(day, known_at, *known, *conditions)
    subject = (counting.c.member_id, counting.c.topic, counting.c.key)
    latest = (
        select(*subject, counting.c.value)
        .ext(distinct_on(*subject))
        .order_by(*subject, counting.c.effective_on.desc())
        .subquery()
    )
    return select(latest).where(latest.c.value.is_not(None)).subquery()


def entries_of_days(day: date, known_at: datetime | None, *conditions: ColumnElement[bool]) -> FromClause:
    """Return the entries that count until a day: of each subject and day the last one that was not withdrawn."""
    entry = EntryRow.__table__.c  # type: ignore[attr-defined]
    subject = (entry.member_id, entry.topic, entry.key)
    marker = aliased(EntryRow)
    seen = (col(marker.recorded_at) <= known_at,) if known_at is not None else ()
    void = exists().where(col(marker.withdraws) == entry.id, *seen)
    return (
        select(*subject, entry.effective_on, entry.value)
        .ext(distinct_on(*subject, entry.effective_on))
        .where(entry.effective_on <= day, entry.withdraws.is_(None), ~void, *conditions)
        .order_by(*subject, entry.effective_on, entry.recorded_at.desc())
        .subquery()
    )


def register_as_of(day: date, known_at: datetime | None, *conditions: ColumnElement[bool]) -> FromClause:
    """Return the register as it was on a day, from what was known at an instant: a table like ``member``.

    ``conditions`` are on entries: only what they concern is read.
    """
    told = col(EntryRow.topic).in_([topic.value for topic in STRUCTURE])
    latest = latest_entries(day, known_at, told, *conditions)
    topics = (
        select(latest.c.member_id, latest.c.topic, func.jsonb_object_agg(latest.c.key, latest.c.value).label("by_key"))
        .group_by(latest.c.member_id, latest.c.topic)
        .subquery()
    )
    held = (
        select(topics.c.member_id, cast(func.jsonb_object_agg(topics.c.topic, topics.c.by_key), JSONB).label("held"))
        .group_by(topics.c.member_id)
        .subquery()
    )
    return _as_the_register(held, day)


def _as_the_register(held: FromClause, day: date) -> FromClause:
    """Read the columns of ``member`` from what was held then; its id and reference do not depend on a day."""
    member = MemberRow.__table__.c  # type: ignore[attr-defined]

    def value(topic: Topic, name: str) -> ColumnElement[str]:
        path: ColumnElement[str] = held.c.held[(topic.value, "", name)].astext
        return path

    covering = value(Topic.ADDRESS, "covering_delegation")
    return (
        select(
            member.id,
            member.reference,
            member.version,
            member.created_at,
            literal(day).label("as_of"),
            value(Topic.NAME, "name").label("name"),
            value(Topic.NAME, "normalized").label("normalized_name"),
            value(Topic.STATUS, "status").label("status"),
            value(Topic.CATEGORY, "category").label("category"),
            func.coalesce(value(Topic.DELEGATION, "code"), covering).label("delegation"),
            value(Topic.ADDRESS, "department").label("department"),
            cast(value(Topic.STATUS, "joined_on"), Date).label("joined_on"),
            cast(value(Topic.STATUS, "left_on"), Date).label("left_on"),
            held.c.held,
        )
        .join(held, held.c.member_id == member.id)
        .where(held.c.held.has_key(Topic.NAME.value), ~held.c.held.has_key(Topic.MERGED.value))
        .subquery()
    )


async def identities(source: Read) -> list[Identity]:
    """Return what every structure of the register is recognised by, duplicates that were merged aside."""
    return [
        Identity(
            *(row.id, row.normalized_name, row.postcode, row.department, row.siren),
            *(frozenset(numbers or ()) for numbers in (row.sirens, row.sirets, row.conventions)),
        )
        for row in await source.session.execute(_IDENTITIES)
    ]


def _borne() -> Select[DuesCall, UUID]:
    """Select each call with the structure it is of: what a duplicate was called for is its structure's."""
    borne_by = func.coalesce(col(MemberRow.merged_into), col(DuesCall.member_id))
    return select(DuesCall, borne_by.label("borne_by")).outerjoin(
        MemberRow, col(MemberRow.id) == col(DuesCall.member_id)
    )


def called_for(year: int) -> Select[tuple[UUID]]:
    """Select the structures that were called for a year."""
    of_year = _borne().where(col(DuesCall.year) == year).subquery()
    return select(of_year.c.borne_by)


async def calls(source: Read, member_ids: Collection[UUID] | None, *condition: ColumnElement[bool]) -> list[DuesCall]:
    """Return the calls for dues of all structures or of some, the oldest first, each as its structure's."""
    query = _borne().where(*condition)
    if member_ids is not None:
        records = select(col(MemberRow.id)).where(col(MemberRow.merged_into).in_(member_ids))
        query = query.where(or_(col(DuesCall.member_id).in_(member_ids), col(DuesCall.member_id).in_(records)))
    rows = await source.session.execute(query.order_by(col(DuesCall.year), col(DuesCall.number)))
    return [DuesCall(**{**call.model_dump(), "member_id": structure}) for call, structure in rows]


async def overdue(tx: Tx, *, after: UUID | None, limit: int) -> list[UUID]:
    """Return the next structures of which an announced entry has come to hold since they were last brought to a day."""
    query = (
        select(col(MemberRow.id))
        .join(EntryRow, col(EntryRow.member_id) == col(MemberRow.id))
        .where(
            col(EntryRow.announced),
            col(EntryRow.effective_on) <= tx.today,
            col(EntryRow.effective_on) > col(MemberRow.as_of),
        )
        .distinct()
        .order_by(col(MemberRow.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(MemberRow.id) > after)
    return list((await tx.session.execute(query)).scalars())


async def add(tx: Tx, members: Sequence[tuple[Member, Mapping[Subject, Value]]]) -> None:
    """Insert new structures, each with its values. Raises SirenTaken."""
    rows = (
        {**_values(tx, member, values), "held": _json(nested(values)), "created_at": tx.now}
        for member, values in members
    )
    try:
        await copy_rows(tx.session, "member", rows)
    except UniqueViolationError as error:
        if error.constraint_name == _UNIQUE_SIREN:
            raise SirenTaken(_SIREN_TAKEN) from None
        raise


async def save(tx: Tx, member: Member, *, answered_for: bool) -> None:
    """Write a structure that was loaded for update, as it is today. Raises SirenTaken."""
    values = written(member)
    changed = {**_values(tx, member, values), "held": nested(values), "answered_for": answered_for}
    statement = update(MemberRow).where(col(MemberRow.id) == member.id).values(**changed)
    try:
        await tx.session.execute(statement)
    except IntegrityError as error:
        if _UNIQUE_SIREN in str(error.orig):
            raise SirenTaken(_SIREN_TAKEN) from None
        raise


async def mark(tx: Tx, member_id: UUID, **columns: object) -> None:
    """Write some columns of a structure that was loaded for update, and nothing else."""
    await tx.session.execute(update(MemberRow).where(col(MemberRow.id) == member_id).values(**columns))


async def add_entries(tx: Tx, entries: Iterable[Entry]) -> None:
    """Write new lines of the register."""
    await copy_rows(tx.session, "member_entry", map(_entry_values, entries))


async def forget_person(tx: Tx, contact_id: UUID, left: Value) -> None:
    """Let go of all that was ever entered about a person, leaving ``left`` in its place, and of every reason given.

    Under every record that it was entered of: the merge of a duplicate carries people from one to another.
    """
    key = str(contact_id)
    about = and_(col(EntryRow.topic) == Topic.CONTACT.value, col(EntryRow.key) == key)
    await tx.session.execute(update(EntryRow).where(about, col(EntryRow.value).is_not(None)).values(value=left))
    known_by = select(col(EntryRow.member_id)).where(about)
    seats = and_(col(EntryRow.topic) == Topic.MANDATE.value, col(EntryRow.member_id).in_(known_by))
    held = select(col(EntryRow.member_id), col(EntryRow.key)).where(
        seats, col(EntryRow.value)["contact_id"].astext == key
    )
    # Whoever came before or after on the same seat: « remplace Camille EXEMPLE ».
    on_their_seats = and_(seats, tuple_(col(EntryRow.member_id), col(EntryRow.key)).in_(held))
    await tx.session.execute(update(EntryRow).where(or_(about, on_their_seats)).values(reason=None))


def _entry_values(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "member_id": entry.member_id,
        "topic": entry.subject.topic.value,
        "key": entry.subject.key,
        "effective_on": entry.effective_on,
        "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
        "value": None if entry.value is None else _json(entry.value),
        "withdraws": entry.withdraws,
        "announced": entry.announced,
        "reason": entry.reason,
        "source": entry.source,
    }


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _values(tx: Tx, member: Member, values: Mapping[Subject, Value]) -> dict[str, object]:
    return {
        "id": member.id,
        "reference": member.reference,
        "name": member.name,
        "normalized_name": values[Subject(Topic.NAME)]["normalized"],
        "siren": member.siren,
        "siret": member.siret,
        "status": member.status.value,
        "category": member.category.value,
        "activities": [kind.value for kind in member.activities],
        "delegation": member.delegation,
        "department": member.department,
        "street": member.street,
        "postcode": member.postcode,
        "city": member.city,
        "joined_on": member.joined_on,
        "left_on": member.departure.left_on if member.departure else None,
        "merged_into": member.merged_into,
        "as_of": member.as_of or tx.today,
        "version": member.version,
    }


def to_domain(row: MemberRow) -> Member:
    """Turn a row into the structure the rules know."""
    return read(Kept(row.id, row.reference, row.version, row.as_of, row.held))


def to_entry(row: EntryRow | Row[Any]) -> Entry:
    """Turn a row into the entry the rules know."""
    return Entry(
        id=row.id,
        member_id=row.member_id,
        subject=Subject(Topic(row.topic), row.key),
        effective_on=row.effective_on,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        value=row.value,
        withdraws=row.withdraws,
        announced=row.announced,
        reason=row.reason,
        source=row.source,
    )
