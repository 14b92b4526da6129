"""What a call is written from, as it was settled on the day of its issue: a paper written later says the same."""

from dataclasses import dataclass
from datetime import date

from common.legal_entities import Address
from dues.grids.domain import Activity, Base, Grid, SmicTable, assess
from dues.invoices.domain.balance import Called, Parts
from dues.invoices.domain.call import Buyer, Due, Invoice, issue
from dues.invoices.domain.mentions import Mentions
from dues.legal_entities.domain import LegalEntity


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the calls of one issue have in common: who calls, what is said of VAT and of late payment, the rates."""

    seller: LegalEntity
    mentions: Mentions
    grid: Grid
    smic: SmicTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What is proper to one call: what its buyer was beside its name, and what its due was computed from."""

    siren: str | None
    address: Address | None
    mail_address: Address | None
    base: Base | None
    activities: tuple[Activity, ...]
    joined_on: date | None
    category: str


def issue_again(call: Called, was: Particulars, terms: Terms) -> Invoice:
    """Issue a call again, on its day and as it was: what makes it is what was settled then."""
    assessment = assess(
        terms.grid, terms.smic, was.base, was.activities, joined_on=was.joined_on, category=was.category
    )
    buyer = Buyer(
        member_id=call.member_id,
        name=call.member_name,
        siren=was.siren,
        address=was.address,
        mail_address=was.mail_address,
        delegation=call.delegation,
    )
    already = Parts(assessment.fixed, assessment.variable).less(call.parts)
    return issue(call.number, Due(buyer, assessment, already, call.rank), terms.seller, call.issued_on)
