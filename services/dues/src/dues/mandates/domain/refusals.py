"""What mandates say no to. No sentence repeats an account: what is refused may end in a log."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class MandateNotFound(NotFound):
    """No such mandate, or it is not within reach."""

    code = "mandate_not_found"


class SignedDocumentNotFound(NotFound):
    """No such document of this mandate."""

    code = "signed_document_not_found"


class IbanInvalid(Invalid):
    """The structure, the checksum or the national key of an account is wrong."""

    code = "iban_invalid"


class IbanOutsideSepa(Invalid):
    """The account is good, and of a country that takes no SEPA direct debit."""

    code = "iban_outside_sepa"


class BicInvalid(Invalid):
    """The identifier of the bank is not one."""

    code = "bic_invalid"


class RumInvalid(Invalid):
    """A reference holds 35 characters of the SEPA alphabet at most."""

    code = "rum_invalid"


class RumTaken(Conflict):
    """The creditor has already given this reference to a mandate: it is given once."""

    code = "rum_taken"


class RumNotYours(Forbidden):
    """A reference is the creditor's to give."""

    code = "rum_not_yours"


class CreditorWithoutIcs(Conflict):
    """Without a SEPA creditor identifier nobody collects."""

    code = "creditor_without_ics"


class CreditorUnchanged(Conflict):
    """Every mandate is already of the creditor as it is called today."""

    code = "creditor_unchanged"


class MandateAlreadyPrepared(Conflict):
    """A member has one mandate to sign at a time."""

    code = "mandate_already_prepared"


class MandateNotPrepared(Conflict):
    """The mandate is no longer to be signed."""

    code = "mandate_not_prepared"


class MandateNotSigned(Conflict):
    """The mandate is not signed, or was not yet on that day."""

    code = "mandate_not_signed"


class MandateSuspended(Conflict):
    """Nothing is collected under a suspended mandate until it is taken up again."""

    code = "mandate_suspended"


class MandateNotSuspended(Conflict):
    """Only a suspended mandate is taken up again."""

    code = "mandate_not_suspended"


class MandateLapsed(Conflict):
    """Too long has passed without a collection: another mandate is to be signed."""

    code = "mandate_lapsed"


class MandateEnded(Conflict):
    """The mandate was revoked, used or superseded: it stays to be read."""

    code = "mandate_ended"


class SignedInFuture(Invalid):
    """A mandate was signed today or before."""

    code = "signed_in_future"


class PresentationDayWrong(Invalid):
    """A collection was presented between the signature and today."""

    code = "presentation_day_wrong"


class BankConfirmationMissing(Invalid):
    """Between businesses, the debtor's bank confirms the mandate before the first collection."""

    code = "bank_confirmation_missing"


class BankConfirmationDayWrong(Invalid):
    """A bank confirmed a mandate between its signature and today."""

    code = "bank_confirmation_day_wrong"


class SignedDocumentMissing(Conflict):
    """A signature is confirmed on the document that bears it."""

    code = "signed_document_missing"


class SignedDocumentUnreadable(Invalid):
    """What was sent is neither a PDF nor an image, whatever its name says."""

    code = "signed_document_unreadable"


class SignedDocumentTooLarge(Invalid):
    """More than a scanned page needs."""

    code = "signed_document_too_large"


class AmendmentChangesNothing(Invalid):
    """The account is the one that is already known."""

    code = "amendment_changes_nothing"


class AmendmentOutOfOrder(Invalid):
    """An account follows the one before it, and none precedes the signature."""

    code = "amendment_out_of_order"
