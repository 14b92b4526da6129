"""What standings listen to: our own facts of calls, plans and reliefs, so that no act waits; and members that merge."""

from common.contracts import dues
from common.contracts.membership import MemberMerged, MemberUnmerged
from common.subscriptions import on
from dues.standings.use_cases import hear, hear_merger, hear_plan, hear_relief, hear_unmerger

_CALLS = [fact for fact in dues.FACTS if issubclass(fact, dues.InvoiceFact)]
_PLANS = [fact for fact in dues.FACTS if issubclass(fact, dues.PlanFact)]
_RELIEFS = [fact for fact in dues.FACTS if issubclass(fact, dues.ReliefFact)]
SUBSCRIPTIONS = (
    *(on(fact, hear) for fact in _CALLS),
    *(on(fact, hear_plan) for fact in _PLANS),
    *(on(fact, hear_relief) for fact in _RELIEFS),
    on(MemberMerged, hear_merger),
    on(MemberUnmerged, hear_unmerger),
)
