"""How French sentences write things, the same in a PDF, an error and an explanation. Pure."""

from datetime import date

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


def write_day(day: date) -> str:
    """Write a day in full.

    >>> write_day(date(2026, 1, 1))
    '1er janvier 2026'
    """
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal} {_MONTHS[day.month - 1]} {day.year}"
