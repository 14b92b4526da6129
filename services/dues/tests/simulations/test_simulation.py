"""A draft simulated on members as membership tells them: asked for, computed, read, exported, printed, frozen."""

import csv
import io
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.contracts.membership import MemberJoined
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, previewed
from ..drafts.test_drafts import begun, rewritten

BASES = {1: "998493.00", 2: "748664.00", 3: "1058130.00", 4: "1500000.00"}


def associate(rank: int) -> MemberJoined:
    fact = joined(rank, "ai")
    return fact.model_copy(update={"state": fact.state.model_copy(update={"category": "associate"})})


async def federation(dues: ServiceUnderTest, finance: httpx.AsyncClient) -> None:
    """Seven members: four with a base, one that owes the fixed part alone, an associate, and one without a base."""
    await dues.receive(
        joined(1, "etti", delegation="idf"),
        joined(2, "ai"),
        joined(3, "aci"),
        joined(4, "ai", delegation="idf"),
        joined(5, "ges"),
        associate(6),
        joined(7, "ebe"),
    )
    for rank, amount in BASES.items():
        stated = await finance.put(f"/members/{UUID(int=rank)}/bases/2025", json={"amount": amount})
        assert stated.status_code == 200, stated.text


async def higher_cap(finance: httpx.AsyncClient) -> dict[str, Any]:
    """Begin a draft of 2026 with a cap of 450 hours for the first group, and a fixed part of 780 euros."""
    held = await begun(finance)
    groups = [{**held["plan"]["groups"][0], "cap_hours": 450}, *held["plan"]["groups"][1:]]
    return dict((await rewritten(finance, held, groups=groups, fixed="780.00")).json())


async def simulated(
    dues: ServiceUnderTest, finance: httpx.AsyncClient, draft: dict[str, Any], **given: Any
) -> dict[str, Any]:
    asked = await finance.post(f"/grid-drafts/{draft['id']}/simulations", json={"year": 2026, **given})
    assert asked.status_code == 202, asked.text
    assert asked.headers["location"] == f"/dues/v1/jobs/{asked.json()['job_id']}"
    await dues.run_jobs()
    shown = await finance.get(f"/simulations/{asked.json()['id']}")
    assert shown.json()["status"] == "done", shown.text
    return dict(shown.json())


async def higher_cap_simulated(dues: ServiceUnderTest) -> dict[str, Any]:
    """Seven members, and what the draft with a higher cap makes of them."""
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        return await simulated(dues, finance, await higher_cap(finance))


