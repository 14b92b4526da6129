"""The pool of a session: taken from in one statement, held by every other act; its log is only added to."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.enrolments.domain import Policy, Pool, PoolNotFound, SeatEvent, SeatEventKind, SeatRequest, Waiting
from training.enrolments.tables import EnrolmentRow, PoolRow, RequestRow, SeatEventRow

# The row is locked and read as it is then, whoever else has just changed it; what is given is decided from that, and
# written, before anybody else may look. Where somebody waits already the newcomer is given nothing here: who is next is
# then the policy's to say.
_JOIN = text(
    "WITH pool AS (SELECT session_id, capacity - taken AS free, waiting FROM seat_pool"
    " WHERE session_id = :session_id AND capacity = :capacity AND NOT closed FOR UPDATE),"
    " got AS (SELECT session_id, CASE WHEN waiting > 0 THEN 0 WHEN CAST(:together AS boolean) AND free < :seats THEN 0"
    " ELSE least(free, :seats) END AS seats FROM pool)"
    " UPDATE seat_pool p SET taken = p.taken + got.seats, waiting = p.waiting + :seats - got.seats,"
    " places = p.places + 1, events = p.events + 1, version = p.version + 1"
    " FROM got WHERE p.session_id = got.session_id RETURNING p.*, got.seats AS given"
)
_AHEAD = text(
    "SELECT policy, requests, seats FROM seat_pool, LATERAL (SELECT count(DISTINCT r.id) AS requests, count(*) AS seats"
    " FROM enrolment e JOIN enrolment_request r ON r.id = e.request_id"
    " WHERE e.session_id = seat_pool.session_id AND e.status = 'waiting' AND r.place < :place) AS ahead"
    " WHERE session_id = :session_id"
)
_LOG: Any = insert(SeatEventRow.__table__)  # type: ignore[attr-defined]
_SAME = [name for name in Pool.__dataclass_fields__ if name != "policy"]


class Joined(NamedTuple):
    """A pool, held, after somebody asked for seats of it, and how many they were given; a line of its log is due."""

    pool: Pool
    given: int


def to_domain(row: Any) -> Pool:
    """Read a row as the rules know a pool."""
    return Pool(**{name: getattr(row, name) for name in _SAME}, policy=Policy(row.policy))


async def join(tx: Tx, session_id: UUID, capacity: int, seats: int, *, together: bool) -> Joined | None:
    """Take seats of a pool, or wait for them, in one statement, and hold it.

    None where the pool is not open with that capacity: nothing is changed then.
    """
    parameters = {"session_id": session_id, "capacity": capacity, "seats": seats, "together": together}
    row = (await tx.session.execute(_JOIN, parameters)).one_or_none()
    return None if row is None else Joined(to_domain(row), row.given)


async def open_pool(tx: Tx, session_id: UUID, capacity: int) -> bool:
    """Have a session have a pool; tell whether it had none."""
    values = {"session_id": session_id, "capacity": capacity, "taken": 0, "waiting": 0, "policy": Policy.STRICT.value}
    counters = {"places": 0, "events": 0, "closed": False, "version": 1}
    statement = insert(PoolRow).values(**values, **counters).on_conflict_do_nothing()
    added = await tx.session.execute(statement.returning(col(PoolRow.session_id)))
    return added.scalar_one_or_none() is not None


async def hold(tx: Tx, session_id: UUID) -> Pool:
    """Hold a pool until the end of the transaction. Raises PoolNotFound."""
    query = select(PoolRow).where(col(PoolRow.session_id) == session_id).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise PoolNotFound("Personne n'a encore demandé de place à cette session.")
    return to_domain(row)


async def find(read: Read, session_id: UUID) -> Pool | None:
    """Return the pool of a session, None as long as nobody has asked for a seat."""
    row = (
        await read.session.execute(select(PoolRow).where(col(PoolRow.session_id) == session_id))
    ).scalar_one_or_none()
    return None if row is None else to_domain(row)


async def save(tx: Tx, pool: Pool) -> None:
    """Write a pool that is held."""
    values = {**{name: getattr(pool, name) for name in _SAME}, "policy": pool.policy.value}
    await tx.session.execute(update(PoolRow).where(col(PoolRow.session_id) == pool.session_id).values(**values))


async def log(tx: Tx, session_id: UUID, events: Sequence[SeatEvent]) -> None:
    """Add lines to the log of a session."""
    same = [name for name in SeatEvent.__dataclass_fields__ if name not in ("kind", "policy")]
    rows = [
        {
            **{name: getattr(event, name) for name in same},
            "session_id": session_id,
            "kind": event.kind.value,
            "policy": event.policy.value if event.policy else None,
            "at": tx.now,
            "by": tx.actor.subject,
        }
        for event in events
    ]
    await tx.session.execute(_LOG, rows)


async def logged(read: Read, session_id: UUID) -> list[SeatEvent]:
    """Return the log of a session, from its first line."""
    query = select(SeatEventRow).where(col(SeatEventRow.session_id) == session_id).order_by(col(SeatEventRow.number))
    return [event_of(row) for row in (await read.session.execute(query)).scalars()]


def event_of(row: SeatEventRow) -> SeatEvent:
    """Read a line of the log."""
    same = {name: getattr(row, name) for name in SeatEvent.__dataclass_fields__ if name not in ("kind", "policy")}
    policy = None if row.policy is None else Policy(row.policy)
    return SeatEvent(**same, kind=SeatEventKind(row.kind), policy=policy)


async def waiting(read: Read, session_id: UUID) -> list[Waiting]:
    """Return who waits for a session, in order."""
    request, seat = RequestRow, EnrolmentRow
    query = select(col(request.id), col(request.buyer), col(request.place), func.count(), col(request.together))
    query = query.join(seat, col(seat.request_id) == col(request.id))
    query = query.where(col(seat.session_id) == session_id, col(seat.status) == "waiting")
    query = query.group_by(col(request.id)).order_by(col(request.place))
    rows = await read.session.execute(query)
    return [Waiting(request_id=row[0], buyer=row[1], place=row[2], seats=row[3], together=row[4]) for row in rows]


async def seated(read: Read, session_id: UUID) -> set[str]:
    """Return the buyers who have a seat of a session, or are offered one."""
    request, seat = RequestRow, EnrolmentRow
    query = select(col(request.buyer)).distinct().join(seat, col(seat.request_id) == col(request.id))
    query = query.where(col(seat.session_id) == session_id, col(seat.status).in_(("offered", "confirmed")))
    return set((await read.session.execute(query)).scalars())


async def rank_of(read: Read, request: SeatRequest) -> tuple[int, int, Policy]:
    """Return the rank of a request in the order of its session, the seats waited for before it, and the policy."""
    parameters = {"session_id": request.session_id, "place": request.place}
    row = (await read.session.execute(_AHEAD, parameters)).one()
    return row.requests + 1, row.seats, Policy(row.policy)
