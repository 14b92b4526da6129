"""Reads of the calls for projects. A draft is of those who write calls; once opened, every delegation reads it."""

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Actor, Read
from dues.fund import repository
from dues.fund.domain import (
    NOTHING,
    FundApplicationStatus,
    FundCall,
    FundCallNotFound,
    FundCallState,
    require_closed,
    require_draft,
    require_openable,
    state_on,
)
from dues.fund.queries.statement import position
from dues.fund.schemas import FundCallListParams, FundCallOut, FundCallTotals
from dues.fund.tables import FundApplicationRow, FundCallRow
from dues.rights import RIGHTS, Act

CALL: Any = FundCallRow.__table__  # type: ignore[attr-defined]
_APPLICATION: Any = FundApplicationRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: CALL.c[name] for name in ("closes_on", "opens_on", "year", "title", "envelope")},
    default="-closes_on",
    unique=CALL.c.id,
)


async def find_call(read: Read, call_id: UUID) -> FundCallOut:
    """Return one call that the reader may know of. Raises FundCallNotFound."""
    return (await _shown(read, [await reached_call(read, call_id)]))[0]


async def list_calls(read: Read, params: FundCallListParams) -> Page[FundCallOut]:
    """Return one page of calls."""
    query = _visible(read.actor).where(*_conditions(params, read.today))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    calls = [repository.call_of(row) for row in rows]
    return Page(items=await _shown(read, calls), next_cursor=cursor, total=total)


async def reached_call(read: Read, call_id: UUID) -> FundCall:
    """Return a call as the rules know it. Raises FundCallNotFound."""
    query = _visible(read.actor).where(CALL.c.id == call_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise FundCallNotFound("Cet appel à projets n'existe pas, ou n'est pas ouvert.")
    return repository.call_of(row)


def watches(actor: Actor) -> bool:
    """Tell whether somebody sees applications as they come in: who writes calls. The board sees them once closed."""
    return grant_for(RIGHTS, Act.RUN_FUND_CALLS, actor) is not None


async def _shown(read: Read, calls: Collection[FundCall]) -> list[FundCallOut]:
    totals = await _totals(read, calls)
    available = (await position(read, read.today)).available if watches(read.actor) else NOTHING
    return [_out(read, call, totals[call.id], available) for call in calls]


async def _totals(read: Read, calls: Collection[FundCall]) -> dict[UUID, FundCallTotals]:
    columns = _APPLICATION.c
    stays = columns.status != FundApplicationStatus.WITHDRAWN.value
    query = (
        select(
            columns.call_id,
            func.count(),
            func.count().filter(columns.status == FundApplicationStatus.SUBMITTED.value),
            func.coalesce(func.sum(columns.asked).filter(stays), NOTHING),
            func.coalesce(func.sum(columns.awarded), NOTHING),
        )
        .where(columns.call_id.in_([call.id for call in calls]), columns.submitted_on.is_not(None))
        .group_by(columns.call_id)
    )
    found = {row[0]: row[1:] for row in await read.session.execute(query)}
    return {call.id: _total(call, *found.get(call.id, (0, 0, NOTHING, NOTHING))) for call in calls}


def _total(call: FundCall, applications: int, waiting: int, asked: Decimal, awarded: Decimal) -> FundCallTotals:
    left = call.said.envelope - awarded
    return FundCallTotals(applications=applications, waiting=waiting, asked=asked, awarded=awarded, left=left)


def _visible(actor: Actor) -> Select[Any]:
    query = select(FundCallRow)
    return query if watches(actor) else query.where(CALL.c.opened_on.is_not(None))


def _conditions(params: FundCallListParams, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if params.state:
        conditions.append(or_(*(_stands(state, today) for state in params.state)))
    if params.year:
        conditions.append(CALL.c.year.in_(params.year))
    if params.q:
        conditions.append(CALL.c.title.icontains(params.q, autoescape=True))
    return conditions


def _stands(state: FundCallState, today: date) -> ColumnElement[bool]:
    """The rule of ``state_on``, as the database applies it to a whole list."""
    columns = CALL.c
    opened = and_(columns.opened_on.is_not(None), columns.decided_on.is_(None))
    stands: dict[FundCallState, ColumnElement[bool]] = {
        FundCallState.DRAFT: columns.opened_on.is_(None),
        FundCallState.ANNOUNCED: and_(opened, columns.opens_on > today),
        FundCallState.OPEN: and_(opened, columns.opens_on <= today, columns.closes_on >= today),
        FundCallState.CLOSED: and_(opened, columns.closes_on < today),
        FundCallState.DECIDED: columns.decided_on.is_not(None),
    }
    return stands[state]


def _acts(actor: Actor, call: FundCall, available: Decimal, today: date) -> dict[str, Callable[[], object]]:
    acts: dict[str, Callable[[], object]] = {}
    if watches(actor):
        acts |= dict.fromkeys(("change", "delete"), partial(require_draft, call))
        acts["open"] = partial(require_openable, call, available, today)
    if grant_for(RIGHTS, Act.AWARD_FUND, actor) is not None:
        acts["decide"] = partial(require_closed, call, today)
    return acts


def _out(read: Read, call: FundCall, totals: FundCallTotals, available: Decimal) -> FundCallOut:
    state = state_on(call, read.today)
    settled = state in (FundCallState.CLOSED, FundCallState.DECIDED)
    board = grant_for(RIGHTS, Act.READ_FUND, read.actor) is not None
    actions, blockers = tried(_acts(read.actor, call, available, read.today))
    said = {name: getattr(call.said, name) for name in call.said.__slots__}
    return FundCallOut(
        **said,
        id=call.id,
        state=state,
        state_label=state.label,
        opened_on=call.opened_on,
        decided_on=call.decided_on,
        totals=totals if watches(read.actor) or (board and settled) else None,
        version=call.version,
        allowed_actions=actions,
        blockers=blockers,
    )
