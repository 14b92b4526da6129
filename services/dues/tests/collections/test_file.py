"""The bank's file: valid against its schema, addresses in their parts, the same identifiers each time it is written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from common.legal_entities import Address
from dues.collections.documents import Debit, write_file
from dues.collections.domain import ClaimedCall, CollectionState, Run, SequenceType
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import DEMO_ENTITY, load_entity
from dues.mandates.domain import Account, MandateKind, Original, Scheme

from .test_rules import mandate

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "xsd" / "pain.008.001.08.xsd"))
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}
RUN = Run(
    id=UUID(int=1),
    reference="PRV-2026-00007",
    state=CollectionState.ANNOUNCED,
    collection_on=date(2026, 12, 15),
    last_notice_on=date(2026, 12, 1),
)
NOW = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
ENTITY = load_entity(DEMO_ENTITY)
IBAN = "FR7600000000000000000000097"
HOSTILE = Account("Régie <b>Œuvre</b> & fils — «d'insertion» " + "x" * 60, IBAN, "DEMOFRPP")


def debit(rank: int = 1, **given: Any) -> Debit:
    known: dict[str, Any] = {
        "end_to_end": f"{RUN.reference}-{rank:05d}",
        "sequence": SequenceType.RCUR,
        "amount": Decimal("800.05"),
        "mandate": mandate(),
        "address": Address(street="1 rue des Essais\nBâtiment B", postcode="31000", city="TOULOUSE"),
        "calls": (ClaimedCall(UUID(int=3), "COT-2026-00042", Decimal("800.05")),),
    }
    return Debit(**{**known, **given})


def written(*debits: Debit, scheme: Scheme = Scheme.CORE, entity: LegalEntity = ENTITY) -> Any:
    content = write_file(RUN, scheme, entity, debits, NOW)
    root = etree.fromstring(content)
    SCHEMA.assertValid(root)
    return root


def texts(root: Any, path: str) -> list[str]:
    return [str(one) for one in root.xpath(f"//{path}/text()", namespaces=NS)]


@pytest.mark.parametrize(
    ("debits", "scheme"),
    [
        pytest.param([debit()], Scheme.CORE, id="un seul"),
        pytest.param([debit(), debit(2, sequence=SequenceType.OOFF)], Scheme.CORE, id="deux suites"),
        pytest.param([debit(mandate=mandate(scheme=Scheme.B2B))], Scheme.B2B, id="interentreprises"),
        pytest.param([debit(address=None)], Scheme.CORE, id="sans adresse"),
        pytest.param([debit(mandate=mandate(account=HOSTILE))], Scheme.CORE, id="des lettres inconnues des banques"),
        pytest.param([debit(rank) for rank in range(1, 551)], Scheme.CORE, id="550 prélèvements"),
    ],
)
def test_what_is_written_is_valid(debits: list[Debit], scheme: Scheme) -> None:
    root = written(*debits, scheme=scheme)
    assert sorted(texts(root, "p:EndToEndId")) == [one.end_to_end for one in debits]
    assert set(texts(root, "p:LclInstrm/p:Cd")) == {scheme.value.upper()}
    assert texts(root, "p:GrpHdr/p:NbOfTxs") == [str(len(debits))]
    total = sum(one.amount for one in debits)
    assert texts(root, "p:GrpHdr/p:CtrlSum") == [str(total)]


def test_the_same_run_is_written_in_the_same_bytes() -> None:
    assert write_file(RUN, Scheme.CORE, ENTITY, [debit()], NOW) == write_file(RUN, Scheme.CORE, ENTITY, [debit()], NOW)


def test_it_names_who_collects_what_of_whom() -> None:
    root = written(debit(), debit(2, sequence=SequenceType.OOFF))
    assert texts(root, "p:MsgId") == ["PRV-2026-00007"]
    assert texts(root, "p:PmtInfId") == ["PRV-2026-00007-RCUR", "PRV-2026-00007-OOFF"]
    assert texts(root, "p:ReqdColltnDt") == ["2026-12-15"] * 2
    assert texts(root, "p:CdtrSchmeId//p:Othr/p:Id") == [ENTITY.ics] * 2
    assert texts(root, "p:MndtId") == ["RUM-2026-00001"] * 2
    assert texts(root, "p:DtOfSgntr") == ["2026-01-05"] * 2
    assert texts(root, "p:InstdAmt") == ["800.05"] * 2
    assert texts(root, "p:Ustrd") == ["Cotisation COT-2026-00042"] * 2


def test_addresses_are_written_in_their_parts() -> None:
    root = written(debit())
    assert texts(root, "p:AdrLine") == []
    assert texts(root, "p:Dbtr/p:PstlAdr/p:StrtNm") == ["1 rue des Essais Batiment B"]
    assert texts(root, "p:Dbtr/p:PstlAdr/p:TwnNm") == ["TOULOUSE"]
    assert texts(root, "p:PstlAdr/p:Ctry") == ["FR", "FR"]


def test_letters_that_banks_do_not_carry_are_written_otherwise() -> None:
    [name] = texts(written(debit(mandate=mandate(account=HOSTILE))), "p:Dbtr/p:Nm")
    assert name.startswith("Regie b OEuvre /b + fils d'insertion xxx")
    assert len(name) <= 70


@pytest.mark.parametrize(
    ("original", "told"),
    [
        pytest.param(None, {"ind": [], "iban": [], "name": [], "ics": []}, id="rien n'a changé"),
        pytest.param(
            Original(IBAN, None, None), {"ind": ["true"], "iban": [IBAN], "name": [], "ics": []}, id="un autre compte"
        ),
        pytest.param(
            Original(None, "Ancien nom", None),
            {"ind": ["true"], "iban": [], "name": ["Ancien nom"], "ics": [ENTITY.ics]},
            id="un autre nom du créancier",
        ),
        pytest.param(
            Original(IBAN, None, "FR29ZZZ123456"),
            {"ind": ["true"], "iban": [IBAN], "name": [], "ics": ["FR29ZZZ123456"]},
            id="un autre compte et un autre ICS",
        ),
    ],
)
def test_the_banks_are_told_what_they_knew(original: Original | None, told: dict[str, list[str]]) -> None:
    root = written(debit(mandate=mandate(original=original, kind=MandateKind.RECURRENT)))
    assert {
        "ind": texts(root, "p:AmdmntInd"),
        "iban": texts(root, "p:OrgnlDbtrAcct/p:Id/p:IBAN"),
        "name": texts(root, "p:OrgnlCdtrSchmeId/p:Nm"),
        "ics": texts(root, "p:OrgnlCdtrSchmeId//p:Othr/p:Id"),
    } == told
