"""The legal entity read from its file."""

from pathlib import Path

import pytest

from dues.entities.queries import DEMO_ENTITY, load_entity


def test_the_demonstration_entity_is_plainly_fictitious_and_passes_its_checks() -> None:
    entity = load_entity(DEMO_ENTITY)
    assert entity.siren == "000000000"
    assert set(entity.iban[4:-2]) == {"0"}
    assert entity.ics == "FR76ZZZ000000"
    assert entity.postal is not None
    assert entity.postal.lines == entity.address


@pytest.mark.parametrize(
    ("true", "false", "fault"),
    [
        pytest.param("000000000", "000000001", "not a SIREN", id="clé du SIREN"),
        pytest.param("FR7600000000000000000000097", "FR7500000000000000000000097", "not an IBAN", id="clé de l'IBAN"),
        pytest.param("DEMOFRPP", "DEMOFRPPX", "not a BIC", id="forme du BIC"),
        pytest.param("FR76ZZZ000000", "FR75ZZZ000000", "not a SEPA creditor identifier", id="clé de l'ICS"),
        pytest.param('city = "Démonstration"', 'city = "Ailleurs"', "not the address", id="deux adresses"),
    ],
)
def test_a_false_identifier_does_not_load(tmp_path: Path, true: str, false: str, fault: str) -> None:
    path = tmp_path / "entity.toml"
    path.write_text(DEMO_ENTITY.read_text(encoding="utf-8").replace(true, false), encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        load_entity(path)


def test_an_entity_that_collects_nothing_needs_no_creditor_identifier(tmp_path: Path) -> None:
    path = tmp_path / "entity.toml"
    kept = [
        line for line in DEMO_ENTITY.read_text(encoding="utf-8").splitlines() if not line.startswith(("ics", "bic"))
    ]
    path.write_text("\n".join(kept), encoding="utf-8")
    assert load_entity(path).ics is None
