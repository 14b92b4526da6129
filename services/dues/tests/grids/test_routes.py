"""The answer on the phone: what a structure would owe, and why."""

from common.testing.harness import ServiceUnderTest


async def test_the_explanation_names_the_grid_the_base_the_smic_and_the_cap(dues: ServiceUnderTest) -> None:
    async with dues.client("member") as client:
        answer = await client.get("/grids/2026/assessment", params={"kind": "etti", "base": "998493.00"})
    told = answer.json()
    assert (told["total"], told["capped"], told["status"]) == ("5608.00", True, "assumed")
    steps = {step["step"]: step["text"].replace("\u202f", " ").replace("\u00a0", " ") for step in told["explanation"]}
    assert "Grille 2026" in steps["grid"]
    assert "998 493,00 €" in steps["base"]
    assert "12,02 €" in steps["cap"]
    assert "1er janvier 2026" in steps["cap"]
    assert "plafond atteint" in steps["cap"]


async def test_each_figure_of_the_grid_says_how_sure_it_is(dues: ServiceUnderTest) -> None:
    async with dues.client("network") as client:
        grid = (await client.get("/grids/2026")).json()
    assert (grid["fixed"]["value"], grid["fixed"]["status"]) == ("800.00", "published")
    assert (grid["base"]["status"], grid["base"]["status_label"]) == ("assumed", "à confirmer")
    assert all(datum["note"] for datum in (grid["base"], grid["joiners"], grid["due_days"]))


async def test_a_base_is_asked_for_where_the_kind_needs_one(dues: ServiceUnderTest) -> None:
    async with dues.client("network") as client:
        without = await client.get("/grids/2026/assessment", params={"kind": "ai"})
        unknown = await client.get("/grids/2026/assessment", params={"kind": "xyz", "base": "1.00"})
    assert (without.status_code, without.json()["code"]) == (409, "base_missing")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "rate_not_found")
