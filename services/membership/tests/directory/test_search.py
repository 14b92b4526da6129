"""What a buyer finds in the public directory, without a token: words, filters, counts, pages, files."""

import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from openpyxl import load_workbook

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..certifications.test_certifications import recorded
from ..departures.test_departures import joined
from ..members.test_dates import on
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act
from .test_entries import agree, fill, stop

GARDENS = {
    "presentation": "Création et entretien de parcs pour les collectivités.",
    "offers": [{"sector": "cleaning", "title": "Nettoyage de vitres"}],
    "sectors": ["green-spaces"],
    "territory": ["31", "81"],
    "purchasing": {"office": "Service commercial"},
}
KITCHEN = {"presentation": "Une équipe de restaurateurs engagés.", "sectors": ["catering"], "territory": ["35"]}


async def member(membership: ServiceUnderTest, name: str, filled: dict[str, Any], **fields: Any) -> UUID:
    """A member that consents to show everything."""
    async with membership.client("network", "board") as network:
        application = await receive(network, **{**structure(name), **fields})
        await admit(network, application, f"PV-{name}")
    own = UUID(application["member_id"])
    async with membership.client("member", member_id=own) as client:
        await fill(client, own, **filled)
        await agree(client, own)
    return own


async def three_listed(membership: ServiceUnderTest) -> dict[str, UUID]:
    """Three members of two regions, of which one holds a label, and one that is not listed."""
    found = {
        "L'Abeille Verte": await member(membership, "L'Abeille Verte", GARDENS, activities=["aci"], city="BÉZIERS"),
        "Cuisine Solidaire": await member(
            membership, "Cuisine Solidaire", KITCHEN, department="35", postcode="35000", city="RENNES"
        ),
        "Zéphyr": await member(membership, "Zéphyr", {"sectors": ["catering"]}, activities=["ei", "ai"]),
        "Discrète": await member(membership, "Discrète", GARDENS),
    }
    async with membership.client("network") as network:
        await stop(network, found["Discrète"], "listed")
        assert (await recorded(network, found["Zéphyr"])).status_code == 201
        await recorded(network, found["Zéphyr"], label="cedre", obtained_on=on(-900), valid_until=on(-1))
    return found


@pytest_asyncio.fixture
async def ids(membership: ServiceUnderTest, arranged: Arrange) -> dict[str, UUID]:
    """Who is in the directory, and who is not, by their names."""
    return await arranged(membership, three_listed)


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/directory", params={"total": True, **params})
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["total"] == len(page["items"])
    return [one["name"] for one in page["items"]]


BEE, KITCHENS, ZEPHYR = "L'Abeille Verte", "Cuisine Solidaire", "Zéphyr"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("abeille", [BEE], id="le nom"),
        pytest.param("abeile", [BEE], id="le nom, une lettre oubliée"),
        pytest.param("zephir", [ZEPHYR], id="le nom, sans accent et une faute"),
        pytest.param("beziers", [BEE], id="la commune, sans accent"),
        pytest.param("Béziers abeille", [BEE], id="deux mots, tous trouvés"),
        pytest.param("Rennes abeille", [], id="deux mots, pas chez la même"),
        pytest.param("espaces verts", [BEE], id="un secteur"),
        pytest.param("espace vert", [BEE], id="un secteur, au singulier"),
        pytest.param("jardinage", [BEE], id="un mot du secteur"),
        pytest.param("vitres", [BEE], id="une offre"),
        pytest.param("nettoyages des vitres", [BEE], id="une offre, au pluriel, avec un petit mot"),
        pytest.param("entretenir un parc", [BEE], id="la présentation, par le radical"),
        pytest.param("colectivités", [BEE], id="la présentation, une faute"),
        pytest.param("restauration", [KITCHENS, ZEPHYR], id="le secteur, et la présentation par son radical"),
        pytest.param("ACI", [BEE], id="un sigle"),
        pytest.param("ei", [ZEPHYR], id="un sigle de deux lettres"),
        pytest.param("Ille", [KITCHENS], id="un département servi"),
        pytest.param("espaces verts occitanie", [BEE], id="un secteur dans une région"),
        pytest.param("Occitanie", [BEE, ZEPHYR], id="une région"),
        pytest.param("bretagne", [KITCHENS], id="une autre région"),
        pytest.param("restauration normandie", [], id="une région où personne n'est"),
        pytest.param("Provence Alpes Côte d'Azur", [], id="une région de plusieurs mots"),
        pytest.param("qualiopi", [ZEPHYR], id="un label"),
        pytest.param("cedre", [], id="un label expiré"),
        pytest.param("informatique", [], id="rien"),
        pytest.param("pour les", [], id="aucun mot plein : rien"),
        pytest.param("de la", [], id="de petits mots, que tous ont"),
        pytest.param("nos parcs sont dans une collectivité", [BEE], id="une phrase"),
        pytest.param("50%_' OR 1=1 --", [], id="des signes qui ne cherchent rien"),
    ],
)
async def test_a_search_in_words(
    membership: ServiceUnderTest, ids: dict[str, UUID], asked: str, found: list[str]
) -> None:
    async with membership.client() as anybody:
        assert await names(anybody, q=asked) == found


