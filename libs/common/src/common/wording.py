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


def grouped(identifier: str, size: int) -> str:
    """Write an identifier in groups that a reader can follow, and that no line breaks.

    >>> grouped("900000001", 3).replace("\\u00a0", " ")
    '900 000 001'
    """
    return "\u00a0".join(identifier[start : start + size] for start in range(0, len(identifier), size))


def counted(number: int, one: str, many: str | None = None) -> str:
    """Write how many of something there are; ``many``, where it is not the same with an « s ».

    >>> counted(0, "place"), counted(1, "siège vacant"), counted(2, "siège vacant", "sièges vacants")
    ('0 place', '1 siège vacant', '2 sièges vacants')
    """
    return f"{number} {one if number < 2 else many or f'{one}s'}"
