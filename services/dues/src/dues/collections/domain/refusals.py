"""What collections say no to. No sentence repeats an account: what is refused may end in a log."""

from common.errors import Conflict, Invalid, NotFound


class CollectionNotFound(NotFound):
    """No such run of collections."""

    code = "collection_not_found"


class CollectionLineNotFound(NotFound):
    """No such collection, or it is not within reach."""

    code = "collection_line_not_found"


class CollectionNotFiled(NotFound):
    """The file of a run is not made yet."""

    code = "collection_not_filed"


class NotBankingDay(Invalid):
    """Banks collect nothing on such a day."""

    code = "not_banking_day"


class TooLate(Conflict):
    """The members could no longer be told as many days before as the scheme asks."""

    code = "too_late"


class FileTooLate(Conflict):
    """The bank could no longer present the file for its day."""

    code = "collection_file_too_late"


class NothingToCollect(Conflict):
    """Nothing is owed that can be collected on the day; ``left_out`` says why of each sum."""

    code = "nothing_to_collect"


class CollectionStateWrong(Conflict):
    """The run is not, or no longer, where the act takes it up."""

    code = "collection_state_wrong"


class CollectionLineStateWrong(Conflict):
    """The collection is not, or no longer, where the act takes it up."""

    code = "collection_line_state_wrong"


class SettlementDayWrong(Invalid):
    """Banks settle on the collection day or later, and not after today."""

    code = "settlement_day_wrong"


class CollectionReturnDayWrong(Invalid):
    """A collection comes back after its file was made, and not after today."""

    code = "collection_return_day_wrong"
