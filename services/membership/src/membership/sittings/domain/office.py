"""Who holds office on the day of a sitting: what the register of the board says, beside what is typed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, Invalid
from common.wording import counted, write_day
from membership.sittings.domain.attendance import AttendanceInconsistent, Attendee
from membership.sittings.domain.sitting import Sitting

Seats = Mapping[UUID, UUID]
"""By mandate of the board that is held on a sitting's day, the structure that holds it."""


class InOfficeMissing(Invalid):
    """How many hold office is given where the register of the board does not know it."""

    code = "in_office_missing"


class InOfficeBelowBoard(Conflict):
    """Whom the register of the board says in office counts for the quorum: a mandate that is over is ended there."""

    code = "in_office_below_board"


class InOfficeUnexplained(Conflict):
    """More may hold office than the register of the board knows; why is written, and the minutes say it."""

    code = "in_office_unexplained"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a mandate, as the register says: a structure, and its person unless that one was erased."""

    structure: str
    person: str | None


def number_in_office(typed: int | None, known: int) -> int:
    """Return how many hold office: the number that is typed, or else that of the register. Raises InOfficeMissing."""
    if typed is None and not known:
        raise InOfficeMissing("Le registre du conseil ne connaît aucun mandat ce jour-là : dites combien siègent.")
    return known if typed is None else typed


def require_explained(in_office: int, reason: str | None, known: int) -> None:
    """Hold the number of those in office to the register of the board, where one was entered.

    Never fewer: a quorum could be lowered by typing. More with a reason: not every seat is of a region or a college
    that the register knows. Raises InOfficeBelowBoard, InOfficeUnexplained.
    """
    sitting = counted(in_office, "administrateur")
    said = f"Le registre du conseil compte {counted(known, 'mandat')} ce jour-là, et la séance {sitting}"
    if in_office < known:
        raise InOfficeBelowBoard(f"{said} : si un mandat a pris fin, c'est au registre qu'il se termine.")
    if 0 < known < in_office and not reason:
        raise InOfficeUnexplained(f"{said} : dites pourquoi, le procès-verbal le dira.")


def named(attendees: Sequence[Attendee], holders: Mapping[UUID, Holder], held_on: date) -> list[Attendee]:
    """Give those who hold a mandate the name that the register gives them; two of one name bear their structure's too.

    ``holders`` are those of the day. Raises AttendanceInconsistent.
    """
    listed = {one.mandate_id: one for one in attendees if one.mandate_id is not None}
    for mandate_id, count in Counter(one.mandate_id for one in attendees if one.mandate_id is not None).items():
        if mandate_id not in holders:
            raise AttendanceInconsistent(f"Le mandat {mandate_id} n'est pas tenu le {write_day(held_on)}.")
        if count > 1:
            raise AttendanceInconsistent(f"Le mandat de {holders[mandate_id].structure} figure {count} fois.")
    names = {mandate_id: _name(one, holders[mandate_id]) for mandate_id, one in listed.items()}
    shared = {name for name, count in Counter(names.values()).items() if count > 1}
    for mandate_id, name in names.items():
        if name in shared:
            names[mandate_id] = f"{name} ({holders[mandate_id].structure})"
    return [_named(one, names) for one in attendees]


def _name(attendee: Attendee, holder: Holder) -> str:
    name = holder.person or attendee.name
    if not name:
        raise AttendanceInconsistent(
            f"Le registre ne donne plus le nom de qui tient le mandat de {holder.structure} : donnez-le."
        )
    return name


def _named(attendee: Attendee, names: Mapping[UUID, str]) -> Attendee:
    name = names[attendee.mandate_id] if attendee.mandate_id else attendee.name
    if attendee.proxy_mandate_id is None:
        return replace(attendee, name=name)
    if attendee.proxy_mandate_id not in names:
        raise AttendanceInconsistent(f"{name} a donné pouvoir à un mandat qui n'est pas dans la liste.")
    return replace(attendee, name=name, proxy=names[attendee.proxy_mandate_id])


def without_mandate(sitting: Sitting, seats: Seats) -> list[str]:
    """Return who is listed under a mandate that is not held on the day, which may have changed since, as the board."""
    return [one.name for one in sitting.attendees if one.mandate_id is not None and one.mandate_id not in seats]


def concerned(sitting: Sitting, seats: Seats, about: Mapping[UUID, UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return by mandate which matters of the agenda, or voted on, are about the structure of its holder.

    ``about`` gives the structure of each matter.
    """
    found = {}
    for one in sitting.attendees:
        if one.mandate_id is not None and one.mandate_id in seats:
            matters = {matter for matter in sitting.matters if about.get(matter) == seats[one.mandate_id]}
            found[one.mandate_id] = frozenset(matters)
    return {mandate: matters for mandate, matters in found.items() if matters}
