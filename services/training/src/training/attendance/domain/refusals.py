"""What is refused about attendance."""

from common.errors import Conflict, Invalid, NotFound


class HalfDayNotFound(NotFound):
    """No such half-day in the session."""

    code = "half_day_not_found"


class NotOnSheet(NotFound):
    """The seat is not one of the session, or nobody has it any more."""

    code = "not_on_sheet"


class AttendanceEntryNotFound(NotFound):
    """No such line in the ledger."""

    code = "attendance_entry_not_found"


class SigningLinkNotFound(NotFound):
    """No such link, or it does not serve any more: nothing tells the two apart."""

    code = "signing_link_not_found"


class DeviceNotFound(NotFound):
    """No such device for the session."""

    code = "attendance_device_not_found"


class SessionNotHeld(Conflict):
    """Only a session that was announced, and not cancelled, is attended."""

    code = "session_not_held"


class TooEarly(Conflict):
    """A half-day is opened shortly before it begins."""

    code = "attendance_too_early"


class AlreadyOpen(Conflict):
    """A half-day is opened once."""

    code = "half_day_open"


class NotOpen(Conflict):
    """Nothing is signed before the half-day is opened."""

    code = "half_day_not_open"


class HalfDayClosed(Conflict):
    """What the trainer has signed is only corrected."""

    code = "half_day_closed"


class AlreadyMarked(Conflict):
    """Each signs once; the rest is a correction."""

    code = "already_signed"


class CodeWrong(Conflict):
    """The code is not the one given for this person and half-day, has been used, or is too old."""

    code = "signing_code_wrong"


class NothingToCorrect(Conflict):
    """A line that marks nobody, that does not stand any more, or that says the same already."""

    code = "attendance_nothing_to_correct"


class MarkUnfit(Invalid):
    """The hours or the reason do not go with what is marked."""

    code = "attendance_mark_unfit"


class StrokeUnfit(Invalid):
    """A drawn signature is a PNG of 30 KB at most."""

    code = "stroke_unfit"


class TrainerUnnamed(Invalid):
    """A half-day is signed by one of the trainers of the session."""

    code = "attendance_trainer_unnamed"


class DeviceChainBroken(Conflict):
    """What a device sends does not follow what it sent before, or is not signed by its key."""

    code = "device_chain_broken"
