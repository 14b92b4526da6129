"""What members of the board are in its bureau: a function held from a day on, while the seat is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.wording import write_day
from membership.board.domain.mandates import BoardMandate


class BureauTermNotFound(NotFound):
    """No such function of the bureau."""

    code = "bureau_term_not_found"


class BureauFunctionUnknown(Invalid):
    """The bureau has no such function that day."""

    code = "bureau_function_unknown"


class BureauOutsideBoard(Conflict):
    """A function of the bureau is held by somebody who holds a seat of the board that day."""

    code = "bureau_outside_board"


class BureauFunctionHeld(Conflict):
    """So many hold this function already, or the same person does."""

    code = "bureau_function_held"


class BureauDaysInconsistent(Invalid):
    """A function begins on a day that has come, after those before it, and ends between that day and today."""

    code = "bureau_days_inconsistent"


class BureauTermEnded(Conflict):
    """A function ends once, or with the seat."""

    code = "bureau_term_ended"


@dataclass(frozen=True, slots=True)
class BureauFunction:
    """One function of the bureau, and how many may hold it."""

    code: str
    label: str
    holders: int


@dataclass(frozen=True, slots=True)
class BureauRule:
    """The functions of the bureau from a day on. Dated, with source and status."""

    since: date
    functions: tuple[BureauFunction, ...]
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class BureauTerm:
    """A function held by who holds a seat: ``ended_on`` is the first day on which it is not any more.

    With the seat it is over too: whoever is elected again is named again.
    """

    id: UUID
    function: str
    mandate: BoardMandate
    since: date
    source: str
    ended_on: date | None = None
    version: int = 1

    @property
    def over_on(self) -> date:
        """The first day on which it is no longer held: its own end, or that of the seat."""
        return min(self.mandate.over_on, self.ended_on or self.mandate.over_on)

    def is_held_on(self, day: date) -> bool:
        """Tell whether it was held on a day."""
        return self.since <= day < self.over_on

    def overlaps(self, other: "BureauTerm") -> bool:
        """Tell whether both are held on some day: one taken back on its first day was never held."""
        return max(self.since, other.since) < min(self.over_on, other.over_on)


def require_function(functions: Iterable[BureauFunction], code: str) -> BureauFunction:
    """Return a function of the bureau. Raises BureauFunctionUnknown."""
    found = {one.code: one for one in functions}
    if code not in found:
        raise BureauFunctionUnknown(f"« {code} » n'est pas une fonction du bureau. Codes : {', '.join(found)}.")
    return found[code]


def name(function: BureauFunction, term: BureauTerm, known: Collection[BureauTerm], today: date) -> BureauTerm | None:
    """Let a function be held; return whose it was where only one holds it: that ends as the other begins.

    Raises BureauDaysInconsistent, BureauOutsideBoard, BureauFunctionHeld.
    """
    if term.since > today:
        raise BureauDaysInconsistent(f"Le {write_day(term.since)} n'est pas venu : saisissez-la ce jour-là.")
    if not term.mandate.is_held_on(term.since):
        raise BureauOutsideBoard(f"Ce mandat n'est pas en cours le {write_day(term.since)}.")
    beside = [one for one in known if one.overlaps(term)]
    if any(one.mandate.id == term.mandate.id for one in beside):
        raise BureauFunctionHeld(f"Cette personne a déjà cette fonction ({function.label}).")
    _require_room_later(function, term, beside)
    held = [one for one in beside if one.is_held_on(term.since)]
    if len(held) < function.holders:
        return None
    if function.holders > 1:
        raise BureauFunctionHeld(f"{len(held)} personnes ont déjà cette fonction ({function.label}) : finissez-en une.")
    if held[0].ended_on is not None:
        raise BureauFunctionHeld(
            f"Cette fonction ({function.label}) est tenue jusqu'au {write_day(held[0].ended_on)} : nommez alors."
        )
    return end(held[0], term.since, today)


# Entered after the fact, a function must leave its place to those who were named to it since.
def _require_room_later(function: BureauFunction, term: BureauTerm, beside: Collection[BureauTerm]) -> None:
    for day in sorted(one.since for one in beside if one.since > term.since):
        if sum(one.is_held_on(day) for one in beside) >= function.holders:
            raise BureauDaysInconsistent(
                f"Cette fonction ({function.label}) n'a plus de place à partir du {write_day(day)} : nommez-y d'un jour"
                " qui suit, ou mettez d'abord fin, à son premier jour, à celle qui a été saisie par erreur."
            )


def end(term: BureauTerm, day: date, today: date) -> BureauTerm:
    """End a function; on its first day, it was entered by mistake. Raises BureauTermEnded, BureauDaysInconsistent."""
    if term.ended_on is not None or term.over_on <= day:
        raise BureauTermEnded("Cette fonction a déjà pris fin.")
    if not term.since <= day <= today:
        raise BureauDaysInconsistent(
            f"Cette fonction prend fin entre le {write_day(term.since)} et aujourd'hui, pas le {write_day(day)}."
        )
    return replace(term, ended_on=day, version=term.version + 1)


def told_of(terms: Sequence[BureauTerm]) -> list[Mapping[str, str]]:
    """Write what somebody was in the bureau, for them to read."""
    return [{"function": one.function, "since": f"{one.since}", "until": f"{one.over_on}"} for one in terms]
