"""Entries in the books: numbered without a hole, once per act, never rewritten, undone by their mirror, lettered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.accounting import posting
from common.accounting.books import Posted
from common.accounting.entries import Auxiliary, Entry, Journal, Source
from common.clock import legal_day
from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.ledger.domain import Purpose
from dues.ledger.queries import credit, debit

ENTITY = "federation"
DAY = date(2026, 1, 15)


def member(rank: int) -> Auxiliary:
    return Auxiliary(f"m-{rank}", f"Structure {rank}")


def call(rank: int, amount: str = "100.00", *, day: date = DAY, of: int | None = None) -> Entry:
    """Make the entry of a call for dues, to the member of that rank."""
    return Entry(
        entity=ENTITY,
        journal=Journal.SALES,
        day=day,
        piece=f"COT-{day.year}-{rank:05d}",
        piece_on=day,
        label=f"Appel {rank}",
        source=Source("invoice", str(rank)),
        lines=(
            debit(Purpose.MEMBER, Decimal(amount), member(of or rank), about=f"COT-{of or rank}"),
            credit(Purpose.INCOME, Decimal(amount)),
        ),
    )


def payment(rank: int, amount: str = "100.00", *, day: date = DAY, of: int | None = None) -> Entry:
    """Make the entry of a payment by the member of that rank."""
    return Entry(
        entity=ENTITY,
        journal=Journal.BANK,
        day=day,
        piece=f"REC-{rank}",
        piece_on=day,
        label=f"Règlement {rank}",
        source=Source("receipt", str(rank)),
        lines=(
            debit(Purpose.BANK, Decimal(amount)),
            credit(Purpose.MEMBER, Decimal(amount), member(of or rank), about=f"COT-{of or rank}"),
        ),
    )


async def post(dues: ServiceUnderTest, *entries: Entry) -> list[Posted]:
    async with dues.runtime.database.transaction(Actor("finance")) as tx:
        return await posting.post(tx, entries)


async def reverse(dues: ServiceUnderTest, posted: Posted, reason: str = "erreur") -> Posted:
    async with dues.runtime.database.transaction(Actor("finance")) as tx:
        return await posting.reverse(tx, ENTITY, posted.id, reason)


async def letters(dues: ServiceUnderTest) -> dict[str, str | None]:
    """Return the code of each line of the members' account, by the number of its entry."""
    query = (
        "SELECT number, letter FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id WHERE account = '411'"
        " ORDER BY rank"
    )
    return {row.number[-1]: row.letter for row in await dues.rows(query)}


async def ranks(dues: ServiceUnderTest, year: int = 2026) -> Sequence[int]:
    query = "SELECT rank FROM ledger_entry WHERE year = :year ORDER BY rank"
    return [row.rank for row in await dues.rows(query, year=year)]


async def test_numbers_follow_each_other_per_year(dues: ServiceUnderTest) -> None:
    posted = await post(dues, call(1), call(2, day=date(2025, 12, 31)), call(3))
    assert [one.number for one in posted] == ["ECR-2026-00001", "ECR-2025-00001", "ECR-2026-00002"]
    assert [one.number for one in await post(dues, call(4))] == ["ECR-2026-00003"]


async def test_an_act_is_posted_once_and_a_refusal_leaves_no_hole(dues: ServiceUnderTest) -> None:
    await post(dues, call(1))
    with pytest.raises(Refusal) as refused:
        await post(dues, call(2), call(1))
    assert refused.value.code == "entry_posted"
    assert await post(dues) == []
    await post(dues, call(2))
    assert await ranks(dues) == [1, 2]


async def test_an_act_twice_in_one_batch_is_refused(dues: ServiceUnderTest) -> None:
    with pytest.raises(Refusal) as refused:
        await post(dues, call(1), call(1))
    assert refused.value.code == "entry_posted"
    assert await ranks(dues) == []


async def test_many_writers_at_once_leave_neither_a_duplicate_nor_a_hole(dues: ServiceUnderTest) -> None:
    batches = [[call(writer * 100 + rank) for rank in range(20)] for writer in range(8)]
    await asyncio.gather(*(post(dues, *batch) for batch in batches))
    assert await ranks(dues) == list(range(1, 161))


