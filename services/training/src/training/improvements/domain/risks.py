"""Risks on quality: how likely and how grave, who answers for each, when it is looked at again.

Source: indicator 32 of the national quality referential of 2026 (a risk analysis). The scale, 1 to 4 twice, is ours and
assumed (``data/scale.toml``).
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.labels import Labelled
from training.improvements.domain.refusals import ReviewInPast, RiskClosed


class RiskStatus(Labelled):
    """Whether it is still looked at."""

    OPEN = "open", "suivi"
    CLOSED = "closed", "clos"


class RiskStep(Labelled):
    """What was done to a risk."""

    OPENED = "opened", "relevé"
    REVIEWED = "reviewed", "revu"
    CLOSED = "closed", "clos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One risk. ``owner`` is an office or a role, never a person's name; likelihood and severity go from 1 to 4."""

    id: UUID
    reference: str
    title: str
    description: str
    cause: str
    likelihood: int
    severity: int
    owner: str
    reviewed_on: date
    next_review_on: date
    status: RiskStatus = RiskStatus.OPEN
    version: int = 1

    @property
    def level(self) -> int:
        """How much it weighs: likelihood times severity, 1 to 16.

        >>> from uuid import UUID
        >>> day = date(2026, 11, 2)
        >>> Risk(
        ...     id=UUID(int=1), reference="RIS-2026-00001", title="", description="", cause="", likelihood=3,
        ...     severity=4, owner="", reviewed_on=day, next_review_on=day,
        ... ).level
        12
        """
        return self.likelihood * self.severity


def is_review_due(risk: Risk, today: date) -> bool:
    """Tell whether a risk should have been looked at again."""
    return risk.status is RiskStatus.OPEN and risk.next_review_on < today


def require_open(risk: Risk) -> None:
    """Let only a risk that is followed change. Raises RiskClosed."""
    if risk.status is not RiskStatus.OPEN:
        raise RiskClosed("Ce risque est clos : relevez-en un autre s'il revient.")


def require_later(next_review_on: date, today: date) -> None:
    """Have a risk looked at again after today. Raises ReviewInPast."""
    if next_review_on <= today:
        raise ReviewInPast("La prochaine revue se fait après aujourd'hui.")


def review(risk: Risk, likelihood: int, severity: int, next_review_on: date, today: date) -> Risk:
    """Look at a risk again. Raises RiskClosed, ReviewInPast."""
    require_open(risk)
    require_later(next_review_on, today)
    seen = replace(risk, likelihood=likelihood, severity=severity, reviewed_on=today, next_review_on=next_review_on)
    return replace(seen, version=risk.version + 1)


def close(risk: Risk) -> Risk:
    """Follow a risk no more. Raises RiskClosed."""
    require_open(risk)
    return replace(risk, status=RiskStatus.CLOSED, version=risk.version + 1)
