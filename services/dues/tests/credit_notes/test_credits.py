"""Credit notes: drafted, read again, issued, printed; a call voided and called anew; who sees what."""

import asyncio
import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pypdfium2
import pytest
from facturx import get_facturx_xml_from_pdf, xml_check_xsd
from lxml import etree
from pypdf import PdfReader

from common.contracts.dues import DuesCredited, DuesInvoiced
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined, open_campaign, run
from ..invoices.test_einvoice_reading import with_siren

WHY = {"reason": "corrected", "note": "Base 2025 corrigée par sa déclaration."}


async def called(dues: ServiceUnderTest, client: httpx.AsyncClient) -> dict[str, Any]:
    """Call two structures; return the call of the first, an AI of Occitanie: 800.00 and 4 491.98 euros."""
    await dues.receive(joined(1, "ai", delegation="occitanie"), joined(2, "etti", delegation="bretagne"))
    await run(dues, client, (await open_campaign(client))["id"])
    [invoice] = (await client.get("/invoices", params={"activity": "ai"})).json()["items"]
    return dict(invoice)


async def two_called(dues: ServiceUnderTest) -> dict[str, Any]:
    """Two structures are called; the call of the first."""
    async with dues.client("finance") as client:
        return await called(dues, client)


async def drafted(client: httpx.AsyncClient, invoice: dict[str, Any], **given: Any) -> dict[str, Any]:
    answer = await client.post("/credits", json={"invoice_id": invoice["id"], **WHY, **given})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(client: httpx.AsyncClient, path: str, method: str, verb: str = "", **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.request(method, f"{path}{verb}", json=body or None, headers={"If-Match": etag})


async def issued(client: httpx.AsyncClient, invoice: dict[str, Any], **given: Any) -> dict[str, Any]:
    draft = await drafted(client, invoice, **given)
    answer = await act(client, f"/credits/{draft['id']}", "POST", "/issue")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def owed(client: httpx.AsyncClient, invoice: dict[str, Any]) -> tuple[str, str, str]:
    now = (await client.get(f"/invoices/{invoice['id']}")).json()
    return now["status"], now["credited"], now["owed"]


async def test_a_draft_takes_nothing_off_until_it_is_issued(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        draft = await drafted(client, invoice, variable="491.98")
        assert (draft["reference"], draft["status"], draft["total"]) == ("PROV-2026-00001", "draft", "491.98")
        assert draft["allowed_actions"] == ["change", "delete", "issue"]
        assert await owed(client, invoice) == ("issued", "0.00", "5291.98")
        path = f"/credits/{draft['id']}"
        changed = await act(client, path, "PUT", fixed="0.00", variable="500.00", **WHY)
        assert (changed.json()["total"], changed.json()["version"]) == ("500.00", 2)
        credit = (await act(client, path, "POST", "/issue")).json()
        assert (credit["reference"], credit["status"], credit["voids"]) == ("AVO-2026-00001", "issued", False)
        assert await owed(client, invoice) == ("issued", "500.00", "4791.98")
        for method, verb, body in (
            ("PUT", "", {"fixed": "0.00", "variable": "1.00", **WHY}),
            ("POST", "/issue", {}),
            ("DELETE", "", {}),
        ):
            refused = await act(client, path, method, verb, **body)
            assert (refused.status_code, refused.json()["code"]) == (409, "credit_issued")
        assert (await client.get(path)).json()["blockers"]["issue"][0]["code"] == "credit_issued"
    [fact] = [fact for fact in await dues.published() if isinstance(fact, DuesCredited)]
    assert (fact.credit_number, fact.amount, fact.state.status) == ("AVO-2026-00001", Decimal("500.00"), "issued")
    assert (fact.state.credited, fact.state.total) == (Decimal("500.00"), Decimal("5291.98"))


async def test_deleted_drafts_leave_no_hole_in_the_series(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        draft = await drafted(client, invoice, fixed="1.00")
        assert (await act(client, f"/credits/{draft['id']}", "DELETE")).status_code == 204
        numbers = [(await issued(client, invoice, fixed="1.00"))["reference"] for _ in range(2)]
        assert numbers == ["AVO-2026-00001", "AVO-2026-00002"]
        assert (await client.get(f"/credits/{draft['id']}")).json()["code"] == "credit_not_found"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"fixed": "800.01"}, 409, "credit_part_too_large", id="plus que la part fixe"),
        pytest.param({"variable": "4491.99"}, 409, "credit_part_too_large", id="plus que la part variable"),
        pytest.param({"fixed": "0.00"}, 400, "credit_empty", id="rien"),
        pytest.param({"fixed": "-1.00"}, 422, "validation", id="un montant négatif"),
        pytest.param({"fixed": "1.001"}, 422, "validation", id="une fraction de centime"),
    ],
)
async def test_what_cannot_be_credited_is_refused(
    dues: ServiceUnderTest, arranged: Arrange, given: dict[str, str], status: int, code: str
) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        refused = await client.post("/credits", json={"invoice_id": invoice["id"], **WHY, **given})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert (await client.get("/credits")).json()["items"] == []
    assert await dues.rows("SELECT 1 FROM number_series WHERE journal = 'PROV'") == []


