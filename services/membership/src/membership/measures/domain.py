"""Measures about a member that the board is asked to decide: suspension, reinstatement, exclusion.

Whom a measure threatens has the right to be heard: told of what is held against it, early enough before the sitting,
and free to answer in writing or in person. A measure taken without that is void (droits de la défense).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled
from membership.members.domain import Departure, DepartureCause, Member, leave, reinstate, suspend


class MeasureKind(Labelled):
    """What the board is asked to decide."""

    SUSPENSION = "suspension", "suspension"
    REINSTATEMENT = "reinstatement", "réintégration"
    EXCLUSION = "exclusion", "exclusion"


class MeasureStatus(Labelled):
    """Where a measure stands."""

    OPEN = "open", "à décider"
    PRONOUNCED = "pronounced", "prononcée"
    REFUSED = "refused", "refusée"
    ABANDONED = "abandoned", "abandonnée"


LONGEST_UNTYPED = timedelta(days=365)
"""How long after its opening a measure may be entered; further back, the year is a mistake (assumed)."""


class NotificationMeans(Labelled):
    """How a structure was told, so that it can be proven."""

    REGISTERED_LETTER = "registered_letter", "lettre recommandée avec avis de réception"
    HANDED_OVER = "handed_over", "remise en main propre contre décharge"
    REGISTERED_EMAIL = "registered_email", "lettre recommandée électronique"


class AnswerForm(Labelled):
    """How a structure answered."""

    WRITTEN = "written", "par écrit"
    HEARD = "heard", "entendue"


class MeasureNotFound(NotFound):
    """No such measure within reach."""

    code = "measure_not_found"


class MeasureAlreadyOpen(Conflict):
    """The board is asked one thing at a time about a member."""

    code = "measure_already_open"


class MeasureClosed(Conflict):
    """The measure was decided or abandoned."""

    code = "measure_closed"


class NotNotified(Conflict):
    """The structure was not told yet of what is held against it."""

    code = "not_notified"


class NotificationNotNeeded(Conflict):
    """Nothing is held against a structure that the board may reinstate."""

    code = "notification_not_needed"


class NotHeard(Conflict):
    """The structure was not told early enough before the sitting to be heard by it."""

    code = "not_heard"


class OpenedLater(Conflict):
    """A sitting cannot have decided on a measure that had not been opened."""

    code = "measure_opened_later"


class OwnMeasure(Forbidden):
    """Who sits on the board or works for a delegation does not run a measure about the structure that is theirs."""

    code = "own_measure"


class RecordedByOthers(Forbidden):
    """A structure answers in writing, today; its hearing, or a letter of another day, is recorded by the federation."""

    code = "recorded_by_others"


class DaysInconsistent(Invalid):
    """A measure is opened, notified and answered in this order, on days that have come, and entered within a year."""

    code = "days_inconsistent"


@dataclass(frozen=True, slots=True)
class HearingRule:
    """How many days a structure has between the notice and the sitting. Dated data, with source and status."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Notification:
    """The letter that told a structure: the day it had it, the proof's reference, and who recorded it when."""

    received_on: date
    means: NotificationMeans
    proof: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a structure said for itself, and who recorded it when."""

    given_on: date
    form: AnswerForm
    text: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing the board is asked to decide about a member, and why (``grounds``).

    It may have been entered here after the day it was opened on, as one that the board has decided since.
    ``hearing_days`` are those of the rule it was opened under. Of its ``notifications`` the last counts.
    """

    id: UUID
    member_id: UUID
    kind: MeasureKind
    grounds: str
    opened_on: date
    entered_on: date
    hearing_days: int = 0
    status: MeasureStatus = MeasureStatus.OPEN
    notifications: tuple[Notification, ...] = ()
    answers: tuple[Answer, ...] = ()
    sitting_id: UUID | None = None
    decided_on: date | None = None
    effective_on: date | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether the board has still to decide."""
        return self.status is MeasureStatus.OPEN

    @property
    def notification(self) -> Notification | None:
        """The letter that counts: the last one."""
        return self.notifications[-1] if self.notifications else None


def is_threatening(kind: MeasureKind) -> bool:
    """Tell whether a measure takes something from a structure: then it has the right to be heard."""
    return kind is not MeasureKind.REINSTATEMENT


def carried_out(member: Member, kind: MeasureKind, effective_on: date) -> Member:
    """Return a member as a measure makes it. Raises NotAMember, NotSuspended."""
    match kind:
        case MeasureKind.SUSPENSION:
            return suspend(member)
        case MeasureKind.REINSTATEMENT:
            return reinstate(member)
        case MeasureKind.EXCLUSION:
            return leave(member, Departure(effective_on, DepartureCause.EXCLUDED))


def require_opened(opened_on: date, today: date) -> None:
    """Let only a measure through that was opened on a day that has come, and not in another age.

    Raises DaysInconsistent.
    """
    if not today - LONGEST_UNTYPED <= opened_on <= today:
        raise DaysInconsistent(
            f"Une procédure ouverte le {opened_on:%d/%m/%Y} : ce jour est à venir, ou passé de plus d'un an."
        )


def notify(measure: Measure, notification: Notification, today: date) -> Measure:
    """Record that the structure was told. Told again, the later letter counts, and its delay runs anew.

    Raises MeasureClosed, NotificationNotNeeded, DaysInconsistent.
    """
    require_notifiable(measure)
    since = measure.notification.received_on if measure.notification else measure.opened_on
    if not since <= notification.received_on <= today:
        raise DaysInconsistent(f"La notification est reçue entre le {since:%d/%m/%Y} et aujourd'hui.")
    return replace(measure, notifications=(*measure.notifications, notification), version=measure.version + 1)


def answer(measure: Measure, given: Answer, today: date) -> Measure:
    """Record what the structure says for itself; it may do so several times.

    Raises MeasureClosed, NotNotified, DaysInconsistent.
    """
    require_answerable(measure)
    since = measure.notifications[0].received_on
    if not since <= given.given_on <= today:
        raise DaysInconsistent(f"Une réponse est donnée entre la notification ({since:%d/%m/%Y}) et aujourd'hui.")
    return replace(measure, answers=(*measure.answers, given), version=measure.version + 1)


def abandon(measure: Measure) -> Measure:
    """Give a measure up before the board decides. Raises MeasureClosed."""
    require_open(measure)
    return replace(measure, status=MeasureStatus.ABANDONED, version=measure.version + 1)


def decidable_from(measure: Measure) -> date | None:
    """Return the first day on which a sitting may pronounce a measure; None while the structure has not been told.

    The day of the notification does not count: told on the 1st, with fifteen days, the board may decide on the 16th.
    The right to be heard: ADR 0021; its days are assumed.
    """
    if not is_threatening(measure.kind):
        return measure.opened_on
    return measure.notification.received_on + timedelta(measure.hearing_days) if measure.notification else None


def require_votable(measure: Measure, on: date) -> None:
    """Let a sitting vote only on a measure that is open and was opened by then. Raises MeasureClosed, OpenedLater."""
    require_open(measure)
    if measure.opened_on > on:
        raise OpenedLater(f"Cette procédure a été ouverte le {measure.opened_on:%d/%m/%Y}, après la séance.")


def require_heard(measure: Measure, on: date) -> None:
    """Let a sitting pronounce a measure only once the structure could be heard. Raises NotNotified, NotHeard."""
    earliest = decidable_from(measure)
    if earliest is None:
        raise NotNotified("La structure n'a pas encore été informée de ce qui lui est reproché.")
    if on < earliest:
        raise NotHeard(
            f"La structure a {measure.hearing_days} jours pour répondre : le conseil peut décider à partir du"
            f" {earliest:%d/%m/%Y}.",
            extra={"decidable_from": earliest.isoformat()},
        )


def settle(
    measure: Measure, status: MeasureStatus, *, sitting_id: UUID, decided_on: date, effective_on: date
) -> Measure:
    """Record the board's decision. Raises MeasureClosed."""
    require_open(measure)
    return replace(
        measure,
        status=status,
        sitting_id=sitting_id,
        decided_on=decided_on,
        effective_on=effective_on if status is MeasureStatus.PRONOUNCED else None,
        version=measure.version + 1,
    )


def require_impartial(member_id: UUID, own: UUID | None) -> None:
    """Let only somebody run a measure to whom the structure does not belong. Raises OwnMeasure."""
    if member_id == own:
        raise OwnMeasure("Cette procédure concerne votre propre structure : d'autres la conduisent.")


def require_notifiable(measure: Measure) -> None:
    """Let a structure be told only of what is held against it. Raises MeasureClosed, NotificationNotNeeded."""
    require_open(measure)
    if not is_threatening(measure.kind):
        raise NotificationNotNeeded("Une réintégration ne se notifie pas : rien n'est reproché à la structure.")


def require_answerable(measure: Measure) -> None:
    """Let a structure answer once it was told. Raises MeasureClosed, NotNotified."""
    require_open(measure)
    if not measure.notifications:
        raise NotNotified("La structure n'a pas encore été informée de ce qui lui est reproché.")


def require_open(measure: Measure) -> None:
    """Let only a measure through that is still to be decided. Raises MeasureClosed."""
    if not measure.is_open:
        raise MeasureClosed(f"Cette procédure de {measure.kind.label} est {measure.status.label}.")
