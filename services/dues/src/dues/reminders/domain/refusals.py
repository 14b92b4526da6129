"""What reminders say no to."""

from common.errors import Conflict, Invalid, NotFound


class ReminderNotFound(NotFound):
    """No such reminder within reach."""

    code = "reminder_not_found"


class ReminderRunNotFound(NotFound):
    """No such run of reminders."""

    code = "reminder_run_not_found"


class ReminderHoldNotFound(NotFound):
    """No such hold within reach."""

    code = "reminder_hold_not_found"


class ReminderChoiceUnclear(Invalid):
    """Who is reminded is said by members or by a filter, never by both."""

    code = "reminder_choice_unclear"


class NobodyToRemind(Conflict):
    """Of those chosen nobody can be reminded today: each says why in the problem."""

    code = "nobody_to_remind"


class ReminderSent(Conflict):
    """How a letter left is noted once: what was noted stays."""

    code = "reminder_sent"


class ReminderNotPrinted(Conflict):
    """A letter that is not printed yet has not left."""

    code = "reminder_not_printed"


class ReminderDispatchWrong(Invalid):
    """The day on which a letter left, or its reference, makes no sense."""

    code = "reminder_dispatch_wrong"


class HoldDaysWrong(Invalid):
    """A hold begins today or later, ends after it begins, and lasts as long as the rule lets it at most."""

    code = "reminder_hold_days_wrong"


class HoldEnded(Conflict):
    """The hold has ended, or was lifted: nothing of it is left to lift."""

    code = "reminder_hold_ended"


class RegionCallWrong(Invalid):
    """A call is of a past day, and a promise has a day: later, within what the rule allows."""

    code = "region_call_wrong"
