"""What membership listens to for its register: the calls for dues and the standings, which it shows and votes by."""

from common.contracts.dues import InvoiceState, StandingState
from common.subscriptions import follow
from membership.members.tables import DuesCall, DuesStanding

SUBSCRIPTIONS = (follow(InvoiceState, into=DuesCall), follow(StandingState, into=DuesStanding))
