"""Feeds: the secret addresses at which calendars read what a person sees."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Conflict, NotFound
from common.wording import write_day
from membership.agenda.domain.entries import AgendaEntry, Audience, Source, Told
from membership.agenda.domain.moments import whole_days
from membership.agenda.domain.rule import AgendaRule
from membership.territory.domain import NETWORK_ZONE


class AgendaFeedNotFound(NotFound):
    """No such feed of yours; or an address that was revoked, or has expired."""

    code = "agenda_feed_not_found"


class AgendaFeedRevoked(Conflict):
    """A revoked address never serves again: another is asked for."""

    code = "agenda_feed_revoked"


class AgendaFeedsTooMany(Conflict):
    """Twenty addresses that serve are more than one person's calendars."""

    code = "agenda_feeds_too_many"


@dataclass(frozen=True, slots=True)
class AgendaFeed:
    """A secret address at which a calendar reads what a person sees; the rights are those of the day it was given."""

    id: UUID
    subject: str
    label: str
    token_hash: str
    roles: tuple[str, ...]
    member_id: UUID | None
    delegation: str | None
    created_at: datetime
    expires_on: date
    last_used_on: date | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None


def expires_on(today: date, rule: AgendaRule, *, is_staff: bool) -> date:
    """Return the last day of a feed that is given or renewed today: sooner where its roles see more than a structure's.

    Roles are the identity provider's, and the address does not hear when they are lost.
    """
    return today + timedelta(days=rule.staff_feed_days if is_staff else rule.feed_days)


def last_days(feed: AgendaFeed, today: date, rule: AgendaRule) -> AgendaEntry | None:
    """Return the date that tells a calendar, in its last days, when its address will serve no more; None before.

    Its identifier is the feed's: the same event, later, where it was renewed and ends again.
    """
    first = feed.expires_on - timedelta(days=rule.feed_notice_days)
    if today < first:
        return None
    told = Told(
        id=feed.id,
        source=Source.AGENDA,
        kind="feed_end",
        title=f"Votre abonnement à l'agenda s'arrête le {write_day(feed.expires_on)}",
        when=whole_days(feed.expires_on, feed.expires_on, NETWORK_ZONE),
        audience=Audience.PARTICIPANTS,
        description=f"Renouvelez l'adresse « {feed.label} » avant ce jour pour que ce calendrier suive l'agenda.",
    )
    since = whole_days(first, first, NETWORK_ZONE).starts_at
    return AgendaEntry(told, since, since, sequence=max((feed.expires_on - feed.created_at.date()).days, 0))


def require_serving(feed: AgendaFeed) -> None:
    """Let only an address that was not revoked be renewed or revoked. Raises AgendaFeedRevoked."""
    if feed.revoked_at is not None:
        revoked = write_day(feed.revoked_at.date())
        raise AgendaFeedRevoked(f"Cette adresse a été retirée le {revoked} : demandez-en une autre.")


def require_room(feeds: Collection[AgendaFeed], today: date, most: int) -> None:
    """Let a person have so many addresses that serve. Raises AgendaFeedsTooMany."""
    serving = [feed for feed in feeds if feed.revoked_at is None and feed.expires_on >= today]
    if len(serving) >= most:
        raise AgendaFeedsTooMany(f"Vous avez déjà {most} adresses : retirez-en une.")
