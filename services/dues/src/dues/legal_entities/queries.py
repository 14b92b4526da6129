"""Reads a legal entity, from its TOML file or as a campaign froze it; refuses identifiers that fail their checksums."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from schwifty import BIC
from stdnum import iban
from stdnum.eu import at_02
from stdnum.fr import siren, siret, tva

from dues.legal_entities.domain import LegalEntity, VatRegime

DEMO_ENTITY = Path(__file__).parent / "data" / "demo-entity.toml"

_ENTITY: Final = TypeAdapter(LegalEntity)
# BR-FR-23 and BR-FR-25 (French rules for invoices, XP Z12-012): alphabet and length of an electronic address.
_ELECTRONIC_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,125}")


def load_entity(path: Path) -> LegalEntity:
    """Return the legal entity that a file describes, in either shape. Raises ``ValueError`` on a false identifier."""
    entity = frozen_entity(tomllib.loads(path.read_text(encoding="utf-8")))
    for kind, value, passes in (
        ("a SIREN", entity.siren, siren.is_valid(entity.siren)),
        ("an IBAN", entity.iban, iban.is_valid(entity.iban)),
        ("a BIC", entity.bic, entity.bic is None or BIC(entity.bic, allow_invalid=True).is_valid),
        ("a SEPA creditor identifier", entity.ics, entity.ics is None or at_02.is_valid(entity.ics)),
        ("a SIRET of this SIREN", entity.siret, entity.siret is None or _is_siret_of(entity.siret, entity.siren)),
        ("a VAT number", entity.vat_number, entity.vat_number is None or tva.is_valid(entity.vat_number)),
        ("an electronic address", entity.electronic_address, _is_electronic_address(entity.electronic_address)),
        ("a country", entity.address.country, re.fullmatch("[A-Z]{2}", entity.address.country)),
    ):
        if not passes:
            raise ValueError(f"{path.name}: {value} is not {kind}")
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


def _is_siret_of(number: str, company: str) -> bool:
    return siret.is_valid(number) and number.startswith(company)


def _is_electronic_address(address: str | None) -> bool:
    return address is None or _ELECTRONIC_ADDRESS.fullmatch(address) is not None
