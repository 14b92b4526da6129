"""Reads of the addresses of feeds: one's own, never what makes them secret."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.pagination import Order, Page, paginate
from common.transaction import Actor, Read
from membership.agenda import repository
from membership.agenda.domain import (
    AgendaFeed,
    AgendaFeedNotFound,
)
from membership.agenda.schemas import (
    AgendaFeedOut,
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
