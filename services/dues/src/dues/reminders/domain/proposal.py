"""What is to be reminded on a day: computed, never written down. One letter for all the calls of a member."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from common.errors import Blocker
from common.wording import write_day
from dues.reminders.domain.holds import RegionCall
from dues.reminders.domain.levels import Level, ReminderRule


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCall:
    """A call of which something is owed after its due date, by the member behind the record that was called."""

    id: UUID
    number: str
    year: int
    member_id: UUID
    due_on: date
    owed: Decimal


@dataclass(frozen=True, slots=True)
class Reminded:
    """A level at which a call was reminded, and when."""

    rank: int
    label: str
    on: date


@dataclass(frozen=True, slots=True)
class Ripe:
    """A call that has come to a level: since which day, and what keeps it from being reminded now."""

    call: LateCall
    level: Level
    since: date
    last: Reminded | None
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The letter that a member would be sent: its highest level, its calls, and what keeps it from being sent.

    ``waiting`` are calls that have come to a level and wait for themselves, while others can be reminded.
    """

    calls: tuple[Ripe, ...]
    waiting: tuple[Ripe, ...]
    call_by: date | None
    called_on: date | None
    blockers: tuple[Blocker, ...]

    @property
    def level(self) -> Level:
        """The highest level of its calls; each has its own."""
        return max((ripe.level for ripe in self.calls), key=lambda level: level.rank)

    @property
    def since(self) -> date:
        """The day since which it could have been sent, were nothing in the way."""
        return min(ripe.since for ripe in self.calls)

    @property
    def owed(self) -> Decimal:
        """What the letter asks for, in euros."""
        return sum((ripe.call.owed for ripe in self.calls), Decimal("0.00"))

    @property
    def to_call(self) -> bool:
        """Whether its region is to call first, and has not."""
        return self.call_by is not None and self.called_on is None


def ripe(
    call: LateCall, reminded: Sequence[Reminded], excuses: Sequence[Blocker], rule: ReminderRule, today: date
) -> Ripe | None:
    """Return the level that a call has come to, None before its delay and after the last level.

    ``excuses`` are what keeps this call alone from being reminded, whatever its level.

    A level is never sent twice, also where a payment came back meanwhile: what follows goes on from there.
    """
    last = max(reminded, key=lambda one: one.rank, default=None)
    level = rule.after(last.rank if last else 0)
    if level is None or today < call.due_on + timedelta(days=level.after_days):
        return None
    since = call.due_on + timedelta(days=level.after_days)
    again = max(since, last.on + timedelta(days=level.after_level_days)) if last else since
    return Ripe(call, level, again, last, tuple(_own_blockers(call, last, again, excuses, today)))


def _own_blockers(
    call: LateCall, last: Reminded | None, again: date, excuses: Sequence[Blocker], today: date
) -> Iterable[Blocker]:
    if last and today < again:
        yield Blocker(
            "reminded_recently",
            f"{call.number} : {last.label} du {write_day(last.on)}, rien de plus avant le {write_day(again)}.",
        )
    for excuse in excuses:
        yield Blocker(excuse.code, f"{call.number} : {excuse.message}")


def propose(
    ripes: Sequence[Ripe], excuse: Blocker | None, region_call: RegionCall | None, rule: ReminderRule, today: date
) -> Proposal | None:
    """Return the letter of a member whose calls have come to levels, None without any."""
    if not ripes:
        return None
    free = tuple(one for one in ripes if not one.blockers)
    calls = free or tuple(ripes)
    waiting = tuple(one for one in ripes if one.blockers) if free else ()
    blockers = [] if free else [blocker for one in calls for blocker in one.blockers]
    if excuse:
        blockers.append(excuse)
    first = _told_first(calls)
    call_by = rule.call_by(min(one.since for one in first)) if first else None
    called_on = _called_on(first, region_call)
    if call_by and not called_on and today <= call_by:
        blockers.append(Blocker("region_may_call", f"La délégation a jusqu'au {write_day(call_by)} pour appeler."))
    return Proposal(calls, waiting, call_by, called_on, tuple(blockers))


def _told_first(calls: Sequence[Ripe]) -> list[Ripe]:
    """Return the calls of the letter's level where its region is to call before it leaves."""
    top = max(one.level.rank for one in calls)
    return [one for one in calls if one.level.rank == top and one.level.region_first]


def _called_on(first: Sequence[Ripe], region_call: RegionCall | None) -> date | None:
    """Return the day on which the region called since the letter before: an older call was about something else."""
    if not first or region_call is None:
        return None
    before = max((one.last.on for one in first if one.last), default=date.min)
    return region_call.day if region_call.day >= before else None


def by_member(calls: Iterable[Ripe]) -> Mapping[UUID, list[Ripe]]:
    """Return the calls that have come to a level by member, the oldest first."""
    found: dict[UUID, list[Ripe]] = {}
    for one in sorted(calls, key=lambda ripe: (ripe.call.due_on, ripe.call.number)):
        found.setdefault(one.call.member_id, []).append(one)
    return found
