"""The ledger against its rules: any history sums to where the money stands, and nobody is promised another's money."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx
from training.envelopes import use_cases
from training.envelopes.domain import (
    EnvelopeMovementKind,
    EnvelopeShort,
    FundedSubjectKind,
    Position,
    ReservationNotFound,
    ReservationShort,
    Subject,
    effect,
    position_of,
)

from .treasury import desk

EUROS = Decimal
TREASURER = Actor("treasurer", frozenset({"training"}))


def enrolment(rank: int) -> Subject:
    return Subject(kind=FundedSubjectKind.ENROLMENT, id=UUID(int=rank), label=f"INS-{rank}")


async def act(training: ServiceUnderTest, work: Callable[[Tx], Awaitable[Any]]) -> Any:
    async with training.runtime.database.transaction(TREASURER) as tx:
        return await work(tx)


@pytest.mark.parametrize(
    ("kind", "contributed", "reserved", "consumed", "available"),
    [
        pytest.param(EnvelopeMovementKind.CONTRIBUTION, 10, 0, 0, 10, id="un versement est disponible"),
        pytest.param(EnvelopeMovementKind.CORRECTED, 10, 0, 0, 10, id="une correction s'ajoute à ce qui est venu"),
        pytest.param(EnvelopeMovementKind.RESERVED, 0, 10, 0, -10, id="ce qui est réservé n'est plus disponible"),
        pytest.param(EnvelopeMovementKind.RELEASED, 0, -10, 0, 10, id="ce qui est libéré l'est de nouveau"),
        pytest.param(EnvelopeMovementKind.CONSUMED, 0, -10, 10, 0, id="ce qui est consommé était réservé"),
        pytest.param(EnvelopeMovementKind.RETURNED, 0, 0, -10, 10, id="ce qui est rendu est de nouveau disponible"),
    ],
)
def test_what_a_movement_changes(
    kind: EnvelopeMovementKind, contributed: int, reserved: int, consumed: int, available: int
) -> None:
    change = effect(kind, EUROS(10))
    assert (change.contributed, change.reserved, change.consumed) == (contributed, reserved, consumed)
    assert change.available == available


@given(
    st.lists(st.tuples(st.sampled_from(EnvelopeMovementKind), st.decimals("0.01", "9999.99", places=2)), max_size=30)
)
def test_the_order_of_movements_changes_nothing_to_their_sum(moved: list[tuple[EnvelopeMovementKind, Decimal]]) -> None:
    sums: dict[EnvelopeMovementKind, Decimal] = {}
    for kind, amount in moved:
        sums[kind] = sums.get(kind, EUROS(0)) + amount
    stands = position_of(moved)
    assert stands == position_of(reversed(moved)) == position_of(sums)
    assert stands.available == stands.contributed - stands.reserved - stands.consumed


async def test_a_subject_reserves_again_beside_what_it_has(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        where = UUID(one["id"])
        first = await act(training, lambda tx: use_cases.reserve(tx, where, enrolment(1), EUROS("30.00"), "Inscrits"))
        again = await act(training, lambda tx: use_cases.reserve(tx, where, enrolment(1), EUROS("20.00"), "Un de plus"))
        assert first == again
        used = await act(training, lambda tx: use_cases.consume(tx, where, enrolment(1), EUROS("45.00"), "Certificat"))
        assert (used.left, used.spent) == (EUROS("5.00"), EUROS("45.00"))
        used = await act(training, lambda tx: use_cases.release(tx, where, enrolment(1), None, "Fini"))
        used = await act(training, lambda tx: use_cases.give_back(tx, where, enrolment(1), EUROS("5.00"), "Avoir"))
        assert (used.left, used.spent) == (EUROS(0), EUROS("40.00"))
        with pytest.raises(ReservationShort):
            await act(training, lambda tx: use_cases.release(tx, where, enrolment(1), None, "Encore"))
        with pytest.raises(ReservationNotFound):
            await act(training, lambda tx: use_cases.release(tx, where, enrolment(2), None, "Jamais réservé"))
        assert await treasurer.stands(one) == ("100.00", "0.00", "40.00", "60.00")


async def test_of_forty_who_come_at_once_none_is_promised_the_money_of_another(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        where = UUID(one["id"])

        async def reserve(rank: int) -> None:
            await act(training, lambda tx: use_cases.reserve(tx, where, enrolment(rank), EUROS("9.00"), "Inscription"))

        outcomes = await asyncio.gather(*(reserve(rank) for rank in range(40)), return_exceptions=True)
        assert [type(one) for one in outcomes].count(type(None)) == 11, "100 euros are 11 times 9, and one left"
        assert {type(one) for one in outcomes if one is not None} == {EnvelopeShort}
        assert await treasurer.stands(one) == ("100.00", "99.00", "0.00", "1.00")
        numbers = [line["number"] for line in (await treasurer.get("/movements", limit=200))["items"]]
        assert sorted(numbers) == list(range(1, 13)), "every movement has its rank, none twice"


async def test_a_reservation_is_consumed_and_released_at_once_but_never_both(training: ServiceUnderTest) -> None:
    async with desk(training) as treasurer:
        one = await treasurer.envelope("100.00")
        where = UUID(one["id"])
        await act(training, lambda tx: use_cases.reserve(tx, where, enrolment(1), EUROS("60.00"), "Inscription"))
        acts = (use_cases.consume, use_cases.release) * 6
        outcomes = await asyncio.gather(
            *(act(training, lambda tx, do=do: do(tx, where, enrolment(1), EUROS("25.00"), "-")) for do in acts),
            return_exceptions=True,
        )
        assert [isinstance(one, ReservationShort) for one in outcomes].count(True) == 10
        contributed, reserved, _, _ = await treasurer.stands(one)
        assert (contributed, reserved) == ("100.00", "10.00")


@dataclass
class Oracle:
    """What an accountant would keep on paper: what came in, and of each subject what it holds and has spent."""

    came: Decimal
    held: dict[int, Decimal] = field(default_factory=lambda: dict.fromkeys((1, 2, 3), EUROS(0)))
    spent: dict[int, Decimal] = field(default_factory=lambda: dict.fromkeys((1, 2, 3), EUROS(0)))

    def take(self, act: str, rank: int, amount: Decimal) -> bool:
        """Note an act, if it may be done."""
        free = self.came - sum(self.held.values()) - sum(self.spent.values())
        most = {"reserve": free, "give_back": self.spent[rank]}.get(act, self.held[rank])
        if amount > most:
            return False
        self.held[rank] += amount if act == "reserve" else 0 if act == "give_back" else -amount
        self.spent[rank] += amount if act == "consume" else -amount if act == "give_back" else 0
        return True


@pytest.mark.parametrize("seed", range(3))
async def test_any_history_is_what_an_accountant_would_keep(training: ServiceUnderTest, seed: int) -> None:
    chance, paper = Random(seed), Oracle(EUROS("300.00"))
    async with desk(training) as treasurer:
        one = await treasurer.envelope(str(paper.came))
        where = UUID(one["id"])
        for _ in range(60):
            name, rank = chance.choice(("reserve", "release", "consume", "give_back")), chance.randint(1, 3)
            amount, do = EUROS(chance.randint(1, 9_000)) / 100, getattr(use_cases, name)
            try:
                await act(
                    training, lambda tx, do=do, rank=rank, amount=amount: do(tx, where, enrolment(rank), amount, "-")
                )
            except Refusal:
                done = False
            else:
                done = True
            assert done == paper.take(name, rank, amount), (name, rank, amount)
            reserved, consumed = sum(paper.held.values()), sum(paper.spent.values())
            kept = tuple(map(EUROS, await treasurer.stands(one)))
            assert kept == (paper.came, reserved, consumed, paper.came - reserved - consumed)
        stands = Position()
        for line in (await treasurer.get("/movements", sort="recorded_at", limit=200))["items"]:
            stands = stands.plus(effect(EnvelopeMovementKind(line["kind"]), EUROS(line["amount"])))
            assert min(stands.contributed, stands.reserved, stands.consumed, stands.available) >= 0
