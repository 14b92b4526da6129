"""Past years: previewed, taken whole or not at all, corrected on a day; who reads them, and what reads cost."""

from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest

from ..campaigns.test_campaign import open_campaign, run
from .archive import GARONNE, LINES, SIRENS, VILAINE, act, federation, previewed, receipt, send, taken


async def kept(dues: ServiceUnderTest) -> int:
    [row] = await dues.rows("SELECT count(*) AS years FROM history_year")
    return int(row.years)


async def test_a_file_is_previewed_then_taken_and_the_same_rows_change_nothing(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        shown = await previewed(dues, finance)
        assert (shown["status"], shown["counts"], await kept(dues)) == ("previewed", {"added": 3}, 0)
        assert (shown["allowed_actions"], await receipt(finance, shown)) == (
            ["preview", "apply"],
            [(2, "added", None), (3, "added", None), (4, "added", None)],
        )
        assert (await act(finance, shown, "apply")).status_code == 202
        await dues.run_jobs()
        done = (await finance.get(f"/history/imports/{shown['id']}")).json()
        assert (done["status"], done["applied_at"] is not None, await kept(dues)) == ("applied", True, 3)
        assert [one["code"] for one in done["blockers"]["apply"]] == ["history_not_previewed"]
        again = await taken(dues, finance)
        assert (again["counts"], await kept(dues)) == ({"unchanged": 3}, 3)
        garonne = (await finance.get(f"/history/members/{GARONNE}")).json()
    assert (garonne["called"], garonne["paid"], garonne["owed"]) == ("1500.00", "1200.00", "300.00")
    assert [(one["year"], one["state"], one["owed"]) for one in garonne["years"]] == [
        (2023, "owed", "300.00"),
        (2022, "settled", "0.00"),
    ]


async def test_a_changed_row_corrects_and_what_was_said_stays(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        await taken(dues, finance)
        corrected = await taken(dues, finance, f"2023;{SIRENS[0]};800;800;soldé;réglé en 2025", *LINES[1:])
        assert corrected["counts"] == {"corrected": 1, "unchanged": 2}
        garonne = (await finance.get(f"/history/members/{GARONNE}")).json()
        today = garonne["years"][0]["recorded_on"]
        assert [(one["paid"], one["corrected_on"]) for one in garonne["years"]] == [("800.00", None), ("700.00", None)]
        assert [(one["paid"], one["corrected_on"]) for one in garonne["corrected"]] == [("500.00", today)]
        listed = (await finance.get("/history/years", params={"corrected": True})).json()["items"]
    assert [one["paid"] for one in listed] == ["500.00"]


async def test_one_line_in_error_and_nothing_is_taken(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        await run(dues, finance, (await open_campaign(finance))["id"])
        shown = await previewed(dues, finance, *LINES, f"2026;{SIRENS[0]};8;8;soldé;", "2023;inconnue;8;9;soldé;")
        assert shown["counts"] == {"added": 3, "error": 2}
        assert [line for line in await receipt(finance, shown) if line[2]] == [
            (5, "error", "year_called_here"),
            (6, "error", "paid_too_large"),
        ]
        assert [one["code"] for one in shown["blockers"]["apply"]] == ["history_defective"]
        refused = await act(finance, shown, "apply")
        assert (refused.status_code, refused.json()["code"]) == (409, "history_defective")
        unreadable = await finance.post("/history/imports", files={"file": ("x.csv", b"annee,adherent")})
        assert (unreadable.status_code, unreadable.json()["code"]) == (400, "history_unreadable")
        dry = await send(finance, *LINES, dry_run="true")
        assert (dry.status_code, len((await finance.get("/history/imports")).json()["items"])) == (202, 1)
    assert await kept(dues) == 0


async def test_what_changed_since_the_preview_is_not_taken(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        first, second = await previewed(dues, finance), await previewed(dues, finance)
        for shown in (first, second):
            assert (await act(finance, shown, "apply")).status_code == 202
        await dues.run_jobs()
        states = [(await finance.get(f"/history/imports/{one['id']}")).json() for one in (first, second)]
        assert [one["status"] for one in states] == ["applied", "previewed"]
        failed = (await finance.get(f"/jobs/{states[1]['job_id']}")).json()
        assert (failed["status"], failed["failure"]["code"]) == ("failed", "history_preview_outdated")
        assert (await act(finance, second, "preview")).json()["code"] == "version_changed"
        assert (await act(finance, second, "preview")).json()["current"] == states[1]
        assert (await act(finance, states[1], "preview")).status_code == 202
        await dues.run_jobs()
        again = (await finance.get(f"/history/imports/{second['id']}")).json()
    assert (again["counts"], await kept(dues)) == ({"unchanged": 3}, 3)


READERS = [
    pytest.param("finance", {}, {GARONNE, VILAINE}, True, id="les finances, avec les notes"),
    pytest.param("network", {}, {GARONNE, VILAINE}, False, id="le réseau"),
    pytest.param("board", {}, {GARONNE, VILAINE}, False, id="le conseil"),
    pytest.param("delegation", {"delegation": "occitanie"}, {GARONNE}, False, id="sa délégation"),
    pytest.param("delegation", {"delegation": "corse"}, set(), False, id="une autre délégation"),
    pytest.param("member", {"member_id": UUID(int=1)}, {GARONNE}, False, id="elle-même"),
    pytest.param("member", {"member_id": UUID(int=3)}, set(), False, id="une autre structure"),
]


@pytest.mark.parametrize(("role", "who", "seen", "notes"), READERS)
async def test_who_reads_which_past_years(
    dues: ServiceUnderTest, role: str, who: dict[str, Any], seen: set[str], notes: bool
) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        shown = await taken(dues, finance)
    async with dues.client(role, **who) as reader:
        years = (await reader.get("/history/years")).json()["items"]
        export = (await reader.get("/history/years/export")).text
        one = await reader.get(f"/history/members/{GARONNE}")
        others = [
            await reader.get("/history/imports"),
            await reader.get(f"/history/imports/{shown['id']}"),
            await send(reader, *LINES, dry_run="true"),
            await act(reader, shown, "preview"),
            await act(reader, shown, "apply"),
        ]
    assert {year["member_id"] for year in years} == seen
    assert {member for member in (GARONNE, VILAINE) if member in export} == seen
    assert ("échéancier oral" in export) == ("échéancier oral" in str(years)) == notes
    assert one.status_code == (200 if GARONNE in seen else 404)
    assert {answer.status_code == 403 for answer in others} == {role != "finance"}


async def test_the_list_is_filtered_sorted_and_exported(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        await taken(dues, finance)
        assert await paid(finance, "sort=paid") == ["500.00", "700.00", "900.50"]
        assert await paid(finance, "year=2022") == ["700.00"]
        assert await paid(finance, "state=owed&delegation=occitanie") == ["500.00"]
        assert await paid(finance, f"member_id={VILAINE}") == ["900.50"]
        assert await paid(finance, "q=structure 002") == ["900.50"]
        page = (await finance.get("/history/years?limit=1&total=true&sort=name,year")).json()
        assert (page["total"], page["items"][0]["year"]) == (3, 2022)
        sheet = await finance.get("/history/years/export?format=xlsx")
    assert sheet.content.startswith(b"PK")


async def paid(client: Any, query: str) -> list[str]:
    return [one["paid"] for one in (await client.get(f"/history/years?{query}")).json()["items"]]


async def test_reads_take_as_many_statements_of_three_years_as_of_one(dues: ServiceUnderTest) -> None:
    await federation(dues)
    async with dues.client("finance") as finance:
        paths = ("/history/years", "/history/years/export", f"/history/members/{GARONNE}", "/history/imports")
        await taken(dues, finance, LINES[0])
        alone = [await statements(dues, finance, path) for path in paths]
        await taken(dues, finance)
        assert [await statements(dues, finance, path) for path in paths] == alone


async def statements(dues: ServiceUnderTest, client: Any, path: str) -> int:
    with dues.statements() as sent:
        assert (await client.get(path)).status_code == 200
    return len(sent)
