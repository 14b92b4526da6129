"""Watch items: what was read of the law, the jobs and the ways of teaching, and what was drawn from it.

Source: indicators 23, 24 and 25 of the national quality referential: a watch is exploited, not only kept.
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from common.labels import Labelled
from training.improvements.domain.refusals import WatchItemExploited


class WatchKind(Labelled):
    """What is watched."""

    LEGAL = "legal", "légale et réglementaire"
    JOBS = "jobs", "compétences, métiers et emplois"
    TEACHING = "teaching", "innovations pédagogiques et technologiques"

    @property
    def indicator(self) -> int:
        """The indicator that asks for it."""
        return {WatchKind.LEGAL: 23, WatchKind.JOBS: 24, WatchKind.TEACHING: 25}[self]


class WatchStatus(Labelled):
    """Whether something was drawn from it."""

    OPEN = "open", "à exploiter"
    ACTED_ON = "acted_on", "exploité : une action en découle"
    SET_ASIDE = "set_aside", "exploité : rien à faire, et pourquoi"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchItem:
    """What a source said one day, and what follows of it for the house. ``reason``: why nothing is to be done."""

    id: UUID
    reference: str
    kind: WatchKind
    title: str
    source: str
    dated_on: date
    says: str
    follows: str
    status: WatchStatus = WatchStatus.OPEN
    reason: str | None = None
    exploited_on: date | None = None
    version: int = 1


def require_open(item: WatchItem) -> None:
    """Let only what nothing was drawn from be set aside. Raises WatchItemExploited."""
    if item.status is not WatchStatus.OPEN:
        raise WatchItemExploited(f"Cette veille est déjà {item.status.label}.")


def set_aside(item: WatchItem, reason: str, today: date) -> WatchItem:
    """Decide that nothing is to be done, and say why. Raises WatchItemExploited."""
    require_open(item)
    aside = replace(item, status=WatchStatus.SET_ASIDE, reason=reason, exploited_on=today)
    return replace(aside, version=item.version + 1)


def act_on(item: WatchItem, today: date) -> WatchItem:
    """Draw an action from it, from what had been set aside too; the first day on which something was drawn stays."""
    exploited_on = item.exploited_on or today
    return replace(item, status=WatchStatus.ACTED_ON, exploited_on=exploited_on, version=item.version + 1)
