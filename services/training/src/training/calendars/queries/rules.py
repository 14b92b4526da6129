"""The figures of the calendars."""

from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped_rules
from training.calendars.domain import CalendarRule
from training.calendars.schemas import CalendarRuleOut


@cache
def _rules() -> tuple[CalendarRule, ...]:
    return shipped_rules("training.calendars", "rule.toml", CalendarRule)


def calendar_rule(day: date) -> CalendarRule:
    """Return the figures that hold on a day. Raises RuleMissing."""
    return rule_on(_rules(), day)


def show_rule(day: date) -> CalendarRuleOut:
    """Return the figures of a day as the API shows them. Raises RuleMissing."""
    return CalendarRuleOut.model_validate(calendar_rule(day))
