"""What paying on says no to. No sentence repeats an account: what is refused may end in a log."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class PayeeNotFound(NotFound):
    """Nobody of this code is paid, or it is not within reach."""

    code = "payee_not_found"


class PayeeMissing(Conflict):
    """No account is kept for this beneficiary."""

    code = "payee_missing"


class PayeeUnconfirmed(Conflict):
    """The account waits for a second person: nothing is paid meanwhile, not even on the one before."""

    code = "payee_unconfirmed"


class PayeeNotWaiting(Conflict):
    """No account waits to be confirmed."""

    code = "payee_not_waiting"


class PayeeUnchanged(Invalid):
    """The account is the one that is already confirmed."""

    code = "payee_unchanged"


class OwnPayee(Forbidden):
    """Whoever entered an account does not confirm it."""

    code = "payee_own"


class PayeeChanged(Conflict):
    """The account of a line is no longer the one that is confirmed."""

    code = "payee_changed"


class NothingDue(Conflict):
    """The beneficiary has had all that it is due."""

    code = "nothing_due"


class BalanceNegative(Conflict):
    """More was transferred than is due: what comes in next makes up for it."""

    code = "balance_negative"


class NothingToTransfer(Conflict):
    """No beneficiary can be paid: each one's blockers stand beside."""

    code = "nothing_to_transfer"


class TransferExceedsDue(Conflict):
    """Money was taken back since the batch was prepared: it would transfer more than is due."""

    code = "transfer_exceeds_due"


class BatchNotFound(NotFound):
    """No such batch of transfers."""

    code = "batch_not_found"


class BatchNotDraft(Conflict):
    """Only a batch that waits for it is approved."""

    code = "batch_not_draft"


class BatchNotApproved(Conflict):
    """Only an approved batch has a file, and is executed."""

    code = "batch_not_approved"


class BatchEnded(Conflict):
    """What was executed or cancelled is cancelled no more."""

    code = "batch_ended"


class BatchNotExecuted(Conflict):
    """A bank rejects what it was asked to do."""

    code = "batch_not_executed"


class OwnBatch(Forbidden):
    """Whoever prepared a batch does not approve it."""

    code = "batch_own"


class TransferDayWrong(Invalid):
    """The day is before what it follows, or after what it precedes."""

    code = "transfer_day_wrong"


class TransferNotFound(NotFound):
    """No such line in this batch."""

    code = "transfer_not_found"


class TransferRejected(Conflict):
    """The line was already rejected: its amount is due again."""

    code = "transfer_rejected"


class MonthNotBegun(Invalid):
    """A statement tells what happened."""

    code = "month_not_begun"


class TransferStatementNotFound(NotFound):
    """Nothing had yet happened to this beneficiary, or it is not within reach."""

    code = "transfer_statement_not_found"
