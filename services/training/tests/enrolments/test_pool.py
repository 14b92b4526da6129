"""Who is next: the three orders in tables, then whatever is done, by a book kept beside and by the log replayed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.enrolments.domain import (
    Policy,
    SeatEvent,
    SeatEventKind,
    Share,
    Waiting,
    replayed,
    seats_that_fit,
    shares,
)


def asked(number: int, seats: int, *, together: bool = False, buyer: str | None = None) -> Waiting:
    return Waiting(
        request_id=UUID(int=number), buyer=buyer or f"structure {number}", place=number, seats=seats, together=together
    )


TWO_TOGETHER_THEN_ONE = (asked(1, 2, together=True), asked(2, 1))
THREE_THEN_TWO = (asked(1, 3), asked(2, 2))


@pytest.mark.parametrize(
    ("policy", "free", "waiting", "seated", "given_to"),
    [
        pytest.param(
            "strict", 1, TWO_TOGETHER_THEN_ONE, (), {}, id="strict : un groupe qui ne tient pas fait attendre"
        ),
        pytest.param("strict", 2, TWO_TOGETHER_THEN_ONE, (), {1: 2}, id="strict : le groupe tient"),
        pytest.param("strict", 4, THREE_THEN_TWO, (), {1: 3, 2: 1}, id="strict : le suivant prend ce qui reste"),
        pytest.param("strict", 2, THREE_THEN_TWO, (), {1: 2}, id="strict : une partie, si le demandeur l'admet"),
        pytest.param("fill", 1, TWO_TOGETHER_THEN_ONE, (), {2: 1}, id="remplir : le groupe est passé"),
        pytest.param("fill", 3, TWO_TOGETHER_THEN_ONE, (), {1: 2, 2: 1}, id="remplir : chacun à son tour"),
        pytest.param("one_each_first", 2, THREE_THEN_TWO, (), {1: 1, 2: 1}, id="une chacun : une place à chacun"),
        pytest.param("one_each_first", 4, THREE_THEN_TWO, (), {1: 3, 2: 1}, id="une chacun : puis dans l'ordre"),
        pytest.param(
            "one_each_first", 1, THREE_THEN_TWO, ("structure 1",), {2: 1}, id="une chacun : qui n'a rien d'abord"
        ),
        pytest.param(
            "one_each_first",
            2,
            (asked(1, 1, buyer="a"), asked(2, 1, buyer="a"), asked(3, 1, buyer="b")),
            (),
            {1: 1, 3: 1},
            id="une chacun : deux demandes d'un même acheteur comptent une fois",
        ),
        pytest.param("fill", 0, THREE_THEN_TWO, (), {}, id="rien de libre"),
    ],
)
def test_to_whom_free_seats_go(
    policy: str, free: int, waiting: Sequence[Waiting], seated: Sequence[str], given_to: dict[int, int]
) -> None:
    found = shares(free, waiting, Policy(policy), seated)
    assert {share.request_id.int: share.seats for share in found} == given_to


_WAITING = st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.sampled_from("abcd")), max_size=8)


@given(free=st.integers(0, 10), drawn=_WAITING, policy=st.sampled_from(Policy), seated=st.sets(st.sampled_from("abcd")))
def test_nothing_is_given_twice_and_nobody_who_fits_is_left(
    free: int, drawn: list[tuple[int, bool, str]], policy: Policy, seated: set[str]
) -> None:
    waiting = [asked(rank, seats, together=whole, buyer=who) for rank, (seats, whole, who) in enumerate(drawn, 1)]
    found = {share.request_id: share.seats for share in shares(free, waiting, policy, seated)}
    left = free - sum(found.values())
    assert left >= 0
    rest = [replace(one, seats=one.seats - found.get(one.request_id, 0)) for one in waiting]
    assert all(one.seats >= 0 for one in rest)
    assert all(one.seats == 0 or one.request_id not in found for one in rest if one.together), "together or not at all"
    still = [one for one in rest if one.seats]
    considered = still[:1] if policy is Policy.STRICT else still
    assert not any(seats_that_fit(one.seats, left, together=one.together) for one in considered)


@dataclass(slots=True)
class Book:
    """The seats of a session kept by hand, as the service keeps them, with the log that it writes."""

    policy: Policy
    capacity: int
    waiting: list[Waiting] = field(default_factory=list)
    taken: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    lines: list[SeatEvent] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.capacity - sum(seats for _, seats in self.taken.values())

    def due(self) -> tuple[Share, ...]:
        return shares(self.free, self.waiting, self.policy, {who for who, seats in self.taken.values() if seats})

    def write(self, kind: SeatEventKind, *, begins: bool = True, **said: Any) -> None:
        number = len(self.lines) + 1
        act = number if begins else self.lines[-1].act
        self.lines.append(SeatEvent(number=number, act=act, kind=kind, **said))

    def ask(self, seats: int, *, together: bool, buyer: str) -> None:
        one = asked(len(self.lines) + 1, seats, together=together, buyer=buyer)
        self.waiting.append(one)
        got = sum(share.seats for share in self.due() if share.request_id == one.request_id)
        self._take(Share(one.request_id, got))
        self.write(
            SeatEventKind.ASKED, request_id=one.request_id, buyer=buyer, seats=seats, given=got, together=together
        )
        self.offer_on()

    def leave(self, chosen: int) -> None:
        held = [key for key, (_, seats) in self.taken.items() if seats]
        if not held:
            return
        key = held[chosen % len(held)]
        who, seats = self.taken[key]
        self.taken[key] = who, seats - 1
        self.write(SeatEventKind.FREED, request_id=key, buyer=who, seats=1)
        self.offer_on()

    def enlarge(self, seats: int) -> None:
        self.capacity += seats
        self.write(SeatEventKind.CAPACITY, seats=self.capacity)
        self.offer_on()

    def choose(self, policy: Policy) -> None:
        self.policy = policy
        self.write(SeatEventKind.POLICY, policy=policy)
        self.offer_on()

    def offer_on(self) -> None:
        for share in self.due():
            buyer = self._take(share)
            self.write(SeatEventKind.OFFERED, begins=False, request_id=share.request_id, buyer=buyer, seats=share.seats)

    def _take(self, share: Share) -> str:
        [one] = [one for one in self.waiting if one.request_id == share.request_id]
        self.waiting.remove(one)
        if one.seats > share.seats:
            self.waiting.append(replace(one, seats=one.seats - share.seats))
        _, before = self.taken.get(share.request_id, (one.buyer, 0))
        self.taken[share.request_id] = one.buyer, before + share.seats
        return one.buyer


_ACT = st.one_of(
    st.tuples(st.just("ask"), st.integers(1, 4), st.booleans(), st.sampled_from("abcd")),
    st.tuples(st.just("leave"), st.integers(0, 20)),
    st.tuples(st.just("enlarge"), st.integers(1, 3)),
    st.tuples(st.just("choose"), st.sampled_from(Policy)),
)


def _played(acts: Sequence[tuple[Any, ...]], policy: Policy, capacity: int) -> Book:
    book = Book(policy, capacity)
    book.write(SeatEventKind.OPENED, seats=capacity, policy=policy)
    for name, *said in acts:
        if name == "ask":
            book.ask(said[0], together=said[1], buyer=said[2])
        else:
            getattr(book, name)(*said)
        assert 0 <= book.free <= book.capacity
        considered = sorted(book.waiting, key=lambda one: one.place)
        considered = considered[:1] if book.policy is Policy.STRICT else considered
        assert not any(seats_that_fit(one.seats, book.free, together=one.together) for one in considered)
    return book


@given(acts=st.lists(_ACT, max_size=25), policy=st.sampled_from(Policy), capacity=st.integers(1, 6))
def test_whatever_is_done_the_log_proves_every_offer(
    acts: list[tuple[Any, ...]], policy: Policy, capacity: int
) -> None:
    assert replayed(_played(acts, policy, capacity).lines) == ()


_STORY = (
    ("ask", 1, False, "a"), ("ask", 1, False, "b"), ("ask", 1, False, "c"), ("leave", 0),
)  # fmt: skip
FIRST, SECOND, THIRD = (UUID(int=number) for number in (2, 3, 4))


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"request_id": THIRD, "buyer": "c"}, id="proposée à la demande d'après"),
        pytest.param({"kind": SeatEventKind.ACCEPTED}, id="jamais proposée"),
        pytest.param({"seats": 2}, id="plus de places que de libres"),
    ],
)
def test_an_offer_out_of_turn_is_found(forged: dict[str, Any]) -> None:
    lines = _played(_STORY, Policy.STRICT, 1).lines
    assert (lines[-1].kind, lines[-1].request_id) == (SeatEventKind.OFFERED, SECOND)
    assert replayed(lines) == ()
    assert [one.number for one in replayed([*lines[:-1], replace(lines[-1], **forged)])] != []


def test_a_seat_taken_in_the_place_of_who_waits_is_found() -> None:
    lines = _played(_STORY, Policy.STRICT, 1).lines
    jumped = replace(lines[2], given=1)
    assert [one.number for one in replayed([*lines[:2], jumped])] == [3]
