"""Keeps what dues tells of a member's dues; the only writer of its table. The copy of the members is the consumer's."""

from sqlalchemy.dialects.postgresql import insert

from common.contracts.dues import DuesStandingChanged
from common.subscriptions import Event
from common.transaction import Tx
from training.members.tables import MemberStanding


async def keep_standing(tx: Tx, event: Event[DuesStandingChanged]) -> None:
    """Keep what a fact says, once."""
    state = event.fact.state
    statement = insert(MemberStanding).values(
        id=state.id,
        sequence=event.sequence,
        member_id=state.member_id,
        year=state.year,
        standing=state.standing,
        since=state.since,
        until=state.until,
        told_at=event.occurred_at,
    )
    await tx.session.execute(statement.on_conflict_do_nothing())
