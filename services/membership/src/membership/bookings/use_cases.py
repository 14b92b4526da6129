"""What people do with bookings: book a place, drop it, say or take back what became of it, deliver; tell who booked."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from uuid import UUID

from common.clock import legal_day
from common.etags import check_version
from common.files import Files, keep_sent
from common.identifiers import new_id
from common.mail import Mail, post
from common.mail import withdraw as withdraw_mails
from common.rights import Grant, Scope
from common.transaction import Tx
from common.uploads import SentFile
from membership.accompaniments import queries as catalogue
from membership.accompaniments import use_cases as accompaniments
from membership.accompaniments.domain import AccompanimentNotYours, Offer, Slot
from membership.accompaniments.schemas import SeriesCancellation, SlotMove
from membership.agenda import use_cases as agenda
from membership.bookings import documents, domain, queries, repository
from membership.bookings.domain import (
    AllowanceNotYours,
    Booking,
    BookingCancellation,
    BookingState,
    CancellationReasonMissing,
    CancelledBy,
    Deliverable,
    DeliverableFile,
    DeliverableWithdrawal,
    droppable_until,
    recognise_delivered,
    require_allowance,
    require_deliverable,
    require_droppable,
    require_not_booked,
    require_served,
    require_standing,
)
from membership.bookings.schemas import BookingIn, DeliverableIn, DeliveredFile
from membership.contacts.queries import addressees
from membership.members import use_cases as members
from membership.notices.queries import federation_on

Write = Callable[[str], Mail]


async def book(tx: Tx, grant: Grant, wanted: BookingIn) -> UUID:
    """Book a place for a structure within reach, and confirm it by mail; return the booking's id.

    The structure is held first: its bookings are decided one at a time.

    Raises MemberNotFound, SlotNotFound, AllowanceNotYours, MemberCannotBook, DelegationNotServed, ActivityNotServed,
    AccompanimentClosed, SlotCancelled, SlotTooLate, SlotFull, SlotAlreadyBooked, FirstLevelUsed, RuleMissing.
    """
    if wanted.allowance_reason is not None and grant.scope is Scope.OWN:
        raise AllowanceNotYours("Un autre premier niveau gratuit se demande à votre délégation, qui réserve pour vous.")
    member = await members.hold_within(tx, grant, wanted.member_id)
    slot, offer = await catalogue.slot_of(tx, grant, wanted.slot_id)
    require_served(member, offer)
    known = await repository.bookings_of(tx, [member.id])
    require_not_booked(known, slot)
    slot, offer = await accompaniments.take_place(tx, grant, slot.id)
    year = None if wanted.allowance_reason else queries.free_year(offer, slot, tx.today)
    require_allowance(known, offer.kind, year, catalogue.kinds()[offer.kind].label)
    booking = Booking(
        id=new_id(),
        slot_id=slot.id,
        offer_id=offer.id,
        edition=offer.edition,
        kind=offer.kind,
        member_id=member.id,
        delegation=member.delegation,
        booked_at=tx.now,
        booked_by=tx.actor.subject,
        expectation=wanted.expectation,
        free_year=year,
        allowance_reason=wanted.allowance_reason,
    )
    until, holder = droppable_until(booking, slot), queries.holder(offer, tx.today)
    [booking] = await _told(tx, [booking], partial(documents.confirmed, _sender(tx), slot, offer, until, holder))
    await repository.add(tx, booking)
    await _show(tx, slot.id)
    return booking.id


async def cancel(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None, reason: str | None) -> None:
    """Give a place back: the structure in time, whoever accompanies it with a reason that it is told.

    Raises BookingNotFound, BookingSettled, BookingCancelTooLate, CancellationReasonMissing, PreconditionMissing,
    PreconditionFailed.
    """
    booking, slot, offer = await _held(tx, grant, booking_id, if_match)
    if grant.scope is Scope.OWN:
        require_droppable(booking, slot, tx.now)
        side = CancelledBy.STRUCTURE
    else:
        side = CancelledBy.STAFF
        if reason is None:
            raise CancellationReasonMissing("Dites pourquoi : la raison est envoyée à la structure.")
    booking = domain.cancel(booking, BookingCancellation(tx.now, tx.actor.subject, side, reason))
    await accompaniments.give_back_place(tx, slot)
    if side is CancelledBy.STAFF:
        [booking] = await _told(tx, [booking], partial(documents.cancelled, _sender(tx), slot, offer, reason or ""))
    await repository.save(tx, booking)
    await _show(tx, slot.id)


async def settle(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None, outcome: BookingState) -> None:
    """Say that an accompaniment was held, and ask what was thought of it; or that nobody came.

    Raises BookingNotFound, AccompanimentNotYours, BookingSettled, SlotNotBegun, PreconditionMissing,
    PreconditionFailed.
    """
    booking, slot, offer = await _held(tx, grant, booking_id, if_match)
    _require_yours(tx, offer)
    booking = domain.settle(booking, slot, outcome, tx.now, tx.actor.subject)
    if outcome is BookingState.HELD:
        [booking] = await _told(tx, [booking], partial(documents.asked, _sender(tx), slot, offer))
    await repository.save(tx, booking)


async def reopen(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None, reason: str) -> None:
    """Take back an outcome told by mistake: the place is booked again, and what was told is kept.

    The structure is held first, as for a booking: what nobody came to counts again as its free first level.

    Raises BookingNotFound, AccompanimentNotYours, BookingNotSettled, BookingAnswered, BookingDelivered, OutcomeFixed,
    FirstLevelUsed, MemberNotFound, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    known, _, offer, member = await queries.booking_of(tx, grant, booking_id)
    await members.hold(tx, [member.id])
    booking, _, _ = await _held(tx, grant, known.id, if_match)
    _require_yours(tx, offer)
    left = await repository.deliverables_of(tx, [booking.id])
    held = await repository.bookings_of(tx, [booking.member_id])
    queries.require_reopenable(booking, left, held, tx.today)
    if booking.state is BookingState.HELD and booking.mail_id is not None:
        await withdraw_mails(tx, [booking.mail_id])  # what it was asked to think of it, if that has not gone yet
    await repository.save(tx, domain.reopen(booking, tx.now, tx.actor.subject, reason))


