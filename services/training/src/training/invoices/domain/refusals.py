"""What is refused of an invoice, and why."""

from common.errors import Conflict, Invalid, NotFound


class InvoiceNotFound(NotFound):
    """No such invoice within reach."""

    code = "invoice_not_found"


class NoteNotFound(NotFound):
    """No such credit note within reach."""

    code = "credit_note_not_found"


class ShareNotAgreed(Conflict):
    """A funder is invoiced what it agreed to, under its file."""

    code = "share_not_agreed"
    title = "Accord du financeur manquant"


class SessionNotOver(Conflict):
    """An operator of skills pays what was carried out: nothing before the end."""

    code = "session_not_over"
    title = "Session non terminée"


class WithdrawalPending(Conflict):
    """Nothing is asked of a person who may still withdraw (labour code, L6353-6)."""

    code = "withdrawal_pending"
    title = "Délai de rétractation en cours"


class InstalmentTooLarge(Conflict):
    """A person pays no more than the law lets be asked by this day (labour code, L6353-6)."""

    code = "instalment_too_large"


class PayerAddressMissing(Invalid):
    """An invoice says where its payer is; here it is not known."""

    code = "payer_address_missing"


class CreditTooLarge(Conflict):
    """More is credited than is still owed: what was paid is taken off first."""

    code = "credit_too_large"


class SettlementTooLarge(Conflict):
    """More is paid of an invoice than is still owed of it."""

    code = "settlement_too_large"


class SettlementNotThere(Conflict):
    """More is taken back from an invoice than was paid of it."""

    code = "settlement_not_there"


class SettlementEmpty(Invalid):
    """A settlement is an amount received, or one taken back."""

    code = "settlement_empty"
