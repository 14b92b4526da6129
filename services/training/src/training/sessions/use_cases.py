"""What is done with sessions: prepare, plan, announce, move, confirm, cancel.

The session is held first, then its rooms and its trainers: of two who want one at the same time, the second is told by
which session it is taken.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from common.contracts.training import SessionCancelled, SessionConfirmed, SessionMoved, SessionScheduled
from common.etags import check_version
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from training.rooms.queries import rooms_by_id, rooms_of
from training.sessions import domain, repository
from training.sessions.domain import (
    CancelReason,
    Change,
    CostLine,
    EventKind,
    Known,
    Session,
    Slot,
    SlotUnknown,
    Subject,
    Terms,
    Wanted,
)
from training.sessions.events import says_the_same, told
from training.sessions.queries.rules import clashes, known_for, listed, taught_now
from training.sessions.queries.sessions import find_session, session_of
from training.sessions.schemas import (
    SessionExpenses,
    SessionMove,
    SessionNew,
    SessionPlan,
    SessionSlotBody,
    SessionTerms,
)
from training.trainers.domain import HalfDay
from training.trainers.queries import trainers_by_id

_ENTITY, _JOURNAL = "training", "SES"


async def hold(tx: Tx, session_id: UUID) -> Session:
    """Have a session to oneself until the end of the transaction. Raises SessionNotFound."""
    [session] = await repository.whole(tx, [await repository.get(tx, session_id, for_update=True)])
    return session


async def hold_as_seen(tx: Tx, grant: Grant, session_id: UUID, if_match: str | None) -> Session:
    """Have the session that somebody has read to oneself.

    Raises SessionNotFound, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    session = await hold(tx, session_id)
    await check_version(if_match, session.version, partial(find_session, tx, grant, session_id))
    return session


async def create(tx: Tx, given: SessionNew) -> UUID:
    """Prepare a session of a programme on sale, at its present version; return its id.

    Raises SheetNotFound, VersionNotFound, ProgrammeNotTaught, ZoneUnknown, DateWrong, RuleMissing.
    """
    pinned, sheet = await taught_now(tx, given.programme_code)
    terms = _terms(given, seats_min=sheet.content.trainees_min, seats_max=sheet.content.trainees_max)
    [reference] = await take_numbers(tx, Series(_ENTITY, _JOURNAL, tx.today.year), 1)
    session = Session(id=new_id(), reference=reference, pinned=pinned, terms=terms)
    domain.require_dates(session)
    await repository.add(tx, session, listed(tx, session, await known_for(tx, [session])))
    return session.id


async def duplicate(tx: Tx, session_id: UUID, first_day: date) -> UUID:
    """Prepare a session like another, from another day, at the programme's present version; return its id.

    The days that were set by hand are not carried, nor what cancelling would cost: they were of the other's dates.

    Raises SessionNotFound, NothingToCopy, SheetNotFound, VersionNotFound, ProgrammeNotTaught, HourSkipped,
    SlotTimesWrong, SlotsOverlap, RuleMissing.
    """
    model = await session_of(tx, session_id)
    domain.require_slots(model)
    pinned, _ = await taught_now(tx, model.pinned.code)
    days = (first_day - model.slots[0].half_day.day).days
    wanted = domain.carried(model.slots, days, [new_id() for _ in model.slots])
    [reference] = await take_numbers(tx, Series(_ENTITY, _JOURNAL, tx.today.year), 1)
    session = Session(
        id=new_id(),
        reference=reference,
        pinned=pinned,
        terms=domain.without_days(model.terms),
        slots=await _laid_out(tx, list(wanted), model.terms.zone),
        costs=domain.carried_costs(model.costs),
    )
    await repository.add(tx, session, listed(tx, session, await known_for(tx, [session])))
    return session.id


