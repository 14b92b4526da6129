"""What decisions write: the lines of an export, and mails to the office that asked, without anybody's name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from common.mail import Mail
from common.money import format_euros
from common.wording import counted, write_day
from training.decisions.schemas import DueLine
from training.enrolments.domain import Reseated, ReseatOutcome
from training.sessions.domain import Session, first_day

_KEPT_DAYS: Final = 365
EXPORT_HEADER = (
    "reference", "programme", "titre", "delegation", "premier_jour", "decision_le", "en_retard", "prises", "proposees",
    "attendues", "minimum", "maximum", "prevision", "recettes", "couts", "marge", "marge_prevue", "annulation_certaine",
    "annulation_possible", "suggestion",
)  # fmt: skip
_SAID = {
    ReseatOutcome.MOVED: "Session {to} : {seats}, au même prix, {price} par place.",
    ReseatOutcome.OFFERED: "Session {to} : {seats} en proposition. Un autre courriel dit jusqu'à quand répondre.",
    ReseatOutcome.WAITING: "{seats} en tête de la liste d'attente de la session {to}, au même prix.",
}


def due_line(line: DueLine) -> Sequence[object]:
    """Write a session to decide as one line."""
    return (
        line.reference,
        line.programme_code,
        line.title,
        line.delegation,
        line.first_day,
        line.decide_on,
        "oui" if line.overdue else "non",
        line.taken,
        line.offered,
        line.waiting,
        line.minimum,
        line.maximum,
        line.expected,
        line.revenue,
        line.costs,
        line.margin,
        line.expected_margin,
        line.cancelling,
        line.cancelling_unknown,
        line.suggestion.label,
    )


def not_held(
    session: Session, seats: Sequence[Reseated], others: Mapping[UUID, Session], decline_by: Mapping[UUID, date]
) -> Mail:
    """Tell who asked for seats of a session that it is not held, and where its people have theirs."""
    request = seats[0].request
    parts = [f"Demande {request.reference} : la session {_named(session)} n'aura pas lieu."]
    price = format_euros(request.unit_price)
    going = Counter((one.outcome, one.to.session_id) for one in seats if one.to)
    for (outcome, to), count in going.items():
        parts.append(_SAID[outcome].format(seats=counted(count, "place"), to=_named(others[to]), price=price))
    parts += [
        f"Vous pouvez refuser la session {others[to].reference} sans frais, dans votre espace, jusqu'au"
        f" {write_day(decline_by[to])} compris."
        for to in dict.fromkeys(to for _, to in going)
    ]
    left = Counter(one.outcome for one in seats if one.to is None)
    if left[ReseatOutcome.NOT_MOVED]:
        there = counted(left[ReseatOutcome.NOT_MOVED], "personne")
        parts.append(f"Déjà inscrites là-bas : {there}. Rien n'est dû ici.")
    if left[ReseatOutcome.RELEASED]:
        released = counted(left[ReseatOutcome.RELEASED], "place rendue", "places rendues")
        parts.append(f"{released} : rien n'est dû.")
    text = "\n\n".join(["Madame, Monsieur,", *parts, "Coorace Formation"]) + "\n"
    return Mail(
        recipient=request.contact_email or "",
        subject=f"Session annulée : {session.pinned.title}",
        text=text,
        kept_days=_KEPT_DAYS,
    )


def _named(session: Session) -> str:
    first = first_day(session.slots)
    return f"{session.reference} du {write_day(first)}" if first else session.reference
