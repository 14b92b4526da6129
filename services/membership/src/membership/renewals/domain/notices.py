"""The notices of a renewal: what was sent to whom, what became of it, and what of it proves that a member was told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.contacts.domain import Keeping, Trace
from membership.members.domain import Correspondence


class NoNoticeSent(NotFound):
    """No notice was sent to the structure: there is nothing to prove."""

    code = "no_notice_sent"


class NoticeNotFound(NotFound):
    """No such notice of this renewal."""

    code = "notice_not_found"


class NoticeNotSent(Conflict):
    """Only what was sent comes back, and only once."""

    code = "notice_not_sent"


class ReturnedBeforeSent(Invalid):
    """A notice comes back on the day it was sent, or later."""

    code = "returned_before_sent"


class NoPostalAddress(Conflict):
    """Without an address no letter is printed, nor was one posted."""

    code = "no_postal_address"


class Means(Labelled):
    """How a structure was told."""

    MAIL = "mail", "courriel"
    LETTER = "letter", "courrier postal"


class Reach(Labelled):
    """How a structure can be told."""

    MAIL = "mail", "courriel"
    LETTER = "letter", "courrier postal"
    NONE = "none", "ni courriel ni adresse postale"


class NoticeStatus(Labelled):
    """What became of one notice."""

    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    REFUSED = "refused", "refusé par le serveur de courrier"
    ABANDONED = "abandoned", "abandonné après plusieurs jours d'essais"
    RETURNED = "returned", "revenu"


@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A letter as it was posted. ``recipient`` is the structure's address, ``text`` what the letter said."""

    member_id: UUID
    posted_on: date
    tracking_number: str | None
    recipient: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one structure, and the proof of it.

    A mail's are its identifier and what our mail server answered, which took it or not; a letter's is its tracking
    number.
    """

    id: UUID
    member_id: UUID
    means: Means
    status: NoticeStatus
    sent_on: date | None
    recorded_at: datetime
    recorded_by: str
    sent_at: datetime | None = None
    recipient: str | None = None
    message_id: str | None = None
    reply: str | None = None
    subject: str | None = None
    text: str | None = None
    tracking_number: str | None = None
    returned_on: date | None = None
    returned_reason: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it did not reach its structure, as far as is known."""
        return self.status not in (NoticeStatus.WAITING, NoticeStatus.SENT)

    @property
    def condemns_its_address(self) -> bool:
        """Whether its address is not to be written to again; a server that never answered says nothing of it."""
        return self.status in (NoticeStatus.REFUSED, NoticeStatus.RETURNED)

    @property
    def problem(self) -> str | None:
        """What went wrong, in words; None where nothing did."""
        if not self.has_failed:
            return None
        why = self.returned_reason or self.reply
        return f"{self.means.label} {self.status.label}{f' : {why}' if why else ''}"


NOTICES = Keeping(
    "renewal_notice",
    "contact_id",
    "Informations de renouvellement",
    "Gardées dix ans avec l'adresse où elles sont parties : elles prouvent que la structure a été informée"
    " (RGPD, article 17.3 e).",
)


def trace_of(notice: Notice, contact_id: UUID, year: int, day: date) -> Trace:
    """Return what a notice says of whom it was sent to; ``day`` is that of what it says."""
    return Trace(
        keeping=NOTICES,
        id=notice.id,
        contact_id=contact_id,
        member_id=notice.member_id,
        day=day,
        value={
            "year": year,
            "means": notice.means.value,
            "status": notice.status.value,
            "sent_at": notice.sent_at.isoformat() if notice.sent_at else None,
            "recipient": notice.recipient,
            "subject": notice.subject,
            "text": notice.text,
            "returned_on": notice.returned_on.isoformat() if notice.returned_on else None,
            "returned_reason": notice.returned_reason,
        },
    )


def require_returnable(notice: Notice) -> None:
    """Let only a notice come back that was sent and has not. Raises NoticeNotSent."""
    if notice.status is not NoticeStatus.SENT:
        raise NoticeNotSent(f"Cet envoi ne peut être revenu : il est {notice.status.label}.")


def require_sent_before(notice: Notice, returned_on: date) -> None:
    """Require that a notice was sent before it came back. Raises ReturnedBeforeSent."""
    if notice.sent_on is not None and returned_on < notice.sent_on:
        raise ReturnedBeforeSent(
            f"Cet envoi est du {write_day(notice.sent_on)} : il ne peut être revenu le {write_day(returned_on)}."
        )


def require_addresses(addresses: Mapping[str, Correspondence | None]) -> None:
    """Let letters go only to structures, by name, that have an address. Raises NoPostalAddress."""
    without = [name for name, address in addresses.items() if address is None]
    if without:
        raise NoPostalAddress(f"Aucune adresse postale n'est connue : {', '.join(without[:_NAMED])}.")


_NAMED = 5
