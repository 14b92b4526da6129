"""Clock door of the agenda: each day, hearing every source again, and forgetting what has long served no more."""

from collections.abc import Awaitable, Callable

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from membership.agenda import use_cases

Source = Callable[[Tx], Awaitable[None]]


async def forget_feeds(tx: Tx, run: JobRun) -> bool:
    """Drop the addresses that expired or were revoked long enough ago."""
    run.counts["dropped"] = await use_cases.forget_feeds(tx)
    return True


def telling_again(*sources: Source) -> JobKind:
    """Return the job of every day in which each source, of a later capability, tells again what its dates are.

    Said again, nothing changes. But what a process of before the agenda wrote while it was being filled was never said.
    """

    async def tell_again(tx: Tx, run: JobRun) -> bool:
        told = run.counts.get("sources", 0)
        await sources[told](tx)
        run.counts["sources"] = told + 1
        return told + 1 == len(sources)

    return JobKind("agenda.tell_again", tell_again, daily=True)


JOBS = (JobKind("agenda.forget_feeds", forget_feeds, daily=True),)
