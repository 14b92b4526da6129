"""Which calls a sum of money pays, where the payer did not say; and what it leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, Invalid
from common.money import format_euros
from dues.invoices.domain import OwedCall, PaymentTooLarge


class CallNamedTwice(Invalid):
    """One call stands twice among the allocations asked for."""

    code = "call_named_twice"


class NothingToAllocate(Conflict):
    """The member owes nothing that the money could be put on."""

    code = "nothing_to_allocate"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are to be paid: those named, or those that are proposed where nothing is said (None).

    ``keep_rest`` says that what they leave of the money is the member's advance.
    """

    amounts: Mapping[UUID, Decimal] | None = None
    keep_rest: bool = False


def propose(amount: Decimal, calls: Iterable[OwedCall]) -> dict[UUID, Decimal]:
    """Return what of the money goes on which call: on the one that is owed exactly that, else on the oldest due first.

    A member that pays exactly what it owes of a call means that call, whatever it owes besides.
    """
    oldest_first = sorted(calls, key=lambda call: (call.due_on, call.number))
    exact = next((call for call in oldest_first if call.owed == amount), None)
    if exact is not None:
        return {exact.id: amount}
    amounts, left = {}, amount
    for call in oldest_first:
        put = min(left, call.owed)
        if put:
            amounts[call.id] = put
            left -= put
    return amounts


def by_call(asked: Sequence[tuple[UUID, Decimal]]) -> dict[UUID, Decimal]:
    """Return amounts asked for, by call. Raises CallNamedTwice."""
    amounts = dict(asked)
    if len(amounts) < len(asked):
        raise CallNamedTwice("Un même appel est nommé deux fois : une affectation par appel.")
    return amounts


def require_something(amounts: Mapping[UUID, Decimal]) -> None:
    """Refuse to put money on no call at all. Raises NothingToAllocate."""
    if not amounts:
        raise NothingToAllocate("Aucun appel de cet adhérent n'a de reste dû : ce règlement reste son avance.")


def require_rest_said(amount: Decimal, amounts: Mapping[UUID, Decimal], *, keep_rest: bool) -> None:
    """Let more be received than is put on calls where somebody said so: the rest is then the member's advance.

    Raises PaymentTooLarge.
    """
    allocated = sum(amounts.values(), Decimal("0.00"))
    rest = amount - allocated
    if rest > 0 and not keep_rest:
        raise PaymentTooLarge(
            f"{format_euros(amount)} sont reçus et {format_euros(allocated)} affectés : il reste {format_euros(rest)}."
            " Gardez-les en avance (keep_rest), ou affectez-les.",
            extra={"amount": str(amount), "allocated": str(allocated), "rest": str(rest)},
        )
