"""A complaint: received, acknowledged, answered, closed; reopened when its answer does not satisfy.

Source: indicator 31 of the national quality referential (difficulties, complaints, hazards handled); indicator 12 of
2026 (violence, sexist and sexual ones included, harassment, discrimination prevented and handled). The states are ours.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from common.workdays import FRANCE
from training.complaints.domain.refusals import (
    AlreadyAcknowledged,
    AlreadyClosed,
    AlreadyErased,
    ErasedTooEarly,
    FollowUpContradicted,
    FollowUpMissing,
    NotAnswered,
    NothingToAnswer,
    ReceivedInFuture,
)


class ComplaintKind(Labelled):
    """What is told."""

    COMPLAINT = "complaint", "réclamation"
    DIFFICULTY = "difficulty", "difficulté"
    HAZARD = "hazard", "aléa"
    REPORT = "report", "signalement de violence, de harcèlement ou de discrimination"

    @property
    def is_restricted(self) -> bool:
        """Whether the training team alone knows of it."""
        return self is ComplaintKind.REPORT


class ComplaintStatus(Labelled):
    """Where a complaint stands."""

    RECEIVED = "received", "reçue"
    ACKNOWLEDGED = "acknowledged", "accusée"
    ANSWERED = "answered", "répondue"
    CLOSED = "closed", "close"
    REOPENED = "reopened", "rouverte"

    @property
    def is_waiting(self) -> bool:
        """Whether the complainant waits for us."""
        return self in (ComplaintStatus.RECEIVED, ComplaintStatus.ACKNOWLEDGED, ComplaintStatus.REOPENED)


class Channel(Labelled):
    """How it came."""

    FORM = "form", "formulaire public"
    ACCOUNT = "account", "compte de la structure"
    MAIL = "mail", "courriel ou courrier"
    PHONE = "phone", "téléphone"
    SESSION = "session", "en session"


class ComplaintStep(Labelled):
    """What was done of it."""

    RECEIVE = "receive", "reçue"
    ACKNOWLEDGE = "acknowledge", "accusée"
    ANSWER = "answer", "répondue"
    CLOSE = "close", "close"
    REOPEN = "reopen", "rouverte"
    ERASE = "erase", "effacée de ce qui dit de qui"


class TextRole(Labelled):
    """What a text says, in the step at which it was written."""

    STATEMENT = "statement", "ce qui est arrivé"
    ANSWER = "answer", "la réponse"
    DISSATISFACTION = "dissatisfaction", "ce que la réponse laisse"
    CAUSE = "cause", "la cause trouvée"
    NO_ACTION = "no_action", "pourquoi aucune action"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Within how many working days a complaint is acknowledged, then answered. Dated data, with source and status."""

    since: date
    acknowledge_days: int
    answer_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One complaint. ``due_on``: when what comes next is due. ``acknowledged_on`` and ``answered_on``: the first time.

    ``session`` and ``programme`` are the references that whoever told it gave, unchecked.
    """

    id: UUID
    reference: str
    kind: ComplaintKind
    channel: Channel
    member_id: UUID | None
    session: str | None
    programme: str | None
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    due_on: date
    status: ComplaintStatus = ComplaintStatus.RECEIVED
    acknowledged_on: date | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    erased_on: date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintEntry:
    """One line of a complaint's history, for ever: what, when, by whom; what was written stands apart."""

    number: int
    step: ComplaintStep
    at: datetime
    by: str


def acknowledge_due(rule: Deadlines, received_on: date) -> date:
    """Return the last day on which a complaint is acknowledged in time, the day after it came being the first.

    >>> rule = Deadlines(date(2000, 1, 1), 2, 15, "assumed", "")
    >>> acknowledge_due(rule, date(2026, 11, 10))
    datetime.date(2026, 11, 13)
    """
    return FRANCE.after(received_on, rule.acknowledge_days)


def answer_due(rule: Deadlines, since: date) -> date:
    """Return the last day on which a complaint that came, or was reopened, on a day is answered in time."""
    return FRANCE.after(since, rule.answer_days)


def is_overdue(complaint: Complaint, today: date) -> bool:
    """Tell whether somebody waits for us longer than they should."""
    return complaint.status.is_waiting and complaint.due_on < today


def require_received(received_on: date, today: date) -> None:
    """Let a complaint have been received today or before. Raises ReceivedInFuture."""
    if received_on > today:
        raise ReceivedInFuture(f"Une réclamation se reçoit au plus tard aujourd'hui, {write_day(today)}.")


