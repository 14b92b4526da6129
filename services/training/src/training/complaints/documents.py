"""What complaints write: the mails to who complained, the lines of an export. A mail names nobody."""

from collections.abc import Sequence
from typing import Final

from common.mail import Mail
from common.wording import write_day
from training.complaints.domain.complaint import Complaint
from training.complaints.schemas import ComplaintLine

_PAGE: Final = "/formation/reclamation"

EXPORT_HEADER = (
    "reference", "nature", "canal", "structure", "session", "programme", "recue_le", "a_accuser_le", "accusee_le",
    "a_repondre_le", "repondue_le", "etat", "en_retard", "close_le",
)  # fmt: skip


def export_line(line: ComplaintLine) -> Sequence[object]:
    """Write a complaint as one line: neither who told it nor what was written."""
    return (
        line.reference,
        line.kind_label,
        line.channel_label,
        line.member_id,
        line.session,
        line.programme,
        line.received_on,
        line.acknowledge_due_on,
        line.acknowledged_on,
        line.answer_due_on,
        line.answered_on,
        line.status_label,
        "oui" if line.overdue else "non",
        line.closed_on,
    )


def acknowledgement(complaint: Complaint, recipient: str, key: str, public_url: str) -> Mail:
    """Write that a complaint was read, and by when it is answered."""
    text = (
        "Bonjour,\n\n"
        f"Nous avons bien reçu, le {write_day(complaint.received_on)}, ce que vous nous avez écrit ou dit. Nous vous"
        f" répondrons le {write_day(complaint.answer_due_on)} au plus tard.\n\n"
        f"{_follow(complaint, key, public_url)}"
    )
    return Mail(recipient=recipient, subject=f"Nous avons bien reçu votre message ({complaint.reference})", text=text)


def answer(complaint: Complaint, recipient: str, said: str, key: str, public_url: str) -> Mail:
    """Write the answer to a complaint."""
    text = (
        "Bonjour,\n\n"
        f"Voici notre réponse à votre message du {write_day(complaint.received_on)} :\n\n"
        f"{said}\n\n"
        "Si elle ne vous satisfait pas, dites-le par le lien ci-dessous : nous reprendrons votre demande.\n\n"
        f"{_follow(complaint, key, public_url)}"
    )
    return Mail(recipient=recipient, subject=f"Notre réponse à votre message ({complaint.reference})", text=text)


def _follow(complaint: Complaint, key: str, public_url: str) -> str:
    """Write how to follow it. The key stands behind ``#``: no server logs it."""
    return (
        f"Votre référence : {complaint.reference}.\n"
        "Pour suivre votre demande (ce lien est à vous seul) :\n"
        f"{public_url}{_PAGE}#{key}\n\n"
        "Coorace Formation\n"
    )
