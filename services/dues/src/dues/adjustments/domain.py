"""What a corrected base changes of a year already called: a credit note of what was too much, a complement of the rest.

The activity is that of the call: one that was wrong is voided and called anew. Assembly of 27 June 2024: the due is
assessed on the declared base, whenever it is declared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from common.errors import Refusal
from dues.grids.domain import Assessment
from dues.invoices.domain import NO_PARTS, NOTHING, Called, Parts
from dues.members.domain import KnownMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a member was called for a year, credit notes deducted, and what it owes by the base that counts now.

    ``left`` is what stands of the call, then of each complement; ``waived`` what was taken off them and is not asked
    for again. ``refusal`` says why what is owed cannot be told any more. Euros.
    """

    member: KnownMember
    left: Sequence[tuple[Called, Parts]]
    waived: Parts
    due: Assessment | None
    refusal: Refusal | None = None

    @property
    def call(self) -> Called:
        """The call of the year."""
        return self.left[0][0]

    @property
    def called(self) -> Parts:
        """What was called, credit notes deducted; what was waived was called, and its account is settled."""
        return added([*(parts for _, parts in self.left), self.waived])

    @property
    def next_rank(self) -> int:
        """The rank of a complement that follows those that stand."""
        return max(call.rank for call, _ in self.left) + 1

    @property
    def parts(self) -> Parts:
        """Return what is to be added to each part, or taken off where negative."""
        if self.due is None:
            return NO_PARTS
        return Parts(self.due.fixed, self.due.variable).less(self.called)

    @property
    def credits(self) -> tuple[tuple[Called, Parts], ...]:
        """What is to be credited of which, from the last complement back to the call."""
        asked, found = too_much(self.parts), []
        for call, left in reversed(self.left):
            parts = Parts(min(asked.fixed, left.fixed), min(asked.variable, left.variable))
            if parts.total > NOTHING:
                found.append((call, parts))
                asked = asked.less(parts)
        return tuple(found)

    @property
    def paid_beyond(self) -> Decimal:
        """What was paid of what is to be credited: it is the member's to use again."""
        return sum((paid_of(call, parts) for call, parts in self.credits), NOTHING)

    @property
    def matters(self) -> bool:
        """Whether there is something to settle, or to look at."""
        return self.refusal is not None or self.parts != NO_PARTS


def paid_of(call: Called, credited: Parts) -> Decimal:
    """Return what of a credit note was paid already: what goes beyond what is still owed of its call."""
    return max(credited.total - call.balance.owed, NOTHING)


def added(parts: Iterable[Parts]) -> Parts:
    """Return the sum of some parts."""
    return reduce(lambda one, other: Parts(one.fixed + other.fixed, one.variable + other.variable), parts, NO_PARTS)


def too_much(parts: Parts) -> Parts:
    """Return what is to be credited of a difference: its negative parts."""
    return Parts(max(-parts.fixed, NOTHING), max(-parts.variable, NOTHING))


def too_little(parts: Parts) -> Parts:
    """Return what is to be called beside: its positive parts."""
    return Parts(max(parts.fixed, NOTHING), max(parts.variable, NOTHING))
