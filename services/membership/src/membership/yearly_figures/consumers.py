"""What membership listens to for the key figures: the last state of what the other services did, one copy each.

Those of enrolments also tell the agenda which structures are in a session, whichever of the two is told first.
Read again from any point, in any number of repeats, the copies come out the same: the sequence keeps the last state.
"""

from common.contracts import training
from common.contracts.fg2i import GuaranteeState
from common.contracts.legal_desk import LegalQuestionState
from common.contracts.ptce import DeliveryState, PoleState
from common.contracts.training import EnrolmentFact, EnrolmentState, SessionFact
from common.subscriptions import Subscription, follow, on
from membership.yearly_figures.tables import DeliveryCopy, EnrolmentCopy, GuaranteeCopy, LegalQuestionCopy, PoleCopy
from membership.yearly_figures.use_cases import tell_enrolled, tell_session

SUBSCRIPTIONS: tuple[Subscription, ...] = (
    follow(EnrolmentState, into=EnrolmentCopy),
    follow(LegalQuestionState, into=LegalQuestionCopy),
    follow(PoleState, into=PoleCopy),
    follow(DeliveryState, into=DeliveryCopy),
    follow(GuaranteeState, into=GuaranteeCopy),
    *(on(fact, tell_enrolled) for fact in training.FACTS if issubclass(fact, EnrolmentFact)),
    *(on(fact, tell_session) for fact in training.FACTS if issubclass(fact, SessionFact)),
)
