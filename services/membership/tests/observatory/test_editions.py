"""An edition through the API: computed, frozen, compared, printed."""

import csv
import hashlib
import io
import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx

from common.testing.harness import ServiceUnderTest

from ..declarants.test_follow_up import member
from ..declarations.test_declaring import declared, form, make, opened, put
from ..duplicates.test_merging import merge
from ..members.test_dates import enter
from .conftest import Declared, made_up, published
from .test_portraits import by_hand


async def test_nothing_on_fewer_than_five_is_shown_or_found(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, edition = observed
    path = f"/observatory/editions/{edition['id']}"
    async with membership.client("member", member_id=UUID(next(iter(federation)))) as client:
        document = (await client.get(f"{path}/document")).json()
        shown = {(one["kind"], one["delegation"]): one["cells"] for one in document["portraits"]}
        turnover = {scope: cell for scope, cells in shown.items() for cell in cells if cell["indicator"] == "turnover"}
        assert [turnover["ai", None]["count"], turnover["ai", "occitanie"]["count"]] == [22, 13]
        for region, because in (("bretagne", "too_few"), ("idf", "deducible")):
            cell = turnover["ai", region]
            assert (cell["hidden"], cell["count"], cell["median"]) == (because, None, None)
        assert (turnover["ebe", None]["hidden"], turnover["ebe", None]["total"]) == ("too_few", None)
        # One EBE: with the total of all and that of AI, that of ACI would tell it.
        assert (turnover["aci", None]["median"] is not None, turnover["aci", None]["total"]) == (True, None)
        total = sum(
            Decimal(figures[f"turnover@{kind}"]) for kinds, _, figures in federation.values() for kind in kinds.split()
        )
        # A structure of two kinds is one structure.
        assert (Decimal(turnover[None, None]["total"]), turnover[None, None]["count"]) == (total, 30)
        assert shown.keys().isdisjoint({("ai", ""), ("ebe", "")})
        exported = (await client.get(f"{path}/export")).text
        table = list(csv.reader(io.StringIO(exported.removeprefix("\ufeff")), delimiter=";"))
        lines = table[1 + len(document["responses"]) :]
        assert len(lines) == sum(len(cells) for cells in shown.values())
        few = next(line for line in lines if line[-3] == "trop peu de structures")
        assert few[:3] == ["AI (association intermédiaire)", "bretagne", "turnover"]


async def correct(client: httpx.AsyncClient, member_id: str, figures: dict[str, str]) -> None:
    """Correct a declaration, with a word on whatever looks odd in it."""
    path = form(f"/members/{member_id}")
    saved = (await put(client, path, figures)).json()
    comments = [{"check": one["code"], "activity": one["activity"], "comment": "oui"} for one in saved["findings"]]
    await put(client, path, figures, comments=comments)
    corrected = await make(client, path, "correct", reason="erreur de saisie")
    assert corrected.status_code == 200, corrected.text


async def test_an_edition_is_frozen_and_sealed(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, first = observed
    path = f"/observatory/editions/{first['id']}"
    async with membership.client("network") as client:
        before = await client.get(f"{path}/document")
        assert hashlib.sha256(before.content).hexdigest() == first["sha256"]
        for member_id, (kinds, _, figures) in list(federation.items())[:5]:
            await correct(client, member_id, {**figures, f"turnover@{kinds}": "1", f"charges@{kinds}": "1"})
        assert (await client.get(f"{path}/document")).content == before.content
        unexplained = await client.post("/observatory/editions", json={"year": 2025})
        assert (unexplained.status_code, unexplained.json()["code"]) == (400, "revision_unexplained")
    second = await published(membership, reason="cinq déclarations corrigées")
    assert (second["number"], second["title"]) == (2, "Observatoire, comptes 2025, édition révisée n° 2")
    async with membership.client("board") as client:
        numbers = [one["number"] for one in (await client.get("/observatory/editions")).json()["items"]]
        assert numbers == [2, 1]
        after = (await client.get(f"/observatory/editions/{second['id']}/document")).json()
        assert after["portraits"] != before.json()["portraits"]
        asked = {"kind": "ai", "indicator": "turnover"}
        evolution = (await client.get("/observatory/evolution", params=asked)).json()["items"]
        assert [(point["year"], point["edition_id"]) for point in evolution[0]["points"]] == [(2025, second["id"])]


async def test_two_editions_do_not_tell_what_one_structure_corrected(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, first = observed
    of_ai = {key: figures for key, (kinds, _, figures) in federation.items() if kinds == "ai"}
    member_id = max(of_ai, key=lambda key: int(of_ai[key]["turnover@ai"]))
    async with membership.client("network") as client:
        await correct(client, member_id, {**of_ai[member_id], "turnover@ai": "1", "charges@ai": "1"})
        preview = (await client.get("/observatory/preview/2025", params={"kind": "ai"})).json()["portraits"]
    second = await published(membership, reason="une déclaration corrigée")
    async with membership.client("network") as client:
        documents = [
            (await client.get(f"/observatory/editions/{edition['id']}/document")).json() for edition in (first, second)
        ]
    figures_of = [{key: {**cell, "kept_from": None} for key, cell in cells_of(one).items()} for one in documents]
    assert figures_of[0] == figures_of[1]
    kept = {key[2] for key, cell in cells_of(documents[1]).items() if cell["kept_from"] == 1}
    assert kept >= {"turnover", "charges"}
    assert "headcount_permanent" not in kept
    assert preview != [one for one in documents[0]["portraits"] if (one["kind"], one["delegation"]) == ("ai", None)]


def cells_of(document: dict[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The cells of an edition's document, by kind, delegation and indicator."""
    return {
        (one["kind"], one["delegation"], cell["indicator"]): cell
        for one in document["portraits"]
        for cell in one["cells"]
    }


async def test_five_who_correct_one_figure_do_not_tell_what_one_of_them_corrected_besides(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, _ = observed
    async with membership.client("network") as client:
        for rank, (member_id, (_, _, figures)) in enumerate(list(federation.items())[:5]):
            alone = {"turnover@ai": "1", "charges@ai": "1"} if rank == 0 else {}
            await correct(client, member_id, {**figures, "headcount_permanent@ai": "30", **alone})
    second = await published(membership, reason="effectifs corrigés")
    async with membership.client("network") as client:
        document = (await client.get(f"/observatory/editions/{second['id']}/document")).json()
        exported = (await client.get(f"/observatory/editions/{second['id']}/export")).text
    told = cells_of(document)
    kept = [told["ai", None, code]["kept_from"] for code in ("turnover", "charges", "headcount_permanent")]
    assert kept == [1, 1, None]
    lines = csv.DictReader(io.StringIO(exported.removeprefix("\ufeff")), delimiter=";")
    assert {line["Repris de l'édition"] for line in lines if line["Code"] == "turnover"} == {"1", ""}
    third = await published(membership, reason="rien de plus")
    async with membership.client("network") as client:
        again = (await client.get(f"/observatory/editions/{third['id']}/document")).json()
    turnover = cells_of(again)["ai", None, "turnover"]
    assert turnover["kept_from"] == 1, "what edition 2 did not tell is not told by edition 3 either"


async def test_years_stand_side_by_side_where_both_asked(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, _ = observed
    async with membership.client("network") as client:
        await opened(client, 2024, days=0)
        for member_id in list(federation)[:6]:
            path, figures = form(f"/members/{member_id}", 2024), made_up("ai", random.Random(6), 2024)
            saved = (await put(client, path, figures)).json()
            odd = [{"check": one["code"], "activity": one["activity"], "comment": "oui"} for one in saved["findings"]]
            await declared(client, path, figures, comments=odd)
    async with membership.days_later(1) as after, after.client("network") as client:
        etag = (await client.get("/declaration-campaigns/2024")).headers["etag"]
        await client.post("/declaration-campaigns/2024/close", headers={"If-Match": etag})
        asked = await client.post("/observatory/editions", json={"year": 2024})
        await after.run_jobs()
        params = {"kind": "ai", "indicator": ["turnover", "hours_pathway"]}
        evolution = (await client.get("/observatory/evolution", params=params)).json()["items"]
    found = {
        one["indicator"]: [(point["year"], point["cell"]["count"]) for point in one["points"]] for one in evolution
    }
    assert asked.status_code == 202, asked.text
    hours = sum("hours_pathway@ai" in figures for _, _, figures in federation.values())
    assert found == {"turnover": [(2024, 6), (2025, 22)], "hours_pathway": [(2025, hours)]}, (
        "2024 did not ask for hours"
    )


async def test_what_a_duplicate_declared_counts_once(membership: ServiceUnderTest, federation: Declared) -> None:
    stays, goes = list(federation)[:2]
    async with membership.client("network", "board") as client:
        asked = {"kind": "ai"}
        [before, *_] = (await client.get("/observatory/preview/2025", params=asked)).json()["portraits"]
        await merge(client, f"/members/{stays}", f"/members/{goes}", declared_by_stays=[2025])
        [after, *_] = (await client.get("/observatory/preview/2025", params=asked)).json()["portraits"]
    counts = [{one["indicator"]: one["count"] for one in shown["cells"]} for shown in (before, after)]
    assert (counts[0]["turnover"], counts[1]["turnover"]) == (22, 21)


async def test_an_open_campaign_has_no_edition(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await opened(client, 2025)
        early = await client.post("/observatory/editions", json={"year": 2025})
        assert (early.status_code, early.json()["code"]) == (409, "campaign_still_open")


async def test_a_structure_sees_itself_beside_its_kind(
    membership: ServiceUnderTest, observed: tuple[Declared, dict[str, Any]]
) -> None:
    federation, edition = observed
    mine, other = list(federation)[:2]
    kind, _, figures = federation[mine]
    async with membership.client("member", member_id=UUID(mine)) as client:
        [activity] = (await client.get(f"/observatory/editions/{edition['id']}/members/{mine}")).json()["items"]
        compared = {one["indicator"]: one for one in activity["compared"]}
        turnover = compared["turnover"]
        assert (activity["kind"], Decimal(turnover["value"])) == (kind, Decimal(figures[f"turnover@{kind}"]))
        values = sorted(by_hand(federation, kind, None, {"of": ["turnover"], "over": [], "beside": []}))
        share = values.index(float(figures[f"turnover@{kind}"])) / (len(values) - 1)
        quarter = "lowest_quarter" if share < 0.25 else "highest_quarter" if share > 0.75 else turnover["position"]
        assert turnover["position"] == quarter
        assert (turnover["country"]["count"], turnover["region"]["count"]) == (22, 13)
        assert (await client.get(f"/observatory/editions/{edition['id']}/members/{other}")).status_code == 404
    async with membership.client("delegation", delegation="bretagne") as client:
        assert (await client.get(f"/observatory/editions/{edition['id']}/members/{mine}")).status_code == 404


async def test_rates_of_answers_are_of_the_kinds_of_the_portraits(membership: ServiceUnderTest) -> None:
    """What declared counts for the kinds it declared for, what did not for those of today."""
    async with membership.client("network", "board") as client:
        turned, silent = [[await member(client, f"{name} {rank}") for rank in range(5)] for name in "AB"]
        steady = [await member(client, f"C {rank}", kinds=("aci",)) for rank in range(5)]
        await opened(client, 2025, days=0)
        for member_id, kind in (*((one, "ai") for one in turned), *((one, "aci") for one in steady)):
            await declared(client, form(f"/members/{member_id}"), made_up(kind, random.Random(4)))
    async with membership.days_later(1) as after, after.client("network") as client:
        await client.post("/declaration-campaigns/2025/close", headers={"If-Match": '"v1"'})
        for member_id, becomes in (*((one, "etti") for one in turned), *((one, "aci") for one in silent)):
            await enter(client, f"/members/{member_id}", topic="activity", kind=becomes)
            await enter(client, f"/members/{member_id}", topic="activity", kind="ai", ended=True)
    edition = await published(membership)
    told = {
        one["code"]: (one["expected"], one["answered"], one["rate"])
        for one in edition["responses"]
        if one["group"] == "kind"
    }
    assert told == {"ai": (5, 5, "100.0"), "aci": (10, 5, "50.0")}


async def test_only_the_network_publishes_or_looks_before(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        missing = await client.post("/observatory/editions", json={"year": 2025})
        assert (missing.status_code, missing.json()["code"]) == (404, "declaration_campaign_not_found")
        before = await client.get("/observatory/indicators/2019")
        assert (before.status_code, before.json()["code"]) == (404, "indicators_not_found")
    async with membership.client("delegation", delegation="idf") as client:
        assert (await client.post("/observatory/editions", json={"year": 2025})).status_code == 403
        assert (await client.get("/observatory/preview/2025")).status_code == 403
