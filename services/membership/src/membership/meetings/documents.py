"""The export of those called to a meeting: the sheet that is signed, or the list of who came."""

from collections.abc import Sequence

from membership.meetings.schemas import InvitationOut

EXPORT_HEADER = ("reference", "nom", "departement", "presence")


def export_line(line: InvitationOut) -> Sequence[object]:
    """Write a structure called to a meeting as one line."""
    return (line.reference, line.name, line.department, line.presence_label)
