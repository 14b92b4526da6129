"""The legal entity that calls for dues. Its identity is a setting: nothing of it is written in code."""

from dataclasses import dataclass

from common.labels import Labelled
from common.legal_entities import LegalIdentity
from common.sourced import Datum


class VatRegime(Labelled):
    """How VAT applies to the dues of an entity. What a call then says of it is dated data of the invoices."""

    OUT_OF_SCOPE = "out_of_scope", "hors du champ d'application de la TVA"
    EXEMPT = "exempt", "exonérées de TVA"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity(LegalIdentity):
    """Who issues, how to pay it, and how VAT applies to its dues.

    ``ics`` is its SEPA creditor identifier, which its bank asks for: without one nothing is collected.
    """

    vat: Datum[VatRegime]
    ics: str | None = None
