"""Files that accompaniments leave: known by their content, read by the structure and whoever delivers, replaced."""

import asyncio
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.bookings.domain import (
    MOST_DELIVERED_BYTES,
    Deliverable,
    DeliverableFile,
    DeliverableFileNotFound,
    DeliverableKind,
    DeliverableTooLarge,
    DeliverableUnreadable,
    DeliverableWithdrawal,
    readable,
    recognise_delivered,
    withdraw,
)

from ..bookings.test_bookings import admitted, mails
from ..satisfaction.test_satisfaction import held
from ..sittings.test_minutes import act

PDF = b"%PDF-1.7\nplan d'action"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def archive(*names: str, mimetype: bytes | None = None) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        if mimetype is not None:
            written.writestr("mimetype", mimetype)
        for name in names:
            written.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        pytest.param(PDF, ".pdf", id="PDF"),
        pytest.param(b"\x89PNG\r\n\x1a\nxx", ".png", id="image"),
        pytest.param(archive("[Content_Types].xml", "word/document.xml"), ".docx", id="Word"),
        pytest.param(archive("[Content_Types].xml", "xl/workbook.xml"), ".xlsx", id="Excel"),
        pytest.param(archive("ppt/presentation.xml"), ".pptx", id="PowerPoint"),
        pytest.param(
            archive("content.xml", mimetype=b"application/vnd.oasis.opendocument.text"), ".odt", id="LibreOffice"
        ),
        pytest.param(archive("word/document.xml", "word/vbaProject.bin"), None, id="Word et ses macros"),
        pytest.param(archive("xl/workbook.xml", "xl/vbaProject.bin"), None, id="Excel et ses macros"),
        pytest.param(archive("readme.txt"), None, id="une archive quelconque"),
        pytest.param(archive("content.xml", mimetype=b"application/epub+zip"), None, id="un livre"),
        pytest.param(b"PK\x03\x04 coupee", None, id="une archive coupée"),
        pytest.param(b"<!doctype html><script>", None, id="une page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", None, id="un dessin qui a des scripts"),
        pytest.param(b"<html>%PDF-", None, id="une page qui se dit PDF"),
        pytest.param(b"MZ\x90", None, id="un programme"),
        pytest.param(b"", None, id="vide"),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, extension: str | None) -> None:
    if extension is None:
        with pytest.raises(DeliverableUnreadable):
            recognise_delivered(content)
    else:
        assert recognise_delivered(content).extension == extension


def test_a_file_has_a_most() -> None:
    with pytest.raises(DeliverableTooLarge):
        recognise_delivered(PDF + b"x" * MOST_DELIVERED_BYTES)


LEFT = Deliverable(
    UUID(int=1), UUID(int=2), DeliverableKind.REPORT, "Compte rendu", NOW.date(), None, None, None, NOW, "x"
)
FIRST, LAST = (
    DeliverableFile(UUID(int=number), LEFT.id, "cr.pdf", "application/pdf", 1, "", "", NOW, "x") for number in (3, 4)
)
TAKEN_BACK = withdraw(LEFT, DeliverableWithdrawal(NOW, "x", "erreur"))


@pytest.mark.parametrize(
    ("deliverable", "asked", "delivers", "is_read"),
    [
        pytest.param(LEFT, LAST, False, True, id="la structure, le dernier"),
        pytest.param(LEFT, FIRST, False, False, id="la structure, celui qu'il remplace"),
        pytest.param(TAKEN_BACK, LAST, False, False, id="la structure, retiré"),
        pytest.param(LEFT, FIRST, True, True, id="qui remet, celui qu'il remplace"),
        pytest.param(TAKEN_BACK, FIRST, True, True, id="qui remet, retiré"),
    ],
)
def test_who_reads_which(deliverable: Deliverable, asked: DeliverableFile, *, delivers: bool, is_read: bool) -> None:
    if is_read:
        assert readable(deliverable, [FIRST, LAST], asked.id, delivers=delivers) == asked
    else:
        with pytest.raises(DeliverableFileNotFound):
            readable(deliverable, [FIRST, LAST], asked.id, delivers=delivers)


async def send(
    client: httpx.AsyncClient,
    path: str,
    under: str = "",
    name: str = "Plan.pdf",
    content: bytes = PDF,
    seen: str = "",
    **form: Any,
) -> httpx.Response:
    headers = {"If-Match": seen or (await client.get(path)).headers.get("etag", "")} if under else {}
    data = {} if under else {"kind": "action_plan", "title": "Plan d'action", **form}
    files = {"file": (name, content, "text/html")}
    return await client.post(f"{path}/deliverables{under}/files", data=data, files=files, headers=headers)


