"""A grid being prepared: begun, written in several goes, looked at beside the grid in force, thrown away."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from dues.drafts.domain import Draft, Plan, compare, plan_of
from dues.grids.domain import Activity, Joiners, assess, declared_base, defects
from dues.grids.queries import grid_of, smic_table

GRID = grid_of(2026)


def draft(plan: Plan) -> Draft:
    return Draft(id=UUID(int=1), label="Essai", year=2026, plan=plan, version=1, simulated_at=None)


async def begun(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    body = {"label": "Plafond à 450 heures", "year": 2026, "from_year": 2026, **given}
    response = await client.post("/grid-drafts", json=body)
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"/dues/v1/grid-drafts/{response.json()['id']}"
    assert response.headers["etag"] == '"v1"'
    return dict(response.json())


async def rewritten(client: httpx.AsyncClient, held: dict[str, Any], **figures: Any) -> httpx.Response:
    body = {"label": held["label"], "year": held["year"], "plan": {**held["plan"], **figures}}
    headers = {"If-Match": f'"v{held["version"]}"'}
    return await client.put(f"/grid-drafts/{held['id']}", json=body, headers=headers)


def test_a_draft_of_the_grid_in_force_asks_the_same_of_everybody() -> None:
    proposed = draft(plan_of(GRID)).grid
    assert defects(proposed) == ()
    for kind in ("ai", "aci", "ei", "ges"):
        activities = (Activity(kind=kind, main=True),)
        base = declared_base(Decimal("998493.17"))
        before, after = (assess(grid, smic_table(), base, activities) for grid in (GRID, proposed))
        assert (before.fixed, before.variable, before.total) == (after.fixed, after.variable, after.total)
    assert not any(change.changed for change in compare(GRID, proposed))


def test_what_changes_is_told_kind_by_kind() -> None:
    plan = plan_of(GRID)
    first = replace(plan.groups[0], rate=Decimal("0.0055"), cap_hours=450)
    proposed = replace(plan, fixed=Decimal(850), groups=(first, *plan.groups[1:]), joiners=Joiners.MONTHLY)
    told = {one.place: (one.label, one.before, one.after) for one in compare(GRID, draft(proposed).grid) if one.changed}
    assert told.keys() == {
        "fixed", "joiners", *(f"{what}/{kind}" for what in ("rate", "cap_hours") for kind in first.kinds)
    }  # fmt: skip
    assert told["rate/ai"] == ("AI : taux", "0,6\u00a0%", "0,55\u00a0%")
    assert told["cap_hours/ai"] == ("AI : plafond", "400 heures de SMIC", "450 heures de SMIC")


def test_a_kind_that_a_draft_leaves_out_is_compared_with_nothing() -> None:
    plan = plan_of(GRID)
    told = {one.place: one for one in compare(GRID, draft(replace(plan, groups=plan.groups[1:])).grid)}
    assert (told["rate/etti"].before, told["rate/etti"].after) == ("0,6\u00a0%", None)


async def test_a_draft_begins_from_the_grid_of_a_year(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        held = await begun(finance)
        assert (held["defects"], held["blockers"]) == ([], {})
        assert held["allowed_actions"] == ["update", "delete", "simulate"]
        assert held["plan"]["fixed"] == "800.00"
        assert held["plan"]["groups"][0] == {
            "label": "AI, ETTI, ETT-ESS, SAP Proxim'",
            "kinds": ["ai", "etti", "ett-ess", "sap-proxim"],
            "rate": "0.006",
            "cap_hours": 400,
        }
        unknown = await finance.post("/grid-drafts", json={"label": "Essai", "year": 2026, "from_year": 2019})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "grid_not_found")
        compared = (await finance.get(f"/grid-drafts/{held['id']}/comparison")).json()
        assert (compared["reference_year"], compared["draft_version"]) == (2026, 1)
        assert not any(line["changed"] for line in compared["lines"])


async def test_a_draft_of_nothing_shows_all_that_is_to_be_written(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        held = await begun(finance, from_year=None, year=2031)
        assert {one["code"] for one in held["defects"]} == {"kind_without_group", "shares_not_whole"}
        assert len(held["defects"]) == 10
        assert held["allowed_actions"] == ["update", "delete"]
        assert [one["code"] for one in held["blockers"]["simulate"]] == ["grid_unusable"]
        refused = await finance.post(f"/grid-drafts/{held['id']}/simulations", json={"year": 2026})
        assert (refused.status_code, refused.json()["code"]) == (409, "grid_unusable")
        assert refused.json()["errors"] == held["defects"]
        compared = (await finance.get(f"/grid-drafts/{held['id']}/comparison")).json()
        assert compared["reference_year"] == 2026, "no grid is voted for 2031: the latest"


async def test_a_draft_is_written_in_several_goes_be_it_unusable(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        held = await begun(finance)
        groups = [{**held["plan"]["groups"][0], "rate": "1.5", "cap_hours": None}, *held["plan"]["groups"][1:]]
        shares = [{"beneficiary": "mutual-fund", "percent": "12.5"}]
        written = await rewritten(finance, held, groups=groups, shares=shares, due_days=-1)
        assert (written.status_code, written.headers["etag"]) == (200, '"v2"')
        assert [(one["pointer"], one["code"]) for one in written.json()["defects"]] == [
            ("/groups/0/rate", "rate_out_of_range"),
            ("/groups/0/cap_hours", "cap_missing"),
            ("/due_days", "due_days_out_of_range"),
            ("/shares/0/percent", "mutual_fund_too_large"),
            ("/shares", "shares_not_whole"),
        ]
        late = await rewritten(finance, held)
        assert (late.status_code, late.json()["code"], late.json()["current"]["version"]) == (412, "version_changed", 2)
        path, body = f"/grid-drafts/{held['id']}", {"label": "Essai", "year": 2026, "plan": held["plan"]}
        blind = await finance.put(path, json=body)
        assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
        again = await rewritten(finance, written.json(), **held["plan"])
        assert (again.json()["defects"], again.json()["plan"]) == ([], held["plan"])


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param({"groups": [{"label": "AI", "kinds": ["coop"], "rate": "0"}]}, id="type inconnu"),
        pytest.param({"fixed": "NaN"}, id="montant qui n'en est pas un"),
        pytest.param({"shares": [{"beneficiary": "delegation", "percent": "1e400"}]}, id="part démesurée"),
        pytest.param({"joiners": "weekly"}, id="règle inconnue"),
        pytest.param({"colour": "red"}, id="champ inconnu"),
    ],
)
async def test_what_no_grid_can_hold_is_refused(dues: ServiceUnderTest, figures: dict[str, Any]) -> None:
    async with dues.client("finance") as finance:
        held = await begun(finance)
        assert (await rewritten(finance, held, **figures)).status_code == 422
        assert (await finance.get(f"/grid-drafts/{held['id']}")).json() == held


async def test_a_draft_is_thrown_away_until_it_is_simulated(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        kept, gone = await begun(finance), await begun(finance, label="À jeter")
        seen = {"If-Match": '"v1"'}
        assert (await finance.delete(f"/grid-drafts/{gone['id']}")).status_code == 428
        assert (await finance.delete(f"/grid-drafts/{gone['id']}", headers=seen)).status_code == 204
        assert (await finance.get(f"/grid-drafts/{gone['id']}")).json()["code"] == "grid_draft_not_found"
        asked = await finance.post(f"/grid-drafts/{kept['id']}/simulations", json={"year": 2026})
        assert asked.status_code == 202, asked.text
        refused = await finance.delete(f"/grid-drafts/{kept['id']}", headers=seen)
        assert (refused.status_code, refused.json()["code"]) == (409, "grid_draft_simulated")
        shown = (await finance.get(f"/grid-drafts/{kept['id']}")).json()
        assert [one["code"] for one in shown["blockers"]["delete"]] == ["grid_draft_simulated"]
        assert shown["allowed_actions"] == ["update", "simulate"]


async def test_drafts_are_found_by_name_and_year(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        for label, year in (("Baisse des AI", 2027), ("Hausse des AI", 2027), ("Statu quo", 2026)):
            await begun(finance, label=label, year=year)

        async def labels(**params: Any) -> list[str]:
            return [one["label"] for one in (await finance.get("/grid-drafts", params=params)).json()["items"]]

        assert await labels(sort="label") == ["Baisse des AI", "Hausse des AI", "Statu quo"]
        assert await labels() == ["Statu quo", "Hausse des AI", "Baisse des AI"]
        assert await labels(q="hausse") == ["Hausse des AI"]
        assert await labels(year=2026) == ["Statu quo"]
        page = (await finance.get("/grid-drafts", params={"limit": 2, "total": True})).json()
        rest = await labels(limit=2, cursor=page["next_cursor"])
        assert (page["total"], rest) == (3, ["Baisse des AI"])


async def test_finance_writes_the_board_and_the_network_read_nobody_else(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        held = await begun(finance)
        for method in ("get", "put", "delete"):
            body = {"json": {"label": "x", "year": 2026, "plan": held["plan"]}} if method == "put" else {}
            gone = await finance.request(method, f"/grid-drafts/{uuid4()}", headers={"If-Match": '"v1"'}, **body)
            assert (gone.status_code, gone.json()["code"]) == (404, "grid_draft_not_found"), method
    paths = ("", f"/{held['id']}", f"/{held['id']}/comparison")
    for role in ("network", "board"):
        async with dues.client(role) as reader:
            for path in paths:
                assert (await reader.get(f"/grid-drafts{path}")).status_code == 200, (role, path)
            assert (await reader.get(f"/grid-drafts/{held['id']}")).json()["allowed_actions"] == []
            assert (await rewritten(reader, held)).status_code == 403
            assert (await reader.post("/grid-drafts", json={"label": "x", "year": 2026})).status_code == 403
            assert (await reader.delete(f"/grid-drafts/{held['id']}")).status_code == 403
    async with dues.client("delegation", delegation="occitanie") as region, dues.client("member") as member:
        for client in (region, member):
            for path in paths:
                assert (await client.get(f"/grid-drafts{path}")).status_code == 403
