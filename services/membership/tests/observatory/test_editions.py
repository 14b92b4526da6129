"""An edition through the API: computed, checked by another method, frozen, compared, printed."""

import csv
import io
import random
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from statistics import quantiles
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest

from ..declarations.test_declaring import declared, form, make, opened, put
from ..members.test_register import receive, structure

REGIONS = {"occitanie": ("31", "31000"), "idf": ("75", "75001"), "bretagne": ("35", "35000")}
PEOPLE = [("ai", "occitanie", 9), ("ai", "idf", 6), ("ai", "bretagne", 3), ("aci", "occitanie", 7), ("ebe", "idf", 1)]
"""Who declares: an activity, a delegation, how many."""

Declared = dict[str, tuple[str, str, dict[str, str]]]


async def admitted(client: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    """Admit all of them in one sitting; return the id, the activity and the delegation of each."""
    people, votes = [], []
    for kind, region, count in PEOPLE:
        department, postcode = REGIONS[region]
        for rank in range(count):
            fields = structure(f"{kind} {region} {rank}", department, postcode) | {"activities": [kind]}
            application = await receive(client, **fields)
            people.append((str(application["member_id"]), kind, region))
            vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 9, "reservations": ["pièces"]}
            votes.append(vote)
    sitting = {"held_on": application["received_on"], "in_office": 9, "present": 9, "minutes_reference": "PV-1"}
    path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
    await client.post(f"{path}/decisions", json={"decisions": votes}, headers={"If-Match": '"v1"'})
    closed = await client.post(f"{path}/close", headers={"If-Match": '"v2"'})
    assert closed.status_code == 200, closed.text
    return people


def made_up(kind: str, draw: random.Random) -> dict[str, str]:
    """Figures that pass every check without a comment."""
    pathway, turnover = draw.randint(20, 200), draw.randint(200_000, 900_000)
    women = draw.randint(0, pathway)
    figures = {
        "total_operating_income": str(turnover * 2),
        f"turnover@{kind}": str(turnover),
        f"charges@{kind}": str(turnover),
        f"headcount_permanent@{kind}": str(draw.randint(1, 20)),
        f"headcount_pathway@{kind}": str(pathway),
        f"subsidies_state@{kind}": str(draw.randint(1_000, 90_000)),
    }
    if draw.random() < 0.7:  # not everybody answers everything
        figures |= {f"women_26_49@{kind}": str(women), f"men_26_49@{kind}": str(pathway - women)}
    return figures


@pytest_asyncio.fixture
async def federation(membership: ServiceUnderTest) -> Declared:
    """What each structure declared for 2025, by its id."""
    draw, said = random.Random(4), {}
    async with membership.client("network", "board") as client:
        people = await admitted(client)
        await opened(client, 2025)
        for member_id, kind, region in people:
            figures = made_up(kind, draw)
            await declared(client, form(f"/members/{member_id}"), figures)
            said[member_id] = (kind, region, figures)
    return said


async def published(membership: ServiceUnderTest, **body: Any) -> dict[str, Any]:
    async with membership.client("network") as client:
        asked = await client.post("/observatory/editions", json={"year": 2025, **body})
        assert asked.status_code == 202, asked.text
        await membership.run_jobs()
        edition = (await client.get(f"/observatory/editions/{asked.json()['id']}")).json()
        assert edition["status"] == "published", edition
        return dict(edition)


def by_hand(said: Declared, kind: str, region: str | None, of: list[str], over: list[str]) -> list[float]:
    """Compute an indicator's values from what was typed, another way than the service does."""
    values = []
    for its_kind, its_region, figures in said.values():
        if its_kind != kind or region not in (None, its_region):
            continue
        parts = [float(figures[f"{code}@{kind}"]) for code in of if f"{code}@{kind}" in figures]
        whole = sum(float(figures.get(f"{code}@{kind}", 0)) for code in over)
        if parts and (not over or whole):
            values.append(sum(parts) * 100 / whole if over else sum(parts))
    return values


def rounded(value: float, unit: str) -> Decimal:
    step = Decimal(1) if unit in ("eur", "hours") else Decimal("0.1")
    return Decimal(repr(value)).quantize(step, ROUND_HALF_UP)


async def test_portraits_are_what_another_method_finds(membership: ServiceUnderTest, federation: Declared) -> None:
    edition = await published(membership)
    async with membership.client("delegation", delegation="idf") as client:
        definitions = (await client.get("/observatory/indicators/2025")).json()["indicators"]
        compared = 0
        for kind, region in (("ai", None), ("ai", "occitanie"), ("aci", None)):
            params = {"kind": kind, **({"delegation": region} if region else {})}
            [portrait] = (await client.get(f"/observatory/editions/{edition['id']}/portraits", params=params)).json()
            cells = {cell["indicator"]: cell for cell in portrait["cells"]}
            for one in definitions:
                values = by_hand(federation, kind, region, one["of"], one["over"])
                cell = cells.get(one["code"])
                if not values:
                    assert cell is None
                elif cell is not None and not cell["hidden"]:
                    expected = [rounded(value, one["unit"]) for value in quantiles(values, n=4, method="inclusive")]
                    assert [Decimal(cell[name]) for name in ("low", "median", "high")] == expected, one["code"]
                    assert cell["count"] == len(values) >= 5
                    compared += 1
        assert compared > 15