async def test_a_word_that_many_show_finds_the_same(
    membership: ServiceUnderTest, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.directory.repository.MANY", 1)
    async with membership.client() as anybody:
        for asked, found in (
            ("abeille", [BEE]),
            ("beziers", [BEE]),
            ("restauration", [KITCHENS, ZEPHYR]),
            ("aci", [BEE]),
            ("vitres parcs", [BEE]),
            ("Ille", [KITCHENS]),
            ("occitanie vitres", [BEE]),
            ("qualiopi", [ZEPHYR]),
            ("colectivités", [BEE]),
        ):
            assert await names(anybody, q=asked) == found, asked


async def test_a_search_by_filters(membership: ServiceUnderTest, ids: dict[str, UUID]) -> None:
    filters: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [KITCHENS, BEE, ZEPHYR]),
        ({"sort": "-name"}, [ZEPHYR, BEE, KITCHENS]),
        ({"kind": "aci"}, [BEE]),
        ({"kind": ["aci", "ei"]}, [BEE, ZEPHYR]),
        ({"sector": "catering"}, [KITCHENS, ZEPHYR]),
        ({"sector": "cleaning"}, [BEE]),
        ({"cpv": "77310000-6"}, [BEE]),
        ({"cpv": "55"}, [KITCHENS, ZEPHYR]),
        ({"cpv": "48000000-8"}, []),
        ({"department": "81"}, [BEE]),
        ({"department": "31"}, [BEE, ZEPHYR]),
        ({"delegation": "bretagne"}, [KITCHENS]),
        ({"label": "qualiopi"}, [ZEPHYR]),
        ({"label": "cedre"}, []),
        ({"purchasing": True}, [BEE]),
        ({"purchasing": False}, [KITCHENS, ZEPHYR]),
        ({"department": "31", "sector": "catering", "q": "zephyr"}, [ZEPHYR]),
    ]
    async with membership.client() as anybody:
        for params, found in filters:
            assert await names(anybody, **params) == found, params
            facets = (await anybody.get("/directory/facets", params=_without_sort(params))).json()
            assert facets["total"] == len(found), params


def _without_sort(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "sort"}


async def test_what_is_not_shown_is_not_found_nor_counted(membership: ServiceUnderTest, ids: dict[str, UUID]) -> None:
    """Consent by consent: the filter, the word, the count and the file forget the field with the entry."""
    own = ids[BEE]
    told: list[tuple[str, dict[str, Any], str]] = [
        ("city", {"q": "beziers"}, ""),
        ("kinds", {"kind": "aci"}, "kinds"),
        ("kinds", {"q": "aci"}, "kinds"),
        ("delegation", {"delegation": "occitanie", "sector": "green-spaces"}, "delegations"),
        ("sectors", {"sector": "green-spaces"}, "sectors"),
        ("offers", {"sector": "cleaning"}, "sectors"),
        ("offers", {"q": "vitres"}, ""),
        ("territory", {"department": "81"}, "departments"),
        ("presentation", {"q": "collectivites"}, ""),
        ("purchasing", {"purchasing": True}, ""),
    ]
    async with membership.client() as anybody, membership.client("member", member_id=own) as client:
        for field, params, facet in told:
            assert BEE in await names(anybody, **params), field
            before = (await anybody.get("/directory/facets")).json()
            await stop(client, own, field)
            assert BEE not in await names(anybody, **params), field
            after = (await anybody.get("/directory/facets")).json()
            if facet:
                counts = [sum(one["count"] for one in facets[facet]) for facets in (before, after)]
                assert counts[0] > counts[1], field
            await agree(client, own, field)
        # A name that nobody shows neither answers nor keeps others from being guessed.
        guess = (await anybody.get("/directory", params={"q": "zephir"})).json()
        assert [one["name"] for one in guess["items"]] == [ZEPHYR]
        async with membership.client("network", "board") as network:
            await joined(network, "Zephir Services")
        assert (await anybody.get("/directory", params={"q": "zephir"})).json() == guess
        assert await names(anybody, q="occitanie") == [BEE, ZEPHYR]
        await stop(client, own, "department", "territory")
        assert await names(anybody, department="31") == [ZEPHYR]
        assert await names(anybody, q="occitanie") == [ZEPHYR], "the region says no more than the department"
        exported = (await anybody.get("/directory/export", params={"sector": "green-spaces"})).text
        [line] = csv.DictReader(io.StringIO(exported.removeprefix("\ufeff")), delimiter=";")
        assert (line["nom"], line["departement"], line["departements_servis"]) == (BEE, "", "")


