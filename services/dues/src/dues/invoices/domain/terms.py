"""What the calls of one issue have in common."""

from dataclasses import dataclass

from dues.entities.domain import LegalEntity
from dues.grids.domain import Datum, Share
from dues.invoices.domain.mentions import Mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who calls, what is said of VAT and of late payment, how long there is to pay, who has which share.

    As they were on the day of issue: a paper that is written later says the same.
    """

    seller: LegalEntity
    mentions: Mentions
    due_days: Datum[int]
    shares: tuple[Share, ...]
