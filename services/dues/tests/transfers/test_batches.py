"""Batches: what they hold, who approves, what is transferred and what comes back; never more than is due."""

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor

from ..ledger.books import check_books
from ..receipts.desk import TODAY
from .treasury import BRETAGNE, OCCITANIE, SHARE, both_paid, funded, seen, treasury


async def both_prepared(dues: ServiceUnderTest) -> dict[str, Any]:
    """A batch holds what is due to both delegations."""
    await both_paid(dues)
    async with treasury(dues) as paying:
        return await paying.prepared()


async def both_transferred(dues: ServiceUnderTest) -> None:
    """The bank executed that batch."""
    batch = await both_prepared(dues)
    async with treasury(dues) as paying:
        await paying.executed(batch)


async def test_a_batch_holds_what_is_left_to_pay_and_says_on_what_it_stands(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, _):
        preview = (await paying.one.get("/transfers/preview")).json()
        assert (preview["count"], preview["total"], preview["up_to"]) == (2, "640.00", TODAY)
        batch = await paying.prepared()
        assert (batch["status"], batch["count"], batch["total"]) == ("draft", 2, "640.00")
        assert [(one["reference"][-3:], one["payee"], one["amount"]) for one in batch["lines"]] == [
            ("-01", BRETAGNE, SHARE),
            ("-02", OCCITANIE, SHARE),
        ]
        line = batch["lines"][0]
        assert (line["due"], line["transferred"], line["committed"]) == (SHARE, "0.00", "0.00")
        behind = await paying.one.get(line["statement"].removeprefix("/dues/v1"))
        assert behind.json()["closing"] == SHARE
        held = (await paying.one.get("/transfers/preview")).json()["lines"]
        assert [(one["committed"], one["amount"], one["blockers"][0]["code"]) for one in held] == [
            (SHARE, "0.00", "nothing_due"),
            (SHARE, "0.00", "nothing_due"),
        ]
        none = await paying.prepare()
        assert (none.status_code, none.json()["code"]) == (409, "nothing_to_transfer")
        assert none.json()["blocked"] == [BRETAGNE, OCCITANIE]


