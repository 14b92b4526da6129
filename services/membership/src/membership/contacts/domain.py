"""The people of a structure, and the seats they hold: one holder a seat, and always somebody to answer for invoices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.members.domain import (
    ANSWERING,
    Entry,
    Member,
    MemberStatus,
    Subject,
    Topic,
    Value,
    counting,
    in_force,
    normalise,
    since,
)


class Seat(Labelled):
    """What a person may be for a structure. The list is assumed: no source gives one."""

    PRESIDENT = "president", "présidence"
    DIRECTOR = "director", "direction"
    TREASURER = "treasurer", "trésorerie"
    REPRESENTATIVE = "representative", "représentation aux assemblées de la fédération"
    BILLING = "billing", "facturation"
    TRAINING = "training", "formation"
    LEGAL = "legal", "questions juridiques"


class ErasureGround(Labelled):
    """Why a person is forgotten. Not in free words: they would stay."""

    REQUEST = "request", "à sa demande"
    RETENTION = "retention", "fin de la durée de conservation"
    ERROR = "error", "saisie par erreur"


class ContactNotFound(NotFound):
    """No such person among the structures within reach."""

    code = "contact_not_found"


class ContactOfAnother(Conflict):
    """A seat of a structure is held by one of its own people."""

    code = "contact_of_another"


class ContactErased(Conflict):
    """Nothing is left of this person: neither a seat nor a change."""

    code = "contact_erased"


class ContactChangeToCome(Invalid):
    """What is known of a person changes on the day it changes, or is learned later: it is not announced."""

    code = "contact_change_to_come"


class ContactSeated(Conflict):
    """A person who holds a seat, or will, is not erased: the seat goes to another first. ``blockers`` name them all."""

    code = "contact_seated"


class SeatVacant(Conflict):
    """Nobody holds this seat: it cannot be left."""

    code = "seat_vacant"


class BillingSeatNeeded(Conflict):
    """Once somebody answers for the invoices of a structure, somebody always does: the seat is only handed over."""

    code = "billing_seat_needed"


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a person. All of it is personal data, and leaves with an erasure."""

    given_name: str
    family_name: str
    function: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """How the person is called."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom to write to about a structure's membership."""

    contact_id: UUID
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a structure, by name; an erased one has none."""

    contact_id: UUID
    member_id: UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who holds a seat, and since when."""

    seat: Seat
    contact_id: UUID
    since: date


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody of a structure, with all that is known of them."""

    contact_id: UUID
    details: Details


@dataclass(frozen=True, slots=True)
class Keeping:
    """One column in which another capability names people: what a person calls its rows.

    ``on_erasure``: what becomes of them once somebody they name is erased, and why.
    """

    table: str
    column: str
    label: str
    on_erasure: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One row that names a person: of which structure it is, of which day, and all that it says of them.

    ``engages`` is what it engages them to now, and what to do about it first; ``amends``, what to do where it should
    not name them after all. Neither stands on what is proof of what was: minutes, a notice that was sent.
    """

    keeping: Keeping
    id: UUID
    contact_id: UUID
    member_id: UUID
    day: date
    value: Value
    engages: Blocker | None = None
    amends: Blocker | None = None


@dataclass(frozen=True, slots=True)
class Union:
    """What becomes of the people of a duplicate: carried, or the ``twins`` of somebody the record that stays knows.

    ``seats`` are those that come to be held there, by somebody known there then.
    """

    carried: tuple[UUID, ...]
    twins: Mapping[UUID, UUID]
    seats: Mapping[Seat, UUID]


def unite(
    known: Collection[Acquaintance],
    of_goes: Collection[Acquaintance],
    held: Collection[Mandate],
    held_at_goes: Collection[Mandate],
    preferred: Collection[Seat] = (),
) -> Union:
    """Decide what becomes of a duplicate's people: the same e-mail address and the same name are the same person.

    An address alone says nothing: an office (accueil@…) answers for all who work there. A seat that both have filled
    keeps its holder, unless it is among ``preferred``.
    """
    by_likeness = {_likeness(one.details): one.contact_id for one in known if one.details.email}
    twins = {
        one.contact_id: by_likeness[_likeness(one.details)]
        for one in of_goes
        if one.details.email and _likeness(one.details) in by_likeness
    }
    here = {mandate.seat: mandate.contact_id for mandate in held}
    people = {one.contact_id for one in of_goes}
    seats = {
        mandate.seat: twins.get(mandate.contact_id, mandate.contact_id)
        for mandate in held_at_goes
        if mandate.contact_id in people and (mandate.seat not in here or mandate.seat in preferred)
    }
    return Union(
        carried=tuple(one.contact_id for one in of_goes if one.contact_id not in twins),
        twins=twins,
        seats={seat: contact_id for seat, contact_id in seats.items() if here.get(seat) != contact_id},
    )


def _likeness(details: Details) -> tuple[str, str]:
    return (details.email or "").casefold(), normalise(details.name)


def erased(ground: ErasureGround) -> Value:
    """Write what an erasure leaves of a person in the register: that there was one, and why no more is known."""
    return {"erased": ground.value}


def person(contact_id: UUID) -> Subject:
    """Name a person in the register."""
    return Subject(Topic.CONTACT, str(contact_id))


def seat_of(seat: Seat) -> Subject:
    """Name a seat in the register: it has one value on a day, so never two holders."""
    return Subject(Topic.MANDATE, seat.value)


