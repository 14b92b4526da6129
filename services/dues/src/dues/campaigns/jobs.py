"""Clock door of campaigns: a run, hundreds of members a step."""

from uuid import UUID

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.campaigns import repository, use_cases
from dues.campaigns.domain import Blocked
from dues.campaigns.use_cases import RUN, RunSlice
from dues.members.domain import KnownMember
from dues.members.queries import count_members, cursor_after, members_after, place_of

_STEPS = 10
_FEWEST, _MOST = 100, 5_000
"""Members a step: a run that is stopped loses the work of one step, and holds the series of numbers no longer."""


async def run(tx: Tx, job: JobRun) -> bool:
    """Call the next members by name, in one transaction."""
    campaign = await repository.get(tx, _campaign_id(job), for_update=True)
    if job.total is None:
        job.total = await count_members(tx)
    members = await members_after(tx, place_of(job.cursor), min(max(job.total // _STEPS, _FEWEST), _MOST))
    if not members:
        await use_cases.end_run(tx, campaign)
        return True
    done = await use_cases.run_slice(tx, campaign, members)
    for rank, member in enumerate(members, start=job.done + 1):
        line = _receipt(rank, member, done)
        job.receipt.append(line)
        job.counts[line.outcome] += 1
    job.cursor = cursor_after(members[-1])
    job.done += len(members)
    return False


async def release(tx: Tx, campaign_id: UUID | None) -> None:
    """Give a campaign back after a run that failed or was stopped."""
    if campaign_id is not None:
        await use_cases.end_run(tx, await repository.get(tx, campaign_id, for_update=True))


def _receipt(rank: int, member: KnownMember, done: RunSlice) -> ReceiptLine:
    """Say of every member what became of it: nobody is passed over in silence."""
    number = done.numbers.get(member.id)
    if number is None:
        return _blocked(rank, done.blocked[member.id])
    return ReceiptLine(rank, "invoiced", message=member.name, subject_id=member.id, reference=number)


def _blocked(rank: int, line: Blocked) -> ReceiptLine:
    codes = [blocker.code for blocker in line.blockers]
    outcome = "already_billed" if codes == ["already_billed"] else "blocked"
    message = f"{line.member.name} : {' '.join(blocker.message for blocker in line.blockers)}"
    return ReceiptLine(rank, outcome, code=codes[0], message=message, subject_id=line.member.id)


def _campaign_id(job: JobRun) -> UUID:
    if job.subject_id is None:
        raise ValueError("a run is about a campaign")
    return job.subject_id


JOBS = (JobKind(RUN, run, release),)
