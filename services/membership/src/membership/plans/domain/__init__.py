"""The rules of what follows from a submitted assessment: the plan, and the progress from one year to the next."""

from membership.plans.domain.plan import (
    ActionNotFound,
    ActionOrigin,
    ActionState,
    Change,
    NothingLeft,
    PlanAction,
    Proposal,
    QuestionPlanned,
    QuestionUnknown,
    ReasonNeeded,
    amend,
    build,
    is_late,
    left_over,
    proposals,
    require_left,
)
from membership.plans.domain.progress import Comparison, Progress, compare

__all__ = [
    "ActionNotFound",
    "ActionOrigin",
    "ActionState",
    "Change",
    "Comparison",
    "NothingLeft",
    "PlanAction",
    "Progress",
    "Proposal",
    "QuestionPlanned",
    "QuestionUnknown",
    "ReasonNeeded",
    "amend",
    "build",
    "compare",
    "is_late",
    "left_over",
    "proposals",
    "require_left",
]
