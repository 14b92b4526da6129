"""Reads of improvement actions. One that comes of a report of violence does not exist but for who writes here."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, exists, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from training.improvements import repository
from training.improvements.documents import action_line
from training.improvements.domain import actions
from training.improvements.domain.actions import Action, ActionEntry, ActionStatus, Cause, CauseKind
from training.improvements.domain.refusals import ActionNotFound
from training.improvements.schemas import (
    ActionEntryOut,
    ActionExportParams,
    ActionFilters,
    ActionLine,
    ActionListParams,
    CauseOut,
    ImprovementActionOut,
)
from training.improvements.tables import ActionRow, CauseRow
from training.rights import RIGHTS, Act

ACTION: Any = ActionRow.__table__  # type: ignore[attr-defined]
CAUSE: Any = CauseRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={name: ACTION.c[name] for name in ("due_on", "reference")}, default="due_on", unique=ACTION.c.id)
OPEN = [one.value for one in ActionStatus if one.is_open]


async def list_actions(read: Read, params: ActionListParams) -> Page[ActionLine]:
    """Return one page of the actions within reach."""
    rows, cursor, total = await paginate(read, _filtered(read, params), _ORDER, params)
    return Page(items=await _lines(read, rows), next_cursor=cursor, total=total)


async def export_actions(read: Read, params: ActionExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same actions as the list."""
    query = _filtered(read, params).order_by(ACTION.c.due_on, ACTION.c.id)
    return map(action_line, await _lines(read, (await read.session.execute(query)).scalars().all()))


async def find_action(read: Read, reference: str) -> ImprovementActionOut:
    """Return an action within reach, with its history. Raises ActionNotFound."""
    row = await repository.get_action(read, reference)
    if row.restricted and not writes(read):
        raise ActionNotFound("Aucune action n'a cette référence, ou elle n'est pas dans votre périmètre.")
    action = repository.action_of(row, (await repository.causes_of(read, [row.id]))[row.id])
    allowed, blockers = tried(_attempts(action) if writes(read) else {})
    return ImprovementActionOut(
        **_line(action, read.today).model_dump(),
        history=[_entry_out(one) for one in await repository.action_entries(read, row.id)],
        replaced_by=await actions_of(read, Cause(kind=CauseKind.ACTION, reference=reference)),
        version=row.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def actions_of(read: Read, cause: Cause) -> list[str]:
    """Return the references of the actions that come of something, in their order."""
    query = select(ACTION.c.reference).where(ACTION.c.id == CAUSE.c.action_id)
    query = query.where(CAUSE.c.kind == cause.kind.value, CAUSE.c.reference == cause.reference)
    return list((await read.session.execute(query.order_by(ACTION.c.reference))).scalars())


def writes(read: Read) -> bool:
    """Tell whether who reads writes here too, and so sees what comes of reports of violence."""
    return grant_for(RIGHTS, Act.WRITE_IMPROVEMENTS, read.actor) is not None


def visible(read: Read) -> ColumnElement[bool]:
    """Return the condition under which an action exists for who reads."""
    return true() if writes(read) else not_(ACTION.c.restricted)


def overdue(today: date) -> ColumnElement[bool]:
    """Return ``is_overdue`` as a condition; a test holds the two together."""
    return and_(ACTION.c.status.in_(OPEN), ACTION.c.due_on < today)


def _filtered(read: Read, filters: ActionFilters) -> Select[Any]:
    query = select(ActionRow).where(visible(read))
    if filters.status:
        query = query.where(ACTION.c.status.in_(filters.status))
    if filters.overdue is not None:
        query = query.where(overdue(read.today) if filters.overdue else not_(overdue(read.today)))
    if filters.indicator:
        query = query.where(ACTION.c.indicators.overlap(cast(filters.indicator, ARRAY(Integer))))
    if filters.owner:
        query = query.where(ACTION.c.owner.in_(filters.owner))
    return query.where(*_caused(filters), *_due_and_called(filters))


def _caused(filters: ActionFilters) -> Iterator[ColumnElement[bool]]:
    if filters.cause_kind:
        yield _comes_of(CAUSE.c.kind.in_(filters.cause_kind))
    if filters.cause:
        yield _comes_of(CAUSE.c.reference == filters.cause)


def _due_and_called(filters: ActionFilters) -> Iterator[ColumnElement[bool]]:
    if filters.due_from:
        yield ACTION.c.due_on >= filters.due_from
    if filters.due_to:
        yield ACTION.c.due_on <= filters.due_to
    if filters.q:
        columns = (ACTION.c.reference, ACTION.c.title)
        yield or_(*(column.icontains(filters.q, autoescape=True) for column in columns))


def _comes_of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(CAUSE.c.action_id == ACTION.c.id, condition)


async def _lines(read: Read, rows: Sequence[ActionRow]) -> list[ActionLine]:
    causes = await repository.causes_of(read, [row.id for row in rows])
    return [_line(repository.action_of(row, causes[row.id]), read.today) for row in rows]


def _line(action: Action, today: date) -> ActionLine:
    return ActionLine(
        reference=action.reference,
        title=action.plan.title,
        causes=[CauseOut(kind=one.kind, kind_label=one.kind.label, reference=one.reference) for one in action.causes],
        indicators=list(action.plan.indicators),
        owner=action.plan.owner,
        due_on=action.plan.due_on,
        planned_on=action.planned_on,
        status=action.status,
        status_label=action.status.label,
        overdue=actions.is_overdue(action, today),
        restricted=action.restricted,
    )


def _entry_out(entry: ActionEntry) -> ActionEntryOut:
    return ActionEntryOut(
        number=entry.number,
        step=entry.step,
        step_label=entry.step.label,
        note=entry.note,
        due_on=entry.due_on,
        at=entry.at,
        by=entry.by,
    )


def _attempts(action: Action) -> dict[str, Callable[[], object]]:
    is_left = partial(actions.require_open, action)
    return {
        "start": partial(actions.require_planned, action),
        "finish": partial(actions.require_in_progress, action),
        "verify": partial(actions.require_done, action),
        "reschedule": is_left,
        "abandon": is_left,
    }
