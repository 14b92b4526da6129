"""What solidarity requests say no to."""

from common.errors import Conflict, Invalid, NotFound


class ReliefNotFound(NotFound):
    """No such request within reach."""

    code = "relief_not_found"


class ReliefAttachmentNotFound(NotFound):
    """No such document of this request."""

    code = "relief_attachment_not_found"


class ReliefUnderStudy(Conflict):
    """A request of this member is under study already: one at a time."""

    code = "relief_under_study"


class ReliefCallsWrong(Invalid):
    """A call that is asked about is not this member's, or nothing is owed of it."""

    code = "relief_calls_wrong"


class ReliefNothingOwed(Conflict):
    """Nothing is owed of what the request is about: nobody needs relief of it."""

    code = "relief_nothing_owed"


class ReliefAskedWrong(Invalid):
    """A reduction is asked with an amount or none, a plan with a schedule or none."""

    code = "relief_asked_wrong"


class ReliefTooLarge(Conflict):
    """More is asked or granted than is owed of the calls."""

    code = "relief_too_large"


class ReliefEnded(Conflict):
    """The request was decided or withdrawn: it is not under study any more."""

    code = "relief_ended"


class ReliefAdvised(Conflict):
    """The delegation gave its advice already."""

    code = "relief_advised"


class ReliefAdviceAwaited(Conflict):
    """The delegation still has days to give its advice."""

    code = "relief_advice_awaited"


class ReliefSittingWrong(Invalid):
    """It is decided from the day of the request on, and not in the future."""

    code = "relief_sitting_wrong"


class ReliefDecisionWrong(Invalid):
    """A reduction has an amount, a plan a schedule, a refusal neither."""

    code = "relief_decision_wrong"


class ReliefNotDecided(Conflict):
    """Nothing was decided: there is no letter."""

    code = "relief_not_decided"


class ReliefNotRevocable(Conflict):
    """The fund pays nothing at this title, or no longer: there is nothing to undo."""

    code = "relief_not_revocable"


class ReliefRevokeTooLarge(Conflict):
    """More is taken back than the fund pays."""

    code = "relief_revoke_too_large"


class ReliefAttachmentsTooMany(Conflict):
    """The request holds as many documents as it may."""

    code = "relief_attachments_too_many"


class ReliefAttachmentTooLarge(Invalid):
    """The document is larger than may be sent."""

    code = "relief_attachment_too_large"


class ReliefAttachmentUnreadable(Invalid):
    """The document is not a PDF."""

    code = "relief_attachment_unreadable"
