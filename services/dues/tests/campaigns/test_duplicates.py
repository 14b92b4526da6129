"""A structure that membership knew twice owes its dues once; what was issued stays as it was issued."""

from typing import Any
from uuid import UUID

import httpx

from common.contracts.membership import MemberMerged, MemberUnmerged
from common.testing.harness import ServiceUnderTest

from ..bases.test_statements import told
from .test_campaign import joined, open_campaign, previewed, run


def merged(rank: int, into: int, kind: str = "ai") -> MemberMerged:
    state = joined(rank, kind).state.model_copy(update={"status": "merged", "merged_into": UUID(int=into)})
    return MemberMerged(state=state, into_id=UUID(int=into))


def unmerged(rank: int, kind: str = "ai", from_rank: int | None = None) -> MemberUnmerged:
    return MemberUnmerged(state=joined(rank, kind).state, from_id=UUID(int=from_rank) if from_rank else None)


async def numbers(client: httpx.AsyncClient, **params: Any) -> list[str]:
    return [one["number"] for one in (await client.get("/invoices", params=params)).json()["items"]]


async def test_a_structure_is_not_called_again_for_what_its_duplicate_was(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"), joined(2, "ai"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await dues.receive(merged(1, into=2))
        [line] = (await previewed(finance, campaign["id"]))["billable"]
        assert line["member_id"] == str(UUID(int=2))
        await dues.receive(unmerged(1), merged(2, into=1))
        [called] = await run(dues, finance, campaign["id"])
        assert called["subject_id"] == str(UUID(int=1))
        await dues.receive(unmerged(2), merged(1, into=2))
        [blocked] = await run(dues, finance, campaign["id"])
        assert (blocked["outcome"], blocked["subject_id"]) == ("already_billed", str(UUID(int=2)))
        [issued] = (await finance.get("/invoices")).json()["items"]
        assert issued["member_id"] == str(UUID(int=1))
        for member in (1, 2):
            assert await numbers(finance, member_id=str(UUID(int=member))) == ["COT-2026-00001"]
    async with dues.client("member", member_id=UUID(int=2)) as own:
        assert await numbers(own) == ["COT-2026-00001"]
    async with dues.client("finance") as finance:
        await dues.receive(unmerged(1))
        again = await run(dues, finance, campaign["id"])
        assert [line["outcome"] for line in again] == ["already_billed", "invoiced"]


async def test_what_a_duplicate_declared_is_the_base_of_its_structure(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ebe"), joined(2, "ebe"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        base = await finance.put(f"/members/{UUID(int=1)}/bases/2025", json={"amount": "100000.00"})
        assert base.status_code == 200, base.text
        await dues.receive(merged(1, into=2, kind="ebe"))
        preview = await previewed(finance, campaign["id"])
        [line] = preview["billable"]
        assert (line["member_id"], preview["blocked"]) == (str(UUID(int=2)), [])
        shown = (await finance.get(f"/members/{UUID(int=2)}/bases/2025")).json()
        assert (shown["member_id"], shown["amount"]) == (str(UUID(int=2)), "100000.00")
        for method, body in (("PUT", {"amount": "1.00"}), ("GET", None)):
            gone = await finance.request(method, f"/members/{UUID(int=1)}/bases/2025", json=body)
            assert (gone.status_code, gone.json()["code"], gone.json()["into_id"]) == (
                404,
                "merged_into",
                str(UUID(int=2)),
            )
        blind = await finance.put(f"/members/{UUID(int=2)}/bases/2025", json={"amount": "200000.00"})
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
        seen = {"If-Match": '"v1"'}
        for status in (200, 412):
            own = await finance.put(f"/members/{UUID(int=2)}/bases/2025", json={"amount": "200000.00"}, headers=seen)
            assert own.status_code == status, own.text
        [again] = (await previewed(finance, campaign["id"]))["billable"]
        assert again["assessment"]["total"] != line["assessment"]["total"]


async def test_another_amount_than_a_duplicate_declared_is_explained(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ebe"), joined(2, "ebe"), told("100000.00"))
    await dues.receive(merged(1, into=2, kind="ebe"))
    path, seen = f"/members/{UUID(int=2)}/bases/2025", {"If-Match": '"v1"'}
    async with dues.client("finance") as finance:
        silent = await finance.put(path, json={"amount": "1.00"}, headers=seen)
        assert (silent.status_code, silent.json()["code"]) == (400, "base_reason_missing")
        said = await finance.put(path, json={"amount": "1.00", "reason": "comptes rectifiés"}, headers=seen)
        assert (said.status_code, said.json()["amount"]) == (200, "1.00")
    async with dues.client("delegation", delegation="bretagne") as elsewhere:
        hidden = await elsewhere.get(f"/members/{UUID(int=1)}/bases/2025")
        assert (hidden.status_code, hidden.json()["code"]) == (404, "member_unknown")


async def test_two_calls_of_one_structure_for_one_year_are_found(dues: ServiceUnderTest) -> None:
    """One of the two is to be credited: finance finds them, and each names the other."""
    await dues.receive(joined(1, "ai"), joined(2, "ai"), joined(3, "ai"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
        assert await numbers(finance, called_twice=True) == []
        await dues.receive(merged(1, into=2))
        listed = (await finance.get("/invoices", params={"called_twice": True, "total": True})).json()
        assert listed["total"] == 2
        of_two = {one["number"]: one["also_called"] for one in listed["items"]}
        first, second = sorted(of_two)
        assert of_two == {first: [second], second: [first]}
        assert len(await numbers(finance, called_twice=False)) == 1
        export = (await finance.get("/invoices/export", params={"called_twice": True})).text
        assert export.count(second) == export.count(first) == 2
        await dues.receive(unmerged(1))
        assert await numbers(finance, called_twice=True) == []
