"""What was done of an announced session, in words: what a move changed, before and after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from training.sessions.domain.plan import Slot
from training.sessions.domain.session import Terms


class EventKind(Labelled):
    """What happened to a session. Papers made before it may be worth nothing any more."""

    ANNOUNCED = "announced", "annoncée"
    CONFIRMED = "confirmed", "confirmée"
    MOVED = "moved", "déplacée"
    AMENDED = "amended", "modifiée"
    VERSION_ADOPTED = "version_adopted", "version du programme suivie"
    CANCELLED = "cancelled", "annulée"


class Subject(Labelled):
    """What of a session a change is about."""

    TIME = "time", "moment"
    ROOM = "room", "salle"
    REMOTE = "remote", "à distance"
    TRAINERS = "trainers", "formateurs"
    SLOT = "slot", "demi-journée"
    SEATS = "seats", "places"
    CLOSING = "closing", "clôture des inscriptions"
    DECISION = "decision", "jour de la décision"
    DELEGATION = "delegation", "délégation"
    AUDIENCE = "audience", "structures"
    ADAPTATION = "adaptation", "adaptation"
    HOURS = "hours", "durée adaptée, en heures"
    REMOTE_URL = "remote_url", "adresse de la classe à distance"
    VERSION = "version", "version du programme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that changed. ``before`` None: it was not there; ``after`` None: it is not there any more.

    ``slot_id``: of which half-day. Trainers are told by their ids: a name that is erased is then erased here too.
    """

    subject: Subject
    slot_id: UUID | None = None
    before: str | None = None
    after: str | None = None

    @property
    def label(self) -> str:
        """What it is about, in French."""
        return self.subject.label


def compare_slots(before: Sequence[Slot], after: Sequence[Slot], rooms: Mapping[UUID, str]) -> tuple[Change, ...]:
    """Return what changed between two plans, half-day by half-day; ``rooms`` are their names."""
    return tuple(_changes({slot.id: slot for slot in before}, {slot.id: slot for slot in after}, rooms))


def compare_terms(before: Terms, after: Terms) -> tuple[Change, ...]:
    """Return what changed of what is decided of a session."""
    was, now = _said(before), _said(after)
    return tuple(
        Change(subject=subject, before=was[subject], after=now[subject])
        for subject in was
        if was[subject] != now[subject]
    )


def moves(changes: Iterable[Change]) -> bool:
    """Tell whether a change is of when or where a session is; who teaches it is nobody's outside."""
    return any(one.subject in (Subject.TIME, Subject.ROOM, Subject.REMOTE, Subject.SLOT) for one in changes)


def _said(terms: Terms) -> dict[Subject, str | None]:
    return {
        Subject.SEATS: f"{terms.seats_min} à {terms.seats_max}",
        Subject.CLOSING: write_day(terms.closes_on) if terms.closes_on else None,
        Subject.DECISION: f"{write_day(terms.decide_on)} : {terms.decide_reason}" if terms.decide_on else None,
        Subject.DELEGATION: terms.delegation,
        Subject.AUDIENCE: ", ".join(sorted(map(str, terms.reserved_for))) or None,
        Subject.ADAPTATION: terms.adaptation or None,
        Subject.HOURS: None if terms.adapted_hours is None else f"{terms.adapted_hours.normalize():f}",
        Subject.REMOTE_URL: terms.remote_url,
    }


def _changes(before: Mapping[UUID, Slot], after: Mapping[UUID, Slot], rooms: Mapping[UUID, str]) -> Iterator[Change]:
    for slot_id, old in before.items():
        if slot_id not in after:
            yield Change(subject=Subject.SLOT, slot_id=slot_id, before=old.written())
    for slot_id, new in after.items():
        if slot_id not in before:
            yield Change(subject=Subject.SLOT, slot_id=slot_id, after=new.written())
            continue
        told, now_told = _told(before[slot_id], rooms), _told(new, rooms)
        for subject, was in told.items():
            if was != now_told[subject]:
                yield Change(subject=subject, slot_id=slot_id, before=was, after=now_told[subject])


def _told(slot: Slot, rooms: Mapping[UUID, str]) -> dict[Subject, str | None]:
    return {
        Subject.TIME: slot.written(),
        Subject.ROOM: rooms[slot.room_id] if slot.room_id else None,
        Subject.REMOTE: "oui" if slot.remote else "non",
        Subject.TRAINERS: ", ".join(sorted(map(str, slot.trainers))) or None,
    }
