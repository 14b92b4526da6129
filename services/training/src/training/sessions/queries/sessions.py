"""What the staff reads of one session: all that is decided, what is wrong, what can be done, what was done."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true

from common.blockers import tried
from common.errors import Refusal
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from training.programmes.queries import programmes
from training.programmes.queries.rules import theme_label
from training.programmes.schemas import ComparisonParams
from training.rights import RIGHTS, Act
from training.sessions import domain, repository
from training.sessions.domain import CancelReason, Defect, Pinned, Session, SessionNotFound
from training.sessions.queries.rules import clashes, decision_rule, known_for, taught_now
from training.sessions.queries.showing import defects_out, line_fields, members_out, slot_out
from training.sessions.schemas import (
    SessionAdoptedOut,
    SessionCancellingOut,
    SessionChangeOut,
    SessionCostsOut,
    SessionCostsParams,
    SessionDecisionRule,
    SessionEventOut,
    SessionExpense,
    SessionOut,
)
from training.sessions.tables import EventRow, SessionRow

SESSION: Any = SessionRow.__table__  # type: ignore[attr-defined]
_EVENT: Any = EventRow.__table__  # type: ignore[attr-defined]
_EVENTS = Order(columns={"happened_at": _EVENT.c.happened_at}, default="-happened_at", unique=_EVENT.c.id)
_ACTS = {
    "amend": Act.WRITE_SESSIONS,
    "plan": Act.WRITE_SESSIONS,
    "schedule": Act.WRITE_SESSIONS,
    "move": Act.WRITE_SESSIONS,
    "adopt_version": Act.WRITE_SESSIONS,
    "price": Act.WRITE_SESSIONS,
    "duplicate": Act.WRITE_SESSIONS,
    "discard": Act.WRITE_SESSIONS,
    "confirm": Act.DECIDE_SESSIONS,
    "postpone_decision": Act.DECIDE_SESSIONS,
    "cancel": Act.DECIDE_SESSIONS,
    "merge": Act.DECIDE_SESSIONS,
}


def within(grant: Grant) -> ColumnElement[bool]:
    """Return the condition that a session is within reach: a delegation has its own, and those of the country."""
    if grant.scope is Scope.ALL:
        return true()
    return or_(SESSION.c.delegation.is_(None), SESSION.c.delegation == grant.actor.delegation)


async def session_of(read: Read, session_id: UUID) -> Session:
    """Return a session, as the rules know it. Raises SessionNotFound."""
    [session] = await repository.whole(read, [await repository.get(read, session_id)])
    return session


async def sessions_by_id(read: Read, ids: Collection[UUID]) -> dict[UUID, Session]:
    """Return those of some sessions that exist, as the rules know them."""
    query = select(SessionRow).where(SESSION.c.id.in_(ids)).execution_options(populate_existing=True)
    rows = (await read.session.execute(query)).scalars().all()
    return {session.id: session for session in await repository.whole(read, rows)}


async def find_session(read: Read, grant: Grant, session_id: UUID) -> SessionOut:
    """Return a session within reach, with all that is wrong with it and all that can be done. Raises SessionNotFound.

    Raises RuleMissing.
    """
    row, session = await _reached(read, grant, session_id)
    known = await known_for(read, [session])
    found = domain.defects(session, known, read.now, read.today)
    taken = await clashes(read, session, known)
    current = await _present(read, session.pinned.code)
    rule = decision_rule(read.today)
    allowed, blockers = tried(_attempts(read, session, found, taken, current))
    return SessionOut(
        **line_fields(read, row, session),
        theme_label=theme_label(session.pinned.theme),
        mode_label=mode.label if (mode := domain.mode_of(session.slots)) else None,
        zone=session.terms.zone,
        reserved_for=members_out(session.terms.reserved_for, known),
        adaptation=session.terms.adaptation,
        remote_url=session.terms.remote_url,
        decide_reason=session.terms.decide_reason,
        decision_rule=SessionDecisionRule.model_validate(rule),
        slots=[slot_out(slot, known) for slot in session.slots],
        hours=domain.hours_of(session.slots) if session.slots else None,
        hours_due=session.hours_due,
        current_number=None if isinstance(current, Refusal) else current.number,
        defects=defects_out(found),
        clashes=defects_out(taken),
        warnings=defects_out(domain.warnings(session, known, read.now)),
        announced_at=session.announced_at,
        confirmed_at=session.confirmed_at,
        cancelled_at=session.cancelled_at,
        reason_code=session.reason_code,
        version=session.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def show_adopted(read: Read, grant: Grant, before: Session) -> SessionAdoptedOut:
    """Return a session that follows another version than ``before`` did, and what its programme changed.

    Raises SessionNotFound, RuleMissing, ProgrammeNotFound, VersionNotFound,
    DraftMissing.
    """
    session = await find_session(read, grant, before.id)
    between = ComparisonParams(before=before.pinned.number, after=session.programme_number)
    compared = await programmes.compare_versions(read, session.programme_code, between)
    return SessionAdoptedOut(
        session=session, before=compared.before, after=session.programme_number, changes=compared.changes
    )


async def find_costs(read: Read, grant: Grant, session_id: UUID, params: SessionCostsParams) -> SessionCostsOut:
    """Return what a session costs, and what cancelling it would. Raises SessionNotFound."""
    _, session = await _reached(read, grant, session_id)
    known = await known_for(read, [session])
    day = params.on or read.today
    cancelling = domain.cost_of_cancelling(session.costs, day)
    proposal = domain.proposed(session.slots, known.trainers, known.rooms)
    return SessionCostsOut(
        lines=[SessionExpense.model_validate(line) for line in session.costs],
        total=domain.cost_of(session.costs),
        cancelling=SessionCancellingOut(on=day, known=cancelling.known, unknown=cancelling.unknown),
        proposed=[SessionExpense.model_validate(line) for line in proposal.lines],
        untold=list(proposal.untold),
        version=session.version,
    )


async def list_events(read: Read, grant: Grant, session_id: UUID, params: PageParams) -> Page[SessionEventOut]:
    """Return one page of what was done of a session within reach. Raises SessionNotFound."""
    await _row(read, grant, session_id)
    query = select(EventRow).where(_EVENT.c.session_id == session_id)
    rows, cursor, total = await paginate(read, query, _EVENTS, params)
    return Page(items=[_event(row) for row in rows], next_cursor=cursor, total=total)


async def _reached(read: Read, grant: Grant, session_id: UUID) -> tuple[SessionRow, Session]:
    row = await _row(read, grant, session_id)
    [session] = await repository.whole(read, [row])
    return row, session


async def _row(read: Read, grant: Grant, session_id: UUID) -> SessionRow:
    query = select(SessionRow).where(SESSION.c.id == session_id, within(grant))
    found = (await read.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if found is None:
        raise SessionNotFound("Cette session n'existe pas, ou n'est pas dans votre périmètre.")
    return found


async def _present(read: Read, code: str) -> Pinned | Refusal:
    """Return the version of a programme that is in the catalogue, or why none is."""
    try:
        pinned, _ = await taught_now(read, code)
    except Refusal as refusal:
        return refusal
    return pinned


def _attempts(
    read: Read, session: Session, found: tuple[Defect, ...], taken: tuple[Defect, ...], current: Pinned | Refusal
) -> dict[str, Callable[[], object]]:
    now = read.now
    attempts: dict[str, Callable[[], object]] = {
        "amend": partial(domain.require_open, session, now),
        "plan": partial(domain.require_draft, session),
        "schedule": partial(_schedule, session, found, taken, read),
        "move": partial(domain.require_announced, session, now),
        "adopt_version": partial(_adopt, session, current, read),
        "price": partial(domain.price, session, session.costs),
        "duplicate": partial(domain.require_slots, session),
        "discard": partial(domain.require_draft, session),
        "confirm": partial(domain.confirm, session, now),
        "postpone_decision": partial(domain.confirm, session, now),
        "cancel": partial(domain.cancel, session, CancelReason.OTHER, now),
        "merge": partial(domain.cancel, session, CancelReason.TOO_FEW, now),
    }
    return {name: attempt for name, attempt in attempts.items() if grant_for(RIGHTS, _ACTS[name], read.actor)}


def _schedule(session: Session, found: tuple[Defect, ...], taken: tuple[Defect, ...], read: Read) -> None:
    domain.schedule(session, found, read.now)
    domain.require_free(taken)


def _adopt(session: Session, current: Pinned | Refusal, read: Read) -> None:
    if isinstance(current, Refusal):
        raise current
    domain.adopt(session, current, read.now)


def _event(row: EventRow) -> SessionEventOut:
    kind = domain.EventKind(row.kind)
    changes = [
        SessionChangeOut(
            subject=one.subject, label=one.subject.label, slot_id=one.slot_id, before=one.before, after=one.after
        )
        for one in repository.changes_of(row)
    ]
    fields = {name: getattr(row, name) for name in ("id", "reason", "happened_at", "done_by")}
    return SessionEventOut(kind=kind, label=kind.label, changes=changes, **fields)
