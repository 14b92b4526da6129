"""How amounts and rates are written in an explanation."""

from decimal import Decimal

from common.money import format_euros, round_to_cents


def write_rate(rate: Decimal) -> str:
    """Write a fraction as a percentage, with the decimals it has.

    >>> write_rate(Decimal("0.0035"))
    '0,35\\xa0%'
    """
    percent = (rate * 100).normalize()
    return f"{percent:f}".replace(".", ",") + "\u00a0%"


def write_exact_euros(amount: Decimal) -> str:
    """Write an amount before rounding, with the fractions of a cent it has.

    >>> write_exact_euros(Decimal("1746.6050"))
    '1\\u202f746,605\\xa0€'
    """
    if amount == round_to_cents(amount):
        return format_euros(amount)
    text = f"{amount.normalize():,f}".replace(",", "\u202f").replace(".", ",")
    return f"{text}\u00a0€"