async def test_counts_to_narrow_a_search(membership: ServiceUnderTest, ids: dict[str, UUID]) -> None:
    async with membership.client() as anybody:
        facets = (await anybody.get("/directory/facets")).json()
    counted = {
        name: {one["code"]: one["count"] for one in facets[name]}
        for name in ("kinds", "sectors", "departments", "delegations", "labels")
    }
    assert counted == {
        "kinds": {"ai": 2, "aci": 1, "ei": 1},
        "sectors": {"catering": 2, "green-spaces": 1, "cleaning": 1},
        "departments": {"31": 2, "35": 1, "81": 1},
        "delegations": {"occitanie": 2, "bretagne": 1},
        "labels": {"qualiopi": 1},
    }
    assert facets["sectors"][0] == {"code": "catering", "label": "Restauration et traiteur", "count": 2}


async def test_every_label_is_shown_each_as_it_was_obtained_last(
    membership: ServiceUnderTest, ids: dict[str, UUID]
) -> None:
    async with membership.client("network") as network:
        for fields in (
            {"label": "other", "title": "Label vert"},
            {"label": "other", "title": "Label bleu", "valid_until": on(900)},
            {"label": "engage-rse", "level": "Initial", "obtained_on": on(-400), "valid_until": on(700)},
            {"label": "engage-rse", "level": "Confirmé", "obtained_on": on(-10), "valid_until": on(400)},
        ):
            answer = await recorded(network, ids[ZEPHYR], **fields)
            assert answer.status_code == 201, answer.text
    async with membership.client() as anybody:
        [found] = (await anybody.get("/directory", params={"q": "zephyr"})).json()["items"]
    assert sorted((one["name"], one["level"]) for one in found["labels"]) == [
        ("Engagé RSE", "Confirmé"), ("Label bleu", None), ("Label vert", None), ("Qualiopi", None),
    ]  # fmt: skip


async def test_pages_and_files_hold_the_same(membership: ServiceUnderTest, ids: dict[str, UUID]) -> None:
    async with membership.client() as anybody:
        for sort, order in (("name", [KITCHENS, BEE, ZEPHYR]), ("-name", [ZEPHYR, BEE, KITCHENS])):
            seen, cursor = [], None
            for _ in range(3):
                params = {"limit": 1, "sort": sort, **({"cursor": cursor} if cursor else {})}
                page = (await anybody.get("/directory", params=params)).json()
                seen += [one["name"] for one in page["items"]]
                cursor = page["next_cursor"]
            assert (seen, cursor) == (order, None)
        assert (await anybody.get("/directory", params={"cursor": "x"})).json()["code"] == "cursor_invalid"
        assert (await anybody.get("/directory", params={"sort": "city"})).json()["code"] == "sort_unknown"
        exported = await anybody.get("/directory/export", params={"q": "restauration"})
        lines = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff")), delimiter=";"))
        assert [line["nom"] for line in lines] == [KITCHENS, ZEPHYR]
        assert [line["labels"] for line in lines] == ["", "Qualiopi (déclaré)"]
        async with membership.client("network") as network:
            [held] = (await network.get("/certifications", params={"label": "qualiopi"})).json()["items"]
            await act(network, f"/certifications/{held['id']}", "POST", "verify")
        verified = (await anybody.get("/directory/export", params={"q": "zephyr"})).text
        assert "Qualiopi (vérifié)" in verified
        sheet = load_workbook(
            io.BytesIO((await anybody.get("/directory/export", params={"format": "xlsx"})).content)
        ).active
        assert sheet is not None
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [KITCHENS, BEE, ZEPHYR]


async def test_a_file_has_a_bound(
    membership: ServiceUnderTest, ids: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("membership.directory.queries._MOST_EXPORTED", 2)
    async with membership.client() as anybody:
        refused = await anybody.get("/directory/export")
        assert (refused.status_code, refused.json()["code"]) == (400, "directory_export_too_large")
        assert (await anybody.get("/directory/export", params={"sector": "catering"})).status_code == 200


async def test_a_cache_asks_each_time_and_is_told_when_nothing_changed(
    membership: ServiceUnderTest, ids: dict[str, UUID]
) -> None:
    async with membership.client() as anybody, membership.client("network") as network:
        for path in ("/directory", f"/directory/{ids[BEE]}", "/directory/facets", "/directory/sectors"):
            first = await anybody.get(path)
            assert first.headers["cache-control"] == "public, no-cache"
            for held in (first.headers["etag"], f"W/{first.headers['etag']}", f'"x", {first.headers["etag"]}'):
                same = await anybody.get(path, headers={"If-None-Match": held})
                assert (same.status_code, same.content) == (304, b""), path
        held = (await anybody.get("/directory")).headers["etag"]
        await stop(network, ids[BEE], "city")
        changed = await anybody.get("/directory", headers={"If-None-Match": held})
        assert changed.status_code == 200


async def test_a_token_changes_nothing_of_what_is_public(membership: ServiceUnderTest, ids: dict[str, UUID]) -> None:
    async with membership.client() as anybody, membership.client("network") as network:
        for path in ("/directory", "/directory/facets", f"/directory/{ids[BEE]}"):
            assert (await anybody.get(path)).json() == (await network.get(path)).json()
        assert (await network.get(f"/directory/{ids['Discrète']}")).json()["code"] == "directory_entry_not_found"
        sectors = (await anybody.get("/directory/sectors")).json()
        assert (sectors["status"], len(sectors["items"])) == ("assumed", 25)
