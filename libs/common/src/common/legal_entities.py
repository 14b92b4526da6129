"""Who a paper is issued by: the identity of a legal entity, and an address in its parts. Pure.

A service that issues papers has an entity of its own, with what its trade adds: ``class LegalEntity(LegalIdentity)``.
Its file is read by ``common.entity_files``.
"""

from dataclasses import dataclass


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
class LegalIdentity:
    """Who issues, and how to pay it. ``code`` names its series of numbers.

    ``electronic_address`` is the one of the directory of e-invoicing (scheme 0225); without one, its SIREN. A file that
    describes a ``demonstration`` starts nothing in production.
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
    bic: str | None = None
    demonstration: bool = False
