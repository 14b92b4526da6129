"""What the envelopes and their affiliations say no to."""

from common.errors import Conflict, Invalid, NotFound


class EnvelopeNotFound(NotFound):
    """No such envelope."""

    code = "envelope_not_found"


class EnvelopeDatesWrong(Invalid):
    """An envelope closes the day it opens, or later."""

    code = "envelope_dates_wrong"


class EnvelopeFunderWrong(Invalid):
    """A group account is held by the operator of its year; another envelope names its funder."""

    code = "envelope_funder_wrong"


class EnvelopeUnsourced(Invalid):
    """A ceiling says where it comes from."""

    code = "envelope_unsourced"


class EnvelopeInUse(Conflict):
    """Money was reserved by these rules: only the title and the last day still change."""

    code = "envelope_in_use"


class EnvelopeNotOpen(Conflict):
    """Nothing is reserved before an envelope opens, nor after it has closed."""

    code = "envelope_not_open"


class EnvelopeClosed(Conflict):
    """Nothing comes into an envelope that has closed."""

    code = "envelope_closed"


class EnvelopeShort(Conflict):
    """The envelope has not as much available."""

    code = "envelope_short"


class ReservationNotFound(NotFound):
    """No such reservation."""

    code = "reservation_not_found"


class ReservationShort(Conflict):
    """More is released or consumed than is still reserved."""

    code = "reservation_short"


class ReservationUnspent(Conflict):
    """More is given back than was consumed."""

    code = "reservation_unspent"


class ContributionDayWrong(Invalid):
    """Money came in today at the latest."""

    code = "contribution_day_wrong"


class CorrectionWrong(Invalid):
    """A correction changes something."""

    code = "correction_wrong"


class AffiliationNotFound(NotFound):
    """No such affiliation within reach."""

    code = "affiliation_not_found"


class AffiliationNotOfGroupAccount(Conflict):
    """Structures join a group account, no other envelope."""

    code = "affiliation_not_of_group_account"


class AffiliationOperatorWrong(Invalid):
    """A structure joins the group account held by its own operator."""

    code = "affiliation_operator_wrong"


class AffiliationTaken(Conflict):
    """The structure has an affiliation to this account."""

    code = "affiliation_taken"


class AffiliationStepWrong(Conflict):
    """The steps of an affiliation come in their order, each once."""

    code = "affiliation_step_wrong"


class AffiliationDayWrong(Invalid):
    """A step is not before the one that it follows, nor tomorrow."""

    code = "affiliation_day_wrong"


class AffiliationAmountUnexplained(Invalid):
    """Another amount than what is due was paid, and nobody says why."""

    code = "affiliation_amount_unexplained"


SAID = (EnvelopeDatesWrong, EnvelopeFunderWrong, EnvelopeUnsourced)
"""What refuses the text of an envelope."""
