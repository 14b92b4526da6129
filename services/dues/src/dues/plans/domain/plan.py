"""An instalment plan: what was agreed of some calls, and what money paid on them since makes of each instalment.

Nothing of what became of an instalment is written down: it follows from what is paid and credited of the calls.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from dues.plans.domain.refusals import PlanEnded, PlanKept, PlanNotLate
from dues.plans.domain.schedule import Part, PlanLimits

JOURNAL = "ECH"
"""The series of the references of plans: ``ECH-2026-00042``."""
_NOTHING = Decimal("0.00")


class PlanState(Labelled):
    """Where a plan stands."""

    RUNNING = "running", "en cours"
    KEPT = "kept", "tenu : tout est réglé"
    BROKEN = "broken", "rompu"
    ENDED = "ended", "arrêté"


class InstalmentState(Labelled):
    """Where an instalment stands."""

    DUE = "due", "à payer"
    PART_PAID = "part_paid", "payée en partie"
    PAID = "paid", "réglée"
    LATE = "late", "en retard"


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a call was paid and credited at some moment."""

    paid: Decimal
    credited: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call that a schedule covers, as it was when it was agreed, and as it is.

    Of a schedule that no longer holds, ``now`` is the moment at which it ceased to.
    """

    invoice_id: UUID
    number: str
    year: int
    due_on: date
    total: Decimal
    then: Settled
    now: Settled

    @property
    def balance(self) -> Decimal:
        """What was owed of it when the schedule was agreed."""
        return self.total - self.then.paid - self.then.credited

    @property
    def owed(self) -> Decimal:
        """What is owed of it."""
        return self.total - self.now.paid - self.now.credited


@dataclass(frozen=True, slots=True)
class CallPart:
    """What of an instalment is to be put on a call."""

    invoice_id: UUID
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One instalment, in euros. ``calls`` says on which calls what is left of it goes, the oldest due first."""

    id: UUID
    rank: int
    day: date
    amount: Decimal
    paid: Decimal
    credited: Decimal
    calls: tuple[CallPart, ...]

    @property
    def left(self) -> Decimal:
        """What is still to be paid of it."""
        return self.amount - self.paid - self.credited

    def state_on(self, day: date) -> InstalmentState:
        """Return where it stands on a day."""
        if not self.left:
            return InstalmentState.PAID
        if self.day < day:
            return InstalmentState.LATE
        return InstalmentState.PART_PAID if self.paid else InstalmentState.DUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The instalments of a plan as they were agreed one day, by the identifiers that they bear, and why."""

    number: int
    agreed_on: date
    reason: str
    recorded_by: str
    closed_on: date | None
    parts: tuple[tuple[UUID, Part], ...]
    calls: tuple[PlannedCall, ...]

    @property
    def total(self) -> Decimal:
        """What it shares out."""
        return _sum(part.amount for _, part in self.parts)

    @property
    def owed(self) -> Decimal:
        """What is owed of the calls that it covers."""
        return _sum(call.owed for call in self.calls)

    @property
    def paid(self) -> Decimal:
        """What was paid of its calls since; negative where money from before came back."""
        return _sum(call.now.paid - call.then.paid for call in self.calls)

    @property
    def credited(self) -> Decimal:
        """What was credited of its calls since."""
        return _sum(call.now.credited - call.then.credited for call in self.calls)

    @property
    def beyond(self) -> Decimal:
        """What is owed of its calls beyond what it shares out: money from before that came back."""
        return max(self.owed - self.total, _NOTHING)

    @property
    def instalments(self) -> tuple[Instalment, ...]:
        """What became of each: paid in the order of days, credited from the last backwards.

        Money from before the schedule that came back undoes credits first, then makes more owed than is shared out.
        """
        amounts = [part.amount for _, part in self.parts]
        credits_ = _filled(amounts[::-1], max(self.credited + min(self.paid, _NOTHING), _NOTHING))[::-1]
        rests = [amount - credit for amount, credit in zip(amounts, credits_, strict=True)]
        payments = _filled(rests, max(self.paid, _NOTHING))
        lefts = [rest - payment for rest, payment in zip(rests, payments, strict=True)]
        return tuple(
            Instalment(id=id_, rank=rank, day=part.day, amount=part.amount, paid=paid, credited=credit, calls=calls)
            for rank, ((id_, part), paid, credit, calls) in enumerate(
                zip(self.parts, payments, credits_, self._put(lefts), strict=True), start=1
            )
        )

    def _put(self, lefts: Sequence[Decimal]) -> list[tuple[CallPart, ...]]:
        """Say on which calls each rest goes: the instalments in their order, the oldest due call first."""
        calls = sorted(self.calls, key=lambda call: (call.due_on, call.number))
        rooms = [call.owed for call in calls]
        shared = []
        for left in lefts:
            puts = _filled(rooms, left)
            rooms = [room - put for room, put in zip(rooms, puts, strict=True)]
            named = zip(calls, puts, strict=True)
            shared.append(tuple(CallPart(call.invoice_id, call.number, put) for call, put in named if put))
        return shared


@dataclass(frozen=True, slots=True)
class Ending:
    """When finance ended a plan, how and why."""

    on: date
    state: PlanState
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of one member: the schedule that holds, and those that it took the place of."""

    id: UUID
    reference: str
    member_id: UUID
    agreed_on: date
    schedule: Schedule
    past: tuple[Schedule, ...] = ()
    ending: Ending | None = None
    version: int = 1

    @property
    def state(self) -> PlanState:
        """Where it stands: kept while nothing is owed of its calls, running again where money came back."""
        if self.ending is not None:
            return self.ending.state
        return PlanState.RUNNING if self.schedule.owed else PlanState.KEPT

    @property
    def next(self) -> Instalment | None:
        """The first instalment of which something is left, late or to come; None where nothing is asked."""
        if self.state is not PlanState.RUNNING:
            return None
        return next((one for one in self.schedule.instalments if one.left), None)

    @property
    def next_on(self) -> date:
        """The day of that instalment; of the last one where what is owed goes beyond them all."""
        return self.next.day if self.next else self.schedule.parts[-1][1].day

    def late_since(self, today: date) -> date | None:
        """Return the day of the first instalment that is late; None where none is."""
        first = self.next
        return first.day if first is not None and first.day < today else None

    def looks_broken(self, limits: PlanLimits, today: date) -> bool:
        """Tell whether an instalment is late for longer than the rule of the day bears: finance decides."""
        since = self.late_since(today)
        return since is not None and (today - since).days > limits.broken_after_days


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInstalment:
    """An instalment of a running plan of which something is left, as who collects it sees it."""

    id: UUID
    plan_id: UUID
    reference: str
    member_id: UUID
    rank: int
    day: date
    left: Decimal
    calls: tuple[CallPart, ...]


