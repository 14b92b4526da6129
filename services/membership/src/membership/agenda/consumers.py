"""What membership listens to for the agenda: the gatherings of the other services."""

from common.contracts import legal_desk, ptce, training
from common.contracts.gatherings import GatheringFact
from common.subscriptions import on
from membership.agenda.use_cases import hear

_GATHERINGS = [fact for fact in (*training.FACTS, *legal_desk.FACTS, *ptce.FACTS) if issubclass(fact, GatheringFact)]
SUBSCRIPTIONS = tuple(on(fact, hear) for fact in _GATHERINGS)
