"""The exports of meetings: their list, and of one of them the sheet that is signed, or the list of who came."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from common.documents import print_pdf
from common.wording import counted, write_day
from membership.meetings.domain import Meeting, MeetingPresence, MeetingState
from membership.meetings.schemas import InvitationOut, MeetingAttendeeOut, MeetingOut

TEMPLATE: Final = Path(__file__).parent / "templates" / "sheet.typ"
_BLANK_LINES: Final = 6

MEETINGS_HEADER = (
    "objet", "delegation", "departements", "jour", "debut", "fin", "lieu", "etat", "invitees", "presentes", "excusees",
    "absentes", "personnes", "presence_consignee_le",
)  # fmt: skip
EXPORT_HEADER = ("reference", "nom", "departement", "presence")


def export_line(line: InvitationOut) -> Sequence[object]:
    """Write a structure called to a meeting as one line."""
    return (line.reference, line.name, line.department, line.presence_label)


def meeting_line(meeting: MeetingOut) -> Sequence[object]:
    """Write a meeting as one line, with how many came, as far as the reader's reach goes."""
    return (
        meeting.subject,
        meeting.delegation,
        ", ".join(meeting.departments),
        meeting.day,
        meeting.starts_at.isoformat("minutes") if meeting.starts_at else None,
        meeting.ends_at.isoformat("minutes") if meeting.ends_at else None,
        meeting.place,
        meeting.state_label,
        *(meeting.presences[presence] for presence in _COUNTED),
        meeting.people,
        meeting.attendance_recorded_on,
    )


async def print_sheet(document: Mapping[str, Any], day: date) -> bytes:
    """Return the PDF of what ``sheet`` wrote."""
    return await print_pdf(TEMPLATE, document, on=day)


def sheet(
    meeting: Meeting, delegation: str, called: Sequence[InvitationOut], people: Sequence[MeetingAttendeeOut]
) -> dict[str, Any]:
    """Return what the template prints: lines to sign before the meeting; once it was held, who came."""
    held = meeting.state is MeetingState.HELD
    present = sum(line.presence is MeetingPresence.PRESENT for line in called)
    structures = counted(present, "structure présente", "structures présentes")
    return {
        "subject": meeting.subject,
        "delegation": delegation,
        "when": f"{write_day(meeting.day)}{_hours(meeting)}",
        "place": meeting.place or "",
        "held": held,
        "structures": [{"name": line.name, "presence": line.presence_label} for line in called],
        "people": [_attendee(one) for one in people],
        "count": f"{counted(sum(one.people for one in people), 'personne')}, {structures}",
        "blank": 0 if held else _BLANK_LINES,
    }


def _hours(meeting: Meeting) -> str:
    hours = [f"{hour:%H:%M}" for hour in (meeting.starts_at, meeting.ends_at) if hour is not None]
    return f", {' – '.join(hours)}" if hours else ""


def _attendee(one: MeetingAttendeeOut) -> dict[str, str]:
    who = one.name or one.function or "Personne effacée du registre"
    return {"who": who if one.people == 1 else f"{who} ({one.people})", "structure": one.structure or ""}


_COUNTED = (MeetingPresence.INVITED, MeetingPresence.PRESENT, MeetingPresence.EXCUSED, MeetingPresence.ABSENT)
