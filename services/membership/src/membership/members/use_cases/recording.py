"""How an act is written in the register: its entries, what they make of a structure today, and who hears of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from common.identifiers import new_id
from common.transaction import Tx
from membership.members import domain, events, repository
from membership.members.domain import (
    TICK,
    Entry,
    Member,
    Subject,
    Topic,
    Value,
    in_force,
    is_answered_for,
    require_activities,
    require_statuses,
    stood,
    values_of,
)


@dataclass(frozen=True, slots=True)
class Why:
    """What an author gives for an entry: a reason in words, and what it comes from (a sitting, an import)."""

    reason: str | None = None
    source: str | None = None


async def record(tx: Tx, member: Member, known: Sequence[Entry], new: Sequence[Entry]) -> Member:
    """Write new entries of a held structure, and return what they make of it today.

    Raises LastActivity, StatusContradicted, SirenTaken.
    """
    entries = [*known, *new]
    require_activities(member, known, entries)
    if any(entry.subject.topic is Topic.STATUS for entry in new):
        require_statuses(member, entries)
    await repository.add_entries(tx, new)
    return await bring_to_today(tx, member, entries)


async def bring_to_today(tx: Tx, member: Member, entries: Sequence[Entry]) -> Member:
    """Save a held structure as its entries say it is today, and tell the others. Raises SirenTaken."""
    day = day_of(tx, member)
    today = replace(stood(member, values_of(in_force(entries, day)), day), version=member.version + 1)
    await repository.save(tx, today, answered_for=is_answered_for(entries, day))
    for fact in events.told(member, today):
        tx.publish(fact, reason=domain.reason_shown(entries, member.as_of, day))
    return today


def day_of(tx: Tx, member: Member) -> date:
    """Return the day a held structure is brought to: today, or a later one that it was already brought to.

    A transaction begun just before midnight may get hold of it after the jobs of the next day.
    """
    return max(tx.today, member.as_of or tx.today)


def entries_for(
    tx: Tx, member: Member, stated: Mapping[Subject, Value | None], day: date, recorded_at: datetime, why: Why
) -> list[Entry]:
    """Write what is stated of a structure from a day on as the entries of whoever acts."""
    announced = day > day_of(tx, member)
    return [
        Entry(
            id=new_id(),
            member_id=member.id,
            subject=subject,
            effective_on=day,
            recorded_at=recorded_at,
            recorded_by=tx.actor.subject,
            value=value,
            announced=announced,
            reason=why.reason,
            source=why.source,
        )
        for subject, value in stated.items()
    ]


def withdrawals_of(tx: Tx, member: Member, entries: Sequence[Entry], recorded_at: datetime, why: Why) -> list[Entry]:
    """Write that entries were never so."""
    return [
        replace(withdrawal, withdraws=entry.id)
        for entry in entries
        for withdrawal in entries_for(tx, member, {entry.subject: None}, entry.effective_on, recorded_at, why)
    ]


def restored_by(
    tx: Tx, member: Member, known: Sequence[Entry], withdrawn: Sequence[Entry], recorded_at: datetime
) -> list[Entry]:
    """Write again what gave way to departures that were withdrawn."""
    return [
        restored
        for departure in withdrawn
        if departure.subject.topic is Topic.STATUS
        for entry in domain.given_way(known, departure)
        for restored in entries_for(
            tx,
            member,
            {entry.subject: entry.value},
            entry.effective_on,
            recorded_at,
            Why(entry.reason, entry.source),
        )
    ]


def instant_after(tx: Tx, known: Sequence[Entry]) -> datetime:
    """Return when an entry is recorded: after those before it, also where a transaction began earlier and waited."""
    return max([tx.now, *(entry.recorded_at + TICK for entry in known)])


def apart(entries: Iterable[Entry]) -> list[Entry]:
    """Record entries of one act on the same subject and day one after the other: no two have one instant."""
    before: Counter[tuple[Subject, date]] = Counter()
    recorded = []
    for entry in entries:
        page = (entry.subject, entry.effective_on)
        recorded.append(replace(entry, recorded_at=entry.recorded_at + before[page] * TICK))
        before[page] += 1
    return recorded
