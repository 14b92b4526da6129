"""Reads of the addresses of feeds: one's own, never what makes them secret."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, select

from common.pagination import Order, Page, paginate
from common.secret_addresses import SecretAddressNotFound
from common.transaction import Actor, Read
from membership.agenda import repository
from membership.agenda.domain import (
    AgendaFeed,
)
from membership.agenda.schemas import (
    AgendaFeedOfOut,
    AgendaFeedOut,
    AgendaFeedsOfAllParams,
)
from membership.agenda.tables import AgendaFeedRow

_FEED: Any = AgendaFeedRow.__table__  # type: ignore[attr-defined]
_FEEDS = Order(columns={"created_at": _FEED.c.created_at}, default="-created_at", unique=_FEED.c.id)


async def list_feeds(source: Read, params: Any) -> Page[AgendaFeedOut]:
    """Return one page of the addresses of the one who asks, the latest first."""
    query = select(AgendaFeedRow).where(_FEED.c.subject == source.actor.subject)
    rows, cursor, total = await paginate(source, query, _FEEDS, params)
    return Page(items=[feed_out(repository.to_feed(row)) for row in rows], next_cursor=cursor, total=total)


async def find_feed(source: Read, feed_id: UUID) -> AgendaFeedOut:
    """Return one address of the one who asks. Raises SecretAddressNotFound."""
    query = select(AgendaFeedRow).where(_FEED.c.id == feed_id, _FEED.c.subject == source.actor.subject)
    row = (await source.session.execute(query)).scalar_one_or_none()
    if row is None:
        raise SecretAddressNotFound("Cette adresse n'existe pas, ou n'est pas la vôtre.")
    return feed_out(repository.to_feed(row))


async def list_feeds_of_all(source: Read, params: AgendaFeedsOfAllParams) -> Page[AgendaFeedOfOut]:
    """Return one page of everybody's addresses, the latest first, to whoever may stop one."""
    query = select(AgendaFeedRow).where(*_chosen(params, source.today))
    rows, cursor, total = await paginate(source, query, _FEEDS, params)
    return Page(items=[_feed_of_out(repository.to_feed(row)) for row in rows], next_cursor=cursor, total=total)


async def find_feed_of_somebody(source: Read, feed_id: UUID) -> AgendaFeedOfOut:
    """Return anybody's address, to whoever may stop it. Raises SecretAddressNotFound."""
    row = (await source.session.execute(select(AgendaFeedRow).where(_FEED.c.id == feed_id))).scalar_one_or_none()
    if row is None:
        raise SecretAddressNotFound("Cette adresse n'existe pas.")
    return _feed_of_out(repository.to_feed(row))


def reader_of(feed: AgendaFeed) -> Actor:
    """Return whom a feed is read for: its person, with the rights that were kept."""
    return Actor(feed.subject, frozenset(feed.roles), feed.member_id, feed.delegation)


def feed_out(feed: AgendaFeed) -> AgendaFeedOut:
    """Write a feed as the API shows it, without what makes it secret."""
    return AgendaFeedOut(**{name: getattr(feed, name) for name in AgendaFeedOut.model_fields})


def _feed_of_out(feed: AgendaFeed) -> AgendaFeedOfOut:
    return AgendaFeedOfOut(**{name: getattr(feed, name) for name in AgendaFeedOfOut.model_fields})


def _chosen(params: AgendaFeedsOfAllParams, today: date) -> list[ColumnElement[bool]]:
    asked = {"subject": params.subject, "delegation": params.delegation, "member_id": params.member_id}
    conditions: list[ColumnElement[bool]] = [_FEED.c[name] == value for name, value in asked.items() if value]
    if params.role:
        conditions.append(_FEED.c.roles.contains([params.role]))
    if params.serving is not None:
        serving = and_(_FEED.c.revoked_at.is_(None), _FEED.c.expires_on >= today)
        conditions.append(serving if params.serving else not_(serving))
    return conditions