async def deliver(tx: Tx, grant: Grant, booking_id: UUID, given: DeliverableIn) -> None:
    """Hand over what an accompaniment left, and tell the structure.

    Raises BookingNotFound, AccompanimentNotYours, AccompanimentNotHeld, DeliveredAnotherDay, AccompanimentNotFound.
    """
    offer = await _yours(tx, grant, booking_id)
    if given.next_accompaniment_id is not None:
        await catalogue.offer_of(tx, grant, given.next_accompaniment_id)
    await _deliver(tx, booking_id, offer, _left(tx, booking_id, given))


async def deliver_file(
    tx: Tx, grant: Grant, files: Files, booking_id: UUID, given: DeliveredFile, sent: SentFile
) -> None:
    """Hand over a file that an accompaniment left, and tell the structure.

    Raises BookingNotFound, AccompanimentNotYours, AccompanimentNotHeld, DeliveredAnotherDay, DeliverableUnreadable,
    DeliverableTooLarge.
    """
    offer = await _yours(tx, grant, booking_id)
    deliverable = replace(_left(tx, booking_id, given), by_file=True)
    file = await _stored(tx, files, deliverable.id, sent)
    await _deliver(tx, booking_id, offer, deliverable)
    await repository.add_file(tx, file)


async def send_file(
    tx: Tx, grant: Grant, files: Files, booking_id: UUID, deliverable_id: UUID, if_match: str | None, sent: SentFile
) -> None:
    """Give a deliverable a file, or one that takes the place of the last, which stays; and tell the structure.

    Raises BookingNotFound, AccompanimentNotYours, DeliverableNotFound, DeliverableWithdrawn, DeliverableUnreadable,
    DeliverableTooLarge, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    await _yours(tx, grant, booking_id)
    file = await _stored(tx, files, deliverable_id, sent)
    booking, _, offer = await _held(tx, grant, booking_id, if_match)
    deliverable = await repository.hold_deliverable(tx, booking.id, deliverable_id)
    require_standing(deliverable)
    await repository.add_file(tx, file)
    await _tell_delivered(tx, booking, deliverable, offer)


async def withdraw_deliverable(
    tx: Tx, grant: Grant, booking_id: UUID, deliverable_id: UUID, if_match: str | None, reason: str
) -> None:
    """Take a deliverable back; it stays to be read.

    Raises BookingNotFound, AccompanimentNotYours, DeliverableNotFound, DeliverableWithdrawn, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    booking, _, offer = await _held(tx, grant, booking_id, if_match)
    _require_yours(tx, offer)
    deliverable = await repository.hold_deliverable(tx, booking.id, deliverable_id)
    withdrawal = DeliverableWithdrawal(tx.now, tx.actor.subject, reason)
    domain.withdraw(deliverable, withdrawal)
    await repository.save_withdrawal(tx, deliverable.id, withdrawal)
    await repository.save(tx, replace(booking, version=booking.version + 1))


