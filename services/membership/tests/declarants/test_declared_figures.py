"""What a campaign was told, exported: a line for each structure and activity, within reach, as last corrected."""

import io
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from common.testing.harness import ServiceUnderTest

from ..declarations.test_declaring import FIGURES, declared, form, opened, put
from ..members.test_dates import enter, on
from .test_follow_up import CAMPAIGN, FOLLOW_UP, exported_lines, member, names

EXPORT = f"{CAMPAIGN}/figures/export"
INCOME = "Total des produits d'exploitation (total_operating_income)"
TURNOVER = "Chiffre d'affaires (turnover)"
PATHWAY = "Personnes en parcours (headcount_pathway)"
TWO = {
    **FIGURES,
    "turnover@aci": "1000",
    "charges@aci": "900",
    "headcount_permanent@aci": "1",
    "headcount_pathway@aci": "8",
}


async def test_every_figure_stands_in_its_column_as_last_corrected(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        table = exported_lines(await client.get(EXPORT))
        questions = (await client.get("/questionnaires/2025")).json()["questions"]
        path = form(f"/members/{ids['B']}")
        given = (await client.get(f"{path}/revisions/2")).json()
        assert [line["nom"] for line in table] == ["A", "B"], "a draft is nothing that was declared"
        assert list(table[0])[10:] == [f"{one['label']} ({one['code']})" for one in questions]
        corrected = table[1]
        assert {name: corrected[name] for name in list(corrected)[1:10]} == {
            "nom": "B", "delegation": "idf", "type": "AI", "declaree_le": on(0), "tardive": "non", "dispensee": "non",
            "revision": "2", "revision_du": on(0), "revision_par": given["recorded_by"],
        }  # fmt: skip
        said = {f"{one['label'].removesuffix(' (AI)')} ({one['code']})": one["value"] for one in given["figures"]}
        assert {name: value for name, value in list(corrected.items())[10:] if value} == said
        assert said[INCOME] == "748000.00"
        book = load_workbook(io.BytesIO((await client.get(EXPORT, params={"format": "xlsx"})).content))
        header, *lines = book.active.iter_rows(values_only=True) if book.active else []
        assert list(header) == list(table[0])
        assert [line[header.index(INCOME)] for line in lines] == [748664, 748000]


async def test_a_structure_of_two_activities_has_two_lines_that_add_up(membership: ServiceUnderTest) -> None:
    """Late and excused are said of it too, and it is filtered as in the list."""
    async with membership.client("network", "board") as client:
        both, one = await member(client, "A", kinds=("ai", "aci")), await member(client, "B")
        await opened(client, 2025, days=0)
        excused = await client.post(f"{FOLLOW_UP}/{both}/exempt", json={"reason": "créée en 2026"})
        assert excused.status_code == 200, excused.text
        await declared(client, form(f"/members/{one}"), FIGURES)
    async with membership.days_later(1) as later, later.client("network") as client:
        await declared(client, form(f"/members/{both}"), TWO)
        lines = exported_lines(await client.get(EXPORT))
        asked = (TURNOVER, PATHWAY, INCOME)
        assert [(line["nom"], line["type"], *(line[name] for name in asked)) for line in lines] == [
            ("A", "AI", "612400.50", "164", "748664.00"),
            ("A", "ACI", "1000.00", "8", ""),
            ("B", "AI", "612400.50", "164", "748664.00"),
        ]
        assert [(line["tardive"], line["dispensee"], line["declaree_le"]) for line in lines] == [
            ("oui", "oui", on(1)), ("oui", "oui", on(1)), ("non", "non", on(0)),
        ]  # fmt: skip
        for params in (
            {"kind": "aci"},
            {"late": True},
            {"delegation": "occitanie"},
            {"state": "draft"},
            {"expected": True},
        ):
            exported = exported_lines(await client.get(EXPORT, params=params))
            assert list(dict.fromkeys(line["nom"] for line in exported)) == await names(client, **params)


@pytest.mark.parametrize(
    ("roles", "who", "seen"),
    [
        pytest.param(("network",), {}, "AB", id="le réseau : tout"),
        pytest.param(("finance",), {}, "AB", id="les finances aussi"),
        pytest.param(("delegation",), {"delegation": "idf"}, "B", id="une délégation : les siennes"),
        pytest.param(("delegation",), {"delegation": "bretagne"}, "", id="une délégation sans structure : rien"),
        pytest.param(("member",), {"own": "A"}, "A", id="une structure : elle-même"),
        pytest.param(("member",), {"own": "C"}, "", id="qui n'a rien déclaré : rien des autres"),
        pytest.param(("board",), {}, None, id="le conseil ne voit pas les comptes des structures"),
        pytest.param(("ops",), {}, None, id="l'exploitation non plus"),
    ],
)
async def test_each_exports_what_is_within_reach(
    membership: ServiceUnderTest, ids: dict[str, str], roles: tuple[str, ...], who: dict[str, Any], seen: str | None
) -> None:
    claims = {"member_id": UUID(ids[who["own"]])} if "own" in who else who
    async with membership.client(*roles, **claims) as client:
        answer = await client.get(EXPORT)
        assert answer.status_code == (403 if seen is None else 200)
        if seen is not None:
            assert [line["nom"] for line in exported_lines(answer)] == list(seen)
            none = await client.get("/declaration-campaigns/2024/figures/export")
            assert (none.status_code, none.json()["code"]) == (404, "declaration_campaign_not_found")


async def test_a_structure_counts_for_the_activity_it_declared_for(membership: ServiceUnderTest) -> None:
    """A declared for its AI and is an ETTI now; B, which has not declared, is an ACI now; C declared for both."""
    async with membership.client("network", "board") as client:
        ids = {
            name: await member(client, name, kinds=kinds)
            for name, kinds in (("A", ("ai",)), ("B", ("ai",)), ("C", ("ai", "aci")))
        }
        await opened(client, 2025)
        await declared(client, form(f"/members/{ids['A']}"), FIGURES)
        await declared(client, form(f"/members/{ids['C']}"), TWO)
        await put(client, form(f"/members/{ids['B']}"), {"turnover@ai": "1"})
        for name, becomes in (("A", "etti"), ("B", "aci")):
            path = f"/members/{ids[name]}"
            await enter(client, path, topic="activity", kind=becomes)
            await enter(client, path, topic="activity", kind="ai", ended=True)
        by_kind = (await client.get(CAMPAIGN)).json()["by_kind"]
        counted = {kind: (one["expected"], one["answered"], one["draft"], one["rate"]) for kind, one in by_kind.items()}
        assert counted == {"ai": (2, 2, 0, "100.0"), "aci": (2, 1, 1, "50.0")}
        for kind, listed in (("ai", ["A", "C"]), ("aci", ["B", "C"]), ("etti", [])):
            assert await names(client, kind=kind) == listed, "a count is the total of its list"
        lines = (await client.get(FOLLOW_UP)).json()["items"]
        assert [line["activities"] for line in lines] == [["ai"], ["aci"], ["ai", "aci"]]
        path = form(f"/members/{ids['B']}")
        dropped = await client.delete(f"{path}/draft", headers={"If-Match": '"v1"'})
        assert dropped.status_code == 200, dropped.text
        assert (await client.get(CAMPAIGN)).json()["by_kind"]["aci"]["not_started"] == 1
