"""A year's campaign on members as membership tells them: previewed, run, run again, printed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.dues import DuesInvoiced
from common.contracts.membership import ActivityState, MemberJoined, MemberState, MemberUpdated, PostalAddress
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from dues.app import service
from dues.legal_entities.queries import DEMO_ENTITY, load_entity

SITTING = UUID(int=7)


def joined(rank: int, kind: str, *, delegation: str | None = "occitanie") -> MemberJoined:
    state = MemberState(
        id=UUID(int=rank),
        reference=f"STR-2026-{rank:05d}",
        name=f"Structure {rank:03d} {kind}",
        siren=None,
        status="active",
        activities=(ActivityState(kind=kind, main=True),),
        delegation=delegation,
        department="31",
        address=PostalAddress(street="1 rue des Essais", postcode="31000", city="TOULOUSE"),
        joined_on=date(2025, 6, 1),
        renewed_years=(2026,),
    )
    return MemberJoined(state=state, joined_on=state.joined_on, sitting_id=SITTING, minutes_reference="PV-1")


async def open_campaign(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.post("/campaigns", json={"year": 2026, "use_published_medians": True})
    assert response.status_code == 201, response.text
    return dict(response.json())


async def previewed(client: httpx.AsyncClient, campaign_id: str) -> dict[str, Any]:
    """What the campaign would call: its totals, and its members, those to be called and those not."""
    preview: dict[str, Any] = (await client.get(f"/campaigns/{campaign_id}/preview")).json()
    lines = (await client.get(f"/campaigns/{campaign_id}/preview/members", params={"limit": 200})).json()["items"]
    for name, billable in (("billable", True), ("blocked", False)):
        preview[name] = [line for line in lines if line["billable"] is billable]
    return preview


async def run(dues: ServiceUnderTest, client: httpx.AsyncClient, campaign_id: str) -> list[dict[str, Any]]:
    campaign = await client.get(f"/campaigns/{campaign_id}")
    started = await client.post(f"/campaigns/{campaign_id}/run", headers={"If-Match": campaign.headers["etag"]})
    assert started.status_code == 202, started.text
    await dues.run_jobs()
    job_id = started.json()["job_id"]
    assert (await client.get(f"/jobs/{job_id}")).json()["status"] == "succeeded"
    return list((await client.get(f"/jobs/{job_id}/receipt")).json()["items"])


async def test_each_member_is_called_once_and_the_others_are_told_why_not(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"), joined(2, "etti"), joined(3, "ebe"), joined(4, "ges"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        preview = await previewed(finance, campaign["id"])
        assert [line["name"] for line in preview["billable"]] == [
            "Structure 001 ai",
            "Structure 002 etti",
            "Structure 004 ges",
        ]
        assert [blocker["code"] for line in preview["blocked"] for blocker in line["blockers"]] == ["base_missing"]

        receipt = await run(dues, finance, campaign["id"])
        assert [(line["outcome"], line["reference"]) for line in receipt] == [
            ("invoiced", "COT-2026-00001"),
            ("invoiced", "COT-2026-00002"),
            ("blocked", None),
            ("invoiced", "COT-2026-00003"),
        ]
        invoices = (await finance.get("/invoices", params={"sort": "number", "total": True})).json()
        assert [(i["number"], i["total"]) for i in invoices["items"]] == [
            ("COT-2026-00001", "5291.98"),
            ("COT-2026-00002", "5608.00"),
            ("COT-2026-00003", "800.00"),
        ]
        assert preview["totals"]["total"] == "11699.98"
        after = (await finance.get(f"/campaigns/{campaign['id']}")).json()
        assert after["invoiced"] == preview["totals"]


async def test_a_second_run_calls_the_newcomers_only(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
        await dues.receive(joined(2, "aci"))
        receipt = await run(dues, finance, campaign["id"])
    assert [(line["outcome"], line["reference"]) for line in receipt] == [
        ("already_billed", None),
        ("invoiced", "COT-2026-00002"),
    ]


async def test_the_fact_carries_the_amount_and_its_shares_to_the_cent(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "aci"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
    [fact] = await dues.published()
    assert isinstance(fact, DuesInvoiced)
    assert fact.state.total == Decimal("2916.26")
    assert {share.beneficiary: share.amount for share in fact.shares} == {
        "national-offer": Decimal("1458.13"),
        "delegation-occitanie": Decimal("1166.50"),
        "mutual-fund": Decimal("291.63"),
    }


async def test_the_document_is_printed_once_and_kept(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
        [invoice] = (await finance.get("/invoices")).json()["items"]
        pdf = await finance.get(f"/invoices/{invoice['id']}/pdf")
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-1.7")
    async with dues.client("member", member_id=UUID(int=2)) as neighbour:
        assert (await neighbour.get(f"/invoices/{invoice['id']}/pdf")).status_code == 404


async def test_a_declared_base_is_preferred_to_the_median(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as finance:
        declared = await finance.put(f"/members/{UUID(int=1)}/bases/2025", json={"amount": "100000.00"})
        assert declared.status_code == 200, declared.text
        campaign = await open_campaign(finance)
        preview = await previewed(finance, campaign["id"])
    assert preview["totals"]["total"] == "1400.00"


async def test_a_year_without_a_grid_is_refused_by_name(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        refused = await finance.post("/campaigns", json={"year": 2027})
    assert refused.status_code == 404
    assert refused.json()["code"] == "grid_not_found"


async def test_the_corrected_day_of_an_adhesion_decides_who_is_called(dues: ServiceUnderTest) -> None:
    fact = joined(1, "ai")
    state = fact.state.model_copy(update={"joined_on": date(2027, 1, 4), "renewed_years": ()})
    async with dues.client("finance") as client:
        await dues.receive(fact.model_copy(update={"state": state}))
        campaign = (await open_campaign(client))["id"]
        [blocked] = (await previewed(client, campaign))["blocked"]
        assert [one["code"] for one in blocked["blockers"]] == ["joined_later"]
        await dues.receive(
            MemberUpdated(state=state.model_copy(update={"joined_on": date(2026, 1, 4)}), changed=("joined_on",))
        )
        preview = await previewed(client, campaign)
        assert preview["blocked"] == []
        assert len(await run(dues, client, campaign)) == 1


@pytest.mark.parametrize(("code", "status"), [("federation", 202), ("formation", 409)])
async def test_a_run_calls_in_the_name_of_the_entity_as_it_is_that_day(
    assemble: Assemble, tmp_path: Path, code: str, status: int
) -> None:
    """Between two runs the federation changed its name: newcomers read the new one. Another entity runs nothing."""
    file, was = tmp_path / "entity.toml", DEMO_ENTITY.read_text(encoding="utf-8")
    file.write_text(was, encoding="utf-8")
    dues = await assemble(service, entity_file=file)
    async with dues.client("finance") as finance:
        await dues.receive(joined(1, "ai"))
        campaign = (await open_campaign(finance))["id"]
        await run(dues, finance, campaign)
        renamed = was.replace(load_entity(DEMO_ENTITY).name, "Nouveau nom")
        file.write_text(renamed.replace('code = "federation"', f'code = "{code}"'), encoding="utf-8")
        await dues.receive(joined(2, "ai"))
        etag = (await finance.get(f"/campaigns/{campaign}")).headers["etag"]
        possible = {"run"} if status == 202 else set()
        assert await try_acts(finance, f"/campaigns/{campaign}", {"run": ("POST", "/run", {})}) == possible
        asked = await finance.post(f"/campaigns/{campaign}/run", headers={"If-Match": etag})
        assert asked.status_code == status, asked.text
        assert await try_acts(finance, f"/campaigns/{campaign}", {"run": ("POST", "/run", {})}) == set()
        await dues.run_jobs()
    sellers = "SELECT document -> 'seller' ->> 'name' AS name FROM invoice ORDER BY number"
    names = [row.name for row in await dues.rows(sellers)]
    assert names == [load_entity(DEMO_ENTITY).name, "Nouveau nom"][: len(names)]
    assert len(names) == (2 if status == 202 else 1)


async def test_who_runs_what_somebody_has_just_run_is_told_what_it_is_now(dues: ServiceUnderTest) -> None:
    await dues.receive(joined(1, "ai"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        await run(dues, finance, campaign["id"])
        late = await finance.post(f"/campaigns/{campaign['id']}/run", headers={"If-Match": '"v1"'})
        now = (await finance.get(f"/campaigns/{campaign['id']}")).json()
    assert (late.status_code, late.json()["code"], late.json()["current"]) == (412, "version_changed", now)


async def test_a_run_takes_several_steps_whatever_the_size_of_the_federation(dues: ServiceUnderTest) -> None:
    """Stopped at any of them, what was called stays called: a run is resumed, not begun again."""
    await dues.receive(*(joined(rank, "ges") for rank in range(1, 202)))
    async with dues.client("finance") as finance:
        campaign = (await open_campaign(finance))["id"]
        asked = await finance.post(f"/campaigns/{campaign}/run", headers={"If-Match": '"v1"'})
        job = UUID(asked.json()["job_id"])
        done = []
        while (await finance.get(f"/jobs/{job}")).json()["status"] != "succeeded":
            await dues.run_step(job)
            done.append((await finance.get(f"/jobs/{job}")).json()["done"])
    assert done == [100, 200, 201, 201]
