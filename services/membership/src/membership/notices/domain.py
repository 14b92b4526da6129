"""What the federation sends to structures and has to prove: to whom it went, when, what it said, what became of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.contacts.domain import Addressee, Keeping, Trace
from membership.members.domain import Correspondence, Member, Purpose, address_for


class NoticeNotFound(NotFound):
    """No such notice about this."""

    code = "notice_not_found"


class NoticeNotSent(Conflict):
    """Only what was sent comes back, and only once."""

    code = "notice_not_sent"


class ReturnedBeforeSent(Invalid):
    """A notice comes back on the day it was sent, or later."""

    code = "returned_before_sent"


class DayNotCome(Invalid):
    """A letter was posted, a notice came back, a structure spoke, today or before."""

    code = "day_not_come"


class NoPostalAddress(Conflict):
    """Without an address no letter is printed, nor was one posted."""

    code = "no_postal_address"


class NoticePurpose(Labelled):
    """What a notice is for."""

    RENEWAL = "renewal", "information avant renouvellement"
    CONVOCATION = "convocation", "convocation à une assemblée"
    REMINDER = "reminder", "relance de déclaration"


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
class KeepingRule:
    """For how many days the proof of a notice is kept. Dated data, with source and status."""

    since: date
    purpose: str
    days: int
    status: str
    source: str


def is_kept(day: date, rule: KeepingRule, today: date) -> bool:
    """Tell whether a letter posted on a day is kept today: on the last of its days it still is."""
    return today <= day + timedelta(days=rule.days)


@dataclass(frozen=True, slots=True)
class Federation:
    """Who writes to the members, and where they write back. Dated data, with source and status."""

    since: date
    name: str
    street: str
    postcode: str
    city: str
    status: str
    source: str

    @property
    def address(self) -> str:
        """Where a letter to it goes, on one line."""
        return f"{self.name}, {self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class About:
    """What notices are about: what they are for, and of which renewal, assembly or year."""

    purpose: NoticePurpose
    key: str


@dataclass(frozen=True, slots=True)
class Written:
    """A notice as it is written: the same words in a mail, on paper, and in what is kept of either.

    ``framed`` is the one line that must not be missed.
    """

    subject: str
    paragraphs: tuple[str, ...]
    framed: str
    signature: str
    greeting: str = "Madame, Monsieur,"

    @property
    def text(self) -> str:
        """All of it but the subject, in plain text, with its one line in a frame."""
        edge = "=" * len(self.framed)  # no sides: a font whose letters differ in width would misplace them
        framed = f"{edge}\n{self.framed}\n{edge}"
        return "\n\n".join([self.greeting, *self.paragraphs, framed, self.signature]) + "\n"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice to print, where it goes and to whose attention."""

    member: Member
    address: Correspondence
    attention: str | None
    written: Written

    @property
    def recipient(self) -> list[str]:
        """Where it goes, line by line."""
        return _recipient(self.member, self.address, self.attention)


@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A letter as it was posted. ``recipient`` is the structure's address, ``text`` what the letter says, both as
    they are known when it is recorded: the paper was printed before.
    """

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
    late_reason: str | None = None

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
    "notice",
    "contact_id",
    "Courriels et courriers de la fédération à sa structure",
    "Gardés avec l'adresse où ils sont partis, la réponse du serveur de courrier, le motif d'un retour et qui l'a"
    " consigné : une information de renouvellement, une convocation à une assemblée, dix ans, comme preuves (RGPD,"
    " article 17.3 e), puis effacés. D'une relance de déclaration, il reste son jour, quatre cents jours. Ce qui n'est"
    " pas encore parti est repris.",
)


def trace_of(notice: Notice, contact_id: UUID, purpose: NoticePurpose, day: date) -> Trace:
    """Return what a notice says of whom it was sent to; ``day`` is that of what it says."""
    return Trace(
        keeping=NOTICES,
        id=notice.id,
        contact_id=contact_id,
        member_id=notice.member_id,
        day=day,
        value={
            "purpose": purpose.value,
            "means": notice.means.value,
            "status": notice.status.value,
            "sent_at": notice.sent_at.isoformat() if notice.sent_at else None,
            "recipient": notice.recipient,
            "message_id": notice.message_id,
            "reply": notice.reply,
            "subject": notice.subject,
            "text": notice.text,
            "late_reason": notice.late_reason,
            "recorded_by": notice.recorded_by,
            "returned_on": notice.returned_on.isoformat() if notice.returned_on else None,
            "returned_reason": notice.returned_reason,
        },
    )


def letter_address(member: Member) -> Correspondence | None:
    """Return where a letter about a structure's membership goes, if it is known."""
    return address_for(member, Purpose.MEETINGS)


def postal_address(member: Member, address: Correspondence) -> str:
    """Return where a letter to a structure goes on one line, without the name of anybody."""
    return ", ".join(_recipient(member, address, None))


def _recipient(member: Member, address: Correspondence, somebody: str | None) -> list[str]:
    attention = address.attention or somebody
    where = [address.street, f"{address.postcode} {address.city}"]
    return [member.name, *([f"À l'attention de {attention}"] if attention else []), *where]


def reach_of(member: Member, person: Addressee | None) -> Reach:
    """Return how a structure can be told today."""
    if person and person.email:
        return Reach.MAIL
    return Reach.LETTER if letter_address(member) else Reach.NONE


def why_unmailed(member: Member, reach: Reach) -> Blocker | None:
    """Say why no mail goes to a structure, and so what somebody can do about it."""
    if reach is Reach.MAIL:
        return None
    if reach is Reach.LETTER:
        return Blocker("no_mail_address", f"Aucun courriel n'atteint {member.name}.")
    return Blocker("no_address", f"Ni courriel ni adresse postale n'atteint {member.name}.")


def require_past(day: date, today: date) -> None:
    """Refuse what is told of a day that has not come. Raises DayNotCome."""
    if day > today:
        raise DayNotCome(f"Le {write_day(day)} n'est pas venu.")


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


def require_postable(members: Collection[Member]) -> None:
    """Let letters go only to structures that have an address. Raises NoPostalAddress."""
    without = [member.name for member in members if letter_address(member) is None]
    if without:
        raise NoPostalAddress(f"Aucune adresse postale n'est connue : {', '.join(without[:_NAMED])}.")


_NAMED = 5
