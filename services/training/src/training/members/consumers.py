"""What training listens to: the members and their changes, and where each stands with its dues."""

from common.contracts.dues import DuesStandingChanged
from common.contracts.membership import MemberState
from common.subscriptions import follow, on
from training.members.tables import MemberCopy
from training.members.use_cases import hear_standing

SUBSCRIPTIONS = (follow(MemberState, into=MemberCopy), on(DuesStandingChanged, hear_standing))
