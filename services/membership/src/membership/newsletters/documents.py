"""What newsletters write: the mail that asks to confirm, and an issue as it goes to one subscriber."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from common.mail import Mail
from membership.newsletters.domain import Issue, Newsletter, SubscriptionRule
from membership.newsletters.tables import SubscriberRow

_CONFIRM_PAGE: Final = "/lettres/confirmer"
_REFUSE_PAGE: Final = "/lettres/refuser"
_PREFERENCES_PAGE: Final = "/lettres/preferences"
_STOP: Final = "/membership/v1/newsletter-subscriptions/stop"


@dataclass(frozen=True, slots=True)
class Sender:
    """Where mails come from, and where their links lead."""

    public_url: str
    mail_domain: str


def confirmation(
    subscriber: SubscriberRow, letters: Sequence[Newsletter], secret: str, rule: SubscriptionRule, public_url: str
) -> Mail:
    """Write the mail that asks to confirm. Its link opens a page; only that page's button confirms.

    What scans mails follows links, and presses no button. The secret stands behind ``#``: no server logs it.
    """
    names = "\n".join(f"- {letter.name}" for letter in letters)
    text = (
        "Bonjour,\n\n"
        "Quelqu'un, vous sans doute, a demandé à recevoir à cette adresse :\n\n"
        f"{names}\n\n"
        f"Pour confirmer, dans les {rule.confirm_days} jours :\n"
        f"{public_url}{_CONFIRM_PAGE}#{secret}\n\n"
        f"{rule.text}\n\n"
        "Si vous ne faites rien, cette demande s'effacera d'elle-même. Ce n'est pas vous ? Votre adresse est effacée,\n"
        f"et nous ne vous écrirons plus pendant {rule.quiet_days} jours :\n"
        f"{public_url}{_REFUSE_PAGE}#{subscriber.stop_key}\n"
    )
    return Mail(
        recipient=subscriber.address or "",
        subject="Confirmez votre abonnement",
        text=text,
        kept_days=max(1, rule.confirm_days),
    )


def issue_mail(
    recipient: str, issue: Issue, letter: Newsletter, stop_key: str, rule: SubscriptionRule, sender: Sender
) -> Mail:
    """Write an issue as it goes to one subscriber, who stops it in one click (RFC 8058)."""
    link = f"\n{issue.link}\n" if issue.link else ""
    text = (
        f"{issue.text}\n{link}\n--\n"
        f"Vous recevez « {letter.name} » parce que vous l'avez demandé.\n"
        f"Arrêter, ou choisir d'autres lettres : {sender.public_url}{_PREFERENCES_PAGE}#{stop_key}\n"
    )
    stop = f"{sender.public_url}{_STOP}?{urlencode({'key': stop_key, 'newsletter': letter.id})}"
    headers = {
        "List-Id": f"<{_list_of(letter.id)}.{sender.mail_domain}>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Mail(recipient=recipient, subject=issue.title, text=text, kept_days=rule.mail_days, headers=headers)


def _list_of(newsletter_id: UUID) -> str:
    return f"lettre-{newsletter_id.hex}"
