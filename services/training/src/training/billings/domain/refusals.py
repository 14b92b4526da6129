"""What is refused of a billing, and why."""

from common.errors import Conflict, Invalid, NotFound


class BillingNotFound(NotFound):
    """No such billing within reach."""

    code = "billing_not_found"


class ShareNotFound(NotFound):
    """No such share of this billing."""

    code = "share_not_found"


class BillingExists(Conflict):
    """A request is billed once: its payers share that billing."""

    code = "billing_exists"
    title = "Demande déjà facturable"


class SeatsPending(Conflict):
    """Some seats are still waited for or offered: what is sold is not known yet."""

    code = "seats_pending"
    title = "Places en attente"


class NothingToBill(Conflict):
    """No seat is taken and none leaves anything due."""

    code = "nothing_to_bill"


class SeatsChanged(Conflict):
    """Seats were given back, or carried out in part, since the total was reckoned."""

    code = "seats_changed"
    title = "Places rendues depuis"


class SharesTooLarge(Conflict):
    """What others pay, with what the buyer was invoiced, is more than the total."""

    code = "shares_too_large"
    title = "Parts supérieures au total"


class ShareInvoiced(Conflict):
    """A share is never less than what was invoiced of it: a credit note comes first."""

    code = "share_invoiced"
    title = "Part déjà facturée"


class ShareRefused(Conflict):
    """A refusal is final: another file is another share."""

    code = "share_refused"


class ShareOfBuyer(Conflict):
    """The share of the buyer is what is left: nobody agrees to it or refuses it."""

    code = "share_of_buyer"


class AgreementDateWrong(Invalid):
    """An agreement is not dated after today."""

    code = "agreement_date_wrong"


class NothingToInvoice(Conflict):
    """All of the share is invoiced, or the share is nothing."""

    code = "nothing_to_invoice"


class AmountTooLarge(Conflict):
    """More than what is left of the share."""

    code = "amount_too_large"
