"""What the mutual fund says no to."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class FundCallNotFound(NotFound):
    """No such call for projects, or it is still a draft of somebody else's."""

    code = "fund_call_not_found"


class FundCallNotDraft(Conflict):
    """A call that was opened is not rewritten: delegations have read it."""

    code = "fund_call_not_draft"


class FundCallDatesWrong(Invalid):
    """A call closes after it opens, and not before the day on which it is opened."""

    code = "fund_call_dates_wrong"


class FundCallAmountsWrong(Invalid):
    """An award is part of an envelope."""

    code = "fund_call_amounts_wrong"


class FundCallNotOpen(Conflict):
    """The call does not take applications on this day."""

    code = "fund_call_not_open"


class FundCallNotClosed(Conflict):
    """Nothing is decided while applications can still come in, nor twice."""

    code = "fund_call_not_closed"


class FundShort(Conflict):
    """The fund has not as much free."""

    code = "fund_short"


class FundEnvelopeExceeded(Conflict):
    """The awards of a call are more than its envelope."""

    code = "fund_envelope_exceeded"


class FundCommitmentShort(Conflict):
    """More is paid or released than is still committed, or more is given back than was paid."""

    code = "fund_commitment_short"


class FundApplicationNotFound(NotFound):
    """No such application within reach."""

    code = "fund_application_not_found"


class FundDelegationMissing(Forbidden):
    """An application is a delegation's, and the token names none."""

    code = "fund_delegation_missing"


class FundApplicationIncomplete(Invalid):
    """What an application still lacks before it can be submitted."""

    code = "fund_application_incomplete"


class FundApplicationNotDraft(Conflict):
    """What was submitted is not submitted again."""

    code = "fund_application_not_draft"


class FundApplicationEnded(Conflict):
    """The application was withdrawn or decided: it does not change."""

    code = "fund_application_ended"


class FundApplicationNotWaiting(Conflict):
    """Only an application that was submitted to this call, and waits, is decided."""

    code = "fund_application_not_waiting"


class FundSittingDayWrong(Invalid):
    """The board sits after the call has closed, and not tomorrow."""

    code = "fund_sitting_day_wrong"


class FundAwardTooLarge(Conflict):
    """More is awarded than was asked for."""

    code = "fund_award_too_large"


class FundReasonMissing(Invalid):
    """Who gets nothing, or less than was asked for, is told why."""

    code = "fund_reason_missing"


class FundDecidedTwice(Invalid):
    """One application is decided twice in one act."""

    code = "fund_decided_twice"


class FundScheduleWrong(Invalid):
    """The instalments of an award are not the award."""

    code = "fund_schedule_wrong"


class FundAwardMissing(Conflict):
    """Nothing was awarded to this application."""

    code = "fund_award_missing"


class FundAwardClosed(Conflict):
    """All of the award was paid or released."""

    code = "fund_award_closed"


class FundInstalmentNotFound(NotFound):
    """The award has no such instalment."""

    code = "fund_instalment_not_found"


class FundInstalmentPaid(Conflict):
    """The instalment was paid."""

    code = "fund_instalment_paid"


class FundInstalmentTooLarge(Conflict):
    """More is paid than the instalment."""

    code = "fund_instalment_too_large"


class FundReportMissing(Conflict):
    """This instalment waits for the report."""

    code = "fund_report_missing"


class FundReportReceived(Conflict):
    """The report was received."""

    code = "fund_report_received"


class FundDayWrong(Invalid):
    """What is noted happened between the board's decision and today."""

    code = "fund_day_wrong"


class FundAttachmentNotFound(NotFound):
    """No such document of this application."""

    code = "fund_attachment_not_found"


class FundAttachmentTooLarge(Invalid):
    """The document is too large."""

    code = "fund_attachment_too_large"


class FundAttachmentUnreadable(Invalid):
    """The document is not a PDF."""

    code = "fund_attachment_unreadable"


class FundAttachmentsTooMany(Conflict):
    """The application has as many documents as it may."""

    code = "fund_attachments_too_many"


WRITING = (FundApplicationEnded, FundCallNotOpen)
"""What refuses to a delegation to write its application."""
ATTACHING = (
    *WRITING,
    FundAwardMissing,
    FundAttachmentsTooMany,
    FundAttachmentTooLarge,
    FundAttachmentUnreadable,
)
"""What refuses a document."""
DECIDING = (
    FundCallNotClosed,
    FundSittingDayWrong,
    FundDecidedTwice,
    FundApplicationNotWaiting,
    FundAwardTooLarge,
    FundReasonMissing,
    FundEnvelopeExceeded,
    FundScheduleWrong,
    FundShort,
)
"""What refuses a decision of the board."""
PAYING = (
    FundAwardClosed,
    FundInstalmentNotFound,
    FundInstalmentPaid,
    FundInstalmentTooLarge,
    FundReportMissing,
    FundDayWrong,
    FundCommitmentShort,
)
"""What refuses a payment."""
