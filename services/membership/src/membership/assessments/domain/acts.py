"""What can be done with an assessment where it stands, and why not the rest."""

from collections.abc import Callable, Mapping
from functools import partial

from common.errors import Refusal
from membership.assessments.domain.assessment import (
    SelfAssessment,
    require_followed,
    require_gathering,
    require_open,
    require_settling,
    require_submittable,
)
from membership.banks.domain import Bank

_RULES: Mapping[str, Callable[[SelfAssessment], None]] = {
    "open_sheet": require_gathering,
    "end_gathering": require_gathering,
    "answer": require_settling,
    "abandon": require_open,
    "add_action": require_followed,
    "invite_peer": require_followed,
    "close": require_followed,
}


def refusals(assessment: SelfAssessment, bank: Bank) -> dict[str, Refusal | None]:
    """Return what a structure can do with its assessment: each act with what refuses it, or None."""
    found = {act: refusal(partial(rule, assessment)) for act, rule in _RULES.items()}
    return {**found, "submit": refusal(partial(require_submittable, assessment, bank))}


def is_followed(assessment: SelfAssessment) -> bool:
    """Tell whether an assessment is submitted and not closed."""
    return refusal(partial(require_followed, assessment)) is None


def refusal(rule: Callable[[], None]) -> Refusal | None:
    """Return what a rule refuses with; None when it lets through."""
    try:
        rule()
    except Refusal as found:
        return found
    return None
