"""Reads of what is to be decided, and of what was."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.blockers import tried
from common.pagination import Order, Page, PageParams, paginate
from common.rights import grant_for
from common.transaction import Read
from training.decisions import repository
from training.decisions.documents import due_line
from training.decisions.queries.figures import examine
from training.decisions.queries.showing import curve_of, decision_out, line_fields, line_of, rules_of
from training.decisions.schemas import DecisionOut, DecisionSheet, DueExportParams, DueFilters, DueLine, DueListParams
from training.decisions.tables import DecisionRow
from training.rights import RIGHTS, Act
from training.sessions.domain import CancelReason, ExportTooLarge, Session, cancel, confirm, require_announced
from training.sessions.queries.deciding import UNDECIDED_ORDER, undecided
from training.sessions.queries.sessions import session_of

_DECISION: Any = DecisionRow.__table__  # type: ignore[attr-defined]
_DECISIONS = Order(columns={"decided_at": _DECISION.c.decided_at}, default="-decided_at", unique=_DECISION.c.id)
_MOST_EXPORTED = 1_000


async def list_due(read: Read, params: DueListParams) -> Page[DueLine]:
    """Return one page of the sessions to decide, those that should have been first. Raises RuleMissing."""
    ids, cursor, total = await paginate(read, _filtered(read, params), UNDECIDED_ORDER, params)
    return Page(items=await _lines(read, ids), next_cursor=cursor, total=total)


async def export(read: Read, params: DueExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same sessions as the list. Raises ExportTooLarge, RuleMissing."""
    late_first = UNDECIDED_ORDER.columns["decide_on"], UNDECIDED_ORDER.unique
    query = _filtered(read, params).order_by(*late_first).limit(_MOST_EXPORTED + 1)
    ids = (await read.session.execute(query)).scalars().all()
    if len(ids) > _MOST_EXPORTED:
        raise ExportTooLarge(f"L'export est limité à {_MOST_EXPORTED} sessions : précisez votre recherche.")
    return map(due_line, await _lines(read, ids))


async def find_sheet(read: Read, session_id: UUID) -> DecisionSheet:
    """Return all that is known of an announced session, to decide of it.

    Raises SessionNotFound, NotAnnounced, SessionEnded, RuleMissing.
    """
    session = await session_of(read, session_id)
    require_announced(session, read.now)
    found = (await examine(read, [session_id]))[session_id]
    decides = grant_for(RIGHTS, Act.DECIDE_SESSIONS, read.actor) is not None
    allowed, blockers = tried(_attempts(read, session) if decides else {})
    return DecisionSheet(
        **line_fields(found, read.today),
        curve=curve_of(found.past),
        rules=rules_of(read.today),
        version=session.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def list_decisions(read: Read, session_id: UUID, params: PageParams) -> Page[DecisionOut]:
    """Return one page of what was decided of a session. Raises SessionNotFound."""
    await session_of(read, session_id)
    query = select(DecisionRow).where(_DECISION.c.session_id == session_id)
    rows, cursor, total = await paginate(read, query, _DECISIONS, params)
    items = [decision_out(repository.to_decision(row), row) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


def _filtered(read: Read, params: DueFilters) -> Any:
    return undecided(
        read,
        until=params.until,
        delegation=params.delegation,
        programme=params.programme,
        overdue=params.overdue,
    )


async def _lines(read: Read, ids: Sequence[UUID]) -> list[DueLine]:
    found = await examine(read, ids) if ids else {}
    return [line_of(found[one], read.today) for one in ids]


def _attempts(read: Read, session: Session) -> dict[str, Callable[[], object]]:
    now = read.now
    return {
        "confirm": partial(confirm, session, now),
        "postpone_decision": partial(confirm, session, now),
        "cancel": partial(cancel, session, CancelReason.TOO_FEW, now),
        "merge": partial(cancel, session, CancelReason.TOO_FEW, now),
    }
