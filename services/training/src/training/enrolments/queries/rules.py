"""The dated rules of offers and of withdrawals, and what the latter say of a seat."""

from datetime import date, datetime
from functools import cache

from common.clock import legal_day
from common.dated import rule_on
from common.shipped_data import shipped_rules
from training.enrolments import domain
from training.enrolments.domain import (
    Buyer,
    Due,
    OfferRule,
    OpenSession,
    SeatRequest,
    WithdrawalReason,
    WithdrawalRule,
    Withdrawn,
)

_PACKAGE = "training.enrolments"


@cache
def _offer_rules() -> tuple[OfferRule, ...]:
    return shipped_rules(_PACKAGE, "offers.toml", OfferRule)


@cache
def _withdrawal_rules() -> tuple[WithdrawalRule, ...]:
    return shipped_rules(_PACKAGE, "withdrawal.toml", WithdrawalRule)


def offer_rule(day: date) -> OfferRule:
    """Return how long an offer of a day holds. Raises RuleMissing."""
    return rule_on(_offer_rules(), day)


def withdrawal_rule(day: date) -> WithdrawalRule:
    """Return the delays to withdraw from what was agreed on a day. Raises RuleMissing."""
    return rule_on(_withdrawal_rules(), day)


def due_for(
    request: SeatRequest, session: OpenSession, reason: WithdrawalReason, now: datetime, *, had_a_seat: bool
) -> Due:
    """Return what a seat of a request would leave due, given back now. Raises RuleMissing."""
    agreed_on = legal_day(request.asked_at)
    seat = Withdrawn(
        buyer=Buyer.INDIVIDUAL if request.individual else Buyer.STRUCTURE,
        reason=reason,
        had_a_seat=had_a_seat,
        remote=session.remote,
        agreed_on=agreed_on,
        day=legal_day(now),
        price=request.unit_price,
        halves=len(session.half_days),
        halves_over=session.half_days_over(now),
    )
    return domain.due(seat, withdrawal_rule(agreed_on))
