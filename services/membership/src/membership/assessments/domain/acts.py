"""What can be done with an assessment where it stands, and why not the rest; what was done, by whom and why."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from common.errors import Refusal, obstacle
from common.labels import Labelled
from membership.assessments.domain.assessment import (
    SelfAssessment,
    require_closed,
    require_followed,
    require_gathered,
    require_gathering,
    require_open,
    require_settling,
    require_submittable,
)
from membership.assessments.domain.review import Review, require_none_open
from membership.assessments.domain.sheet import GroupRule
from membership.banks.domain import Bank


class AssessmentAct(Labelled):
    """What is written down of an assessment: the acts that nobody does by halves."""

    OPEN = "open", "ouverte"
    END_GATHERING = "end_gathering", "collecte finie"
    SUBMIT = "submit", "remise"
    ABANDON = "abandon", "abandonnée"
    CLOSE = "close", "close"
    REOPEN = "reopen", "rouverte"
    OPEN_REVIEW = "open_review", "relecture commencée"
    PROPOSE_PEER = "propose_peer", "structure paire proposée"
    INVITE_PEER = "invite_peer", "structure paire invitée"
    GIVE_REVIEW = "give_review", "relecture rendue"
    WITHDRAW_REVIEW = "withdraw_review", "relecture retirée"
    INVITE = "invite", "personne invitée par un lien"
    REVOKE_INVITATION = "revoke_invitation", "invitation retirée"
    FORGET_INVITED = "forget_invited", "nom d'une personne invitée effacé"


@dataclass(frozen=True, slots=True)
class Done:
    """One act, with who did it."""

    at: datetime
    by: str
    act: AssessmentAct
    reason: str | None


_RULES: Mapping[str, Callable[[SelfAssessment], None]] = {
    "open_sheet": require_gathering,
    "answer": require_settling,
    "abandon": require_open,
    "add_action": require_followed,
    "invite_peer": require_followed,
    "invite_to_review": require_followed,
    "invite_to_answer": require_gathering,
    "reopen": require_closed,
}


def refusals(
    assessment: SelfAssessment, bank: Bank, today: date, *, given: int, rule: GroupRule, reviews: Collection[Review]
) -> dict[str, Refusal | None]:
    """Return what a structure can do with its assessment: each act with what refuses it, or None.

    ``given`` is how many people gave their answers to the group.
    """
    found = {act: obstacle(partial(law, assessment)) for act, law in _RULES.items()}
    return {
        **found,
        "end_gathering": obstacle(partial(require_gathered, assessment, given, rule.given_minimum)),
        "submit": obstacle(partial(require_submittable, assessment, bank)),
        "close": obstacle(partial(require_closable, assessment, reviews, today)),
    }


def require_closable(assessment: SelfAssessment, reviews: Collection[Review], today: date) -> None:
    """Let an assessment be closed that is followed, and that nobody is reviewing.

    Raises AssessmentNotSubmitted, ReviewsOpen.
    """
    require_followed(assessment)
    require_none_open(reviews, today)


def is_followed(assessment: SelfAssessment) -> bool:
    """Tell whether an assessment is submitted and not closed."""
    return obstacle(partial(require_followed, assessment)) is None
