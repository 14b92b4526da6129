"""Which indicators and which secrecy hold for a year."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from common.shipped_data import shipped, shipped_rules
from membership.declarations.domain import Campaign, Unit
from membership.declarations.queries import questions_of
from membership.observatory.domain import (
    Asked,
    Indicator,
    IndicatorSet,
    SecrecyRule,
    Theme,
    asked_of,
    indicators_of,
)
from membership.observatory.schemas import (
    IndicatorsOut,
)


@cache
def indicator_sets() -> tuple[IndicatorSet, ...]:
    """Return every version of the indicators shipped with the service."""
    names = (one.name for one in (files("membership.observatory") / "data").iterdir())
    return tuple(
        _indicator_set(shipped("membership.observatory", name))
        for name in sorted(names)
        if name.startswith("indicators-")
    )


@cache
def secrecy_rules() -> tuple[SecrecyRule, ...]:
    """Return the dated rules of secrecy shipped with the service."""
    return shipped_rules("membership.observatory", "secrecy.toml", SecrecyRule)


def find_indicators(year: int) -> IndicatorsOut:
    """Return the indicators of a year of accounts. Raises IndicatorsNotFound."""
    return IndicatorsOut.of(indicators_of(indicator_sets(), year))


def version_of(version: str) -> IndicatorSet:
    """Return one version of the indicators: that of an edition is shipped for ever."""
    return next(one for one in indicator_sets() if one.version == version)


def asked_in(campaign: Campaign, version: str | None = None) -> Asked:
    """Return what can be computed of a campaign, by the version in force for its year or by another one.

    Raises QuestionnaireNotFound, IndicatorsNotFound.
    """
    held = version_of(version) if version else indicators_of(indicator_sets(), campaign.year)
    return asked_of(held, questions_of(campaign))


def _indicator_set(data: Mapping[str, Any]) -> IndicatorSet:
    return IndicatorSet(
        version=data["version"],
        since=data["since"],
        status=data["status"],
        source=data["source"],
        themes=tuple(Theme(**theme) for theme in data["themes"]),
        indicators=tuple(
            Indicator(
                code=one["code"],
                label=one["label"],
                theme=one["theme"],
                unit=Unit(one["unit"]),
                definition=one["definition"],
                of=tuple(one["of"]),
                over=tuple(one.get("over", ())),
                beside=_beside(data, one),
                comparable_from=one["comparable_from"],
            )
            for one in data["indicators"]
        ),
    )


def _beside(data: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the figures asked with an indicator: a list, or the name of one that several share."""
    beside = one.get("beside", ())
    return tuple(data["groups"][beside] if isinstance(beside, str) else beside)
