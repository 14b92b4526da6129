"""Departmental meetings of a delegation: called for a day, with whom, moved, held with its attendance, or cancelled."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.contacts.domain import Keeping, Person, Trace
from membership.territory.domain import Delegation


class MeetingState(Labelled):
    """Where a meeting stands."""

    PLANNED = "planned", "prévue"
    HELD = "held", "tenue"
    CANCELLED = "cancelled", "annulée"


class MeetingPresence(Labelled):
    """Where an invited structure stands."""

    INVITED = "invited", "invitée"
    PRESENT = "present", "présente"
    EXCUSED = "excused", "excusée"
    ABSENT = "absent", "absente"


class MeetingNotFound(NotFound):
    """No such meeting within reach."""

    code = "meeting_not_found"


class MeetingDelegationUnknown(Invalid):
    """A meeting is called by a delegation that exists, within reach of who calls it."""

    code = "meeting_delegation_unknown"


class DepartmentOutside(Invalid):
    """A meeting is for departments that its delegation covers."""

    code = "department_outside"


class MeetingSettled(Conflict):
    """A meeting that was held or cancelled is neither moved nor called to others."""

    code = "meeting_settled"


class MeetingCancelled(Conflict):
    """A cancelled meeting stays cancelled: another one is called."""

    code = "meeting_cancelled"


class MeetingInFuture(Invalid):
    """What was held was held today or before."""

    code = "meeting_in_future"


class InviteeUnknown(Invalid):
    """A delegation calls the structures that it covers."""

    code = "invitee_unknown"


class AttendeeUnknown(Invalid):
    """Those named at a meeting are people that the register knows, each once."""

    code = "attendee_unknown"


class AttendeeOfAbsent(Invalid):
    """Who came for a structure came for one that is said to have come."""

    code = "attendee_of_absent"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A structure and a meeting: whether it was called to it before the day, and whether it came."""

    presence: MeetingPresence = MeetingPresence.INVITED
    called: bool = True


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who came: somebody that the register knows of a structure, or else so many people by what they do, never by name.

    ``member_id`` is None for those who came for no structure of the register.
    """

    id: UUID
    rank: int
    member_id: UUID | None
    contact_id: UUID | None
    function: str | None
    people: int = 1


ATTENDANCES = Keeping(
    "department_meeting_attendee",
    "contact_id",
    "Rencontres départementales",
    "Gardées sans son nom : elles comptent qui est venu.",
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting. ``notes`` are for the delegation and the network alone; ``moves``: how often its day changed.

    ``attendance_recorded_on``: the day on which it was last said who came, by ``attendance_recorded_by``.
    """

    id: UUID
    delegation: str
    departments: tuple[str, ...]
    subject: str
    day: date
    first_day: date
    starts_at: time | None
    ends_at: time | None
    place: str | None
    recorded_at: datetime
    recorded_by: str
    state: MeetingState = MeetingState.PLANNED
    moves: int = 0
    notes: str | None = None
    attendance_recorded_on: date | None = None
    attendance_recorded_by: str | None = None
    cancelled_reason: str | None = None
    version: int = 1


def trace_of(meeting: Meeting, attendee: Attendee, contact_id: UUID, member_id: UUID) -> Trace:
    """Return what a meeting says of somebody who came; its notes are of structures, and name nobody."""
    first = Blocker("contact_at_meeting", f"Rencontre du {meeting.day:%d/%m/%Y} : corrigez d'abord qui y était.")
    return Trace(
        keeping=ATTENDANCES,
        id=attendee.id,
        contact_id=contact_id,
        member_id=member_id,
        day=meeting.day,
        value={"meeting_id": str(meeting.id), "state": meeting.state.value},
        amends=first if meeting.state is MeetingState.HELD else None,
    )


def require_attendees(
    attendees: Collection[Attendee],
    people: Mapping[UUID, Person],
    told: Mapping[UUID, MeetingPresence],
    before: Collection[UUID] = (),
) -> None:
    """Let those named be known, each once, and of structures said to have come.

    ``before`` are those whom the meeting names already: erased since, or one person since two records were merged,
    they came all the same. Raises AttendeeUnknown, AttendeeOfAbsent.
    """
    named = [one.contact_id for one in attendees if one.contact_id is not None]
    known = {person.contact_id for person in people.values() if person.name is not None}
    times = Counter(people[one].contact_id if one in people else one for one in named)
    twice = len(set(named)) < len(named) or any(times[one] > 1 for one in named if one not in before)
    if twice or set(named) - known - set(before):
        raise AttendeeUnknown("Une personne n'est pas connue du registre, ou figure deux fois.")
    present = {one for one, presence in told.items() if presence is MeetingPresence.PRESENT}
    absent = {one.member_id for one in attendees if one.member_id is not None} - present
    if absent:
        raise AttendeeOfAbsent(
            "Une personne est venue pour une structure qui n'est pas dite présente.",
            extra={"members": sorted(map(str, absent))},
        )


