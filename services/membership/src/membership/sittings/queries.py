"""Reads of the board's sittings."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import BlockerOut, blockers_out
from common.dated import rule_on
from common.pagination import Order, Page, paginate
from common.shipped_data import shipped_rules
from common.transaction import Read
from membership.applications.domain import Reservation
from membership.applications.queries import withdrawn_among
from membership.applications.schemas import ReservationIn
from membership.board.queries import mandates_naming, seats_on
from membership.contacts.domain import Trace
from membership.matters.queries import matters_of
from membership.measures.queries import hearing_rules
from membership.sittings import repository
from membership.sittings.documents import minutes
from membership.sittings.domain import (
    Attendee,
    Decision,
    QuorumRule,
    Seats,
    Sitting,
    SittingNotFound,
    SittingStatus,
    Takeover,
    closing_blockers,
    concerned,
    require_open,
    traces_of,
)
from membership.sittings.schemas import (
    AgendaItemOut,
    AttendeeOut,
    DecisionOut,
    LeftAsideOut,
    QuorumOut,
    SittingListParams,
    SittingOut,
    TakeoverOut,
)
from membership.sittings.tables import SittingRow

_TABLE: Any = SittingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"held_on": _TABLE.c.held_on}, default="-held_on", unique=_TABLE.c.id)
_BEFORE_BOARD = text("""
SELECT DISTINCT application.member_id, sitting.minutes_reference, sitting.status = 'open' AS is_open
FROM (
    SELECT id AS sitting_id, CAST(item ->> 'matter_id' AS uuid) AS matter_id
    FROM sitting, jsonb_array_elements(agenda) AS item WHERE status = 'open'
    UNION ALL SELECT sitting_id, matter_id FROM sitting_decision
) AS named JOIN sitting ON sitting.id = named.sitting_id JOIN application ON application.id = named.matter_id
    JOIN unnest(:ids) AS asked (member_id) USING (member_id)
WHERE application.status = 'open' ORDER BY sitting.minutes_reference
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)))


class BeforeBoard(NamedTuple):
    """A sitting that has a structure's waiting application on its agenda, or voted on it: without a word of the
    application itself, as an adjourned one is as it was.
    """

    member_id: UUID
    minutes_reference: str
    is_open: bool


@cache
def quorum_rules() -> tuple[QuorumRule, ...]:
    """Return the dated rules of quorum shipped with the service."""
    return shipped_rules("membership.sittings", "quorum.toml", QuorumRule)


async def attendances_naming(source: Read, contact_ids: Collection[UUID]) -> list[Trace]:
    """Return what sittings say of some people, whom their mandates name, whoever asks."""
    mandates = {one.id: one for one in await mandates_naming(source, contact_ids)}
    return [trace for one in await repository.naming(source, mandates) for trace in traces_of(one, mandates)]


async def find_sitting(read: Read, sitting_id: UUID) -> SittingOut:
    """Return one sitting. Raises SittingNotFound."""
    return await show(read, await repository.get(read, sitting_id))


async def sitting_of(source: Read, sitting_id: UUID) -> Sitting | None:
    """Return the sitting that decided something of a structure, whoever asks; None where it is not kept here."""
    try:
        return await repository.get(source, sitting_id)
    except SittingNotFound:
        return None


async def list_sittings(read: Read, params: SittingListParams) -> Page[SittingOut]:
    """Return one page of sittings, newest first unless sorted otherwise."""
    query = select(SittingRow)
    if params.status:
        query = query.where(_TABLE.c.status.in_([status.value for status in params.status]))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    sittings = await repository.with_decisions(read, rows)
    return Page(items=await _shown(read, sittings), next_cursor=cursor, total=total)


async def draft_minutes(source: Read, sitting_id: UUID) -> dict[str, Any]:
    """Return what the minutes of an open sitting would say now.

    Raises SittingNotFound, SittingClosed, SittingCancelled.
    """
    sitting = await repository.get(source, sitting_id)
    require_open(sitting)
    return await written_minutes(source, sitting, (await seats_on(source, [sitting.held_on]))[sitting.held_on])


async def written_minutes(source: Read, sitting: Sitting, seats: Seats) -> dict[str, Any]:
    """Write the minutes of a loaded sitting, ``seats`` being those of the board on its day."""
    matters = await matters_of(source, list(sitting.matters))
    day = sitting.held_on
    return minutes(sitting, rule_on(quorum_rules(), day), rule_on(hearing_rules(), day), seats, matters)


async def find_minutes(source: Read, sitting_id: UUID) -> str:
    """Return where the minutes of a sitting are kept, once printed. Raises SittingNotFound."""
    await repository.get(source, sitting_id)
    return repository.minutes_path(sitting_id)


async def takeover_out(source: Read, taken: Takeover) -> TakeoverOut:
    """Write what a list taken over wrote down, and what it leaves."""
    left = [
        LeftAsideOut(
            application_id=one.application.id,
            member_id=one.structure.id,
            name=one.structure.name,
            blockers=blockers_out(one.blockers),
        )
        for one in taken.left_aside
    ]
    return TakeoverOut(sitting=await show(source, taken.sitting), recorded=taken.recorded, left_aside=left)