async def test_a_file_is_delivered_replaced_and_read_by_those_concerned(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted, "A", "B")
    path, _ = await held(membership, [own, other])
    async with membership.days_later(3) as later:
        staff = later.client("delegation", delegation="occitanie")
        async with staff as client, later.client("member", member_id=own) as structure:
            refused = await send(client, path, name="plan.pdf", content=b"<html>")
            assert (refused.status_code, refused.json()["code"]) == (400, "deliverable_unreadable")
            given = await send(client, path, name="../Plan d'été.html", summary="Trois chantiers.")
            assert given.status_code == 201, given.text
            [one] = given.json()["deliverables"]
            [first] = one["files"]
            assert (first["filename"], first["media_type"]) == (".. Plan d'été.pdf", "application/pdf")
            assert (first["size"], one["summary"], one["allowed_actions"]) == (
                len(PDF),
                "Trois chantiers.",
                ["send", "withdraw"],
            )
            at = f"{path}/deliverables/{one['id']}/files"
            read = await structure.get(f"{at}/{first['id']}")
            assert (read.status_code, read.content) == (200, PDF)
            assert read.headers["content-disposition"].startswith("attachment; filename*=UTF-8''..%20Plan")
            assert read.headers["x-content-type-options"] == "nosniff"

            docx = archive("word/document.xml")
            again = await send(client, path, f"/{one['id']}", "Plan v2.docx", docx)
            assert again.status_code == 201, again.text
            [one] = again.json()["deliverables"]
            assert [file["filename"] for file in one["files"]] == [".. Plan d'été.pdf", "Plan v2.docx"]
            assert {file["sent_by"] for file in one["files"]} == {"test-delegation"}
            [seen] = (await structure.get(path)).json()["deliverables"]
            assert [file["filename"] for file in seen["files"]] == ["Plan v2.docx"]
            assert (await structure.get(f"{at}/{first['id']}")).json()["code"] == "deliverable_file_not_found"
            assert (await client.get(f"{at}/{first['id']}")).content == PDF, "who delivered it reads what it was"
            last = one["files"][-1]["id"]
            assert (await structure.get(f"{at}/{last}")).content == docx

            etag = (await client.get(path)).headers["etag"]
            blind = await client.post(at, files={"file": ("a.pdf", PDF)})
            assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")
            assert (await send(structure, path)).status_code == 403

        strangers: list[tuple[str, dict[str, Any]]] = [
            ("member", {"member_id": other}),
            ("delegation", {"delegation": "bretagne"}),
        ]
        for role, who in strangers:
            async with later.client(role, **who) as client:
                hidden = await client.get(f"{at}/{last}")
                assert (hidden.status_code, hidden.json()["code"]) == (404, "booking_not_found")
        async with later.client("delegation", delegation="bretagne") as client:
            seen, why = {"If-Match": etag}, {"reason": "Celui d'une autre."}
            for refused in (
                await client.post(at, files={"file": ("a.pdf", PDF)}, headers=seen),
                await client.post(at.removesuffix("files") + "withdraw", json=why, headers=seen),
            ):
                assert (refused.status_code, refused.json()["code"]) == (404, "booking_not_found")
        async with later.client("board") as client:
            assert (await client.get(f"{at}/{last}")).status_code == 403

        async with later.client("delegation", delegation="occitanie") as client:
            await act(client, path, "POST", f"deliverables/{one['id']}/withdraw", reason="Celui d'une autre.")
            assert (await client.get(f"{at}/{last}")).content == docx
            standing = await send(client, path, f"/{one['id']}")
            assert (standing.status_code, standing.json()["code"]) == (409, "deliverable_withdrawn")
        async with later.client("member", member_id=own) as structure:
            assert (await structure.get(f"{at}/{last}")).status_code == 404
            assert (await structure.get(path)).json()["deliverables"][0]["files"] == []
    subjects = [subject.partition(" : ")[0] for _, subject in await mails(membership)]
    assert subjects.count("Livrable") == 2, "told of each"


async def test_what_was_not_held_leaves_no_file(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    [path] = await held(membership, [own])
    async with membership.days_later(3) as later, later.client("delegation", delegation="occitanie") as client:
        another_day = await send(client, path, delivered_on="2020-01-01")
        assert (another_day.status_code, another_day.json()["code"]) == (400, "delivered_another_day")
        assert (await act(client, path, "POST", "reopen", reason="Par erreur.")).status_code == 200
        unheld = await send(client, path)
        assert (unheld.status_code, unheld.json()["code"]) == (409, "accompaniment_not_held")
    assert await membership.rows("SELECT 1 FROM deliverable_file") == []


async def test_of_two_files_sent_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted, "A")
    [path] = await held(membership, [own])
    async with membership.days_later(3) as later, later.client("delegation", delegation="occitanie") as client:
        [one] = (await send(client, path)).json()["deliverables"]
        seen = (await client.get(path)).headers["etag"]
        both = await asyncio.gather(*(send(client, path, f"/{one['id']}", seen=seen) for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [201, 412]