async def cancel_slot(tx: Tx, grant: Grant, slot_id: UUID, if_match: str | None, reason: str) -> None:
    """Cancel a slot with every place of it, and tell the structures why.

    Raises SlotNotFound, AccompanimentNotYours, SlotCancelled, SlotStarted, PreconditionMissing, PreconditionFailed.
    """
    slot = await accompaniments.cancel_slot(tx, grant, slot_id, if_match, reason)
    _, offer = await catalogue.slot_of(tx, grant, slot_id)
    await _drop_all(tx, slot, offer, reason)


async def cancel_series(
    tx: Tx, grant: Grant, series_id: UUID, given: SeriesCancellation
) -> tuple[list[Slot], Offer, list[Booking]]:
    """Cancel what is left of a series with every place of it, and tell the structures why; return all that was.

    Raises SeriesNotFound, AccompanimentNotYours, SeriesOver, RuleMissing.
    """
    slots = await accompaniments.cancel_series(tx, grant, series_id, given.first_day, given.reason)
    _, offer = await catalogue.series_of(tx, grant, series_id)
    dropped = [await _drop_all(tx, slot, offer, given.reason) for slot in slots]
    return slots, offer, [booking for bookings in dropped for booking in bookings]


async def _drop_all(tx: Tx, slot: Slot, offer: Offer, reason: str) -> list[Booking]:
    """Drop every place of a slot that was cancelled, and write to the structures."""
    cancellation = BookingCancellation(tx.now, tx.actor.subject, CancelledBy.SLOT, reason)
    dropped = [domain.drop(booking, cancellation) for booking in await repository.hold_booked(tx, slot.id)]
    told = await _told(tx, dropped, partial(documents.cancelled, _sender(tx), slot, offer, reason))
    for booking in told:
        await repository.save(tx, booking)
    return told


async def move_slot(tx: Tx, grant: Grant, slot_id: UUID, if_match: str | None, wanted: SlotMove) -> None:
    """Move a slot, and tell the structures that booked it: they keep their place, and may drop it.

    Raises SlotNotFound, AccompanimentNotYours, SlotCancelled, SlotStarted, SlotInPast, SlotTooSmall, AdviserBusy,
    RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    before, slot = await accompaniments.move_slot(tx, grant, slot_id, if_match, wanted)
    if slot.moved_at == before.moved_at:
        return
    _, offer = await catalogue.slot_of(tx, grant, slot_id)
    year = legal_day(slot.starts_at).year
    booked = [domain.moved(booking, year) for booking in await repository.hold_booked(tx, slot.id)]
    for booking in await _told(tx, booked, partial(documents.moved, _sender(tx), slot, offer)):
        await repository.save(tx, booking)


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again of slots, and who is in them: by night, what was done while it did not listen yet."""
    await agenda.call(tx, await repository.members_in(tx, await accompaniments.tell_again(tx)))


async def _yours(tx: Tx, grant: Grant, booking_id: UUID) -> Offer:
    """Return what was offered, of a booking within reach. Raises BookingNotFound, AccompanimentNotYours."""
    _, _, offer, _ = await queries.booking_of(tx, grant, booking_id)
    _require_yours(tx, offer)
    return offer


