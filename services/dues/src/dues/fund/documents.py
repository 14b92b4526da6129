"""What the fund prints: the letter of an award, and the pages on a call for the board."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import write_day
from dues.fund.domain import NOTHING, Award, Decision, FundApplication, FundApplicationStatus
from dues.fund.schemas import FundCallOut
from dues.grids.domain import delegation_name
from dues.legal_entities.domain import LegalEntity

_TEMPLATES: Final = Path(__file__).parent / "templates"


async def print_letter(document: Mapping[str, Any], on: date) -> bytes:
    """Return the PDF of what ``letter`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(_TEMPLATES / "letter.typ", document, on=on)


def letter(
    seller: LegalEntity, application: FundApplication, decision: Decision, award: Award, on: date
) -> dict[str, Any]:
    """Return what tells a delegation of its award, word for word."""
    project, call = application.project, application.call.said
    return {
        "seller": {
            "name": seller.name,
            "legal_form": seller.legal_form,
            "siren": seller.siren,
            "address": list(seller.address.lines),
            "email": seller.email,
        },
        "delegation": delegation_name(application.delegation),
        "reference": application.reference or "",
        "written_on": write_day(on),
        "sitting_on": write_day(award.sitting_on),
        "call": call.title,
        "project": project.title,
        "period": f"du {write_day(project.starts_on)} au {write_day(project.ends_on)}",
        "cost": format_euros(project.cost),
        "asked": format_euros(project.asked),
        "awarded": format_euros(award.amount),
        "whole": award.amount == project.asked,
        "reason": decision.reason,
        "conditions": decision.conditions,
        "instalments": [
            {"label": one.label, "amount": format_euros(one.amount), "needs_report": one.needs_report}
            for one in award.instalments
        ],
    }


async def print_summary(call: FundCallOut, applications: Sequence[FundApplication], on: date) -> bytes:
    """Return the pages on a call: what was asked for, what was awarded, what is left of the envelope."""
    stays = [one for one in applications if one.status is not FundApplicationStatus.WITHDRAWN]
    asked = sum((one.project.asked for one in stays), NOTHING)
    awarded = sum((one.award.amount for one in stays if one.award), NOTHING)
    document = {
        "title": call.title,
        "year": str(call.year),
        "state": call.state_label,
        "criteria": call.criteria,
        "closes_on": write_day(call.closes_on),
        "written_on": write_day(on),
        "envelope": format_euros(call.envelope),
        "most": format_euros(call.max_award) if call.max_award else "",
        "asked": format_euros(asked),
        "awarded": format_euros(awarded),
        "left": format_euros(call.envelope - awarded),
        "applications": [_line(one) for one in applications],
    }
    return await print_pdf(_TEMPLATES / "summary.typ", document, on=on)


def _line(application: FundApplication) -> dict[str, str]:
    project = application.project
    return {
        "reference": application.reference or "",
        "delegation": delegation_name(application.delegation),
        "title": project.title,
        "cost": format_euros(project.cost),
        "asked": format_euros(project.asked),
        "share": _percent(project.asked, project.cost),
        "awarded": format_euros(application.award.amount) if application.award else "",
        "status": application.status.label,
    }


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:.0f}\u00a0%" if whole else ""
