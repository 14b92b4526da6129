"""Whatever the order, the repeats and what the bus lost, the figures are the same: only the last state counts."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from common.contracts.fg2i import GuaranteeCalled, GuaranteeExpired, GuaranteeIssued, GuaranteeRenewed, GuaranteeState
from common.contracts.legal_desk import LegalQuestionState, QuestionAnswered, QuestionAsked
from common.contracts.ptce import DeliveryState, PoleRegistered, PoleState, ServiceDelivered
from common.contracts.training import EnrolmentCancelled, EnrolmentConfirmed, EnrolmentState, TrainingCompleted
from common.events import Envelope, Fact, Received, dump
from common.identifiers import new_id
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

from ..members.test_dates import TODAY
from .test_counting import figures

YEAR = TODAY.year - 1
SPRING, SUMMER, EVE = date(YEAR, 4, 1), date(YEAR, 7, 1), date(YEAR, 12, 31)
COPIES = ("training_enrolment", "legal_question", "ptce_pole", "ptce_delivery", "fg2i_guarantee")


def enrolment(of: type[Fact], key: UUID, status: str, hours: str | None = None) -> Fact:
    told = {"session_id": UUID(int=1), "action_code": "CIP-01", "member_id": None, "delegation": "idf"}
    days = {"confirmed_on": SPRING, "completed_on": SUMMER if hours else None}
    return of(state=EnrolmentState(id=key, **told, status=status, **days, hours=Decimal(hours) if hours else None))


def question(of: type[Fact], key: UUID, answered_on: date | None) -> Fact:
    status = "answered" if answered_on else "asked"
    told = {"theme_code": "labour_law", "delegation": "idf", "status": status, "asked_on": SPRING}
    return of(state=LegalQuestionState(id=key, **told, answered_on=answered_on))


def pole(key: UUID, ended_on: date | None = None) -> Fact:
    status = "ended" if ended_on else "registered"
    told = {"member_id": None, "delegation": "idf", "registered_on": SPRING}
    return PoleRegistered(state=PoleState(id=key, **told, status=status, ended_on=ended_on))


def service(key: UUID, days: str, status: str = "delivered") -> Fact:
    told = {"pole_id": UUID(int=2), "service_code": "legal_support", "delegation": "idf", "delivered_on": SUMMER}
    return ServiceDelivered(state=DeliveryState(id=key, **told, status=status, days=Decimal(days)))


def guarantee(of: type[Fact], key: UUID, **fields: Any) -> Fact:
    told = {"member_id": UUID(int=3), "amount": Decimal("151445.00"), "starts_on": SPRING, "ends_on": EVE}
    rest = {"follows_id": None, "status": "in_force", "ended_on": None, "called_on": None, "called_amount": None}
    return of(state=GuaranteeState(id=key, **{**told, **rest, **fields}))


def histories() -> list[list[Fact]]:
    """What became of each thing, from its first fact to its last: confirmed, followed, corrected, taken back."""
    keys = [uuid4() for _ in range(10)]
    over = {"ended_on": SUMMER, "status": "expired"}
    return [
        [enrolment(EnrolmentConfirmed, keys[0], "confirmed"), enrolment(TrainingCompleted, keys[0], "completed", "7")],
        [
            enrolment(EnrolmentConfirmed, keys[1], "confirmed"),
            enrolment(TrainingCompleted, keys[1], "completed", "14"),
            enrolment(TrainingCompleted, keys[1], "completed", "10.5"),
        ],
        [
            enrolment(EnrolmentConfirmed, keys[2], "confirmed"),
            enrolment(TrainingCompleted, keys[2], "completed", "7"),
            enrolment(EnrolmentCancelled, keys[2], "cancelled", "7"),
        ],
        [question(QuestionAsked, keys[3], None), question(QuestionAnswered, keys[3], SUMMER)],
        [pole(keys[4]), pole(keys[4], SUMMER)],
        [pole(keys[5])],
        [service(keys[6], "2"), service(keys[6], "1.5")],
        [service(keys[7], "3"), service(keys[7], "3", "cancelled")],
        [guarantee(GuaranteeIssued, keys[8]), guarantee(GuaranteeCalled, keys[8], called_on=SUMMER)],
        [guarantee(GuaranteeRenewed, keys[9]), guarantee(GuaranteeExpired, keys[9], **over)],
    ]


EXPECTED = {
    "training.sessions": "1",
    "training.trainees": "2",
    "training.hours": "17.5",
    "legal_desk.asked": "1",
    "legal_desk.answered": "1",
    "ptce.poles": "1",
    "ptce.supported": "1",
    "ptce.service_days": "1.5",
    "fg2i.members": "1",
    "fg2i.amount": "151445",
    "fg2i.called": "1",
}


def sent(history: Sequence[Fact]) -> list[Envelope]:
    """Give each fact its place in the history, as its producer does."""
    return [
        Envelope(
            event_id=new_id(),
            source="/coorace/test",
            type=fact.wire_name,
            topic=fact.topic,
            aggregate_id=fact.state.id,
            sequence=sequence,
            occurred_at=datetime.now(UTC),
            traceparent=None,
        )
        for sequence, fact in enumerate(history, start=1)
    ]


async def deliver(membership: ServiceUnderTest, records: Sequence[tuple[Envelope, Fact]]) -> None:
    inbox = membership.runtime.inbox
    received: list[Received] = [inbox.parse(envelope, dump(fact)) for envelope, fact in records]
    async with membership.runtime.database.transaction(Actor("service:membership")) as tx:
        await inbox.apply(tx, received)


async def counted(membership: ServiceUnderTest) -> dict[str, str | None]:
    async with membership.client("network") as client:
        found = await figures(client, YEAR)
    return {code: found[code]["value"] for code in EXPECTED}


async def copies(membership: ServiceUnderTest) -> list[Any]:
    return [await membership.rows(f"SELECT * FROM {name} ORDER BY id") for name in COPIES]  # noqa: S608  # our own names


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_repeats_count_the_same(membership: ServiceUnderTest, seed: int) -> None:
    """Twice over, shuffled, in batches of any length: what is early waits, what is late or again is nothing."""
    draw = random.Random(seed)
    told = [record for history in histories() for record in zip(sent(history), history, strict=True)]
    coming = [*told, *told]
    draw.shuffle(coming)
    while coming:
        size = draw.randint(1, 6)
        batch, coming = coming[:size], coming[size:]
        await deliver(membership, list({envelope.event_id: (envelope, fact) for envelope, fact in batch}.values()))
    assert await counted(membership) == EXPECTED


async def test_all_told_again_counts_the_same(membership: ServiceUnderTest) -> None:
    """After a loss of everything: the whole history again, or of each thing its last fact, which is never erased."""
    stories = histories()
    told = [record for history in stories for record in zip(sent(history), history, strict=True)]
    await deliver(membership, told)
    first = await copies(membership)
    assert await counted(membership) == EXPECTED
    await deliver(membership, told)
    assert await copies(membership) == first
    forgotten = ", ".join((*COPIES, "event_inbox", "event_mark"))
    for kept in (told, [_last(history) for history in stories]):
        async with membership.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(text(f"TRUNCATE {forgotten}"))
        await deliver(membership, kept)
        assert await counted(membership) == EXPECTED
        assert await copies(membership) == first


def _last(history: Sequence[Fact]) -> tuple[Envelope, Fact]:
    """Return the last fact as a replay tells it, once those before it were erased."""
    envelope = sent(history)[-1]
    return replace(envelope, dropped_through=len(history) - 1 or None), history[-1]


def test_no_fact_takes_away_from_a_sum() -> None:
    """Hours, days and guarantees are never negative: such a fact is refused where it enters."""
    for wrong in (
        lambda: enrolment(TrainingCompleted, uuid4(), "completed", "-7"),
        lambda: service(uuid4(), "-1"),
        lambda: guarantee(GuaranteeIssued, uuid4(), amount=Decimal("-1.00")),
        lambda: guarantee(GuaranteeCalled, uuid4(), called_on=SUMMER, called_amount=Decimal("-1.00")),
    ):
        with pytest.raises(ValidationError):
            wrong()
