"""What was done of an announced session, in words: what a move changed, before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from common.labels import Labelled
from training.sessions.domain.plan import Slot


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


def compare_slots(before: Sequence[Slot], after: Sequence[Slot], rooms: Mapping[UUID, str]) -> tuple[Change, ...]:
    """Return what changed between two plans, half-day by half-day; ``rooms`` are their names."""
    return tuple(_changes({slot.id: slot for slot in before}, {slot.id: slot for slot in after}, rooms))


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
