"""What membership listens to for the support of structures: what the committee of fg2i asks for."""

from common.contracts.fg2i import SupportRequested
from common.subscriptions import on
from membership.support_requests.use_cases import hear_request

SUBSCRIPTIONS = (on(SupportRequested, hear_request),)
