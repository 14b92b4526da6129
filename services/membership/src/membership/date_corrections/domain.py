"""Correcting the day on which a structure joined or left, where somebody typed another one.

Where a structure stands comes from decisions, and none is taken back here: only its day is put right. Nothing is
overwritten: the entry of the wrong day is withdrawn, another takes its place, and what was known before stays known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, Invalid
from common.labels import Labelled
from membership.applications.domain import EARLIEST_MEMBERSHIP
from membership.members.domain import (
    CARRIED,
    Departure,
    Entry,
    Member,
    MemberStatus,
    NotInRegisterThen,
    Revision,
    Stated,
    Subject,
    Topic,
    after_departure,
    candidacies_after,
    counting,
    ever_given_way,
    in_force,
    is_of_membership,
    joined_as_known,
    joining_to_correct,
    leaving_to_correct,
    on_day,
    standing,
    values_of,
    written,
)
from membership.sittings.domain import Sitting

_STATUS = Subject(Topic.STATUS)
_SITTING = "sitting:"
_IDENTITY = (Subject(Topic.NAME), Subject(Topic.CATEGORY))
"""Without these the register says nothing of a structure."""


class StatusDay(Labelled):
    """Which day is corrected."""

    JOINING = "joining", "jour de l'adhésion"
    LEAVING = "leaving", "jour de la sortie"


class DayUnchanged(Conflict):
    """The register gives this day already."""

    code = "day_unchanged"


class CorrectedToFuture(Invalid):
    """What has happened has a day that has come."""

    code = "corrected_to_future"


class DayBeforeSitting(Conflict):
    """What a sitting decided holds from its own day at the earliest."""

    code = "day_before_sitting"


class DayOutOfOrder(Conflict):
    """A structure joins, is suspended, leaves and comes back in this order: the new day would break it."""

    code = "day_out_of_order"


def sitting_behind(member: Member, entries: Iterable[Entry], which: StatusDay) -> UUID | None:
    """Return the sitting that gave the day to correct, if one did: it admitted the structure, or excluded it."""
    if which is StatusDay.JOINING:
        return member.admission.sitting_id if member.admission else None
    departure = in_force(entries, member.departure.left_on).get(_STATUS) if member.departure else None
    source = departure.source if departure else None
    return UUID(source.removeprefix(_SITTING)) if source and source.startswith(_SITTING) else None


def corrected(
    member: Member, entries: Sequence[Entry], which: StatusDay, day: date, *, sitting: Sitting | None, today: date
) -> Revision:
    """Return what to write for a day to be another one. ``sitting`` is the one that gave it, if one did.

    Raises NotAMember, NotLeft, DayUnchanged, CorrectedToFuture, DayBeforeSitting, DayOutOfOrder, DayGivenElsewhere,
    StatusToCome.
    """
    if day > today:
        raise CorrectedToFuture(
            f"Le {day:%d/%m/%Y} n'est pas venu : ce qui est à venir s'annonce, par son propre acte."
        )
    _require_after_sitting(which, day, sitting)
    return _joined(member, entries, day, today) if which is StatusDay.JOINING else _left(member, entries, day)


def _joined(member: Member, entries: Sequence[Entry], day: date, today: date) -> Revision:
    """Move an admission; each later situation of the same membership says the new day too."""
    admission, [opening, *later] = joining_to_correct(member, entries, today)
    before = admission.joined_on
    _require_changed(before, day)
    began = opening.effective_on
    former = [one for one in counting(entries) if one.subject == _STATUS and one.effective_on < began]
    _require_between(day, [one for one in former if _says(one, MemberStatus.LEFT)], later)
    moved = [_stated(day, opening, joined_on=day), *(_stated(one.effective_on, one, joined_on=day) for one in later)]
    void = [one for one in standing(entries) if one.effective_on == began and _is_of(one, _STATUS, member)]
    void += [*later, *(one for one in standing(entries) if _is_too_early(one, member, day))]
    void += candidacies_after(entries, day)
    ended = _renewals_ended(entries, began)
    void += ended
    moved += [Stated(day, one.subject, None, one.source) for one in ended]
    if day.year < before.year <= today.year:
        # It counted for the year in which it was said to join: it counts as renewed for that one now.
        by = {"sitting_id": str(admission.sitting_id)}
        moved.append(Stated(date(before.year, 1, 1), Subject(Topic.RENEWAL, str(before.year)), by, opening.source))
    presence = _present_from(member, entries, void, began, day)
    return Revision([*void, *presence.withdrawn], [*moved, *presence.stated])


def _left(member: Member, entries: Sequence[Entry], day: date) -> Revision:
    """Move a departure: what it had taken back stands again until the new day, and what comes after has no object."""
    admission, departure, void = leaving_to_correct(member, entries)
    before, cause = departure.left_on, departure.cause
    _require_changed(before, day)
    if day <= admission.joined_on:
        raise DayOutOfOrder(f"{member.name} est adhérente depuis le {admission.joined_on:%d/%m/%Y}.")
    rest = [one for one in entries if one not in void]
    again = [
        Stated(one.effective_on, one.subject, one.value, one.source)
        for one in [*ever_given_way(entries, void), *_uncovered(rest, before)]
        if one.value is not None and one.effective_on < day and not _says(one, MemberStatus.LEFT)
    ]
    moot = after_departure(rest, Departure(day, cause), admission)
    return Revision([*void, *moot], [_stated(day, void[-1], left_on=day), *again])


def _renewals_ended(entries: Iterable[Entry], began: date) -> list[Entry]:
    """Return the ends of the renewals of a former membership, entered with the admission that begins another."""
    ends = [one for one in standing(entries) if one.subject.topic is Topic.RENEWAL and one.value is None]
    return [one for one in ends if one.effective_on == began]


def _uncovered(rest: Sequence[Entry], left_on: date) -> list[Entry]:
    """Return what counts again of the day of a departure, where it says another day of joining than is now known."""
    on_day = [one for one in counting(rest) if one.subject == _STATUS and one.effective_on == left_on]
    return [known for one in on_day if (known := joined_as_known(one, rest)) != one]


def _present_from(member: Member, entries: Sequence[Entry], void: Sequence[Entry], began: date, day: date) -> Revision:
    """Let the register know a structure from its new first day on, where its admission was all it knew it by.

    Known from an earlier day on than before, it is said to have been then as it was first known.
    """
    left = [one for one in entries if one not in void]
    if day < began:
        try:
            on_day(member, left, day)
        except NotInRegisterThen:
            first = written(replace(on_day(member, entries, began), renewed_years=()))
            known = [(subject, value) for subject, value in first.items() if subject.topic in CARRIED]
            return Revision((), [Stated(day, one, value, None) for one, value in known if one != _STATUS])
    elif _STATUS not in in_force(left, began):
        early = [one for one in standing(left) if one.subject in _IDENTITY and began <= one.effective_on < day]
        then = values_of(in_force(entries, day))
        return Revision(early, [Stated(day, subject, then[subject], None) for subject in _IDENTITY])
    return Revision((), ())


def _is_of(entry: Entry, subject: Subject, member: Member) -> bool:
    return entry.subject == subject and is_of_membership(entry, member)


def _is_too_early(entry: Entry, member: Member, joined_on: date) -> bool:
    """Tell whether an entry renews a membership for a year in which it turns out to begin, or before."""
    renewal = entry.subject.topic is Topic.RENEWAL and _is_of(entry, entry.subject, member)
    return renewal and int(entry.subject.key) <= joined_on.year


def _says(entry: Entry, status: MemberStatus) -> bool:
    return entry.subject == _STATUS and (entry.value or {}).get("status") == status.value


def _stated(day: date, entry: Entry, **days: date) -> Stated:
    """State again what an entry says, from a day on, with other days in it."""
    written_days = {name: one.isoformat() for name, one in days.items()}
    return Stated(day, entry.subject, {**(entry.value or {}), **written_days}, entry.source)


def _require_changed(before: date, day: date) -> None:
    if day == before:
        raise DayUnchanged(f"Le registre dit déjà le {day:%d/%m/%Y}.")


def _require_after_sitting(which: StatusDay, day: date, sitting: Sitting | None) -> None:
    """A sitting that takes over took note of memberships that began before it; any other decides for days to come."""
    if sitting is None:
        return
    said = f"La séance du {sitting.held_on:%d/%m/%Y} ({sitting.minutes_reference})"
    if which is StatusDay.JOINING and sitting.takes_over:
        if not EARLIEST_MEMBERSHIP <= day <= sitting.held_on:
            raise DayOutOfOrder(f"{said} a pris acte d'adhésions d'avant elle, depuis {EARLIEST_MEMBERSHIP.year}.")
    elif day < sitting.held_on:
        raise DayBeforeSitting(f"{said} en a décidé : le jour d'effet ne peut la précéder.")


def _require_between(day: date, former: Sequence[Entry], later: Sequence[Entry]) -> None:
    if former and day <= former[-1].effective_on:
        raise DayOutOfOrder(f"Elle était sortie le {former[-1].effective_on:%d/%m/%Y} : elle adhère de nouveau après.")
    if later and day >= later[0].effective_on:
        status = MemberStatus((later[0].value or {})["status"])
        raise DayOutOfOrder(f"Elle est {status.label} depuis le {later[0].effective_on:%d/%m/%Y} : elle adhère avant.")
