"""The legal entity that calls for dues. Its identity is a setting: nothing of it is written in code."""

from dataclasses import dataclass

from dues.grids.domain import Datum


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """Who issues, how to pay it, and how VAT applies to its dues. ``code`` names its series of numbers."""

    code: str
    name: str
    legal_form: str
    address: tuple[str, ...]
    siren: str
    email: str
    iban: str
    vat: Datum[str]
