"""The dated rules of the group account: which operator holds it, what each structure pays."""

from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped_rules
from training.envelopes.domain import MemberType, OperatorRule, RateRule
from training.envelopes.schemas import FundingRulesOut, OperatorRuleOut, RateRuleOut


@cache
def _operators() -> tuple[OperatorRule, ...]:
    return shipped_rules("training.envelopes", "funders.toml", OperatorRule)


@cache
def _rates() -> tuple[RateRule, ...]:
    return shipped_rules("training.envelopes", "rates.toml", RateRule)


def operator_on(day: date) -> OperatorRule:
    """Return the operator that holds the group account on a day. Raises RuleMissing."""
    return rule_on(_operators(), day)


def rates_on(day: date) -> RateRule:
    """Return what structures pay from a day on. Raises RuleMissing."""
    return rule_on(_rates(), day)


def rules_out() -> FundingRulesOut:
    """Return all the rules, with where each comes from."""
    return FundingRulesOut(
        operators=[OperatorRuleOut.model_validate(rule) for rule in _operators()],
        rates=[
            RateRuleOut(
                since=rule.since,
                percents={MemberType(code): f"{percent:f}" for code, percent in rule.percents.items()},
                status=rule.status,
                source=rule.source,
            )
            for rule in _rates()
        ],
    )