def require_unacknowledged(complaint: Complaint) -> None:
    """Let a complaint be acknowledged once. Raises AlreadyAcknowledged."""
    if complaint.status is not ComplaintStatus.RECEIVED:
        raise AlreadyAcknowledged(f"Cette réclamation est déjà {complaint.status.label}.")


def require_waiting(complaint: Complaint) -> None:
    """Let only what waits for us be answered. Raises NothingToAnswer."""
    if not complaint.status.is_waiting:
        raise NothingToAnswer(f"Cette réclamation est {complaint.status.label} : rien n'attend de réponse.")


def require_reopenable(complaint: Complaint) -> None:
    """Let only what was answered, closed or not, be reopened. Raises NotAnswered."""
    if complaint.status.is_waiting:
        raise NotAnswered(f"Cette réclamation est {complaint.status.label} : elle attend encore une réponse.")


def require_unclosed(complaint: Complaint) -> None:
    """Let an action be tied only to what is not closed. Raises AlreadyClosed."""
    if complaint.status is ComplaintStatus.CLOSED:
        raise AlreadyClosed("Cette réclamation est close : rouvrez-la d'abord.")


def require_closable(complaint: Complaint, *, has_actions: bool, has_reason: bool) -> None:
    """Let a complaint end once it is answered, with an action or with why there is none, not both.

    Raises AlreadyClosed, NotAnswered, FollowUpMissing, FollowUpContradicted.
    """
    require_unclosed(complaint)
    if complaint.status is not ComplaintStatus.ANSWERED:
        raise NotAnswered(f"Cette réclamation est {complaint.status.label} : elle se clôt une fois répondue.")
    if not has_actions and not has_reason:
        raise FollowUpMissing("Rattachez une action d'amélioration, ou dites pourquoi il n'y en a pas.")
    if has_actions and has_reason:
        raise FollowUpContradicted("Une action est rattachée : ne dites pas pourquoi il n'y en a pas.")


def require_erasable(complaint: Complaint) -> None:
    """Let who complained be forgotten once, when nobody waits any more. Raises AlreadyErased, ErasedTooEarly."""
    if complaint.erased_on is not None:
        raise AlreadyErased("Qui a réclamé est déjà effacé.")
    if complaint.status.is_waiting:
        raise ErasedTooEarly("Cette réclamation attend une réponse : répondez d'abord.")


def acknowledge(complaint: Complaint, today: date) -> Complaint:
    """Say that it was read; the answer comes next. Raises AlreadyAcknowledged."""
    require_unacknowledged(complaint)
    read = replace(complaint, status=ComplaintStatus.ACKNOWLEDGED, acknowledged_on=today)
    return replace(read, due_on=complaint.answer_due_on, version=complaint.version + 1)


def answer(complaint: Complaint, today: date) -> Complaint:
    """Answer; what was not acknowledged yet is by the same act. Raises NothingToAnswer."""
    require_waiting(complaint)
    told = replace(
        complaint,
        status=ComplaintStatus.ANSWERED,
        acknowledged_on=complaint.acknowledged_on or today,
        answered_on=complaint.answered_on or today,
    )
    return replace(told, version=complaint.version + 1)


def tie(complaint: Complaint) -> Complaint:
    """Count that an action was tied to it. Raises AlreadyClosed."""
    require_unclosed(complaint)
    return replace(complaint, version=complaint.version + 1)


def close(complaint: Complaint, today: date, *, has_actions: bool, has_reason: bool) -> Complaint:
    """End it. Raises AlreadyClosed, NotAnswered, FollowUpMissing, FollowUpContradicted."""
    require_closable(complaint, has_actions=has_actions, has_reason=has_reason)
    return replace(complaint, status=ComplaintStatus.CLOSED, closed_on=today, version=complaint.version + 1)


def reopen(complaint: Complaint, rule: Deadlines, today: date) -> Complaint:
    """Take it up again, as its answer does not satisfy: another is due, as from the first day. Raises NotAnswered.

    What is written from then on may tell of whom again, and can be erased again.
    """
    require_reopenable(complaint)
    opened = replace(complaint, status=ComplaintStatus.REOPENED, due_on=answer_due(rule, today))
    return replace(opened, closed_on=None, erased_on=None, version=complaint.version + 1)


def erase(complaint: Complaint, today: date) -> Complaint:
    """Forget who complained. Raises AlreadyErased, ErasedTooEarly."""
    require_erasable(complaint)
    return replace(complaint, erased_on=today, version=complaint.version + 1)