async def test_hundreds_are_written_in_as_many_statements_as_one(dues: ServiceUnderTest) -> None:
    await post(dues, call(1))  # opens the books
    counts = []
    for batch in ([call(2)], [call(rank) for rank in range(3, 603)]):
        with dues.statements() as sent:
            await post(dues, *batch)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_an_entry_of_tomorrow_is_refused(dues: ServiceUnderTest) -> None:
    tomorrow = legal_day(dues.runtime.clock.now()) + timedelta(days=1)
    with pytest.raises(Refusal) as refused:
        await post(dues, call(1, day=tomorrow))
    assert refused.value.code == "entry_day_in_future"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET label = 'autre'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_line SET debit = debit + 1",
        "UPDATE ledger_line SET auxiliary = 'm-2', letter = 'AA', lettered_on = now()",
        "DELETE FROM ledger_line",
        "TRUNCATE ledger_line",
        "UPDATE ledger_period_act SET reason = 'autre'",
        "DELETE FROM ledger_period_act",
    ],
)
async def test_the_database_refuses_to_rewrite_the_books(dues: ServiceUnderTest, statement: str) -> None:
    await post(dues, call(1))
    with pytest.raises(DBAPIError, match="the ledger is never rewritten"):
        async with dues.runtime.database.transaction(Actor("finance")) as tx:
            await tx.session.execute(text(statement))


async def test_a_mirror_undoes_an_entry_once(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1))
    mirrored = await reverse(dues, posted, "structure sortie")
    async with dues.client("finance") as finance:
        shown = (await finance.get(f"/ledger/entries/{mirrored.id}")).json()
        first = (await finance.get(f"/ledger/entries/{posted.id}")).json()
    assert (shown["label"], shown["day"]) == ("Extourne de ECR-2026-00001 : structure sortie", "2026-01-15")
    assert [(line["account"], line["debit"], line["credit"]) for line in shown["lines"]] == [
        ("411", "0.00", "100.00"),
        ("756", "100.00", "0.00"),
    ]
    assert first["reversed_by"] == mirrored.number
    assert [line["letter"] for line in (first["lines"][0], shown["lines"][0])] == ["AA", "AA"]
    for one in (posted, mirrored):
        with pytest.raises(Refusal) as refused:
            await reverse(dues, one)
        assert refused.value.code == "entry_reversed"


async def test_two_who_reverse_at_once_reverse_once(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1))
    outcomes = await asyncio.gather(*(reverse(dues, posted) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, Posted) for one in outcomes) == 1
    assert {one.code for one in outcomes if isinstance(one, Refusal)} <= {"entry_posted", "entry_reversed"}
    assert await ranks(dues) == [1, 2]


async def test_lines_about_one_thing_bear_one_code_once_they_sum_to_nothing(dues: ServiceUnderTest) -> None:
    await post(dues, call(1), call(2), payment(1), payment(2, "40.00"))
    assert await letters(dues) == {"1": "AA", "2": None, "3": "AA", "4": None}
    await post(dues, payment(3, "60.00", of=2))
    assert await letters(dues) == {"1": "AA", "2": "AB", "3": "AA", "4": "AB", "5": "AB"}


async def test_what_is_owed_again_is_not_lettered_any_more(dues: ServiceUnderTest) -> None:
    _, received = await post(dues, call(1), payment(1))
    await reverse(dues, received, "rejet AM04")
    assert await letters(dues) == {"1": None, "2": None, "3": None}
    await post(dues, payment(2, of=1))
    assert await letters(dues) == {"1": "AB", "2": "AB", "3": "AB", "4": "AB"}


async def test_lines_of_another_entity_settle_nothing(dues: ServiceUnderTest) -> None:
    await post(dues, call(1), replace(payment(1), entity="formation"))
    assert set((await letters(dues)).values()) == {None}


async def test_hundreds_are_lettered_in_as_many_statements_as_one(dues: ServiceUnderTest) -> None:
    await post(dues, *(call(rank) for rank in range(1, 602)))
    counts = []
    for batch in ([payment(1)], [payment(rank) for rank in range(2, 602)]):
        with dues.statements() as sent:
            await post(dues, *batch)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    query = "SELECT count(DISTINCT letter) AS codes, count(letter) AS lines FROM ledger_line WHERE account = '411'"
    assert [tuple(row) for row in await dues.rows(query)] == [(601, 1_202)]
