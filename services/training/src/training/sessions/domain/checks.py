"""What keeps a session from being announced, and what one should look at first.

Sources: décret 2019-565, indicators 1 (access delay), 17 (premises) and 21 (who teaches is competent); CAA Nantes,
20 April and 1 June 2021 (public holidays, two sessions in one room, hours missing: what sheets were rejected for).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from common.errors import FieldError
from common.wording import write_day
from common.workdays import FRANCE
from training.rooms.domain import Fact, Room
from training.sessions.domain.plan import Slot, hours_of, last_day
from training.sessions.domain.refusals import ResourceTaken
from training.sessions.domain.session import (
    DecisionRule,
    Defect,
    Listed,
    Session,
    SessionStatus,
    closes_on,
    decides_on,
)
from training.trainers.domain import Competence, Trainer, may_teach, taken

_SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a session is held against: its trainers, its rooms, and the names of its structures that are known."""

    trainers: Mapping[UUID, Trainer]
    rooms: Mapping[UUID, Room]
    members: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A room, or else a trainer, that another session has during a half-day of ours."""

    slot_id: UUID
    resource_id: UUID
    by: str


def defects(session: Session, known: Known, now: datetime, today: date) -> tuple[Defect, ...]:
    """Return all that keeps a session from being announced; of an announced one, all that makes it unfit."""
    return (
        *_of_seats(session),
        *_of_audience(session, known.members),
        *_of_duration(session),
        *_of_calendar(session, now, today),
        *(one for place, slot in _to_come(session, now) for one in _of_slot(session, place, slot, known)),
    )


def warnings(session: Session, known: Known, now: datetime) -> tuple[Defect, ...]:
    """Return what does not keep a session from being announced, and that somebody should look at."""
    found = [one for place, slot in _to_come(session, now) for one in _day_warned(place, slot)]
    found += [one for room_id in _rooms(session) if (one := _room_warned(known.rooms[room_id]))]
    found += _competences_warned(session, known)
    if any(slot.remote for slot in session.slots) and session.terms.remote_url is None:
        found.append(_defect("/remote_url", "remote_url_missing", "L'adresse de la classe à distance n'est pas dite."))
    if not session.costs:
        found.append(_defect("/costs", "costs_missing", "Aucun coût n'est dit : l'annuler ne se chiffre pas."))
    return tuple(found)


def clashes(session: Session, taken: Iterable[Taken], known: Known) -> tuple[Defect, ...]:
    """Return what of a session another has at the same time, by name."""
    places = {slot.id: (place, slot) for place, slot in enumerate(session.slots)}
    return tuple(_clash(*places[one.slot_id], one, known) for one in taken)


def require_free(found: Sequence[Defect]) -> None:
    """Let a session hold its rooms and its trainers where no other does. Raises ResourceTaken."""
    if found:
        raise ResourceTaken(
            " ".join(one.message for one in found),
            errors=[FieldError(one.pointer, one.code, one.message) for one in found],
        )


def listed(session: Session, rooms: Mapping[UUID, Room], rule: DecisionRule) -> Listed:
    """Return what a session is found by."""
    room_id = next(_rooms(session), None)
    first = rooms[room_id].description if room_id else None
    return Listed(
        decide_on=decides_on(session, rule),
        closes_on=closes_on(session),
        room_id=room_id,
        venue=first.name if first else None,
        city=first.city if first else None,
        department=first.department if first else None,
    )


def _clash(place: int, slot: Slot, taken: Taken, known: Known) -> Defect:
    if taken.resource_id == slot.room_id:
        name, where = f"« {known.rooms[taken.resource_id].description.name} »", f"/slots/{place}/room_id"
        return _defect(where, "room_taken", f"{name} est prise par {taken.by} : {slot.written()}.")
    name = known.trainers[taken.resource_id].profile.name
    return _defect(f"/slots/{place}/trainers", "trainer_taken", f"{name} anime {taken.by} : {slot.written()}.")


def _of_seats(session: Session) -> Iterator[Defect]:
    least, most = session.terms.seats_min, session.terms.seats_max
    for name, value, what in (("seats_min", least, "minimum"), ("seats_max", most, "maximum")):
        if value is None:
            yield _defect(f"/{name}", f"{name}_missing", f"Dites le nombre {what} de stagiaires.")
    if least is not None and most is not None and least > most:
        yield _defect("/seats_min", "seats_reversed", f"Le minimum de stagiaires, {least}, dépasse le maximum, {most}.")


def _of_audience(session: Session, members: Mapping[UUID, str]) -> Iterator[Defect]:
    terms = session.terms
    for place, member_id in enumerate(terms.reserved_for):
        if member_id not in members:
            yield _defect(f"/reserved_for/{place}", "member_unknown", "Une structure désignée n'est pas connue.")
    if not terms.reserved_for and (terms.adaptation or terms.adapted_hours is not None):
        message = "Une session ouverte à tous suit son programme : désignez pour qui elle est adaptée."
        yield _defect("/adaptation", "adaptation_open", message)
    if terms.reserved_for and terms.adapted_hours is not None and not terms.adaptation:
        yield _defect("/adaptation", "adaptation_missing", "Les heures sont adaptées : dites ce qui l'est.")


def _of_duration(session: Session) -> Iterator[Defect]:
    if not session.slots:
        yield _defect("/slots", "slots_missing", "Aucune demi-journée n'est planifiée.")
    elif session.hours_due is not None and (planned := hours_of(session.slots)) != session.hours_due:
        due = f"{_number(session.hours_due)} heures"
        message = f"Les demi-journées font {_number(planned)} heures, et le programme de cette session {due}."
        yield _defect("/slots", "hours_differ", message)


def _of_calendar(session: Session, now: datetime, today: date) -> Iterator[Defect]:
    if session.status is not SessionStatus.DRAFT or not session.slots:
        return
    closing, first = closes_on(session), session.slots[0]
    if first.starts_at <= now:
        yield _defect("/slots/0", "slot_past", f"La première demi-journée est passée : {first.written()}.")
    elif closing is not None and closing < today:
        delay = session.pinned.access_days or 0
        message = (
            f"Les inscriptions auraient dû clore le {write_day(closing)} (délai d'accès : {delay} jours) : planifiez"
            " plus tard, ou dites jusqu'à quand on s'inscrit."
        )
        yield _defect("/closes_on", "access_too_short", message)


def _of_slot(session: Session, place: int, slot: Slot, known: Known) -> Iterator[Defect]:
    when, pointer = slot.written(), f"/slots/{place}"
    if slot.room_id is None and not slot.remote:
        yield _defect(f"{pointer}/room_id", "place_missing", f"Ni salle, ni à distance : {when}.")
    if slot.room_id is not None:
        yield from _of_room(session, known.rooms[slot.room_id], pointer)
    if not slot.trainers:
        yield _defect(f"{pointer}/trainers", "trainer_missing", f"Personne ne forme : {when}.")
    for trainer_id in slot.trainers:
        yield from _of_trainer(session, slot, known.trainers[trainer_id], f"{pointer}/trainers")


def _of_room(session: Session, room: Room, pointer: str) -> Iterator[Defect]:
    name, most = room.description.name, session.terms.seats_max
    if room.archived_on is not None:
        yield _defect(f"{pointer}/room_id", "room_archived", f"« {name} » n'est plus une salle de l'organisme.")
    if most is not None and room.description.capacity < most:
        message = f"« {name} » a {room.description.capacity} places, et la session {most}."
        yield _defect(f"{pointer}/room_id", "room_too_small", message)


def _of_trainer(session: Session, slot: Slot, trainer: Trainer, pointer: str) -> Iterator[Defect]:
    name, when, pinned = trainer.profile.name, slot.written(), session.pinned
    if trainer.archived_on is not None:
        yield _defect(pointer, "trainer_archived", f"{name} n'est plus au registre des formateurs.")
    found = may_teach(trainer.competences, pinned.code, pinned.theme, slot.half_day.day)
    if not isinstance(found, Competence):
        message = f"{name} ne peut pas enseigner {pinned.code} ce jour-là : {found.label} ({when})."
        yield _defect(pointer, "trainer_not_competent", message)
    if taken(trainer.unavailabilities, (slot.half_day,)):
        yield _defect(pointer, "trainer_unavailable", f"{name} est indisponible : {when}.")


def _day_warned(place: int, slot: Slot) -> Iterator[Defect]:
    day, pointer = slot.half_day.day, f"/slots/{place}"
    if day in FRANCE.closed:
        yield _defect(pointer, "public_holiday", f"Le {write_day(day)} est un jour férié.")
    if day.weekday() == _SUNDAY:
        yield _defect(pointer, "sunday", f"Le {write_day(day)} est un dimanche.")


def _room_warned(room: Room) -> Defect | None:
    name, step_free = room.description.name, room.description.accessibility.step_free_access
    if step_free is Fact.UNKNOWN:
        return _defect("/slots", "access_unknown", f"On ne sait pas si « {name} » a un accès de plain-pied.")
    if step_free is Fact.NO:
        return _defect("/slots", "no_step_free_access", f"« {name} » n'a pas d'accès de plain-pied.")
    return None


def _competences_warned(session: Session, known: Known) -> Iterator[Defect]:
    """Warn of a competence that holds on the first day that a trainer teaches, and not on the session's last one."""
    last, pinned = last_day(session.slots), session.pinned
    for trainer_id in dict.fromkeys(one for slot in session.slots for one in slot.trainers):
        trainer = known.trainers[trainer_id]
        first = next(slot.half_day.day for slot in session.slots if trainer_id in slot.trainers)
        found = may_teach(trainer.competences, pinned.code, pinned.theme, first)
        if isinstance(found, Competence) and found.valid_until and last and found.valid_until < last:
            message = f"La compétence de {trainer.profile.name} finit le {write_day(found.valid_until)}."
            yield _defect("/slots", "competence_ends", message)


def _to_come(session: Session, now: datetime) -> Iterator[tuple[int, Slot]]:
    """Yield the half-days that have not begun, or all those of a draft: what is past is not mended."""
    draft = session.status is SessionStatus.DRAFT
    return ((place, slot) for place, slot in enumerate(session.slots) if draft or slot.starts_at > now)


def _rooms(session: Session) -> Iterator[UUID]:
    return iter(dict.fromkeys(slot.room_id for slot in session.slots if slot.room_id))


def _number(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",")


def _defect(pointer: str, code: str, message: str) -> Defect:
    return Defect(pointer=pointer, code=code, message=message)
