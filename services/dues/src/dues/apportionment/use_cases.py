"""Keeping what each beneficiary is due of the money that came in."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from common.transaction import Tx
from dues.apportionment import repository
from dues.apportionment.domain import Announced, CashMovement, cash_parts


async def keep_parts(
    tx: Tx, movements: Sequence[CashMovement], calls: Mapping[UUID, Announced]
) -> dict[UUID, dict[str, Decimal]]:
    """Keep each one's part of some movements, and return them by movement; ``calls`` are held by the caller."""
    shared = {}
    for movement in movements:
        call = calls[movement.invoice_id]
        shared[movement.id] = cash_parts(movement.paid_before, movement.paid_after, call.parts)
        await repository.add(tx, movement, call, shared[movement.id])
    return shared
