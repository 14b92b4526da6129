"""The printed minutes of a sitting ("procès-verbal")."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from common.documents import print_pdf
from common.wording import counted, write_day
from membership.matters.domain import CARRIED, Matter, MatterKind, Outcome
from membership.measures.domain import HearingRule, Measure
from membership.members.domain import printed_activities
from membership.sittings.domain import (
    AgendaItem,
    Attendee,
    Decision,
    Presence,
    QuorumRule,
    Seats,
    Sitting,
    SittingStatus,
    concerned,
)

_TAKES_OVER: Final = (
    "Séance de reprise : le conseil prend acte de la liste des structures adhérentes avant la tenue du registre dans le"
    " présent système. Chacune est adhérente depuis le jour indiqué avec elle."
)
TEMPLATE: Final = Path(__file__).parent / "templates" / "minutes.typ"


async def print_minutes(document: Mapping[str, Any], held_on: date) -> bytes:
    """Return the PDF of what ``minutes`` wrote, the same bytes each time it is asked for."""
    return await print_pdf(TEMPLATE, document, on=held_on)


def minutes(
    sitting: Sitting, rule: QuorumRule, hearing: HearingRule, seats: Seats, matters: Mapping[UUID, Matter]
) -> dict[str, Any]:
    """Return what the template prints: every text, number and day as it is to be read."""
    attendance = sitting.attendance
    about = concerned(sitting, seats, {matter_id: matter.structure.id for matter_id, matter in matters.items()})
    structures = {mandate: matters[next(iter(found))].structure.name for mandate, found in about.items()}
    needed = rule.needed(attendance.in_office)
    return {
        "reference": sitting.minutes_reference,
        "held_on": write_day(sitting.held_on),
        "takes_over": _TAKES_OVER if sitting.takes_over else "",
        "draft": sitting.status is not SittingStatus.CLOSED,
        "attendance": [_attendee(attendee, structures) for attendee in sitting.attendees],
        "counts": {
            "in_office": str(attendance.in_office),
            "present": str(attendance.present),
            "represented": str(attendance.represented),
            "taking_part": str(attendance.taking_part),
            "needed": str(needed),
        },
        "board": _board(sitting, len(seats)),
        "quorum": "Le quorum est atteint." if attendance.taking_part >= needed else "Le quorum n'est pas atteint.",
        "agenda": [_item(item, sitting) for item in sitting.agenda],
        "decisions": [_decision(sitting, decision, matters[decision.matter_id]) for decision in _in_order(sitting)],
        "reservations": [
            f"{name} : {one.source}"
            for name, one in (("Règle de quorum", rule), ("Délai pour être entendue", hearing))
            if one.status != "published" and (one is rule or _threatens(sitting))
        ],
    }


def _threatens(sitting: Sitting) -> bool:
    """Tell whether a sitting pronounced something against a structure, under the rule of hearing."""
    return any(
        decision.outcome is Outcome.PRONOUNCED and decision.kind is not MatterKind.REINSTATEMENT
        for decision in sitting.decisions.values()
    )


def _board(sitting: Sitting, known: int) -> str:
    """Say what the register of the board knows of those in office, of whom the quorum is a part."""
    if not known:
        return "Le registre du conseil n'est pas saisi pour ce jour : le nombre d'administrateurs est celui déclaré."
    said = f"Mandats tenus ce jour d'après le registre du conseil : {known}."
    if sitting.attendance.in_office == known:
        return said
    reason = sitting.in_office_reason or "à donner."
    return f"{said} En fonction : {sitting.attendance.in_office}. Motif de la différence : {reason}"


def _attendee(attendee: Attendee, structures: Mapping[UUID, str]) -> dict[str, str]:
    represented = attendee.presence is Presence.REPRESENTED
    presence = f"{attendee.presence.label} par {attendee.proxy}" if represented else attendee.presence.label
    structure = structures.get(attendee.mandate_id) if attendee.mandate_id else None
    return {
        "name": attendee.name,
        "capacity": attendee.capacity or "",
        "presence": presence,
        "concerned": f"Un point à décider concerne sa structure, {structure}." if structure else "",
    }


def _item(item: AgendaItem, sitting: Sitting) -> dict[str, str]:
    decision = sitting.decisions.get(item.matter_id) if item.matter_id else None
    return {
        "title": item.title,
        "record": item.record or "",
        "outcome": f"{decision.kind.label.capitalize()} {decision.outcome.label}." if decision else "",
    }


def _votes(decision: Decision) -> str:
    if not (decision.votes_for or decision.votes_against or decision.abstentions):
        return "sans vote"
    return f"{decision.votes_for} pour, {decision.votes_against} contre, {counted(decision.abstentions, 'abstention')}"


def _in_order(sitting: Sitting) -> list[Decision]:
    """Return the decisions as the agenda has them, then the others."""
    ranks = {item.matter_id: rank for rank, item in enumerate(sitting.agenda)}
    return sorted(sitting.decisions.values(), key=lambda decision: ranks.get(decision.matter_id, len(ranks)))


def _decision(sitting: Sitting, decision: Decision, matter: Matter) -> dict[str, Any]:
    structure = matter.structure
    # Of what was refused or adjourned the minutes say nothing that could harm the structure.
    measure = matter.about if isinstance(matter.about, Measure) and decision.outcome is Outcome.PRONOUNCED else None
    return {
        "kind": decision.kind.label.capitalize(),
        "reference": structure.reference,
        "name": structure.name,
        "activities": printed_activities(structure.activities),
        "city": structure.city or "",
        "outcome": decision.outcome.label,
        "votes": _votes(decision),
        "effective_on": _from(sitting, decision) if decision.outcome in CARRIED else "",
        "grounds": measure.grounds if measure else "",
        "heard": _heard(measure) if measure else "",
        "reservations": [one.sentence for one in decision.reservations],
    }


def _from(sitting: Sitting, decision: Decision) -> str:
    since = sitting.takes_over and decision.kind is MatterKind.APPLICATION and decision.effective_on < sitting.held_on
    return f"{'adhérente depuis le' if since else 'à compter du'} {write_day(decision.effective_on)}"


def _heard(measure: Measure) -> str:
    """Say that the structure was told and what became of it: the minutes prove that it could be heard."""
    if measure.notification is None:
        return ""
    told = f"Informée le {write_day(measure.notification.received_on)} ({measure.notification.means.label})"
    if not measure.answers:
        return f"{told}, la structure n'a pas répondu."
    answers = [f"{one.form.label} le {write_day(one.given_on)}" for one in measure.answers]
    return f"{told}, la structure a répondu : {', '.join(answers)}."
