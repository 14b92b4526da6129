"""The yearly interview of a delegation with a member: planned for a day, moved, held, or cancelled with a reason."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.contacts.domain import Keeping, Person, Trace


class InterviewState(Labelled):
    """Where an interview stands."""

    PLANNED = "planned", "prévu"
    HELD = "held", "tenu"
    CANCELLED = "cancelled", "annulé"


class InterviewMode(Labelled):
    """How the delegation and the member meet."""

    VISIT = "visit", "sur place"
    REMOTE = "remote", "visioconférence"
    PHONE = "phone", "téléphone"


class InterviewNotFound(NotFound):
    """No such interview within reach."""

    code = "interview_not_found"


class InterviewAlreadyPlanned(Conflict):
    """A member has one interview to come in a year: it is that one that is moved."""

    code = "interview_already_planned"


class InterviewSettled(Conflict):
    """What was held or cancelled has no day to come any more."""

    code = "interview_settled"


class InterviewCancelled(Conflict):
    """A cancelled interview stays cancelled: another one is planned."""

    code = "interview_cancelled"


class InterviewInFuture(Invalid):
    """What was held was held today or before."""

    code = "interview_in_future"


class ParticipantUnknown(Invalid):
    """Those who were there for a member are people that the register knows of it."""

    code = "participant_unknown"


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview. ``notes`` are for the delegation and the network alone.

    ``led_by`` is the subject of a token and ``led_by_label`` a function in the delegation, never a name;
    ``participants`` are contacts of the member. ``first_planned_on`` stays when it is moved, ``moves`` times so far.
    """

    id: UUID
    member_id: UUID
    mode: InterviewMode
    planned_on: date
    first_planned_on: date
    recorded_at: datetime
    recorded_by: str
    state: InterviewState = InterviewState.PLANNED
    moves: int = 0
    held_on: date | None = None
    led_by: str | None = None
    led_by_label: str | None = None
    participants: tuple[UUID, ...] = ()
    notes: str | None = None
    cancelled_reason: str | None = None
    version: int = 1

    @property
    def year(self) -> int:
        """The year it counts for: that of the day it was held, or else is planned for."""
        return (self.held_on or self.planned_on).year


@dataclass(frozen=True, slots=True)
class Record:
    """What is told of an interview that was held."""

    held_on: date
    mode: InterviewMode
    led_by: str
    led_by_label: str | None
    participants: tuple[UUID, ...]
    notes: str | None


PARTICIPATIONS = Keeping(
    "interview", "participants", "Entretiens", "Gardés sans son nom : ils disent qu'il y avait quelqu'un."
)


def traces_of(interview: Interview) -> list[Trace]:
    """Return what an interview says of each who was there; its notes are of the structure, and name nobody."""
    day = interview.held_on or interview.planned_on
    first = Blocker("contact_interviewed", f"Entretien du {day:%d/%m/%Y} : corrigez d'abord qui y était.")
    return [
        Trace(
            keeping=PARTICIPATIONS,
            id=interview.id,
            contact_id=contact_id,
            member_id=interview.member_id,
            day=day,
            value={"state": interview.state.value, "mode": interview.mode.value},
            amends=first if interview.state is InterviewState.HELD else None,
        )
        for contact_id in interview.participants
    ]


def require_movable(interview: Interview) -> None:
    """Let only an interview that is still to come be moved. Raises InterviewSettled."""
    if interview.state is not InterviewState.PLANNED:
        raise InterviewSettled(
            f"Cet entretien est {interview.state.label} : il ne se déplace plus. Prévoyez-en un autre."
        )


def require_standing(interview: Interview) -> None:
    """Let only an interview that was not cancelled be recorded or cancelled. Raises InterviewCancelled."""
    if interview.state is InterviewState.CANCELLED:
        raise InterviewCancelled("Cet entretien est annulé : prévoyez-en un autre.")


def require_free(others: Iterable[Interview], year: int) -> None:
    """Let an interview be planned in a year where none is to come. Raises InterviewAlreadyPlanned."""
    planned = [one for one in others if one.state is InterviewState.PLANNED and one.year == year]
    if planned:
        raise InterviewAlreadyPlanned(
            f"Un entretien est déjà prévu le {planned[0].planned_on:%d/%m/%Y} : déplacez-le, ou annulez-le.",
            extra={"interview_id": str(planned[0].id)},
        )


def require_participants(participants: Collection[UUID], people: Mapping[UUID, Person], member_id: UUID) -> None:
    """Let only people of the member, not erased, have taken part, under any id of theirs. Raises ParticipantUnknown."""
    known = {one for one, person in people.items() if person.member_id == member_id and person.name is not None}
    if set(participants) - known:
        raise ParticipantUnknown("Un participant n'est pas parmi les personnes connues de cette structure.")


def move(interview: Interview, planned_on: date) -> Interview:
    """Plan it for another day. Raises InterviewSettled."""
    require_movable(interview)
    if planned_on == interview.planned_on:
        return interview
    return replace(interview, planned_on=planned_on, moves=interview.moves + 1, version=interview.version + 1)


def record(interview: Interview, told: Record, today: date) -> Interview:
    """Say that it was held, or correct what was said of it. Raises InterviewCancelled, InterviewInFuture."""
    require_standing(interview)
    if told.held_on > today:
        raise InterviewInFuture(
            f"Un entretien du {told.held_on:%d/%m/%Y} n'a pas encore eu lieu : consignez-le ce jour-là."
        )
    return replace(
        interview,
        state=InterviewState.HELD,
        held_on=told.held_on,
        mode=told.mode,
        led_by=told.led_by,
        led_by_label=told.led_by_label,
        participants=told.participants,
        notes=told.notes,
        version=interview.version + 1,
    )


def cancel(interview: Interview, reason: str) -> Interview:
    """Give it up, one recorded as held by mistake too. Raises InterviewCancelled."""
    require_standing(interview)
    return replace(
        interview,
        state=InterviewState.CANCELLED,
        cancelled_reason=reason,
        held_on=None,
        version=interview.version + 1,
    )