async def lines(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(path.removeprefix("/dues/v1"), params=params or None)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_who_pays_what_who_wins_who_loses(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as finance:
        shown = await arranged(dues, higher_cap_simulated)
        summary = shown["summary"]
        assert (summary["members"], summary["blocked"]) == (7, 1)
        total = summary["total"]
        # Two were at the cap, and 50 hours of 12.02 euros more make 601.00; for all, 20 euros less of fixed part.
        assert total["sums"] == {"count": 6, "reference": "21024.24", "draft": "22106.24", "difference": "1082.00"}
        assert (total["losers"]["count"], total["losers"]["difference"]) == (2, "1162.00")
        assert (total["winners"]["count"], total["winners"]["difference"]) == (4, "-80.00")
        assert [(one["code"], one["sums"]["difference"]) for one in summary["by_delegation"]] == [
            ("idf", "1162.00"),
            ("occitanie", "-80.00"),
        ]
        assert [one["place"] for one in shown["changes"]][:2] == ["fixed", "cap_hours/ai"]
        assert shown["smic_status"] == "published"
        [reason] = summary["reasons"]
        [blocked] = await lines(finance, reason["lines"])
        assert (blocked["name"], blocked["difference"], blocked["draft_total"]) == ("Structure 007 ebe", None, None)
        assert {one["grid"] for one in blocked["blockers"]} == {"reference", "draft"}
        job = (await finance.get(f"/jobs/{shown['job_id']}")).json()
        assert (job["status"], job["done"], job["total"]) == ("succeeded", 7, 7)
        receipt = (await finance.get(f"/jobs/{shown['job_id']}/receipt")).json()["items"]
        assert sorted(line["outcome"] for line in receipt) == ["blocked", *["loser"] * 2, *["winner"] * 4]


async def test_the_grid_in_force_simulated_is_the_campaigns_preview_to_the_cent(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        campaign = await open_campaign(finance)
        preview = await previewed(finance, campaign["id"])
        shown = await simulated(dues, finance, await begun(finance), use_published_medians=True)
        held = await lines(finance, f"/simulations/{shown['id']}/lines")
        owed = {line["member_id"]: line["assessment"]["total"] for line in preview["billable"]}
        for column in ("reference_total", "draft_total"):
            assert {line["member_id"]: line[column] for line in held if line[column]} == owed
        assert {line["outcome"] for line in held if line["member_id"] in owed} == {"same"}
        assert {line["member_id"] for line in held if line["outcome"] == "blocked"} == {
            line["member_id"] for line in preview["blocked"]
        }
        assert shown["summary"]["total"]["sums"]["draft"] == preview["totals"]["total"]


async def test_every_figure_opens_to_its_rows(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as finance:
        summary = (await arranged(dues, higher_cap_simulated))["summary"]
        figures = [summary["total"], *summary["by_delegation"], *summary["by_kind"], *summary["distribution"]]
        for figure in figures:
            rows = await lines(finance, figure["lines"])
            assert len(rows) == figure["sums"]["count"], figure["label"]
            for column, name in (("reference", "reference_total"), ("draft", "draft_total")):
                assert sum(Decimal(row[name]) for row in rows) == Decimal(figure["sums"][column])
        parts = {part["code"]: part for part in summary["by_beneficiary"]}
        assert parts.keys() == {"national-offer", "mutual-fund", "delegation-idf", "delegation-occitanie"}
        assert sum(Decimal(part["draft"]) for part in parts.values()) == Decimal(summary["total"]["sums"]["draft"])
        idf = await lines(finance, parts["delegation-idf"]["lines"])
        assert {row["delegation"] for row in idf} == {"idf"}


async def test_a_simulation_stays_what_it_was(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        draft = await higher_cap(finance)
        first = await simulated(dues, finance, draft)
        kept = await lines(finance, f"/simulations/{first['id']}/lines")
        pdf = (await finance.get(f"/simulations/{first['id']}/pdf")).content
        explained = (await finance.get(f"/simulations/{first['id']}/lines/{UUID(int=1)}")).json()
        assert (await rewritten(finance, draft, fixed="0.00")).status_code == 200
        path = f"/members/{UUID(int=1)}/bases/2025"
        assert (await finance.put(path, json={"amount": "1.00"}, headers={"If-Match": '"v1"'})).status_code == 200
        second = await simulated(dues, finance, draft)
        assert (first["draft_version"], second["draft_version"]) == (2, 3)
        assert (await finance.get(f"/simulations/{first['id']}")).json() == first
        assert await lines(finance, f"/simulations/{first['id']}/lines") == kept
        assert (await finance.get(f"/simulations/{first['id']}/pdf")).content == pdf
        assert (await finance.get(f"/simulations/{first['id']}/lines/{UUID(int=1)}")).json() == explained
        listed = (await finance.get("/simulations", params={"draft_id": draft["id"], "year": 2026})).json()["items"]
        assert [one["id"] for one in listed] == [second["id"], first["id"]]


async def test_a_member_of_it_is_explained_under_both_grids(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as finance:
        shown = await arranged(dues, higher_cap_simulated)
        path = f"/simulations/{shown['id']}/lines"
        told = (await finance.get(f"{path}/{UUID(int=1)}")).json()
        assert (told["reference"]["total"], told["draft"]["total"], told["difference"]) == (
            "5608.00",
            "6189.00",
            "581.00",
        )
        assert "votée par l'assemblée générale" in told["reference"]["explanation"][0]["text"]
        assert "pas encore voté" in told["draft"]["explanation"][0]["text"]
        associated = (await finance.get(f"{path}/{UUID(int=6)}")).json()
        assert (associated["reference_variable"], associated["draft_total"]) == ("0.00", "780.00")
        blocked = (await finance.get(f"{path}/{UUID(int=7)}")).json()
        assert (blocked["reference"], blocked["draft"]) == (None, None)
        unknown = await finance.get(f"{path}/{uuid4()}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "simulated_member_unknown")


@pytest.mark.parametrize(
    ("params", "ranks"),
    [
        pytest.param({"outcome": "loser"}, [1, 4], id="qui paierait plus"),
        pytest.param({"delegation": "idf", "kind": "ai"}, [4], id="d'une délégation et d'un type"),
        pytest.param({"capped": True}, [4, 1], id="plafonnées sous le projet"),
        pytest.param({"difference_from": "0.01", "sort": "-draft_total"}, [4, 1], id="écart au-dessus de zéro"),
        pytest.param({"difference_to": "-20.00", "q": "003"}, [3], id="écart et nom"),
        pytest.param({"blocker": "base_missing"}, [7], id="par raison"),
        pytest.param({"sort": "difference", "limit": 4}, [2, 3, 5, 6], id="par écart"),
    ],
)
async def test_lines_are_filtered_sorted_and_exported_alike(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], ranks: list[int]
) -> None:
    async with dues.client("finance") as finance:
        shown = await arranged(dues, higher_cap_simulated)
        path = f"/simulations/{shown['id']}/lines"
        found = await lines(finance, path, **params)
        assert sorted(UUID(one["member_id"]).int for one in found) == sorted(ranks)
        filters = {name: value for name, value in params.items() if name not in ("sort", "limit")}
        export = await finance.get(f"{path}/export", params=filters)
        rows = list(csv.reader(io.StringIO(export.content.decode("utf-8-sig")), delimiter=";"))
        everybody = await lines(finance, path, **filters)
        assert [row[0] for row in rows[1:]] == [one["name"] for one in everybody]
        sheet = await finance.get(f"{path}/export", params={**filters, "format": "xlsx"})
        assert sheet.content[:2] == b"PK"


async def test_pages_follow_each_other_by_difference(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as finance:
        shown = await arranged(dues, higher_cap_simulated)
        path, params = f"/simulations/{shown['id']}/lines", {"sort": "-difference", "limit": 3, "total": True}
        seen: list[str] = []
        cursor = None
        while True:
            page = (await finance.get(path, params={**params, **({"cursor": cursor} if cursor else {})})).json()
            assert page["total"] == 7
            seen += [one["member_id"] for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert (len(seen), len(set(seen))) == (7, 7)


async def test_a_year_to_come_is_simulated_with_a_smic_that_is_assumed_and_stays_visible(
    dues: ServiceUnderTest,
) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        draft = await begun(finance, year=2027)
        path = f"/grid-drafts/{draft['id']}/simulations"
        blind = await finance.post(path, json={"year": 2027})
        assert (blind.status_code, blind.json()["code"]) == (409, "smic_not_published")
        needless = await finance.post(path, json={"year": 2026, "smic_hourly": "12.50"})
        assert (needless.status_code, needless.json()["code"]) == (409, "smic_published")
        assert (await finance.post(path, json={"year": 2027, "smic_hourly": "0.00"})).status_code == 422
        assert (await finance.get("/simulations")).json()["items"] == []
        shown = await simulated(dues, finance, draft, year=2027, smic_hourly="12.50", use_published_medians=True)
        assert (shown["smic_hourly"], shown["smic_status"], shown["reference_year"]) == ("12.50", "assumed", 2026)
        told = "\n".join(shown["assumptions"]).replace("\u00a0", " ")
        assert "12,50 €. Le SMIC du 1er janvier 2027 n'est pas publié." in told
        [etti] = await lines(finance, f"/simulations/{shown['id']}/lines", kind="etti")
        assert etti["draft_total"] == "5800.00", "400 hours of 12.50 euros, and the fixed part"


async def test_the_pages_for_the_assembly_are_printed_once_it_is_done(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        draft = await higher_cap(finance)
        asked = (await finance.post(f"/grid-drafts/{draft['id']}/simulations", json={"year": 2026})).json()
        assert (asked["status"], asked["summary"], asked["allowed_actions"]) == ("running", None, [])
        printing = {"download": ("GET", "/pdf", {})}
        assert await try_acts(finance, f"/simulations/{asked['id']}", printing) == set()
        early = await finance.get(f"/simulations/{asked['id']}/pdf")
        assert (early.status_code, early.json()["code"]) == (409, "simulation_unfinished")
        await dues.run_jobs()
        pdf = await finance.get(f"/simulations/{asked['id']}/pdf")
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        assert pdf.content.startswith(b"%PDF-1.7")


async def test_a_simulation_that_is_stopped_says_so(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        draft = await higher_cap(finance)
        asked = (await finance.post(f"/grid-drafts/{draft['id']}/simulations", json={"year": 2026})).json()
        stopped = await finance.post(f"/jobs/{asked['job_id']}/cancel")
        assert stopped.status_code == 200, stopped.text
        await dues.run_jobs()
        shown = (await finance.get(f"/simulations/{asked['id']}")).json()
        assert (shown["status"], shown["summary"]) == ("stopped", None)
        assert (await finance.get(f"/simulations/{asked['id']}/pdf")).status_code == 409


async def test_finance_simulates_the_board_and_the_network_read_nobody_else(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await federation(dues, finance)
        draft = await higher_cap(finance)
        shown = await simulated(dues, finance, draft)
        gone = await finance.post(f"/grid-drafts/{uuid4()}/simulations", json={"year": 2026})
        assert (gone.status_code, gone.json()["code"]) == (404, "grid_draft_not_found")
        for path in ("", "/lines", "/lines/export", f"/lines/{UUID(int=1)}", "/pdf"):
            missing = await finance.get(f"/simulations/{uuid4()}{path}")
            assert (missing.status_code, missing.json()["code"]) == (404, "simulation_not_found"), path
    own = f"/simulations/{shown['id']}"
    paths = ("/simulations", own, f"{own}/lines", f"{own}/lines/export", f"{own}/lines/{UUID(int=1)}", f"{own}/pdf")
    asking = f"/grid-drafts/{draft['id']}/simulations"
    for role in ("network", "board"):
        async with dues.client(role) as reader:
            assert [(await reader.get(path)).status_code for path in paths] == [200] * len(paths)
            assert (await reader.post(asking, json={"year": 2026})).status_code == 403
    for role, claims in (("delegation", {"delegation": "idf"}), ("member", {"member_id": UUID(int=1)})):
        async with dues.client(role, **claims) as other:  # type: ignore[arg-type]
            assert [(await other.get(path)).status_code for path in paths] == [403] * len(paths)
            assert (await other.post(asking, json={"year": 2026})).status_code == 403


async def test_a_read_takes_as_many_statements_of_three_as_of_one(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:

        async def counted() -> dict[str, int]:
            own = f"/simulations/{shown['id']}"
            paths = ("/grid-drafts", f"/grid-drafts/{draft['id']}", f"/grid-drafts/{draft['id']}/comparison")
            paths += ("/simulations", own, f"{own}/lines", f"{own}/lines/export", f"{own}/lines/{UUID(int=1)}")
            counts = {}
            for path in paths:
                with dues.statements() as sent:
                    assert (await finance.get(path)).status_code == 200, path
                counts[path.replace(shown["id"], "s").replace(draft["id"], "d")] = len(sent)
            return counts

        await dues.receive(joined(1, "ges"))
        draft = await begun(finance)
        shown = await simulated(dues, finance, draft)
        alone = await counted()
        await dues.receive(joined(2, "ges"), joined(3, "ges"))
        for label in ("Un autre", "Un troisième"):
            draft = await begun(finance, label=label)
            shown = await simulated(dues, finance, draft)
        assert await counted() == alone
