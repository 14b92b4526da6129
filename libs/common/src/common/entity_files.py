"""The TOML file that describes a legal entity: what ops set, refused where an identifier fails its checksum."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeVar

from schwifty import BIC
from stdnum import iban
from stdnum.fr import siren, siret, tva

from common.legal_entities import LegalIdentity

Identity = TypeVar("Identity", bound=LegalIdentity)

# BR-FR-23 and BR-FR-25 (French rules for invoices, XP Z12-012): alphabet and length of an electronic address.
_ELECTRONIC_ADDRESS: Final = re.compile(r"[A-Za-z0-9._-]{1,125}")


def load_identity(path: Path, read: Callable[[Mapping[str, Any]], Identity]) -> Identity:
    """Return the legal entity that a file describes, as ``read`` makes it of what the file says.

    Raises ``ValueError`` on a false identifier, and on a name that the entity does not have: a mistyped one would leave
    a mention out without a word.
    """
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    identity = read(said)
    for name in said.keys() - {field.name for field in fields(identity)}:
        raise ValueError(f"{path.name}: nothing is called {name}")
    _check(path, identity)
    return identity


def refuse(path: Path, kind: str, value: object, *, unless: bool) -> None:
    """Raise ``ValueError`` unless a value of the file is what it should be: ``kind``, with its article.

    >>> refuse(Path("entity.toml"), "a SIREN", "000000001", unless=siren.is_valid("000000001"))
    Traceback (most recent call last):
        ...
    ValueError: entity.toml: 000000001 is not a SIREN
    """
    if not unless:
        raise ValueError(f"{path.name}: {value} is not {kind}")


def refuse_demonstration(identity: LegalIdentity, environment: str, setting: str) -> None:
    """Raise ``ValueError`` if production would issue papers in the name of nobody. ``setting`` names the file."""
    if environment == "production" and identity.demonstration:
        raise ValueError(f"{setting} must name the real legal entity in production")


def _check(path: Path, one: LegalIdentity) -> None:
    for kind, value, passes in (
        ("a SIREN", one.siren, siren.is_valid(one.siren)),
        ("an IBAN", one.iban, iban.is_valid(one.iban)),
        ("a BIC", one.bic, one.bic is None or BIC(one.bic, allow_invalid=True).is_valid),
        ("a SIRET of this SIREN", one.siret, one.siret is None or _is_siret_of(one.siret, one.siren)),
        ("a VAT number", one.vat_number, one.vat_number is None or tva.is_valid(one.vat_number)),
        ("an electronic address", one.electronic_address, _is_electronic_address(one.electronic_address)),
        ("a country", one.address.country, re.fullmatch("[A-Z]{2}", one.address.country)),
    ):
        refuse(path, kind, value, unless=bool(passes))


def _is_siret_of(number: str, company: str) -> bool:
    return siret.is_valid(number) and number.startswith(company)


def _is_electronic_address(address: str | None) -> bool:
    return address is None or _ELECTRONIC_ADDRESS.fullmatch(address) is not None
