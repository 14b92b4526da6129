"""What a quote writes: a paper for the treasurer of a structure, one line of an export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from common.documents import print_pdf
from common.money import format_euros
from common.wording import counted, grouped, write_day
from training.organisation.domain import MentionUse, Organisation
from training.organisation.queries import mention
from training.quotes.schemas import QuoteLine, QuoteOut

_TEMPLATE: Final = Path(__file__).parent / "templates" / "quote.typ"

EXPORT_HEADER = (
    "reference", "etat", "programme", "acheteur", "nature", "places", "total", "reste_a_charge", "fait_le",
    "valable_jusqu_au",
)  # fmt: skip


def quote_line(line: QuoteLine) -> Sequence[object]:
    """Write a quote as one line."""
    return (
        line.reference,
        line.status.label,
        line.programme_code,
        line.buyer_name,
        line.buyer_kind.label,
        line.seats,
        line.total,
        line.remainder,
        line.quoted_on,
        line.valid_until,
    )


async def print_quote(quote: QuoteOut, organisation: Organisation) -> bytes:
    """Return a quote, dated the day it was made, in the name of the training body as it is now.

    It bears the registration as R6351-6 of the labour code words it, in the wording of that day.
    """
    price = quote.price
    amounts = [("Prix de " + _seats(quote), price.gross)]
    amounts += [("Remise", -price.discount)] if price.discount else []
    amounts += [("Total, exonéré de TVA", price.total)]
    amounts += [(f"Financement annoncé : {one.funder}", -one.amount) for one in quote.announced_funding]
    amounts += [("Reste à la charge de l'acheteur", price.remainder)] if price.funded else []
    data = {
        "organisation": organisation.name,
        "identity": organisation.line,
        "registration": mention(organisation, MentionUse.CONTRACT, quote.quoted_on),
        "reference": quote.reference,
        "title": quote.title,
        "programme": f"{quote.programme_code}, version {quote.programme_number}",
        "quoted_on": write_day(quote.quoted_on),
        "valid_until": write_day(quote.valid_until),
        "buyer": [quote.buyer_name, *_address(quote)],
        "amounts": [{"label": label, "amount": format_euros(amount).replace("-", "−")} for label, amount in amounts],
        "steps": [step.text for step in price.steps],
    }
    return await print_pdf(_TEMPLATE, data, on=quote.quoted_on)


def _seats(quote: QuoteOut) -> str:
    each = format_euros(quote.price.unit)
    return f"{counted(quote.seats, 'place')} à {each}"


def _address(quote: QuoteOut) -> list[str]:
    there = quote.organisation
    if there is None:
        return []
    return [there.street, f"{there.postcode} {there.city}", f"SIRET {grouped(there.siret, 3)}"]
