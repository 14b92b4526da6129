"""Half-days, which sessions are made of and trainers are asked for, and those on which a trainer is not there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day
from training.trainers.domain.refusals import UnavailabilityOverlaps, UnavailabilityReversed


class Half(Labelled):
    """Which half of a day."""

    MORNING = "morning", "matin"
    AFTERNOON = "afternoon", "après-midi"


@dataclass(frozen=True, slots=True)
class HalfDay:
    """A morning or an afternoon, at the place where it is spent."""

    day: date
    half: Half

    def __str__(self) -> str:
        """Write it as one reads it in a sentence."""
        return f"{write_day(self.day)} ({self.half.label})"

    @property
    def rank(self) -> int:
        """Where it stands among all half-days: one more than the half-day before."""
        return 2 * self.day.toordinal() + (self.half is Half.AFTERNOON)


class UnavailabilityReason(Labelled):
    """Why a trainer is not there. Shown to the training team alone."""

    LEAVE = "leave", "congé"
    ILLNESS = "illness", "arrêt"
    OTHER = "other_engagement", "autre engagement"


@dataclass(frozen=True, slots=True)
class Unavailability:
    """Half-days on which a trainer is not there, from the first to the last one, both included."""

    id: UUID
    first: HalfDay
    last: HalfDay
    reason: UnavailabilityReason

    def holds(self, half_day: HalfDay) -> bool:
        """Tell whether a half-day is one of them."""
        return self.first.rank <= half_day.rank <= self.last.rank

    def meets(self, other: "Unavailability") -> bool:
        """Tell whether they have a half-day in common."""
        return self.first.rank <= other.last.rank and other.first.rank <= self.last.rank


def require_new(unavailability: Unavailability, held: Iterable[Unavailability]) -> None:
    """Let an unavailability beside those held. Raises UnavailabilityReversed, UnavailabilityOverlaps.

    Two that overlap are not made one: each has its reason and its end, and one is taken back without the other.
    """
    if unavailability.last.rank < unavailability.first.rank:
        raise UnavailabilityReversed("La fin d'une indisponibilité vient après son début.")
    met = next((one for one in held if one.meets(unavailability)), None)
    if met is not None:
        raise UnavailabilityOverlaps(
            f"Une indisponibilité est déjà déclarée, du {met.first} au {met.last} : retirez-la, ou déclarez le reste."
        )


def taken(unavailabilities: Iterable[Unavailability], half_days: Iterable[HalfDay]) -> tuple[HalfDay, ...]:
    """Return which of some half-days a trainer is not there for, in their order."""
    held = tuple(unavailabilities)
    return tuple(half_day for half_day in half_days if any(one.holds(half_day) for one in held))
