"""Closed months: in order, once over, opened again with a reason; what is closed takes nothing, even at once."""

import asyncio
from datetime import date

import httpx
import pytest

from common.accounting import acts, posting
from common.errors import Refusal
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

from .test_posting import ENTITY, call, post, reverse


async def close(client: httpx.AsyncClient, month: str) -> httpx.Response:
    return await client.post(f"/ledger/periods/{month}/close")


async def test_months_close_in_order_and_the_last_opens_again_for_a_reason(dues: ServiceUnderTest) -> None:
    reason = {"reason": "facture oubliée"}
    async with dues.client("finance") as finance:
        untouched = (await finance.get("/ledger/periods")).json()
        assert (untouched["closed_through"], untouched["allowed_actions"]) == (None, ["close"])
        assert (await close(finance, "2026-01")).json()["closed_through"] == "2026-01-31"
        skipped = await close(finance, "2026-03")
        closed = (await close(finance, "2026-02")).json()
        earlier = await finance.post("/ledger/periods/2026-01/reopen", json=reason)
        opened = (await finance.post("/ledger/periods/2026-02/reopen", json=reason)).json()
    assert (skipped.status_code, skipped.json()["code"], skipped.json()["next"]) == (
        409,
        "period_out_of_order",
        "2026-02",
    )
    assert (closed["closed_through"], closed["next_month"]) == ("2026-02-28", "2026-03")
    assert closed["allowed_actions"] == ["close", "reopen"]
    assert (earlier.status_code, earlier.json()["code"]) == (409, "period_not_last_closed")
    assert opened["closed_through"] == "2026-01-31"
    assert [(act["month"], act["act"], act["reason"]) for act in opened["history"]] == [
        ("2026-02", "reopened", "facture oubliée"),
        ("2026-02", "closed", None),
        ("2026-01", "closed", None),
    ]


async def test_a_month_that_is_not_over_does_not_close(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        refused = await close(finance, f"{dues.runtime.clock.now():%Y-%m}")
        assert (await finance.get("/ledger/periods")).json()["history"] == []
        malformed = await close(finance, "2026-13")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_not_over")
    assert malformed.status_code == 422


async def test_a_closed_month_refuses_every_entry_and_the_next_one_takes_them(dues: ServiceUnderTest) -> None:
    [posted] = await post(dues, call(1, day=date(2026, 1, 31)))
    async with dues.client("finance") as finance:
        await close(finance, "2026-01")
    with pytest.raises(Refusal) as refused:
        await post(dues, call(2, day=date(2026, 2, 1)), call(3, day=date(2026, 1, 31)))
    assert refused.value.code == "period_closed"
    await post(dues, call(2, day=date(2026, 2, 1)))
    mirrored = await reverse(dues, posted)
    [row] = await dues.rows("SELECT day, posted_on FROM ledger_entry WHERE id = :id", id=mirrored.id)
    assert row.day == row.posted_on, "what undoes an entry of a closed month is of today"


async def test_who_writes_while_a_month_closes_is_in_it_or_refused(dues: ServiceUnderTest) -> None:
    """The closing waits for those who are writing; those who come after it are refused."""
    database = dues.runtime.database
    written, closed = asyncio.Event(), asyncio.Event()

    async def write_slowly() -> None:
        async with database.transaction(Actor("finance")) as tx:
            await posting.post(tx, [call(1)])
            written.set()
            await _waits_for_a_lock(dues)
            assert not closed.is_set(), "an entry is on its way"

    async def close_meanwhile() -> None:
        await written.wait()
        async with database.transaction(Actor("finance")) as tx:
            await acts.close_month(tx, ENTITY, date(2026, 1, 1))
            closed.set()

    await asyncio.gather(write_slowly(), close_meanwhile())
    with pytest.raises(Refusal) as refused:
        await post(dues, call(2))
    assert refused.value.code == "period_closed"


async def test_who_writes_while_a_month_is_being_closed_waits_and_is_refused(dues: ServiceUnderTest) -> None:
    await post(dues, call(1))
    async with dues.runtime.database.transaction(Actor("finance")) as tx:
        await acts.close_month(tx, ENTITY, date(2026, 1, 1))
        writing = asyncio.ensure_future(post(dues, call(2)))
        await _waits_for_a_lock(dues)
    with pytest.raises(Refusal) as refused:
        await writing
    assert refused.value.code == "period_closed"


async def _waits_for_a_lock(dues: ServiceUnderTest) -> None:
    """Return once a session of this database waits for another."""
    query = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    await eventually(lambda: dues.rows(query), awaited="a session that waits for a lock")
