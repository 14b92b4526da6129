"""What the complaints of a year say: how many of each kind, how long they waited, of which programmes."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from training.complaints.domain.complaint import ComplaintKind

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of one complaint, what a year's figures are made of."""

    kind: ComplaintKind
    programme: str | None
    received_on: date
    acknowledge_due_on: date
    answer_due_on: date
    acknowledged_on: date | None
    answered_on: date | None
    times_reopened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """How long one step took: of how many, their median in days of the calendar, how many were in time.

    ``late``: done too late, or not done yet though it is due.
    """

    done: int
    median_days: Decimal | None
    in_time: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintYear:
    """The figures of a year, of the complaints received in it."""

    total: int
    reopened: int
    by_kind: tuple[tuple[ComplaintKind, int], ...]
    by_programme: tuple[tuple[str, int], ...]
    acknowledged: Delay
    answered: Delay


def year_of(told: Collection[Told], today: date) -> ComplaintYear:
    """Return the figures of some complaints. What names no programme counts in none."""
    kinds = Counter(one.kind for one in told)
    programmes = Counter(one.programme for one in told if one.programme is not None)
    return ComplaintYear(
        total=len(told),
        reopened=sum(one.times_reopened > 0 for one in told),
        by_kind=tuple((kind, kinds[kind]) for kind in ComplaintKind if kinds[kind]),
        by_programme=tuple(sorted(programmes.items(), key=lambda one: (-one[1], one[0]))),
        acknowledged=_delay([(one.received_on, one.acknowledge_due_on, one.acknowledged_on) for one in told], today),
        answered=_delay([(one.received_on, one.answer_due_on, one.answered_on) for one in told], today),
    )


def _delay(steps: Sequence[tuple[date, date, date | None]], today: date) -> Delay:
    done = [(since, due, on) for since, due, on in steps if on is not None]
    waits = [(on - since).days for since, _, on in done]
    in_time = sum(on <= due for _, due, on in done)
    overdue = sum(due < today for _, due, on in steps if on is None)
    middle = Decimal(str(median(waits))).quantize(_TENTH) if waits else None
    return Delay(done=len(done), median_days=middle, in_time=in_time, late=len(done) - in_time + overdue)
