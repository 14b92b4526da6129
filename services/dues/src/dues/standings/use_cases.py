"""Looking again at where members stand: after an act on their calls, and when a day has passed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from common.contracts.dues import InvoiceFact, PlanFact, ReliefFact
from common.contracts.membership import MemberMerged, MemberUnmerged
from common.dated import rule_on
from common.jobs import ReceiptLine
from common.subscriptions import Event
from common.transaction import Tx
from dues.invoices.queries import standing_calls
from dues.members.queries import members_behind
from dues.plans.queries import running_plans_of
from dues.reliefs.queries import exempt_years
from dues.standings import events, repository
from dues.standings.domain import YearCall, standing_of
from dues.standings.queries import grace_rules
from dues.standings.repository import MemberYear


async def hear(tx: Tx, event: Event[InvoiceFact | PlanFact | ReliefFact]) -> None:
    """Look again at where the member of a call, a plan or a relief stands, once for all that is heard of together."""
    tx.at_end(_look_again, [event.fact.state.member_id])


async def hear_merger(tx: Tx, event: Event[MemberMerged]) -> None:
    """Look again at where a structure stands that what was called under another record is now of."""
    tx.at_end(_look_again, [event.fact.into_id])


async def hear_unmerger(tx: Tx, event: Event[MemberUnmerged]) -> None:
    """Look again at where two structures stand that were taken for one."""
    fact = event.fact
    tx.at_end(_look_again, [fact.state.id, *([fact.from_id] if fact.from_id else [])])


async def look_again_slice(tx: Tx, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Look again at the next members for whom a day has passed; tell each."""
    member_ids = await repository.changing(tx, tx.today, after, limit)
    told = await refresh(tx, member_ids)
    return [
        ReceiptLine(row, "changed" if member_id in told else "unchanged", subject_id=member_id)
        for row, member_id in enumerate(member_ids, start=done + 1)
    ]


async def refresh(tx: Tx, member_ids: Collection[UUID]) -> set[UUID]:
    """Keep where some members stand now with each year they were called for, and tell what changed; return whose did.

    Who looks at the same member waits: the last to look sees the last act. Raises RuleMissing.
    """
    rule = rule_on(grace_rules(), tx.today)
    wanted: set[MemberYear] = {(call.member_id, call.year) for call in await standing_calls(tx, member_ids)}
    rows = await repository.hold(tx, member_ids, wanted)
    calls = await standing_calls(tx, member_ids)
    exempt = await exempt_years(tx, calls)
    plans = await running_plans_of(tx, [call.id for call in calls if call.owed])
    by_year: defaultdict[MemberYear, list[YearCall]] = defaultdict(list)
    for call in calls:
        plan = plans.get(call.id)
        due_on = plan.next_on if plan else call.due_on
        by_year[call.member_id, call.year].append(YearCall(call.owed, due_on, spread=plan is not None))
    told = set()
    for row in rows:
        of_year, before, until = (row.member_id, row.year), row.code, row.until
        standing = standing_of(by_year[of_year], rule, tx.today, exempt=of_year in exempt)
        repository.save(row, standing, tx.today)
        if (row.code, row.until) != (before, until):
            tx.publish(events.changed(row, before), reason=standing.code.label)
            told.add(row.member_id)
    return told


async def _look_again(tx: Tx, records: Sequence[UUID]) -> None:
    members = await members_behind(tx, set(records))
    await refresh(tx, {member.id for member in members.values()})
