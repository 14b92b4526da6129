"""The French rules of an e-invoice (XP Z12-012; FNFE, schematron BR-FR-Flux2, v1.4), each by the name it has there."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from common.invoicing.einvoice import NUMBER_ALPHABET, NUMBER_LENGTH, EInvoice, Party
from common.invoicing.european_rules import Rule

_TYPES: Final = frozenset(
    {"380", "389", "393", "501", "386", "500", "384", "471", "472", "473", "261", "262", "381", "396", "502", "503"}
)
_CORRECTED: Final = frozenset({"384", "471", "472", "473"})
_CREDITS: Final = frozenset({"261", "381", "396", "502", "503"})
_DEPOSITS: Final = frozenset({"386", "500", "503"})
_PROCESSES: Final = frozenset(
    {"B1", "B2", "B4", "B7", "B8", "B9", "M1", "M2", "M4", "M8", "M9"}
    | {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9"}
)
_ALREADY_PAID: Final = frozenset({"B2", "S2", "M2"})
_CATEGORIES: Final = frozenset({"S", "E", "AE", "K", "G", "O", "Z"})
_TREATMENTS: Final = frozenset({"B2B", "B2BINT", "B2C", "B2CINT", "OUTOFSCOPE", "ARCHIVEONLY"})
_SIREN: Final = re.compile(r"[0-9]{9}")
_SIRET: Final = re.compile(r"[0-9]{14}")
_ENDPOINT: Final = re.compile(r"[A-Za-z0-9._-]+")


def _numbers(e: EInvoice) -> Iterator[str]:
    yield e.number
    yield from (preceding.number for preceding in e.preceding)


def _dates(e: EInvoice) -> Iterator[date]:
    yield from (e.issued_on, *e.period)
    yield from (day for day in (e.due_on, *(preceding.issued_on for preceding in e.preceding)) if day)


def _notes(e: EInvoice, code: str) -> list[str]:
    return [note.text for note in e.notes if note.code == code]


def _endpoints(e: EInvoice) -> list[str]:
    return [party.endpoint for party in e.parties if party.endpoint]


def _is_b2b(e: EInvoice) -> bool:
    return "B2B" in _notes(e, "BAR")


def _siret_is_of(party: Party) -> bool:
    return not party.siret or bool(_SIRET.fullmatch(party.siret) and party.siret.startswith(party.siren or "?"))


def _is_siren(siren: str | None) -> bool:
    return _SIREN.fullmatch(siren or "") is not None


def _follows(e: EInvoice) -> bool:
    exempted = e.type_code in _DEPOSITS or e.process in _ALREADY_PAID
    return e.due_on is None or exempted or e.due_on >= e.issued_on


def _is_settled(e: EInvoice) -> bool:
    return e.process not in _ALREADY_PAID or (e.paid == e.gross_total and e.due == 0 and e.due_on is not None)


def _amounts(e: EInvoice) -> Iterator[Decimal]:
    yield from (e.lines_total, e.net_total, e.vat_total, e.gross_total, e.paid, e.due)
    yield from (line.amount for line in e.lines)
    for total in e.vat:
        yield from (total.basis, total.tax)


def _fits(number: Decimal, decimals: int) -> bool:
    """Tell whether a number is written in 19 digits, of which so many after the point."""
    text = f"{number.copy_abs():f}" if number.is_finite() else ""
    whole, _, fraction = text.partition(".")
    return bool(whole) and len(fraction) <= decimals and len(whole + fraction) <= 19


FRENCH_RULES: Final = (
    Rule("BR-FR-01", "Un numéro tient en 35 caractères.", lambda e: all(len(n) <= NUMBER_LENGTH for n in _numbers(e))),
    Rule(
        "BR-FR-02",
        "Un numéro s'écrit en lettres sans accent, chiffres et + - _ /.",
        lambda e: all(NUMBER_ALPHABET.fullmatch(number) for number in _numbers(e)),
    ),
    Rule("BR-FR-03", "Les dates vont de 2000 à 2099.", lambda e: all(2000 <= day.year <= 2099 for day in _dates(e))),
    Rule("BR-FR-04", "Le type de document est l'un des types admis.", lambda e: e.type_code in _TYPES),
    Rule(
        "BR-FR-05",
        "Les notes PMT, PMD et AAB sont présentes.",
        lambda e: all(_notes(e, code) for code in ("PMT", "PMD", "AAB")),
    ),
    Rule(
        "BR-FR-06",
        "Les notes PMT, PMD, AAB et TXD ne se répètent pas.",
        lambda e: all(len(_notes(e, code)) <= 1 for code in ("PMT", "PMD", "AAB", "TXD")),
    ),
    Rule("BR-FR-08", "Le cadre de facturation est l'un des cadres admis.", lambda e: e.process in _PROCESSES),
    Rule("BR-FR-09", "Un SIRET a 14 chiffres et commence par le SIREN.", lambda e: all(map(_siret_is_of, e.parties))),
    Rule("BR-FR-10", "Le SIREN de l'émetteur a 9 chiffres.", lambda e: _is_siren(e.seller.siren)),
    Rule(
        "BR-FR-11",
        "Entre entreprises, le SIREN du destinataire a 9 chiffres.",
        lambda e: not _is_b2b(e) or _is_siren(e.buyer.siren),
    ),
    Rule(
        "BR-FR-12",
        "Le destinataire a une adresse électronique : son SIREN est à compléter.",
        lambda e: bool(e.buyer.endpoint),
    ),
    Rule("BR-FR-13", "L'émetteur a une adresse électronique.", lambda e: bool(e.seller.endpoint)),
    Rule(
        "BR-FR-15",
        "Les catégories de TVA sont S, E, AE, K, G, O ou Z.",
        lambda e: e.categories <= _CATEGORIES,
    ),
    Rule(
        "BR-FR-20",
        "La note BAR nomme l'un des traitements admis.",
        lambda e: all(text in _TREATMENTS for text in _notes(e, "BAR")),
    ),
    Rule(
        "BR-FR-21",
        "Entre entreprises, l'adresse électronique du destinataire commence par son SIREN.",
        lambda e: not _is_b2b(e) or (e.buyer.endpoint or "").startswith(e.buyer.siren or "?"),
    ),
    Rule(
        "BR-FR-23",
        "Une adresse électronique s'écrit en lettres sans accent, chiffres et - _ .",
        lambda e: all(_ENDPOINT.fullmatch(endpoint) for endpoint in _endpoints(e)),
    ),
    Rule(
        "BR-FR-25",
        "Une adresse électronique tient en 125 caractères.",
        lambda e: all(len(endpoint) <= 125 for endpoint in _endpoints(e)),
    ),
    Rule("BR-FR-31", "Il n'y a qu'une note BAR.", lambda e: len(_notes(e, "BAR")) <= 1),
    Rule(
        "BR-FR-32",
        "Un SIREN a 9 chiffres.",
        lambda e: all(_is_siren(party.siren) for party in e.parties if party.siren),
    ),
    Rule(
        "BR-FR-CO-04",
        "Une facture rectificative nomme une facture antérieure, une seule, et sa date.",
        lambda e: e.type_code not in _CORRECTED or [bool(one.issued_on) for one in e.preceding] == [True],
    ),
    Rule(
        "BR-FR-CO-05",
        "Un avoir nomme au moins une facture antérieure, et sa date.",
        lambda e: e.type_code not in _CREDITS or any(one.issued_on for one in e.preceding),
    ),
    Rule("BR-FR-CO-07", "L'échéance ne précède pas l'émission.", _follows),
    Rule(
        "BR-FR-CO-09",
        "Une facture déjà payée l'est en entier : rien n'en reste à payer, et son échéance est le jour du paiement.",
        _is_settled,
    ),
    Rule("BR-FR-DEC-01", "Les montants ont deux décimales au plus.", lambda e: all(_fits(n, 2) for n in _amounts(e))),
    Rule(
        "BR-FR-DEC-02",
        "Les quantités ont quatre décimales au plus.",
        lambda e: all(_fits(line.quantity, 4) for line in e.lines),
    ),
    Rule(
        "BR-FR-DEC-03",
        "Les prix unitaires ont six décimales au plus et ne sont pas négatifs.",
        lambda e: all(_fits(line.price, 6) and line.price >= 0 for line in e.lines),
    ),
)
