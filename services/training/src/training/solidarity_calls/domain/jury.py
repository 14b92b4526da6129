"""The jury: marks by criterion, blind until one's own are in, then a frozen ranking, and awards within a budget."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros, round_to_cents
from common.wording import counted
from training.solidarity_calls.domain.application import Application, SolidarityApplicationStatus
from training.solidarity_calls.domain.award import NOTHING, Decision
from training.solidarity_calls.domain.call import Call, CallText
from training.solidarity_calls.domain.refusals import (
    SolidarityApplicationEnded,
    SolidarityAwardTooLarge,
    SolidarityBudgetExceeded,
    SolidarityDecisionsWrong,
    SolidarityJurorRecused,
    SolidarityMarksWrong,
    SolidarityReasonMissing,
    SolidarityScoreGiven,
    SolidarityScoresMissing,
)

_HUNDRED = Decimal(100)


class JurorPart(Labelled):
    """What a juror did of an application."""

    SCORED = "scored", "notée"
    RECUSED = "recused", "déport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one juror did: marks by criterion, or a tie declared with its reason."""

    juror: str
    part: JurorPart
    marks: Mapping[str, int]
    comment: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an application stands with its jurors: points of 100, and how far apart two of them are."""

    mean: Decimal
    spread: Decimal
    to_discuss: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """The place of an application in the frozen ranking; of equal scores, the same rank."""

    application_id: UUID
    rank: int
    score: Decimal


@dataclass(frozen=True, slots=True)
class Judged:
    """An application that the jury has before it or has decided, its structure's name, and the reason it was given."""

    application: Application
    member_name: str
    reason: str


def require_marks(said: CallText, marks: Mapping[str, int]) -> None:
    """Let a score mark each criterion of the call, on its scale. Raises SolidarityMarksWrong."""
    if marks.keys() != {one.code for one in said.criteria}:
        wanted = ", ".join(one.code for one in said.criteria)
        raise SolidarityMarksWrong(f"Notez chaque critère de l'appel : {wanted}.")
    if any(not 0 <= mark <= said.scale for mark in marks.values()):
        raise SolidarityMarksWrong(f"Une note va de 0 à {said.scale}.")


def require_part_open(own: Score | None) -> None:
    """Let a juror score or decline once. Raises SolidarityScoreGiven, SolidarityJurorRecused."""
    if own is None:
        return
    if own.part is JurorPart.RECUSED:
        raise SolidarityJurorRecused("Vous vous êtes déporté de cette demande.")
    raise SolidarityScoreGiven("Votre note est donnée : elle ne change plus, vous avez pu lire celles des autres.")


def may_see(call: Call, own: Score | None) -> bool:
    """Tell whether a juror may read the scores of others: once their own is in, or the ranking is frozen.

    Who declined reads them with everybody else, once the ranking is frozen.
    """
    return call.ranked_on is not None or (own is not None and own.part is JurorPart.SCORED)


def total(said: CallText, marks: Mapping[str, int]) -> Decimal:
    """Return the weighted total of some marks, in points of 100, to two decimals, half up."""
    weights = sum(one.weight for one in said.criteria)
    points = sum(one.weight * marks[one.code] for one in said.criteria)
    return round_to_cents(_HUNDRED * points / (weights * said.scale))


def standing(said: CallText, scores: Collection[Score]) -> Standing | None:
    """Return where an application stands, None while nobody has scored it."""
    totals = [total(said, one.marks) for one in scores if one.part is JurorPart.SCORED]
    if not totals:
        return None
    spread = max(totals) - min(totals)
    to_discuss = said.spread_alarm is not None and spread >= said.spread_alarm
    return Standing(round_to_cents(sum(totals, NOTHING) / len(totals)), spread, to_discuss)


def ranking(call: Call, scores: Mapping[UUID, Collection[Score]], references: Mapping[UUID, str]) -> list[Ranked]:
    """Rank applications by their mean, the best first; of equal means the same rank, in the order of their numbers.

    Raises SolidarityScoresMissing.
    """
    needed = call.said.scores_needed
    lacking = [one for one in scores if sum(score.part is JurorPart.SCORED for score in scores[one]) < needed]
    if lacking:
        named = ", ".join(sorted(references[one] for one in lacking))
        raise SolidarityScoresMissing(
            f"Il faut {counted(needed, 'note')} à chaque demande ; il en manque à : {named}.",
            extra={"references": sorted(references[one] for one in lacking)},
        )
    means = {one: found.mean for one in scores if (found := standing(call.said, scores[one])) is not None}
    ordered = sorted(means, key=lambda one: (-means[one], references[one]))
    better = {mean: sum(other > mean for other in means.values()) for mean in means.values()}
    return [Ranked(one, better[means[one]] + 1, means[one]) for one in ordered]


def outcome_of(application: Application, decision: Decision) -> SolidarityApplicationStatus:
    """Return what a decision makes of an application."""
    if decision.amount is None:
        return SolidarityApplicationStatus.REFUSED
    whole = (
        decision.amount == application.project.asked and seats(application, decision) == application.project.trainees
    )
    return SolidarityApplicationStatus.KEPT if whole else SolidarityApplicationStatus.REDUCED


def seats(application: Application, decision: Decision) -> int:
    """Return how many trainees an award is for."""
    return application.project.trainees if decision.trainees is None else decision.trainees


def require_decisions(call: Call, waiting: Sequence[Application], decisions: Sequence[Decision]) -> None:
    """Let all that waits be decided at once, within the budget, each with its reason where it gets less.

    Raises SolidarityDecisionsWrong, SolidarityAwardTooLarge, SolidarityReasonMissing, SolidarityBudgetExceeded.
    """
    found = {one.id: one for one in waiting}
    if sorted(one.application_id for one in decisions) != sorted(found):
        raise SolidarityDecisionsWrong("Décidez de chaque demande classée, une fois, et d'aucune autre.")
    for decision in decisions:
        _require_fair(call, found[decision.application_id], decision)
    awarded = sum((one.amount for one in decisions if one.amount), NOTHING)
    if awarded > call.said.budget:
        raise SolidarityBudgetExceeded(
            f"Les aides feraient {format_euros(awarded)}, pour un budget de {format_euros(call.said.budget)}.",
            extra={"awarded": str(awarded), "budget": str(call.said.budget)},
        )


def _require_fair(call: Call, application: Application, decision: Decision) -> None:
    project = application.project
    most = min(project.asked, call.said.max_award or project.asked)
    if decision.amount is not None and decision.amount > most:
        raise SolidarityAwardTooLarge(f"{application.reference} peut recevoir {format_euros(most)} au plus.")
    if decision.amount is not None and seats(application, decision) > project.trainees:
        raise SolidarityAwardTooLarge(f"{application.reference} prévoit {project.trainees} stagiaires.")
    if outcome_of(application, decision) is not SolidarityApplicationStatus.KEPT and not decision.reason:
        raise SolidarityReasonMissing(
            f"Dites à {application.reference} pourquoi la demande n'est pas suivie en entier."
        )


def require_judged(application: Application) -> None:
    """Let only what was submitted be scored. Raises SolidarityApplicationEnded."""
    if application.status is not SolidarityApplicationStatus.SUBMITTED:
        raise SolidarityApplicationEnded(f"Cette demande est {application.status.label} : elle ne se note pas.")
