"""Seal the ledgers, each day."""

from common.transaction import Tx
from training.attendance import domain, repository


async def seal_day(tx: Tx) -> int:
    """Bind the ledgers that have new lines into the chain of seals; return how many. None: no seal."""
    heads = await repository.unsealed(tx)
    if heads:
        number, previous = await repository.last_seal(tx)
        await repository.add_seal(tx, domain.seal(number, previous, heads, tx.now))
    return len(heads)
