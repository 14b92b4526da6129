"""What a call prints: the record of a decision; and the words of the letters that tell it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from common.documents import print_pdf
from common.money import format_euros
from common.wording import counted, write_day
from training.organisation.domain import Organisation
from training.solidarity_calls.domain import (
    Application,
    Call,
    Judged,
    JurorPart,
    Score,
    standing,
)
from training.solidarity_calls.schemas import SolidarityCallTotals

_TEMPLATES: Final = Path(__file__).parent / "templates"


def letter(judged: Judged) -> str:
    """Return what tells a structure of the decision on its application, word for word."""
    one = judged.application
    said, project = one.call.said, one.project
    head = f"Votre demande {one.reference}, « {project.title} », présentée à l'appel « {said.title} », "
    if one.award is None:
        return f"{head}n'a pas été retenue.\n{judged.reason}".strip()
    given = f"{format_euros(one.award.amount)} pour {counted(one.award.trainees, 'stagiaire')}"
    asked = f"{format_euros(project.asked)} demandés pour {project.trainees}"
    return f"{head}est {one.status.label} : {given} ({asked}).\n{judged.reason}".strip()


async def print_decision(
    organisation: Organisation,
    call: Call,
    totals: SolidarityCallTotals,
    judged: Sequence[Judged],
    given: Mapping[UUID, Sequence[Score]],
) -> bytes:
    """Return the record of what was decided of a call, dated the day of the decision: the same bytes each time."""
    said, decided_on = call.said, call.decided_on or call.said.closes_on
    document = {
        "organisation": organisation.name,
        "line": organisation.line,
        "title": said.title,
        "year": str(said.year),
        "window": f"du {write_day(said.opens_on)} au {write_day(said.closes_on)}",
        "ranked_on": write_day(call.ranked_on or decided_on),
        "decided_on": write_day(decided_on),
        "budget": format_euros(said.budget),
        "awarded": format_euros(totals.awarded),
        "left": format_euros(totals.left),
        "asked": format_euros(totals.asked),
        "projects": str(totals.projects),
        "enterprises": str(totals.enterprises),
        "kept": str(totals.kept),
        "people": str(totals.people),
        "most": format_euros(said.max_award) if said.max_award else "",
        "scale": str(said.scale),
        "criteria": [{"label": one.label, "weight": str(one.weight)} for one in said.criteria],
        "applications": [_line(call, one, given[one.application.id]) for one in judged],
        "reasons": [
            {"reference": one.application.reference or "", "reason": one.reason} for one in judged if one.reason
        ],
        "recusals": [line for one in judged for line in _recusals(one.application, given[one.application.id])],
    }
    return await print_pdf(_TEMPLATES / "decision.typ", document, on=decided_on)


def _line(call: Call, judged: Judged, given: Sequence[Score]) -> dict[str, str | bool]:
    one, stands = judged.application, standing(call.said, given)
    return {
        "rank": str(one.rank),
        "reference": one.reference or "",
        "member": judged.member_name,
        "title": one.project.title,
        "score": _points(one.score),
        "spread": _points(stands.spread) if stands else "",
        "to_discuss": stands is not None and stands.to_discuss,
        "asked": format_euros(one.project.asked),
        "awarded": format_euros(one.award.amount) if one.award else "",
        "trainees": str(one.award.trainees) if one.award else "",
        "status": one.status.label,
    }


def _recusals(application: Application, given: Sequence[Score]) -> list[dict[str, Any]]:
    return [
        {"reference": application.reference or "", "reason": one.comment}
        for one in given
        if one.part is JurorPart.RECUSED
    ]


def _points(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}".replace(".", ",")
