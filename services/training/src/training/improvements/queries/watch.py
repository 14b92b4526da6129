"""Reads of the watch items."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.transaction import Read
from training.improvements import repository
from training.improvements.documents import watch_line
from training.improvements.domain import watch
from training.improvements.domain.actions import CauseKind
from training.improvements.queries.actions import ACTION, CAUSE, writes
from training.improvements.schemas import (
    WatchItemExportParams,
    WatchItemFilters,
    WatchItemListParams,
    WatchItemOut,
)
from training.improvements.tables import WatchItemRow

WATCH: Any = WatchItemRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: WATCH.c[name] for name in ("dated_on", "reference")}, default="-dated_on", unique=WATCH.c.id
)


async def list_watch_items(read: Read, params: WatchItemListParams) -> Page[WatchItemOut]:
    """Return one page of the watch items."""
    rows, cursor, total = await paginate(read, _filtered(params), _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_watch_items(read: Read, params: WatchItemExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same watch items as the list."""
    query = _filtered(params).order_by(WATCH.c.dated_on.desc(), WATCH.c.id)
    return map(watch_line, await _shown(read, (await read.session.execute(query)).scalars().all()))


async def find_watch_item(read: Read, reference: str) -> WatchItemOut:
    """Return a watch item. Raises WatchItemNotFound."""
    [shown] = await _shown(read, [await repository.get_watch_item(read, reference)])
    return shown


def _filtered(filters: WatchItemFilters) -> Select[Any]:
    query = select(WatchItemRow)
    if filters.kind:
        query = query.where(WATCH.c.kind.in_(filters.kind))
    if filters.status:
        query = query.where(WATCH.c.status.in_(filters.status))
    if filters.dated_from:
        query = query.where(WATCH.c.dated_on >= filters.dated_from)
    if filters.dated_to:
        query = query.where(WATCH.c.dated_on <= filters.dated_to)
    if filters.q:
        columns = (WATCH.c.reference, WATCH.c.title)
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    return query


async def _shown(read: Read, rows: Sequence[WatchItemRow]) -> list[WatchItemOut]:
    drawn = await _actions_of_all(read, [row.reference for row in rows])
    return [_out(read, row, drawn.get(row.reference, [])) for row in rows]


async def _actions_of_all(read: Read, references: Sequence[str]) -> Mapping[str, list[str]]:
    query = select(CAUSE.c.reference, ACTION.c.reference).where(
        ACTION.c.id == CAUSE.c.action_id, CAUSE.c.kind == CauseKind.WATCH.value, CAUSE.c.reference.in_(references)
    )
    found: dict[str, list[str]] = {}
    for reference, action in await read.session.execute(query.order_by(ACTION.c.reference)):
        found.setdefault(reference, []).append(action)
    return found


def _out(read: Read, row: WatchItemRow, actions: list[str]) -> WatchItemOut:
    item = repository.watch_item_of(row)
    allowed, blockers = tried({"set_aside": partial(watch.require_open, item)} if writes(read) else {})
    return WatchItemOut(
        reference=item.reference,
        kind=item.kind,
        kind_label=item.kind.label,
        indicator=item.kind.indicator,
        title=item.title,
        source=item.source,
        dated_on=item.dated_on,
        says=item.says,
        follows=item.follows,
        status=item.status,
        status_label=item.status.label,
        reason=item.reason,
        exploited_on=item.exploited_on,
        recorded_on=row.recorded_on,
        recorded_by=row.recorded_by,
        settled_by=row.settled_by,
        actions=actions,
        version=item.version,
        allowed_actions=allowed,
        blockers=blockers,
    )
