"""What training does with what it hears of the members."""

from common.contracts.dues import DuesStandingChanged
from common.subscriptions import Event
from common.transaction import Tx
from training.members import repository


async def hear_standing(tx: Tx, event: Event[DuesStandingChanged]) -> None:
    """Keep what dues told, beside all that it told before: a price is explained as of a day."""
    await repository.keep_standing(tx, event)
