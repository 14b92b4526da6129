"""What is decided of a session, on which figures, and until when a seat in another one can be refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import round_to_cents
from common.wording import write_day
from common.workdays import FRANCE
from training.decisions.domain.refusals import PostponedWrong, ReseatKept
from training.enrolments.domain import Reseated
from training.sessions.domain import CancelReason, Session, confirm, first_day


class DecisionAct(Labelled):
    """What is decided."""

    CONFIRM = "confirm", "la session aura lieu"
    CANCEL = "cancel", "la session n'aura pas lieu"
    MERGE = "merge", "la session est réunie à une autre"
    POSTPONE = "postpone", "la décision est reportée"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRule:
    """For how many working days another session can be refused free of charge."""

    since: date
    working_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is known of a session the day it is decided. Euros excluding VAT.

    ``taken``: seats taken; ``offered``: held for who waits; ``revenue``: of the seats taken, at the price of their
    quotes; ``costs`` None: nobody has said any, and no margin is worked out. ``cancelling`` is lost for sure by
    cancelling that day, ``cancelling_unknown`` at most besides.
    """

    taken: int
    offered: int
    waiting: int
    minimum: int
    maximum: int
    expected: int | None
    low: int | None
    high: int | None
    revenue: Decimal
    costs: Decimal | None
    cancelling: Decimal
    cancelling_unknown: Decimal

    @property
    def margin(self) -> Decimal | None:
        """What is left if it is held with those who have a seat now."""
        return None if self.costs is None else self.revenue - self.costs

    @property
    def expected_margin(self) -> Decimal | None:
        """The same with as many as are expected, at the mean price of now."""
        if self.costs is None or self.expected is None or not self.taken:
            return None
        return round_to_cents(self.revenue / self.taken * self.expected) - self.costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of a session, on which figures. ``into``: where its people go, the first one first."""

    id: UUID
    session_id: UUID
    act: DecisionAct
    reason: str
    figures: Figures
    reason_code: CancelReason | None = None
    postponed_to: date | None = None
    into: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseat:
    """A seat of another session, ``enrolment_id``, in the place of one of a session not held, ``replaces``.

    ``decline_by``: the last day to refuse it free of charge.
    """

    enrolment_id: UUID
    replaces: UUID
    from_session_id: UUID
    session_id: UUID
    member_id: UUID | None
    decision_id: UUID
    decline_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, and what became of each seat. ``decline_by``: by the session where seats went."""

    decision: Decision
    seats: Sequence[Reseated] = ()
    decline_by: Mapping[UUID, date]


def require_postponable(session: Session, day: date, today: date, now: datetime) -> None:
    """Let a decision be put off. Raises PostponedWrong, and what refuses that it be taken.

    Raises NotAnnounced, SessionEnded, AlreadyConfirmed.
    """
    confirm(session, now)
    if day <= today or not FRANCE.holds(day):
        raise PostponedWrong("Choisissez un jour ouvré, à venir.")
    first = first_day(session.slots)
    if first is not None and day >= first:
        raise PostponedWrong(f"Décidez avant la première demi-journée, le {write_day(first)}.")


def decline_by(today: date, first: date, rule: RefusalRule) -> date:
    """Return the last day to refuse a session that begins on ``first``: always before it."""
    return min(FRANCE.after(today, rule.working_days), first - timedelta(1))


def require_declinable(until: date, today: date) -> None:
    """Let another session be refused free of charge. Raises ReseatKept."""
    if today > until:
        raise ReseatKept(f"Le report se refusait jusqu'au {write_day(until)} : rendez la place.")
