"""Euro amounts: ``Decimal`` in cents precision, rounded half up, split without losing a cent."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
CURRENCY = "EUR"


def round_to_cents(amount: Decimal) -> Decimal:
    """Round half up to the cent, as French accounting does (not to even).

    >>> round_to_cents(Decimal("4491.985"))
    Decimal('4491.99')
    """
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def split(amount: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Share out an amount in cents so that the parts always sum to it (largest remainder; ties to the first).

    ``shares`` are weights, of which only the proportion matters.

    >>> split(Decimal("100.01"), [Decimal(50), Decimal(40), Decimal(10)])
    [Decimal('50.01'), Decimal('40.00'), Decimal('10.00')]
    """
    total = sum(shares, Decimal(0))
    if total <= 0 or any(share < 0 for share in shares):
        raise ValueError("shares must be non-negative and sum to more than zero")
    if amount != round_to_cents(amount):
        raise ValueError(f"{amount} has fractions of a cent")
    exact = [amount * share / total for share in shares]
    parts = [part.quantize(CENT, rounding=ROUND_DOWN) for part in exact]
    left = int((amount - sum(parts, Decimal(0))) / CENT)
    if not left:
        return parts
    step = CENT if left >= 0 else -CENT
    by_remainder = sorted(range(len(parts)), key=lambda i: (-abs(exact[i] - parts[i]), i))
    for index in by_remainder[: abs(left)]:
        parts[index] += step
    return parts


def format_euros(amount: Decimal) -> str:
    """Write an amount as a French reader expects it, with narrow no-break spaces.

    >>> format_euros(Decimal("4808"))
    '4\\u202f808,00\\xa0€'
    """
    text = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
    return f"{text}\u00a0€"
