"""Reads a legal entity from its TOML file and refuses identifiers that fail their own checksums."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter
from schwifty import BIC
from stdnum import iban
from stdnum.eu import at_02
from stdnum.fr import siren

from dues.entities.domain import LegalEntity

DEMO_ENTITY = Path(__file__).parent / "data" / "demo-entity.toml"


def load_entity(path: Path) -> LegalEntity:
    """Return the legal entity that a file describes.

    Raises ``ValueError`` on a false SIREN, IBAN, BIC or creditor identifier, and on two addresses that disagree.
    """
    entity = TypeAdapter(LegalEntity).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    for fault in _faults(entity):
        raise ValueError(f"{path.name}: {fault}")
    return entity


def _faults(entity: LegalEntity) -> Iterator[str]:
    if not siren.is_valid(entity.siren):
        yield f"{entity.siren} is not a SIREN"
    if not iban.is_valid(entity.iban):
        yield f"{entity.iban} is not an IBAN"
    if entity.bic is not None and not BIC(entity.bic, allow_invalid=True).is_valid:
        yield f"{entity.bic} is not a BIC"
    if entity.ics is not None and not at_02.is_valid(entity.ics):
        yield f"{entity.ics} is not a SEPA creditor identifier"
    if entity.postal is not None and entity.address != entity.postal.lines:
        yield f"{' '.join(entity.postal.lines)} is not the address that is printed"
