"""Run the seats of a session: count them, choose the order of its waiting list."""

from functools import partial
from uuid import UUID

from common.etags import check_version
from common.transaction import Tx
from training.enrolments.domain import Policy, SeatEventKind, choose
from training.enrolments.queries.seats import find_seats
from training.enrolments.queries.sessions import open_session
from training.enrolments.use_cases.book import opened, opened_first, shut


async def open_seats(tx: Tx, session_id: UUID) -> None:
    """Have the seats of a session counted, before anybody asks. Raises SessionNotFound, SessionNotOpen."""
    await shut(await opened_first(tx, await open_session(tx, session_id)))


async def choose_policy(tx: Tx, session_id: UUID, if_match: str | None, policy: Policy) -> None:
    """Say who is next from now on; what is free goes accordingly at once.

    Raises PoolNotFound, PoolClosed, SessionNotFound, SessionNotOpen.
    """
    book = await opened(tx, session_id)
    await check_version(if_match, book.pool.version, partial(find_seats, tx, session_id))
    book.pool = choose(book.pool, policy)
    book.write(SeatEventKind.POLICY, policy=policy)
    await shut(book)
