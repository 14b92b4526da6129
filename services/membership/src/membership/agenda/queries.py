"""Reads of the agenda: what each audience sees, nowhere what it does not."""

from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, FromClause, and_, cast, false, func, or_, select, true

from common.blockers import BlockerOut, possible
from common.clock import beginning
from common.contracts.roles import Role
from common.errors import Refusal
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.shipped import shipped
from common.transaction import Actor, Read
from membership.agenda import repository
from membership.agenda.domain import (
    CANCELLED_SHOWN_DAYS,
    PAST_SHOWN_DAYS,
    AgendaEntry,
    AgendaEntryNotFound,
    AgendaFeed,
    AgendaFeedNotFound,
    AgendaKind,
    AgendaStatus,
    Audience,
    Source,
    require_movable,
    require_own,
)
from membership.agenda.schemas import (
    AgendaCountFilters,
    AgendaEntryOut,
    AgendaFeedOut,
    AgendaFilters,
    AgendaKindOut,
    AgendaKindsOut,
    AgendaListParams,
    AgendaMonthOut,
    AgendaMonthsOut,
)
from membership.agenda.tables import AgendaEntryRow, AgendaFeedRow
from membership.members.domain import MemberStatus, normalise
from membership.members.queries import structures_of
from membership.rights import RIGHTS, Act
from membership.territory.domain import NETWORK_ZONE
from membership.territory.queries import load_territory, zones

_TABLE: Any = AgendaEntryRow.__table__  # type: ignore[attr-defined]
_FEED: Any = AgendaFeedRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"starts_at": _TABLE.c.starts_at}, default="starts_at", unique=_TABLE.c.id)
_FEEDS = Order(columns={"created_at": _FEED.c.created_at}, default="-created_at", unique=_FEED.c.id)
_MEMBERS = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
_MOST_IN_A_FEED = 2_000
"""More than any calendar shows; the nearest ones to come are kept."""


@cache
def kinds() -> dict[str, AgendaKind]:
    """Return what the agenda shows, by code."""
    listed = shipped("membership.agenda", "kinds.toml")["kinds"]
    return {one["code"]: AgendaKind(**one) for one in listed}


def network_zones() -> list[str]:
    """Return the local times of the network's places, Paris first."""
    return list(dict.fromkeys([NETWORK_ZONE, *(one.zone for one in zones())]))


def list_kinds() -> AgendaKindsOut:
    """Return what the agenda shows, and at which local times."""
    data = shipped("membership.agenda", "kinds.toml")
    items = [AgendaKindOut.model_validate(kind) for kind in kinds().values()]
    return AgendaKindsOut(items=items, zones=network_zones(), status=data["status"], source=data["source"])


