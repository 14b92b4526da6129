"""What notices print: letters to post, and what a paper says of one that went."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from common.clock import PARIS, legal_day
from common.documents import print_pdf
from common.wording import write_day
from membership.notices.domain import Federation, Letter, Means, Notice

_LETTERS: Final = Path(__file__).parent / "templates" / "letters.typ"


async def print_letters(title: str, letters: Sequence[Letter], federation: Federation, on: date) -> bytes:
    """Return the PDF of letters to post, one a page, dated the day they are printed."""
    sender = {
        "name": federation.name,
        "lines": [federation.street, f"{federation.postcode} {federation.city}"],
        "line": f"Expéditeur : {federation.address}",
    }
    document = {"title": title, "day": write_day(on), "sender": sender, "letters": [_letter(one) for one in letters]}
    return await print_pdf(_LETTERS, document, on=on)


def _letter(letter: Letter) -> dict[str, object]:
    written = letter.written
    return {
        "recipient": letter.recipient,
        "subject": written.subject,
        "greeting": written.greeting,
        "paragraphs": list(written.paragraphs),
        "framed": written.framed,
        "signature": written.signature,
    }


def printed(one: Notice) -> dict[str, str]:
    """Return what a paper says of a notice that went: all that proves it."""
    day = f" du {write_day(one.sent_on)}" if one.sent_on else ""
    return {
        "title": f"{one.means.label.capitalize()}{day}",
        "status": one.status.label,
        "sent": write_instant(one.sent_at) if one.sent_at else "",
        "recipient": one.recipient or "",
        "message_id": one.message_id or "",
        "reply": one.reply or "",
        "tracking_number": one.tracking_number or "",
        "returned": f"le {write_day(one.returned_on)} : {one.returned_reason}" if one.returned_on else "",
        "recorded": recorded(one.recorded_at, one.recorded_by),
        "subject": one.subject or "",
        "text": one.text or "",
        "text_of": _text_of(one),
    }


def _text_of(one: Notice) -> str:
    """Say what the text that is kept is: nobody keeps the paper, which was printed before it was recorded."""
    if one.means is Means.MAIL:
        return "Le texte, tel qu'il est parti."
    day = write_day(legal_day(one.recorded_at))
    return f"Le texte et l'adresse d'un courrier sont ceux du jour où il fut consigné, le {day}."


def recorded(at: datetime, by: str) -> str:
    """Write when and by whom something was recorded."""
    return f"{write_instant(at)}, par {by}"


def write_instant(at: datetime) -> str:
    """Write an instant in full, at the hour of Paris.

    >>> from datetime import UTC
    >>> write_instant(datetime(2026, 10, 15, 12, 5, tzinfo=UTC))
    '15 octobre 2026 à 14 h 05'
    """
    there = at.astimezone(PARIS)
    return f"{write_day(there.date())} à {there:%-H h %M}"
