"""The legal entity read from its file."""

from pathlib import Path

import pytest

from dues.entities.queries import DEMO_ENTITY, load_entity


def test_the_demonstration_entity_is_plainly_fictitious_and_passes_its_checks() -> None:
    entity = load_entity(DEMO_ENTITY)
    assert entity.siren == "000000000"
    assert set(entity.iban[4:-2]) == {"0"}


@pytest.mark.parametrize(
    ("true", "false", "fault"),
    [
        pytest.param("000000000", "000000001", "not a SIREN", id="clé du SIREN"),
        pytest.param("FR7600000000000000000000097", "FR7500000000000000000000097", "not an IBAN", id="clé de l'IBAN"),
    ],
)
def test_a_false_identifier_does_not_load(tmp_path: Path, true: str, false: str, fault: str) -> None:
    path = tmp_path / "entity.toml"
    path.write_text(DEMO_ENTITY.read_text(encoding="utf-8").replace(true, false), encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        load_entity(path)
