"""Loads and saves the dates of the agenda and the addresses of its feeds; the only writer of their tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.clock import beginning
from common.moments import When
from common.transaction import Read, Tx
from membership.agenda.domain import AgendaEntry, AgendaFeed, AgendaMode, AgendaStatus, Audience, Source, Told
from membership.agenda.tables import AgendaEntryRow, AgendaFeedRow
from membership.members.domain import normalise

_INSERTED = insert(AgendaEntryRow)
_SAVED = _INSERTED.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _INSERTED.excluded[name] for name in AgendaEntryRow.model_fields if name != "id"},
)
"""Written once: to name every column again takes longer than to send it."""
_ONE_PERSON = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 20260118))")


async def hold(tx: Tx, ids: Collection[UUID]) -> dict[UUID, AgendaEntry]:
    """Load the dates that are known among some, in one order, and hold them until the end of the transaction."""
    query = select(AgendaEntryRow).where(col(AgendaEntryRow.id).in_(ids)).order_by(col(AgendaEntryRow.id))
    rows = (await tx.session.execute(query.with_for_update().execution_options(populate_existing=True))).scalars()
    return {row.id: to_domain(row) for row in rows}


async def save(tx: Tx, entries: Sequence[AgendaEntry]) -> None:
    """Write dates that are new, or were held."""
    if not entries:
        return
    await tx.session.execute(_SAVED, [_values(entry) for entry in sorted(entries, key=lambda one: one.told.id)])


async def hold_feeds_of(tx: Tx, subject: str) -> list[AgendaFeed]:
    """Return the addresses of one person, who asks for one at a time."""
    await tx.session.execute(_ONE_PERSON, {"subject": subject})
    query = select(AgendaFeedRow).where(col(AgendaFeedRow.subject) == subject)
    return [to_feed(row) for row in (await tx.session.execute(query)).scalars()]


async def hold_feed(tx: Tx, feed_id: UUID) -> AgendaFeed | None:
    """Load an address and hold it until the end of the transaction; None where there is none."""
    query = select(AgendaFeedRow).where(col(AgendaFeedRow.id) == feed_id)
    row = (
        await tx.session.execute(query.with_for_update().execution_options(populate_existing=True))
    ).scalar_one_or_none()
    return to_feed(row) if row else None


async def add_feed(tx: Tx, feed: AgendaFeed) -> None:
    """Insert an address."""
    await tx.session.execute(insert(AgendaFeedRow).values(**{**asdict(feed), "roles": list(feed.roles)}))


async def save_feed(tx: Tx, feed: AgendaFeed) -> None:
    """Write an address that was held."""
    values = {**asdict(feed), "roles": list(feed.roles)}
    await tx.session.execute(update(AgendaFeedRow).where(col(AgendaFeedRow.id) == feed.id).values(**values))


async def drop_feeds(tx: Tx, kept_from: date) -> int:
    """Delete the addresses that expired, or were revoked, before a day; return how many."""
    row = AgendaFeedRow
    gone = or_(col(row.expires_on) < kept_from, col(row.revoked_at) < beginning(kept_from))
    dropped = await tx.session.execute(delete(row).where(gone).returning(col(row.id)))
    return len(dropped.all())


async def serving(source: Read, token_hash: str, today: date) -> AgendaFeed | None:
    """Return the feed of a secret, None once it is revoked or has expired."""
    row = AgendaFeedRow
    query = select(row).where(col(row.token_hash) == token_hash, col(row.revoked_at).is_(None))
    found = (await source.session.execute(query.where(col(row.expires_on) >= today))).scalar_one_or_none()
    return to_feed(found) if found else None


async def note_use(tx: Tx, feed_id: UUID, today: date) -> None:
    """Write that a feed was read today, once a day however often it is read."""
    row = AgendaFeedRow
    unread = or_(col(row.last_used_on).is_(None), col(row.last_used_on) < today)
    await tx.session.execute(update(row).where(col(row.id) == feed_id, unread).values(last_used_on=today))


def to_domain(row: AgendaEntryRow) -> AgendaEntry:
    """Read a row as the rules know a date."""
    told = Told(
        id=row.id,
        source=Source(row.source),
        kind=row.kind,
        title=row.title,
        when=When(row.starts_at, row.ends_at, row.zone, row.all_day),
        audience=Audience(row.audience),
        delegation=row.delegation,
        description=row.description,
        mode=AgendaMode(row.mode) if row.mode else None,
        place=row.place,
        url=row.url,
        status=AgendaStatus(row.status),
        cancelled_reason=row.cancelled_reason,
        participants=tuple(row.participants),
        listed=row.listed,
    )
    stamps = {field.name: getattr(row, field.name) for field in fields(AgendaEntry) if field.name != "told"}
    return AgendaEntry(told, **stamps)


def to_feed(row: AgendaFeedRow) -> AgendaFeed:
    """Read a row as the rules know a feed."""
    return AgendaFeed(**{**row.model_dump(), "roles": tuple(row.roles)})


def _values(entry: AgendaEntry) -> dict[str, Any]:
    told, when = entry.told, entry.told.when
    return {
        **{field.name: getattr(told, field.name) for field in fields(Told) if field.name != "when"},
        **{field.name: getattr(when, field.name) for field in fields(When)},
        **{field.name: getattr(entry, field.name) for field in fields(AgendaEntry) if field.name != "told"},
        "first_day": when.first_day,
        "last_day": when.last_day,
        "source": told.source.value,
        "audience": told.audience.value,
        "mode": told.mode.value if told.mode else None,
        "status": told.status.value,
        "participants": list(told.participants or ()),
        "normalized": normalise(f"{told.title} {told.place or ''}"),
    }
