"""What anybody finds in the catalogue, without a token: words, filters, counts, pages; and what it costs at 5,000."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of
from common.testing.plugin import Arrange

from .arrangements import acted, published
from .many import fill

CHEAP: dict[str, Any] = {"price": "200.00", "member_price": None}


async def catalogue(training: ServiceUnderTest) -> None:
    """Five programmes, of which one is a pack and one certifies."""
    async with training.client("training") as team:
        await published(team, "ENT-01", objectives=["Évaluer une progression"])
        await published(
            team, "TUT-01", title="Devenir tuteur en entreprise d'insertion", summary="", audience="Tuteurs",
            modes=["remote"], hours="7", objectives=["Accueillir un salarié", "Transmettre un geste"], **CHEAP,
        )  # fmt: skip
        await published(
            team, "BUD-01", title="Lire un budget", theme="finance", hours="3.5", objectives=["Suivre une trésorerie"],
            summary="Pour qui accompagne une petite structure.", modes=["on_site", "remote"],
        )  # fmt: skip
        await published(
            team, "MAN-01", title="Manager une équipe", theme="hr", objectives=["Recadrer", "Déléguer"], hours="35",
            recognition="rncp", recognition_number="RNCP12345", summary="",
        )  # fmt: skip
        await published(team, "PACK-1", "pack", title="Pack Tutorat", parts=["TUT-01"], objectives=["Tout"], summary="")


@pytest_asyncio.fixture
async def five(training: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(training, catalogue)


async def asked(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/catalogue", params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def codes(page: dict[str, Any]) -> list[str]:
    return [one["code"] for one in page["items"]]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("question", "first", "meant"),
    [
        pytest.param("accompagnement", ["ENT-01"], {}, id="le titre avant le thème"),
        pytest.param("acompagnement", ["ENT-01"], {"acompagnement": ["accompagnement"]}, id="une faute"),
        pytest.param("entretiens", ["ENT-01"], {}, id="au pluriel"),
        pytest.param("entreprise d'insertion", ["TUT-01", "PACK-1"], {}, id="avec une apostrophe"),
        pytest.param("ENTREPRISE D\u2019INSERTION", ["TUT-01", "PACK-1"], {}, id="en capitales, apostrophe courbe"),
        pytest.param("évaluer", ["ENT-01"], {}, id="avec accent"),
        pytest.param("evaluer", ["ENT-01"], {}, id="sans accent"),
        pytest.param("tresorerie", ["BUD-01"], {}, id="un objectif, sans accent"),
        pytest.param("gestion", ["BUD-01"], {}, id="le thème"),
        pytest.param("tutuer", ["TUT-01", "PACK-1"], {"tutuer": ["tuteur"]}, id="deux lettres échangées"),
        pytest.param("bud", ["BUD-01"], {}, id="le début d'un mot, ou le code"),
        pytest.param("bud-01", ["BUD-01"], {}, id="un code"),
        pytest.param("rncp12345", ["MAN-01"], {}, id="une certification"),
        pytest.param("budget tresorerie", ["BUD-01"], {}, id="deux mots"),
        pytest.param("budget manager", [], {}, id="deux mots, pas du même"),
        pytest.param("zythologie", [], {"zythologie": []}, id="ce qui n'est pas au catalogue"),
        pytest.param("de la", [], {}, id="de petits mots"),
        pytest.param("' | !& :* --", [], {}, id="des signes"),
    ],
)
async def test_what_comes_first(
    training: ServiceUnderTest, question: str, first: list[str], meant: dict[str, list[str]]
) -> None:
    async with training.client() as anybody:
        page = await asked(anybody, q=question)
        export = await anybody.get("/catalogue/export", params={"q": question})
        counts = (await anybody.get("/catalogue/facets", params={"q": question})).json()
    assert codes(page)[: len(first)] == first
    assert bool(codes(page)) is bool(first)
    assert {one["word"]: one["understood_as"] for one in page["words"] if one["guessed"]} == meant
    assert counts["total"] == len(page["items"]) == len(export.text.splitlines()) - 1


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({}, ["ENT-01", "TUT-01", "BUD-01", "MAN-01", "PACK-1"], id="tout, par titre"),
        pytest.param({"sort": "-title"}, ["PACK-1", "MAN-01", "BUD-01", "TUT-01", "ENT-01"], id="à l'envers"),
        pytest.param({"theme": ["hr", "finance"]}, ["BUD-01", "MAN-01"], id="deux thèmes"),
        pytest.param({"mode": "remote"}, ["TUT-01", "BUD-01"], id="à distance"),
        pytest.param({"kind": "pack"}, ["PACK-1"], id="les packs"),
        pytest.param({"certifying": True}, ["MAN-01"], id="certifiantes"),
        pytest.param({"certifying": False, "kind": "programme"}, ["ENT-01", "TUT-01", "BUD-01"], id="non certifiantes"),
        pytest.param({"hours_from": "7", "hours_to": "14"}, ["ENT-01", "TUT-01", "PACK-1"], id="de 7 à 14 heures"),
        pytest.param({"price_to": "200"}, ["TUT-01"], id="200 euros au plus"),
        pytest.param({"q": "tuteur", "mode": "on_site"}, ["PACK-1"], id="un mot et un filtre"),
    ],
)
async def test_filters_narrow_list_counts_and_pages_alike(
    training: ServiceUnderTest, filters: dict[str, Any], found: list[str]
) -> None:
    async with training.client() as anybody:
        whole = await asked(anybody, total=True, **filters)
        assert codes(whole) == found
        narrowing = {name: value for name, value in filters.items() if name != "sort"}
        counts = (await anybody.get("/catalogue/facets", params=narrowing)).json()
        assert counts["total"] == whole["total"] == len(found)
        for facet in ("kinds", "themes", "certifying"):
            assert sum(one["count"] for one in counts[facet]) == len(found)
        turned, cursor = [], None
        for _ in found:
            page = await asked(anybody, limit=1, **filters, **({"cursor": cursor} if cursor else {}))
            turned += codes(page)
            cursor = page["next_cursor"]
        assert (turned, cursor) == (found, None)


@pytest.mark.usefixtures("five")
async def test_a_search_is_paged_by_relevance_and_what_is_known_is_not_sent_again(training: ServiceUnderTest) -> None:
    async with training.client() as anybody:
        whole = codes(await asked(anybody, q="tuteurs"))
        first = await asked(anybody, q="tuteurs", limit=1)
        rest = await asked(anybody, q="tuteurs", limit=10, cursor=first["next_cursor"])
        assert codes(first) + codes(rest) == whole
        tag = (await anybody.get("/catalogue")).headers["etag"]
        assert (await anybody.get("/catalogue", headers={"If-None-Match": tag})).status_code == 304
        unranked = await anybody.get("/catalogue", params={"sort": "relevance"})
        assert (unranked.status_code, unranked.json()["code"]) == (400, "sort_unknown")


async def test_a_word_that_left_the_catalogue_is_not_proposed(training: ServiceUnderTest) -> None:
    async with training.client("training") as team, training.client() as anybody:
        await published(team, "ZYT-01", title="Zythologie")
        assert codes(await asked(anybody, q="zitologie")) == ["ZYT-01"]
        await acted(team, "ZYT-01", "retire")
        page = await asked(anybody, q="zitologie")
        assert (page["items"], page["words"][0]["understood_as"]) == ([], [])


async def test_the_themes_are_told_with_where_they_come_from(training: ServiceUnderTest) -> None:
    async with training.client() as anybody:
        told = (await anybody.get("/catalogue/themes")).json()
    assert told["items"][0] == {"code": "support", "label": "Accompagnement"}
    assert (told["status"], bool(told["source"])) == ("assumed", True)


async def test_five_thousand_programmes_are_searched_by_their_index(training: ServiceUnderTest) -> None:
    await fill(training, 5_000)
    async with training.client() as anybody:
        for question, most in (("badico", 2), ("badicoo", 4), ("formation", 2), ("budget quatrapou", 2)):
            with training.statements() as sent:
                page = await asked(anybody, q=question)
            assert page["items"], question
            reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
            assert len(reads) == most, [statement for statement, _ in reads]
            for statement, parameters in reads:
                found = await indexes_of(training, statement, parameters)
                assert found & {"ix_catalogue_entry_words", "ix_catalogue_word_like"}, (question, statement)