async def test_nothing_on_fewer_than_five_is_shown_or_found(membership: ServiceUnderTest, federation: Declared) -> None:
    edition = await published(membership)
    path = f"/observatory/editions/{edition['id']}"
    async with membership.client("member", member_id=UUID(next(iter(federation)))) as client:
        document = (await client.get(f"{path}/document")).json()
        shown = {(one["kind"], one["delegation"]): one["cells"] for one in document["portraits"]}
        turnover = {scope: cell for scope, cells in shown.items() for cell in cells if cell["indicator"] == "turnover"}
        assert [turnover["ai", None]["count"], turnover["ai", "occitanie"]["count"]] == [18, 9]
        for region, because in (("bretagne", "too_few"), ("idf", "deducible")):
            cell = turnover["ai", region]
            assert (cell["hidden"], cell["count"], cell["median"]) == (because, None, None)
        assert (turnover["ebe", None]["hidden"], turnover["ebe", None]["total"]) == ("too_few", None)
        # One EBE: with the total of all and that of AI, that of ACI would tell it.
        assert (turnover["aci", None]["median"] is not None, turnover["aci", None]["total"]) == (True, None)
        total = sum(Decimal(figures[f"turnover@{kind}"]) for kind, _, figures in federation.values())
        assert (Decimal(turnover[None, None]["total"]), turnover[None, None]["count"]) == (total, 26)
        exported = (await client.get(f"{path}/export")).text
        lines = list(csv.reader(io.StringIO(exported.removeprefix("\ufeff")), delimiter=";"))[1:]
        assert len(lines) == sum(len(cells) for cells in shown.values())
        assert next(line[:3] for line in lines if line[-1] == "trop peu de structures") == [
            "ai",
            "bretagne",
            "turnover",
        ]


async def test_an_edition_is_frozen_and_another_says_why(membership: ServiceUnderTest, federation: Declared) -> None:
    first = await published(membership)
    member_id, (kind, _, figures) = next(iter(federation.items()))
    path = f"/observatory/editions/{first['id']}"
    async with membership.client("network") as client:
        before = (await client.get(f"{path}/document")).json()
        changed = {**figures, f"turnover@{kind}": "1", f"charges@{kind}": "1"}
        saved = (await put(client, form(f"/members/{member_id}"), changed)).json()
        comments = [{"check": one["code"], "activity": one["activity"], "comment": "oui"} for one in saved["findings"]]
        await put(client, form(f"/members/{member_id}"), changed, comments=comments)
        corrected = await make(client, form(f"/members/{member_id}"), "correct", reason="erreur de saisie")
        assert corrected.status_code == 200, corrected.text
        assert (await client.get(f"{path}/document")).json() == before
        preview = (await client.get("/observatory/preview/2025", params={"kind": kind})).json()
        old = [one for one in before["portraits"] if (one["kind"], one["delegation"]) == (kind, None)]
        assert preview["portraits"] != old
        unexplained = await client.post("/observatory/editions", json={"year": 2025})
        assert (unexplained.status_code, unexplained.json()["code"]) == (400, "revision_unexplained")
    second = await published(membership, reason="une erreur de saisie corrigée")
    assert (second["number"], second["title"]) == (2, "Observatoire, comptes 2025, édition révisée n° 2")
    assert second["sha256"] != first["sha256"]
    async with membership.client("board") as client:
        titles = [one["number"] for one in (await client.get("/observatory/editions")).json()["items"]]
        assert titles == [2, 1]
        evolution = (await client.get("/observatory/evolution", params={"kind": kind, "indicator": "turnover"})).json()
        assert [(point["year"], point["edition_id"]) for point in evolution[0]["points"]] == [(2025, second["id"])]


async def test_a_structure_sees_itself_beside_its_kind(membership: ServiceUnderTest, federation: Declared) -> None:
    edition = await published(membership)
    mine, other = list(federation)[:2]
    kind, _, figures = federation[mine]
    async with membership.client("member", member_id=UUID(mine)) as client:
        [activity] = (await client.get(f"/observatory/editions/{edition['id']}/members/{mine}")).json()
        compared = {one["indicator"]: one for one in activity["compared"]}
        turnover = compared["turnover"]
        assert (activity["kind"], Decimal(turnover["value"])) == (kind, Decimal(figures[f"turnover@{kind}"]))
        values = sorted(by_hand(federation, kind, None, ["turnover"], []))
        share = values.index(float(figures[f"turnover@{kind}"])) / (len(values) - 1)
        quarter = "lowest_quarter" if share < 0.25 else "highest_quarter" if share > 0.75 else turnover["position"]
        assert turnover["position"] == quarter
        assert (turnover["country"]["count"], turnover["region"]["count"]) == (18, 9)
        assert (await client.get(f"/observatory/editions/{edition['id']}/members/{other}")).status_code == 404


async def test_the_booklet_shows_who_answered_and_each_portrait(
    membership: ServiceUnderTest, federation: Declared
) -> None:
    edition = await published(membership)
    by_group = {(one["group"], one["code"]): one for one in edition["responses"]}
    assert (by_group["all", ""]["answered"], by_group["all", ""]["expected"]) == (26, 26)
    assert by_group["delegation", "bretagne"]["rate"] == "100.0"
    async with membership.client("finance") as client:
        printed = await client.get(f"/observatory/editions/{edition['id']}/pdf")
        assert printed.headers["content-type"] == "application/pdf"
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(printed.content)).pages)
    for told in (
        "Observatoire, comptes 2025",
        "26 sur 26",
        "Portrait médian",
        "ce portrait n'est pas donné",
        "À confirmer",
    ):
        assert told in text


async def test_only_the_network_publishes_or_looks_before(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        missing = await client.post("/observatory/editions", json={"year": 2025})
        assert (missing.status_code, missing.json()["code"]) == (404, "declaration_campaign_not_found")
        before = await client.get("/observatory/indicators/2019")
        assert (before.status_code, before.json()["code"]) == (404, "indicators_not_found")
    async with membership.client("delegation", delegation="idf") as client:
        assert (await client.post("/observatory/editions", json={"year": 2025})).status_code == 403
        assert (await client.get("/observatory/preview/2025")).status_code == 403
