"""What an invoice says of VAT, of its term and of late payment, by who pays: dated data, ``data/terms.toml``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.dated import rule_on
from common.labels import Labelled


class Audience(Labelled):
    """Who an invoice is for: what it says of late payment depends on it."""

    PROFESSIONAL = "professional", "un professionnel"
    INDIVIDUAL = "individual", "une personne à ses frais"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A sentence of an invoice, under the code of its subject in an e-invoice (UNTDID 4451), and where it comes from.

    ``printed``: on paper too; ``VAT`` is no such code: it is the reason for which there is no VAT.
    """

    code: str
    text: str
    printed: bool
    status: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of the invoices of a day. ``due_days``: calendar days to pay; ``reason_code``: EN 16931, BT-121."""

    audience: Audience
    since: date
    due_days: int
    category: str
    reason_code: str
    status: str
    source: str
    mentions: tuple[Mention, ...]

    @property
    def vat(self) -> str:
        """Why there is no VAT."""
        return next(one.text for one in self.mentions if one.code == "VAT")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentRule:
    """How much of its price a person may be asked once free to withdraw no more, in per cent."""

    since: date
    first_percent: int
    status: str
    source: str


def terms_on(terms: Iterable[Terms], audience: Audience, day: date) -> Terms:
    """Return the terms of the invoices of a day. Raises RuleMissing."""
    return rule_on((one for one in terms if one.audience is audience), day)
