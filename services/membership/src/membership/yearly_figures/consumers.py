"""What membership listens to for the key figures: the last state of what the other services did, one copy each.

Read again from any point, in any number of repeats, the copies come out the same: the sequence keeps the last state.
"""

from common.contracts.fg2i import GuaranteeState
from common.contracts.legal_desk import LegalQuestionState
from common.contracts.ptce import DeliveryState, PoleState
from common.contracts.training import EnrolmentState
from common.subscriptions import follow
from membership.yearly_figures.tables import DeliveryCopy, EnrolmentCopy, GuaranteeCopy, LegalQuestionCopy, PoleCopy

SUBSCRIPTIONS = (
    follow(EnrolmentState, into=EnrolmentCopy),
    follow(LegalQuestionState, into=LegalQuestionCopy),
    follow(PoleState, into=PoleCopy),
    follow(DeliveryState, into=DeliveryCopy),
    follow(GuaranteeState, into=GuaranteeCopy),
)
