"""How amounts, rates and days are written in an explanation."""

from datetime import date
from decimal import Decimal

from common.money import format_euros, round_to_cents

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def write_day(day: date) -> str:
    """Write a day in full.

    >>> write_day(date(2026, 1, 1))
    '1er janvier 2026'
    """
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {_MONTHS[day.month - 1]} {day.year}"


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