async def list_entries(source: Read, actor: Actor, params: AgendaListParams) -> Page[AgendaEntryOut]:
    """Return one page of the dates that somebody sees."""
    query = select(AgendaEntryRow).where(await _seen_by(source, actor), *_counted(params))
    rows, cursor, total = await paginate(source, query, _ORDER, params)
    items = [_out(source, repository.to_domain(row)) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def count_months(source: Read, actor: Actor, params: AgendaCountFilters) -> AgendaMonthsOut:
    """Return how many of the dates that somebody sees begin in each month, at the hour of their place."""
    local = func.timezone(_TABLE.c.zone, _TABLE.c.starts_at)
    month = func.to_char(local, "YYYY-MM").label("month")
    query = select(month, func.count()).where(await _seen_by(source, actor), *_counted(params))
    rows = await source.session.execute(query.group_by(month).order_by(month))
    return AgendaMonthsOut(items=[AgendaMonthOut(month=month, count=count) for month, count in rows])


async def find_entry(source: Read, actor: Actor, entry_id: UUID) -> AgendaEntryOut:
    """Return one date that somebody sees. Raises AgendaEntryNotFound."""
    return _out(source, await entry_of(source, actor, entry_id))


async def entry_of(source: Read, actor: Actor, entry_id: UUID) -> AgendaEntry:
    """Return one date that somebody sees, as the rules know it. Raises AgendaEntryNotFound."""
    query = select(AgendaEntryRow).where(_TABLE.c.id == entry_id, await _seen_by(source, actor))
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise AgendaEntryNotFound("Cette date n'existe pas, ou n'est pas dans votre périmètre.")
    return repository.to_domain(row)


async def for_calendars(source: Read, actor: Actor, filters: AgendaFilters) -> list[AgendaEntry]:
    """Return the dates of a feed, the earliest first: from ninety days ago, those cancelled lately too."""
    since = source.today - timedelta(days=PAST_SHOWN_DAYS)
    filters = filters.model_copy(update={"day_from": max(filters.day_from or since, since)})
    lately = source.now - timedelta(days=CANCELLED_SHOWN_DAYS)
    fresh = or_(_TABLE.c.cancelled_at.is_(None), _TABLE.c.cancelled_at >= lately)
    query = select(AgendaEntryRow).where(await _seen_by(source, actor), fresh, *_chosen(filters))
    rows = await source.session.execute(query.order_by(_TABLE.c.starts_at, _TABLE.c.id).limit(_MOST_IN_A_FEED))
    return [repository.to_domain(row) for row in rows.scalars()]


async def changed_at(source: Read) -> datetime:
    """Return since when no feed can have changed: its dates move with the day, and with any change of the agenda."""
    last = await repository.last_change(source)
    return max(last or beginning(source.today), beginning(source.today))


async def list_feeds(source: Read, params: Any) -> Page[AgendaFeedOut]:
    """Return one page of the addresses of the one who asks, the latest first."""
    query = select(AgendaFeedRow).where(_FEED.c.subject == source.actor.subject)
    rows, cursor, total = await paginate(source, query, _FEEDS, params)
    return Page(items=[feed_out(repository.to_feed(row)) for row in rows], next_cursor=cursor, total=total)


async def find_feed(source: Read, feed_id: UUID) -> AgendaFeedOut:
    """Return one address of the one who asks. Raises AgendaFeedNotFound."""
    query = select(AgendaFeedRow).where(_FEED.c.id == feed_id, _FEED.c.subject == source.actor.subject)
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise AgendaFeedNotFound("Cette adresse n'existe pas, ou n'est pas la vôtre.")
    return feed_out(repository.to_feed(row))


def reader_of(feed: AgendaFeed) -> Actor:
    """Return whom a feed is read for: its person, with the rights that were kept."""
    return Actor(feed.subject, frozenset(feed.roles), feed.member_id, feed.delegation)


def feed_out(feed: AgendaFeed) -> AgendaFeedOut:
    """Write a feed as the API shows it, without what makes it secret."""
    return AgendaFeedOut(**{name: getattr(feed, name) for name in AgendaFeedOut.model_fields})


def may_write(source: Read, delegation: str | None) -> bool:
    """Tell whether the one who asks writes the dates of a delegation, or those of all (None)."""
    grant = grant_for(RIGHTS, Act.RUN_AGENDA, source.actor)
    if grant is None:
        return False
    return grant.scope is Scope.ALL or (delegation is not None and delegation == grant.actor.delegation)


def names_of_delegations() -> dict[str, str]:
    """Return the names of the delegations, by code."""
    return {one.code: one.name for one in load_territory().delegations}


async def _seen_by(source: Read, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody sees a date: one alternative for each audience."""
    audiences = {
        Audience.PUBLIC: true(),
        Audience.MEMBERS: await _of_members(source, actor),
        Audience.PARTICIPANTS: _of_participants(actor),
        # Who reads the sittings reads when they are held.
        Audience.BOARD: true() if grant_for(RIGHTS, Act.READ_SITTINGS, actor) else false(),
    }
    seen = [and_(_TABLE.c.audience == audience.value, reached) for audience, reached in audiences.items()]
    return and_(_TABLE.c.listed, or_(*seen))


async def _of_members(source: Read, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what is for members: of their delegation, or of all. Those who left see it no more."""
    grant = grant_for(RIGHTS, Act.READ_AGENDA, actor)
    if grant is None or (grant.scope is Scope.OWN and Role.MEMBER not in actor.roles):
        return false()
    if grant.scope is Scope.ALL:
        return true()
    delegation = actor.delegation
    if grant.scope is Scope.OWN:
        known = await structures_of(source, [actor.member_id] if actor.member_id else [])
        structure = next((one for one in known.values() if one.status in _MEMBERS), None)
        if structure is None:
            return false()
        delegation = structure.delegation
    return or_(_TABLE.c.delegation.is_(None), _TABLE.c.delegation == delegation)


def _of_participants(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for what is for those called to it: who reads the meetings, as far as that reaches."""
    grant: Grant | None = grant_for(RIGHTS, Act.READ_MEETINGS, actor)
    if grant is None:
        return false()
    if grant.scope is Scope.OWN:
        return _TABLE.c.participants.contains([actor.member_id]) if actor.member_id else false()
    return grant.covers(member=None, delegation=_TABLE.c.delegation)


def _chosen(filters: AgendaFilters) -> list[ColumnElement[bool]]:
    columns = _TABLE.c
    conditions: list[ColumnElement[bool]] = []
    if filters.day_from:
        over = func.coalesce(columns.ends_at, columns.starts_at + timedelta(seconds=1))
        conditions.append(over > beginning(filters.day_from))
    if filters.day_to:
        conditions.append(columns.starts_at < beginning(filters.day_to + timedelta(days=1)))
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
    begins, ends = told.when.local()
    last = (ends - timedelta(microseconds=1)) if ends else begins
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
        first_day=begins.date(),
        last_day=last.date(),
        audience_label=told.audience.label,
        mode_label=told.mode.label if told.mode else None,
        status_label=told.status.label,
        sequence=entry.sequence,
        changed_at=entry.changed_at,
        version=entry.version,
        allowed_actions=actions,
        blockers=blockers,
    )


def gathered(source: Source, kind: str) -> FromClause:
    """Return the gatherings of a kind that another service told and did not cancel, as a table.

    ``id``, ``delegation``, and ``day``: the first one, at the hour of the place.
    """
    day = cast(func.timezone(_TABLE.c.zone, _TABLE.c.starts_at), Date)
    query = select(_TABLE.c.id, _TABLE.c.delegation, day.label("day"))
    told = (_TABLE.c.source == source.value, _TABLE.c.kind == kind)
    return query.where(*told, _TABLE.c.status != AgendaStatus.CANCELLED.value).subquery()


def _acts(source: Read, entry: AgendaEntry) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    if not may_write(source, entry.told.delegation):
        return [], {}
    moved = _refusal(partial(require_movable, entry, source.now))
    return possible({"amend": _refusal(partial(require_own, entry)), "move": moved, "cancel": moved})


def _refusal(check: partial[None]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None
