"""The words of the agenda: what its dates are called, at which local times they are read."""

from datetime import date
from functools import cache

from common.dated import rule_on
from common.shipped_data import shipped, shipped_rules
from membership.agenda.domain import (
    AgendaKind,
    AgendaRule,
)
from membership.agenda.schemas import (
    AgendaKindOut,
    AgendaKindsOut,
    AgendaRuleOut,
)
from membership.territory.domain import NETWORK_ZONE
from membership.territory.queries import load_territory, zones


@cache
def kinds() -> dict[str, AgendaKind]:
    """Return what the agenda shows, by code."""
    listed = shipped("membership.agenda", "kinds.toml")["kinds"]
    return {one["code"]: AgendaKind(**one) for one in listed}


def why_cancelled(code: str | None) -> str | None:
    """Return why a date of another service was cancelled, in words; a code that nobody knows as it is."""
    if code is None:
        return None
    reasons: dict[str, str] = shipped("membership.agenda", "kinds.toml")["cancellations"]
    return reasons.get(code, code)


def network_zones() -> list[str]:
    """Return the local times of the network's places, Paris first."""
    return list(dict.fromkeys([NETWORK_ZONE, *(one.zone for one in zones())]))


def list_kinds(today: date) -> AgendaKindsOut:
    """Return what the agenda shows, at which local times, and the figures of today. Raises RuleMissing."""
    data = shipped("membership.agenda", "kinds.toml")
    items = [AgendaKindOut.model_validate(kind) for kind in kinds().values()]
    return AgendaKindsOut(
        items=items,
        zones=network_zones(),
        status=data["status"],
        source=data["source"],
        rule=AgendaRuleOut.model_validate(agenda_rule(today)),
    )


@cache
def _rules() -> tuple[AgendaRule, ...]:
    return shipped_rules("membership.agenda", "rule.toml", AgendaRule)


def agenda_rule(day: date) -> AgendaRule:
    """Return the figures of the agenda that hold on a day. Raises RuleMissing."""
    return rule_on(_rules(), day)


def names_of_delegations() -> dict[str, str]:
    """Return the names of the delegations, by code."""
    return {one.code: one.name for one in load_territory().delegations}
