"""The order proven again: the log of a session's seats, replayed by the rule that decided.

Whoever doubts that they were treated in turn is answered by it: each line is either something that somebody did, or a
decision, which has to be the one that the rule gives at that point.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from uuid import UUID

from common.labels import Labelled
from common.wording import counted
from training.enrolments.domain.pool import Policy, Share, Waiting, head_place, seats_that_fit, shares


class SeatEventKind(Labelled):
    """What happened to the seats of a session."""

    OPENED = "opened", "places ouvertes"
    ASKED = "asked", "places demandées"
    OFFERED = "offered", "places proposées"
    ACCEPTED = "accepted", "proposition acceptée"
    FREED = "freed", "places rendues"
    LEFT = "left", "places qui ne sont plus attendues"
    CAPACITY = "capacity", "nombre de places changé"
    POLICY = "policy", "ordre de la liste d'attente changé"
    RESEATED = "reseated", "places reportées d'une session qui n'est pas tenue"
    CARRIED = "carried", "attente reprise d'une session qui n'est pas tenue"
    CLOSED = "closed", "places fermées"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatEvent:
    """A line of the log. ``seats``: of an opening or a change of capacity, the capacity; of what was asked, how many.

    ``given``: of what was asked or reseated, how many were taken at once. ``act``: the number of the first line of the
    act it is of; what an act frees is offered at its end.
    """

    number: int
    act: int
    kind: SeatEventKind
    seats: int = 0
    given: int = 0
    together: bool = False
    request_id: UUID | None = None
    buyer: str | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A line that the rule does not explain."""

    number: int
    message: str


@dataclass(slots=True)
class _Pool:
    """The pool as the log has it so far. ``taken`` counts the seats taken or offered, by buyer."""

    capacity: int = 0
    policy: Policy = Policy.STRICT
    closed: bool = False
    taken: dict[str, int] = field(default_factory=dict)
    waiting: dict[UUID, Waiting] = field(default_factory=dict)
    due: list[Share] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.capacity - sum(self.taken.values())

    def next_shares(self) -> list[Share]:
        if self.closed:
            return []
        seated = {buyer for buyer, seats in self.taken.items() if seats}
        return list(shares(self.free, self.waiting.values(), self.policy, seated))

    def take(self, buyer: str, seats: int) -> None:
        self.taken[buyer] = self.taken.get(buyer, 0) + seats

    def wait_less(self, request_id: UUID, seats: int) -> None:
        left = replace(self.waiting[request_id], seats=self.waiting[request_id].seats - seats)
        if left.seats:
            self.waiting[request_id] = left
        else:
            del self.waiting[request_id]


def replayed(events: Iterable[SeatEvent]) -> tuple[Discrepancy, ...]:
    """Replay a log from its first line; return the lines that the rule does not explain, none of a sound one."""
    pool, found = _Pool(), []
    for _, lines in groupby(events, key=lambda event: event.act):
        act = list(lines)
        for event in act:
            if event.kind is not SeatEventKind.OFFERED:
                found += _happened(pool, event)
        pool.due = pool.next_shares()
        for event in act:
            if event.kind is SeatEventKind.OFFERED:
                found += _offered(pool, event)
        found += _forgotten(act[-1].number, pool)
    return tuple(found)


def _forgotten(number: int, pool: _Pool) -> list[Discrepancy]:
    return [Discrepancy(number, f"Dû à une demande et non proposé : {counted(one.seats, 'place')}") for one in pool.due]


def _offered(pool: _Pool, event: SeatEvent) -> list[Discrepancy]:
    request_id, buyer = _who(event)
    found = []
    if not pool.due or pool.due[0] != Share(request_id, event.seats):
        found.append(Discrepancy(event.number, "la règle aurait proposé ces places à une autre demande"))
    pool.due = pool.due[1:]
    if request_id in pool.waiting:
        pool.wait_less(request_id, event.seats)
    pool.take(buyer, event.seats)
    return found


def _happened(pool: _Pool, event: SeatEvent) -> list[Discrepancy]:
    if event.kind in _COMING:
        return _COMING[event.kind](pool, event)
    if event.kind is SeatEventKind.OPENED:
        pool.capacity, pool.closed = event.seats, False
        pool.policy = event.policy or pool.policy
    elif event.kind is SeatEventKind.CAPACITY:
        pool.capacity = event.seats
    elif event.kind is SeatEventKind.POLICY:
        pool.policy = event.policy or pool.policy
    elif event.kind is SeatEventKind.CLOSED:
        pool.closed = True
    elif event.kind is SeatEventKind.LEFT:
        pool.wait_less(_who(event)[0], event.seats)
    elif event.kind is SeatEventKind.FREED:
        pool.take(_who(event)[1], -event.seats)
    return [Discrepancy(event.number, "plus de places prises que de places")] if pool.free < 0 else []


def _asked(pool: _Pool, event: SeatEvent) -> list[Discrepancy]:
    request_id, buyer = _who(event)
    pool.waiting[request_id] = Waiting(
        request_id=request_id, buyer=buyer, place=event.number, seats=event.seats, together=event.together
    )
    expected = sum(share.seats for share in pool.next_shares() if share.request_id == request_id)
    if event.given:
        pool.wait_less(request_id, event.given)
        pool.take(buyer, event.given)
    if event.given == expected:
        return []
    taken = counted(event.given, "place prise", "places prises")
    return [Discrepancy(event.number, f"{taken} à la demande, la règle en donnait {expected}")]


def _reseated(pool: _Pool, event: SeatEvent) -> list[Discrepancy]:
    """Seat those who had a seat elsewhere before whoever waits here; what does not fit waits before them."""
    request_id, buyer = _who(event)
    had = event.seats if event.kind is SeatEventKind.RESEATED else 0
    expected = seats_that_fit(had, pool.free, together=event.together)
    known = pool.waiting.get(request_id)
    waits = event.seats - event.given + (known.seats if known else 0)
    if waits:
        place = known.place if known else head_place(event.number)
        pool.waiting[request_id] = Waiting(
            request_id=request_id, buyer=buyer, place=place, seats=waits, together=event.together
        )
    pool.take(buyer, event.given)
    if event.given == expected:
        return []
    carried = counted(event.given, "place reportée", "places reportées")
    return [Discrepancy(event.number, f"{carried}, la règle en donnait {expected}")]


_COMING = {SeatEventKind.ASKED: _asked, SeatEventKind.RESEATED: _reseated, SeatEventKind.CARRIED: _reseated}
"""How each line by which somebody comes is checked."""


def _who(event: SeatEvent) -> tuple[UUID, str]:
    if event.request_id is None or event.buyer is None:
        raise ValueError(f"line {event.number} names nobody")
    return event.request_id, event.buyer
