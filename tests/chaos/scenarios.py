"""What happens in more than one test."""

from uuid import uuid4

from sqlalchemy import text

from chaos.bank.accounts import Movement, move
from chaos.bank.contracts import account_moved
from chaos.trial import Trial
from common.testing.awaiting import eventually
from common.transaction import Actor


async def an_early_transaction_locks_late(trial: Trial) -> None:
    """It has its place among transactions before it has the account; an unrelated writer stays open meanwhile."""
    account, moved, writer = uuid4(), account_moved(trial.stage.run), Actor("writer")
    await trial.witness.fetch("accounts", "CREATE TABLE elsewhere (n integer)")
    touch = text("INSERT INTO elsewhere VALUES (1)")
    async with trial.database("accounts") as database, database.transaction(writer) as unrelated:
        async with database.transaction(writer) as early:
            await early.session.execute(touch)
            await unrelated.session.execute(touch)
            await trial.load.send(1, [account])
            movement = Movement(token=trial.load.note(2, [account]), accounts=[account], amount=2)
            await move(early, movement, moved)
        sent = "SELECT 1 FROM event_archive WHERE aggregate_id = $1"
        await eventually(lambda: trial.witness.fetch("accounts", sent, account))
