"""What a call says of VAT and of late payment: dated data, by regime."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.dated import rule_on
from common.invoicing.einvoice import Note
from common.sourced import Datum
from dues.legal_entities.domain import VatRegime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What a call says under one regime, from a day on.

    ``category`` and ``reason_code`` are those of EN 16931; ``text`` is printed and stands in the file; ``notes`` stand
    in the file alone; ``never`` are words that a call does not print: dues are no commercial supply.
    """

    regime: VatRegime
    since: date
    category: str
    reason_code: str
    text: Datum[str]
    notes: Datum[tuple[Note, ...]]
    never: tuple[str, ...]


def mentions_on(mentions: Iterable[Mentions], regime: VatRegime, day: date) -> Mentions:
    """Return what a call of a day says under a regime. Raises RuleMissing."""
    return rule_on((rule for rule in mentions if rule.regime is regime), day)