async def amend(tx: Tx, session: Session, given: SessionTerms) -> None:
    """Decide otherwise of a session that is held. One that is announced stays fit.

    Raises SessionEnded, AudienceKept, ZoneUnknown, DateWrong, Incomplete, HourSkipped, SlotTimesWrong, SlotsOverlap,
    RuleMissing.
    """
    terms = _terms(given)
    changed = domain.amend(session, terms, tx.now)
    if terms.zone != session.terms.zone:
        wanted = [domain.asked_again(slot, slot.half_day, slot.id) for slot in session.slots]
        changed = domain.at_hours(changed, await _laid_out(tx, wanted, terms.zone))
    if session.status in domain.ANNOUNCED:
        changes = domain.compare_terms(session.terms, terms)
        await _change(tx, session, changed, EventKind.AMENDED, "", changes)
    else:
        await repository.save(tx, session, changed, listed(tx, changed, await known_for(tx, [changed])))


async def plan(tx: Tx, session: Session, given: SessionPlan) -> None:
    """Give a draft that is held its half-days, whole.

    Raises NotDraft, SlotUnknown, HourSkipped, SlotTimesWrong, SlotsOverlap, DateWrong, TrainerNotFound, RoomNotFound,
    RuleMissing.
    """
    planned = domain.plan(session, await _slots(tx, session, given.slots))
    await repository.save(tx, session, planned, listed(tx, planned, await known_for(tx, [planned])))


