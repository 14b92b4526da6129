"""What progress plans write: one submitted assessment as a PDF, its plan as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import write_day
from membership.assessments.domain import Review, SelfAssessment
from membership.banks.domain import Bank
from membership.banks.schemas import ScoreOut, ScoresOut
from membership.members.domain import Member
from membership.plans.domain import ActionState, PlanAction
from membership.plans.schemas import ActionOut, ProgressComparisonOut, ProgressOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "assessment.typ"

EXPORT_HEADER = (
    "Rang",
    "Origine",
    "Thème",
    "Action",
    "Niveau",
    "Niveau visé",
    "Fonction responsable",
    "Échéance",
    "En retard",
    "État",
    "Raison",
)


@dataclass(frozen=True, slots=True)
class Printed:
    """All that is printed of an assessment."""

    member: Member
    bank: Bank
    assessment: SelfAssessment
    scores: ScoresOut
    progress: ProgressOut
    plan: Sequence[PlanAction]
    reviews: Sequence[tuple[str, Review]]
    """With who gave each, by name."""


def states(actions: Sequence[PlanAction]) -> dict[ActionState, int]:
    """Return how many actions are where."""
    return {state: sum(action.state is state for action in actions) for state in ActionState}


def export_line(action: ActionOut) -> Sequence[object]:
    """Return the cells of an action, in the order of ``EXPORT_HEADER``."""
    return (
        action.rank,
        action.origin_label,
        action.theme,
        action.text,
        action.level,
        action.target,
        action.owner,
        action.due_on,
        "oui" if action.late else "non",
        action.state_label,
        action.reason,
    )


async def print_assessment(printed: Printed, on: date) -> bytes:
    """Return a submitted assessment as a PDF: maturity by theme beside last time's, the plan, the reviews."""
    bank, assessment, scores, progress = printed.bank, printed.assessment, printed.scores, printed.progress
    whole = scores.whole
    before = {one.code: one for one in progress.themes}
    document = {
        "day": write_day(on),
        "title": bank.name,
        "name": printed.member.name,
        "reference": printed.member.reference,
        "submitted": write_day(assessment.submitted_on or on),
        "mode": assessment.mode.label,
        "points": _points(whole.points),
        "out_of": f"{scores.out_of:,}".replace(",", "\u202f"),
        "level": whole.level.label if whole.level else "",
        "levels": [{"label": level.label, "from": level.points} for level in bank.levels],
        "scale": scores.out_of,
        "themes": [_theme(theme, before.get(theme.code)) for theme in scores.themes],
        "before": _before(progress),
        "plan": [_action(bank, action) for action in printed.plan],
        "reviews": [_review(*one) for one in printed.reviews],
        "reservation": bank.source if bank.status != "published" else "",
    }
    return await print_pdf(_TEMPLATE, document, on=on)


def _points(points: int | None) -> str:
    return "–" if points is None else str(points)


def _theme(theme: ScoreOut, before: ProgressComparisonOut | None) -> dict[str, Any]:
    compared = before is not None and before.before is not None
    return {
        "name": theme.name,
        "points": _points(theme.points),
        "length": theme.points or 0,
        "level": theme.level.label if theme.level else "sans objet",
        "answered": f"{theme.applicable} sur {theme.questions}",
        "compared": compared,
        "before": before.before if before and before.before is not None else 0,
        "after": before.after if before and before.after is not None else 0,
        "same": _same(before.compared) if before else "",
    }


def _same(compared: int) -> str:
    return (
        "Sur la question posée les deux fois" if compared == 1 else f"Sur les {compared} questions posées les deux fois"
    )


def _before(progress: ProgressOut) -> str:
    if progress.before_on is None or progress.whole is None:
        return ""
    told = f"Auto-évaluation d'avant : {write_day(progress.before_on)} ({progress.before_bank})."
    if progress.whole.compared == progress.whole.questions and progress.same_version:
        return told
    told += f" {_only(progress.whole.compared)}"
    return told if progress.same_scale else f"{told} L'échelle a changé : chaque réponse compte en part de la sienne."


def _only(compared: int) -> str:
    if compared == 1:
        return "Seule est comparée la question qui a un niveau les deux fois."
    return f"Seules sont comparées les {compared} questions qui ont un niveau les deux fois."


def _action(bank: Bank, action: PlanAction) -> dict[str, str]:
    target = f"{action.level} → {action.target}" if action.target is not None else ""
    return {
        "rank": str(action.rank),
        "theme": bank.theme_of(action.question) or "",
        "text": action.text,
        "target": target,
        "owner": action.owner or "",
        "due_on": f"{action.due_on:%d/%m/%Y}",
        "state": action.state.label,
        "reason": action.reason or "",
    }


def _review(author: str, review: Review) -> dict[str, str]:
    return {
        "by": f"{author}, {review.kind.label}",
        "on": write_day(review.given_on or review.opened_on),
        "remarks": str(len(review.remarks)),
        "conclusion": review.conclusion or "",
    }
