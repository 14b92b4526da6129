"""What is refused of a session, and why."""

from common.errors import Conflict, Invalid, NotFound


class SessionNotFound(NotFound):
    """No such session within reach."""

    code = "session_not_found"


class SlotUnknown(Invalid):
    """The session has no half-day of this identifier."""

    code = "session_slot_unknown"


class SlotTimesWrong(Invalid):
    """A half-day ends after it begins, at hours that its day has."""

    code = "session_slot_times_wrong"


class SlotsOverlap(Invalid):
    """A session has a morning and an afternoon a day at most, one after the other."""

    code = "session_slots_overlap"


class ZoneUnknown(Invalid):
    """Not a zone of the tz database."""

    code = "session_zone_unknown"


class DateWrong(Invalid):
    """A date that nobody could keep: enrolments close, and it is decided, before the first half-day."""

    code = "session_date_wrong"


class ProgrammeNotTaught(Conflict):
    """A pack or a path is sold as its parts: a session is of one programme."""

    code = "session_of_no_programme"
    title = "Pas une formation"


class NotDraft(Conflict):
    """What was announced is moved or cancelled, and neither rewritten nor thrown away."""

    code = "session_not_draft"
    title = "Session déjà annoncée"


class NotAnnounced(Conflict):
    """Only what is announced, and neither over nor cancelled, is confirmed, moved or cancelled."""

    code = "session_not_announced"
    title = "Session non annoncée"


class AlreadyConfirmed(Conflict):
    """A session is confirmed once."""

    code = "session_confirmed"
    title = "Session déjà confirmée"


class SessionEnded(Conflict):
    """What is over or cancelled does not change any more."""

    code = "session_ended"
    title = "Session close"


class Incomplete(Conflict):
    """Something keeps the session from being announced, or a change would make it unfit."""

    code = "session_incomplete"
    title = "Session incomplète"


class AudienceKept(Conflict):
    """People enrol in an announced session for whom it is for: it stays open, or stays reserved."""

    code = "session_audience_kept"
    title = "Public déjà annoncé"


class SlotHeld(Conflict):
    """A half-day that has begun stays as it was."""

    code = "session_slot_held"
    title = "Demi-journée passée"


class NothingMoved(Conflict):
    """A move that moves nothing is no move."""

    code = "session_nothing_moved"
    title = "Rien de changé"


class AlreadyAtVersion(Conflict):
    """The session is of the present version already."""

    code = "session_at_version"
    title = "Version déjà suivie"


class ResourceTaken(Conflict):
    """A trainer and a room are in one place at a time."""

    code = "session_resource_taken"
    title = "Déjà pris"


class NothingToCopy(Conflict):
    """A session without half-days cannot be carried to another day."""

    code = "session_without_slots"
    title = "Aucune demi-journée"


class ExportTooLarge(Invalid):
    """An export has a bound."""

    code = "session_export_too_large"
