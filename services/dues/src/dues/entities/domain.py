"""The legal entity that calls for dues. Its identity is a setting: nothing of it is written in code."""

from dataclasses import dataclass

from dues.grids.domain import Datum


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address part by part, as banks take it since 15 November 2026. ``country`` is its ISO 3166 code."""

    street: str
    postcode: str
    city: str
    country: str

    @property
    def lines(self) -> tuple[str, str]:
        """The address as a letter within the country bears it."""
        return self.street, f"{self.postcode} {self.city}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """Who issues, how to pay it, and how VAT applies to its dues. ``code`` names its series of numbers.

    ``ics`` is its SEPA creditor identifier, which its bank asks for: without one nothing is collected. ``postal`` is
    its ``address`` again, part by part. A campaign opened before them keeps an entity without.
    """

    code: str
    name: str
    legal_form: str
    address: tuple[str, ...]
    siren: str
    email: str
    iban: str
    vat: Datum[str]
    bic: str | None = None
    ics: str | None = None
    postal: PostalAddress | None = None
