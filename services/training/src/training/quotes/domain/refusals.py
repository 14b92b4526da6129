"""What is refused of a quote, and why."""

from common.errors import Conflict, Forbidden, Invalid, NotFound


class QuoteNotFound(NotFound):
    """No such quote within reach."""

    code = "quote_not_found"


class PriceMissing(Conflict):
    """The programme is sold on request: the training team gives a price."""

    code = "price_missing"
    title = "Prix à demander"


class PriceNotYours(Forbidden):
    """The training team alone gives a price or grants a discount, or quotes for whom is not a structure of its own."""

    code = "price_not_yours"


class DiscountTooLarge(Invalid):
    """A discount is no more than the price."""

    code = "discount_too_large"


class FundingTooLarge(Invalid):
    """Funders pay no more than the total."""

    code = "funding_too_large"


class QuoteExpired(Conflict):
    """The price is not held any more."""

    code = "quote_expired"
    title = "Devis échu"


class QuoteAccepted(Conflict):
    """A quote is accepted once."""

    code = "quote_accepted"
    title = "Devis déjà accepté"


class QuoteOutdated(Conflict):
    """What the price rests on has changed: it is asked again, it never changes by itself."""

    code = "quote_outdated"
    title = "Devis à redemander"
