"""The exports of meetings: their list, and of one of them the sheet that is signed, or the list of who came."""

from collections.abc import Sequence

from membership.meetings.domain import MeetingPresence
from membership.meetings.schemas import InvitationOut, MeetingOut

MEETINGS_HEADER = (
    "objet", "delegation", "departements", "jour", "debut", "fin", "lieu", "etat", "invitees", "presentes", "excusees",
    "absentes", "presence_consignee_le",
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
        meeting.attendance_recorded_on,
    )


_COUNTED = (MeetingPresence.INVITED, MeetingPresence.PRESENT, MeetingPresence.EXCUSED, MeetingPresence.ABSENT)
