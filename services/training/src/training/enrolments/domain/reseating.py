"""Where the people of a session that is not held go: to others of the same programme, in the order in which they asked.

Who had a seat comes before who waited for one, and both before whoever waits there: what the body takes back is not
asked for again (decision 0065).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from common.labels import Labelled
from training.enrolments.domain.enrolment import Enrolment, SeatRequest
from training.enrolments.domain.pool import seats_that_fit


class ReseatOutcome(Labelled):
    """What becomes of a seat of a session that is not held."""

    MOVED = "moved", "place prise à l'autre session"
    OFFERED = "offered", "place proposée à l'autre session"
    WAITING = "waiting", "en tête de la liste d'attente de l'autre session"
    NOT_MOVED = "not_moved", "déjà à l'autre session"
    RELEASED = "released", "place rendue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is left of a request in a session that is not held: the seats it had, those it waited for or was offered."""

    request: SeatRequest
    had: tuple[Enrolment, ...]
    waited: tuple[Enrolment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Seats of a request in another session, by its rank among those named: taken, or waited for.

    ``lacking``: seats that were had and do not fit; ``waited``: those waited for already.
    """

    request: SeatRequest
    sister: int
    taken: tuple[Enrolment, ...]
    lacking: tuple[Enrolment, ...]
    waited: tuple[Enrolment, ...]

    @property
    def seats(self) -> tuple[Enrolment, ...]:
        """All of them, those taken first."""
        return (*self.taken, *self.lacking, *self.waited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reseated:
    """What became of one seat. ``seat`` and ``request``: as they were; ``to``: its seat of another session, if any.

    ``rank``: of its request among those who wait there, if it does.
    """

    seat: Enrolment
    request: SeatRequest
    outcome: ReseatOutcome
    to: Enrolment | None = None
    to_request: SeatRequest | None = None
    rank: int | None = None


def place(leaving: Sequence[Leaving], free: Sequence[int]) -> tuple[Placing, ...]:
    """Return who goes where, in order of seniority. ``free``: the free seats of each other session, in order.

    What fits nowhere waits for the first.
    """
    left, found = list(free), []
    for one in sorted(leaving, key=lambda each: (not each.had, each.request.asked_at, each.request.place)):
        rest, taken = one.had, []
        for sister, seats in enumerate(left):
            got = seats_that_fit(len(rest), seats, together=one.request.together)
            left[sister] -= got
            taken.append(rest[:got])
            rest = rest[got:]
        for sister, fits in enumerate(taken):
            lacking, waited = (rest, one.waited) if sister == 0 else ((), ())
            placing = Placing(request=one.request, sister=sister, taken=fits, lacking=lacking, waited=waited)
            found += [placing] if placing.seats else []
    return tuple(found)
