"""The seats of a session and who waits for them: one rule says who is next, for a newcomer and for a seat set free.

Sources: pretix #974 (several seats together or none), #2119 (one waits for the session, not for a price), PR #5731 (the
rank is told). Which policies there are is a choice of this house: decision 0063.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from common.labels import Labelled
from training.enrolments.domain.refusals import PoolClosed


class Policy(Labelled):
    """Who is next when seats are free. Chosen for each session by the training team."""

    STRICT = "strict", "dans l'ordre des demandes ; un groupe qui ne tient pas fait attendre ceux qui le suivent"
    FILL = "fill", "dans l'ordre des demandes, en passant celles qui ne tiennent pas dans les places libres"
    ONE_EACH_FIRST = (
        "one_each_first",
        "d'abord une place à chaque acheteur qui n'en a pas, dans l'ordre des demandes, puis dans cet ordre",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The seats of a session, counted. ``taken``: those taken or offered; ``waiting``: those waited for.

    ``places`` and ``events`` are the last place given in the order, and the last line of the log. Closed, it gives no
    seat any more: the session has begun, or is not held.
    """

    session_id: UUID
    capacity: int
    taken: int = 0
    waiting: int = 0
    policy: Policy = Policy.STRICT
    places: int = 0
    events: int = 0
    closed: bool = False
    version: int = 1

    @property
    def free(self) -> int:
        """How many seats nobody has, nor is offered."""
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a request still waits for. ``place`` is its place in the order; ``together``: all its seats or none."""

    request_id: UUID
    buyer: str
    place: int
    seats: int
    together: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Seats that go to a request."""

    request_id: UUID
    seats: int


_HEAD = -1_000_000_000
"""Before any place that is given in turn: those begin at 1."""


def head_place(line: int) -> int:
    """Return the place of who comes from a session that is not held, by the line of the log that says so.

    Before whoever asked for this session, after those who came so before.
    """
    return _HEAD + line


def seats_that_fit(seats: int, free: int, *, together: bool) -> int:
    """Return how many free seats a request takes: all it wants, a part if it may be split, or none."""
    if together:
        return seats if seats <= free else 0
    return min(seats, max(free, 0))


def shares(free: int, waiting: Iterable[Waiting], policy: Policy, seated: Collection[str]) -> tuple[Share, ...]:
    """Return to whom free seats go, in the order in which they are given; a request appears once.

    ``seated``: the buyers who have a seat already, or are offered one. After it, no free seat is left to anybody whom
    the policy lets have it.
    """
    in_order = sorted(waiting, key=lambda one: one.place)
    if policy is Policy.STRICT:
        return _in_strict_order(free, in_order)
    first = _one_each(free, in_order, seated) if policy is Policy.ONE_EACH_FIRST else {}
    left = free - sum(first.values())
    given = dict(first)
    for one in in_order:
        wanted = one.seats - first.get(one.request_id, 0)
        got = seats_that_fit(wanted, left, together=one.together)
        if got:
            given[one.request_id] = given.get(one.request_id, 0) + got
            left -= got
    return tuple(Share(request_id, seats) for request_id, seats in given.items())


def _in_strict_order(free: int, in_order: Sequence[Waiting]) -> tuple[Share, ...]:
    given = []
    for one in in_order:
        got = seats_that_fit(one.seats, free, together=one.together)
        if got:
            given.append(Share(one.request_id, got))
            free -= got
        if got < one.seats:
            break
    return tuple(given)


def _one_each(free: int, in_order: Sequence[Waiting], seated: Collection[str]) -> dict[UUID, int]:
    """Give one seat to each buyer without any; a group that stays together has all of its own, or is passed."""
    served, given = set(seated), {}
    for one in in_order:
        got = seats_that_fit(one.seats if one.together else 1, free, together=one.together)
        if one.buyer not in served and got:
            served.add(one.buyer)
            given[one.request_id] = got
            free -= got
    return given


def choose(pool: Pool, policy: Policy) -> Pool:
    """Say who is next from now on. Raises PoolClosed."""
    if pool.closed:
        raise PoolClosed("Les places de cette session sont closes : plus rien n'est proposé à qui attend.")
    return replace(pool, policy=policy)
