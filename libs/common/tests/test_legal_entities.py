"""The file of a legal entity: which identifiers load, and what production refuses."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from common.entity_files import load_identity, refuse_demonstration
from common.legal_entities import Address, LegalIdentity

FILE = """
code = "maison"
name = "Maison d'exemple"
legal_form = "Association loi 1901"
siren = "000000000"
siret = "00000000000000"
electronic_address = "000000000"
# vat_number
email = "maison@exemple.example"
iban = "FR7600000000000000000000097"
bic = "DEMOFRPP"
demonstration = true

[address]
street = "Bâtiment C\\n1 rue de l'Exemple"
postcode = "00000"
city = "Exemple"
country = "FR"
"""


def described(folder: Path, text: str) -> LegalIdentity:
    path = folder / "entity.toml"
    path.write_text(text, encoding="utf-8")
    return load_identity(path, TypeAdapter(LegalIdentity).validate_python)


def test_an_entity_is_read_as_its_file_says(tmp_path: Path) -> None:
    entity = described(tmp_path, FILE)
    assert (entity.name, entity.siret, entity.vat_number) == ("Maison d'exemple", "00000000000000", None)
    assert entity.address.lines == ("Bâtiment C", "1 rue de l'Exemple", "00000 Exemple")


def test_an_address_prints_no_empty_line() -> None:
    assert Address(street="", postcode="", city="Exemple").lines == ("Exemple",)


@pytest.mark.parametrize(
    ("true", "false", "fault"),
    [
        pytest.param('"000000000"', '"000000001"', "not a SIREN", id="clé du SIREN"),
        pytest.param("FR7600000000000000000000097", "FR7500000000000000000000097", "not an IBAN", id="clé de l'IBAN"),
        pytest.param('"00000000000000"', '"00000000000001"', "not a SIRET", id="clé du SIRET"),
        pytest.param('"00000000000000"', '"12345678200010"', "not a SIRET", id="SIRET d'une autre"),
        pytest.param("# vat_number", 'vat_number = "FR13000000000"', "not a VAT number", id="clé de la TVA"),
        pytest.param(
            'electronic_address = "000000000"',
            'electronic_address = "000 000"',
            "not an electronic address",
            id="adresse électronique avec un blanc",
        ),
        pytest.param('"FR"', '"France"', "not a country", id="pays en toutes lettres"),
        pytest.param("DEMOFRPP", "DEMOFRPPX", "not a BIC", id="forme du BIC"),
        pytest.param("# vat_number", 'vat_nunber = "FR00"', "nothing is called vat_nunber", id="nom mal écrit"),
    ],
)
def test_a_false_file_does_not_load(tmp_path: Path, true: str, false: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        described(tmp_path, FILE.replace(true, false))


def test_production_issues_nothing_in_the_name_of_nobody(tmp_path: Path) -> None:
    nobody, real = described(tmp_path, FILE), described(tmp_path, FILE.replace("demonstration = true", ""))
    with pytest.raises(ValueError, match="NOTES_ENTITY_FILE must name the real legal entity"):
        refuse_demonstration(nobody, "production", "NOTES_ENTITY_FILE")
    refuse_demonstration(nobody, "development", "NOTES_ENTITY_FILE")
    refuse_demonstration(real, "production", "NOTES_ENTITY_FILE")
