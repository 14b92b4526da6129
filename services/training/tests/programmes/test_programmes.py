"""A programme's story through the API: written in several goes, published, changed, sold in a pack, retired."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.testing.harness import ServiceUnderTest

from .arrangements import COMPLETE, acted, created, published, published_again, written


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_programme_is_written_then_published_and_anybody_reads_it(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        held = await created(team, "CIP-01")
        assert (held["status"], held["current_number"]) == ("in_preparation", None)
        assert held["allowed_actions"] == ["rewrite", "delete"]
        assert [one["code"] for one in held["blockers"]["publish"]] == ["programme_incomplete"]
        assert {one["code"] for one in held["defects"]} >= {"objectives_missing", "theme_unknown"}
        refused = await acted(team, "CIP-01", "publish")
        assert codes(refused) == (409, "programme_incomplete")
        assert [one["code"] for one in refused.json()["errors"]] == [one["code"] for one in held["defects"]]
        rewritten = (await written(team, "CIP-01", access_days=None)).json()
        assert [(one["pointer"], one["indicators"]) for one in rewritten["defects"]] == [("/access_days", [1])]
        ready = (await written(team, "CIP-01")).json()
        assert (ready["defects"], ready["title"]) == ([], COMPLETE["title"])
        out = (await acted(team, "CIP-01", "publish")).json()
        assert (out["status"], out["current_number"], out["draft"]) == ("on_sale", 1, None)
        assert out["allowed_actions"] == ["open_draft", "retire"]
    async with training.client() as anybody:
        sheet = (await anybody.get("/catalogue/CIP-01")).json()
        assert (sheet["number"], sheet["referential"], sheet["theme_label"]) == (
            1,
            out["referential"],
            "Accompagnement",
        )
        assert {name: sheet["content"][name] for name in COMPLETE if name != "contact"} == {
            name: value for name, value in COMPLETE.items() if name != "contact"
        }
        assert (await anybody.get("/programmes/CIP-01")).status_code == 401


async def test_a_version_stays_as_published_and_the_next_says_what_changed(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await published(team, "CIP-01")
        opened = await acted(team, "CIP-01", "open-draft")
        assert opened.json()["draft"]["title"] == COMPLETE["title"]
        assert codes(await acted(team, "CIP-01", "open-draft")) == (409, "programme_draft_open")
        assert codes(await acted(team, "CIP-01", "publish")) == (409, "programme_unchanged")
        objectives = [*COMPLETE["objectives"], "Conclure un entretien"]
        await written(team, "CIP-01", objectives=objectives, price="720.00")
        waiting = (await team.get("/programmes/CIP-01/comparison", params={"before": 1})).json()
        assert [(one["field"], one["before"], one["after"], one["added"]) for one in waiting["changes"]] == [
            ("objectives", None, None, ["Conclure un entretien"]),
            ("price", "700,00\u00a0€", "720,00\u00a0€", []),
        ]
        await acted(team, "CIP-01", "publish")
        compared = await team.get("/programmes/CIP-01/comparison", params={"before": 1, "after": 2})
        assert compared.json()["changes"] == waiting["changes"]
        assert codes(await team.get("/programmes/CIP-01/comparison", params={"before": 2})) == (
            409, "programme_draft_missing",
        )  # fmt: skip
        assert (await team.get("/programmes/CIP-01/versions/1")).json()["content"]["price"] == "700.00"
    async with training.client() as anybody:
        versions = (await anybody.get("/catalogue/CIP-01/versions")).json()["items"]
        assert [one["number"] for one in versions] == [2, 1]
        assert (await anybody.get("/catalogue/CIP-01")).json()["content"]["price"] == "720.00"
        assert (await anybody.get("/catalogue/CIP-01/versions/1")).json()["content"]["price"] == "700.00"
        assert codes(await anybody.get("/catalogue/CIP-01/versions/3")) == (404, "programme_version_not_found")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE programme_version SET published_by = 'x'", "DELETE FROM programme_version", "TRUNCATE programme_version"],
)
async def test_the_database_refuses_to_change_a_version(training: ServiceUnderTest, statement: str) -> None:
    async with training.client("training") as team:
        await published(team, "CIP-01")
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with training.runtime.database.engine.begin() as connection:
            await connection.execute(text(statement))


async def test_who_has_not_read_the_last_state_changes_nothing(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await created(team, "CIP-01")
        blind = await team.put("/programmes/CIP-01/draft", json=COMPLETE)
        assert codes(blind) == (428, "if_match_missing")
        await written(team, "CIP-01")
        late = await team.put("/programmes/CIP-01/draft", json=COMPLETE, headers={"If-Match": '"v1"'})
        assert codes(late) == (412, "version_changed")
        assert late.json()["current"]["version"] == 2
        tried = await team.post("/programmes/CIP-01/publish", params={"dry_run": True}, headers={"If-Match": '"v2"'})
        assert tried.json()["current_number"] == 1
        assert (await team.get("/programmes/CIP-01")).json()["current_number"] is None


async def test_a_code_names_one_programme(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await created(team, "CIP-01")
        again = await team.post("/programmes", json={"code": "CIP-01", "kind": "pack", "title": "Autre"})
        assert codes(again) == (409, "programme_code_taken")
        bad = await team.post("/programmes", json={"code": "cip 01", "kind": "pack", "title": "Autre"})
        assert bad.status_code == 422
        gone = await team.delete("/programmes/CIP-01", headers={"If-Match": '"v1"'})
        assert gone.status_code == 204
        await published(team, "CIP-01")
        kept = await team.delete("/programmes/CIP-01", headers={"If-Match": '"v3"'})
        assert codes(kept) == (409, "programme_published")


async def test_a_pack_keeps_what_it_was_made_of(training: ServiceUnderTest) -> None:
    figures: dict[str, Any] = {"hours": None, "days": None, "price": None, "member_price": None}
    async with training.client("training") as team:
        await published(team, "ENT-01", title="Entretien", hours="14", price="700.00", member_price="560.00")
        await published(team, "DIA-01", title="Diagnostic", hours="7", price="350.00", member_price="280.00")
        await created(team, "PACK-CIP", "pack")
        unknown = (await written(team, "PACK-CIP", parts=["ENT-01", "NON-01"], **figures)).json()
        assert "part_not_sold" in {one["code"] for one in unknown["defects"]}
        await written(team, "PACK-CIP", parts=["ENT-01", "DIA-01"], **figures)
        await acted(team, "PACK-CIP", "publish")
        held = (await team.get("/programmes/ENT-01")).json()
        assert [one["code"] for one in held["blockers"]["retire"]] == ["programme_sold_in_others"]
        assert codes(await acted(team, "ENT-01", "retire")) == (409, "programme_sold_in_others")
        await published_again(team, "ENT-01", title="Entretien", hours="21", price="900.00")
        sheet = (await team.get("/catalogue/PACK-CIP")).json()
        assert [(part["code"], part["number"]) for part in sheet["parts"]] == [("ENT-01", 1), ("DIA-01", 1)]
        assert (sheet["content"]["hours"], sheet["content"]["price"]) == ("21", "1050.00")
        assert sheet["content"]["member_price"] == "840.00"
        assert (await acted(team, "PACK-CIP", "retire")).status_code == 200
        assert (await acted(team, "ENT-01", "retire")).status_code == 200
        assert codes(await acted(team, "PACK-CIP", "resume")) == (409, "programme_parts_not_sold")
        assert (await acted(team, "ENT-01", "resume")).status_code == 200
        assert (await acted(team, "PACK-CIP", "resume")).json()["status"] == "on_sale"


async def test_what_is_retired_leaves_the_catalogue_and_stays_read_inside(training: ServiceUnderTest) -> None:
    async with training.client("training") as team, training.client() as anybody, training.client("board") as board:
        await published(team, "CIP-01")
        assert (await acted(team, "CIP-01", "retire")).json()["allowed_actions"] == ["open_draft", "resume"]
        for path in ("", "/pdf", "/versions", "/versions/1"):
            assert codes(await anybody.get(f"/catalogue/CIP-01{path}")) == (404, "catalogue_sheet_not_found")
        assert (await anybody.get("/catalogue", params={"total": True})).json()["total"] == 0
        assert (await board.get("/programmes/CIP-01/versions/1")).status_code == 200
        assert (await board.get("/programmes/CIP-01")).json()["allowed_actions"] == []
        assert (await acted(team, "CIP-01", "resume")).status_code == 200
        assert (await anybody.get("/catalogue/CIP-01")).json()["number"] == 1


async def test_a_draft_is_given_up_and_the_version_stays(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await created(team, "CIP-01")
        assert codes(await acted(team, "CIP-01", "discard-draft")) == (409, "programme_never_published")
        await written(team, "CIP-01")
        await acted(team, "CIP-01", "publish")
        await acted(team, "CIP-01", "open-draft")
        await written(team, "CIP-01", title="Un autre titre")
        assert (await team.get("/programmes", params={"q": "autre", "has_draft": True})).json()["items"]
        out = (await acted(team, "CIP-01", "discard-draft")).json()
        assert (out["draft"], out["title"]) == (None, COMPLETE["title"])


async def test_the_list_shows_each_programme_where_it_stands(training: ServiceUnderTest) -> None:
    async with training.client("training") as team, training.client("network") as network:
        await published(team, "B-02")
        await created(team, "A-01")
        await published(team, "C-03")
        await acted(team, "C-03", "retire")

        async def listed(**params: Any) -> list[str]:
            return [one["code"] for one in (await network.get("/programmes", params=params)).json()["items"]]

        assert await listed() == ["A-01", "B-02", "C-03"]
        assert await listed(sort="-code", status=["on_sale", "retired"]) == ["C-03", "B-02"]
        assert await listed(has_draft=False) == ["B-02", "C-03"]
        assert await listed(kind="pack") == []


@pytest.mark.parametrize(
    ("on", "code", "status", "asks_funding"),
    [("2026-10-31", "V9", "published", False), ("2026-11-01", "2026", "secondary", True)],
)
async def test_what_a_day_asks_is_told_with_its_source(
    training: ServiceUnderTest, on: str, code: str, status: str, asks_funding: bool
) -> None:
    async with training.client("training") as team:
        found = (await team.get("/programmes/requirements", params={"on": on})).json()
    assert (found["code"], found["status"]) == (code, status)
    [first] = [one for one in found["items"] if one["indicator"] == 1]
    assert ("les modes de financement" in first["asked"]) is asks_funding


async def test_no_referential_is_held_for_a_day_so_early(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        early = await team.get("/programmes/requirements", params={"on": "2000-01-01"})
    assert codes(early) == (404, "referential_not_found")
