"""The rules of an e-invoice, each by the name that its norm gives it: what a platform would refuse is not produced.

``BR-FR-…``: French rules of XP Z12-012 (FNFE, schematron BR-FR-Flux2, v1.4); ``BR-…``: EN 16931. Those that concern
the categories O (out of scope) and E (exempt), the ones of dues, are here; a line of another has none to be checked by.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from common.money import round_to_cents
from dues.einvoices.domain.einvoice import (
    EXEMPT,
    NUMBER_ALPHABET,
    NUMBER_LENGTH,
    OUT_OF_SCOPE,
    EInvoice,
    Party,
    VatTotal,
)

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


@dataclass(frozen=True, slots=True)
class Defect:
    """A rule that an e-invoice breaks, and what it asks for."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    asks: str
    holds: Callable[[EInvoice], bool]


def defects(einvoice: EInvoice) -> tuple[Defect, ...]:
    """Return every rule that an e-invoice breaks."""
    return tuple(Defect(rule.name, rule.asks) for rule in RULES if not rule.holds(einvoice))


def _numbers(e: EInvoice) -> Iterator[str]:
    yield e.number
    yield from (preceding.number for preceding in e.preceding)


def _dates(e: EInvoice) -> Iterator[date]:
    yield from (e.issued_on, *e.period)
    yield from (day for day in (e.due_on, *(preceding.issued_on for preceding in e.preceding)) if day)


def _notes(e: EInvoice, code: str) -> list[str]:
    return [note.text for note in e.notes if note.code == code]


def _parties(e: EInvoice) -> tuple[Party, Party]:
    return e.seller, e.buyer


def _endpoints(e: EInvoice) -> list[str]:
    return [party.endpoint for party in _parties(e) if party.endpoint]


def _is_b2b(e: EInvoice) -> bool:
    return "B2B" in _notes(e, "BAR")


def _siret_is_of(party: Party) -> bool:
    return not party.siret or bool(_SIRET.fullmatch(party.siret) and party.siret.startswith(party.siren or "?"))


def _is_siren(siren: str | None) -> bool:
    return _SIREN.fullmatch(siren or "") is not None


def _has_country(party: Party) -> bool:
    return party.address is not None and bool(party.address.country)


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


def _totals(e: EInvoice, category: str) -> list[VatTotal]:
    return [total for total in e.vat if total.category == category]


def _lines_sum(e: EInvoice, category: str) -> Decimal:
    return sum((line.amount for line in e.lines if line.category == category), Decimal(0))


def _categories(e: EInvoice) -> set[str]:
    return {line.category for line in e.lines} | {total.category for total in e.vat}


def _uses(e: EInvoice, category: str) -> bool:
    return category in _categories(e)


def _totalled_once(e: EInvoice, category: str) -> bool:
    return len(_totals(e, category)) == (1 if _uses(e, category) else 0)


def _basis_is_sum(e: EInvoice, category: str) -> bool:
    return all(total.basis == _lines_sum(e, category) for total in _totals(e, category))


def _untaxed(e: EInvoice, category: str) -> bool:
    return all(total.tax == 0 for total in _totals(e, category))


def _reasoned(e: EInvoice, category: str) -> bool:
    return all(total.reason or total.reason_code for total in _totals(e, category))


def _out_of_scope_alone(e: EInvoice) -> bool:
    return not _totals(e, OUT_OF_SCOPE) or all(item.category == OUT_OF_SCOPE for item in e.vat)


def _lines_out_of_scope_alone(e: EInvoice) -> bool:
    return not _totals(e, OUT_OF_SCOPE) or all(line.category == OUT_OF_SCOPE for line in e.lines)


