"""What moves the fund's money: committing it to a source, paying what is committed, releasing it, taking it back.

Awards do it, and so may whatever else is granted on the fund: it names its own ``FundSource``.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.transaction import Tx
from dues.fund import queries, repository
from dues.fund.domain import (
    Commitment,
    FundLineKind,
    FundSource,
    Outflow,
    require_free,
    require_left,
    require_spent,
)


async def commit(tx: Tx, wanted: Commitment, *, of_call: UUID | None = None) -> None:
    """Commit money of the fund to a source, once for each source, out of what is available.

    ``of_call`` is the call whose own reserve is drawn on. Raises FundShort.
    """
    await repository.hold_fund(tx)
    stands = await queries.position(tx, tx.today, but=of_call)
    require_free(wanted.amount, stands.available)
    await repository.add(tx, FundLineKind.COMMITTED, wanted)


async def pay(tx: Tx, source: FundSource, amount: Decimal, paid_on: date, bank_reference: str | None) -> Outflow:
    """Note what was paid of what is committed to a source; return where it stands. Raises FundCommitmentShort.

    Where no bank had a part in it, nothing is its reference.
    """
    outflow = await _held(tx, source)
    require_left(amount, outflow)
    moved = replace(await repository.committed(tx, source), amount=amount)
    await repository.add(tx, FundLineKind.PAID, moved, happened_on=paid_on, bank_reference=bank_reference)
    return replace(outflow, paid=outflow.paid + amount)


async def release(tx: Tx, source: FundSource, amount: Decimal, reason: str) -> Outflow:
    """Free again what will not be paid to a source; return where it stands. Raises FundCommitmentShort."""
    outflow = await _held(tx, source)
    require_left(amount, outflow)
    moved = replace(await repository.committed(tx, source), amount=amount)
    await repository.add(tx, FundLineKind.RELEASED, moved, reason=reason)
    return replace(outflow, released=outflow.released + amount)


async def take_back(
    tx: Tx, source: FundSource, amount: Decimal, *, returned_on: date, bank_reference: str | None, reason: str
) -> UUID:
    """Note that money that was paid to a source was given back: it is free again; return the id of the movement.

    Raises FundCommitmentShort.
    """
    require_spent(amount, await _held(tx, source))
    moved = replace(await repository.committed(tx, source), amount=amount)
    return await repository.add(
        tx, FundLineKind.RETURNED, moved, happened_on=returned_on, bank_reference=bank_reference, reason=reason
    )


async def _held(tx: Tx, source: FundSource) -> Outflow:
    await repository.hold_fund(tx)
    return (await repository.outflows(tx, source.kind, [source.id]))[source.id]
