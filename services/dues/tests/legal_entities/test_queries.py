"""The legal entity read from its file."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from common.legal_entities import Address
from common.testing.harness import settings_for
from common.testing.issuer import TestIssuer
from dues.app import service
from dues.legal_entities.domain import VatRegime
from dues.legal_entities.queries import DEMO_ENTITY, freeze_entity, frozen_entity, load_entity


def test_the_demonstration_entity_is_plainly_fictitious_and_passes_its_checks() -> None:
    entity = load_entity(DEMO_ENTITY)
    assert entity.siren == "000000000"
    assert entity.siret == "00000000000000"
    assert entity.electronic_address == "000000000"
    assert entity.vat_number is None
    assert set(entity.iban[4:-2]) == {"0"}
    assert entity.ics == "FR76ZZZ000000"


@pytest.mark.parametrize(
    ("true", "false", "fault"),
    [
        pytest.param("000000000", "000000001", "not a SIREN", id="clé du SIREN"),
        pytest.param("FR76ZZZ000000", "FR75ZZZ000000", "not a SEPA creditor identifier", id="clé de l'ICS"),
    ],
)
def test_a_false_identifier_does_not_load(tmp_path: Path, true: str, false: str, fault: str) -> None:
    path = tmp_path / "entity.toml"
    path.write_text(DEMO_ENTITY.read_text(encoding="utf-8").replace(true, false), encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        load_entity(path)


def test_a_file_of_before_the_electronic_invoices_still_loads(tmp_path: Path) -> None:
    path = tmp_path / "entity.toml"
    path.write_text(
        """
        code = "federation"
        name = "Fédération de démonstration"
        legal_form = "Association loi 1901"
        address = ["1 rue de l'Exemple", "00000 Démonstration"]
        siren = "000000000"
        email = "cotisations@federation.example"
        iban = "FR7600000000000000000000097"
        vat = { value = "Cotisation hors du champ d'application de la TVA", status = "published", source = "rescrit" }
        """,
        encoding="utf-8",
    )
    entity = load_entity(path)
    assert entity.address == load_entity(DEMO_ENTITY).address
    assert entity.vat.value is VatRegime.OUT_OF_SCOPE


def test_a_campaign_gives_back_the_entity_it_froze() -> None:
    entity = load_entity(DEMO_ENTITY)
    assert frozen_entity(freeze_entity(entity)) == entity


@pytest.mark.parametrize(
    ("sentence", "regime"),
    [
        ("Cotisation hors du champ d'application de la TVA", VatRegime.OUT_OF_SCOPE),
        ("TVA non applicable : cotisation exonérée, article 261-4-9° du CGI", VatRegime.EXEMPT),
    ],
)
def test_a_campaign_of_before_the_electronic_invoices_still_reads(sentence: str, regime: VatRegime) -> None:
    frozen = {
        "code": "federation",
        "name": "Fédération de démonstration",
        "legal_form": "Association loi 1901",
        "address": ["Bâtiment C", "1 rue de l'Exemple", "00000 Démonstration"],
        "siren": "000000000",
        "email": "cotisations@federation.example",
        "iban": "FR7600000000000000000000097",
        "vat": {"value": sentence, "status": "assumed", "source": "BOI-TVA-CHAMP-30-10-30-30", "note": "à confirmer"},
    }
    entity = frozen_entity(frozen)
    assert entity.address == Address(street="Bâtiment C\n1 rue de l'Exemple", postcode="00000", city="Démonstration")
    assert entity.address.lines == tuple(frozen["address"])
    assert (entity.vat.value, entity.siret, entity.electronic_address) == (regime, None, None)


def test_an_entity_that_collects_nothing_needs_no_creditor_identifier(tmp_path: Path) -> None:
    path = tmp_path / "entity.toml"
    kept = [
        line for line in DEMO_ENTITY.read_text(encoding="utf-8").splitlines() if not line.startswith(("ics", "bic"))
    ]
    path.write_text("\n".join(kept), encoding="utf-8")
    assert load_entity(path).ics is None


def test_production_calls_in_the_name_of_a_real_entity(issuer: TestIssuer, tmp_path: Path) -> None:
    told: dict[str, Any] = {"COORACE_ENVIRONMENT": "production"}
    copy = tmp_path / "entity.toml"
    copy.write_text(DEMO_ENTITY.read_text(encoding="utf-8"), encoding="utf-8")
    for demonstration in ({}, {"entity_file": copy}):
        with pytest.raises(ValidationError, match="DUES_ENTITY_FILE must name the real legal entity"):
            settings_for(service, "postgresql://x", issuer, tmp_path, **told, **demonstration)
    copy.write_text(copy.read_text(encoding="utf-8").replace("demonstration = true", ""), encoding="utf-8")
    settings_for(service, "postgresql://x", issuer, tmp_path, **told, entity_file=copy)
