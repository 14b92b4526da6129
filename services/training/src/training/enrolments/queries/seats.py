"""Reads of the seats of a session: counted, waited for, told to everybody, and the log that proves the order."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, null, select

from common.blockers import tried
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from common.wording import counted
from training.enrolments import domain
from training.enrolments.domain import EnrolmentStatus, Policy, Pool, PoolNotFound
from training.enrolments.queries.requests import buyer_name
from training.enrolments.queries.rules import offer_rule
from training.enrolments.repository import pools
from training.enrolments.schemas import OrderProofOut, SeatEventOut, SeatsLeftOut, SeatsOut, WaitingLine
from training.enrolments.tables import EnrolmentRow, PoolRow, RequestRow, SeatEventRow
from training.rights import RIGHTS, Act
from training.sessions.domain import SessionNotFound
from training.sessions.queries.outline import outline_of

_EVENT: Any = SeatEventRow.__table__  # type: ignore[attr-defined]
_POOL: Any = PoolRow.__table__  # type: ignore[attr-defined]
_SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_REQUEST: Any = RequestRow.__table__  # type: ignore[attr-defined]
_EVENTS = Order(columns={"number": _EVENT.c.number}, default="number", unique=_EVENT.c.session_id)
_MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many seats of a session there are, are taken for good, are offered, and are waited for."""

    capacity: int
    confirmed: int
    offered: int
    waiting: int


async def head_count(read: Read, session_ids: Collection[UUID]) -> dict[UUID, HeadCount]:
    """Return the counts of sessions, by id; one that nobody has asked for is missing. For what decides on sessions."""
    offered = func.count().filter(_SEAT.c.status == EnrolmentStatus.OFFERED.value)
    query = select(_POOL.c.session_id, _POOL.c.capacity, _POOL.c.taken, _POOL.c.waiting, offered)
    query = query.outerjoin(_SEAT, _SEAT.c.session_id == _POOL.c.session_id)
    query = query.where(_POOL.c.session_id.in_(session_ids)).group_by(_POOL.c.session_id)
    rows = await read.session.execute(query)
    return {row[0]: HeadCount(row[1], row[2] - row[4], row[4], row[3]) for row in rows}


async def find_seats(read: Read, session_id: UUID) -> SeatsOut:
    """Return the seats of a session, counted. Raises PoolNotFound, RuleMissing."""
    pool = await _pool(read, session_id)
    rule = offer_rule(read.today)
    working_days = counted(rule.working_days, "jour ouvré", "jours ouvrés")
    acts = {"choose_policy": partial(domain.choose, pool, pool.policy)}
    allowed, blockers = tried(acts if grant_for(RIGHTS, Act.RUN_SEATS, read.actor) else {})
    return SeatsOut(
        session_id=session_id,
        capacity=pool.capacity,
        taken=pool.taken,
        waiting=pool.waiting,
        policy=pool.policy,
        policy_text=pool.policy.label,
        closed=pool.closed,
        offer_rule=f"{working_days}, {rule.near_working_days} à {rule.near_days} jours ou moins",
        offer_rule_status=rule.status,
        version=pool.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def seats_left(read: Read, session_id: UUID) -> SeatsLeftOut:
    """Return what anybody may know of the seats of an announced session open to all. Raises SessionNotFound."""
    session = await outline_of(read, session_id)
    if not session.announced or session.reserved_for:
        raise SessionNotFound("Aucune session publique n'a cet identifiant.")
    pool = await pools.find(read, session_id)
    seats = session.seats_max or 0
    return SeatsLeftOut(
        seats=seats,
        seats_left=max(seats - pool.taken, 0) if pool else seats,
        waiting=pool.waiting if pool else 0,
        policy_text=(pool.policy if pool else Policy.STRICT).label,
    )


async def list_waiting(read: Read, grant: Grant, session_id: UUID, params: PageParams) -> Page[WaitingLine]:
    """Return one page of who waits for a session, in order; of those within reach only, each at its rank among all."""
    waited = func.count().label("seats")
    line = select(_SEAT.c.request_id, _REQUEST.c.place, waited).join(_REQUEST, _REQUEST.c.id == _SEAT.c.request_id)
    line = line.where(_SEAT.c.session_id == session_id, _SEAT.c.status == EnrolmentStatus.WAITING.value)
    each = line.group_by(_SEAT.c.request_id, _REQUEST.c.place).subquery()
    rank = func.row_number().over(order_by=each.c.place).label("rank")
    upto = func.sum(each.c.seats).over(order_by=each.c.place).label("upto")
    ranked = select(each.c.request_id, each.c.seats, rank, upto).subquery()
    query = select(RequestRow, ranked.c.seats, ranked.c.rank, ranked.c.upto)
    query = query.join(ranked, ranked.c.request_id == _REQUEST.c.id)
    query = query.where(grant.covers(member=_REQUEST.c.member_id, delegation=null()))
    order = Order(columns={"rank": _REQUEST.c.place}, default="rank", unique=_REQUEST.c.id)
    rows, cursor, total = await paginate(read, query, order, params)
    return Page(items=[_waiting_line(*row) for row in rows], next_cursor=cursor, total=total)


async def list_events(read: Read, session_id: UUID, params: PageParams) -> Page[SeatEventOut]:
    """Return one page of the log of a session's seats. Raises PoolNotFound."""
    await _pool(read, session_id)
    query = select(SeatEventRow).where(_EVENT.c.session_id == session_id)
    rows, cursor, total = await paginate(read, query, _EVENTS, params)
    return Page(items=[_event_out(row) for row in rows], next_cursor=cursor, total=total)


async def proof(read: Read, session_id: UUID) -> OrderProofOut:
    """Replay the log of a session by the rule. Raises PoolNotFound."""
    await _pool(read, session_id)
    events = await pools.logged(read, session_id)
    found = domain.replayed(events)
    return OrderProofOut(
        lines=len(events),
        sound=not found,
        discrepancies=[f"Ligne {one.number} : {one.message}." for one in found[:_MOST_TOLD]],
    )


async def _pool(read: Read, session_id: UUID) -> Pool:
    pool = await pools.find(read, session_id)
    if pool is None:
        raise PoolNotFound("Personne n'a encore demandé de place à cette session.")
    return pool


def _waiting_line(request: RequestRow, seats: int, rank: int, upto: int) -> WaitingLine:
    same = ("reference", "member_id", "together", "asked_at", "unit_price")
    return WaitingLine(
        request_id=request.id,
        **{name: getattr(request, name) for name in same},
        buyer_name=buyer_name(request),
        rank=rank,
        seats=seats,
        seats_before=int(upto) - seats,
    )


def _event_out(row: SeatEventRow) -> SeatEventOut:
    event = pools.event_of(row)
    same = {
        name: getattr(event, name) for name in ("number", "act", "kind", "request_id", "seats", "given", "together")
    }
    return SeatEventOut(**same, kind_label=event.kind.label, policy=event.policy, at=row.at, by=row.by)
