"""What standings listen to: our own facts of calls and plans, from the bus: no act waits for them."""

from common.contracts import dues
from common.subscriptions import on
from dues.standings.use_cases import hear, hear_plan

_CALLS = [fact for fact in dues.FACTS if issubclass(fact, dues.InvoiceFact)]
_PLANS = [fact for fact in dues.FACTS if issubclass(fact, dues.PlanFact)]
SUBSCRIPTIONS = (*(on(fact, hear) for fact in _CALLS), *(on(fact, hear_plan) for fact in _PLANS))
