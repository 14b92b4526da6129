"""The legal entity that calls for dues. Its identity is a setting: nothing of it is written in code."""

from dataclasses import dataclass

from common.labels import Labelled
from dues.grids.domain import Datum


class VatRegime(Labelled):
    """How VAT applies to the dues of an entity. What a call then says of it is dated data of the invoices."""

    OUT_OF_SCOPE = "out_of_scope", "hors du champ d'application de la TVA"
    EXEMPT = "exempt", "exonérées de TVA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in its parts, as e-invoices and SEPA files want it. ``street`` may hold several lines."""

    street: str
    postcode: str
    city: str
    country: str = "FR"

    @property
    def lines(self) -> tuple[str, ...]:
        """The address as it is printed."""
        return tuple(line for line in (*self.street.splitlines(), f"{self.postcode} {self.city}".strip()) if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """Who issues, how to pay it, and how VAT applies to its dues. ``code`` names its series of numbers.

    ``electronic_address`` is the one of the directory of e-invoicing (scheme 0225); without one, its SIREN. ``ics`` is
    its SEPA creditor identifier, which its bank asks for: without one nothing is collected.
    """

    code: str
    name: str
    legal_form: str
    address: Address
    siren: str
    siret: str | None = None
    vat_number: str | None = None
    electronic_address: str | None = None
    email: str
    iban: str
    vat: Datum[VatRegime]
    bic: str | None = None
    ics: str | None = None
