"""The rules of an e-invoice, each with what breaks it: nothing else of the invoice is changed.

The names are those of the norms: BR-FR-… of XP Z12-012 (FNFE, v1.4), BR-… of EN 16931.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from common.invoicing.conformity import defects
from common.invoicing.einvoice import EInvoice, Note, Preceding, credit_note_of
from common.invoicing.european_rules import EUROPEAN_RULES
from common.invoicing.french_rules import FRENCH_RULES
from dues.invoices.domain import einvoice_of
from dues.legal_entities.domain import VatRegime

from .test_call_for_dues import call, mentions_of


def einvoice(regime: VatRegime = VatRegime.OUT_OF_SCOPE) -> EInvoice:
    invoice = call(regime=regime)
    return einvoice_of(invoice, mentions_of(invoice))


def credit_note(regime: VatRegime = VatRegime.OUT_OF_SCOPE) -> EInvoice:
    lines = [("Part variable annulée", Decimal("100.00"))]
    return credit_note_of(einvoice(regime), "COT-2026-00043", date(2026, 3, 1), lines)


Change = Callable[[EInvoice], EInvoice]


def of(**changes: Any) -> Change:
    return lambda e: replace(e, **changes)


def seller(**changes: Any) -> Change:
    return lambda e: replace(e, seller=replace(e.seller, **changes))


def buyer(**changes: Any) -> Change:
    return lambda e: replace(e, buyer=replace(e.buyer, **changes))


def line(**changes: Any) -> Change:
    return lambda e: replace(e, lines=(replace(e.lines[0], **changes), *e.lines[1:]))


def vat(**changes: Any) -> Change:
    return lambda e: replace(e, vat=(replace(e.vat[0], **changes), *e.vat[1:]))


def note(code: str, text: str | None) -> Change:
    """The note of a code says something else; or is not there."""
    said = () if text is None else (Note(code=code, text=text),)
    return lambda e: replace(e, notes=(*(one for one in e.notes if one.code != code), *said))


def again(code: str) -> Change:
    return lambda e: replace(e, notes=(*e.notes, *(one for one in e.notes if one.code == code)))


def both(*changes: Change) -> Change:
    def changed(e: EInvoice) -> EInvoice:
        for change in changes:
            e = change(e)
        return e

    return changed


EUROS = Decimal
B2B = note("BAR", "B2B")
PAST = Preceding(number="COT-2026-00001", issued_on=date(2026, 1, 2))
UNDATED = replace(PAST, issued_on=None)
FRENCH = [
    pytest.param("BR-FR-01", of(number="C" * 36), id="numéro de 36 caractères"),
    pytest.param("BR-FR-02", of(number="COT 2026 1"), id="numéro avec des blancs"),
    pytest.param("BR-FR-02", of(number=""), id="sans numéro"),
    pytest.param("BR-FR-02", of(preceding=(replace(PAST, number="n°1"),)), id="numéro antérieur hors alphabet"),
    pytest.param("BR-FR-03", of(period=(date(1999, 1, 1), date(2026, 12, 31))), id="une date du siècle passé"),
    pytest.param("BR-FR-04", of(type_code="325"), id="facture pro forma"),
    pytest.param("BR-FR-05", note("PMT", None), id="sans note sur l'indemnité"),
    pytest.param("BR-FR-05", note("PMD", None), id="sans note sur les pénalités"),
    pytest.param("BR-FR-05", note("AAB", None), id="sans note sur l'escompte"),
    pytest.param("BR-FR-06", again("PMD"), id="deux notes sur les pénalités"),
    pytest.param("BR-FR-08", of(process="S10"), id="cadre de facturation inconnu"),
    pytest.param("BR-FR-09", seller(siret="12345678200010"), id="SIRET d'un autre SIREN"),
    pytest.param("BR-FR-09", seller(siret="0000000000000"), id="SIRET de 13 chiffres"),
    pytest.param("BR-FR-10 BR-FR-32", seller(siren="00000000", siret=None), id="SIREN de l'émetteur de 8 chiffres"),
    pytest.param("BR-FR-10 BR-CO-26", seller(siren=None, siret=None), id="émetteur sans identifiant"),
    pytest.param("BR-FR-11 BR-FR-21", both(B2B, buyer(siren=None)), id="entre entreprises, sans SIREN"),
    pytest.param("BR-FR-12", buyer(siren=None, endpoint=None), id="SIREN du destinataire inconnu"),
    pytest.param("BR-FR-13", seller(endpoint=None), id="émetteur sans adresse électronique"),
    pytest.param("BR-FR-21", both(B2B, buyer(endpoint="987654321")), id="entre entreprises, adresse d'un autre SIREN"),
    pytest.param("BR-FR-20", note("BAR", "HORSCHAMP"), id="traitement inconnu"),
    pytest.param("BR-FR-23", buyer(endpoint="123456782 A"), id="adresse électronique avec un blanc"),
    pytest.param("BR-FR-25", buyer(endpoint="1" * 126), id="adresse électronique de 126 caractères"),
    pytest.param("BR-FR-31", again("BAR"), id="deux notes de traitement"),
    pytest.param("BR-FR-32", buyer(siren="12345678A"), id="SIREN du destinataire avec une lettre"),
    pytest.param("BR-FR-CO-04", of(type_code="384"), id="rectificative sans facture antérieure"),
    pytest.param("BR-FR-CO-04", of(type_code="384", preceding=(UNDATED,)), id="rectificative d'une facture sans date"),
    pytest.param("BR-FR-CO-04", of(type_code="384", preceding=(PAST, PAST)), id="rectificative de deux factures"),
    pytest.param("BR-FR-CO-05", of(type_code="381"), id="avoir sans facture antérieure"),
    pytest.param("BR-FR-CO-05", of(type_code="381", preceding=(UNDATED,)), id="avoir d'une facture sans date"),
    pytest.param("BR-FR-CO-07", of(due_on=date(2026, 1, 14)), id="échéance la veille de l'émission"),
    pytest.param("BR-FR-CO-09", of(process="S2"), id="déjà payée, rien de payé"),
    pytest.param(
        "BR-FR-CO-09", of(process="S2", paid=EUROS("2546.61"), due=EUROS(0), due_on=None), id="payée, sans jour"
    ),
    pytest.param("BR-FR-DEC-01 BR-CO-16", of(paid=EUROS("0.001")), id="montant au millième"),
    pytest.param("BR-FR-DEC-02", line(quantity=EUROS("0.00001")), id="quantité à cinq décimales"),
    pytest.param("BR-FR-DEC-03", line(price=EUROS("0.0000001")), id="prix à sept décimales"),
    pytest.param("BR-FR-DEC-03", line(price=EUROS("-800.00")), id="prix négatif"),
]
EUROPEAN = [
    pytest.param("BR-06", seller(name=" "), id="émetteur sans nom"),
    pytest.param("BR-07", buyer(name=""), id="destinataire sans nom"),
    pytest.param("BR-09", seller(address=None), id="émetteur sans adresse"),
    pytest.param("BR-11", buyer(address=None), id="destinataire sans adresse"),
    pytest.param("BR-16 BR-CO-10 BR-O-08", of(lines=()), id="sans ligne"),
    pytest.param("BR-29", of(period=(date(2026, 12, 31), date(2026, 1, 1))), id="période à rebours"),
    pytest.param("BR-61", of(iban=""), id="virement sans compte"),
    pytest.param("BR-CO-10 BR-CO-13", of(lines_total=EUROS("2546.60")), id="lignes mal sommées"),
    pytest.param("BR-CO-13 BR-CO-15", of(net_total=EUROS("2546.60")), id="total hors TVA mal reporté"),
    pytest.param("BR-CO-14 BR-CO-15", of(vat_total=EUROS("0.01")), id="TVA mal sommée"),
    pytest.param("BR-CO-15 BR-CO-16", of(gross_total=EUROS("2546.62")), id="total toutes taxes mal sommé"),
    pytest.param("BR-CO-16", of(due=EUROS("2546.60")), id="net à payer mal calculé"),
    pytest.param("BR-CO-17", vat(rate=EUROS(20)), id="taux sans sa TVA"),
    pytest.param("BR-CO-18 BR-O-01", of(vat=()), id="TVA sans total"),
    pytest.param("BR-CO-25", of(due_on=None), id="à payer, sans échéance"),
]
OUT_OF_SCOPE = [
    pytest.param("BR-O-01", lambda e: replace(e, vat=e.vat * 2), id="deux totaux hors champ"),
    pytest.param("BR-O-02", seller(vat_number="FR12000000000"), id="numéro de TVA hors champ"),
    pytest.param("BR-O-05", line(rate=EUROS(0)), id="taux hors champ"),
    pytest.param("BR-O-08", vat(basis=EUROS("2546.60")), id="base hors champ mal sommée"),
    pytest.param("BR-CO-14 BR-CO-17 BR-O-09", vat(tax=EUROS("0.01")), id="TVA hors champ"),
    pytest.param("BR-O-10", vat(reason=None, reason_code=None), id="hors champ, sans dire pourquoi"),
    pytest.param(
        "BR-O-11",
        lambda e: replace(e, vat=(*e.vat, replace(e.vat[0], category="Z", basis=EUROS(0)))),
        id="hors champ, et un autre total",
    ),
    pytest.param("BR-O-08 BR-O-12", line(category="Z"), id="hors champ, et une ligne d'une autre catégorie"),
    pytest.param("BR-FR-15 BR-O-08 BR-O-12", line(category="L"), id="catégorie des Canaries"),
]
EXEMPT = [
    pytest.param("BR-E-01", lambda e: replace(e, vat=e.vat * 2), id="deux totaux exonérés"),
    pytest.param("BR-E-02", seller(tax_id=None), id="exonérée, sans identifiant fiscal"),
    pytest.param("BR-E-05", line(rate=None), id="ligne exonérée sans taux"),
    pytest.param("BR-E-08", vat(basis=EUROS("2546.60")), id="base exonérée mal sommée"),
    pytest.param("BR-CO-14 BR-CO-17 BR-E-09", vat(tax=EUROS("0.01")), id="TVA exonérée"),
    pytest.param("BR-E-10", vat(reason=None, reason_code=None), id="exonérée, sans motif"),
]


def broken(e: EInvoice) -> str:
    return " ".join(defect.rule for defect in defects(e))


@pytest.mark.parametrize(("rules", "change"), FRENCH + EUROPEAN + OUT_OF_SCOPE)
def test_what_breaks_a_rule_out_of_scope(rules: str, change: Change) -> None:
    assert broken(change(einvoice())) == rules


@pytest.mark.parametrize(("rules", "change"), FRENCH + EXEMPT)
def test_what_breaks_a_rule_exempt(rules: str, change: Change) -> None:
    assert broken(change(einvoice(VatRegime.EXEMPT))) == rules


@pytest.mark.parametrize("regime", VatRegime)
def test_a_call_and_its_credit_note_break_none(regime: VatRegime) -> None:
    assert broken(einvoice(regime)) == broken(credit_note(regime)) == ""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(of(number="C" * 35), id="numéro de 35 caractères"),
        pytest.param(of(due_on=date(2026, 1, 15)), id="échéance le jour de l'émission"),
        pytest.param(both(B2B, buyer(endpoint="123456782_COMPTA")), id="entre entreprises, adresse plus fine"),
        pytest.param(of(process="S2", paid=EUROS("2546.61"), due=EUROS(0)), id="déjà payée en entier"),
        pytest.param(of(paid=EUROS("46.61"), due=EUROS("2500.00")), id="payée en partie"),
        pytest.param(of(type_code="386", due_on=date(2026, 1, 1)), id="acompte : son échéance peut précéder"),
        pytest.param(seller(siret=None), id="sans SIRET"),
        pytest.param(vat(reason_code=None), id="le motif en toutes lettres suffit"),
    ],
)
def test_what_breaks_none(change: Change) -> None:
    assert broken(change(einvoice())) == ""


def test_every_rule_has_what_breaks_it() -> None:
    cases = FRENCH + EUROPEAN + OUT_OF_SCOPE + EXEMPT
    shown = {rule for case in cases for rule in str(case.values[0]).split()}
    assert shown == {rule.name for rule in (*FRENCH_RULES, *EUROPEAN_RULES)}


def test_a_call_of_nothing_has_one_line_and_a_line_of_nothing_is_left_out() -> None:
    nothing = call("ges")
    assert [line.amount for line in nothing.lines] == [Decimal("800.00"), Decimal("0.00")]
    e = einvoice_of(nothing, mentions_of(nothing))
    assert [line.name for line in e.lines] == ["Part fixe de la cotisation 2026"]
    assert e.due == nothing.total
