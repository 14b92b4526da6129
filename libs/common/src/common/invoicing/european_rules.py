"""The rules of EN 16931, each by the name that the norm gives it.

Those that concern the categories O (out of scope) and E (exempt) are here, and of the others those that hold whatever
the category: a line of another category has none of its own to be checked by.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from common.invoicing.einvoice import EXEMPT, OUT_OF_SCOPE, EInvoice, Party, VatTotal
from common.money import round_to_cents


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, by the name that its norm gives it: what it asks for, and whether an e-invoice keeps it."""

    name: str
    asks: str
    holds: Callable[[EInvoice], bool]


def _has_country(party: Party) -> bool:
    return party.address is not None and bool(party.address.country)


def _totals(e: EInvoice, category: str) -> list[VatTotal]:
    return [total for total in e.vat if total.category == category]


def _lines_sum(e: EInvoice, category: str) -> Decimal:
    return sum((line.amount for line in e.lines if line.category == category), Decimal(0))


def _uses(e: EInvoice, category: str) -> bool:
    return category in e.categories


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


EUROPEAN_RULES: Final = (
    Rule("BR-06", "L'émetteur a un nom.", lambda e: bool(e.seller.name.strip())),
    Rule("BR-07", "Le destinataire a un nom.", lambda e: bool(e.buyer.name.strip())),
    Rule(
        "BR-09", "L'adresse de l'émetteur dit son pays.", lambda e: bool(e.seller.address and e.seller.address.country)
    ),
    Rule(
        "BR-11",
        "L'adresse du destinataire dit son pays : elle est à compléter.",
        lambda e: _has_country(e.buyer),
    ),
    Rule("BR-16", "Il y a au moins une ligne.", lambda e: bool(e.lines)),
    Rule("BR-29", "La période finit après avoir commencé.", lambda e: e.period[0] <= e.period[1]),
    Rule("BR-61", "Un virement nomme le compte à créditer.", lambda e: bool(e.iban)),
    Rule(
        "BR-CO-10",
        "Le total des lignes est leur somme.",
        lambda e: e.lines_total == sum((line.amount for line in e.lines), Decimal(0)),
    ),
    Rule("BR-CO-13", "Le total hors TVA est celui des lignes.", lambda e: e.net_total == e.lines_total),
    Rule(
        "BR-CO-14",
        "Le total de TVA est la somme de celle de chaque catégorie.",
        lambda e: e.vat_total == sum((total.tax for total in e.vat), Decimal(0)),
    ),
    Rule(
        "BR-CO-15",
        "Le total toutes taxes est la somme du total hors TVA et de la TVA.",
        lambda e: e.gross_total == e.net_total + e.vat_total,
    ),
    Rule("BR-CO-16", "Le net à payer est le total, moins ce qui est payé.", lambda e: e.due == e.gross_total - e.paid),
    Rule(
        "BR-CO-17",
        "La TVA d'une catégorie est sa base par son taux, au centime.",
        lambda e: all(total.tax == round_to_cents(total.basis * (total.rate or 0) / 100) for total in e.vat),
    ),
    Rule("BR-CO-18", "La TVA est totalisée par catégorie.", lambda e: bool(e.vat)),
    Rule("BR-CO-25", "Ce qui reste à payer a une échéance.", lambda e: e.due <= 0 or e.due_on is not None),
    Rule(
        "BR-CO-26",
        "L'émetteur a un identifiant.",
        lambda e: bool(e.seller.siren or e.seller.siret or e.seller.vat_number),
    ),
    Rule("BR-O-01", "La catégorie O est totalisée une fois.", lambda e: _totalled_once(e, OUT_OF_SCOPE)),
    Rule(
        "BR-O-02",
        "Hors du champ de la TVA, personne n'a de numéro de TVA.",
        lambda e: not _uses(e, OUT_OF_SCOPE) or not any(party.vat_number for party in e.parties),
    ),
    Rule(
        "BR-O-05",
        "Une ligne hors du champ de la TVA n'a pas de taux.",
        lambda e: all(line.rate is None for line in e.lines if line.category == OUT_OF_SCOPE),
    ),
    Rule("BR-O-08", "La base de la catégorie O est la somme de ses lignes.", lambda e: _basis_is_sum(e, OUT_OF_SCOPE)),
    Rule("BR-O-09", "La TVA de la catégorie O est nulle.", lambda e: _untaxed(e, OUT_OF_SCOPE)),
    Rule("BR-O-10", "La catégorie O dit pourquoi.", lambda e: _reasoned(e, OUT_OF_SCOPE)),
    Rule("BR-O-11", "La catégorie O est seule totalisée.", _out_of_scope_alone),
    Rule("BR-O-12", "Aucune ligne n'est d'une autre catégorie que O.", _lines_out_of_scope_alone),
    Rule("BR-E-01", "La catégorie E est totalisée une fois.", lambda e: _totalled_once(e, EXEMPT)),
    Rule(
        "BR-E-02",
        "Exonéré, l'émetteur a un numéro de TVA ou un identifiant fiscal.",
        lambda e: not _uses(e, EXEMPT) or bool(e.seller.vat_number or e.seller.tax_id),
    ),
    Rule(
        "BR-E-05",
        "Le taux d'une ligne exonérée est zéro.",
        lambda e: all(line.rate == 0 for line in e.lines if line.category == EXEMPT),
    ),
    Rule("BR-E-08", "La base de la catégorie E est la somme de ses lignes.", lambda e: _basis_is_sum(e, EXEMPT)),
    Rule("BR-E-09", "La TVA de la catégorie E est nulle.", lambda e: _untaxed(e, EXEMPT)),
    Rule("BR-E-10", "L'exonération dit son motif.", lambda e: _reasoned(e, EXEMPT)),
)