def require_departments(delegations: Iterable[Delegation], code: str, departments: Collection[str]) -> None:
    """Let a delegation meet in departments it covers. Raises MeetingDelegationUnknown, DepartmentOutside."""
    delegation = next((one for one in delegations if one.code == code), None)
    if delegation is None:
        raise MeetingDelegationUnknown(f"« {code} » n'est pas une délégation de votre périmètre.")
    outside = sorted(set(departments) - delegation.departments)
    if outside:
        raise DepartmentOutside(f"{delegation.name} ne couvre pas : {', '.join(outside)}.")


def require_to_come(meeting: Meeting) -> None:
    """Let only a meeting that is still to come be changed, moved or called to others. Raises MeetingSettled."""
    if meeting.state is not MeetingState.PLANNED:
        raise MeetingSettled(
            f"Cette rencontre est {meeting.state.label} : elle ne change plus d'objet, de jour, de lieu ni d'invitées."
        )


def require_not_cancelled(meeting: Meeting) -> None:
    """Let only a meeting that stands be recorded or cancelled. Raises MeetingCancelled."""
    if meeting.state is MeetingState.CANCELLED:
        raise MeetingCancelled("Cette rencontre est annulée : prévoyez-en une autre.")


def amend(meeting: Meeting, fields: Mapping[str, Any]) -> Meeting:
    """Say otherwise what it is about, or where. Raises MeetingSettled."""
    require_to_come(meeting)
    return replace(meeting, **fields, version=meeting.version + 1)


def move(meeting: Meeting, day: date, starts_at: time | None, ends_at: time | None, place: str | None) -> Meeting:
    """Hold it another day, at other hours, or elsewhere. Raises MeetingSettled."""
    require_to_come(meeting)
    moves = meeting.moves + (day != meeting.day)
    moved = replace(meeting, day=day, starts_at=starts_at, ends_at=ends_at, place=place, moves=moves)
    return replace(moved, version=meeting.version + 1)


def called_again(meeting: Meeting) -> Meeting:
    """Count that others were called. Raises MeetingSettled."""
    require_to_come(meeting)
    return replace(meeting, version=meeting.version + 1)


def record(meeting: Meeting, notes: str | None, today: date, by: str) -> Meeting:
    """Say that it was held, or correct what was said of it. Raises MeetingCancelled, MeetingInFuture."""
    require_not_cancelled(meeting)
    if meeting.day > today:
        raise MeetingInFuture(f"Cette rencontre est prévue le {meeting.day:%d/%m/%Y} : elle se consigne ce jour-là.")
    held = replace(meeting, state=MeetingState.HELD, notes=notes, attendance_recorded_on=today)
    return replace(held, attendance_recorded_by=by, version=meeting.version + 1)


def cancel(meeting: Meeting, reason: str) -> Meeting:
    """Give it up, one recorded as held by mistake too. Raises MeetingCancelled."""
    require_not_cancelled(meeting)
    cancelled = replace(meeting, state=MeetingState.CANCELLED, cancelled_reason=reason)
    return replace(cancelled, version=meeting.version + 1)


def attendance(known: Mapping[UUID, Invitation], told: Mapping[UUID, MeetingPresence]) -> dict[UUID, Invitation]:
    """Return who came: as told, those who came without being called too; the others that were called were absent.

    What was told before counts for nothing: who was wrongly said to have come is again what it was, absent or merely
    invited if it was called, and not of the meeting at all if it was not. Raises InviteeUnknown.
    """
    called = {one for one, invitation in known.items() if invitation.called}
    never = sorted(
        str(one) for one, presence in told.items() if presence is MeetingPresence.INVITED and one not in called
    )
    if never:
        raise InviteeUnknown("Une structure dite invitée ne l'était pas : retirez-la.", extra={"members": never})
    absent = dict.fromkeys(called, Invitation(MeetingPresence.ABSENT))
    return {**absent, **{one: Invitation(presence, one in called) for one, presence in told.items()}}
