"""What enrolments write: mails to the office that asked, without anybody's name, and the lines of an export."""

from collections.abc import Sequence
from typing import Final

from common.clock import PARIS
from common.mail import Mail
from common.wording import counted, write_day
from training.enrolments.domain import Offer, OpenSession, SeatRequest
from training.enrolments.schemas import EnrolmentLine

_KEPT_DAYS: Final = 365
EXPORT_HEADER = (
    "demande", "session", "programme", "structure", "personne", "etat", "prise_le", "rendue_le", "raison", "prix",
)  # fmt: skip


def enrolment_line(line: EnrolmentLine) -> Sequence[object]:
    """Write a seat as one line."""
    return (
        line.request_reference,
        line.session_reference,
        line.programme_code,
        line.buyer_name,
        line.trainee_name,
        line.status.label,
        line.confirmed_at.isoformat() if line.confirmed_at else None,
        line.cancelled_at.isoformat() if line.cancelled_at else None,
        line.reason.label if line.reason else None,
        line.unit_price,
    )


def asked(request: SeatRequest, taken: int, session: OpenSession) -> Mail:
    """Tell who asked what they have: seats, or a place in the order."""
    waiting = request.seats - taken
    parts = [f"Demande {request.reference} : « {session.title} », session {session.reference}."]
    parts += [f"{counted(taken, 'place prise', 'places prises')}."] if taken else []
    parts += (
        [f"{counted(waiting, 'place')} sur liste d'attente : votre rang se lit dans votre espace."] if waiting else []
    )
    if request.names_by is not None:
        parts.append(f"Nommez les personnes avant le {write_day(request.names_by)}.")
    subject = "Inscription confirmée" if not waiting else "Demande d'inscription enregistrée"
    return _mail(request, f"{subject} : {session.title}", parts)


def seats_offered(request: SeatRequest, offer: Offer, session: OpenSession) -> Mail:
    """Tell who waits that seats are held for them, and until when."""
    until = offer.expires_at.astimezone(PARIS)
    last = f"{write_day(until.date())}, {until:%H h %M}"
    parts = [
        f"Demande {request.reference} : « {session.title} », session {session.reference}.",
        f"Proposées et gardées jusqu'au {last} (heure de Paris) : {counted(offer.seats, 'place')}.",
        "Acceptez-les ou déclinez-les dans votre espace ; sans réponse, elles vont à la demande suivante.",
    ]
    return _mail(request, f"Places proposées : {session.title}", parts)


def _mail(request: SeatRequest, subject: str, parts: Sequence[str]) -> Mail:
    text = "\n\n".join(["Madame, Monsieur,", *parts, "Coorace Formation"]) + "\n"
    return Mail(recipient=request.contact_email or "", subject=subject, text=text, kept_days=_KEPT_DAYS)
