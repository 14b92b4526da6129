"""Every fact that crosses the bus, one module per producer. The only place where the mechanism knows the federation."""

from common.contracts import dues, fg2i, membership, platform
from common.events import facts_by_name

BY_NAME = facts_by_name((*membership.FACTS, *dues.FACTS, *fg2i.FACTS, *platform.FACTS))
TOPICS = tuple(sorted({fact.topic for fact in BY_NAME.values()}))
