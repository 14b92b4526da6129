"""Newsletters: who asked for one, who confirmed it by a link that only they received, who stopped, and what was sent.

An address receives nothing but a confirmation until it is confirmed (double opt-in), seldom, and none for a while once
it has said that it is not them: who asks for a stranger does not flood them. Proof of consent is kept; the address
itself is not, once it has no use.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Conflict, NotFound
from common.labels import Labelled


class SubscriptionState(Labelled):
    """Where a subscription stands."""

    PENDING = "pending", "à confirmer"
    CONFIRMED = "confirmed", "confirmée"
    ENDED = "ended", "arrêtée"


class ConfirmedBy(Labelled):
    """How a person showed that the address is theirs."""

    LINK = "link", "lien reçu par courriel"
    PREFERENCES = "preferences", "page de préférences, ouverte par la clé d'un courriel"


class StoppedBy(Labelled):
    """How a subscription ended."""

    ONE_CLICK = "one_click", "arrêt en un clic"
    PREFERENCES = "preferences", "page de préférences"
    ERASED = "erased", "personne effacée"


class NewsletterNotFound(NotFound):
    """No such newsletter within reach."""

    code = "newsletter_not_found"


class NewsletterClosed(Conflict):
    """Nobody subscribes to a closed newsletter, and nothing is sent in it."""

    code = "newsletter_closed"


class NewsletterNameTaken(Conflict):
    """Two open newsletters of one delegation, or two national ones, cannot have one name."""

    code = "newsletter_name_taken"


class ConfirmationNotFound(NotFound):
    """The link is not one of ours, or its days are over."""

    code = "confirmation_not_found"


class SubscriberNotFound(NotFound):
    """No such subscriber."""

    code = "subscriber_not_found"


class IssueNotFound(NotFound):
    """No such issue within reach."""

    code = "issue_not_found"


class IssueSent(Conflict):
    """What was sent does not change, and is sent once."""

    code = "issue_sent"


@dataclass(frozen=True, slots=True)
class SubscriptionRule:
    """How one subscribes and what is kept. Dated data, with source and status; days are calendar days.

    An address is sent ``mails_a_day`` confirmations, and ``mails_unconfirmed`` until it confirms one; then, or once it
    has refused, none for ``quiet_days``.
    """

    since: date
    confirm_days: int
    mails_a_day: int
    mails_unconfirmed: int
    quiet_days: int
    erase_days: int
    mail_days: int
    version: str
    text: str
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A letter one can subscribe to: the federation's, or one delegation's."""

    id: UUID
    name: str
    description: str
    topic: str | None
    delegation: str | None
    created_at: datetime
    closed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a newsletter, in plain text, perhaps with a link. ``sent_at``: from when it goes out."""

    id: UUID
    newsletter_id: UUID
    title: str
    text: str
    link: str | None
    created_at: datetime
    created_by: str
    sent_at: datetime | None = None
    job_id: UUID | None = None
    version: int = 1


def digest(secret: str) -> bytes:
    """Return what is kept of a secret, or of an address: enough to recognise it and not to say it."""
    return hashlib.sha256(secret.encode()).digest()


def address_key(address: str) -> str:
    """Return what two writings of one address have in common.

    >>> address_key(" Accueil@Structure.Example ")
    'accueil@structure.example'
    """
    return address.strip().casefold()


@dataclass(frozen=True, slots=True)
class Asked:
    """How often an address was asked to confirm since it last did: in all, on the last day, and when it refused."""

    mails: int = 0
    mailed_on: date | None = None
    mailed_that_day: int = 0
    refused_on: date | None = None


def is_quiet(asked: Asked, rule: SubscriptionRule, today: date) -> bool:
    """Tell whether an address is left alone for a while: it refused, or confirmed none of all that it was sent."""
    enough = asked.mailed_on if asked.mails >= rule.mails_unconfirmed else None
    since = max((day for day in (asked.refused_on, enough) if day is not None), default=None)
    return since is not None and today <= since + timedelta(days=rule.quiet_days)


def may_be_asked(asked: Asked, rule: SubscriptionRule, today: date) -> bool:
    """Tell whether an address may be sent a confirmation today, whoever asks and for how many letters."""
    sent_today = asked.mailed_that_day if asked.mailed_on == today else 0
    return sent_today < rule.mails_a_day and not is_quiet(asked, rule, today)


def asked_again(asked: Asked, rule: SubscriptionRule, today: date) -> Asked:
    """Count one more confirmation; what was counted before the address was left alone counts no more."""
    before = Asked() if asked.refused_on or asked.mails >= rule.mails_unconfirmed else asked
    that_day = before.mailed_that_day if before.mailed_on == today else 0
    return Asked(before.mails + 1, today, that_day + 1)


def confirm_until(rule: SubscriptionRule, today: date) -> date:
    """Return the last day on which a link sent today confirms."""
    return today + timedelta(days=rule.confirm_days)


def require_open(newsletter: Newsletter) -> None:
    """Let only an open newsletter through. Raises NewsletterClosed."""
    if newsletter.closed_at is not None:
        raise NewsletterClosed(f"« {newsletter.name} » est close.")


def close(newsletter: Newsletter, at: datetime) -> Newsletter:
    """Close a newsletter. Raises NewsletterClosed."""
    require_open(newsletter)
    return replace(newsletter, closed_at=at, version=newsletter.version + 1)


def require_unsent(issue: Issue) -> None:
    """Let only an issue through that has not gone out. Raises IssueSent."""
    if issue.sent_at is not None:
        raise IssueSent(f"« {issue.title} » est parti le {issue.sent_at:%d/%m/%Y}.")