def written(details: Details) -> Value:
    """Write a person as the register keeps it."""
    return asdict(details)


def known_then(entries: Collection[Entry], contact_id: UUID, as_of: date, known_at: datetime | None) -> Details | None:
    """Return what was known of a person on a day, at an instant; None of one who was erased.

    Before the day from which on they are known, it is what was known of them first; after they went to another record,
    what was known of them last.
    """
    told = _told_of(entries, contact_id, known_at)
    then = [entry.value for entry in told if entry.effective_on <= as_of] or [entry.value for entry in told[:1]]
    value = next(reversed(then), None)
    return None if value is None or "erased" in value else Details(**value)


def amended(
    entries: Collection[Entry], contact_id: UUID, before: Details, fields: Mapping[str, Any], day: date
) -> dict[date, Details]:
    """Return what is known of a person, day by day, once some fields are so from a day on.

    What was entered for later days stays, but where it only repeats what the amendment changes. ``before`` is what is
    known of somebody of whom the register has no entry.
    """
    told = {entry.effective_on: Details(**entry.value) for entry in _told_of(entries, contact_id) if entry.value}
    earlier = [then for known, then in told.items() if known <= day]
    base = earlier[-1] if earlier else next(iter(told.values()), before)
    became = {day: replace(base, **fields)}
    lasting = dict(fields)
    for later in (known for known in told if known > day):
        lasting = {name: value for name, value in lasting.items() if getattr(told[later], name) == getattr(base, name)}
        became[later] = replace(told[later], **lasting)
    return {**told, **became}


def _told_of(entries: Collection[Entry], contact_id: UUID, known_at: datetime | None = None) -> list[Entry]:
    """Return what counts of a person, in the order of its days."""
    about = [entry for entry in entries if entry.subject == person(contact_id)]
    known = [entry for entry in about if known_at is None or entry.recorded_at <= known_at]
    return [entry for entry in counting(known) if entry.value is not None]


def mandates(entries: Collection[Entry], as_of: date, known_at: datetime | None = None) -> list[Mandate]:
    """Return who held which seat on a day, from what was known at an instant, in the order of the seats."""
    known = [entry for entry in entries if known_at is None or entry.recorded_at <= known_at]
    held = in_force(known, as_of)
    return [
        Mandate(seat, UUID(entry.value["contact_id"]), since(known, entry))
        for seat in Seat
        if (entry := held.get(seat_of(seat))) is not None and entry.value is not None
    ]


def to_come(upcoming: Collection[Entry]) -> list[Mandate]:
    """Return who is to hold which seat from a coming day, soonest first."""
    return [
        Mandate(Seat(entry.subject.key), UUID(entry.value["contact_id"]), entry.effective_on)
        for entry in upcoming
        if entry.value is not None
    ]


def held_or_to_come(entries: Collection[Entry], today: date) -> list[Mandate]:
    """Return who holds which seat today, or is to hold it from a coming day, as far as is recorded."""
    of_seats = [entry for entry in entries if entry.subject.topic is Topic.MANDATE]
    coming = [entry for entry in counting(of_seats) if entry.effective_on > today]
    return [*mandates(entries, today), *to_come(coming)]


def erasure_blockers(seats: Collection[Seat], traces: Sequence[Trace]) -> list[Blocker]:
    """Return what a person is engaged to, and so what goes to somebody else, or ends, before they are erased."""
    labels = ", ".join(seat.label for seat in Seat if seat in seats)
    sentence = f"Cette personne occupe, ou doit occuper : {labels}. Désignez d'abord la personne qui succède."
    seated = [Blocker(ContactSeated.code, sentence)] if seats else []
    return [*seated, *(trace.engages for trace in traces if trace.engages)]


def require_no_change_to_come(effective_on: date, today: date) -> None:
    """Let what is known of a person change from a day that has come. Raises ContactChangeToCome."""
    if effective_on > today:
        raise ContactChangeToCome(
            f"Le {effective_on:%d/%m/%Y} n'est pas venu : ce que l'on sait d'une personne s'inscrit le jour où cela"
            " change, ou après."
        )


def require_leavable(member: Member, seat: Seat, held: Mapping[Subject, Entry]) -> None:
    """Let a seat be left without a successor; a structure that left empties them all.

    Raises BillingSeatNeeded, SeatVacant.
    """
    if seat is Seat.BILLING and member.status is not MemberStatus.LEFT:
        raise BillingSeatNeeded("La facturation a toujours un contact : désignez la personne qui succède.")
    if seat_of(seat) not in held:
        raise SeatVacant(f"Personne n'occupe ce siège ({seat.label}).")


_LEADING = (Seat.PRESIDENT, Seat.REPRESENTATIVE, Seat.DIRECTOR)


def answerable_for_invoices(held: list[Mandate]) -> Mandate | None:
    """Return who answers for a structure's invoices: the seat made for it, or else the first of those who lead it.

    None where no seat is filled: letters then go to the structure itself, at the address it gave for dues.
    """
    by_seat = {mandate.seat: mandate for mandate in held}
    return next((by_seat[Seat(seat)] for seat in ANSWERING if seat in by_seat), None)


def leading(held: list[Mandate]) -> list[Mandate]:
    """Return who may be told what concerns a structure's membership, whoever should be told first before the others.

    The order is assumed: no source gives one.
    """
    by_seat = {mandate.seat: mandate for mandate in held}
    return [by_seat[seat] for seat in _LEADING if seat in by_seat]
