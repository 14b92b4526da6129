"""The price of seats, a line a case: who has the member price, what is taken off, what others pay, and what is said."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from training.quotes.domain import (
    Discount,
    DiscountTooLarge,
    Funding,
    FundingTooLarge,
    GivenPrice,
    MemberPriceRule,
    PriceBasis,
    PriceMissing,
    Proof,
    Tariff,
    changes,
    price,
)
from training.quotes.queries import member_price_rule, validity_rule

RULE = MemberPriceRule(
    since=date(2026, 1, 1), losing_statuses=("suspended",), losing_standings=("overdue",), status="assumed", source="-"
)
SOLD = Tariff(code="CIP-01", number=2, price=Decimal("700.00"), member_price=Decimal("560.00"))


def proof(**said: Any) -> Proof:
    fields: dict[str, Any] = {
        "is_member": True, "status": "active", "joined_on": date(2020, 1, 6), "standing": "up_to_date",
        "standing_year": 2026, **said,
    }  # fmt: skip
    return Proof(**fields)


NOBODY = Proof(is_member=False)


@pytest.mark.parametrize(
    ("known", "unit", "said"),
    [
        pytest.param(
            proof(), "560.00", "adhérente depuis le 6 janvier 2020, cotisation 2026 à jour", id="adhérente à jour"
        ),
        pytest.param(proof(standing=None), "560.00", "non communiquée", id="cotisation inconnue : elle garde le prix"),
        pytest.param(proof(standing="plan"), "560.00", "en échéancier", id="en échéancier"),
        pytest.param(proof(standing="new"), "560.00", "« new »", id="situation inconnue d'ici : montrée telle quelle"),
        pytest.param(proof(standing="overdue"), "700.00", "en retard", id="cotisation en retard (supposé)"),
        pytest.param(proof(status="suspended"), "700.00", "suspendue", id="suspendue (supposé)"),
        pytest.param(proof(is_member=False, status="left"), "700.00", "non adhérente ce jour-là", id="sortie"),
        pytest.param(proof(status="left"), "560.00", "adhérente depuis", id="sortie à venir : encore adhérente"),
        pytest.param(NOBODY, "700.00", "Pas une structure du registre", id="hors du registre"),
    ],
)
def test_who_has_the_member_price(known: Proof, unit: str, said: str) -> None:
    found = price(SOLD, 2, known, RULE)
    assert (found.unit, found.total) == (Decimal(unit), Decimal(unit) * 2)
    assert said in found.steps[0].text
    assert found.basis is (PriceBasis.MEMBER if unit == "560.00" else PriceBasis.STANDARD)
    assert "261-4-4° a" in " ".join(step.text for step in found.steps)


def test_without_a_member_price_all_pay_the_same() -> None:
    found = price(Tariff(code="A-01", number=1, price=Decimal("100.00"), member_price=None), 1, proof(), RULE)
    assert (found.unit, found.basis) == (Decimal("100.00"), PriceBasis.STANDARD)


@pytest.mark.parametrize(
    ("discount", "total"),
    [
        pytest.param(Discount(reason="Groupe", amount=Decimal("60.00")), "1060.00", id="un montant"),
        pytest.param(Discount(reason="Groupe", percent=Decimal(10)), "1008.00", id="dix pour cent"),
        pytest.param(Discount(reason="Groupe", percent=Decimal("33.33")), "746.70", id="arrondi au centime"),
    ],
)
def test_a_discount_is_taken_off_the_whole(discount: Discount, total: str) -> None:
    assert price(SOLD, 2, proof(), RULE, discount=discount).total == Decimal(total)


def test_what_others_pay_leaves_a_remainder() -> None:
    funding = (Funding("Uniformation", Decimal("500.00")), Funding("Région", Decimal("20.00")))
    found = price(SOLD, 1, proof(), RULE, funding=funding)
    assert (found.funded, found.remainder) == (Decimal("520.00"), Decimal("40.00"))


def test_a_price_given_by_hand_says_why() -> None:
    on_request = Tariff(code="SUR-01", number=1, price=None, member_price=None)
    with pytest.raises(PriceMissing):
        price(on_request, 1, proof(), RULE)
    given = GivenPrice(unit=Decimal("900.00"), reason="Deux jours sur place")
    found = price(on_request, 1, proof(), RULE, given=given)
    assert (found.basis, found.total) == (PriceBasis.TAILOR_MADE, Decimal("900.00"))
    assert "Deux jours sur place" in found.steps[0].text


def test_no_more_is_taken_off_or_paid_than_there_is() -> None:
    with pytest.raises(DiscountTooLarge):
        price(SOLD, 1, proof(), RULE, discount=Discount(reason="Erreur", amount=Decimal("560.01")))
    with pytest.raises(FundingTooLarge):
        price(SOLD, 1, proof(), RULE, funding=(Funding("OPCO", Decimal("560.01")),))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(proof(), (), id="rien de changé"),
        pytest.param(proof(standing="overdue"), ("cotisation",), id="cotisation en retard depuis"),
        pytest.param(proof(status="suspended"), ("suspendue",), id="suspendue depuis"),
        pytest.param(
            proof(is_member=False, status="left", left_on=date(2026, 12, 1)), ("non adhérente", "dates"), id="sortie"
        ),
    ],
)
def test_what_a_price_rests_on_is_compared(now: Proof, told: tuple[str, ...]) -> None:
    found = changes(proof(), now)
    assert len(found) == len(told)
    assert all(word in sentence for word, sentence in zip(told, found, strict=True))


def test_the_rules_that_ship_say_that_they_are_assumed() -> None:
    day = date(2026, 11, 23)
    assert (member_price_rule(day).status, validity_rule(day).status, validity_rule(day).days) == (
        "assumed", "assumed", 30,
    )  # fmt: skip
