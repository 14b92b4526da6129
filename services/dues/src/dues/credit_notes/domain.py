"""Credit notes ("avoirs"): what takes a call for dues back, in whole or in part, and never rubs it out.

A call that was issued stays as it was (CGI, annexe II, art. 242 nonies A: invoices follow each other without a hole);
what was wrong in it is told by a credit note that names it, with its own number in its own series.
"""

from common.errors import Conflict, NotFound
from common.labels import Labelled
from common.money import format_euros
from dues.invoices.domain import CreditEmpty, Parts

JOURNAL = "AVO"


class CreditNotFound(NotFound):
    """No such credit note within reach."""

    code = "credit_not_found"


class CreditIssued(Conflict):
    """An issued credit note is never changed: another one, or another call, corrects it."""

    code = "credit_issued"


class CreditPartTooLarge(Conflict):
    """More is credited of a part of a call than was called, less what was already credited of it."""

    code = "credit_part_too_large"


class CreditReason(Labelled):
    """Why a call is taken back."""

    CORRECTED = "corrected", "base corrigée"
    CALLED_TWICE = "called_twice", "structure appelée deux fois"
    MISTAKE = "mistake", "appel erroné"
    SOLIDARITY = "solidarity", "remise accordée"


WAIVERS = frozenset({CreditReason.CALLED_TWICE, CreditReason.SOLIDARITY})
"""Reasons for which what is taken off is not asked for again, whatever the rules say is due."""


class CreditStatus(Labelled):
    """Where a credit note stands."""

    DRAFT = "draft", "brouillon"
    ISSUED = "issued", "émis"


def require_creditable(asked: Parts, left: Parts, number: str) -> None:
    """Let a credit note take off what is left of each part at most. Raises CreditEmpty, CreditPartTooLarge."""
    if asked.total <= 0:
        raise CreditEmpty("Un avoir a un montant : donnez ce qui est annulé de la part fixe, de la part variable.")
    for label, wanted, there in (
        ("part fixe", asked.fixed, left.fixed),
        ("part variable", asked.variable, left.variable),
    ):
        if wanted > there:
            raise CreditPartTooLarge(
                f"{format_euros(wanted)} de {label} ne s'annulent pas sur {number}, où il en reste "
                f"{format_euros(there)}.",
                extra={"left": str(there)},
            )


def require_draft(status: CreditStatus) -> None:
    """Let only a draft change. Raises CreditIssued."""
    if status is not CreditStatus.DRAFT:
        raise CreditIssued("Un avoir émis ne change plus : un autre avoir, ou un nouvel appel, le corrige.")
