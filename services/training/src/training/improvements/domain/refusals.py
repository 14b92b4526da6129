"""What is refused of watch items, risks and actions, and why."""

from common.errors import Conflict, Invalid, NotFound


class WatchItemNotFound(NotFound):
    """No watch item has this reference."""

    code = "watch_item_not_found"


class WatchItemExploited(Conflict):
    """What something was drawn from is not set aside, nor set aside twice."""

    code = "watch_item_exploited"


class RiskNotFound(NotFound):
    """No risk has this reference."""

    code = "risk_not_found"


class RiskClosed(Conflict):
    """A risk that was closed is not reviewed any more."""

    code = "risk_closed"


class ReviewInPast(Invalid):
    """A risk is reviewed again after today."""

    code = "risk_review_in_past"


class ActionNotFound(NotFound):
    """No action has this reference within reach."""

    code = "improvement_action_not_found"


class ActionNotPlanned(Conflict):
    """Only what is planned is begun."""

    code = "improvement_action_not_planned"


class ActionNotInProgress(Conflict):
    """Only what was begun is done."""

    code = "improvement_action_not_in_progress"


class ActionNotDone(Conflict):
    """Only of what was done is the effect verified."""

    code = "improvement_action_not_done"


class ActionEnded(Conflict):
    """What was done or abandoned is not put off, nor abandoned again."""

    code = "improvement_action_ended"


class DueInPast(Invalid):
    """What is to be done is due today or later."""

    code = "improvement_action_due_in_past"


class CauseUnknown(Invalid):
    """The register has nothing of this reference to act on."""

    code = "improvement_cause_unknown"


class CauseSettled(Conflict):
    """The risk is closed, or the action that another is to replace was not found without effect."""

    code = "improvement_cause_settled"


class CauseApart(Conflict):
    """What comes of a report of violence is kept apart from what comes of anything else."""

    code = "improvement_cause_apart"
