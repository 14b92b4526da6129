"""Reads a legal entity, from its TOML file or as a campaign froze it; refuses identifiers that fail their checksums."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from stdnum.eu import at_02

from common.entity_files import load_identity, refuse
from dues.legal_entities.domain import LegalEntity, VatRegime

DEMO_ENTITY = Path(__file__).parent / "data" / "demo-entity.toml"

_ENTITY: Final = TypeAdapter(LegalEntity)


def load_entity(path: Path) -> LegalEntity:
    """Return the legal entity that a file describes, in either shape. Raises ``ValueError`` on a false identifier."""
    entity = load_identity(path, frozen_entity)
    refuse(path, "a SEPA creditor identifier", entity.ics, unless=entity.ics is None or at_02.is_valid(entity.ics))
    return entity


def freeze_entity(entity: LegalEntity) -> dict[str, Any]:
    """Return an entity as a campaign keeps it."""
    frozen: dict[str, Any] = _ENTITY.dump_python(entity, mode="json")
    return frozen


def frozen_entity(frozen: Mapping[str, Any]) -> LegalEntity:
    """Return an entity as a campaign kept it, be it in the shape of before the e-invoices."""
    return _ENTITY.validate_python(frozen if isinstance(frozen["address"], Mapping) else _of_before(frozen))


def _of_before(frozen: Mapping[str, Any]) -> dict[str, Any]:
    """Read the address from its lines and the regime from its sentence: all that this shape said of them."""
    *street, place = frozen["address"]
    postcode, _, city = place.partition(" ")
    regime = VatRegime.EXEMPT if "exonér" in frozen["vat"]["value"].lower() else VatRegime.OUT_OF_SCOPE
    return {
        **frozen,
        "address": {"street": "\n".join(street), "postcode": postcode, "city": city},
        "vat": {**frozen["vat"], "value": regime},
    }
