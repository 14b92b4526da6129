"""Reads what a departure would be."""

from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped_rules
from membership.departures.domain import NoticeRule, notice_ends
from membership.departures.schemas import NoticePeriodOut


@cache
def notice_rules() -> tuple[NoticeRule, ...]:
    """Return the dated rules of notice shipped with the service."""
    return shipped_rules("membership.departures", "notice.toml", NoticeRule)


def notice_of(received_on: date) -> NoticePeriodOut:
    """Return the notice of a resignation received on a day, and the rule it comes from. Raises RuleMissing."""
    rule = rule_on(notice_rules(), received_on)
    return NoticePeriodOut(
        received_on=received_on,
        ends_on=notice_ends(received_on, rule),
        months=rule.months,
        status=rule.status,
        source=rule.source,
    )
