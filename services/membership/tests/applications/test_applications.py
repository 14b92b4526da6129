"""The file of an application: what is asked, what was sent, what the delegation thinks of it.

The checklist is dated data, `assumed`; the rest is decided in ADR 0020 and ADR 0021.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from membership.applications.domain import (
    MOST_BYTES,
    Document,
    DocumentDecided,
    DocumentState,
    DocumentTooLarge,
    DocumentUnreadable,
    Item,
    check,
    checklist,
    recognise,
)
from membership.applications.queries import checklist_items
from membership.members.domain import ActivityKind

from ..imports.test_acts import applied, previewed
from ..members.test_register import admit, receive, structure

PDF = b"%PDF-1.7 fictif"
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kinds", "received_on", "asked"),
    [
        pytest.param(["ai"], date(2026, 3, 1), "statutes agreement", id="AI : avec sa convention"),
        pytest.param(["ebe"], date(2026, 3, 1), "statutes", id="EBE : sans convention"),
        pytest.param(["ebe", "etti"], date(2026, 3, 1), "statutes agreement garantee", id="une activité suffit"),
        pytest.param(["etti"], date(2026, 2, 1), "statutes agreement", id="reçue avant qu'on ne demande la garantie"),
    ],
)
def test_what_is_asked_of_whom(kinds: list[str], received_on: date, asked: str) -> None:
    always = date(2000, 1, 1)
    items = [
        Item("statutes", "Statuts", always, "assumed", ""),
        Item("agreement", "Convention", always, "published", "", frozenset({ActivityKind.AI, ActivityKind.ETTI})),
        Item("garantee", "Garantie", date(2026, 3, 1), "published", "", frozenset({ActivityKind.ETTI})),
    ]
    lines = checklist(items, [], [ActivityKind(kind) for kind in kinds], received_on)
    assert " ".join(line.item.code for line in lines) == asked


def document(number: int, state: DocumentState) -> Document:
    return Document(UUID(int=number), "a", "a.pdf", "application/pdf", 1, NOON + timedelta(hours=number), state)


@pytest.mark.parametrize(
    ("states", "asked", "expected", "settled"),
    [
        pytest.param([], True, "missing", False, id="attendue"),
        pytest.param(["received"], True, "received", False, id="reçue : à vérifier"),
        pytest.param(["accepted"], True, "accepted", True, id="acceptée"),
        pytest.param(["refused"], True, "refused", False, id="refusée : une autre est attendue"),
        pytest.param(["refused", "received"], True, "received", False, id="la dernière compte"),
        pytest.param(["accepted", "received"], True, "accepted", True, id="... mais l'acceptée compte d'ici là"),
        pytest.param(["accepted", "refused"], True, "refused", False, id="... jusqu'à ce qu'on lise la nouvelle"),
        pytest.param(["accepted", "refused", "received"], True, "received", False, id="... et la suivante"),
        pytest.param([], False, "not_asked", True, id="reprise d'un annuaire"),
        pytest.param(["received"], False, "received", False, id="... mais envoyée quand même"),
    ],
)
def test_where_a_document_stands(states: list[str], asked: bool, expected: str, settled: bool) -> None:
    item = Item("a", "A", date(2000, 1, 1), "assumed", "")
    sent = [document(number, DocumentState(state)) for number, state in enumerate(states)]
    [line] = checklist([item], sent[::-1], [], date(2026, 3, 1), asked=asked)
    assert (line.state, line.is_settled) == (expected, settled)


def test_a_document_is_checked_once() -> None:
    refused = check(document(1, DocumentState.RECEIVED), DocumentState.REFUSED, "illisible")
    assert (refused.state, refused.remark) == (DocumentState.REFUSED, "illisible")
    with pytest.raises(DocumentDecided):
        check(refused, DocumentState.ACCEPTED)


@pytest.mark.parametrize(
    ("filename", "content", "expected"),
    [
        pytest.param("Statuts.PDF", PDF, ("application/pdf", "Statuts.pdf"), id="PDF"),
        pytest.param("statuts.html", PDF, ("application/pdf", "statuts.pdf"), id="le nom suit le contenu"),
        pytest.param("a/b\u202e\n.png", b"\x89PNG\r\n\x1a\nxx", ("image/png", "a b.png"), id="rien d'invisible"),
        pytest.param("", b"\xff\xd8\xff\xe0xx", ("image/jpeg", "document.jpg"), id="sans nom"),
        pytest.param("x" * 500, PDF, ("application/pdf", "x" * 150 + ".pdf"), id="un nom trop long"),
    ],
)
def test_a_document_is_known_by_its_content(filename: str, content: bytes, expected: tuple[str, str]) -> None:
    assert recognise(filename, content) == expected


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"PK\x03\x04", DocumentUnreadable, id="archive, donc aussi un document de bureautique"),
        pytest.param(b"<html>%PDF-", DocumentUnreadable, id="page"),
        pytest.param(b"", DocumentUnreadable, id="vide"),
        pytest.param(PDF + b"x" * MOST_BYTES, DocumentTooLarge, id="trop grand"),
    ],
)
def test_what_nobody_can_be_asked_to_read(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        recognise("a.pdf", content)


def test_every_item_says_where_it_comes_from() -> None:
    items = checklist_items()
    assert len({item.code for item in items}) == len(items)
    assert all(item.status in ("assumed", "published") and item.source for item in items)


async def send(client: httpx.AsyncClient, path: str, item: str = "statutes", content: bytes = PDF) -> httpx.Response:
    files = {"file": ("Statuts signés.pdf", content, "text/html")}
    return await client.post(f"{path}/documents", data={"item": item}, files=files)


def line_of(application: dict[str, Any], item: str = "statutes") -> dict[str, Any]:
    [line] = [line for line in application["checklist"] if line["item"] == item]
    return dict(line)


async def received(client: httpx.AsyncClient, **fields: Any) -> str:
    return f"/applications/{(await receive(client, **{**structure('A'), **fields}))['id']}"


async def test_a_document_is_sent_refused_sent_again_and_accepted(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await received(client)
        expected = (await client.get(path)).json()["documents_expected"]
        first = await send(client, path)
        assert first.status_code == 201, first.text
        sent = line_of(first.json())
        assert (sent["state"], sent["document"]["media_type"]) == ("received", "application/pdf")
        address = f"{path}/documents/{sent['document']['id']}"
        body, headers = {"remark": "page 2 illisible"}, {"If-Match": first.headers["etag"]}
        refused = await client.post(f"{address}/refuse", json=body, headers=headers)
        assert line_of(refused.json())["document"]["remark"] == "page 2 illisible"
        stale = await client.post(f"{address}/accept", headers=headers)
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        again = await client.post(f"{address}/accept", headers={"If-Match": refused.headers["etag"]})
        assert (again.status_code, again.json()["code"]) == (409, "document_decided")
        second = await send(client, path, content=PDF + b" bis")
        address = f"{path}/documents/{line_of(second.json())['document']['id']}"
        accepted = await client.post(f"{address}/accept", headers={"If-Match": second.headers["etag"]})
        assert line_of(accepted.json())["state"] == "accepted"
        assert accepted.json()["documents_expected"] == expected - 1
        download = await client.get(address)
        assert download.content == PDF + b" bis"
        assert download.headers["x-content-type-options"] == "nosniff"
        assert download.headers["content-disposition"] == "attachment; filename*=UTF-8''Statuts%20sign%C3%A9s.pdf"


@pytest.mark.parametrize(
    ("item", "content", "code"),
    [
        pytest.param("statutes", b"MZ\x90\x00", "document_unreadable", id="un programme"),
        pytest.param("temporary_work", PDF, "document_not_asked", id="une pièce que l'on ne demande pas à une AI"),
        pytest.param("nothing", PDF, "document_not_asked", id="une pièce inconnue"),
    ],
)
async def test_what_is_not_a_document_of_the_file_is_refused(
    membership: ServiceUnderTest, item: str, content: bytes, code: str
) -> None:
    async with membership.client("network") as client:
        path = await received(client)
        before = await client.get(path)
        refused = await send(client, path, item, content)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        assert (await client.get(path)).json() == before.json()


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await received(client)
        assert (await send(client, path, content=PDF + b"x" * 11_000_000)).status_code == 413
        assert (await send(client, path, content=PDF + b"x" * MOST_BYTES)).json()["code"] == "document_too_large"
    assert await membership.rows("SELECT 1 FROM application_document") == []


async def test_the_delegation_gives_its_opinion_and_may_change_its_mind(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await received(client)
        assert len((await client.get("/applications", params={"without_opinion": True})).json()["items"]) == 1
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(path)).json()["allowed_actions"] == ["send_document", "give_opinion"]
        for advice in ("reserved", "favourable"):
            headers = {"If-Match": (await client.get(path)).headers["etag"]}
            body = {"advice": advice, "text": "Rencontrée le 3 mars."}
            given = await client.post(f"{path}/opinions", json=body, headers=headers)
            assert given.status_code == 201, given.text
        assert [(one["advice"], one["counts"]) for one in given.json()["opinions"]] == [
            ("reserved", False),
            ("favourable", True),
        ]
        for params, count in (
            ({"opinion": "favourable"}, 1),
            ({"opinion": "reserved"}, 0),
            ({"without_opinion": True}, 0),
            ({"without_opinion": False}, 1),
        ):
            assert len((await client.get("/applications", params=params)).json()["items"]) == count, params


async def test_after_an_admission_with_reservations_documents_still_come(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = f"/applications/{application['id']}"
        await admit(client, application)
        admitted = (await client.get(path)).json()
        assert ([one["text"] for one in admitted["reservations"]], admitted["allowed_actions"]) == (
            ["pièces"],
            ["send_document", "check_document", "lift_reservation"],
        )
        sent = await send(client, path)
        assert sent.status_code == 201, sent.text
        address = f"{path}/documents/{line_of(sent.json())['document']['id']}"
        accepted = await client.post(f"{address}/accept", headers={"If-Match": sent.headers["etag"]})
        assert line_of(accepted.json())["state"] == "accepted"
    async with membership.client("delegation", delegation="occitanie") as client:
        body, headers = {"advice": "favourable", "text": "x"}, {"If-Match": accepted.headers["etag"]}
        late = await client.post(f"{path}/opinions", json=body, headers=headers)
        assert (late.status_code, late.json()["code"]) == (409, "application_decided")


async def test_nothing_is_added_to_a_file_that_the_board_refused(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = f"/applications/{application['id']}"
        sent = line_of((await send(client, path)).json())["document"]["id"]
        await admit(client, application, outcome="refused", votes_for=0, votes_against=9, reservations=[])
        refused = await client.get(path)
        assert refused.json()["allowed_actions"] == ["apply_again"]
        assert (await send(client, path)).json()["code"] == "application_decided"
        headers = {"If-Match": refused.headers["etag"]}
        checked = await client.post(f"{path}/documents/{sent}/accept", headers=headers)
        assert checked.json()["code"] == "application_decided"


async def test_the_structure_does_not_read_what_is_thought_of_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        application = await receive(client, **structure("A"))
        path = f"/applications/{application['id']}"
    async with membership.client("delegation", delegation="occitanie") as client:
        body = {"advice": "unfavourable", "text": "Trop tôt."}
        given = await client.post(f"{path}/opinions", json=body, headers={"If-Match": '"v1"'})
        assert len(given.json()["opinions"]) == 1
    async with membership.client("member", member_id=UUID(application["member_id"])) as client:
        own = await client.get(path)
        assert own.json()["opinions"] == []
        assert "Trop tôt" not in own.text
        for params in ({"opinion": "unfavourable"}, {"without_opinion": True}):
            asked = await client.get("/applications", params=params)
            assert (asked.status_code, asked.json()["code"]) == (403, "opinions_hidden")


async def test_nothing_is_asked_of_a_structure_taken_from_a_directory(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        sent = await previewed(
            membership,
            client,
            "numero;nom;adresse;code_postal;commune;types;departement\n1;A;1 rue A;31000;TOULOUSE;AI;31\n",
        )
        await applied(membership, client, sent["id"])
        [application] = (await client.get("/applications")).json()["items"]
    assert application["documents_expected"] == 0
    assert {line["state"] for line in application["checklist"]} == {"not_asked"}


async def test_a_file_is_read_and_filled_within_reach_only(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        application = await receive(client, **structure("A"))
        path = f"/applications/{application['id']}"
        sent = line_of((await send(client, path)).json())["document"]["id"]
    async with membership.client("delegation", delegation="idf") as client:
        assert (await send(client, path)).status_code == 404
        assert (await client.get(f"{path}/documents/{sent}")).status_code == 404
        body, headers = {"advice": "favourable", "text": "x"}, {"If-Match": '"v2"'}
        assert (await client.post(f"{path}/opinions", json=body, headers=headers)).status_code == 404
    async with membership.client("member", member_id=UUID(application["member_id"])) as client:
        assert (await send(client, path, "registration")).status_code == 201
        accept = await client.post(f"{path}/documents/{sent}/accept", headers={"If-Match": '"v3"'})
        assert accept.status_code == 403
    async with membership.client("network") as client:
        unknown = await client.get(f"{path}/documents/{uuid4()}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "document_not_found")
