"""Lettering: the lines of one account that settle each other bear one code."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict
from common.money import format_euros
from dues.ledger.domain.entry import Source

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SettlementUnbalanced(Conflict):
    """What settles each other sums to nothing."""

    code = "settlement_unbalanced"


class SettlementNotThere(Conflict):
    """The lines said to settle each other are not in the books, or are settled already."""

    code = "settlement_not_there"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The acts whose lines on one account, of one auxiliary, settle each other."""

    account: str
    auxiliary: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that nothing settles yet: its amount is positive at the debit, negative at the credit."""

    id: UUID
    source: Source
    amount: Decimal


def require_settled(settlement: Settlement, lines: Sequence[OpenLine]) -> None:
    """Make sure that the lines of some acts settle each other. Raises SettlementNotThere, SettlementUnbalanced."""
    where = f"Compte {settlement.account}, auxiliaire {settlement.auxiliary}"
    missing = set(settlement.sources) - {line.source for line in lines}
    if missing or len(lines) < 2:
        acts = ", ".join(sorted(f"{source.kind} {source.id}" for source in missing or settlement.sources))
        raise SettlementNotThere(f"{where} : rien à lettrer de {acts}, ou c'est déjà lettré.")
    left = sum((line.amount for line in lines), Decimal("0.00"))
    if left:
        raise SettlementUnbalanced(f"{where} : il reste {format_euros(left)} entre ces lignes.")


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
