"""Who sits on the federation's board: a seat, its holder elected by an assembly, from a day to a term."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.dated import months_after
from common.errors import Blocker, Conflict, Invalid, NotFound
from common.labels import Labelled
from common.wording import counted, write_day
from membership.contacts.domain import Keeping, Trace


class MandateNotFound(NotFound):
    """No such mandate on the board."""

    code = "mandate_not_found"


class MandateEnded(Conflict):
    """A mandate ends once."""

    code = "mandate_ended"


class MandateDaysInconsistent(Invalid):
    """A mandate ends between its first day and today."""

    code = "mandate_days_inconsistent"


class TooManyElected(Conflict):
    """More were elected than there are seats."""

    code = "too_many_elected"


class SeatFilledLater(Conflict):
    """An assembly held later has filled the seat already: its mandate is neither free nor to be ended that day."""

    code = "seat_filled_later"


class HoldsAnotherSeat(Conflict):
    """A structure holds one seat of the board."""

    code = "holds_another_seat"


class SeatUnknown(Invalid):
    """The board has no such seat."""

    code = "seat_unknown"


class SeatHeld(Conflict):
    """A seat is held by one structure at a time."""

    code = "seat_held"


class HolderOutside(Conflict):
    """A seat of a region or a college is held by one of its members."""

    code = "holder_outside"


class MandateElected(Conflict):
    """Whom an assembly elected was elected: the mandate is ended, not withdrawn."""

    code = "mandate_elected"


class SeatScope(Labelled):
    """Whose seat it is, and so who elects its holder."""

    REGION = "region", "région"
    COLLEGE = "college", "collège"
    EMPLOYEES = "employees", "collège des salariés"


STRUCTURES_SCOPES = (SeatScope.REGION, SeatScope.COLLEGE)
"""Seats that a structure holds, by the person whom it put forward; those of employees are held by the person alone."""


class MandateEnd(Labelled):
    """Why a mandate ended before its term, or at it."""

    SUCCEEDED = "succeeded", "succession"
    TERM = "term", "terme du mandat"
    RESIGNED = "resigned", "démission du siège"
    STRUCTURE_LEFT = "structure_left", "départ de la structure"
    REPLACED = "replaced", "remplacement de la personne"
    NEVER_HELD = "never_held", "saisi par erreur : jamais tenu"


@dataclass(frozen=True, slots=True)
class BoardRule:
    """How many seats a region, each college and the employees have, and for how long. Dated, with source and status."""

    since: date
    seats_per_region: int
    seats_per_college: Mapping[str, int]
    seats_of_employees: int
    term_years: int
    status: str
    source: str

    def seats_of(self, scope: SeatScope, code: str) -> int:
        """Return how many seats a region or a college has; a college that is not named has none."""
        if scope is SeatScope.COLLEGE:
            return self.seats_per_college.get(code, 0)
        return self.seats_per_region if scope is SeatScope.REGION else self.seats_of_employees


@dataclass(frozen=True, slots=True)
class Place:
    """One seat: of a region or a college, and its number among them."""

    scope: SeatScope
    code: str
    number: int


@dataclass(frozen=True, slots=True)
class Elected:
    """Whom an assembly elected: a structure, and the person it put forward."""

    member_id: UUID
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class BoardMandate:
    """A seat held from a day to a term: ``until`` and ``ended_on`` are the first day on which it is no longer held.

    An assembly gave it, or else ``source`` says where it is known from: it was given before the register was kept here.
    """

    id: UUID
    place: Place
    elected: Elected
    since: date
    until: date
    assembly_id: UUID | None
    ended_on: date | None = None
    end: MandateEnd | None = None
    reason: str | None = None
    source: str | None = None
    version: int = 1

    def is_held_on(self, day: date) -> bool:
        """Tell whether the seat was held by it on a day."""
        return self.since <= day < self.over_on

    @property
    def over_on(self) -> date:
        """The first day on which it is no longer held: its term, or the day on which it ended before."""
        return min(self.until, self.ended_on or self.until)

    def overlaps(self, since: date, until: date) -> bool:
        """Tell whether it is held on some day between two, the second not included."""
        return max(self.since, since) < min(self.over_on, until)


@dataclass(frozen=True, slots=True)
class Succession:
    """Who takes a seat, and from whom."""

    place: Place
    elected: Elected
    predecessor: BoardMandate | None


# Durée du mandat : statuts non lus (assumed, data/seats.toml).
def term_of(since: date, rule: BoardRule) -> date:
    """Return the first day on which a mandate taken on a day is over.

    >>> term_of(date(2027, 6, 24), BoardRule(date(2000, 1, 1), 2, {}, 2, 3, "assumed", ""))
    datetime.date(2030, 6, 24)
    """
    return months_after(since, 12 * rule.term_years)


def succeed(
    scope: SeatScope, code: str, seats: int, held: Iterable[BoardMandate], elected: Sequence[Elected], day: date
) -> list[Succession]:
    """Seat those elected: one elected again keeps its seat, the others take a free one, then the one that ends first.

    ``seats`` is how many there are, whatever the number that the assembly elected to. ``held`` are their mandates that
    nobody ended, those at their term included. Raises TooManyElected, SeatFilledLater.
    """
    if len(elected) > seats:
        raise TooManyElected(f"{len(elected)} personnes élues pour {seats} sièges ({code}).")
    current = {mandate.place.number: mandate for mandate in held}
    _require_none_later(current, day)
    kept = {mandate.elected.member_id: number for number, mandate in current.items() if number <= seats}
    free = [number for number in range(1, seats + 1) if number not in current or not current[number].is_held_on(day)]
    taken = {kept[one.member_id] for one in elected if one.member_id in kept}
    occupied = sorted((number for number in current if number not in free), key=lambda number: current[number].until)
    open_seats = [number for number in (*free, *occupied) if number not in taken and number <= seats]
    successions = []
    for one in elected:
        number = kept[one.member_id] if one.member_id in kept else open_seats.pop(0)
        successions.append(Succession(Place(scope, code, number), one, current.get(number)))
    return successions


# An assembly closed out of order: whom it elected cannot take a seat that the next one has given already.
def _require_none_later(current: Mapping[int, BoardMandate], day: date) -> None:
    later = next((mandate for mandate in current.values() if mandate.since > day), None)
    if later is not None:
        raise SeatFilledLater(
            f"Le siège {later.place.number} ({later.place.code}) est tenu depuis le {write_day(later.since)}, par une "
            f"assemblée postérieure à celle du {write_day(day)} : mettez d'abord fin à ce mandat, au "
            f"{write_day(later.since)}."
        )


def require_one_seat(name: str, place: Place, held: Iterable[BoardMandate], day: date) -> None:
    """Let a structure be elected to seats only while it holds no other on that day. Raises HoldsAnotherSeat."""
    for mandate in held:
        if (mandate.place.scope, mandate.place.code) != (place.scope, place.code) and mandate.until > day:
            raise HoldsAnotherSeat(
                f"{name} tient déjà un siège du conseil ({mandate.place.code}, siège {mandate.place.number}) jusqu'au "
                f"{write_day(mandate.until)} : mettez fin à ce mandat d'abord, ou présentez une autre structure."
            )


def ending(predecessor: BoardMandate, day: date) -> tuple[date, MandateEnd]:
    """Return when and why a mandate ends as another takes its seat: at its term if that had come, or else that day."""
    if predecessor.until <= day:
        return predecessor.until, MandateEnd.TERM
    return day, MandateEnd.SUCCEEDED


def require_endable(mandate: BoardMandate, day: date, today: date) -> None:
    """Let a mandate that is held be ended, from a day that has come. Raises MandateEnded, MandateDaysInconsistent."""
    if mandate.ended_on is not None or mandate.until <= day:
        raise MandateEnded("Ce mandat a déjà pris fin.")
    if not mandate.since <= day <= today:
        raise MandateDaysInconsistent(
            f"Ce mandat prend fin entre le {write_day(mandate.since)} et aujourd'hui, pas le {write_day(day)}."
        )


def require_in_office(since: date, until: date, today: date) -> None:
    """Let only a mandate be taken over that is held today. Raises MandateDaysInconsistent."""
    if not since <= today < until:
        raise MandateDaysInconsistent(
            f"Seul un mandat en cours se saisit : il commence au plus tard aujourd'hui, et finit après. Celui-ci va du "
            f"{write_day(since)} au {write_day(until)}."
        )


def vacant(
    scope: SeatScope,
    code: str,
    seats: int,
    number: int | None,
    known: Iterable[BoardMandate],
    since: date,
    until: date,
) -> Place:
    """Return the seat asked for, or else the first of its region or college, that nobody holds between two days.

    Raises SeatUnknown, SeatHeld.
    """
    if seats == 0 or (number is not None and number > seats):
        raise SeatUnknown(f"« {code} » a {counted(seats, 'siège')} le {write_day(since)} : celui-ci n'existe pas.")
    taken = {one.place.number: one for one in known if one.overlaps(since, until)}
    wanted = [number] if number is not None else range(1, seats + 1)
    free = next((one for one in wanted if one not in taken), None)
    if free is None:
        first = taken[wanted[0]]
        raise SeatHeld(
            f"Le siège {first.place.number} ({code}) est tenu du {write_day(first.since)} au"
            f" {write_day(first.over_on)} : mettez d'abord fin à ce mandat, ou retirez-le s'il a été saisi par erreur."
        )
    return Place(scope, code, free)


def require_no_other(name: str, held: Iterable[BoardMandate], since: date, until: date) -> None:
    """Let a structure take a seat over that holds none between two days. Raises HoldsAnotherSeat."""
    for mandate in held:
        if mandate.overlaps(since, until):
            raise HoldsAnotherSeat(
                f"{name} tient déjà un siège du conseil ({mandate.place.code}, siège {mandate.place.number}) du "
                f"{write_day(mandate.since)} au {write_day(mandate.over_on)}."
            )


MANDATES = Keeping(
    "board_mandate", "contact_id", "Mandats au conseil", "Gardés sans son nom : ils disent qui a tenu chaque siège."
)


def trace_of(mandate: BoardMandate, functions: Sequence[Mapping[str, str]], today: date) -> Trace:
    """Return what a mandate says of whom it names, with what they were in the bureau meanwhile.

    Held, or to be held, it is ended before they are forgotten.
    """
    place = mandate.place
    first = Blocker(
        "contact_on_board",
        f"Conseil d'administration, siège {place.number} ({place.code}) jusqu'au {write_day(mandate.over_on)} :"
        " mettez d'abord fin à ce mandat.",
    )
    return Trace(
        keeping=MANDATES,
        id=mandate.id,
        contact_id=mandate.elected.contact_id,
        member_id=mandate.elected.member_id,
        day=mandate.since,
        value={
            "scope": place.scope.value,
            "code": place.code,
            "number": place.number,
            "since": mandate.since.isoformat(),
            "until": mandate.over_on.isoformat(),
            "end": mandate.end.value if mandate.end else None,
            "reason": mandate.reason,
            "source": mandate.source,
            "functions": list(functions),
        },
        engages=first if mandate.over_on > today else None,
    )


def withdrawn(mandate: BoardMandate, reason: str) -> BoardMandate:
    """Take back a mandate that was entered by mistake: it was held on no day. Raises MandateElected, MandateEnded."""
    require_withdrawable(mandate)
    return replace(
        mandate, ended_on=mandate.since, end=MandateEnd.NEVER_HELD, reason=reason, version=mandate.version + 1
    )


def require_withdrawable(mandate: BoardMandate) -> None:
    """Let only a mandate be taken back that was taken over, and not ended. Raises MandateElected, MandateEnded."""
    if mandate.assembly_id is not None:
        raise MandateElected("Ce mandat vient d'une assemblée : mettez-y fin, il ne se retire pas.")
    if mandate.ended_on is not None:
        raise MandateEnded("Ce mandat a déjà pris fin, ou a été retiré.")
