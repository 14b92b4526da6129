"""Loads and writes entries; the only writer of the table ``member_entry``."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, Uuid, and_, any_, bindparam, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from common.db import copy_rows, json_text
from common.transaction import Read, Tx
from membership.members.domain import STRUCTURE, Entry, Member, Subject, Topic, Value, periods
from membership.members.repository.periods import Drawn, redraw
from membership.members.tables import EntryRow, MemberRow

_TABLE: Any = MemberRow.__table__  # type: ignore[attr-defined]
_ENTRY: Any = EntryRow.__table__  # type: ignore[attr-defined]


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


async def add_first_entries(tx: Tx, entries: Iterable[Entry]) -> None:
    """Write the entries that structures enter the register with, of which ``add`` has written what they make."""
    await copy_rows(tx.session, "member_entry", map(_entry_values, entries))


async def add_entries(tx: Tx, entries: Collection[Entry]) -> None:
    """Write new entries of held structures, and draw again the days that they change."""
    await copy_rows(tx.session, "member_entry", map(_entry_values, entries))
    await draw_again(tx, {entry.member_id for entry in entries if entry.subject.topic in STRUCTURE})


async def draw_again(tx: Tx, member_ids: Collection[UUID]) -> set[UUID]:
    """Write what the entries of held structures say of each day, as is known from the last of them on.

    Return those of which something changed.
    """
    known: dict[UUID, list[Entry]] = {member_id: [] for member_id in member_ids}
    for entry in await entries_of(tx, sorted(member_ids), STRUCTURE):
        known[entry.member_id].append(entry)
    return await redraw(
        tx, {id_: Drawn(periods(entries), since=entries[-1].recorded_at) for id_, entries in known.items() if entries}
    )


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
        "value": None if entry.value is None else json_text(entry.value),
        "withdraws": entry.withdraws,
        "announced": entry.announced,
        "reason": entry.reason,
        "source": entry.source,
    }


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