async def test_two_drafts_of_all_of_a_call_cannot_both_be_issued(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        drafts = [await drafted(client, invoice) for _ in range(2)]
        answers = await asyncio.gather(*(act(client, f"/credits/{one['id']}", "POST", "/issue") for one in drafts))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert [one.json()["code"] for one in answers if one.status_code == 409] == ["credit_part_too_large"]
        assert await owed(client, invoice) == ("credited", "5291.98", "0.00")
    series = await dues.rows("SELECT last FROM number_series WHERE journal = 'AVO'")
    assert [row.last for row in series] == [1]


async def test_a_voided_call_is_called_anew_under_the_next_number(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        void = {"reason": "mistake", "note": "Mauvaise activité."}
        credit = (await client.post(f"/invoices/{invoice['id']}/void", json=void)).json()
        assert (credit["reference"], credit["total"], credit["voids"]) == ("AVO-2026-00001", "5291.98", True)
        assert await owed(client, invoice) == ("voided", "5291.98", "0.00")
        again = await client.post(f"/invoices/{invoice['id']}/void", json=void)
        assert (again.status_code, again.json()["code"]) == (400, "credit_empty")
        [campaign] = (await client.get("/campaigns")).json()["items"]
        receipt = await run(dues, client, campaign["id"])
        assert [(line["outcome"], line["reference"]) for line in receipt] == [
            ("invoiced", "COT-2026-00003"),
            ("already_billed", None),
        ]
        anew = (await client.get("/invoices", params={"activity": "ai", "sort": "number"})).json()["items"]
        assert [(one["number"], one["status"], one["also_called"]) for one in anew] == [
            ("COT-2026-00001", "voided", []),
            ("COT-2026-00003", "issued", []),
        ]
        campaign = (await client.get(f"/campaigns/{campaign['id']}")).json()
        assert (campaign["invoiced"]["count"], campaign["invoiced"]["total"]) == (2, "10899.98")
    assert [type(fact) for fact in await dues.published()] == [DuesInvoiced, DuesInvoiced, DuesCredited, DuesInvoiced]


async def test_a_call_says_whether_it_can_be_voided_and_else_why(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """Of what nothing was paid and something is left; a delegation reads the call and is not told of the act."""
    void = {"void": ("POST", "/void", WHY)}
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        path = f"/invoices/{invoice['id']}"
        assert await try_acts(client, path, void) == {"void"}
        await issued(client, invoice, variable="491.98")
        assert await try_acts(client, path, void) == {"void"}, "what is left of it"
        paid = {"method": "transfer", "amount": "4800.00", "received_on": invoice["issued_on"]}
        receipt = (await client.post("/receipts", json={**paid, "member_id": invoice["member_id"]})).json()
        assert await try_acts(client, path, void) == set(), "it is paid"
        shown = (await client.get(path)).json()
        assert [one["code"] for one in shown["blockers"]["void"]] == ["credit_too_large"]
        cancelled = await act(client, f"/receipts/{receipt['id']}", "POST", "/cancel", reason="saisi deux fois")
        assert cancelled.status_code == 200, cancelled.text
        assert await try_acts(client, path, void) == {"void"}
        assert (await client.post(f"{path}/void", json=WHY)).status_code == 201
        assert await try_acts(client, path, void) == set(), "nothing is left of it"
    async with dues.client("delegation", delegation="occitanie") as reader:
        shown = (await reader.get(path)).json()
        assert ("void" in shown["allowed_actions"], shown["blockers"]) == (False, {})


async def test_a_later_number_never_bears_an_earlier_day(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        await arranged(dues, two_called)
        [other] = (await client.get("/invoices", params={"activity": "etti"})).json()["items"]
    async with dues.days_later(2) as later, later.client("finance") as client:
        await issued(client, other, fixed="1.00")
    async with dues.client("finance") as client:
        draft = await drafted(client, other, fixed="1.00")
        refused = await act(client, f"/credits/{draft['id']}", "POST", "/issue")
        assert (refused.status_code, refused.json()["code"]) == (409, "issue_date_decreasing")
    assert [row.last for row in await dues.rows("SELECT last FROM number_series WHERE journal = 'AVO'")] == [1]


async def test_the_database_itself_refuses_a_second_standing_call(dues: ServiceUnderTest, arranged: Arrange) -> None:
    await arranged(dues, two_called)
    [row] = await dues.rows("SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_invoice_campaign_member_kind'")
    assert "UNIQUE" in row.indexdef
    assert "(campaign_id, member_id, kind, rank) WHERE (voided_on IS NULL)" in row.indexdef


async def test_the_document_says_what_it_takes_back_and_why(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        credit = await issued(client, invoice, variable="491.98")
        await dues.run_jobs()
        shown = (await client.get(f"/credits/{credit['id']}")).json()
        assert (shown["allowed_actions"], shown["einvoice"]) == (["download"], False)
        pdf = (await client.get(f"/credits/{credit['id']}/pdf")).content
        [page] = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]
        for words in ("Avoir", "AVO-2026-00001", "l'appel COT-2026-00001", "491,98 €", "base corrigée", "4 800,00 €"):
            assert words in page.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'"), words
        assert len(pypdfium2.PdfDocument(pdf)) == 1


async def test_the_document_holds_its_e_invoice_which_names_the_call(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await dues.receive(with_siren(1, "ai", "123456782", "occitanie"))
        await run(dues, client, (await open_campaign(client))["id"])
        [invoice] = (await client.get("/invoices")).json()["items"]
        credit = await issued(client, invoice, variable="491.98")
        await dues.run_jobs()
        shown = (await client.get(f"/credits/{credit['id']}")).json()
        assert (shown["allowed_actions"], shown["einvoice"]) == (["download", "download_xml"], True)
        pdf = (await client.get(f"/credits/{credit['id']}/pdf")).content
        answer = await client.get(f"/credits/{credit['id']}/xml")
    assert answer.headers["content-disposition"].endswith("AVO-2026-00001.xml")
    assert answer.content == get_facturx_xml_from_pdf(pdf)[1]
    assert xml_check_xsd(answer.content, flavor="factur-x", level="en16931")
    root = etree.fromstring(answer.content)
    said = {path: root.findtext(f".//{{*}}{path}") for path in ("TypeCode", "GrandTotalAmount")}
    assert said == {"TypeCode": "381", "GrandTotalAmount": "491.98"}
    [preceding] = root.iter("{*}InvoiceReferencedDocument")
    assert preceding.findtext("{*}IssuerAssignedID") == invoice["number"]


async def test_a_credit_note_of_a_call_without_e_invoice_has_none(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        credit = await issued(client, invoice, fixed="1.00")
        await dues.run_jobs()
        refused = await client.get(f"/credits/{credit['id']}/xml")
        assert (refused.status_code, refused.json()["code"]) == (404, "einvoice_missing")
        assert (await client.get(f"/credits/{credit['id']}/pdf")).status_code == 200


@pytest.mark.parametrize(
    ("roles", "who", "seen"),
    [
        pytest.param(("finance",), {}, {"draft", "issued"}, id="les finances"),
        pytest.param(("network",), {}, {"issued"}, id="l'équipe réseau"),
        pytest.param(("board",), {}, {"issued"}, id="le conseil"),
        pytest.param(("delegation",), {"delegation": "occitanie"}, {"issued"}, id="sa délégation"),
        pytest.param(("delegation",), {"delegation": "bretagne"}, set(), id="une autre délégation"),
        pytest.param(("member",), {"member_id": UUID(int=1)}, {"issued"}, id="la structure"),
        pytest.param(("member",), {"member_id": UUID(int=2)}, set(), id="une autre structure"),
    ],
)
async def test_who_sees_them(
    dues: ServiceUnderTest, arranged: Arrange, roles: tuple[str, ...], who: dict[str, Any], seen: set[str]
) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        credits_ = [await issued(client, invoice, fixed="1.00"), await drafted(client, invoice)]
        await dues.run_jobs()
    async with dues.client(*roles, **who) as client:
        listed = (await client.get("/credits", params={"total": True})).json()
        assert ({one["status"] for one in listed["items"]}, listed["total"]) == (seen, len(seen))
        assert len((await client.get("/credits/export")).text.splitlines()) == 1 + len(seen)
        for credit in credits_:
            status = 200 if credit["status"] in seen else 404
            assert (await client.get(f"/credits/{credit['id']}")).status_code == status
        pdf = await client.get(f"/credits/{credits_[0]['id']}/pdf")
        assert pdf.status_code == (200 if "issued" in seen else 404)


@pytest.mark.parametrize("role", ["network", "board", "delegation", "member"])
async def test_only_finance_takes_a_call_back(dues: ServiceUnderTest, arranged: Arrange, role: str) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        draft = await drafted(client, invoice)
    who = {"delegation": {"delegation": "occitanie"}, "member": {"member_id": UUID(int=1)}}.get(role, {})
    path, match = f"/credits/{draft['id']}", {"If-Match": '"v1"'}
    async with dues.client(role, **who) as client:
        answers = [
            await client.post("/credits", json={"invoice_id": invoice["id"], **WHY}),
            await client.put(path, json={"fixed": "1.00", "variable": "0.00", **WHY}, headers=match),
            await client.delete(path, headers=match),
            await client.post(f"{path}/issue", headers=match),
            await client.post(f"/invoices/{invoice['id']}/void", json=WHY),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "forbidden")}


@pytest.mark.parametrize(
    ("params", "references"),
    [
        pytest.param({"status": "draft"}, ["PROV-2026-00003"], id="brouillons"),
        pytest.param({"status": "issued"}, ["AVO-2026-00001", "AVO-2026-00002"], id="émis"),
        pytest.param({"reason": "solidarity"}, ["AVO-2026-00002"], id="par raison"),
        pytest.param({"delegation": "bretagne"}, [], id="par délégation"),
        pytest.param({"member_id": str(UUID(int=1)), "status": "draft"}, ["PROV-2026-00003"], id="par structure"),
        pytest.param({"q": "00002"}, ["AVO-2026-00002"], id="par numéro"),
        pytest.param({"issued_to": "2020-01-01"}, [], id="émis avant"),
        pytest.param({"year": 2026, "sort": "-reference", "limit": 1}, ["PROV-2026-00003"], id="le dernier d'abord"),
    ],
)
async def test_the_list_is_filtered(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], references: list[str]
) -> None:
    async with dues.client("finance") as client:
        invoice = await arranged(dues, two_called)
        await issued(client, invoice, fixed="1.00")
        await issued(client, invoice, fixed="1.00", reason="solidarity")
        await drafted(client, invoice)
        with dues.statements() as sent:
            listed = (await client.get("/credits", params={"sort": "reference", **params})).json()["items"]
        assert len(sent) <= 4
    assert [one["reference"] for one in listed] == references
