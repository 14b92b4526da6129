"""What the papers of a session say, in French: every term, from a scene. Which paper says which: ``mentions``."""

import hashlib
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from common.money import format_euros
from common.wording import write_day
from training.papers.domain.kinds import PaperKind, Term, Terms
from training.papers.domain.mentions import KindRule, settled
from training.papers.domain.paper import Subject
from training.papers.domain.scene import ClauseUse, Party, Scene, Seated, subjects
from training.rooms.domain import Room
from training.sessions.domain import Slot, first_day, hours_of, last_day, mode_of
from training.trainers.domain import Competence, Trainer, may_teach

Writer = Callable[[Scene], tuple[str, ...]]
_CODE_LENGTH: Final = 8


def write(scene: Scene, subject: Subject, rule: KindRule) -> Terms | None:
    """Return what a paper would say now, None of one that would not be made any more."""
    if subject not in subjects(scene, [subject.kind]):
        return None
    said = {term: writer(scene) for term, writer in _COMMON.items()}
    return settled(rule, {**said, **_own(scene, subject)})


def period(first: date, last: date) -> str:
    """Write from when to when.

    >>> period(date(2027, 3, 3), date(2027, 3, 4))
    'du 3 au 4 mars 2027'
    """
    if first == last:
        return f"le {write_day(first)}"
    begins, ends = write_day(first), write_day(last)
    if first.year == last.year:
        begins = begins.removesuffix(f" {first.year}")
        if first.month == last.month:
            begins = begins.partition(" ")[0]
    return f"du {begins} au {ends}"


def cell_code(slot_id: UUID, person_id: UUID) -> str:
    """Return what tells a cell of a sheet from all others: who signs it, and for which half-day.

    >>> cell_code(UUID(int=1), UUID(int=2))
    'PDLI-OIO6'
    """
    digest = hashlib.sha256(slot_id.bytes + person_id.bytes).digest()
    code = b32encode(digest).decode()[:_CODE_LENGTH]
    return f"{code[:4]}-{code[4:]}"


def _own(scene: Scene, subject: Subject) -> Mapping[Term, tuple[str, ...]]:
    """Return what a paper says of its own subject."""
    match subject.kind:
        case PaperKind.CONVENTION | PaperKind.CONTRACT:
            [party] = [one for one in scene.parties if one.request_id == subject.about]
            return _bought(scene, party)
        case PaperKind.CONVOCATION:
            [seat] = [one for _, one in scene.seated if one.enrolment_id == subject.about]
            return {Term.TRAINEES: _named([seat])}
        case PaperKind.SHEET:
            [slot] = [one for one in scene.session.slots if one.id == subject.about]
            return _signed(scene, slot)
        case PaperKind.PROGRAMME | PaperKind.RULES:
            return {}


def _bought(scene: Scene, party: Party) -> Mapping[Term, tuple[str, ...]]:
    count = len(party.seats)
    unnamed = sum(seat.name is None for seat in party.seats)
    people = _named(list(party.seats))
    if unnamed:
        people = (*people, f"{unnamed} personne{'s' if unnamed > 1 else ''} à nommer")
    lines = _named(list(party.seats)) if party.individual else party.lines
    payment = ClauseUse.CONTRACT_PAYMENT if party.individual else ClauseUse.CONVENTION_PAYMENT
    each = f"{format_euros(party.unit_price)} par stagiaire"
    price = f"{count} stagiaire{'s' if count > 1 else ''}, {each} : {format_euros(party.total)}"
    said: dict[Term, tuple[str, ...]] = {
        Term.BUYER: lines,
        Term.TRAINEES: people,
        Term.PRICE: (f"{price} (devis {party.quote_reference})",),
        Term.PAYMENT: _clause(scene, payment),
    }
    if party.individual:
        # Of a contract, the contents are not the programme, which it has to give (CA Paris, 30 June 2023, on L6353-4).
        pinned = scene.session.pinned
        said[Term.CONTENT] = (*_content(scene), f"Programme annexé : {pinned.code}, version {pinned.number}")
    return said


def _signed(scene: Scene, slot: Slot) -> Mapping[Term, tuple[str, ...]]:
    """Return what a blank sheet of a half-day says; the codes are those of the trainees, then of the trainers."""
    people = [seat for _, seat in scene.seated if seat.trainee_id is not None]
    people.sort(key=lambda seat: seat.name or "")
    ids = [*(seat.trainee_id for seat in people if seat.trainee_id), *slot.trainers]
    return {
        Term.TIMETABLE: (_written(slot),),
        Term.HOURS: (_counted(hours_of([slot])),),
        Term.PLACE: tuple(_place(scene, [slot])),
        Term.TRAINEES: _named(people),
        Term.TRAINERS: tuple(scene.known.trainers[one].profile.name for one in slot.trainers),
        Term.CODES: tuple(cell_code(slot.id, one) for one in ids),
    }


def _named(seats: list[Seated]) -> tuple[str, ...]:
    return tuple(seat.name for seat in seats if seat.name is not None)


def _text(value: str) -> tuple[str, ...]:
    return tuple(line for line in value.splitlines() if line.strip())


def _clause(scene: Scene, use: ClauseUse) -> tuple[str, ...]:
    return _text(scene.clauses.get(use, ""))


