"""Feeds: the secret addresses at which calendars read what a person sees."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from common.moments import whole_days
from common.secret_addresses import SecretAddress
from common.wording import write_day
from membership.agenda.domain.entries import AgendaEntry, Audience, Source, Told
from membership.agenda.domain.rule import AgendaRule
from membership.territory.domain import NETWORK_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaFeed(SecretAddress):
    """A secret address at which a calendar reads what a person sees; the rights are those of the day it was given."""

    subject: str
    label: str
    roles: tuple[str, ...]
    member_id: UUID | None
    delegation: str | None


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
