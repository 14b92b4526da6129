"""How names, texts and addresses are written in the files of banks (SEPA)."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree

from common.legal_entities import Address

_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'", "–": "-", "&": "+"})
_OUTSIDE_SEPA: Final = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
"""What is not in the alphabet that every bank of SEPA carries (EPC217-08)."""


def sepa_text(text: str, longest: int) -> str:
    """Write a text in the alphabet of SEPA, as close as it comes.

    >>> sepa_text("Coorace Bourgogne–Franche-Comté, l’Œuvre & Cie", 70)
    "Coorace Bourgogne-Franche-Comte, l'OEuvre + Cie"
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).encode("ascii", "ignore").decode()
    return " ".join(_OUTSIDE_SEPA.sub(" ", plain).split())[:longest].strip()


def sepa_address(address: Address) -> dict[str, str]:
    """Write an address in its parts: as lines, banks have refused it since 15 November 2026."""
    return {
        "street_name": sepa_text(address.street, 70),
        "postcode": sepa_text(address.postcode, 16),
        "town": sepa_text(address.city, 35),
        "country": address.country,
    }


def sepa_file(root: Any, message: str) -> bytes:
    """Write a message for a bank, valid against its schema. Raises lxml's DocumentInvalid: a defect of ours.

    ``message`` is its ISO 20022 name, of those whose schemas the library ships.
    """
    _schema(message).assertValid(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@cache
def _schema(message: str) -> Any:
    return etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / f"{message}.xsd").read_bytes()))
