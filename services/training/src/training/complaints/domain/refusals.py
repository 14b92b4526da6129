"""What is refused of a complaint, and why."""

from common.errors import Conflict, Invalid, NotFound


class ComplaintNotFound(NotFound):
    """No complaint has this reference within reach."""

    code = "complaint_not_found"


class ComplaintLinkNotFound(NotFound):
    """A link opens nothing, or nothing any more: nothing tells the two apart."""

    code = "complaint_link_not_found"


class ReceivedInFuture(Invalid):
    """A complaint was received today or before."""

    code = "complaint_received_in_future"


class AlreadyAcknowledged(Conflict):
    """A complaint is acknowledged once, before it is answered."""

    code = "complaint_already_acknowledged"


class NothingToAnswer(Conflict):
    """What was answered waits for its complainant, or for its end."""

    code = "complaint_nothing_to_answer"


class NotAnswered(Conflict):
    """Only what was answered ends, or is reopened because the answer does not satisfy."""

    code = "complaint_not_answered"


class AlreadyClosed(Conflict):
    """What is closed is reopened before anything else is done of it."""

    code = "complaint_already_closed"


class FollowUpMissing(Conflict):
    """A complaint ends with an action, or with why there is none."""

    code = "complaint_follow_up_missing"


class FollowUpContradicted(Conflict):
    """An action is tied to it, and why there is none is told."""

    code = "complaint_follow_up_contradicted"


class AlreadyErased(Conflict):
    """Nothing is left of who complained."""

    code = "complaint_already_erased"


class ErasedTooEarly(Conflict):
    """Who complained is still to be answered: they are forgotten once it is over."""

    code = "complaint_erased_too_early"
