"""Who may do what with direct debits, and what each sees of them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from common.etags import etag
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..mandates.conftest import IBAN
from .conftest import OTHER, OWN, Desk, two_signed

NOWHERE = str(UUID(int=9))
MASKED = "FR76 **** **** 097"
PEOPLE: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "finances": (("finance",), {}),
    "réseau": (("network",), {}),
    "conseil": (("board",), {}),
    "sa délégation": (("delegation",), {"delegation": "occitanie"}),
    "une autre délégation": (("delegation",), {"delegation": "pays-de-la-loire"}),
    "elle-même": (("member",), {"member_id": OWN}),
    "une autre structure": (("member",), {"member_id": UUID(int=3)}),
}
WHY = {"reason": "Essai"}
BACK = {"reason": "AM04", "returned_on": "2026-12-01"}
# Each route, and what everybody is answered about an announced run and the line of ``OWN``.
ROUTES = [
    pytest.param("GET", "", None, (200, 200, 200, 403, 403, 403, 403), id="les remises"),
    pytest.param("GET", "/rules", None, (200, 200, 200, 403, 403, 403, 403), id="les règles"),
    pytest.param("GET", "/preview?collection_on={day}", None, (200, 200, 200, 403, 403, 403, 403), id="l'aperçu"),
    pytest.param("POST", "", {"collection_on": "{day}"}, (409, 403, 403, 403, 403, 403, 403), id="préparer"),
    pytest.param("GET", "/{run}", None, (200, 200, 200, 403, 403, 403, 403), id="une remise"),
    pytest.param("POST", "/{run}/announce", None, (409, 403, 403, 403, 403, 403, 403), id="prévenir"),
    pytest.param("POST", "/{run}/file", None, (200, 403, 403, 403, 403, 403, 403), id="produire le fichier"),
    pytest.param("GET", "/{run}/file", None, (404, 403, 403, 403, 403, 403, 403), id="télécharger le fichier"),
    pytest.param(
        "POST", "/{run}/settle", {"settled_on": "{day}"}, (409, 403, 403, 403, 403, 403, 403), id="noter le règlement"
    ),
    pytest.param("POST", "/{run}/cancel", WHY, (200, 403, 403, 403, 403, 403, 403), id="annuler"),
    pytest.param("GET", "/lines", None, (200, 200, 200, 200, 200, 200, 200), id="les prélèvements"),
    pytest.param("GET", "/lines/export", None, (200, 200, 200, 200, 200, 200, 200), id="leur export"),
    pytest.param("GET", "/lines/{line}", None, (200, 200, 200, 200, 404, 200, 404), id="un prélèvement"),
    pytest.param("GET", "/lines/{line}/notice", None, (200, 200, 200, 200, 404, 200, 404), id="son avis"),
    pytest.param("POST", "/lines/{line}/withdraw", WHY, (200, 403, 403, 403, 403, 403, 403), id="retirer"),
    pytest.param("POST", "/lines/{line}/return", BACK, (409, 403, 403, 403, 403, 403, 403), id="constater un retour"),
]


Announced = tuple[Desk, dict[str, Any]]


async def run_announced(dues: ServiceUnderTest) -> dict[str, Any]:
    """A run takes up what the two that signed owe, and they were told of it."""
    await two_signed(dues)
    async with dues.client("finance") as client:
        desk = Desk(dues, client)
        return await desk.done(await desk.prepare(), "announce")


@pytest_asyncio.fixture
async def announced(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[Announced]:
    """Finance at its desk, and the run that was announced."""
    run = await arranged(dues, run_announced)
    async with dues.client("finance") as client:
        yield Desk(dues, client), run


@pytest.mark.parametrize(("method", "path", "body", "answers"), ROUTES)
async def test_who_may_do_what(
    announced: Announced, method: str, path: str, body: dict[str, str] | None, answers: tuple[int, ...]
) -> None:
    desk, run = announced
    [line] = [one for one in await desk.lines() if one["member_id"] == str(OWN)]
    names = {"run": run["id"], "line": line["id"], "day": str(desk.day)}
    seen = {"If-Match": etag(line["version"] if "{line}" in path else run["version"])}
    sent = {key: value.format(**names) for key, value in body.items()} if body else None
    place = f"/collections{path.format(**names)}"
    told = {}
    for name, (roles, who) in PEOPLE.items():
        async with desk.dues.client(*roles, **who) as client:
            dry = {"params": {"dry_run": "true"}} if method == "POST" else {}
            told[name] = (await client.request(method, place, json=sent, headers=seen, **dry)).status_code
    assert told == dict(zip(PEOPLE, answers, strict=True))


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", f"/{NOWHERE}", None, "collection_not_found"),
        ("POST", f"/{NOWHERE}/announce", None, "collection_not_found"),
        ("POST", f"/{NOWHERE}/file", None, "collection_not_found"),
        ("GET", f"/{NOWHERE}/file", None, "collection_not_found"),
        ("POST", f"/{NOWHERE}/settle", {"settled_on": "2026-12-01"}, "collection_not_found"),
        ("POST", f"/{NOWHERE}/cancel", WHY, "collection_not_found"),
        ("GET", f"/lines/{NOWHERE}", None, "collection_line_not_found"),
        ("GET", f"/lines/{NOWHERE}/notice", None, "collection_line_not_found"),
        ("POST", f"/lines/{NOWHERE}/withdraw", WHY, "collection_line_not_found"),
        ("POST", f"/lines/{NOWHERE}/return", BACK, "collection_line_not_found"),
    ],
)
async def test_what_is_not_there_is_not_found(
    desk: Desk, method: str, path: str, body: dict[str, str] | None, code: str
) -> None:
    answer = await desk.client.request(method, f"/collections{path}", json=body, headers={"If-Match": etag(1)})
    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_structure_sees_what_was_announced_to_it_alone(desk: Desk) -> None:
    run = await desk.prepare()
    assert await seen(desk, "elle-même") == await seen(desk, "sa délégation") == []
    assert len(await seen(desk, "réseau")) == 2
    await desk.done(run, "announce")
    for name in ("elle-même", "sa délégation"):
        assert [one["member_id"] for one in await seen(desk, name)] == [str(OWN)]
    assert await seen(desk, "une autre structure") == await seen(desk, "une autre délégation") == []
    filtered = await desk.lines(member_id=str(OTHER), delegation="bretagne", state="announced", q="structure 002")
    assert [one["member_id"] for one in filtered] == [str(OTHER)]
    assert await desk.lines(state="settled") == []
    exported = (await desk.client.get("/collections/lines/export", params={"member_id": str(OWN)})).text
    assert len(exported.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "iban", "acts"),
    [
        pytest.param("finances", IBAN, {"withdraw", "download_notice"}, id="les finances, entier"),
        pytest.param("elle-même", IBAN, {"download_notice"}, id="la structure, le sien"),
        pytest.param("réseau", MASKED, {"download_notice"}, id="le réseau, masqué"),
        pytest.param("conseil", None, {"download_notice"}, id="le conseil, rien"),
        pytest.param("sa délégation", None, {"download_notice"}, id="la délégation, rien"),
    ],
)
async def test_what_each_sees_of_an_account(announced: Announced, name: str, iban: str | None, acts: set[str]) -> None:
    desk, _ = announced
    [mine] = [one for one in await seen(desk, name) if one["member_id"] == str(OWN)]
    assert (mine["iban"], set(mine["allowed_actions"])) == (iban, acts)
    roles, who = PEOPLE[name]
    async with desk.dues.client(*roles, **who) as client:
        exported = (await client.get("/collections/lines/export")).text
        assert (IBAN in exported) is (iban == IBAN)


async def seen(desk: Desk, name: str) -> list[dict[str, Any]]:
    roles, who = PEOPLE[name]
    async with desk.dues.client(*roles, **who) as client:
        return list((await client.get("/collections/lines")).json()["items"])
