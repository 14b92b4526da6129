"""The file for the bank: valid against its schema, made once, in the alphabet and the addresses that banks take."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from common.legal_entities import Address
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from dues.legal_entities.queries import DEMO_ENTITY, load_entity
from dues.mandates.domain import Account
from dues.transfers.documents import SCHEMA, Payment, payment_file, sepa_text

from ..receipts.desk import TODAY
from .treasury import BRETAGNE, IBANS, OCCITANIE, funded

XSD = etree.XMLSchema(etree.parse(Path(__file__).parent / "xsd" / f"{SCHEMA}.xsd"))
SPACES = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = Address(street="12 rue de l’Été\nBâtiment B", postcode="31000", city="Villeneuve-lès-Béziers")


def texts(content: bytes, path: str) -> list[str]:
    found = etree.fromstring(content).xpath(path, namespaces=SPACES)
    return [str(node.text) for node in found]  # type: ignore[union-attr]


def test_a_text_is_written_in_the_alphabet_of_banks() -> None:
    assert sepa_text("Coorace Île-de-France : l’Œuvre & Cie\n«\u202fété\u202f» №1", 70) == (
        "Coorace Ile-de-France : l'OEuvre + Cie ete No1"
    )
    assert sepa_text("é" * 80, 70) == "e" * 70


@pytest.mark.parametrize(
    ("holder", "bic"),
    [
        pytest.param("Coorace Occitanie", "DEMOFRPP", id="simple"),
        pytest.param("Coorace Occitanie", None, id="sans BIC"),
        pytest.param('Association <d\'insertion> & "entraide" n°1 ' + "é" * 40, None, id="un nom difficile"),
    ],
)
def test_the_file_is_valid(holder: str, bic: str | None) -> None:
    payment = Payment("VIR-2026-00001-01", Account(holder, IBANS[OCCITANIE], bic), ADDRESS, Decimal("1234.05"), "Mars")
    content = payment_file("VIR-2026-00001", AT, date(2026, 3, 4), load_entity(DEMO_ENTITY), [payment] * 3)
    XSD.assertValid(etree.fromstring(content))
    assert texts(content, "//p:GrpHdr/p:CtrlSum | //p:PmtInf/p:CtrlSum") == ["3702.15", "3702.15"]
    assert texts(content, "//p:NbOfTxs") == ["3", "3"]
    assert texts(content, "//p:CdtrAgt//p:BICFI") == ([bic] * 3 if bic else [])


def test_a_file_that_a_bank_would_refuse_is_not_produced() -> None:
    nameless = Payment("VIR-2026-00001-01", Account("§§§", IBANS[OCCITANIE], None), ADDRESS, Decimal("10.00"), "Mars")
    with pytest.raises(etree.DocumentInvalid, match="Nm"):
        payment_file("VIR-2026-00001", AT, date(2026, 3, 4), load_entity(DEMO_ENTITY), [nameless])


async def test_the_file_of_a_batch_is_made_once_and_says_its_lines(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        path = f"/transfers/batches/{batch['id']}/file"
        early = await paying.one.get(path)
        assert (early.status_code, early.json()["code"]) == (409, "batch_not_approved")
        approved = await paying.done(batch, "approve")
        first = await paying.one.get(path)
        assert f"{batch['reference']}.xml" in first.headers["content-disposition"]
        XSD.assertValid(etree.fromstring(first.content))
        assert texts(first.content, "//p:MsgId | //p:PmtInfId") == [batch["reference"]] * 2
        assert texts(first.content, "//p:ReqdExctnDt/p:Dt") == [TODAY]
        assert texts(first.content, "//p:EndToEndId") == [line["reference"] for line in batch["lines"]]
        assert texts(first.content, "//p:CdtrAcct//p:IBAN") == [IBANS[BRETAGNE], IBANS[OCCITANIE]]
        assert texts(first.content, "//p:InstdAmt") == ["320.00", "320.00"]
        assert texts(first.content, "//p:Cdtr/p:Nm") == ["Coorace Regional + Cie"] * 2
        assert texts(first.content, "//p:Cdtr//p:StrtNm") == ["12 rue de l'Ete"] * 2
        assert texts(first.content, "//p:AdrLine") == []
        executed = await paying.done(approved, "execute", executed_on=TODAY, bank_reference="BNQ-1")
        again = await paying.one.get(path)
        assert again.content == first.content
        assert executed["file_sha256"] == hashlib.sha256(first.content).hexdigest()


async def test_a_dry_run_of_an_approval_leaves_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        path = f"/transfers/batches/{batch['id']}"
        tried = await paying.two.post(
            f"{path}/approve", params={"dry_run": True}, headers={"If-Match": f'"v{batch["version"]}"'}
        )
        assert tried.json()["status"] == "approved"
        assert (await paying.one.get(path)).json()["status"] == "draft"
        assert (await paying.one.get(f"{path}/file")).status_code == 409