def _left(tx: Tx, booking_id: UUID, given: DeliverableIn | DeliveredFile) -> Deliverable:
    return Deliverable(
        id=new_id(),
        booking_id=booking_id,
        kind=given.kind,
        title=given.title,
        delivered_on=given.delivered_on or tx.today,
        link=given.link if isinstance(given, DeliverableIn) else None,
        summary=given.summary,
        next_offer_id=given.next_accompaniment_id if isinstance(given, DeliverableIn) else None,
        recorded_at=tx.now,
        recorded_by=tx.actor.subject,
    )


async def _stored(tx: Tx, files: Files, deliverable_id: UUID, sent: SentFile) -> DeliverableFile:
    kept = await keep_sent(tx, files, f"deliverables/{deliverable_id}", sent, recognise_delivered(sent.content))
    return DeliverableFile(deliverable_id=deliverable_id, **asdict(kept))


async def _deliver(tx: Tx, booking_id: UUID, offer: Offer, deliverable: Deliverable) -> None:
    slot = await accompaniments.hold_slot(tx, await repository.slot_id_of(tx, booking_id))
    booking = await repository.hold(tx, booking_id)
    require_deliverable(booking, legal_day(slot.starts_at), deliverable.delivered_on, tx.today)
    await repository.add_deliverable(tx, deliverable)
    await _tell_delivered(tx, booking, deliverable, offer)


async def _tell_delivered(tx: Tx, booking: Booking, deliverable: Deliverable, offer: Offer) -> None:
    [booking] = await _told(tx, [booking], partial(documents.delivered, _sender(tx), deliverable, offer))
    await repository.save(tx, replace(booking, version=booking.version + 1))


async def hold_booking(tx: Tx, booking_id: UUID) -> tuple[Booking, Slot]:
    """Hold a booking that was reached, after its slot, until the end of the transaction."""
    slot = await accompaniments.hold_slot(tx, await repository.slot_id_of(tx, booking_id))
    return await repository.hold(tx, booking_id), slot


async def note_answer(tx: Tx, booking: Booking) -> None:
    """Note that a structure said what it thought of a held booking."""
    await repository.save(tx, replace(booking, answered=True, version=booking.version + 1))


async def forget_answers(tx: Tx, booking_ids: Sequence[UUID]) -> None:
    """Forget which structures answered: their answers are nobody's from now on."""
    await repository.forget_answers(tx, booking_ids)


async def _held(tx: Tx, grant: Grant, booking_id: UUID, if_match: str | None) -> tuple[Booking, Slot, Offer]:
    """Return a booking within reach, held after its slot, in the version that the caller has read."""
    known, slot, offer, _ = await queries.booking_of(tx, grant, booking_id)
    slot = await accompaniments.hold_slot(tx, slot.id)
    booking = await repository.hold(tx, known.id)
    await check_version(if_match, booking.version, partial(queries.find_booking, tx, grant, booking_id))
    return booking, slot, offer


def _require_yours(tx: Tx, offer: Offer) -> None:
    if not catalogue.may_run(tx, offer.delegation):
        raise AccompanimentNotYours("Cet accompagnement est tenu par le réseau ou une autre délégation.")


async def _told(tx: Tx, bookings: Sequence[Booking], write: Write) -> list[Booking]:
    """Write to whoever leads each structure, where an address is known; return the bookings with their mails."""
    people = await addressees(tx, [booking.member_id for booking in bookings], failed=())
    recipients = {member_id: one.email for member_id, one in people.items() if one.email}
    reached = [booking for booking in bookings if booking.member_id in recipients]
    mails = await post(tx, [write(recipients[booking.member_id]) for booking in reached])
    mail_ids = {booking.id: mail_id for booking, mail_id in zip(reached, mails, strict=True)}
    return [replace(booking, mail_id=mail_ids.get(booking.id)) for booking in bookings]


async def _show(tx: Tx, slot_id: UUID) -> None:
    """Have the agenda show a held slot to the structures that are in it."""
    await agenda.call(tx, await repository.members_in(tx, [slot_id]))


def _sender(tx: Tx) -> str:
    return federation_on(tx.today).name
