"""Reads a legal entity from its TOML file and refuses identifiers that fail their own checksums."""

import tomllib
from pathlib import Path

from pydantic import TypeAdapter
from stdnum import iban
from stdnum.fr import siren

from dues.entities.domain import LegalEntity

DEMO_ENTITY = Path(__file__).parent / "data" / "demo-entity.toml"


def load_entity(path: Path) -> LegalEntity:
    """Return the legal entity that a file describes. Raises ``ValueError`` on a false SIREN or IBAN."""
    entity = TypeAdapter(LegalEntity).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    if not siren.is_valid(entity.siren):
        raise ValueError(f"{path.name}: {entity.siren} is not a SIREN")
    if not iban.is_valid(entity.iban):
        raise ValueError(f"{path.name}: {entity.iban} is not an IBAN")
    return entity