_FRENCH: Final = (
    _Rule("BR-FR-01", "Un numéro tient en 35 caractères.", lambda e: all(len(n) <= NUMBER_LENGTH for n in _numbers(e))),
    _Rule(
        "BR-FR-02",
        "Un numéro s'écrit en lettres sans accent, chiffres et + - _ /.",
        lambda e: all(NUMBER_ALPHABET.fullmatch(number) for number in _numbers(e)),
    ),
    _Rule("BR-FR-03", "Les dates vont de 2000 à 2099.", lambda e: all(2000 <= day.year <= 2099 for day in _dates(e))),
    _Rule("BR-FR-04", "Le type de document est l'un des types admis.", lambda e: e.type_code in _TYPES),
    _Rule(
        "BR-FR-05",
        "Les notes PMT, PMD et AAB sont présentes.",
        lambda e: all(_notes(e, code) for code in ("PMT", "PMD", "AAB")),
    ),
    _Rule(
        "BR-FR-06",
        "Les notes PMT, PMD, AAB et TXD ne se répètent pas.",
        lambda e: all(len(_notes(e, code)) <= 1 for code in ("PMT", "PMD", "AAB", "TXD")),
    ),
    _Rule("BR-FR-08", "Le cadre de facturation est l'un des cadres admis.", lambda e: e.process in _PROCESSES),
    _Rule(
        "BR-FR-09", "Un SIRET a 14 chiffres et commence par le SIREN.", lambda e: all(map(_siret_is_of, _parties(e)))
    ),
    _Rule("BR-FR-10", "Le SIREN de l'émetteur a 9 chiffres.", lambda e: _is_siren(e.seller.siren)),
    _Rule(
        "BR-FR-11",
        "Entre entreprises, le SIREN du destinataire a 9 chiffres.",
        lambda e: not _is_b2b(e) or _is_siren(e.buyer.siren),
    ),
    _Rule(
        "BR-FR-12",
        "Le destinataire a une adresse électronique : son SIREN est à compléter.",
        lambda e: bool(e.buyer.endpoint),
    ),
    _Rule("BR-FR-13", "L'émetteur a une adresse électronique.", lambda e: bool(e.seller.endpoint)),
    _Rule(
        "BR-FR-15",
        "Les catégories de TVA sont S, E, AE, K, G, O ou Z.",
        lambda e: _categories(e) <= _CATEGORIES,
    ),
    _Rule(
        "BR-FR-20",
        "La note BAR nomme l'un des traitements admis.",
        lambda e: all(text in _TREATMENTS for text in _notes(e, "BAR")),
    ),
    _Rule(
        "BR-FR-21",
        "Entre entreprises, l'adresse électronique du destinataire commence par son SIREN.",
        lambda e: not _is_b2b(e) or (e.buyer.endpoint or "").startswith(e.buyer.siren or "?"),
    ),
    _Rule(
        "BR-FR-23",
        "Une adresse électronique s'écrit en lettres sans accent, chiffres et - _ .",
        lambda e: all(_ENDPOINT.fullmatch(endpoint) for endpoint in _endpoints(e)),
    ),
    _Rule(
        "BR-FR-25",
        "Une adresse électronique tient en 125 caractères.",
        lambda e: all(len(endpoint) <= 125 for endpoint in _endpoints(e)),
    ),
    _Rule("BR-FR-31", "Il n'y a qu'une note BAR.", lambda e: len(_notes(e, "BAR")) <= 1),
    _Rule(
        "BR-FR-32",
        "Un SIREN a 9 chiffres.",
        lambda e: all(_is_siren(party.siren) for party in _parties(e) if party.siren),
    ),
    _Rule(
        "BR-FR-CO-04",
        "Une facture rectificative nomme une facture antérieure, une seule, et sa date.",
        lambda e: e.type_code not in _CORRECTED or [bool(one.issued_on) for one in e.preceding] == [True],
    ),
    _Rule(
        "BR-FR-CO-05",
        "Un avoir nomme au moins une facture antérieure, et sa date.",
        lambda e: e.type_code not in _CREDITS or any(one.issued_on for one in e.preceding),
    ),
    _Rule("BR-FR-CO-07", "L'échéance ne précède pas l'émission.", _follows),
    _Rule(
        "BR-FR-CO-09",
        "Une facture déjà payée l'est en entier : rien n'en reste à payer, et son échéance est le jour du paiement.",
        _is_settled,
    ),
    _Rule("BR-FR-DEC-01", "Les montants ont deux décimales au plus.", lambda e: all(_fits(n, 2) for n in _amounts(e))),
    _Rule(
        "BR-FR-DEC-02",
        "Les quantités ont quatre décimales au plus.",
        lambda e: all(_fits(line.quantity, 4) for line in e.lines),
    ),
    _Rule(
        "BR-FR-DEC-03",
        "Les prix unitaires ont six décimales au plus et ne sont pas négatifs.",
        lambda e: all(_fits(line.price, 6) and line.price >= 0 for line in e.lines),
    ),
)

