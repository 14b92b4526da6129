"""The numbers of invoices: how they are written, in which order of days, how a payer repeats them. Pure."""

import re
from datetime import date
from typing import Final

from stdnum.iso7064 import mod_97_10

from common.errors import Conflict, Invalid
from common.invoicing.einvoice import NUMBER_ALPHABET, NUMBER_LENGTH
from common.wording import write_day

_NOT_CARRIED: Final = re.compile(r"[^A-Z0-9]")


class InvoiceNumberInvalid(Invalid):
    """The number breaks the French rules for invoice numbers."""

    code = "invoice_number_invalid"
    title = "Numéro de facture non conforme"


class IssueDateDecreasing(Conflict):
    """Numbers and days go up together in a series: a later number never bears an earlier day."""

    code = "issue_date_decreasing"


def payment_reference(number: str) -> str:
    """Return the structured creditor reference (ISO 11649) of an invoice, which a payer's bank carries unchanged.

    >>> payment_reference("COT-2026-00042")
    'RF93COT202600042'
    """
    body = _NOT_CARRIED.sub("", number)
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"


def check_number(number: str) -> None:
    """Accept at most 35 letters, digits and ``+ - _ /`` (XP Z12-012, BR-FR-01, BR-FR-02). Raises InvoiceNumberInvalid.

    >>> check_number("FOR-2026-00001")
    """
    if len(number) > NUMBER_LENGTH or not NUMBER_ALPHABET.fullmatch(number):
        raise InvoiceNumberInvalid(
            f"« {number} » n'est pas un numéro de facture : 35 caractères au plus, lettres sans accent, chiffres "
            "et + - _ / (règles BR-FR-01 et BR-FR-02)."
        )


def require_in_order(last: date | None, day: date) -> None:
    """Let nothing be issued on a day before the last one of its series. Raises IssueDateDecreasing.

    CGI, annexe II, art. 242 nonies A: numbers follow each other in the order of time.

    >>> require_in_order(date(2026, 3, 3), date(2026, 3, 3))
    """
    if last is not None and last > day:
        raise IssueDateDecreasing(
            f"La dernière pièce de cette série est du {write_day(last)} : une suivante ne porte pas de date d'avant."
        )
