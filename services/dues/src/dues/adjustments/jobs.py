"""Clock door of adjustments: settling a campaign's differences, a few members a step."""

from uuid import UUID

from common.jobs import JobKind, JobRun
from common.transaction import Tx
from dues.adjustments.use_cases import SETTLE, settle
from dues.campaigns.use_cases import hold_campaign
from dues.invoices.queries import called_in

_SLICE = 50


async def settle_slice(tx: Tx, run: JobRun) -> bool:
    """Settle the next members of a campaign, or those chosen."""
    if run.subject_id is None:
        raise ValueError("settling is about a campaign")
    campaign = await hold_campaign(tx, run.subject_id)
    called = await called_in(tx, campaign.id, run.after, _SLICE)
    chosen = {UUID(one) for one in run.arguments["members"]}
    wanted = {one: calls for one, calls in called.items() if not chosen or one in chosen}
    lines = await settle(tx, campaign, wanted, after=run.done)
    run.receipt += lines
    run.counts.update(line.outcome for line in lines)
    run.done += len(lines)
    if called:
        run.cursor["after"] = str(max(called))
    return len(called) < _SLICE


JOBS = (JobKind(SETTLE, settle_slice),)
