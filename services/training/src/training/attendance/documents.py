"""What attendance writes: the mail of a signing link, the line of an export, the sheet of a half-day."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from common.documents import print_pdf
from common.mail import Mail
from common.wording import write_day
from training.attendance.domain import Sheet
from training.attendance.schemas import AttendanceLine, HalfDaySheetOut
from training.sessions.domain import Session

_PAGE: Final = "/formation/emargement"
_TEMPLATE: Final = Path(__file__).parent / "templates" / "sheet.typ"
_SHOWN: Final = 16
EXPORT_HEADER = (
    "session", "jour", "demi_journee", "personne", "presence", "heures", "motif", "preuve", "ligne",
)  # fmt: skip


def attendance_line(line: AttendanceLine) -> Sequence[object]:
    """Write a presence or an absence as one line."""
    return (
        line.session_reference, line.day, line.half.label, line.name, line.label, line.hours, line.reason_label,
        line.method.label, line.number,
    )  # fmt: skip


def link_mail(recipient: str, session: Session, key: str, public_url: str, until: date) -> Mail:
    """Write the mail that carries a signing link. The key stands behind ``#``: no server logs it."""
    text = (
        "Bonjour,\n\n"
        f"Vous suivez « {session.pinned.title} », session {session.reference}. Pour signer votre présence à chaque"
        " demi-journée, ouvrez ce lien et donnez le code que le formateur vous dit dans la salle.\n\n"
        f"{public_url}{_PAGE}#{key}\n\n"
        "Ce lien est à vous seul ; sans le code du jour, il ne signe rien.\n\n"
        "Coorace Formation\n"
    )
    kept = max(1, (until - session.slots[0].half_day.day).days) if session.slots else 1
    return Mail(recipient=recipient, subject=f"Émargement : {session.pinned.title}", text=text, kept_days=kept)


async def print_sheet(
    session: Session, sheet: Sheet, shown: HalfDaySheetOut, trainers: Sequence[str], on: date
) -> bytes:
    """Return the sheet of a half-day: names, how each signed, when, and the line of the ledger that proves it."""
    closed = sheet.closed
    data = {
        "reference": session.reference,
        "title": session.pinned.title,
        "slot": sheet.slot.written(),
        "zone": sheet.slot.zone,
        "printed": write_day(on),
        "people": [
            {
                "name": mark.name or "Place sans nom",
                "state": _state(mark.label, mark.reason_label, str(mark.hours) if mark.kind == "partial" else None),
                "signed": mark.kind in ("present", "partial"),
                "at": _when(mark.at, "%d/%m %H:%M:%S", sheet) if mark.at else "",
                "method": mark.method.label if mark.method else "",
                "proof": f"{mark.number} · {mark.hash[:_SHOWN]}" if mark.hash else "",
            }
            for mark in shown.marks
        ],
        "trainers": list(trainers),
        "closed": closed is not None,
        "closed_at": _when(closed.at, "%d/%m/%Y %H:%M:%S", sheet) if closed else "",
        "closed_method": closed.said.method.label if closed else "",
        "closed_proof": f"{closed.number} · {closed.hash}" if closed else "",
        "beside": [
            f"Ligne {one.number}, {one.kind.label}, le {_when(one.at, '%d/%m/%Y %H:%M', sheet)} : {one.why_label}."
            for one in shown.beside
            if one.enrolment_id is not None
        ],
    }
    return await print_pdf(_TEMPLATE, data, on=on)


def _when(at: datetime, form: str, sheet: Sheet) -> str:
    return at.astimezone(ZoneInfo(sheet.slot.zone)).strftime(form)


def _state(label: str | None, reason: str | None, hours: str | None) -> str:
    if label is None:
        return "non signé"
    parts = [label, f"{hours.replace('.', ',')} h" if hours else None, reason]
    return ", ".join(part for part in parts if part)
