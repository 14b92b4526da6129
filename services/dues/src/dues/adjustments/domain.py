"""What a corrected base changes of a year already called: a credit note of what was too much, a complement of the rest.

The activity is that of the call: one that was wrong is voided and called anew. Assembly of 27 June 2024: the due is
assessed on the declared base, whenever it is declared.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from common.errors import Refusal
from dues.grids.domain import Assessment
from dues.invoices.domain import NO_PARTS, NOTHING, Called, Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a member was called for a year, credit notes deducted, and what it owes by the base that counts now.

    ``refusal`` says why that cannot be told any more. Euros.
    """

    member_id: UUID
    call: Called
    called: Parts
    due: Assessment | None
    refusal: Refusal | None = None

    @property
    def parts(self) -> Parts:
        """Return what is to be added to each part, or taken off where negative."""
        if self.due is None:
            return NO_PARTS
        return Parts(self.due.fixed, self.due.variable).less(self.called)

    @property
    def matters(self) -> bool:
        """Whether there is something to settle, or to look at."""
        return self.refusal is not None or self.parts != NO_PARTS


def net(called: Collection[Called], credited: Collection[Parts]) -> Parts:
    """Return what several calls ask for together, less what was credited of them."""
    return Parts(
        sum((one.parts.fixed for one in called), NOTHING) - sum((one.fixed for one in credited), NOTHING),
        sum((one.parts.variable for one in called), NOTHING) - sum((one.variable for one in credited), NOTHING),
    )


def too_much(parts: Parts) -> Parts:
    """Return what is to be credited of a difference: its negative parts."""
    return Parts(max(-parts.fixed, NOTHING), max(-parts.variable, NOTHING))


def too_little(parts: Parts) -> Parts:
    """Return what is to be called beside: its positive parts."""
    return Parts(max(parts.fixed, NOTHING), max(parts.variable, NOTHING))
