"""Reads of the quality referential, shipped with the service."""

from datetime import date
from functools import cache
from typing import Any

from common.dated import RuleMissing, rule_on
from common.shipped_data import shipped
from training.referential import domain
from training.referential.domain import (
    AppliesTo,
    Criterion,
    Indicator,
    ReferentialNotFound,
    Standing,
    TrainingScope,
    Version,
    Weight,
)
from training.referential.schemas import (
    IndicatorChangeOut,
    IndicatorOut,
    QualityReferentialOut,
    ReferentialComparisonOut,
    ReferentialComparisonParams,
    ReferentialParams,
    ReferentialVersionOut,
)

_PACKAGE = "training.referential"


@cache
def versions() -> tuple[Version, ...]:
    """Return the versions of the referential, read once per process."""
    return tuple(_version(one) for one in shipped(_PACKAGE, "indicators.toml")["versions"])


@cache
def criteria() -> tuple[Criterion, ...]:
    """Return the criteria, in their order."""
    return tuple(Criterion(**one) for one in shipped(_PACKAGE, "criteria.toml")["criteria"])


def version_on(day: date) -> Version:
    """Return the version that holds on a day. Raises RuleMissing."""
    return rule_on(versions(), day)


def version_of(code: str) -> Version:
    """Return a version by its code. Raises ReferentialNotFound."""
    found = next((one for one in versions() if one.code == code), None)
    if found is None:
        held = ", ".join(one.code for one in versions())
        raise ReferentialNotFound(f"Aucune version « {code} » du référentiel n'est tenue ici. Tenues : {held}.")
    return found


def show_referential(params: ReferentialParams, today: date) -> QualityReferentialOut:
    """Return the referential of a day and its indicators that hold for what one does. Raises ReferentialNotFound."""
    try:
        found = version_on(params.on or today)
    except RuleMissing as missing:
        raise ReferentialNotFound("Aucun référentiel n'est renseigné pour un jour si ancien.") from missing
    scope = TrainingScope(certifying=params.certifying, on_the_job=params.on_the_job)
    return QualityReferentialOut(
        **_version_out(found).model_dump(),
        total=len(found.indicators),
        items=[_indicator_out(one) for one in domain.applicable(found.indicators, scope)],
    )


def compare(params: ReferentialComparisonParams) -> ReferentialComparisonOut:
    """Put two versions side by side. Raises ReferentialNotFound."""
    before, after = version_of(params.before), version_of(params.after)
    changes = [
        IndicatorChangeOut(
            number=one.number,
            before=_indicator_out(one.before) if one.before else None,
            after=_indicator_out(one.after) if one.after else None,
        )
        for one in domain.compare(before, after)
    ]
    return ReferentialComparisonOut(before=_version_out(before), after=_version_out(after), items=changes)


def _version(given: dict[str, Any]) -> Version:
    read = {
        "status": Standing(given["status"]),
        "weights_status": Standing(given["weights_status"]),
        "unknown": tuple(given["unknown"]),
        "indicators": tuple(_indicator(one) for one in given["indicators"]),
    }
    return Version(**{**given, **read})


def _indicator(given: dict[str, Any]) -> Indicator:
    read = {
        "applies_to": AppliesTo(given["applies_to"]),
        "weight": Weight(given["weight"]),
        "status": Standing(given["status"]),
    }
    return Indicator(**{**given, **read})


def _version_out(one: Version) -> ReferentialVersionOut:
    return ReferentialVersionOut.model_validate(one)


def _indicator_out(one: Indicator) -> IndicatorOut:
    criterion = domain.criterion_of(criteria(), one.number)
    return IndicatorOut(
        number=one.number,
        criterion=criterion.number,
        criterion_label=criterion.label,
        text=one.text,
        applies_to=one.applies_to,
        applies_to_label=one.applies_to.label,
        over_days=one.over_days,
        weight=one.weight,
        weight_label=one.weight.label,
        status=one.status,
        unknown=one.unknown,
    )