async def move(tx: Tx, session: Session, given: SessionMove) -> None:
    """Give an announced session that is held other half-days.

    Raises NotAnnounced, SessionEnded, SlotHeld, NothingMoved, SlotUnknown, HourSkipped, SlotTimesWrong, SlotsOverlap,
    DateWrong, ResourceTaken, Incomplete, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    moved = domain.move(session, await _slots(tx, session, given.slots), tx.now)
    await repository.hold_resources(tx, moved.slots)
    known = await known_for(tx, [session, moved])
    domain.require_free(await clashes(tx, moved, known))
    names = {one: room.description.name for one, room in known.rooms.items()}
    changes = domain.compare_slots(session.slots, moved.slots, names)
    await _change(tx, session, moved, EventKind.MOVED, given.reason, changes)


async def price(tx: Tx, session: Session, given: SessionExpenses) -> None:
    """Say what a session that is held costs, whole."""
    costs = [CostLine(**{name: getattr(line, name) for name in CostLine.__dataclass_fields__}) for line in given.lines]
    await repository.save_costs(tx, domain.price(session, costs))


async def adopt_version(tx: Tx, session: Session, reason: str) -> None:
    """Have a session that is held teach the programme's present version.

    Raises SheetNotFound, VersionNotFound, ProgrammeNotTaught, SessionEnded, AlreadyAtVersion, Incomplete, RuleMissing.
    """
    pinned, _ = await taught_now(tx, session.pinned.code)
    adopted = domain.adopt(session, pinned, tx.now)
    if session.status not in domain.ANNOUNCED:
        await repository.save(tx, session, adopted, listed(tx, adopted, await known_for(tx, [adopted])))
        return
    before, after = str(session.pinned.number), str(pinned.number)
    change = Change(subject=Subject.VERSION, before=before, after=after)
    await _change(tx, session, adopted, EventKind.VERSION_ADOPTED, reason, (change,))


async def schedule(tx: Tx, session: Session) -> None:
    """Announce a draft that is held: from now on it has its rooms and its trainers.

    Raises NotDraft, Incomplete, ResourceTaken, RuleMissing.
    """
    await repository.hold_resources(tx, session.slots)
    known = await known_for(tx, [session])
    announced = domain.schedule(session, domain.defects(session, known, tx.now, tx.today), tx.now)
    domain.require_free(await clashes(tx, session, known))
    found = listed(tx, announced, known)
    await repository.save(tx, session, announced, found)
    await repository.note(tx, session.id, EventKind.ANNOUNCED, "")
    tx.publish(told(SessionScheduled, announced, found))


async def confirm(tx: Tx, session: Session, reason: str) -> Session:
    """Promise that a session that is held takes place; return it.

    Raises NotAnnounced, SessionEnded, AlreadyConfirmed, RuleMissing.
    """
    confirmed = domain.confirm(session, tx.now)
    found = listed(tx, confirmed, await known_for(tx, [confirmed]))
    await repository.save(tx, session, confirmed, found)
    await repository.note(tx, session.id, EventKind.CONFIRMED, reason)
    tx.publish(told(SessionConfirmed, confirmed, found))
    return confirmed


async def postpone(tx: Tx, session: Session, day: date, reason: str) -> None:
    """Have it decided on another day whether a session that is held takes place; nobody else is told of it.

    Raises NotAnnounced, SessionEnded, AlreadyConfirmed, TrainerNotFound, RoomNotFound, RuleMissing.
    """
    postponed = domain.postpone(session, day, reason, tx.now)
    await repository.save(tx, session, postponed, listed(tx, postponed, await known_for(tx, [postponed])))
    changes = domain.compare_terms(session.terms, postponed.terms)
    await repository.note(tx, session.id, EventKind.AMENDED, reason, changes)


async def cancel(tx: Tx, session: Session, reason_code: CancelReason, reason: str) -> Session:
    """Give up a session that is held; its rooms and its trainers are free again. Return it.

    Raises NotAnnounced, SessionEnded, RuleMissing.
    """
    cancelled = domain.cancel(session, reason_code, tx.now)
    found = listed(tx, cancelled, await known_for(tx, [cancelled]))
    await repository.save(tx, session, cancelled, found)
    await repository.note(tx, session.id, EventKind.CANCELLED, reason)
    tx.publish(told(SessionCancelled, cancelled, found))
    return cancelled


async def throw_away(tx: Tx, session: Session) -> None:
    """Delete a draft that is held; its reference names nothing any more. Raises NotDraft."""
    domain.require_draft(session)
    await repository.remove(tx, session.id)


async def _change(
    tx: Tx, before: Session, after: Session, kind: EventKind, reason: str, changes: Sequence[Change]
) -> None:
    """Write an announced session as it becomes, if that is fit, and tell those who count on it.

    Raises Incomplete, RuleMissing.
    """
    known = await known_for(tx, [before, after])
    domain.require_no_worse(_defects(tx, before, known), _defects(tx, after, known))
    was, found = await repository.listed_as(tx, before.id), listed(tx, after, known)
    await repository.save(tx, before, after, found)
    await repository.note(tx, after.id, kind, reason, changes)
    if domain.moves(changes) or not says_the_same(before, was, after, found):
        tx.publish(told(SessionMoved, after, found))


def _defects(tx: Tx, session: Session, known: Known) -> Sequence[domain.Defect]:
    return domain.defects(session, known, tx.now, tx.today)


async def _slots(tx: Tx, session: Session, given: Sequence[SessionSlotBody]) -> tuple[Slot, ...]:
    """Return the half-days that somebody asks for, placed; those of the plan keep their ids.

    Raises SlotUnknown, HourSkipped, SlotTimesWrong, SlotsOverlap, TrainerNotFound, RoomNotFound.
    """
    own = {slot.id for slot in session.slots}
    asked = [one.id for one in given if one.id is not None]
    if not own.issuperset(asked) or len(set(asked)) < len(asked):
        raise SlotUnknown(
            "Une demi-journée n'est pas de cette session, ou y est deux fois : relisez ses demi-journées."
        )
    await trainers_by_id(tx, {trainer for one in given for trainer in one.trainers})
    await rooms_by_id(tx, {one.room_id for one in given if one.room_id})
    return await _laid_out(tx, list(map(_wanted, given)), session.terms.zone)


async def _laid_out(tx: Tx, wanted: Sequence[Wanted], zone: str) -> tuple[Slot, ...]:
    found = await rooms_of(tx, {one.room_id for one in wanted if one.room_id})
    return domain.lay_out(wanted, {one: room.zone for one, room in found.items()}, zone)


def _wanted(given: SessionSlotBody) -> Wanted:
    return Wanted(
        id=given.id or new_id(),
        half_day=HalfDay(given.day, given.half),
        begins=given.begins,
        ends=given.ends,
        room_id=given.room_id,
        remote=given.remote,
        trainers=tuple(dict.fromkeys(given.trainers)),
    )


def _terms(given: SessionTerms, *, seats_min: int | None = None, seats_max: int | None = None) -> Terms:
    """Return what is decided, with the bounds of the sheet where none is said. Raises ZoneUnknown."""
    domain.require_zone(given.zone)
    said = {name: getattr(given, name) for name in Terms.__dataclass_fields__}
    said["reserved_for"] = tuple(dict.fromkeys(given.reserved_for))
    return Terms(**{**said, "seats_min": given.seats_min or seats_min, "seats_max": given.seats_max or seats_max})
