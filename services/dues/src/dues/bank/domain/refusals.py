"""Why a whole bank file, or an act on one of its lines, is refused."""

from common.errors import Conflict, Invalid, NotFound


class StatementUnreadable(Invalid):
    """The file can't be read as a bank statement; nothing of it is kept."""

    code = "statement_unreadable"
    title = "Relevé illisible"


class StatementEmpty(StatementUnreadable):
    """No byte, or not one statement."""

    code = "statement_empty"


class StatementTooLarge(StatementUnreadable):
    """More bytes, lines or levels than any bank's statement has."""

    code = "statement_too_large"


class StatementEncoding(StatementUnreadable):
    """The bytes are not of the encoding that the file declares."""

    code = "statement_encoding"


class StatementNotXml(StatementUnreadable):
    """Not a well-formed XML document."""

    code = "statement_not_xml"


class StatementUnsafe(StatementUnreadable):
    """The document brings definitions of its own, which no bank's does: entities that grow, or that fetch."""

    code = "statement_unsafe"


class NotAStatement(StatementUnreadable):
    """An XML document of another kind."""

    code = "statement_of_another_kind"


class StatementVersionUnknown(StatementUnreadable):
    """A version of camt.053 that is not read here."""

    code = "statement_version_unknown"


class StatementIncomplete(StatementUnreadable):
    """Something that every statement has is not there, or says nothing: an account, a balance, a day, an amount."""

    code = "statement_incomplete"


class StatementIbanInvalid(StatementUnreadable):
    """The account's IBAN fails its own checksum."""

    code = "statement_iban_invalid"


class StatementOfAnotherAccount(StatementUnreadable):
    """The account is not the one on which the entity is paid."""

    code = "statement_of_another_account"


class StatementCurrency(StatementUnreadable):
    """An amount of the account in another currency than the euro."""

    code = "statement_currency"


class AmountNotInCents(StatementUnreadable):
    """An amount with fractions of a cent, or that is none."""

    code = "amount_not_in_cents"


class StatementDoesNotAddUp(StatementUnreadable):
    """The opening balance and the entries do not make the closing balance: lines are missing, or are too many."""

    code = "statement_does_not_add_up"


class EntryDoesNotAddUp(StatementUnreadable):
    """The payments of a batch do not make the amount that was booked for it."""

    code = "entry_does_not_add_up"


class EntryTwice(StatementUnreadable):
    """The file gives one entry twice."""

    code = "statement_entry_twice"


class StatementChanged(Conflict):
    """A statement of this reference and day is known, with other balances: one of both is false."""

    code = "statement_changed"


class BankFileNotFound(NotFound):
    """No such file."""

    code = "bank_file_not_found"


class StatementNotFound(NotFound):
    """No such statement."""

    code = "statement_not_found"


class BankLineNotFound(NotFound):
    """No such line."""

    code = "bank_line_not_found"


class BankLineSettled(Conflict):
    """It was already said what this line is."""

    code = "bank_line_settled"


class BankLineOpen(Conflict):
    """Nothing was said of this line yet: there is nothing to take back."""

    code = "bank_line_open"


class SetAsideUnexplained(Invalid):
    """Set aside as something else, without saying what."""

    code = "set_aside_unexplained"


class NotReceived(Conflict):
    """Money that leaves the account pays no call."""

    code = "bank_line_not_received"


class NotReturned(Conflict):
    """Money that comes is no return."""

    code = "bank_line_not_returned"


class BankLineTooSmall(Conflict):
    """More calls are named than the money of the line reaches."""

    code = "bank_line_too_small"


class ReturnAmountDiffers(Conflict):
    """The line takes back another amount than was received."""

    code = "return_amount_differs"


class LineAmountDiffers(Conflict):
    """The line, or all those of one run, move another amount than what they are said to be."""

    code = "bank_line_amount_differs"


class LineOfCollections(Conflict):
    """The line credits a run of direct debits: put on a call, its money would be received twice."""

    code = "bank_line_of_collections"


class LineOfTransfers(Conflict):
    """The line brings one of our transfers back: put on a call, it would be received as dues."""

    code = "bank_line_of_transfers"


class CollectionTakenBack(Conflict):
    """Another line took this collection back already: a bank takes it back once."""

    code = "collection_taken_back"


class ReceiptOnStatement(Conflict):
    """Another line is this receipt already."""

    code = "receipt_on_statement"


class ReceiptNotTransfer(Conflict):
    """A cheque, cash or a direct debit: no line of a transfer is that."""

    code = "receipt_not_transfer"


class ReceiptNotDepositable(Conflict):
    """Neither a cheque nor cash: nobody takes it to the bank."""

    code = "receipt_not_depositable"


class NotPaidOut(Conflict):
    """Money that comes pays no batch of transfers."""

    code = "bank_line_not_paid_out"


class NotACharge(Conflict):
    """Money that comes, that is taken back, or that we sent: the bank took none of it for itself."""

    code = "bank_line_not_a_charge"


class TransferBroughtBack(Conflict):
    """Another line brought this transfer back already: a bank sends it back once."""

    code = "transfer_brought_back"


class ReturnStands(Conflict):
    """A collection or a transfer that came back stays so: it is made again."""

    code = "bank_line_return_stands"


class ReturnCodeMissing(Invalid):
    """The bank gave no reason, and neither did who says what the line is."""

    code = "return_code_missing"
