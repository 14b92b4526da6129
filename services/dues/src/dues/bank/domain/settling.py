"""How the money of a line is put on the calls that it pays: a receipt for each member that it pays for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.money import format_euros
from dues.bank.domain.refusals import BankLineTooSmall, NotReceived, NotReturned
from dues.bank.domain.statement import BankLine, LineState, require_unsettled
from dues.invoices.domain import OwedCall


@dataclass(frozen=True, slots=True)
class Part:
    """What of a line is one member's: how much, and on which calls."""

    member_id: UUID
    amount: Decimal
    amounts: dict[UUID, Decimal]


def share(line: BankLine, calls: Sequence[OwedCall]) -> list[Part]:
    """Put the money of a line on calls, in the order in which they are named; what they leave is the first member's.

    Raises BankLineTooSmall.
    """
    left = line.amount
    amounts: dict[UUID, dict[UUID, Decimal]] = {}
    for call in calls:
        put = min(left, call.owed)
        if call.owed and not put:
            raise BankLineTooSmall(
                f"{format_euros(line.amount)} ne vont pas jusqu'à {call.number} : ne nommez que les appels réglés."
            )
        amounts.setdefault(call.member_id, {})
        if put:
            amounts[call.member_id][call.id] = put
        left -= put
    parts = [Part(member_id, sum(found.values(), Decimal("0.00")), found) for member_id, found in amounts.items()]
    first, *others = parts
    return [Part(first.member_id, first.amount + left, first.amounts), *(part for part in others if part.amount)]


def require_matchable(state: LineState, line: BankLine) -> None:
    """Let through money that came, of which nothing was said yet. Raises BankLineSettled, NotReceived."""
    require_unsettled(state)
    if line.amount <= 0:
        raise NotReceived("Cette ligne fait sortir de l'argent : elle ne règle aucun appel.")


def require_returnable(state: LineState, line: BankLine) -> None:
    """Let through money that left again, of which nothing was said yet. Raises BankLineSettled, NotReturned."""
    require_unsettled(state)
    if line.amount >= 0:
        raise NotReturned("Cette ligne fait entrer de l'argent : ce n'est pas un rejet.")
