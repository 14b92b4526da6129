"""What instalment plans say no to."""

from common.errors import Conflict, Invalid, NotFound


class PlanNotFound(NotFound):
    """No such plan, or it is not within reach."""

    code = "plan_not_found"


class CallNotOpen(Conflict):
    """A call that is another structure's, or of which nothing is owed any more."""

    code = "call_not_open"


class CallAlreadyPlanned(Conflict):
    """The call stands in a running plan: that one is amended, or ended first."""

    code = "call_already_planned"


class NothingToPlan(Conflict):
    """The structure owes nothing that no plan covers yet."""

    code = "nothing_to_plan"


class ScheduleTotalWrong(Conflict):
    """The instalments do not make what is owed today."""

    code = "schedule_total_wrong"


class ScheduleDaysWrong(Invalid):
    """Instalments follow each other, from today on."""

    code = "schedule_days_wrong"


class TooManyInstalments(Invalid):
    """More instalments than the rule of the day allows."""

    code = "too_many_instalments"


class ScheduleTooLong(Invalid):
    """The last instalment falls later than the rule of the day allows."""

    code = "schedule_too_long"


class InstalmentTooSmall(Invalid):
    """An instalment under the least amount of the rule of the day."""

    code = "instalment_too_small"


class PlanEnded(Conflict):
    """The plan was ended: it stays to be read."""

    code = "plan_ended"


class PlanKept(Conflict):
    """Nothing is left to pay under the plan."""

    code = "plan_kept"


class PlanNotLate(Conflict):
    """No instalment is late: nothing was broken."""

    code = "plan_not_late"
