"""What dues listens to: the members and their changes."""

from common.contracts.membership import MemberState
from common.subscriptions import follow
from dues.members.tables import MemberCopy

SUBSCRIPTIONS = (follow(MemberState, into=MemberCopy),)
