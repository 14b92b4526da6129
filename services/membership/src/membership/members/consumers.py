"""What membership listens to for its register: the calls for dues, for the standing it shows."""

from common.contracts.dues import InvoiceState
from common.subscriptions import follow
from membership.members.tables import DuesCall

SUBSCRIPTIONS = (follow(InvoiceState, into=DuesCall),)
