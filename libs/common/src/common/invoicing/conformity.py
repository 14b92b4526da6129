"""Which rules an e-invoice breaks: what a platform would refuse is not produced. Pure."""

from dataclasses import dataclass
from typing import Final

from common.invoicing.einvoice import EInvoice
from common.invoicing.european_rules import EUROPEAN_RULES
from common.invoicing.french_rules import FRENCH_RULES

_RULES: Final = (*FRENCH_RULES, *EUROPEAN_RULES)


@dataclass(frozen=True, slots=True)
class Defect:
    """A rule that an e-invoice breaks, and what it asks for."""

    rule: str
    message: str


def defects(einvoice: EInvoice) -> tuple[Defect, ...]:
    """Return every rule that an e-invoice breaks."""
    return tuple(Defect(rule.name, rule.asks) for rule in _RULES if not rule.holds(einvoice))
