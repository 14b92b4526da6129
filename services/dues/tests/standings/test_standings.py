"""Where members stand: told when an act or a day changes it, once; listed, counted, exported, each within reach."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from common.clock import legal_day
from common.contracts.dues import DuesStandingChanged, InvoiceFact, PlanFact
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.standings import use_cases

from ..campaigns.test_duplicates import merged, unmerged
from ..credit_notes.test_credits import WHY
from ..receipts.desk import DUE, MEMBER, OTHER, Desk, desk

DUE_DAYS, GRACE_DAYS = 30, 30


async def hear(dues: ServiceUnderTest) -> None:
    """Hear our own facts of calls, as the bus brings them back."""
    await dues.receive(*(fact for fact in await dues.published() if isinstance(fact, InvoiceFact | PlanFact)))


async def told(dues: ServiceUnderTest, member: str = MEMBER) -> list[str]:
    facts = [fact for fact in await dues.published() if isinstance(fact, DuesStandingChanged)]
    return [fact.state.standing for fact in facts if str(fact.state.member_id) == member]


async def of(client: httpx.AsyncClient, member: str = MEMBER) -> dict[str, Any]:
    [found] = (await client.get(f"/standings/{member}")).json()["items"]
    return dict(found)


async def test_days_and_acts_change_it_and_each_change_is_told_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        await hear(dues)
        called = await of(finance.client)
        assert (called["standing"], called["owed"], called["until"]) == ("up_to_date", DUE, called["due_on"])
    for days, standing in ((DUE_DAYS, "up_to_date"), (DUE_DAYS + 1, "grace"), (DUE_DAYS + GRACE_DAYS + 1, "overdue")):
        async with dues.days_later(days) as later, later.client("finance") as client:
            assert (await of(client))["standing"] == standing
    assert await told(dues) == ["up_to_date", "grace", "overdue"]
    async with dues.days_later(70) as later, later.client("finance") as client:
        received = await Desk(client).enter()
        await hear(later)
        paid = await of(client)
        assert (paid["standing"], paid["until"], paid["owed"]) == ("up_to_date", None, "0.00")
        assert paid["explanation"] == "Tout ce qui a été appelé est réglé ou annulé."
        await Desk(client).done(received, "cancel", reason="Saisi deux fois")
        await hear(later)
        assert (await of(client))["standing"] == "overdue"
        assert (await of(client, OTHER))["standing"] == "overdue"
    assert await told(dues) == ["up_to_date", "grace", "overdue", "up_to_date", "overdue"]
    assert await told(dues, OTHER) == ["up_to_date", "grace", "overdue"]


async def test_what_is_heard_twice_is_told_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged):
        await hear(dues)
        await hear(dues)
    assert await told(dues) == ["up_to_date"]


async def test_two_who_look_at_once_tell_once(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async def look() -> None:
        async with dues.runtime.database.transaction(Actor("test")) as tx:
            await use_cases.refresh(tx, members)

    async with desk(dues, arranged):
        members = [row.member_id for row in await dues.rows("SELECT member_id FROM invoice")]
        await asyncio.gather(*(look() for _ in range(6)))
    assert (await told(dues), await told(dues, OTHER)) == (["up_to_date"], ["up_to_date"])


async def test_a_plan_that_is_kept_is_not_late(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """What is broken is late as ever; an instalment that is missed, from its day on."""
    async with desk(dues, arranged):
        await hear(dues)
    async with dues.days_later(70) as later, later.client("finance") as client:
        today = legal_day(later.runtime.clock.now())
        schedule = {
            "instalments": [{"day": str(today + timedelta(days=days)), "amount": "400.00"} for days in (10, 40)]
        }
        agreed = await client.post("/plans", json={"member_id": MEMBER, "schedule": schedule, "reason": "Trésorerie"})
        assert agreed.status_code == 201, agreed.text
        await hear(later)
        kept = await of(client)
        assert (kept["standing"], kept["until"]) == ("plan", str(today + timedelta(days=10)))
    async with dues.days_later(81) as later, later.client("finance") as client:
        assert (await of(client))["standing"] == "grace"
        plan = (await client.get("/plans")).json()["items"][0]
        seen = {"If-Match": f'"v{plan["version"]}"'}
        broken = await client.post(f"/plans/{plan['id']}/break", json={"reason": "Rien ne vient"}, headers=seen)
        assert broken.status_code == 200, broken.text
        await hear(later)
        assert (await of(client))["standing"] == "overdue"


async def test_a_voided_call_leaves_nothing_late(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged):
        await hear(dues)
    async with dues.days_later(70) as later, later.client("finance") as client:
        call = (await Desk(client).calls())["1"]
        assert (await client.post(f"/invoices/{call['id']}/void", json=WHY)).status_code == 201
        await hear(later)
        assert (await of(client))["standing"] == "up_to_date"


async def test_what_a_duplicate_was_called_for_is_the_members(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        await hear(dues)
        await dues.receive(merged(1, 2, "ges"))
        duplicate = (await finance.client.get(f"/standings/{MEMBER}")).json()
        assert (duplicate["code"], duplicate["into_id"]) == ("merged_into", OTHER)
        assert (await of(finance.client, OTHER))["owed"] == str(2 * Decimal(DUE))
        assert [one["member_id"] for one in (await finance.client.get("/standings")).json()["items"]] == [OTHER]
        await dues.receive(unmerged(1, "ges", from_rank=2))
        assert [(await of(finance.client, one))["owed"] for one in (MEMBER, OTHER)] == [DUE, DUE]


@pytest.mark.parametrize(
    ("params", "members"),
    [
        pytest.param({}, [MEMBER, OTHER], id="tout"),
        pytest.param({"year": 2020}, [], id="une autre année"),
        pytest.param({"standing": "overdue"}, [], id="une situation où personne n'est"),
        pytest.param({"standing": ["overdue", "up_to_date"], "delegation": "bretagne"}, [OTHER], id="une délégation"),
        pytest.param({"member_id": MEMBER}, [MEMBER], id="une structure"),
        pytest.param({"q": "STRUCTURE 002"}, [OTHER], id="un nom"),
    ],
)
async def test_the_list_is_filtered(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], members: list[str]
) -> None:
    async with desk(dues, arranged) as finance:
        await hear(dues)
        page = (await finance.client.get("/standings", params=params)).json()
        assert [one["member_id"] for one in page["items"]] == members
        exported = await finance.client.get("/standings/export", params=params)
        assert exported.text.count("\r\n") == len(members) + 1


async def test_the_summary_counts_and_says_its_rule(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        await finance.enter()
        await hear(dues)
        found = (await finance.client.get("/standings/summary", params={"year": 2026})).json()
    assert found["counts"] == [
        {"standing": "up_to_date", "standing_label": "à jour", "count": 2, "owed": DUE},
    ]
    assert (found["grace"]["days"], found["grace"]["status"]) == (GRACE_DAYS, "assumed")


@pytest.mark.parametrize(
    ("role", "claims", "seen"),
    [
        ("finance", {}, [MEMBER, OTHER]),
        ("network", {}, [MEMBER, OTHER]),
        ("board", {}, [MEMBER, OTHER]),
        ("delegation", {"delegation": "bretagne"}, [OTHER]),
        ("member", {"member_id": MEMBER}, [MEMBER]),
    ],
)
async def test_who_sees_them(
    dues: ServiceUnderTest, arranged: Arrange, role: str, claims: dict[str, Any], seen: list[str]
) -> None:
    async with desk(dues, arranged):
        await hear(dues)
        async with dues.client(role, **claims) as client:
            listed = (await client.get("/standings")).json()["items"]
            assert [one["member_id"] for one in listed] == seen
            summary = (await client.get("/standings/summary", params={"year": 2026})).json()
            assert sum(one["count"] for one in summary["counts"]) == len(seen)
            for member in (MEMBER, OTHER):
                answer = await client.get(f"/standings/{member}")
                assert answer.status_code == (200 if member in seen else 404)


async def test_a_role_that_reads_none_is_refused(dues: ServiceUnderTest) -> None:
    async with dues.client("training") as client:
        for path in ("", "/export", "/summary?year=2026", f"/{MEMBER}"):
            assert (await client.get(f"/standings{path}")).status_code == 403


async def test_many_are_looked_at_in_as_many_statements_as_one(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged):
        members = [row.member_id for row in await dues.rows("SELECT member_id FROM invoice")]
        counts = []
        for batch in (members[:1], members):
            with dues.statements() as sent:
                async with dues.runtime.database.transaction(Actor("test")) as tx:
                    await use_cases.refresh(tx, batch)
            counts.append(len([one for one, _ in sent if not one.startswith("INSERT INTO event")]))
    assert counts[0] == counts[1]
