"""Clock door of simulations: every member under both grids, hundreds a step."""

from uuid import UUID

from common.jobs import JobKind, JobRun, ReceiptLine
from common.money import format_euros
from common.transaction import Tx
from dues.members.queries import count_members, cursor_after, members_after, place_of
from dues.simulations import repository, use_cases
from dues.simulations.domain import Compared
from dues.simulations.use_cases import SIMULATE

_SLICE = 1_000
"""Members a step: the whole federation in one, at one instant; past it, a step that is stopped is not much lost."""


async def simulate(tx: Tx, job: JobRun) -> bool:
    """Simulate the next members by name; after the last, sum up and print."""
    if job.subject_id is None:
        raise ValueError("a simulation job is about a simulation")
    row = await repository.get(tx, job.subject_id, for_update=True)
    if job.total is None:
        job.total = await count_members(tx)
    members = await members_after(tx, place_of(job.cursor), _SLICE)
    if not members:
        await use_cases.finish(tx, row, job.files)
        return True
    compared = await use_cases.simulate_slice(tx, row, members)
    job.receipt += [_receipt(rank, line) for rank, line in enumerate(compared, start=job.done + 1)]
    job.counts.update(line.outcome.value for line in compared)
    job.cursor = cursor_after(members[-1])
    job.done += len(members)
    return False


async def release(tx: Tx, simulation_id: UUID | None) -> None:
    """Let go of a simulation whose job failed or was stopped."""
    if simulation_id is not None:
        await use_cases.stop(tx, await repository.get(tx, simulation_id, for_update=True))


def _receipt(rank: int, line: Compared) -> ReceiptLine:
    before, after = line.reference.total, line.draft.total
    if before is None or after is None:
        blockers = line.draft.blockers or line.reference.blockers
        message = f"{line.member.name} : {' '.join(one.message for one in blockers)}"
        return ReceiptLine(rank, line.outcome.value, code=blockers[0].code, message=message, subject_id=line.member.id)
    message = f"{line.member.name} : {format_euros(before)}, puis {format_euros(after)}"
    return ReceiptLine(rank, line.outcome.value, message=message, subject_id=line.member.id)


JOBS = (JobKind(SIMULATE, simulate, release),)
