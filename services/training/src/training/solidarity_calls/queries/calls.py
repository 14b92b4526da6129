"""Reads of the calls. A draft is of those who run calls; once opened, every structure reads it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Scope, grant_for
from common.transaction import Actor, Read
from training.rights import RIGHTS, Act
from training.solidarity_calls import repository
from training.solidarity_calls.domain import (
    NOTHING,
    Call,
    SolidarityApplicationStatus,
    SolidarityCallNotFound,
    SolidarityCallState,
    require_decided,
    require_draft,
    require_preparing,
    require_ranked,
    require_scoring,
    state_on,
)
from training.solidarity_calls.schemas import (
    CallListParams,
    SolidarityCallOut,
    SolidarityCallTotals,
    SolidarityCriterionIo,
)
from training.solidarity_calls.tables import ApplicationRow, CallRow, SpendingRow

CALL: Any = CallRow.__table__  # type: ignore[attr-defined]
_APPLICATION: Any = ApplicationRow.__table__  # type: ignore[attr-defined]
_SPENDING: Any = SpendingRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: CALL.c[name] for name in ("closes_on", "opens_on", "year", "title")},
    default="-closes_on",
    unique=CALL.c.id,
)
_STANDING = [
    status.value
    for status in SolidarityApplicationStatus
    if status not in (SolidarityApplicationStatus.DRAFT, SolidarityApplicationStatus.WITHDRAWN)
]
_KEPT = [SolidarityApplicationStatus.KEPT.value, SolidarityApplicationStatus.REDUCED.value]


async def find_call(read: Read, call_id: UUID) -> SolidarityCallOut:
    """Return one call that the reader may know of. Raises SolidarityCallNotFound."""
    return (await _shown(read, [await reached_call(read, call_id)]))[0]


async def list_calls(read: Read, params: CallListParams) -> Page[SolidarityCallOut]:
    """Return one page of calls."""
    query = _visible(read.actor).where(*_conditions(params, read.today))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    items = await _shown(read, [repository.call_of(row) for row in rows])
    return Page(items=items, next_cursor=cursor, total=total)


async def reached_call(read: Read, call_id: UUID) -> Call:
    """Return a call as the rules know it. Raises SolidarityCallNotFound."""
    query = _visible(read.actor).where(CALL.c.id == call_id).execution_options(populate_existing=True)
    row = (await read.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise SolidarityCallNotFound("Cet appel n'existe pas, ou n'est pas ouvert.")
    return repository.call_of(row)


def reads_all(actor: Actor) -> bool:
    """Tell whether somebody reads the applications of all structures."""
    grant = grant_for(RIGHTS, Act.READ_SOLIDARITY_APPLICATIONS, actor)
    return grant is not None and grant.scope is Scope.ALL


async def totals_of(read: Read, calls: Collection[Call]) -> dict[UUID, SolidarityCallTotals]:
    """Return what each of some calls received, awarded and made possible."""
    ids = [call.id for call in calls]
    received = {row.call_id: row for row in await read.session.execute(_received(ids))}
    spent = {row.call_id: row for row in await read.session.execute(_spent(ids))}
    counted = await read.session.execute(_ENTERPRISES, {"ids": ids, "standing": _STANDING})
    enterprises = {row.call_id: row.enterprises for row in counted}
    return {
        call.id: _total(call, received.get(call.id), spent.get(call.id), enterprises.get(call.id, 0)) for call in calls
    }


_ENTERPRISES = text(
    "SELECT a.call_id, count(DISTINCT one.id) AS enterprises FROM solidarity_application a"
    " CROSS JOIN LATERAL unnest(a.partners || a.member_id) AS one(id)"
    " WHERE a.call_id = ANY(:ids) AND a.status = ANY(:standing) GROUP BY a.call_id"
)


def _received(ids: Sequence[UUID]) -> Select[Any]:
    columns = _APPLICATION.c
    return (
        select(
            columns.call_id,
            func.count().label("projects"),
            func.sum(columns.asked).label("asked"),
            func.sum(columns.trainees).label("people_asked"),
            func.count().filter(columns.status.in_(_KEPT)).label("kept"),
            func.coalesce(func.sum(columns.awarded), NOTHING).label("awarded"),
            func.coalesce(func.sum(columns.awarded_trainees), 0).label("people"),
        )
        .where(columns.call_id.in_(ids), columns.status.in_(_STANDING))
        .group_by(columns.call_id)
    )


def _spent(ids: Sequence[UUID]) -> Select[Any]:
    summed = [func.sum(_SPENDING.c[name]).label(name) for name in ("amount", "trainees", "hours")]
    query = select(_APPLICATION.c.call_id, *summed).join(_SPENDING, _SPENDING.c.application_id == _APPLICATION.c.id)
    return query.where(_APPLICATION.c.call_id.in_(ids)).group_by(_APPLICATION.c.call_id)


def _total(call: Call, received: Any, spent: Any, enterprises: int) -> SolidarityCallTotals:
    awarded = received.awarded if received else NOTHING
    return SolidarityCallTotals(
        projects=received.projects if received else 0,
        enterprises=enterprises,
        asked=received.asked if received else NOTHING,
        people_asked=received.people_asked if received else 0,
        kept=received.kept if received else 0,
        awarded=awarded,
        people=received.people if received else 0,
        left=call.said.budget - awarded,
        spent=spent.amount if spent else NOTHING,
        people_trained=spent.trainees if spent else 0,
        hours_given=spent.hours if spent else NOTHING,
    )


def _visible(actor: Actor) -> Select[Any]:
    query = select(CallRow)
    runs = grant_for(RIGHTS, Act.RUN_SOLIDARITY_CALLS, actor) is not None
    return query if runs else query.where(CALL.c.opened_on.is_not(None))


def _conditions(params: CallListParams, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if params.state:
        conditions.append(or_(*(_stands(state, today) for state in params.state)))
    if params.year:
        conditions.append(CALL.c.year.in_(params.year))
    if params.q:
        conditions.append(CALL.c.title.icontains(params.q, autoescape=True))
    return conditions


def _stands(state: SolidarityCallState, today: date) -> ColumnElement[bool]:
    """The rule of ``state_on``, as the database applies it to a whole list."""
    columns = CALL.c
    opened = and_(columns.opened_on.is_not(None), columns.ranked_on.is_(None))
    stands: dict[SolidarityCallState, ColumnElement[bool]] = {
        SolidarityCallState.DRAFT: columns.opened_on.is_(None),
        SolidarityCallState.ANNOUNCED: and_(opened, columns.opens_on > today),
        SolidarityCallState.OPEN: and_(opened, columns.opens_on <= today, columns.closes_on >= today),
        SolidarityCallState.CLOSED: and_(opened, columns.closes_on < today),
        SolidarityCallState.RANKED: and_(columns.ranked_on.is_not(None), columns.decided_on.is_(None)),
        SolidarityCallState.DECIDED: columns.decided_on.is_not(None),
    }
    return stands[state]


async def _shown(read: Read, calls: Sequence[Call]) -> list[SolidarityCallOut]:
    totals = await totals_of(read, calls) if reads_all(read.actor) else {}
    return [_out(read, call, totals.get(call.id)) for call in calls]


def _acts(read: Read, call: Call) -> dict[str, Callable[[], object]]:
    acts: dict[str, Callable[[], object]] = {}
    if grant_for(RIGHTS, Act.RUN_SOLIDARITY_CALLS, read.actor) is not None:
        acts |= dict.fromkeys(("change", "delete", "open"), partial(require_draft, call))
        acts["rank"] = partial(require_scoring, call, read.today)
        acts["decide"] = partial(require_ranked, call)
    if grant_for(RIGHTS, Act.WRITE_SOLIDARITY_APPLICATIONS, read.actor) is not None:
        acts["apply"] = partial(require_preparing, call, read.today)
    if grant_for(RIGHTS, Act.SCORE_SOLIDARITY_APPLICATIONS, read.actor) is not None:
        acts["download_decision"] = partial(require_decided, call)
    return acts


def _out(read: Read, call: Call, totals: SolidarityCallTotals | None) -> SolidarityCallOut:
    state = state_on(call, read.today)
    actions, blockers = tried(_acts(read, call))
    said = {name: getattr(call.said, name) for name in call.said.__slots__}
    criteria = [SolidarityCriterionIo(code=one.code, label=one.label, weight=one.weight) for one in call.said.criteria]
    return SolidarityCallOut(
        **{**said, "criteria": criteria},
        id=call.id,
        state=state,
        state_label=state.label,
        opened_on=call.opened_on,
        ranked_on=call.ranked_on,
        decided_on=call.decided_on,
        totals=totals,
        version=call.version,
        allowed_actions=actions,
        blockers=blockers,
    )
