"""What the register comes to say of a structure that was a member before the register was kept here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from membership.members.domain.entries import (
    Entry,
    NotInRegisterThen,
    Subject,
    Topic,
    Value,
    counting,
    differences,
    in_force,
    values_of,
)
from membership.members.domain.status import admit, renew
from membership.members.domain.structure import Admission, Member, MemberStatus
from membership.members.domain.values import on_day, stood, written

CARRIED = (
    Topic.NAME,
    Topic.STATUS,
    Topic.CATEGORY,
    Topic.IDENTIFIERS,
    Topic.ADDRESS,
    Topic.DELEGATION,
    Topic.ACTIVITY,
    Topic.MAIN_ACTIVITY,
)
"""What a structure is counted and voted by. Its groups and its addresses for letters hold from the day given."""


def taken_over(
    member: Member, entries: Iterable[Entry], admission: Admission, year: int, today: date
) -> Sequence[tuple[date, Mapping[Subject, Value | None]]]:
    """Return what to enter, by day, for a structure to have been a member since an admission in the past.

    Before its first day in the register it is said to have been as it was first known there (assumed: nobody wrote
    down what it was before). It counts as renewed for ``year``, unless it joined in it; nothing is said of the years
    between. Raises AlreadyMember.
    """
    known = list(entries)
    try:
        then = on_day(member, known, admission.joined_on)
        said = written(then)
    except NotInRegisterThen:
        then = stood(member, _first_known(known, today), member.as_of)
        said = {}
    admitted = admit(then, admission)
    stated: list[tuple[date, Mapping[Subject, Value | None]]] = [
        (admission.joined_on, differences(said, written(admitted)))
    ]
    if admission.joined_on.year < year:
        renewed = differences(written(admitted), written(renew(admitted, year)))
        stated.append((date(year, 1, 1), renewed))
    return stated


def candidacies_after(entries: Iterable[Entry], day: date) -> list[Entry]:
    """Return what calls a structure a candidate after a day on which it turns out to have been a member."""
    statuses = counting(entry for entry in entries if entry.subject.topic is Topic.STATUS)
    candidate = MemberStatus.CANDIDATE.value
    return [one for one in statuses if one.effective_on > day and (one.value or {}).get("status") == candidate]


def _first_known(known: list[Entry], today: date) -> dict[Subject, Value]:
    """Return of each topic what holds on the first day on which anything is known of it, what is announced aside."""
    values: dict[Subject, Value] = {}
    for topic in CARRIED:
        about = [entry for entry in known if entry.subject.topic is topic and entry.effective_on <= today]
        days = [entry.effective_on for entry in counting(about) if entry.value is not None]
        values |= values_of(in_force(about, min(days, default=today)))
    return values
