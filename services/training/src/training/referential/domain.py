"""The national quality referential (Qualiopi): its indicators on a day, and those that hold for what one does.

Source: annex of décret 2019-565 of 6 June 2019, replaced on 1 November 2026 by that of décret 2026-728 of 1 August 2026
(``data/indicators.toml``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.errors import Invalid, NotFound
from common.labels import Labelled


class AppliesTo(Labelled):
    """Which trainings an indicator is about."""

    EVERY = "every", "toute action de formation"
    CERTIFYING = "certifying", "formation certifiante"
    ON_THE_JOB = "on_the_job", "alternance ou formation en situation de travail"
    APPRENTICESHIP = "apprenticeship", "apprentissage"


class Weight(Labelled):
    """How grave it is to fall short."""

    MINOR_OR_MAJOR = "minor_or_major", "non-conformité mineure ou majeure"
    MAJOR = "major", "tout manquement est majeur"
    NEVER_MAJOR = "never_major", "jamais majeure"


class Standing(Labelled):
    """What a statement rests on."""

    PUBLISHED = "published", "le texte, ou une transcription de celui du ministère"
    SECONDARY = "secondary", "une source secondaire : le texte officiel n'a pas été lu"
    ASSUMED = "assumed", "notre lecture, à confirmer"


class ReferentialNotFound(NotFound):
    """No referential is held for a day so early, or of this code."""

    code = "referential_not_found"


class IndicatorUnknown(Invalid):
    """The referential of the day has no such indicator."""

    code = "indicator_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One of the seven criteria, with its first and last indicators."""

    number: int
    label: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator as a version words it, in brief. ``over_days``: for trainings of more days than that only.

    ``reworded``: the version changed what it asks. ``unknown``: what is not known of it, in French.
    """

    number: int
    text: str
    applies_to: AppliesTo
    weight: Weight
    status: Standing
    over_days: int | None = None
    reworded: bool = False
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The referential that holds from a day on."""

    code: str
    since: date
    label: str
    source: str
    status: Standing
    weights_status: Standing
    weights_source: str
    unknown: tuple[str, ...]
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingScope:
    """What one trains for: registered certifications (RNCP, RS), on the job or in alternance; no apprentices."""

    certifying: bool = False
    on_the_job: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorChange:
    """An indicator that a version added, took away or words otherwise: what it said before, and says after."""

    number: int
    before: Indicator | None
    after: Indicator | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a register holds for an indicator between two days: what it is, in French, and how many."""

    indicator: int
    what: str
    count: int


def applicable(indicators: Iterable[Indicator], scope: TrainingScope) -> tuple[Indicator, ...]:
    """Return the indicators that hold for what one does, in their order.

    Source: guide de lecture V9, table of the indicators by category: 23 for trainings that do not certify; 3, 7 and 16
    more where some do; 13 and 28 more where some are on the job. That of 2026 is not published: the same rule is held.
    """
    held = {AppliesTo.EVERY}
    if scope.certifying:
        held.add(AppliesTo.CERTIFYING)
    if scope.on_the_job:
        held.add(AppliesTo.ON_THE_JOB)
    return tuple(one for one in indicators if one.applies_to in held)


def compare(before: Version, after: Version) -> tuple[IndicatorChange, ...]:
    """Return the indicators that differ from one version to another, whichever is the earlier."""
    old = {one.number: one for one in before.indicators}
    new = {one.number: one for one in after.indicators}
    later = old if before.since > after.since else new
    return tuple(
        IndicatorChange(number=number, before=old.get(number), after=new.get(number))
        for number in sorted(old.keys() | new.keys())
        if _differs(old.get(number), new.get(number), later.get(number))
    )


def criterion_of(criteria: Iterable[Criterion], number: int) -> Criterion:
    """Return the criterion that an indicator belongs to."""
    return next(one for one in criteria if one.first <= number <= one.last)


def require_indicators(version: Version, numbers: Iterable[int]) -> None:
    """Let only indicators of a version be named. Raises IndicatorUnknown."""
    odd = sorted(set(numbers) - {one.number for one in version.indicators})
    if odd:
        named = ", ".join(map(str, odd))
        raise IndicatorUnknown(f"Le référentiel du jour ({version.code}) n'a pas d'indicateur {named}.")


def _differs(before: Indicator | None, after: Indicator | None, later: Indicator | None) -> bool:
    """Tell whether an indicator differs; ``reworded`` tells it where no new wording is held."""
    if before is None or after is None:
        return True
    told = (before.text, before.applies_to, before.over_days) != (after.text, after.applies_to, after.over_days)
    return told or (later is not None and later.reworded)
