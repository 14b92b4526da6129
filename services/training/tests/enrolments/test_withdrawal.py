"""What a seat given back leaves due, and how long an offered one is held: a line a case, with its source."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from training.enrolments.domain import (
    Basis,
    Buyer,
    OfferRule,
    WithdrawalReason,
    WithdrawalRule,
    Withdrawn,
    due,
    expires_at,
)
from training.enrolments.queries.rules import offer_rule, withdrawal_rule

RULE = WithdrawalRule(
    since=date(2026, 1, 1), cooling_off_days=10, cooling_off_days_remote=14, status="published", source="L6353-5"
)
AGREED = date(2027, 1, 4)


def given_back(**said: Any) -> Withdrawn:
    fields: dict[str, Any] = {
        "buyer": Buyer.STRUCTURE, "reason": WithdrawalReason.CHANGED_PLANS, "had_a_seat": True, "remote": False,
        "agreed_on": AGREED, "day": date(2027, 2, 1), "price": Decimal("700.00"), "halves": 4, "halves_over": 0, **said,
    }  # fmt: skip
    return Withdrawn(**fields)


PERSON = {"buyer": Buyer.INDIVIDUAL}
FORCE = {"reason": WithdrawalReason.FORCE_MAJEURE}


@pytest.mark.parametrize(
    ("said", "amount", "basis"),
    [
        pytest.param({}, "0.00", Basis.BEFORE_START, id="structure, avant le début : L6354-1, rien n'est exécuté"),
        pytest.param({"halves_over": 1}, "175.00", Basis.CARRIED_OUT, id="structure, un quart exécuté : L6354-1"),
        pytest.param({"halves_over": 4}, "700.00", Basis.CARRIED_OUT, id="structure, tout exécuté : L6354-1"),
        pytest.param(
            {"halves": 3, "halves_over": 1, "price": Decimal("100.00")},
            "33.33",
            Basis.CARRIED_OUT,
            id="structure, un tiers : au centime",
        ),
        pytest.param(
            {**PERSON, "day": date(2027, 1, 14)}, "0.00", Basis.COOLING_OFF, id="personne, 10e jour : L6353-5"
        ),
        pytest.param(
            {**PERSON, "day": date(2027, 1, 15)}, "0.00", Basis.BEFORE_START, id="personne, 11e jour : L6353-6"
        ),
        pytest.param(
            {**PERSON, "remote": True, "day": date(2027, 1, 18)},
            "0.00",
            Basis.COOLING_OFF,
            id="personne à distance, 14e jour : L221-18",
        ),
        pytest.param(
            {**PERSON, "remote": True, "day": date(2027, 1, 19), "halves_over": 2},
            "350.00",
            Basis.CARRIED_OUT,
            id="personne à distance, 15e jour",
        ),
        pytest.param(
            {**PERSON, **FORCE, "halves_over": 3}, "525.00", Basis.FORCE_MAJEURE, id="personne, force majeure : L6353-7"
        ),
        pytest.param({**PERSON, **FORCE}, "0.00", Basis.FORCE_MAJEURE, id="force majeure avant le début : L6353-7"),
        pytest.param({"reason": WithdrawalReason.ORGANISER}, "0.00", Basis.ORGANISER, id="annulée par l'organisme"),
        pytest.param({"reason": WithdrawalReason.DATE_MOVED}, "0.00", Basis.ORGANISER, id="date changée : sans frais"),
        pytest.param({"had_a_seat": False}, "0.00", Basis.NOTHING_BOUGHT, id="seulement attendue : rien n'était pris"),
    ],
)
def test_what_is_due(said: dict[str, Any], amount: str, basis: Basis) -> None:
    found = due(given_back(**said), RULE)
    assert (found.amount, found.basis) == (Decimal(amount), basis)


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        pytest.param({}, True, id="avant le début : un contrat pourrait le prévoir"),
        pytest.param({"halves_over": 2}, True, id="après : de même"),
        pytest.param({"reason": WithdrawalReason.ORGANISER}, False, id="du fait de l'organisme : jamais"),
        pytest.param({**PERSON, "day": AGREED}, False, id="rétractation : jamais"),
    ],
)
def test_no_fee_is_invented(said: dict[str, Any], unknown: bool) -> None:
    found = due(given_back(**said), RULE)
    assert found.contract_unknown is unknown
    assert ("conditions générales non renseignées" in found.explanation) is unknown


HOUSE = OfferRule(
    since=date(2026, 1, 1), working_days=2, near_days=7, near_working_days=1, status="assumed", source="-"
)
FAR = datetime(2027, 6, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offered_on", "first_starts_at", "until"),
    [
        pytest.param(date(2027, 1, 4), FAR, datetime(2027, 1, 6, 23, tzinfo=UTC), id="un lundi : mercredi au soir"),
        pytest.param(date(2027, 1, 8), FAR, datetime(2027, 1, 12, 23, tzinfo=UTC), id="un vendredi : mardi au soir"),
        pytest.param(date(2027, 5, 5), FAR, datetime(2027, 5, 10, 22, tzinfo=UTC), id="l'Ascension ne compte pas"),
        pytest.param(
            date(2027, 1, 4),
            datetime(2027, 1, 8, 8, tzinfo=UTC),
            datetime(2027, 1, 5, 23, tzinfo=UTC),
            id="dans la semaine qui précède : un jour",
        ),
        pytest.param(
            date(2027, 1, 8),
            datetime(2027, 1, 11, 8, tzinfo=UTC),
            datetime(2027, 1, 11, 8, tzinfo=UTC),
            id="jamais après le début",
        ),
    ],
)
def test_until_when_an_offer_is_held(offered_on: date, first_starts_at: datetime, until: datetime) -> None:
    assert expires_at(offered_on, first_starts_at, HOUSE) == until


def test_the_rules_that_ship_say_what_is_assumed() -> None:
    day = date(2026, 11, 23)
    assert (offer_rule(day).status, withdrawal_rule(day).status) == ("assumed", "published")
    assert withdrawal_rule(day).cooling_off_days == 10