@dataclass(frozen=True, slots=True)
class RunningPlan:
    """The running plan of a call, as who reminds of it sees it: its first instalment not paid is of ``next_on``."""

    plan_id: UUID
    reference: str
    next_on: date

    def is_late(self, today: date) -> bool:
        """Tell whether an instalment is late."""
        return self.next_on < today


def require_running(plan: Plan) -> None:
    """Let only a plan under which something is left be amended or ended. Raises PlanEnded, PlanKept."""
    if plan.ending is not None:
        raise PlanEnded(f"{plan.reference} est {plan.ending.state.label} depuis le {write_day(plan.ending.on)}.")
    if plan.state is PlanState.KEPT:
        raise PlanKept(f"Tout ce que couvre {plan.reference} est réglé : il n'y a rien à changer.")


def require_late(plan: Plan, today: date) -> None:
    """Let only a plan of which an instalment is late be noted as broken. Raises PlanEnded, PlanKept, PlanNotLate."""
    require_running(plan)
    if plan.late_since(today) is None:
        raise PlanNotLate(f"Aucune échéance de {plan.reference} n'est en retard : arrêtez-le plutôt.")


def _filled(rooms: Sequence[Decimal], amount: Decimal) -> list[Decimal]:
    """Put an amount in rooms, each filled before the next."""
    puts = []
    for room in rooms:
        put = min(room, amount)
        puts.append(put)
        amount -= put
    return puts


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _NOTHING)
