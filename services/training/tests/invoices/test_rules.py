"""When a share may be invoiced, how much of it, and what an invoice says: a line a case, with its source."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal
from common.legal_entities import Address
from training.billings.domain import Funder, PayerKind, Share, ShareStatus
from training.invoices.domain import (
    Audience,
    Balance,
    CreditTooLarge,
    InstalmentTooLarge,
    InvoiceStatus,
    SessionNotOver,
    SettlementEmpty,
    SettlementNotThere,
    SettlementTooLarge,
    ShareNotAgreed,
    WithdrawalPending,
    credit,
    most_of_person,
    require_agreed,
    require_instalment,
    require_over,
    settle,
    terms_on,
)
from training.invoices.queries.invoices import instalment_rule, rules_of, shipped_terms

DAY = date(2027, 1, 4)
_WHERE = Address(street="1 rue de l'Exemple", postcode="75000", city="Paris")
PERSON = Share(id=UUID(int=1), status=ShareStatus.AGREED, amount=Decimal("700.00"))
OPCO = replace(PERSON, funder=Funder(kind=PayerKind.OPCO, name="Opérateur", siren="900000001", address=_WHERE))
OTHER = replace(PERSON, funder=Funder(kind=PayerKind.OTHER, name="Région", siren="900000001", address=_WHERE))
ENDS = datetime(2027, 1, 4, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("over", "most"),
    [
        pytest.param(0, "210.00", id="avant le début : 30 %, L6353-6"),
        pytest.param(1, "332.50", id="une demi-journée sur quatre : 30 % et un quart du solde"),
        pytest.param(4, "700.00", id="à la fin : tout"),
    ],
)
def test_how_much_a_person_may_be_asked(over: int, most: str) -> None:
    assert most_of_person(Decimal("700.00"), instalment_rule(DAY), (over, 4)) == Decimal(most)


@pytest.mark.parametrize(
    ("day", "asked", "refusal"),
    [
        pytest.param(date(2027, 1, 14), "1.00", WithdrawalPending, id="le dernier jour pour se rétracter : rien"),
        pytest.param(date(2027, 1, 15), "210.00", None, id="le lendemain : 30 %"),
        pytest.param(date(2027, 1, 15), "210.01", InstalmentTooLarge, id="le lendemain : un centime de plus"),
    ],
)
def test_from_when_a_person_is_asked(day: date, asked: str, refusal: type[Refusal] | None) -> None:
    """Code du travail, L6353-6: nothing before the delay of L6353-5 ends, then no more than 30 %."""

    def asking() -> None:
        require_instalment(PERSON, Decimal(asked), instalment_rule(DAY), date(2027, 1, 14), day, (0, 4))

    if refusal is None:
        return asking()
    with pytest.raises(refusal):
        asking()
    return None


@pytest.mark.parametrize(
    ("share", "now", "refused"),
    [
        pytest.param(OPCO, datetime(2027, 1, 4, 15, tzinfo=UTC), True, id="opérateur, avant la fin"),
        pytest.param(OPCO, ENDS, False, id="opérateur, à la fin"),
        pytest.param(OTHER, datetime(2027, 1, 1, tzinfo=UTC), False, id="autre financeur : dès son accord"),
        pytest.param(PERSON, datetime(2027, 1, 1, tzinfo=UTC), False, id="acheteur"),
    ],
)
def test_an_operator_of_skills_pays_what_was_carried_out(share: Share, now: datetime, refused: bool) -> None:
    if not refused:
        return require_over(share, ENDS, now)
    with pytest.raises(SessionNotOver, match="certificat de réalisation"):
        require_over(share, ENDS, now)
    return None


def test_a_funder_is_invoiced_on_its_agreement() -> None:
    require_agreed(OPCO)
    with pytest.raises(ShareNotAgreed):
        require_agreed(replace(OPCO, status=ShareStatus.ASKED))


@pytest.mark.parametrize(
    ("paid", "credited", "status"),
    [
        pytest.param("0", "0", InvoiceStatus.ISSUED, id="émise"),
        pytest.param("0", "40", InvoiceStatus.ISSUED, id="un avoir partiel : le reste est dû"),
        pytest.param("40", "0", InvoiceStatus.PARTLY_PAID, id="payée en partie"),
        pytest.param("60", "40", InvoiceStatus.PAID, id="payée, avoir déduit"),
        pytest.param("0", "100", InvoiceStatus.CREDITED, id="annulée"),
    ],
)
def test_where_an_invoice_stands(paid: str, credited: str, status: InvoiceStatus) -> None:
    assert Balance("FOR-2027-00001", Decimal(100), Decimal(paid), Decimal(credited)).status is status


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        pytest.param(lambda one: credit(one, Decimal(61)), CreditTooLarge, id="un avoir de plus que le dû"),
        pytest.param(lambda one: credit(replace(one, paid=Decimal(100)), None), CreditTooLarge, id="rien n'est dû"),
        pytest.param(lambda one: settle(one, Decimal(61)), SettlementTooLarge, id="un règlement de plus que le dû"),
        pytest.param(lambda one: settle(one, Decimal(-41)), SettlementNotThere, id="repris plus que réglé"),
        pytest.param(lambda one: settle(one, Decimal(0)), SettlementEmpty, id="rien"),
    ],
)
def test_an_invoice_is_never_paid_nor_credited_beyond_what_is_owed(act: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        act(Balance("FOR-2027-00001", Decimal(100), Decimal(40), Decimal(0)))


def test_penalties_and_the_forty_euros_are_for_professionals() -> None:
    """Code de commerce, L441-10 and D441-5: between professionals only."""
    said = {
        audience: " ".join(one.text for one in terms_on(shipped_terms(), audience, DAY).mentions)
        for audience in Audience
    }
    assert "40 €" in said[Audience.PROFESSIONAL]
    assert "pénalités" in said[Audience.PROFESSIONAL]
    assert all(word not in said[Audience.INDIVIDUAL] for word in ("40 €", "énalité", "escompte"))
    assert all("261, 4, 4° a" in text for text in said.values())


def test_the_rules_say_what_is_assumed() -> None:
    rules = rules_of(DAY).items
    assert {one.code for one in rules if one.status == "assumed"} == {"VAT", "AAB", "BAR", "due_days"}
    assert all(one.source for one in rules)
