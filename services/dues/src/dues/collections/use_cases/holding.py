"""How an act takes up a run and its lines: held as they were read, and given back."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from common.errors import Blocker
from common.etags import check_version
from common.rights import Grant
from common.transaction import Tx
from dues.collections import queries, repository
from dues.collections.domain import CollectionAct, CollectionLineState, CollectionState
from dues.collections.tables import LineRow, RunRow

_GIVEN_UP = {CollectionState.ANNOUNCING: CollectionState.PREPARED, CollectionState.SETTLING: CollectionState.PRESENTED}


async def held(tx: Tx, run_id: UUID, if_match: str | None) -> RunRow:
    """Hold a run as it was read. Raises CollectionNotFound, PreconditionMissing, PreconditionFailed."""
    row = await repository.get(tx, run_id, for_update=True)
    await check_version(if_match, row.version, partial(queries.find_run, tx, run_id))
    return row


async def held_line(tx: Tx, grant: Grant, line_id: UUID, if_match: str | None) -> tuple[RunRow, LineRow]:
    """Hold a line as it was read, its run first.

    Raises CollectionLineNotFound, PreconditionMissing, PreconditionFailed.
    """
    row, line = await repository.hold_line(tx, line_id)
    await check_version(if_match, line.version, partial(queries.find_line, tx, grant, line_id))
    return row, line


async def leave_out(tx: Tx, blockers: Mapping[UUID, Blocker]) -> None:
    """Take lines out of their run, each with its reason."""
    await repository.save_lines(
        tx,
        {
            line_id: {
                "state": CollectionLineState.WITHDRAWN.value,
                "withdrawn_code": blocker.code,
                "withdrawn_why": blocker.message,
            }
            for line_id, blocker in blockers.items()
        },
    )


async def interrupt(tx: Tx, row: RunRow) -> None:
    """Give a run back after a job that failed or was stopped: what was done stays, the rest can be asked for again."""
    await repository.move(tx, row, _GIVEN_UP[CollectionState(row.state)], CollectionAct.INTERRUPTED)
