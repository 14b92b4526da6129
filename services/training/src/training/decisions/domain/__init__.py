"""The rules of decisions: forecast, where people can go, what would be suggested, what is decided."""

from training.decisions.domain.decision import (
    Decided,
    Decision,
    DecisionAct,
    Figures,
    RefusalRule,
    Reseat,
    decline_by,
    require_declinable,
    require_postponable,
)
from training.decisions.domain.forecast import (
    Filling,
    Forecast,
    ForecastBasis,
    ForecastRule,
    Point,
    comparable,
    forecast,
    point,
)
from training.decisions.domain.refusals import NotSister, PostponedWrong, ReseatKept, ReseatNotFound
from training.decisions.domain.sisters import Nearness, Place, Sister, nearness, ranked, require_sisters
from training.decisions.domain.suggestion import Suggestion, suggest

__all__ = [
    "Decided",
    "Decision",
    "DecisionAct",
    "Figures",
    "Filling",
    "Forecast",
    "ForecastBasis",
    "ForecastRule",
    "Nearness",
    "NotSister",
    "Place",
    "Point",
    "PostponedWrong",
    "RefusalRule",
    "Reseat",
    "ReseatKept",
    "ReseatNotFound",
    "Sister",
    "Suggestion",
    "comparable",
    "decline_by",
    "forecast",
    "nearness",
    "point",
    "ranked",
    "require_declinable",
    "require_postponable",
    "require_sisters",
    "suggest",
]