async def test_whoever_prepared_does_not_approve(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        assert batch["allowed_actions"] == ["cancel"]
        assert [one["code"] for one in batch["blockers"]["approve"]] == ["batch_own"]
        own = await paying.act(batch, "approve")
        assert (own.status_code, own.json()["code"]) == (403, "batch_own")
        shown = (await paying.two.get(f"/transfers/batches/{batch['id']}")).json()
        assert shown["allowed_actions"] == ["approve", "cancel"]
        approved = await paying.done(batch, "approve")
        assert (approved["status"], approved["prepared_by"], approved["approved_by"]) == (
            "approved",
            "test-finance",
            "test-finance-ops",
        )
        stale = await paying.act(batch, "cancel", reason="trop tard")
        assert (stale.status_code, stale.json()["current"]["status"]) == (412, "approved")


async def test_what_is_executed_leaves_the_balances_and_what_is_rejected_comes_back(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.executed(await paying.prepared())
        assert (batch["status"], batch["bank_reference"]) == ("executed", "BNQ-1")
        gone = (SHARE, SHARE, "0.00")
        assert await paying.balances() == {BRETAGNE: gone, OCCITANIE: gone}
        line = batch["lines"][1]
        assert line["allowed_actions"] == ["reject"]
        path = f"/transfers/batches/{batch['id']}/lines/{line['id']}/reject"
        body = {"rejected_on": TODAY, "reason": "AC04 : compte clos"}
        rejected = await paying.one.post(path, json=body, headers=seen(batch))
        assert rejected.status_code == 200, rejected.text
        line = rejected.json()["lines"][1]
        assert (line["status"], line["reject_reason"]) == ("rejected", "AC04 : compte clos")
        assert [one["code"] for one in line["blockers"]["reject"]] == ["transfer_rejected"]
        twice = await paying.one.post(path, json=body, headers=seen(rejected.json()))
        assert (twice.status_code, twice.json()["code"]) == (409, "transfer_rejected")
        assert await paying.balances() == {BRETAGNE: gone, OCCITANIE: (SHARE, "0.00", SHARE)}
        assert [one["payee"] for one in (await paying.prepared())["lines"]] == [OCCITANIE]
    await check_books(dues)


async def test_a_cancelled_batch_gives_back_what_it_held(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        approved = await paying.done(batch, "approve")
        cancelled = await paying.done(approved, "cancel", reason="refusé au guichet")
        assert (cancelled["status"], cancelled["cancel_reason"]) == ("cancelled", "refusé au guichet")
        executed = await paying.act(cancelled, "execute", executed_on=TODAY, bank_reference="BNQ-1")
        assert (executed.status_code, executed.json()["code"]) == (409, "batch_not_approved")
        other = await paying.prepared()
        assert (other["total"], other["reference"] != batch["reference"]) == ("640.00", True)


async def test_money_taken_back_after_the_transfer_is_made_up_by_what_comes_next(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, finance):
        await paying.executed(await paying.prepared())
        [receipt] = (await finance.client.get("/receipts", params={"q": "00001"})).json()["items"]
        await finance.done(receipt, "cancel", reason="chèque sans provision")
        lines = {one["code"]: one for one in (await paying.one.get("/transfers/preview")).json()["lines"]}
        owing = lines[OCCITANIE]
        assert (owing["amount"], [one["code"] for one in owing["blockers"]]) == ("-320.00", ["balance_negative"])
        assert (await paying.balances())[OCCITANIE] == ("0.00", SHARE, "-320.00")


async def test_a_batch_is_not_approved_once_it_would_pay_more_than_is_due(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, finance):
        batch = await paying.prepared()
        [receipt] = (await finance.client.get("/receipts", params={"q": "00001"})).json()["items"]
        await finance.done(receipt, "cancel", reason="chèque sans provision")
        refused = await paying.act(batch, "approve", paying.two)
        assert (refused.status_code, refused.json()["code"]) == (409, "transfer_exceeds_due")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"up_to": "2099-01-01", "pay_on": "2099-01-01"}, 400, "transfer_day_wrong", id="à venir"),
        pytest.param({"pay_on": "2026-01-01"}, 400, "transfer_day_wrong", id="à payer un jour passé"),
        pytest.param({"up_to": "2026-01-01"}, 409, "nothing_to_transfer", id="avant que rien ne vienne"),
    ],
)
async def test_a_batch_that_makes_no_sense_is_refused(
    dues: ServiceUnderTest, arranged: Arrange, given: dict[str, Any], status: int, code: str
) -> None:
    async with funded(dues, arranged) as (paying, _):
        answer = await paying.prepare(**given)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_batches_prepared_at_the_same_time_hold_the_same_money_once(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, _):
        answers = await asyncio.gather(*(paying.prepare() for _ in range(4)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
        assert {one["status"] for one in (await paying.one.get("/transfers/batches")).json()["items"]} == {"draft"}


async def test_a_batch_executed_while_another_is_prepared_is_paid_once(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async with funded(dues, arranged) as (paying, _):
        approved = await paying.done(await paying.prepared(), "approve")
        answers = await asyncio.gather(
            paying.act(approved, "execute", executed_on=TODAY, bank_reference="BNQ-1"), paying.prepare()
        )
        assert [answer.status_code for answer in answers] == [200, 409]
        due = await dues.rows("SELECT sum(amount) AS total FROM cash_part WHERE delegation IS NOT NULL")
        held = await dues.rows("SELECT sum(amount) AS total FROM transfer_line")
        assert held[0].total <= due[0].total


async def test_executed_twice_at_once_it_is_transferred_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        approved = await paying.done(await paying.prepared(), "approve")
        asked = [paying.act(approved, "execute", executed_on=TODAY, bank_reference="BNQ-1") for _ in range(3)]
        answers = await asyncio.gather(*asked)
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 2}
        [moved] = await dues.rows("SELECT sum(amount) AS total FROM transfer_movement")
        assert moved.total == Decimal("-640.00")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        pytest.param(
            "UPDATE transfer_line SET amount = amount + 0.01", "ck_transfer_line_amount", id="un centime de plus"
        ),
        pytest.param(
            "UPDATE transfer_batch SET status = 'approved', approved_at = now(), approved_by = prepared_by,"
            " file_sha256 = ''",
            "ck_transfer_batch_four_eyes",
            id="approuvé par qui l'a préparé",
        ),
        pytest.param(
            "UPDATE payee_account SET settled_by = entered_by",
            "ck_payee_account_four_eyes",
            id="confirmé par qui l'a saisi",
        ),
        pytest.param(
            "INSERT INTO transfer_line SELECT gen_random_uuid(), batch_id, reference || 'b', purpose, payee_code,"
            " delegation, account_number, due, transferred, committed, amount FROM transfer_line",
            "uq_transfer_line_batch_id_purpose_payee_code",
            id="deux lignes d'un bénéficiaire",
        ),
    ],
)
async def test_the_database_itself_refuses_it(
    dues: ServiceUnderTest, arranged: Arrange, statement: str, constraint: str
) -> None:
    await arranged(dues, both_prepared)
    with pytest.raises(IntegrityError, match=constraint):
        async with dues.runtime.database.transaction(Actor("test")) as tx:
            await tx.session.execute(text(statement))


@pytest.mark.parametrize(
    ("params", "count"),
    [
        pytest.param({}, 2, id="tous"),
        pytest.param({"status": "executed"}, 2, id="exécutés"),
        pytest.param({"status": ["draft", "rejected"]}, 0, id="ni brouillons ni rejetés"),
        pytest.param({"payee": OCCITANIE}, 1, id="d'un bénéficiaire"),
        pytest.param({"executed_from": TODAY, "executed_to": TODAY}, 2, id="du jour"),
        pytest.param({"executed_to": "2026-01-01"}, 0, id="d'avant"),
        pytest.param({"q": "-01"}, 1, id="par référence"),
    ],
)
async def test_transfers_are_filtered_and_exported(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], count: int
) -> None:
    await arranged(dues, both_transferred)
    async with treasury(dues) as paying:
        page = (await paying.one.get("/transfers/lines", params={**params, "total": True})).json()
        assert (len(page["items"]), page["total"]) == (count, count)
        export = await paying.one.get("/transfers/lines/export", params=params)
        assert len(export.text.splitlines()) - 1 == count


@pytest.mark.parametrize(
    ("params", "count"),
    [
        pytest.param({"status": "draft"}, 1, id="à approuver"),
        pytest.param({"status": "executed"}, 0, id="exécutés"),
        pytest.param({"prepared_from": TODAY, "prepared_to": TODAY}, 1, id="du jour"),
        pytest.param({"prepared_to": "2026-01-01"}, 0, id="d'avant"),
        pytest.param({"q": "VIR"}, 1, id="par référence"),
    ],
)
async def test_batches_are_filtered_and_exported(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], count: int
) -> None:
    await arranged(dues, both_prepared)
    async with treasury(dues) as paying:
        assert len((await paying.one.get("/transfers/batches", params=params)).json()["items"]) == count
        export = await paying.one.get("/transfers/batches/export", params=params)
        assert len(export.text.splitlines()) - 1 == count