_EUROPEAN: Final = (
    _Rule("BR-06", "L'émetteur a un nom.", lambda e: bool(e.seller.name.strip())),
    _Rule("BR-07", "Le destinataire a un nom.", lambda e: bool(e.buyer.name.strip())),
    _Rule(
        "BR-09", "L'adresse de l'émetteur dit son pays.", lambda e: bool(e.seller.address and e.seller.address.country)
    ),
    _Rule(
        "BR-11",
        "L'adresse du destinataire dit son pays : elle est à compléter.",
        lambda e: _has_country(e.buyer),
    ),
    _Rule("BR-16", "Il y a au moins une ligne.", lambda e: bool(e.lines)),
    _Rule("BR-29", "La période finit après avoir commencé.", lambda e: e.period[0] <= e.period[1]),
    _Rule("BR-61", "Un virement nomme le compte à créditer.", lambda e: bool(e.iban)),
    _Rule(
        "BR-CO-10",
        "Le total des lignes est leur somme.",
        lambda e: e.lines_total == sum((line.amount for line in e.lines), Decimal(0)),
    ),
    _Rule("BR-CO-13", "Le total hors TVA est celui des lignes.", lambda e: e.net_total == e.lines_total),
    _Rule(
        "BR-CO-14",
        "Le total de TVA est la somme de celle de chaque catégorie.",
        lambda e: e.vat_total == sum((total.tax for total in e.vat), Decimal(0)),
    ),
    _Rule(
        "BR-CO-15",
        "Le total toutes taxes est la somme du total hors TVA et de la TVA.",
        lambda e: e.gross_total == e.net_total + e.vat_total,
    ),
    _Rule("BR-CO-16", "Le net à payer est le total, moins ce qui est payé.", lambda e: e.due == e.gross_total - e.paid),
    _Rule(
        "BR-CO-17",
        "La TVA d'une catégorie est sa base par son taux, au centime.",
        lambda e: all(total.tax == round_to_cents(total.basis * (total.rate or 0) / 100) for total in e.vat),
    ),
    _Rule("BR-CO-18", "La TVA est totalisée par catégorie.", lambda e: bool(e.vat)),
    _Rule("BR-CO-25", "Ce qui reste à payer a une échéance.", lambda e: e.due <= 0 or e.due_on is not None),
    _Rule(
        "BR-CO-26",
        "L'émetteur a un identifiant.",
        lambda e: bool(e.seller.siren or e.seller.siret or e.seller.vat_number),
    ),
    _Rule("BR-O-01", "La catégorie O est totalisée une fois.", lambda e: _totalled_once(e, OUT_OF_SCOPE)),
    _Rule(
        "BR-O-02",
        "Hors du champ de la TVA, personne n'a de numéro de TVA.",
        lambda e: not _uses(e, OUT_OF_SCOPE) or not any(party.vat_number for party in _parties(e)),
    ),
    _Rule(
        "BR-O-05",
        "Une ligne hors du champ de la TVA n'a pas de taux.",
        lambda e: all(line.rate is None for line in e.lines if line.category == OUT_OF_SCOPE),
    ),
    _Rule("BR-O-08", "La base de la catégorie O est la somme de ses lignes.", lambda e: _basis_is_sum(e, OUT_OF_SCOPE)),
    _Rule("BR-O-09", "La TVA de la catégorie O est nulle.", lambda e: _untaxed(e, OUT_OF_SCOPE)),
    _Rule("BR-O-10", "La catégorie O dit pourquoi.", lambda e: _reasoned(e, OUT_OF_SCOPE)),
    _Rule("BR-O-11", "La catégorie O est seule totalisée.", _out_of_scope_alone),
    _Rule("BR-O-12", "Aucune ligne n'est d'une autre catégorie que O.", _lines_out_of_scope_alone),
    _Rule("BR-E-01", "La catégorie E est totalisée une fois.", lambda e: _totalled_once(e, EXEMPT)),
    _Rule(
        "BR-E-02",
        "Exonéré, l'émetteur a un numéro de TVA ou un identifiant fiscal.",
        lambda e: not _uses(e, EXEMPT) or bool(e.seller.vat_number or e.seller.tax_id),
    ),
    _Rule(
        "BR-E-05",
        "Le taux d'une ligne exonérée est zéro.",
        lambda e: all(line.rate == 0 for line in e.lines if line.category == EXEMPT),
    ),
    _Rule("BR-E-08", "La base de la catégorie E est la somme de ses lignes.", lambda e: _basis_is_sum(e, EXEMPT)),
    _Rule("BR-E-09", "La TVA de la catégorie E est nulle.", lambda e: _untaxed(e, EXEMPT)),
    _Rule("BR-E-10", "L'exonération dit son motif.", lambda e: _reasoned(e, EXEMPT)),
)

RULES: Final = (*_FRENCH, *_EUROPEAN)
