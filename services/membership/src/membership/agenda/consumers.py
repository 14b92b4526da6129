"""What membership listens to for the agenda: the gatherings of the other services, and deadlines of structures."""

from common.contracts import dues, fg2i, legal_desk, ptce, training
from common.contracts.gatherings import GatheringFact
from common.subscriptions import on
from membership.agenda.use_cases import hear, hear_call, hear_guarantee

_GATHERINGS = [fact for fact in (*training.FACTS, *legal_desk.FACTS, *ptce.FACTS) if issubclass(fact, GatheringFact)]
_CALLS = [fact for fact in dues.FACTS if issubclass(fact, dues.InvoiceFact)]
_GUARANTEES = [fact for fact in fg2i.FACTS if issubclass(fact, fg2i.GuaranteeFact)]
SUBSCRIPTIONS = (
    *(on(fact, hear) for fact in _GATHERINGS),
    *(on(fact, hear_call) for fact in _CALLS),
    *(on(fact, hear_guarantee) for fact in _GUARANTEES),
)
