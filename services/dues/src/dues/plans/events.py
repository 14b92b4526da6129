"""The facts of an instalment plan as the other services receive them."""

from common.contracts.dues import DuesPlanAgreed, DuesPlanAmended, DuesPlanEnded, PlanState
from dues.plans.domain import Plan


def agreed(plan: Plan) -> DuesPlanAgreed:
    """What a member owes is paid in instalments."""
    return DuesPlanAgreed(state=_state(plan))


def amended(plan: Plan) -> DuesPlanAmended:
    """What is left of a plan is shared out anew."""
    return DuesPlanAmended(state=_state(plan))


def ended(plan: Plan) -> DuesPlanEnded:
    """A plan was not kept, or is ended for another reason: its calls are owed as any other."""
    return DuesPlanEnded(state=_state(plan))


def _state(plan: Plan) -> PlanState:
    return PlanState(
        id=plan.id,
        reference=plan.reference,
        member_id=plan.member_id,
        status=plan.ending.state.value if plan.ending else "running",
        invoice_ids=tuple(call.invoice_id for call in plan.schedule.calls),
        total=plan.schedule.total,
        last_due_on=plan.schedule.parts[-1][1].day,
    )
