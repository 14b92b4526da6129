"""Clock door of collections: telling the members of a run, and receiving its money, some lines a step."""

from uuid import UUID

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.collections import repository, use_cases
from dues.collections.domain import CollectionLineState
from dues.collections.tables import RunRow
from dues.collections.use_cases import ANNOUNCE, SETTLE

_PRINTED = 20
_RECEIVED = 20
"""Lines a step: for that long the numbers of new receipts are held."""


async def announce(tx: Tx, job: JobRun) -> bool:
    """Print and store the next notices. A step that is repeated on its day stores the same bytes at the same place."""
    run = await _run(tx, job.subject_id)
    lines = await use_cases.announce_slice(tx, run, job.files, job.done, _PRINTED)
    if finished := job.advance(lines, _PRINTED):
        await use_cases.end_announcing(tx, run)
    return finished


async def settle(tx: Tx, job: JobRun) -> bool:
    """Receive the money of the next lines, by rank."""
    run = await _run(tx, job.subject_id)
    lines = await repository.lines_after(
        tx, run.id, CollectionLineState.PRESENTED, job.cursor.get("rank", 0), _RECEIVED
    )
    finished = job.advance(await use_cases.settle_slice(tx, run, lines, job.done), _RECEIVED)
    if lines:
        job.cursor["rank"] = lines[-1].rank
    if finished:
        await use_cases.end_settling(tx, run)
    return finished


async def release(tx: Tx, run_id: UUID | None) -> None:
    """Give a run back whose job failed or was stopped."""
    await use_cases.interrupt(tx, await _run(tx, run_id))


async def _run(tx: Tx, run_id: UUID | None) -> RunRow:
    if run_id is None:
        raise ValueError("such a job is about a run of collections")
    return await repository.get(tx, run_id, for_update=True)


JOBS = (JobKind(ANNOUNCE, announce, release), JobKind(SETTLE, settle, release))
