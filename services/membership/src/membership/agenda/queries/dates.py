"""Reads of dates: a page of them, how many a month, one, and those of a calendar."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from common.blockers import BlockerOut, possible
from common.errors import obstacle
from common.pagination import Order, Page, paginate
from common.rights import Scope, grant_for
from common.transaction import Actor, Read
from membership.agenda import repository
from membership.agenda.domain import (
    AgendaEntry,
    AgendaEntryNotFound,
    AgendaStatus,
    Source,
    require_movable,
    require_own,
)
from membership.agenda.queries.reach import seen_by
from membership.agenda.queries.words import agenda_rule, kinds
from membership.agenda.schemas import (
    AgendaCountFilters,
    AgendaEntryOut,
    AgendaFilters,
    AgendaListParams,
    AgendaMonthOut,
    AgendaMonthsOut,
)
from membership.agenda.tables import AgendaEntryRow
from membership.members.domain import normalise
from membership.rights import RIGHTS, Act

_TABLE: Any = AgendaEntryRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"starts_at": _TABLE.c.starts_at}, default="starts_at", unique=_TABLE.c.id)
log = structlog.get_logger(__name__)


async def list_entries(source: Read, actor: Actor, params: AgendaListParams) -> Page[AgendaEntryOut]:
    """Return one page of the dates that somebody sees."""
    query = select(AgendaEntryRow).where(await seen_by(source, actor), *_counted(params))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [_out(source, repository.to_domain(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def count_months(source: Read, actor: Actor, params: AgendaCountFilters) -> AgendaMonthsOut:
    """Return how many of the dates that somebody sees begin in each month, where they are held."""
    month = func.to_char(_TABLE.c.first_day, "YYYY-MM").label("month")
    query = select(month, func.count()).where(await seen_by(source, actor), *_counted(params))
    rows = await source.session.execute(query.group_by(month).order_by(month))
    return AgendaMonthsOut(items=[AgendaMonthOut(month=month, count=count) for month, count in rows])


async def find_entry(source: Read, actor: Actor, entry_id: UUID) -> AgendaEntryOut:
    """Return one date that somebody sees. Raises AgendaEntryNotFound."""
    return _out(source, await entry_of(source, actor, entry_id))


def gathered(source: Source, kind: str) -> FromClause:
    """Return the gatherings of a kind that another service told and did not cancel, as a table.

    ``id``, ``delegation``, and ``day``: the first one, where it is held.
    """
    query = select(_TABLE.c.id, _TABLE.c.delegation, _TABLE.c.first_day.label("day"))
    told = (_TABLE.c.source == source.value, _TABLE.c.kind == kind)
    return query.where(*told, _TABLE.c.status != AgendaStatus.CANCELLED.value).subquery()


async def sessions_since(source: Read, day: date) -> list[UUID]:
    """Return the training sessions of a day or later, cancelled ones too, in one order."""
    query = select(_TABLE.c.id).where(_TABLE.c.source == Source.TRAINING.value, _TABLE.c.last_day >= day)
    return list((await source.session.execute(query.order_by(_TABLE.c.id))).scalars())


async def entry_of(source: Read, actor: Actor, entry_id: UUID) -> AgendaEntry:
    """Return one date that somebody sees, as the rules know it. Raises AgendaEntryNotFound."""
    query = select(AgendaEntryRow).where(_TABLE.c.id == entry_id, await seen_by(source, actor))
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise AgendaEntryNotFound("Cette date n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row)


async def for_calendars(source: Read, actor: Actor, filters: AgendaFilters) -> list[AgendaEntry]:
    """Return the dates of a feed, the earliest first: from some days ago, those cancelled lately too.

    Of more than a calendar takes, the nearest to come stay, then the latest that are over.
    """
    most = agenda_rule(source.today).most_in_a_calendar
    query = await _for_calendars(source, actor, filters, AgendaEntryRow, most=most + 1)
    rows = list((await source.session.execute(query)).scalars())
    if len(rows) > most:
        log.warning("calendar_cut", most=most)
    kept = [repository.to_domain(row) for row in rows[:most]]
    return sorted(kept, key=lambda entry: (entry.told.when.starts_at, entry.told.id))


async def state_for_calendars(source: Read, actor: Actor, filters: AgendaFilters) -> str:
    """Return in brief what ``for_calendars`` would: another one when a date came, went, or says something else.

    Calendars ask every hour, and almost always nothing changed.
    """
    most = agenda_rule(source.today).most_in_a_calendar
    said = (_TABLE.c.id, _TABLE.c.sequence, _TABLE.c.changed_at)
    rows = (await _for_calendars(source, actor, filters, *said, most=most)).subquery()
    one = func.concat_ws(":", rows.c.id, rows.c.sequence, func.extract("epoch", rows.c.changed_at))
    query = select(func.md5(func.string_agg(one, aggregate_order_by(literal(","), rows.c.id))))
    return str((await source.session.execute(query)).scalar_one())


async def _for_calendars(source: Read, actor: Actor, filters: AgendaFilters, *columns: Any, most: int) -> Select[Any]:
    rule = agenda_rule(source.today)
    since = shown_since(source)
    filters = filters.model_copy(update={"day_from": max(filters.day_from or since, since)})
    lately = source.now - timedelta(days=rule.cancelled_shown_days)
    fresh = or_(_TABLE.c.cancelled_at.is_(None), _TABLE.c.cancelled_at >= lately)
    query = select(*columns).where(await seen_by(source, actor), fresh, *_chosen(filters))
    is_over = _over_at() <= source.now
    nearest = case((is_over, _TABLE.c.starts_at), else_=None).desc()
    return query.order_by(is_over, nearest, _TABLE.c.starts_at, _TABLE.c.id).limit(most)


def _over_at() -> ColumnElement[datetime]:
    return func.coalesce(_TABLE.c.ends_at, _TABLE.c.starts_at)


def may_write(source: Read, delegation: str | None) -> bool:
    """Tell whether the one who asks writes the dates of a delegation, or those of all (None)."""
    grant = grant_for(RIGHTS, Act.RUN_AGENDA, source.actor)
    return grant is not None and grant.reaches(delegation)


def shown_since(source: Read) -> date:
    """Return the first day of which a calendar still shows something. Raises RuleMissing."""
    return source.today - timedelta(days=agenda_rule(source.today).past_shown_days)


def usual_delegation(source: Read) -> str | None:
    """Return whose dates one writes who does not say: those of their delegation, or of all for the network."""
    grant = grant_for(RIGHTS, Act.RUN_AGENDA, source.actor)
    return grant.actor.delegation if grant and grant.scope is Scope.DELEGATION else None


def _chosen(filters: AgendaFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = []
    if filters.day_from:
        conditions.append(columns.last_day >= filters.day_from)
    if filters.day_to:
        conditions.append(columns.first_day <= filters.day_to)
    if filters.delegation:
        conditions.append(or_(columns.delegation.is_(None), columns.delegation.in_(filters.delegation)))
    if filters.kind:
        conditions.append(columns.kind.in_(filters.kind))
    if filters.audience:
        conditions.append(columns.audience.in_([one.value for one in filters.audience]))
    if filters.mode:
        conditions.append(columns.mode.in_([one.value for one in filters.mode]))
    if filters.q:
        conditions.append(columns.normalized.contains(normalise(filters.q), autoescape=True))
    return conditions


def _counted(params: AgendaCountFilters) -> list[ColumnElement[bool]]:
    shown = [] if params.cancelled else [_TABLE.c.status != AgendaStatus.CANCELLED.value]
    return [*_chosen(params), *shown]


def _out(source: Read, entry: AgendaEntry) -> AgendaEntryOut:
    told = entry.told
    actions, blockers = _acts(source, entry)
    same = AgendaEntryOut.model_fields.keys() & type(told).__dataclass_fields__.keys()
    return AgendaEntryOut(
        **{name: getattr(told, name) for name in same},
        source_label=told.source.label,
        kind_label=kinds()[told.kind].label if told.kind in kinds() else told.kind,
        starts_at=told.when.starts_at,
        ends_at=told.when.ends_at,
        zone=told.when.zone,
        all_day=told.when.all_day,
        first_day=told.when.first_day,
        last_day=told.when.last_day,
        audience_label=told.audience.label,
        mode_label=told.mode.label if told.mode else None,
        status_label=told.status.label,
        sequence=entry.sequence,
        changed_at=entry.changed_at,
        version=entry.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def _acts(source: Read, entry: AgendaEntry) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    if not may_write(source, entry.told.delegation):
        return [], {}
    moved = obstacle(partial(require_movable, entry, source.now))
    return possible({"amend": obstacle(partial(require_own, entry)), "move": moved, "cancel": moved})
