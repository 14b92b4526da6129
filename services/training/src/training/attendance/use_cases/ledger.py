"""Write in the ledger of a session: it is held, one line follows another, and those who count on it are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from common.transaction import Tx
from training.attendance import domain, repository
from training.attendance.domain import Entry, Head, Kind, Said, Sheet, Told
from training.attendance.queries.showing import sheets_of
from training.enrolments.queries.roster import seated_in
from training.enrolments.use_cases import completing
from training.sessions.domain import Session, Slot


@dataclass(frozen=True, slots=True)
class Held:
    """A half-day whose session's ledger is held."""

    session: Session
    slot: Slot
    head: Head
    sheet: Sheet


async def hold_ledger(tx: Tx, session_id: UUID) -> None:
    """Have what reads a ledger and writes from it see no line added meanwhile, until the end of the transaction."""
    await repository.hold(tx, session_id)


async def hold(tx: Tx, session: Session, slot_id: UUID) -> Held:
    """Have the ledger of a session to oneself, to write of one half-day. Raises HalfDayNotFound, SessionNotHeld."""
    slot = domain.slot_of(session, slot_id)
    head = await repository.hold(tx, session.id)
    entries = await repository.entries_of(tx, session.id, slot_id)
    return Held(session, slot, head, domain.sheet_of(slot, entries))


async def write(tx: Tx, session: Session, head: Head, said: Sequence[Said]) -> None:
    """Add what was said to a ledger that is held. Raises SessionNotFound, SessionNotOpen."""
    await settle(tx, session, *domain.follow(head, said, tx.now, tx.actor.subject))


async def settle(tx: Tx, session: Session, head: Head, entries: Sequence[Entry]) -> None:
    """Add lines to a ledger that is held, and tell what follows from them. Raises SessionNotFound, SessionNotOpen.

    Who has followed what is told once every half-day is signed, and again where a correction changes it.
    """
    await repository.append(tx, head, entries, {slot.id: slot for slot in session.slots})
    if not any(entry.said.kind is Kind.CLOSED or entry.said.corrects for entry in entries):
        return
    sheets, _ = await sheets_of(tx, session)
    if domain.all_closed(sheets):
        await _tell(tx, session, sheets)


async def _tell(tx: Tx, session: Session, sheets: Sequence[Sheet]) -> None:
    seats = [seat.enrolment_id for seat in await seated_in(tx, session.id)]
    found = [domain.followed(sheets, seat) for seat in seats]
    for news in domain.to_tell(found, await repository.completions(tx, seats)):
        await repository.save_completion(tx, news)
        if news.told is Told.COMPLETED:
            await completing.tell_followed(tx, news.enrolment_id, news.hours, news.last_day)
        else:
            await completing.tell_not_followed(tx, news.enrolment_id)
