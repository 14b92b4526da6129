"""What the board asks for with an admission, until somebody lifts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.errors import Conflict, Invalid, NotFound
from common.wording import write_day


class ReservationNotFound(NotFound):
    """The admission has no such reservation."""

    code = "reservation_not_found"


class ReservationLifted(Conflict):
    """A reservation is lifted once."""

    code = "reservation_lifted"


class LiftingDayInconsistent(Invalid):
    """A reservation is lifted between the day on which the board made it and today."""

    code = "lifting_day_inconsistent"


@dataclass(frozen=True, slots=True)
class Lifting:
    """What was asked for was done: since when, who says so, and what there is to say of it."""

    on: date
    by: str
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """One thing asked for with an admission, by a day if the board gave one."""

    text: str
    due_on: date | None = None
    lifting: Lifting | None = None

    @property
    def stands(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifting is None

    def is_overdue(self, today: date) -> bool:
        """Tell whether its day has passed and it stands."""
        return self.stands and self.due_on is not None and self.due_on < today

    @property
    def sentence(self) -> str:
        """What the minutes say of it.

        >>> Reservation("Statuts à fournir", date(2026, 6, 1)).sentence
        'Statuts à fournir (au plus tard le 1er juin 2026)'
        """
        return f"{self.text} (au plus tard le {write_day(self.due_on)})" if self.due_on else self.text


def reservation_kept(reservation: Reservation) -> str | dict[str, Any]:
    """Return a reservation as it is kept: one that is nothing but its text as the versions before this one read it."""
    if reservation.due_on is None and reservation.lifting is None:
        return reservation.text
    kept: dict[str, Any] = {"text": reservation.text}
    if reservation.due_on:
        kept["due_on"] = reservation.due_on.isoformat()
    if reservation.lifting:
        lifting = reservation.lifting
        kept |= {"lifted_on": lifting.on.isoformat(), "lifted_by": lifting.by, "remark": lifting.remark}
    return kept


def reservation_of(kept: str | Mapping[str, Any]) -> Reservation:
    """Return the reservation that was kept; a version before this one kept its text alone.

    >>> reservation_of("Statuts à fournir")
    Reservation(text='Statuts à fournir', due_on=None, lifting=None)
    """
    if isinstance(kept, str):
        return Reservation(kept)
    due_on = date.fromisoformat(kept["due_on"]) if kept.get("due_on") else None
    if "lifted_on" not in kept:
        return Reservation(kept["text"], due_on)
    lifting = Lifting(date.fromisoformat(kept["lifted_on"]), kept["lifted_by"], kept["remark"])
    return Reservation(kept["text"], due_on, lifting)


def require_liftable(reservation: Reservation, on: date, since: date, today: date) -> None:
    """Let a reservation that stands be lifted, on a day from that of the board's decision to today.

    Raises ReservationLifted, LiftingDayInconsistent.
    """
    if reservation.lifting is not None:
        raise ReservationLifted(f"Cette réserve est levée depuis le {write_day(reservation.lifting.on)}.")
    if not since <= on <= today:
        raise LiftingDayInconsistent(
            f"Une réserve se lève entre le {write_day(since)}, où le conseil l'a faite, et aujourd'hui, pas le"
            f" {write_day(on)}."
        )
