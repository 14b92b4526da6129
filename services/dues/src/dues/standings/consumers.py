"""What standings listen to: the facts of our own calls, from the bus: no act on a call waits for them."""

from common.contracts.dues import DuesCredited, DuesInvoiced, DuesPaid, DuesUnpaid
from common.subscriptions import on
from dues.standings.use_cases import hear

SUBSCRIPTIONS = tuple(on(fact, hear) for fact in (DuesInvoiced, DuesPaid, DuesUnpaid, DuesCredited))
