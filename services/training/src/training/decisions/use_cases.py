"""Decide whether a session is held: confirm it, put it off, cancel it, carry its people to others.

Seats are held before sessions, each in the order of their ids: who decides and who asks for a seat never wait for each
other.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

from common.identifiers import new_id
from common.mail import post
from common.rights import Grant
from common.transaction import Tx
from training.decisions import documents, domain, repository
from training.decisions.domain import Decided, Decision, DecisionAct, Figures, Reseat
from training.decisions.queries.figures import examine, refusal_rule
from training.decisions.queries.reseats import reseat_within
from training.enrolments.domain import Reseated, WithdrawalReason
from training.enrolments.use_cases.reseating import empty, give_back_reseated, open_books
from training.sessions import use_cases as sessions
from training.sessions.domain import CancelReason, Session, require_announced
from training.sessions.queries.sessions import session_of


async def confirm(tx: Tx, grant: Grant, session_id: UUID, if_match: str | None, reason: str) -> Decided:
    """Promise that a session is held.

    Raises SessionNotFound, NotAnnounced, SessionEnded, AlreadyConfirmed, TrainerNotFound, RoomNotFound, RuleMissing,
    PreconditionMissing, PreconditionFailed.
    """
    session = await sessions.hold_as_seen(tx, grant, session_id, if_match)
    require_announced(session, tx.now)
    figures = await _figures(tx, session_id)
    await sessions.confirm(tx, session, reason)
    return await _kept(tx, session, DecisionAct.CONFIRM, reason, figures)


async def postpone(tx: Tx, grant: Grant, session_id: UUID, if_match: str | None, day: date, reason: str) -> Decided:
    """Decide on another day.

    Raises SessionNotFound, NotAnnounced, SessionEnded, AlreadyConfirmed, PostponedWrong, TrainerNotFound, RoomNotFound,
    RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    session = await sessions.hold_as_seen(tx, grant, session_id, if_match)
    domain.require_postponable(session, day, tx.today, tx.now)
    figures = await _figures(tx, session_id)
    await sessions.postpone(tx, session, day, reason)
    return await _kept(tx, session, DecisionAct.POSTPONE, reason, figures, postponed_to=day)


async def merge(tx: Tx, grant: Grant, session_id: UUID, if_match: str | None, into: UUID, reason: str) -> Decided:
    """Have the people of a session go to another one. Raises what ``cancel`` does."""
    return await _give_up(tx, grant, session_id, if_match, DecisionAct.MERGE, CancelReason.TOO_FEW, reason, [into])


async def cancel(
    tx: Tx,
    grant: Grant,
    session_id: UUID,
    if_match: str | None,
    reason_code: CancelReason,
    reason: str,
    into: Sequence[UUID],
) -> Decided:
    """Give a session up; its people go to others, if any are named, in order and at their price.

    Raises SessionNotFound, NotAnnounced, SessionEnded, SessionNotOpen, SessionBegun, NotSister, TrainerNotFound,
    RoomNotFound, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    return await _give_up(tx, grant, session_id, if_match, DecisionAct.CANCEL, reason_code, reason, into)


async def decline_reseat(tx: Tx, grant: Grant, enrolment_id: UUID, if_match: str | None) -> None:
    """Refuse another session, free of charge.

    Raises ReseatNotFound, ReseatKept, EnrolmentNotFound, NotLive, OfferPending, PoolNotFound, PreconditionMissing,
    PreconditionFailed.
    """
    reseat = await reseat_within(tx, grant, enrolment_id)
    domain.require_declinable(reseat.decline_by, tx.today)
    await give_back_reseated(tx, grant, enrolment_id, if_match)


async def _give_up(
    tx: Tx,
    grant: Grant,
    session_id: UUID,
    if_match: str | None,
    act: DecisionAct,
    reason_code: CancelReason,
    reason: str,
    into: Sequence[UUID],
) -> Decided:
    require_announced(await session_of(tx, session_id), tx.now)  # before the seats of a draft are ever counted
    books = await open_books(tx, {session_id, *into})
    held = await _held(tx, grant, session_id, if_match, into)
    session, others = held[session_id], [held[one] for one in into]
    require_announced(session, tx.now)
    domain.require_sisters(session, others, tx.now)
    figures = await _figures(tx, session_id)
    seats = await empty(tx, books[session_id], [books[one] for one in into], WithdrawalReason.ORGANISER)
    await sessions.cancel(tx, session, reason_code, reason)
    decided = await _kept(tx, session, act, reason, figures, reason_code=reason_code, seats=seats, others=others)
    await _tell(tx, session, decided, {one.id: one for one in others})
    return decided


async def _held(
    tx: Tx, grant: Grant, session_id: UUID, if_match: str | None, others: Collection[UUID]
) -> dict[UUID, Session]:
    """Hold a session as it was read, and others, in one order for everybody."""
    held = {}
    for one in sorted({session_id, *others}):
        is_read = one == session_id
        held[one] = await sessions.hold_as_seen(tx, grant, one, if_match) if is_read else await sessions.hold(tx, one)
    return held


async def _figures(tx: Tx, session_id: UUID) -> Figures:
    return (await examine(tx, [session_id]))[session_id].figures


async def _kept(
    tx: Tx,
    session: Session,
    act: DecisionAct,
    reason: str,
    figures: Figures,
    *,
    reason_code: CancelReason | None = None,
    postponed_to: date | None = None,
    seats: Sequence[Reseated] = (),
    others: Sequence[Session] = (),
) -> Decided:
    """Keep a decision, with the seats that it carried."""
    decision = Decision(
        id=new_id(),
        session_id=session.id,
        act=act,
        reason=reason,
        figures=figures,
        reason_code=reason_code,
        postponed_to=postponed_to,
        into=tuple(one.id for one in others),
    )
    rule = refusal_rule(tx.today)
    until = {one.id: domain.decline_by(tx.today, one.slots[0].half_day.day, rule) for one in others}
    await repository.add(tx, decision)
    reseats = [
        Reseat(
            enrolment_id=one.to.id,
            replaces=one.seat.id,
            from_session_id=session.id,
            session_id=one.to.session_id,
            member_id=one.request.member_id,
            decision_id=decision.id,
            decline_by=until[one.to.session_id],
        )
        for one in seats
        if one.to is not None
    ]
    await repository.add_reseats(tx, reseats)
    return Decided(decision=decision, seats=seats, decline_by=until)


async def _tell(tx: Tx, session: Session, decided: Decided, others: Mapping[UUID, Session]) -> None:
    """Write to each office that asked and wants to be written to: once a request."""
    in_order = sorted(decided.seats, key=lambda one: one.request.place)
    by_request = (list(seats) for _, seats in groupby(in_order, key=lambda one: one.request.id))
    await post(
        tx,
        [
            documents.not_held(session, seats, others, decided.decline_by)
            for seats in by_request
            if seats[0].request.contact_email is not None
        ],
    )
