"""Loads and saves the addresses of calendars and what they were told; the only writer of their tables."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.clock import beginning
from common.transaction import Read, Tx
from training.calendars.domain import CalendarAddress, Reader, Said, Told
from training.calendars.tables import AddressRow, ToldRow

_SAID = TypeAdapter(Said)
_INSERTED = insert(ToldRow)
_SAVED = _INSERTED.on_conflict_do_update(
    index_elements=["address_id", "slot_id"],
    set_={name: _INSERTED.excluded[name] for name in ("said", "sequence", "ends_at", "changed_at")},
)
_ONE_READER = text("SELECT pg_advisory_xact_lock(hashtextextended(:reader_id, 20260067))")


async def hold_reader(tx: Tx, reader_id: UUID) -> None:
    """Have the addresses of a reader to oneself until the end of the transaction."""
    await tx.session.execute(_ONE_READER, {"reader_id": str(reader_id)})


async def addresses_of(read: Read, reader: Reader, reader_id: UUID) -> list[CalendarAddress]:
    """Return all the addresses of a reader."""
    row = AddressRow
    query = select(row).where(col(row.reader) == reader.value, col(row.reader_id) == reader_id)
    return [to_address(one) for one in (await read.session.execute(query)).scalars()]


async def hold_address(tx: Tx, address_id: UUID) -> CalendarAddress:
    """Load an address that was reached, and hold it until the end of the transaction."""
    query = select(AddressRow).where(col(AddressRow.id) == address_id).with_for_update()
    return to_address((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def add_address(tx: Tx, address: CalendarAddress) -> None:
    """Insert an address."""
    await tx.session.execute(insert(AddressRow).values(**_values(address)))


async def save_address(tx: Tx, address: CalendarAddress) -> None:
    """Write an address that was held."""
    await tx.session.execute(update(AddressRow).where(col(AddressRow.id) == address.id).values(**_values(address)))


async def serving(read: Read, token_hash: str, today: date) -> CalendarAddress | None:
    """Return the address of a secret, None once it is revoked or has expired."""
    row = AddressRow
    query = select(row).where(col(row.token_hash) == token_hash, col(row.revoked_at).is_(None))
    found = (await read.session.execute(query.where(col(row.expires_on) >= today))).scalar_one_or_none()
    return to_address(found) if found else None


async def note_use(tx: Tx, address: CalendarAddress) -> None:
    """Write that a calendar was read today, once a day however often it is."""
    if address.last_used_on == tx.today:
        return
    row = AddressRow
    unread = or_(col(row.last_used_on).is_(None), col(row.last_used_on) < tx.today)
    await tx.session.execute(update(row).where(col(row.id) == address.id, unread).values(last_used_on=tx.today))


async def told(read: Read, address_id: UUID, since: datetime) -> dict[UUID, Told]:
    """Return what the calendar of an address was last told, of what ends since an instant."""
    row: Any = ToldRow.__table__  # type: ignore[attr-defined]
    query = select(row.c.slot_id, row.c.said, row.c.sequence, row.c.told_at, row.c.changed_at)
    query = query.where(row.c.address_id == address_id, row.c.ends_at >= since)
    return {
        slot_id: Told(slot_id=slot_id, said=_SAID.validate_python(said), sequence=n, told_at=told_at, changed_at=at)
        for slot_id, said, n, told_at, at in await read.session.execute(query)
    }


async def save_told(tx: Tx, address_id: UUID, told: Sequence[Told]) -> None:
    """Write what the calendar of an address that is held is told from now on."""
    rows = [
        {
            "address_id": address_id,
            "slot_id": one.slot_id,
            "said": _SAID.dump_python(one.said, mode="json"),
            "sequence": one.sequence,
            "ends_at": one.said.ends_at,
            "told_at": one.told_at,
            "changed_at": one.changed_at,
        }
        for one in told
    ]
    await tx.session.execute(_SAVED, rows)


async def drop_addresses(tx: Tx, kept_from: date) -> int:
    """Delete the addresses that expired, or were revoked, before a day, with what was told; return how many."""
    row = AddressRow
    gone = or_(col(row.expires_on) < kept_from, col(row.revoked_at) < beginning(kept_from))
    return len((await tx.session.execute(delete(row).where(gone).returning(col(row.id)))).all())


async def drop_told(tx: Tx, before: datetime) -> int:
    """Forget what calendars were told of what was over before an instant; return how many."""
    row: Any = ToldRow.__table__  # type: ignore[attr-defined]
    dropped = await tx.session.execute(delete(row).where(row.c.ends_at < before).returning(row.c.slot_id))
    return len(dropped.all())


def to_address(row: AddressRow) -> CalendarAddress:
    """Read a row as the rules know an address."""
    same = {name: getattr(row, name) for name in CalendarAddress.__dataclass_fields__ if name != "reader"}
    return CalendarAddress(**same, reader=Reader(row.reader))


def _values(address: CalendarAddress) -> dict[str, Any]:
    return {**asdict(address), "reader": address.reader.value}
