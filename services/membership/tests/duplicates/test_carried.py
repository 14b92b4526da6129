"""What other capabilities keep of a duplicate: the declarations and the assessments of one structure, whole."""

from uuid import UUID

from common.testing.harness import ServiceUnderTest

from ..assessments.test_alone import opened as assessed
from ..declarations.test_declaring import FIGURES, declared, form, make, opened, put
from ..departures.test_departures import joined
from .test_merging import asked, id_of, merge, reported, undo


async def test_each_year_declared_under_either_is_the_structure_s(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        await opened(client, 2024, 2025)
        await declared(client, form(stays, 2024), FIGURES)
        await declared(client, form(goes, 2025), FIGURES)
        pair = await merge(client, stays, goes)
        assert [(await client.get(form(stays, year))).json()["state"] for year in (2024, 2025)] == ["declared"] * 2
        assert (await client.get(form(goes))).json()["code"] == "merged_into"
        assert (await undo(client, pair)).status_code == 200
        assert (await client.get(form(stays))).json()["state"] == "not_started"
        assert (await client.get(form(goes))).json()["state"] == "declared"
        await merge(client, stays, goes)
        await put(client, form(stays), {**FIGURES, "turnover@ai": "612400.51"})
        corrected = await make(client, form(stays), "correct", reason="comptes arrêtés")
        assert corrected.status_code == 200, corrected.text
        refused = await undo(client, pair)
        assert [one["code"] for one in refused.json()["blockers"]] == ["declared_since"]


async def test_two_forms_of_one_year_are_settled_first(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        await opened(client, 2025)
        await declared(client, form(stays), FIGURES)
        await put(client, form(goes), {"turnover@ai": "1"})
        pair = await reported(client, stays, goes)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert [one["code"] for one in refused.json()["blockers"]] == ["both_declared"]
        assert "(2025)" in refused.json()["detail"]
        etag = (await client.get(form(goes))).headers["etag"]
        dropped = await client.delete(f"{form(goes)}/draft", headers={"If-Match": etag})
        assert dropped.status_code < 300, dropped.text
        done = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert done.status_code == 200, done.text
        assert (await client.get(form(stays))).json()["state"] == "declared"


async def test_an_assessment_under_way_is_carried_unless_both_have_one(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await joined(client, "Regain")
        third = await joined(client, "REGAIN")
    for path in (goes, third):
        async with membership.client("member", member_id=UUID(id_of(path))) as own:
            await assessed(own)
    async with membership.client("network", "board") as client:
        await merge(client, stays, goes)
        pair = await reported(client, stays, third)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, third))
        assert [one["code"] for one in refused.json()["blockers"]] == ["both_assessing"]
    async with membership.client("member", member_id=UUID(id_of(stays))) as own:
        assert len((await own.get("/assessments")).json()["items"]) == 1
