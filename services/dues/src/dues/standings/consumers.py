"""What standings listen to: our own facts of calls, plans and reliefs, so that no act waits; and members that merge."""

from common.contracts import dues
from common.contracts.membership import MemberMerged, MemberUnmerged
from common.subscriptions import on
from dues.standings.use_cases import hear, hear_merger, hear_unmerger

_OURS = [fact for fact in dues.FACTS if issubclass(fact, dues.InvoiceFact | dues.PlanFact | dues.ReliefFact)]
SUBSCRIPTIONS = (
    *(on(fact, hear) for fact in _OURS),
    on(MemberMerged, hear_merger),
    on(MemberUnmerged, hear_unmerger),
)
