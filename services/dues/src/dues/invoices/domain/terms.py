"""What a call is written from, as it was settled on the day of its issue: a paper written later says the same."""

from dataclasses import dataclass
from datetime import date

from dues.entities.domain import Address, LegalEntity
from dues.grids.domain import Activity, Base, Grid, SmicTable
from dues.invoices.domain.mentions import Mentions


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
