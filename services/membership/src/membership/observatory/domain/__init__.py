"""The rules of the Observatoire: its indicators, its portraits and their secrecy, its editions."""

from membership.observatory.domain.edition import (
    Edition,
    EditionNotFound,
    EditionStatus,
    EditionUnderWay,
    Position,
    Response,
    RevisionUnexplained,
    position,
    require_explained,
)
from membership.observatory.domain.indicators import (
    Indicator,
    IndicatorSet,
    IndicatorsNotFound,
    Theme,
    indicators_of,
    rounded,
    value_of,
)
from membership.observatory.domain.portraits import Cell, HiddenBecause, Scope, SecrecyRule, Summary, published

__all__ = [
    "Cell",
    "Edition",
    "EditionNotFound",
    "EditionStatus",
    "EditionUnderWay",
    "HiddenBecause",
    "Indicator",
    "IndicatorSet",
    "IndicatorsNotFound",
    "Position",
    "Response",
    "RevisionUnexplained",
    "Scope",
    "SecrecyRule",
    "Summary",
    "Theme",
    "indicators_of",
    "position",
    "published",
    "require_explained",
    "rounded",
    "value_of",
]
