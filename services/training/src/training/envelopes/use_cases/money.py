"""What moves the money of an envelope: reserve it for a subject, release it, consume it, take it back.

Whatever is funded by an envelope calls these, and names its own ``Subject``.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from training.envelopes import domain, queries, repository
from training.envelopes.domain import EnvelopeMovementKind, FundedSubjectKind, Movement, Reservation, Subject, Use
from training.envelopes.schemas import EnvelopeReservationIn, ReservationReturnIn, ReservationUseIn
from training.members.queries import require_member


async def reserve(tx: Tx, envelope_id: UUID, subject: Subject, amount: Decimal, cause: str) -> UUID:
    """Set money aside for a subject, beside what is already; return the reservation's id.

    Of those who come at once, none is promised what another has taken. Raises EnvelopeNotFound, EnvelopeNotOpen,
    EnvelopeShort.
    """
    domain.require_open(await repository.get_envelope(tx, envelope_id), tx.today)
    taken = await _take(tx, envelope_id, EnvelopeMovementKind.RESERVED, amount)
    reservation_id = await repository.reserve_for(tx, envelope_id, subject, amount)
    await repository.note(
        tx, envelope_id, taken, _of(subject, reservation_id, EnvelopeMovementKind.RESERVED, amount, cause)
    )
    return reservation_id


async def release(tx: Tx, envelope_id: UUID, subject: Subject, amount: Decimal | None, cause: str) -> Use:
    """Make what is reserved for a subject available again, all that is left by default; return what became of it.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationShort.
    """
    return (await _release(tx, await _held(tx, envelope_id, subject), amount, cause)).use


async def consume(tx: Tx, envelope_id: UUID, subject: Subject, amount: Decimal | None, cause: str) -> Use:
    """Spend what is reserved for a subject, all that is left by default; return what became of it.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationShort.
    """
    return (await _consume(tx, await _held(tx, envelope_id, subject), amount, cause)).use


async def give_back(tx: Tx, envelope_id: UUID, subject: Subject, amount: Decimal, cause: str) -> Use:
    """Make what was consumed for a subject available again; return what became of it.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationUnspent.
    """
    return (await _give_back(tx, await _held(tx, envelope_id, subject), amount, cause)).use


async def bring_in(tx: Tx, envelope_id: UUID, movement: Movement) -> None:
    """Note what came into an envelope, or a correction of it. Raises EnvelopeNotFound, EnvelopeShort."""
    taken = await _take(tx, envelope_id, movement.kind, movement.amount)
    await repository.note(tx, envelope_id, taken, movement)


async def reserve_by_hand(tx: Tx, grant: Grant, envelope_id: UUID, given: EnvelopeReservationIn) -> UUID:
    """Set money aside for what somebody names; return the reservation's id.

    Raises EnvelopeNotFound, EnvelopeNotOpen, EnvelopeShort, MemberUnknown, MemberMerged.
    """
    if given.member_id is not None:
        await require_member(tx, grant, given.member_id)
    subject = Subject(kind=FundedSubjectKind.OTHER, id=new_id(), label=given.label, member_id=given.member_id)
    return await reserve(tx, envelope_id, subject, given.amount, given.cause)


async def release_reservation(tx: Tx, reservation_id: UUID, if_match: str | None, given: ReservationUseIn) -> None:
    """Release a part of a reservation.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationShort, PreconditionMissing, PreconditionFailed.
    """
    await _release(tx, await _seen(tx, reservation_id, if_match), given.amount, given.cause)


async def consume_reservation(tx: Tx, reservation_id: UUID, if_match: str | None, given: ReservationUseIn) -> None:
    """Consume a part of a reservation.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationShort, PreconditionMissing, PreconditionFailed.
    """
    await _consume(tx, await _seen(tx, reservation_id, if_match), given.amount, given.cause)


async def return_consumption(tx: Tx, reservation_id: UUID, if_match: str | None, given: ReservationReturnIn) -> None:
    """Note that a part of what was consumed was given back.

    Raises EnvelopeNotFound, ReservationNotFound, ReservationUnspent, PreconditionMissing, PreconditionFailed.
    """
    await _give_back(tx, await _seen(tx, reservation_id, if_match), given.amount, given.cause)


async def _release(tx: Tx, held: Reservation, amount: Decimal | None, cause: str) -> Reservation:
    domain.require_something_left(held.use)
    released = held.use.left if amount is None else amount
    domain.require_left(released, held.use)
    after = replace(held.use, released=held.use.released + released)
    return await _use(tx, replace(held, use=after), EnvelopeMovementKind.RELEASED, released, cause)


async def _consume(tx: Tx, held: Reservation, amount: Decimal | None, cause: str) -> Reservation:
    domain.require_something_left(held.use)
    consumed = held.use.left if amount is None else amount
    domain.require_left(consumed, held.use)
    after = replace(held.use, consumed=held.use.consumed + consumed)
    return await _use(tx, replace(held, use=after), EnvelopeMovementKind.CONSUMED, consumed, cause)


async def _give_back(tx: Tx, held: Reservation, amount: Decimal, cause: str) -> Reservation:
    domain.require_spent(amount, held.use)
    after = replace(held.use, returned=held.use.returned + amount)
    return await _use(tx, replace(held, use=after), EnvelopeMovementKind.RETURNED, amount, cause)


async def _use(tx: Tx, after: Reservation, kind: EnvelopeMovementKind, amount: Decimal, cause: str) -> Reservation:
    taken = await _take(tx, after.envelope_id, kind, amount)
    await repository.note(tx, after.envelope_id, taken, _of(after.subject, after.id, kind, amount, cause))
    return await repository.save_use(tx, after)


async def _take(tx: Tx, envelope_id: UUID, kind: EnvelopeMovementKind, amount: Decimal) -> repository.Moved:
    """Move money, or say that there is not as much; where some came back between the two, try again."""
    while (taken := await repository.take(tx, envelope_id, kind, amount)) is None:
        envelope = await repository.get_envelope(tx, envelope_id)
        domain.require_available(-domain.effect(kind, amount).available, envelope.position)
    return taken


async def _held(tx: Tx, envelope_id: UUID, subject: Subject) -> Reservation:
    await repository.get_envelope(tx, envelope_id, for_update=True)
    return await repository.reservation_for(tx, envelope_id, subject)


async def _seen(tx: Tx, reservation_id: UUID, if_match: str | None) -> Reservation:
    """Hold a reservation's envelope, then the reservation, in the version that was read."""
    envelope_id = (await repository.get_reservation(tx, reservation_id)).envelope_id
    await repository.get_envelope(tx, envelope_id, for_update=True)
    reservation = await repository.get_reservation(tx, reservation_id)
    await check_version(if_match, reservation.version, partial(queries.find_reservation, tx, reservation_id))
    return reservation


def _of(subject: Subject, reservation_id: UUID, kind: EnvelopeMovementKind, amount: Decimal, cause: str) -> Movement:
    return Movement(
        kind=kind,
        amount=amount,
        cause=cause,
        label=subject.label,
        member_id=subject.member_id,
        reservation_id=reservation_id,
    )
