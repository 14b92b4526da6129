"""Lettering: the lines of one account that are about one thing bear one code once they settle each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from common.accounting.entries import Entry

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Matter(NamedTuple):
    """What lines of one account are about, for one auxiliary (empty where there is none)."""

    account: str
    auxiliary: str
    about: str


@dataclass(frozen=True, slots=True)
class Lettering:
    """Where the lines of a matter stand. ``left`` is what they sum to; whether some, and all, of them bear a code."""

    left: Decimal
    some: bool
    all: bool

    @property
    def to_letter(self) -> bool:
        """Tell whether they settle each other, and do not say so yet."""
        return not self.left and not self.all

    @property
    def to_open(self) -> bool:
        """Tell whether they say that they settle each other, and do not any more."""
        return bool(self.left) and self.some


def matters_of(entries: Iterable[Entry]) -> list[Matter]:
    """Return what some entries are about, in order."""
    return sorted(
        {
            Matter(line.account, line.auxiliary.code if line.auxiliary else "", line.about)
            for entry in entries
            for line in entry.lines
            if line.about is not None
        }
    )


def code_of(rank: int) -> str:
    """Write the code of a settlement: two letters, then three when they are used up.

    >>> [code_of(rank) for rank in (1, 2, 26, 27, 676, 677)]
    ['AA', 'AB', 'AZ', 'BA', 'ZZ', 'AAA']
    """
    left, width = rank - 1, 2
    while left >= len(_LETTERS) ** width:
        left -= len(_LETTERS) ** width
        width += 1
    code = ""
    for _ in range(width):
        left, letter = divmod(left, len(_LETTERS))
        code = _LETTERS[letter] + code
    return code
