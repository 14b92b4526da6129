"""The e-invoices of a campaign: printed with their calls, read one by one or together, by whom they concern."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from common.contracts.membership import MemberJoined
from common.files import Files
from common.invoicing.files import xml_inside
from common.testing.harness import ServiceUnderTest
from dues.invoices.documents import archive
from dues.invoices.repository import pdf_path

from ..campaigns.test_campaign import joined, open_campaign, run


def with_siren(rank: int, kind: str, siren: str, delegation: str) -> MemberJoined:
    fact = joined(rank, kind, delegation=delegation)
    return fact.model_copy(update={"state": fact.state.model_copy(update={"siren": siren})})


async def called(dues: ServiceUnderTest) -> dict[str, dict[str, Any]]:
    """Call two structures that have a SIREN and one that has none; return the calls by number."""
    await dues.receive(
        with_siren(1, "ai", "123456782", "occitanie"), with_siren(2, "etti", "732829320", "bretagne"), joined(3, "aci")
    )
    async with dues.client("finance") as finance:
        await run(dues, finance, (await open_campaign(finance))["id"])
        items = (await finance.get("/invoices", params={"sort": "number"})).json()["items"]
    return {item["number"]: item for item in items}


async def test_the_file_of_a_call_is_the_one_its_document_holds(dues: ServiceUnderTest) -> None:
    call = (await called(dues))["COT-2026-00001"]
    assert call["einvoice"] is True
    assert call["allowed_actions"] == ["download", "download_xml", "void"]
    async with dues.client("member", member_id=UUID(int=1)) as member:
        xml = await member.get(f"/invoices/{call['id']}/xml")
        pdf = await member.get(f"/invoices/{call['id']}/pdf")
        detail = (await member.get(f"/invoices/{call['id']}")).json()
    assert (xml.status_code, xml.headers["content-type"]) == (200, "application/xml")
    assert "COT-2026-00001.xml" in xml.headers["content-disposition"]
    assert xml.content == xml_inside(pdf.content)
    assert detail["einvoice_defects"] == []
    assert detail["kept_until"] == f"{int(call['issued_on'][:4]) + 10}-12-31"


async def test_a_structure_without_a_siren_is_called_on_paper_and_it_is_said_why(dues: ServiceUnderTest) -> None:
    call = (await called(dues))["COT-2026-00003"]
    assert call["einvoice"] is False
    assert call["allowed_actions"] == ["download", "void"]
    async with dues.client("finance") as finance:
        pdf = await finance.get(f"/invoices/{call['id']}/pdf")
        refused = await finance.get(f"/invoices/{call['id']}/xml")
        detail = (await finance.get(f"/invoices/{call['id']}")).json()
        without = (await finance.get("/invoices", params={"einvoice": False})).json()["items"]
        [job] = await dues.rows("SELECT id FROM job WHERE kind = 'invoices.print'")
        receipt = (await finance.get(f"/jobs/{job.id}/receipt")).json()["items"]
    assert b"factur-x.xml" not in pdf.content
    assert (refused.status_code, refused.json()["code"]) == (404, "einvoice_missing")
    assert [defect["rule"] for defect in refused.json()["defects"]] == ["BR-FR-12"]
    assert detail["einvoice_defects"] == refused.json()["defects"]
    assert [one["number"] for one in without] == ["COT-2026-00003"]
    assert [(line["reference"], line["outcome"], line["code"]) for line in receipt] == [
        ("COT-2026-00001", "printed", None),
        ("COT-2026-00002", "printed", None),
        ("COT-2026-00003", "printed_without_xml", "BR-FR-12"),
    ]


@pytest.mark.parametrize(
    ("roles", "who", "status", "numbers"),
    [
        pytest.param(("finance",), {}, 200, [1, 2, 3], id="les finances"),
        pytest.param(("network",), {}, 200, [1, 2, 3], id="l'équipe réseau"),
        pytest.param(("board",), {}, 200, [1, 2, 3], id="le conseil"),
        pytest.param(("delegation",), {"delegation": "occitanie"}, 200, [1, 3], id="sa délégation"),
        pytest.param(("delegation",), {"delegation": "bretagne"}, 404, [2], id="une autre délégation"),
        pytest.param(("member",), {"member_id": UUID(int=1)}, 200, [1], id="la structure"),
        pytest.param(("member",), {"member_id": UUID(int=2)}, 404, [2], id="une autre structure"),
        pytest.param(("ops",), {}, 403, None, id="l'exploitation"),
    ],
)
async def test_who_reads_the_file_of_a_call_and_which_documents_together(
    dues: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], status: int, numbers: list[int] | None
) -> None:
    call = (await called(dues))["COT-2026-00001"]
    async with dues.client(*roles, **who) as client:
        assert (await client.get(f"/invoices/{call['id']}/xml")).status_code == status
        together = await client.get("/invoices/documents", params={"year": 2026})
    if numbers is None:
        assert together.status_code == 403
        return
    assert (together.status_code, together.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(together.content)) as whole:
        assert whole.testzip() is None
        assert whole.namelist() == [f"COT-2026-{number:05d}.pdf" for number in numbers]


async def test_the_archive_holds_the_documents_of_the_list_with_the_same_filters(dues: ServiceUnderTest) -> None:
    call = (await called(dues))["COT-2026-00002"]
    async with dues.client("finance") as finance:
        together = await finance.get("/invoices/documents", params={"activity": "etti"})
        nothing = await finance.get("/invoices/documents", params={"year": 2030})
        pdf = await finance.get(f"/invoices/{call['id']}/pdf")
    with zipfile.ZipFile(io.BytesIO(together.content)) as whole:
        assert {name: whole.read(name) for name in whole.namelist()} == {"COT-2026-00002.pdf": pdf.content}
    with zipfile.ZipFile(io.BytesIO(nothing.content)) as whole:
        assert whole.namelist() == []


async def test_the_archive_is_sent_a_document_at_a_time(tmp_path: Path) -> None:
    files = Files(tmp_path.as_uri())
    calls = [(UUID(int=rank), f"COT-2026-{rank:05d}") for rank in range(30)]
    for invoice_id, _ in calls:
        await files.put(pdf_path(invoice_id), bytes(10_000))
    sent = [piece async for piece in archive(files, calls)]
    assert len(sent) == len(calls) + 1
    assert max(map(len, sent)) < 11_000
    with zipfile.ZipFile(io.BytesIO(b"".join(sent))) as whole:
        assert whole.namelist() == [f"{number}.pdf" for _, number in calls]


async def test_the_archive_asks_as_much_of_the_database_for_three_calls_as_for_one(dues: ServiceUnderTest) -> None:
    await called(dues)
    async with dues.client("finance") as finance:
        with dues.statements() as of_one:
            await finance.get("/invoices/documents", params={"activity": "etti"})
        with dues.statements() as of_three:
            await finance.get("/invoices/documents")
    assert len(of_three) == len(of_one)


SELLER_OF_BEFORE = {
    "code": "federation",
    "name": "Fédération de démonstration",
    "legal_form": "Association loi 1901",
    "address": ["1 rue de l'Exemple", "00000 Démonstration"],
    "siren": "000000000",
    "email": "cotisations@federation.example",
    "iban": "FR7600000000000000000000097",
    "vat": {
        "value": "Cotisation hors du champ d'application de la TVA",
        "status": "assumed",
        "source": "BOI-TVA-CHAMP-30-10-30-30",
        "note": "à confirmer",
    },
}


async def test_a_campaign_opened_before_the_e_invoices_still_runs(dues: ServiceUnderTest) -> None:
    await dues.receive(with_siren(1, "ai", "123456782", "occitanie"))
    async with dues.client("finance") as finance:
        campaign = await open_campaign(finance)
        connection = await asyncpg.connect(dues.runtime.settings.database_url)
        try:
            await connection.execute("UPDATE campaign SET seller = $1", json.dumps(SELLER_OF_BEFORE))
        finally:
            await connection.close()
        await run(dues, finance, campaign["id"])
        [call] = (await finance.get("/invoices")).json()["items"]
        assert call["einvoice"] is True
        xml = (await finance.get(f"/invoices/{call['id']}/xml")).text
    assert "<ram:LineOne>1 rue de l'Exemple</ram:LineOne>" in xml
