"""The members of a preview: filtered, read page by page, exported; who sees them, and what a page costs."""

from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest

from .test_campaign import joined, open_campaign


async def federation(dues: ServiceUnderTest) -> str:
    """Four members: three to be called, one without a base; return the path of the campaign's preview."""
    await dues.receive(joined(1, "ai"), joined(2, "etti"), joined(3, "ebe"), joined(4, "ges"))
    async with dues.client("finance") as finance:
        return f"/campaigns/{(await open_campaign(finance))['id']}/preview"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param({}, ["001 ai", "002 etti", "003 ebe", "004 ges"], id="tous, par nom"),
        pytest.param({"sort": "-name"}, ["004 ges", "003 ebe", "002 etti", "001 ai"], id="à rebours"),
        pytest.param({"billable": True}, ["001 ai", "002 etti", "004 ges"], id="à appeler"),
        pytest.param({"billable": False}, ["003 ebe"], id="retenus"),
        pytest.param({"blocker": "base_missing"}, ["003 ebe"], id="retenus, par raison"),
        pytest.param({"blocker": "not_renewed"}, [], id="une raison qui ne retient personne"),
        pytest.param({"delegation": "occitanie"}, ["001 ai", "002 etti", "003 ebe", "004 ges"], id="délégation"),
        pytest.param({"delegation": "bretagne"}, [], id="une autre délégation"),
        pytest.param({"q": "ETT"}, ["002 etti"], id="nom"),
    ],
)
async def test_the_members_of_a_preview_are_filtered(
    dues: ServiceUnderTest, asked: dict[str, Any], names: list[str]
) -> None:
    path = await federation(dues)
    async with dues.client("finance") as finance:
        shown = (await finance.get(f"{path}/members", params={**asked, "total": True})).json()
        assert [line["name"].removeprefix("Structure ") for line in shown["items"]] == names
        assert shown["total"] == len(names)
        export = (
            await finance.get(f"{path}/members/export", params={k: v for k, v in asked.items() if k != "sort"})
        ).text
    assert sorted(line.split(";")[0].removeprefix("Structure ") for line in export.splitlines()[1:]) == sorted(names)


async def test_pages_follow_each_other_whatever_is_left_out(dues: ServiceUnderTest) -> None:
    path = await federation(dues)
    names: list[str] = []
    params: dict[str, Any] = {"billable": True, "limit": 1}
    async with dues.client("finance") as finance:
        while params.get("cursor", "") is not None:
            page = (await finance.get(f"{path}/members", params=params)).json()
            names += [line["name"] for line in page["items"]]
            params["cursor"] = page["next_cursor"]
    assert names == ["Structure 001 ai", "Structure 002 etti", "Structure 004 ges"]


async def test_the_totals_are_those_of_the_members_and_reasons_are_counted(dues: ServiceUnderTest) -> None:
    path = await federation(dues)
    async with dues.client("finance") as finance:
        preview = (await finance.get(path)).json()
        lines = (await finance.get(f"{path}/members")).json()["items"]
        export = (await finance.get(f"{path}/members/export")).text.splitlines()
    assert preview["totals"]["count"] == sum(line["billable"] for line in lines)
    assert (preview["blocked"], preview["reasons"]) == (
        1,
        [{"code": "base_missing", "label": "Sans base déclarée ni médiane", "members": 1}],
    )
    assert export[1].split(";")[2:8] == ["oui", "ai", "748664.00", "800.00", "4491.98", "5291.98"]
    assert export[3].split(";")[2:4] == ["non", ""]


async def test_a_page_asks_as_much_of_the_database_for_three_members_as_for_one(dues: ServiceUnderTest) -> None:
    path = await federation(dues)
    async with dues.client("finance") as finance:
        with dues.statements() as of_one:
            await finance.get(f"{path}/members", params={"q": "etti"})
        with dues.statements() as of_all:
            await finance.get(f"{path}/members")
    assert len(of_all) == len(of_one)


@pytest.mark.parametrize("tail", ["", "/members", "/members/export"])
@pytest.mark.parametrize(("role", "status"), [("finance", 200), ("member", 403), ("delegation", 403)])
async def test_who_sees_them(dues: ServiceUnderTest, tail: str, role: str, status: int) -> None:
    path = await federation(dues)
    async with dues.client(role) as client:
        assert (await client.get(f"{path}{tail}")).status_code == status
