"""The fund's money under acts that come at once, for an award or for another source; and what is never rewritten."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.fund import use_cases
from dues.fund.domain import Commitment, FundCommitmentShort, FundShort, FundSource, FundSourceKind

from .projects import BRETAGNE, INCOME, TODAY, days_later, fund, paying

FINANCE = Actor("finance", frozenset({"finance"}))


def relief(rank: int) -> FundSource:
    return FundSource(FundSourceKind.RELIEF, UUID(int=rank))


async def commit(dues: ServiceUnderTest, rank: int, amount: str) -> None:
    wanted = Commitment(source=relief(rank), amount=Decimal(amount), piece=f"REM-{rank}", label="Remise")
    async with dues.runtime.database.transaction(FINANCE) as tx:
        await use_cases.commit(tx, wanted)


async def test_another_source_commits_pays_and_releases_as_an_award_does(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        await commit(dues, 1, "50.00")
        assert await now.sums() == (INCOME, "50.00", "0.00", "110.00")
        async with dues.runtime.database.transaction(FINANCE) as tx:
            paid = await use_cases.pay(tx, relief(1), Decimal("30.00"), TODAY, "VIR-1")
            released = await use_cases.release(tx, relief(1), Decimal("15.00"), "Moins que prévu")
        assert (paid.left, released.left) == (Decimal("20.00"), Decimal("5.00"))
        assert await now.sums() == (INCOME, "5.00", "30.00", "125.00")
        lines = (await now.get("/movements", source_kind="relief", sort="amount"))["items"]
        assert [(line["kind"], line["amount"], line["free"]) for line in lines] == [
            ("released", "15.00", "15.00"),
            ("paid", "30.00", "0.00"),
            ("committed", "50.00", "-50.00"),
        ]
        for source, amount in ((relief(1), "5.01"), (relief(2), "0.01")):
            with pytest.raises(FundCommitmentShort):
                async with dues.runtime.database.transaction(FINANCE) as tx:
                    await use_cases.pay(tx, source, Decimal(amount), TODAY, "VIR-2")
        await now.lines_tie()


async def test_what_a_call_may_award_is_not_promised_to_anything_else(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        await now.call(envelope="120.00")
        with pytest.raises(FundShort):
            await commit(dues, 1, "40.01")
        await commit(dues, 1, "40.00")
        assert await now.sums("free", "reserved", "available") == ("120.00", "120.00", "0.00")


async def test_two_commitments_at_once_never_promise_more_than_there_is(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        outcomes = await asyncio.gather(*(commit(dues, rank, "50.00") for rank in range(6)), return_exceptions=True)
        assert [type(one) for one in outcomes].count(type(None)) == 3
        assert {type(one) for one in outcomes if one is not None} == {FundShort}
        assert await now.sums() == (INCOME, "150.00", "0.00", "10.00")


async def test_two_calls_at_once_never_reserve_more_than_there_is(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        calls = [await now.call(opened=False) for _ in range(2)]
        answers = await asyncio.gather(*(now.try_on("calls", call, "open") for call in calls))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"fund_short"}
        await now.lines_tie()


async def test_two_decisions_at_once_never_award_more_than_the_envelope(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call(envelope="100.00")
        ids = [(await now.application(call, who))["id"] for who in ({"delegation": "occitanie"}, BRETAGNE)]
    async with days_later(dues, 10) as then:
        decisions = [{"application_id": one, "amount": "80.00"} for one in ids]
        answers = await asyncio.gather(*(then.decide(call, decision) for decision in decisions))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        late = next(decision for decision, answer in zip(decisions, answers, strict=True) if not answer.is_success)
        assert (await then.decide(call, late)).json()["code"] == "fund_envelope_exceeded"
        assert await then.sums("committed", "reserved", "available") == ("80.00", "20.00", "60.00")


async def test_one_instalment_noted_twice_at_once_is_paid_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        one = await now.application(call)
    async with days_later(dues, 10) as then:
        awarded = await then.awarded(call, one)
        body = paying(1, TODAY + timedelta(days=10))
        answers = await asyncio.gather(*(then.act(dict(awarded), "payments", **body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        assert await then.sums("committed", "paid") == ("24.00", "56.00")


@pytest.mark.parametrize("statement", ["UPDATE fund_movement SET amount = 1", "DELETE FROM fund_movement"])
async def test_a_movement_is_never_rewritten(dues: ServiceUnderTest, arranged: Arrange, statement: str) -> None:
    async with fund(dues, arranged) as now:
        await commit(dues, 1, "50.00")
        with pytest.raises(DBAPIError, match="only added to"):
            async with dues.runtime.database.transaction(FINANCE) as tx:
                await tx.session.execute(text(statement))
        assert await now.sums("committed") == ("50.00",)


async def test_a_source_is_committed_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        await commit(dues, 1, "10.00")
        with pytest.raises(DBAPIError, match="uq_fund_movement_committed"):
            await commit(dues, 1, "10.00")
        assert await now.sums("committed") == ("10.00",)
