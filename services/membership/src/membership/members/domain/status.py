"""Where a structure stands in the federation, and what may follow what: a member is admitted, suspended, leaves."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from common.errors import Conflict
from membership.members.domain.entries import TICK, Entry, Topic, counting
from membership.members.domain.structure import Admission, Departure, DepartureCause, Member, MemberStatus

_MAY_BECOME = {
    MemberStatus.CANDIDATE: {MemberStatus.ACTIVE},
    MemberStatus.ACTIVE: {MemberStatus.SUSPENDED, MemberStatus.LEFT},
    MemberStatus.SUSPENDED: {MemberStatus.ACTIVE, MemberStatus.LEFT},
    MemberStatus.LEFT: {MemberStatus.ACTIVE},
}


_ITS_OWN = {DepartureCause.RESIGNED.value, DepartureCause.CEASED.value, DepartureCause.NOT_RENEWED.value}


class AlreadyMember(Conflict):
    """The structure was admitted before, and has not left."""

    code = "already_member"


class NotAMember(Conflict):
    """Only a member can be suspended, excluded, or leave."""

    code = "not_a_member"


class NotSuspended(Conflict):
    """Only a suspended member is reinstated."""

    code = "not_suspended"


class StatusContradicted(Conflict):
    """What the register already says of a later day could not follow, as a resignation after an exclusion."""

    code = "status_contradicted"


def belongs(member: Member) -> bool:
    """Tell whether a structure is a member, suspended or not."""
    return member.status in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)


def require_member(member: Member) -> None:
    """Let only a member through, suspended or not. Raises NotAMember."""
    if not belongs(member):
        raise NotAMember(f"{member.name} n'est pas adhérente : elle est {member.status.label}.")


def require_outside(member: Member) -> None:
    """Let only a structure through that could join: a candidate, or one that left. Raises AlreadyMember."""
    if belongs(member):
        since = f" depuis le {member.joined_on:%d/%m/%Y}" if member.joined_on else ""
        raise AlreadyMember(f"{member.name} est déjà adhérente{since}.")


def admit(member: Member, admission: Admission) -> Member:
    """Make a candidate a member, or one that had left a member again. Raises AlreadyMember."""
    require_outside(member)
    return replace(member, status=MemberStatus.ACTIVE, admission=admission, departure=None, renewed_years=())


def suspend(member: Member) -> Member:
    """Suspend a member: it stays one, without its rights. Raises NotAMember."""
    if member.status is not MemberStatus.ACTIVE:
        raise NotAMember(f"{member.name} ne peut être suspendue : elle est {member.status.label}.")
    return replace(member, status=MemberStatus.SUSPENDED)


def reinstate(member: Member) -> Member:
    """Give a suspended member its rights again. Raises NotSuspended."""
    if member.status is not MemberStatus.SUSPENDED:
        raise NotSuspended(f"{member.name} n'est pas suspendue : elle est {member.status.label}.")
    return replace(member, status=MemberStatus.ACTIVE)


def renew(member: Member, year: int) -> Member:
    """Renew a membership for a year; a suspended member stays one. Raises NotAMember."""
    require_member(member)
    return replace(member, renewed_years=tuple(sorted({*member.renewed_years, year})))


def require_not_leaving(member: Member) -> None:
    """Let only a member through whose membership has no end yet. Raises NotAMember."""
    if member.departure is not None:
        raise NotAMember(
            f"{member.name} n'est plus adhérente à partir du {member.departure.left_on:%d/%m/%Y}"
            f" ({member.departure.cause.label})."
        )
    require_member(member)


def leave(member: Member, departure: Departure) -> Member:
    """End a membership. Raises NotAMember."""
    require_not_leaving(member)
    return replace(member, status=MemberStatus.LEFT, departure=departure)


def require_statuses(member: Member, entries: Iterable[Entry]) -> None:
    """Require that each situation of the register can follow the one before. Raises StatusContradicted.

    What is announced counts. One that left is a member again by another admission only.
    """
    statuses = counting(entry for entry in entries if entry.subject.topic is Topic.STATUS)
    for earlier, later in pairwise(statuses):
        if earlier.value != later.value and not _may_follow(earlier, later):
            raise StatusContradicted(
                f"{member.name} : « {_status(earlier).label} » le {earlier.effective_on:%d/%m/%Y}, "
                f"puis « {_status(later).label} » le {later.effective_on:%d/%m/%Y}, ne se suivent pas."
            )


def after_departure(entries: Iterable[Entry], departure: Departure, admission: Admission) -> list[Entry]:
    """Return what was entered of a membership for days after its end: a suspension, another departure, a renewal.

    It has no object any more; a later membership, by another admission, is not touched.
    """
    of_membership = counting(entry for entry in entries if entry.subject.topic in (Topic.STATUS, Topic.RENEWAL))
    return [
        entry
        for entry in of_membership
        if _admitted_by(entry) == str(admission.sitting_id) and _is_after(entry, departure.left_on)
    ]


def given_way(entries: Iterable[Entry], departure: Entry) -> list[Entry]:
    """Return what a departure took back by the act that entered it, and nothing was entered for since.

    It stands again where the departure turns out never to have been so, since the day its structure is now known to
    have joined.
    """
    known = list(entries)
    act = _first_entered(known, departure)
    since = {(entry.subject, entry.effective_on) for entry in known if _is_entered_after(entry, act)}
    again = [entry for entry in _moved_aside(known, act) if (entry.subject, entry.effective_on) not in since]
    return [joined_as_known(entry, known) for entry in again]


def ever_given_way(entries: Iterable[Entry], departures: Iterable[Entry]) -> list[Entry]:
    """Return what gave way to some departures, and to those of the same membership whose place they took.

    None of these departures is of it. A day corrected twice has three: what the first took back is not what the last
    did.
    """
    known, chain = list(entries), list(departures)
    for departure in chain:  # which grows meanwhile
        chain += [entry for entry in _replaced(known, departure) if entry not in chain]
    replaced = {departure.id for departure in chain}
    gave_way = [entry for one in chain for entry in given_way(known, one) if entry.id not in replaced]
    return list({(entry.subject, entry.effective_on): entry for entry in gave_way}.values())


def joined_as_known(entry: Entry, known: Iterable[Entry]) -> Entry:
    """Return where a structure stood with the day on which that membership is now known to have begun."""
    of_membership = [one for one in counting(known) if _is_of_same(one, entry)]
    days = [one.value["joined_on"] for one in of_membership if one.value and "joined_on" in one.value]
    return replace(entry, value={**(entry.value or {}), "joined_on": days[0]}) if days else entry


def _first_entered(known: list[Entry], departure: Entry) -> Entry:
    """Return a departure as it was first entered, where it is back because an earlier one was taken back."""
    taken_back = _taken_back(known, departure)
    for earlier in known:
        if earlier.id in taken_back and earlier.effective_on < departure.effective_on:
            for entry in _moved_aside(known, earlier):
                if (entry.subject, entry.effective_on) == (departure.subject, departure.effective_on):
                    return _first_entered(known, entry)
    return departure


def _moved_aside(known: list[Entry], departure: Entry) -> list[Entry]:
    taken_back = _taken_back(known, departure)
    return [entry for entry in known if entry.id in taken_back and _is_after(entry, departure.effective_on)]


def _replaced(known: list[Entry], departure: Entry) -> list[Entry]:
    """Return the departures of the same membership that one took back, or that were entered for its day before it."""
    taken_back = _taken_back(known, departure)
    departures = [one for one in known if _is_of_same(one, departure) and _status(one) is MemberStatus.LEFT]
    return [one for one in departures if one.id in taken_back or one.effective_on == departure.effective_on]


def _taken_back(known: list[Entry], act: Entry) -> set[UUID]:
    """Return what was taken back by the act that made an entry; what it wrote on one page, it wrote a tick apart."""
    written = {(entry.subject, entry.effective_on, entry.recorded_at) for entry in known}

    def began(entry: Entry) -> datetime:
        at = entry.recorded_at
        while at > act.recorded_at and (entry.subject, entry.effective_on, at - TICK) in written:
            at -= TICK
        return at

    return {entry.withdraws for entry in known if entry.withdraws and began(entry) == act.recorded_at}


def announced_departure(entries: Iterable[Entry], today: date) -> Entry | None:
    """Return the departure that a member itself announced for a later day.

    An exclusion is the board's decision, and a merger is undone as a whole: they are not taken back like this.
    """
    for entry in counting(entry for entry in entries if entry.subject.topic is Topic.STATUS):
        departs = _status(entry) is MemberStatus.LEFT and (entry.value or {})["cause"] in _ITS_OWN
        if departs and entry.effective_on > today:
            return entry
    return None


def _may_follow(earlier: Entry, later: Entry) -> bool:
    again = _status(earlier) is MemberStatus.LEFT and _admitted_by(earlier) == _admitted_by(later)
    return _status(later) in _MAY_BECOME[_status(earlier)] and not again


def _is_entered_after(entry: Entry, act: Entry) -> bool:
    return entry.withdraws is None and entry.recorded_at > act.recorded_at


def _is_after(entry: Entry, left_on: date) -> bool:
    """Tell whether an entry has no object once its structure has left: a renewal has none on that very day."""
    return entry.effective_on > left_on or (entry.effective_on == left_on and entry.subject.topic is Topic.RENEWAL)


def _is_of_same(entry: Entry, other: Entry) -> bool:
    """Tell whether an entry says where a structure stands in the membership that another one is of."""
    if entry.value is None or entry.subject != other.subject or entry.subject.topic is not Topic.STATUS:
        return False
    return _admitted_by(entry) == _admitted_by(other)


def _admitted_by(entry: Entry) -> str | None:
    return (entry.value or {}).get("sitting_id")


def _status(entry: Entry) -> MemberStatus:
    return MemberStatus((entry.value or {})["status"])  # a structure always stands somewhere
