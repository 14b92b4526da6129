"""Reads of the seats of sessions: one, a page, an export."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, null, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from training.enrolments import domain
from training.enrolments.documents import enrolment_line
from training.enrolments.domain import (
    Due,
    Enrolment,
    EnrolmentNotFound,
    EnrolmentStatus,
    OpenSession,
    SeatRequest,
    WithdrawalReason,
)
from training.enrolments.queries.requests import REQUEST, buyer_name
from training.enrolments.queries.rules import due_for
from training.enrolments.queries.sessions import open_session
from training.enrolments.repository import seats
from training.enrolments.repository.seats import DUE
from training.enrolments.schemas import (
    DueOut,
    EnrolmentFilters,
    EnrolmentLine,
    EnrolmentListParams,
    EnrolmentOut,
)
from training.enrolments.tables import EnrolmentRow, RequestRow
from training.rights import RIGHTS, Act
from training.sessions.queries.outline import held_at_once
from training.sessions.queries.sessions import SESSION
from training.trainees.queries import names_of

_SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"first_day": SESSION.c.first_day, "session": SESSION.c.reference}, default="-first_day", unique=_SEAT.c.id
)
_SAME = (
    "id", "request_id", "session_id", "programme_code", "member_id", "trainee_id", "confirmed_at", "cancelled_at",
)  # fmt: skip


async def enrolment_within(read: Read, grant: Grant, enrolment_id: UUID) -> Enrolment:
    """Return a seat within reach. Raises EnrolmentNotFound."""
    return seats.to_enrolment((await _found(read, grant, enrolment_id))[0])


async def find_enrolment(read: Read, grant: Grant, enrolment_id: UUID) -> EnrolmentOut:
    """Return a seat within reach: who has it, what giving it back leaves due, what can be done.

    Raises EnrolmentNotFound, SessionNotFound, SessionNotOpen, RuleMissing.
    """
    row, request_row, _ = found = await _found(read, grant, enrolment_id)
    seat, request = seats.to_enrolment(row), seats.to_request(request_row)
    session = await open_session(read, seat.session_id)
    allowed, blockers = tried(_attempts(read, seat, request, session))
    due = DUE.validate_python(row.due) if row.due else _due_now(read, seat, request, session)
    [line] = await _lines(read, [found])
    return EnrolmentOut(
        **line.model_dump(),
        status_label=seat.status.label,
        due=_due_out(due) if due else None,
        also_in=await _also_in(read, seat),
        version=seat.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def lines_by_id(read: Read, grant: Grant, ids: Collection[UUID]) -> dict[UUID, EnrolmentLine]:
    """Return those of some seats that are within reach, as one line each."""
    query = _reached(grant).where(_SEAT.c.id.in_(ids)).execution_options(populate_existing=True)
    rows = (await read.session.execute(query)).all() if ids else []
    return {line.id: line for line in await _lines(read, rows)}


async def list_enrolments(read: Read, grant: Grant, params: EnrolmentListParams) -> Page[EnrolmentLine]:
    """Return one page of the seats within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=await _lines(read, rows), next_cursor=cursor, total=total)


async def export_rows(read: Read, grant: Grant, filters: EnrolmentFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same seats as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_SEAT.c.id))).all()
    return map(enrolment_line, await _lines(read, rows))


async def _found(read: Read, grant: Grant, enrolment_id: UUID) -> Any:
    query = _reached(grant).where(_SEAT.c.id == enrolment_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).one_or_none()
    if row is None:
        raise EnrolmentNotFound("Cette inscription n'existe pas, ou n'est pas dans votre périmètre.")
    return row


def _reached(grant: Grant) -> Select[Any]:
    query = select(EnrolmentRow, RequestRow, SESSION.c.reference).join(REQUEST, REQUEST.c.id == _SEAT.c.request_id)
    query = query.join(SESSION, SESSION.c.id == _SEAT.c.session_id)
    return query.where(grant.covers(member=_SEAT.c.member_id, delegation=null()))


def _filtered(grant: Grant, params: EnrolmentFilters) -> Select[Any]:
    query = _reached(grant)
    wanted = {
        _SEAT.c.session_id: params.session_id,
        _SEAT.c.programme_code: params.programme,
        _SEAT.c.status: params.status,
        _SEAT.c.member_id: params.member_id,
        _SEAT.c.trainee_id: params.trainee_id,
    }
    for column, values in wanted.items():
        if values:
            query = query.where(column.in_(values))
    if params.first_day_from:
        query = query.where(SESSION.c.first_day >= params.first_day_from)
    if params.first_day_to:
        query = query.where(SESSION.c.first_day <= params.first_day_to)
    return query


async def _lines(read: Read, rows: Collection[Any]) -> list[EnrolmentLine]:
    reads = grant_for(RIGHTS, Act.KEEP_TRAINEES, read.actor) is not None
    people = {row.trainee_id for row, _, _ in rows if row.trainee_id} if reads else set()
    names = await names_of(read, people) if people else {}
    return [
        EnrolmentLine(
            **{name: getattr(row, name) for name in _SAME},
            status=EnrolmentStatus(row.status),
            reason=WithdrawalReason(row.reason) if row.reason else None,
            request_reference=request.reference,
            session_reference=session_reference,
            buyer_name=buyer_name(request),
            trainee_name=names.get(row.trainee_id),
            unit_price=request.unit_price,
        )
        for row, request, session_reference in rows
    ]


async def _also_in(read: Read, seat: Enrolment) -> list[str]:
    others = await seats.other_sessions_of(read, seat) if seat.trainee_id else []
    return await held_at_once(read, seat.session_id, others) if others else []


def _attempts(
    read: Read, seat: Enrolment, request: SeatRequest, session: OpenSession
) -> dict[str, Callable[[], object]]:
    grant = grant_for(RIGHTS, Act.ENROL, read.actor)
    if grant is None:
        return {}
    acts: dict[str, Callable[[], object]] = {
        "withdraw": partial(domain.withdraw, seat, WithdrawalReason.CHANGED_PLANS, read.now)
    }
    if not request.individual:
        by_staff = grant.scope is Scope.ALL
        acts["substitute"] = partial(domain.require_substitutable, seat, session, read.now, by_staff=by_staff)
    return acts


def _due_now(read: Read, seat: Enrolment, request: SeatRequest, session: OpenSession) -> Due | None:
    if seat.status is not EnrolmentStatus.CONFIRMED:
        return None
    return due_for(request, session, WithdrawalReason.CHANGED_PLANS, read.now, had_a_seat=True)


def _due_out(due: Due) -> DueOut:
    same = {name: getattr(due, name) for name in ("amount", "basis", "explanation", "source", "status")}
    return DueOut(**same, basis_label=due.basis.label, contract_unknown=due.contract_unknown)