async def show(source: Read, sitting: Sitting) -> SittingOut:
    """Write a loaded sitting as the API shows it."""
    [shown] = await _shown(source, [sitting])
    return shown


async def before_board(source: Read, member_ids: Collection[UUID]) -> list[BeforeBoard]:
    """Return the sittings that some structures' waiting applications are, or were, before; an agenda only while open.

    Whoever asks.
    """
    rows = await source.session.execute(_BEFORE_BOARD, {"ids": list(member_ids)})
    return [BeforeBoard(*row) for row in rows]


async def withdrawn_from(source: Read, sittings: Sequence[Sitting]) -> set[UUID]:
    """Return the applications that open sittings name and that their structures took back."""
    named = [sitting.matters for sitting in sittings if sitting.status is SittingStatus.OPEN]
    return await withdrawn_among(source, set().union(*named))


async def _shown(source: Read, sittings: Sequence[Sitting]) -> list[SittingOut]:
    withdrawn = await withdrawn_from(source, sittings)
    seats = await seats_on(source, [sitting.held_on for sitting in sittings])
    by_mandate = [sitting for sitting in sittings if any(one.mandate_id for one in sitting.attendees)]
    matters = await matters_of(source, [matter for sitting in by_mandate for matter in sitting.matters])
    about = {matter_id: matter.structure.id for matter_id, matter in matters.items()}
    shown = []
    for sitting in sittings:
        seats_then = seats[sitting.held_on]
        rule = rule_on(quorum_rules(), sitting.held_on)
        blockers = closing_blockers(sitting, rule, seats_then, source.today, withdrawn)
        blocking = blockers_out(blockers)
        shown.append(_out(sitting, seats_then, concerned(sitting, seats_then, about).keys(), withdrawn, blocking))
    return shown


def _out(
    sitting: Sitting, seats: Seats, concerned: Collection[UUID], withdrawn: Collection[UUID], blockers: list[BlockerOut]
) -> SittingOut:
    attendance = sitting.attendance
    rule = rule_on(quorum_rules(), sitting.held_on)
    needed = rule.needed(attendance.in_office)
    is_open = sitting.status is SittingStatus.OPEN
    actions = ["amend", "attend", "set_agenda", "record_decisions", "cancel"] if is_open else []
    actions += ["take_over"] if is_open and sitting.takes_over else []
    cancellation = sitting.cancellation
    return SittingOut(
        id=sitting.id,
        held_on=sitting.held_on,
        in_office=attendance.in_office,
        in_office_known=len(seats),
        in_office_reason=sitting.in_office_reason,
        present=attendance.present,
        represented=attendance.represented,
        minutes_reference=sitting.minutes_reference,
        status=sitting.status,
        status_label=sitting.status.label,
        takes_over=sitting.takes_over,
        cancelled_reason=cancellation.reason if cancellation else None,
        cancelled_on=cancellation.on if cancellation else None,
        fallen_votes=cancellation.fallen_votes if cancellation else None,
        quorum=QuorumOut(
            needed=needed,
            taking_part=attendance.taking_part,
            reached=attendance.taking_part >= needed,
            most_proxies=rule.most_proxies,
            status=rule.status,
            source=rule.source,
        ),
        attendees=[_attendee_out(one, concerned=one.mandate_id in concerned) for one in sitting.attendees],
        agenda=[
            AgendaItemOut(
                title=item.title,
                matter_id=item.matter_id,
                withdrawn=sitting.status is SittingStatus.OPEN and item.matter_id in withdrawn,
                record=item.record,
            )
            for item in sitting.agenda
        ],
        decisions=[_decision_out(decision) for decision in sitting.decisions.values()],
        version=sitting.version,
        allowed_actions=[*actions, *([] if blockers else ["close"])],
        blockers={"close": blockers} if blockers else {},
    )


def _attendee_out(attendee: Attendee, *, concerned: bool) -> AttendeeOut:
    return AttendeeOut(
        name=attendee.name,
        capacity=attendee.capacity,
        presence=attendee.presence,
        presence_label=attendee.presence.label,
        proxy=attendee.proxy,
        mandate_id=attendee.mandate_id,
        proxy_mandate_id=attendee.proxy_mandate_id,
        concerned=concerned,
    )


def _decision_out(decision: Decision) -> DecisionOut:
    return DecisionOut(
        matter_id=decision.matter_id,
        kind=decision.kind,
        kind_label=decision.kind.label,
        outcome=decision.outcome,
        outcome_label=decision.outcome.label,
        votes_for=decision.votes_for,
        votes_against=decision.votes_against,
        abstentions=decision.abstentions,
        effective_on=decision.effective_on,
        reservations=[_reservation_out(one) for one in decision.reservations],
    )


def _reservation_out(reservation: Reservation) -> str | ReservationIn:
    if reservation.due_on is None:
        return reservation.text
    return ReservationIn(text=reservation.text, due_on=reservation.due_on)
