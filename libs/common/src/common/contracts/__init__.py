"""Every fact that crosses the bus, one module per producer. The only place where the mechanism knows the federation."""

from common.contracts import dues, fg2i, legal_desk, membership, platform, ptce, training
from common.events import facts_by_name

_PRODUCERS = (membership, dues, training, legal_desk, ptce, fg2i, platform)
BY_NAME = facts_by_name(fact for producer in _PRODUCERS for fact in producer.FACTS)
TOPICS = tuple(sorted({fact.topic for fact in BY_NAME.values()}))
