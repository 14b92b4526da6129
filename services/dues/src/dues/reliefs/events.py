"""The facts of a relief as the other services receive them: no word of why."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from common.contracts.dues import DuesReliefGranted, DuesReliefRevoked, ReliefState
from dues.reliefs.domain import Relief, ReliefCall, ReliefStatus


def granted(
    relief: Relief, member_id: UUID, status: ReliefStatus, amount: Decimal, calls: Collection[ReliefCall]
) -> DuesReliefGranted:
    """A member was granted a reduction, which the fund pays, or a plan."""
    return DuesReliefGranted(state=_state(relief, member_id, status, amount, calls))


def revoked(
    relief: Relief, member_id: UUID, status: ReliefStatus, left: Decimal, calls: Collection[ReliefCall]
) -> DuesReliefRevoked:
    """What the fund paid for a member was undone, but for what is left of it: the member owes it again."""
    return DuesReliefRevoked(state=_state(relief, member_id, status, left, calls))


def _state(
    relief: Relief, member_id: UUID, status: ReliefStatus, amount: Decimal, calls: Collection[ReliefCall]
) -> ReliefState:
    return ReliefState(
        id=relief.id,
        reference=relief.reference,
        member_id=member_id,
        status=status.value,
        years=tuple(sorted({call.year for call in calls})),
        invoice_ids=tuple(call.invoice_id for call in calls),
        amount=amount,
    )