def _issuer(scene: Scene) -> tuple[str, ...]:
    body = scene.organisation
    contact = ", ".join(filter(None, (body.email, body.phone)))
    return (*(part.strip() for part in body.line.split(" · ")), contact)


def _contact(scene: Scene) -> tuple[str, ...]:
    said = scene.content.contact
    found = ", ".join(filter(None, (said.office, said.email, said.phone))) if said else ""
    return _text(found)


def _disability(scene: Scene) -> tuple[str, ...]:
    referent = scene.organisation.disability_referent
    told = (f"Référent handicap : {referent}",) if referent else ()
    return (*_text(scene.content.disability_access), *told)


def _hours(scene: Scene) -> tuple[str, ...]:
    slots = scene.session.slots
    days = len({slot.half_day.day for slot in slots})
    return (f"{_counted(hours_of(slots))}, sur {days} jour{'s' if days > 1 else ''}",)


def _counted(hours: Decimal) -> str:
    return f"{hours.normalize():f}".replace(".", ",") + f" heure{'s' if hours >= 2 else ''}"


def _period(scene: Scene) -> tuple[str, ...]:
    first, last = first_day(scene.session.slots), last_day(scene.session.slots)
    return (period(first, last),) if first and last else ()


def _timetable(scene: Scene) -> tuple[str, ...]:
    return tuple(_written(slot) for slot in scene.session.slots)


def _written(slot: Slot) -> str:
    """Write a half-day with the hours of its place, and whose they are where they are not Paris's."""
    away = "" if slot.zone == "Europe/Paris" else f" (heure de {slot.zone.rpartition('/')[2].replace('_', ' ')})"
    return slot.written() + away


def _place(scene: Scene, slots: list[Slot]) -> Iterator[str]:
    rooms = dict.fromkeys(slot.room_id for slot in slots if slot.room_id)
    yield from (_address(scene.known.rooms[one]) for one in rooms)
    if any(slot.remote for slot in slots):
        yield "À distance" + (f" : {scene.session.terms.remote_url}" if scene.session.terms.remote_url else "")


def _address(room: Room) -> str:
    said = room.description
    return f"{said.name}, {said.street}, {said.postcode} {said.city}"


def _places(scene: Scene) -> tuple[str, ...]:
    return tuple(_place(scene, list(scene.session.slots)))


def _mode(scene: Scene) -> tuple[str, ...]:
    mode = mode_of(scene.session.slots)
    return (mode.label,) if mode else ()


def _content(scene: Scene) -> tuple[str, ...]:
    adapted = scene.session.terms.adaptation
    return (*_text(scene.content.summary), *_text(f"Adaptation : {adapted}" if adapted else ""))


def _sanction(scene: Scene) -> tuple[str, ...]:
    said = scene.content
    return (" ".join(filter(None, (said.recognition.label, said.recognition_number))),) if said.recognition else ()


def _trainers(scene: Scene) -> tuple[str, ...]:
    ids = dict.fromkeys(one for slot in scene.session.slots for one in slot.trainers)
    return tuple(_titled(scene, scene.known.trainers[one]) for one in ids)


def _titled(scene: Scene, trainer: Trainer) -> str:
    """Write who teaches, and what shows that they may (L6353-4, 4°)."""
    pinned, day = scene.session.pinned, first_day(scene.session.slots) or scene.today
    held = may_teach(trainer.competences, pinned.code, pinned.theme, day)
    if not isinstance(held, Competence):
        return trainer.profile.name
    return f"{trainer.profile.name} ({held.evidence.label} : {held.reference})"


def _headcount(scene: Scene) -> tuple[str, ...]:
    terms = scene.session.terms
    return (f"de {terms.seats_min} à {terms.seats_max} stagiaires",)


def _rules(scene: Scene) -> tuple[str, ...]:
    found = scene.organisation.rules_on(first_day(scene.session.slots) or scene.today)
    return _text(found.text) if found else ()


_COMMON: Final[Mapping[Term, Writer]] = {
    Term.ISSUER: _issuer,
    Term.REGISTRATION: lambda scene: _text(scene.registration),
    Term.NATURE: lambda _: ("Action de formation (code du travail, L6313-1, 1°)",),
    Term.TITLE: lambda scene: (scene.session.pinned.title,),
    Term.OBJECTIVES: lambda scene: scene.content.objectives,
    Term.PREREQUISITES: lambda scene: _text(scene.content.prerequisites),
    Term.AUDIENCE: lambda scene: _text(scene.content.audience),
    Term.CONTENT: _content,
    Term.MEANS: lambda scene: _text(scene.content.methods),
    Term.FOLLOW_UP: lambda scene: _text(scene.content.assessment),
    Term.SANCTION: _sanction,
    Term.HOURS: _hours,
    Term.PERIOD: _period,
    Term.TIMETABLE: _timetable,
    Term.PLACE: _places,
    Term.MODE: _mode,
    Term.TRAINERS: _trainers,
    Term.HEADCOUNT: _headcount,
    Term.VAT: lambda scene: (scene.vat,),
    Term.EARLY_END: lambda scene: _clause(scene, ClauseUse.EARLY_END),
    Term.WITHDRAWAL: lambda scene: _clause(scene, ClauseUse.WITHDRAWAL),
    Term.CONTACT: _contact,
    Term.DISABILITY: _disability,
    Term.RULES: _rules,
}
