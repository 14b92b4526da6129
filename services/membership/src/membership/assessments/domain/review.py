"""A review of a submitted assessment, by a third party or by another structure. It stands beside the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from common.errors import Conflict, Forbidden, NotFound
from common.labels import Labelled
from membership.assessments.domain.assessment import require_fit
from membership.banks.domain import Bank, Choice


class ReviewKind(Labelled):
    """Who reviews."""

    THIRD_PARTY = "third_party", "tierce partie"
    PEER = "peer", "structure paire"


class ReviewState(Labelled):
    """Where a review stands."""

    OPEN = "open", "en cours"
    GIVEN = "given", "rendue"
    WITHDRAWN = "withdrawn", "retirée"


class ReviewNotFound(NotFound):
    """No such review within reach."""

    code = "review_not_found"


class ReviewExists(Conflict):
    """One reviews an assessment once."""

    code = "review_exists"


class ReviewClosed(Conflict):
    """A review that was given, or taken back, does not change."""

    code = "review_closed"


class ConclusionNeeded(Conflict):
    """A review is given with its conclusion."""

    code = "conclusion_needed"


class OwnAssessment(Forbidden):
    """Nobody reviews the structure that is theirs."""

    code = "own_assessment"


class PeerUnfit(Conflict):
    """A peer is another structure, and a member."""

    code = "peer_unfit"


@dataclass(frozen=True, slots=True)
class Remark(Choice):
    """What the reviewer thinks of an answer: their own level, or none, and why."""

    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One review. ``author`` is the network, a delegation or a structure: never a person."""

    id: UUID
    assessment_id: UUID
    kind: ReviewKind
    author: str
    opened_on: date
    peer_id: UUID | None = None
    state: ReviewState = ReviewState.OPEN
    remarks: Mapping[str, Remark] = field(default_factory=dict)
    conclusion: str | None = None
    given_on: date | None = None
    reason: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Reviewer:
    """In whose name somebody can review: as a third party (``network``, ``delegation:…``), or a structure's."""

    third_party: str | None
    member_id: UUID | None

    def writes(self, review: Review) -> bool:
        """Whether a review is theirs."""
        return review.author in (self.third_party, peer(self.member_id) if self.member_id else None)

    def may_withdraw(self, review: Review, assessed: UUID) -> bool:
        """Whether they may take a review back: their own, and the invitation that their structure made."""
        return self.writes(review) or (review.kind is ReviewKind.PEER and assessed == self.member_id)


def peer(member_id: UUID) -> str:
    """Return in whose name a structure reviews."""
    return f"member:{member_id}"


def require_another(member_id: UUID, own: UUID | None) -> None:
    """Let only somebody review to whom the structure does not belong. Raises OwnAssessment."""
    if member_id == own:
        raise OwnAssessment("Cette auto-évaluation est celle de votre structure : d'autres la relisent.")


def write(review: Review, bank: Bank, remarks: Mapping[str, Remark], conclusion: str | None) -> Review:
    """Write some remarks, and the conclusion when there is one. Raises ReviewClosed, AnswersUnfit."""
    require_open_review(review)
    require_fit(bank, remarks)
    return replace(
        review,
        remarks={**review.remarks, **remarks},
        conclusion=conclusion if conclusion is not None else review.conclusion,
        version=review.version + 1,
    )


def give_review(review: Review, today: date) -> Review:
    """Give a review to the structure. Raises ReviewClosed, ConclusionNeeded."""
    require_open_review(review)
    if not review.conclusion:
        raise ConclusionNeeded("Écrivez une conclusion avant de rendre la relecture.")
    return replace(review, state=ReviewState.GIVEN, given_on=today, version=review.version + 1)


def withdraw(review: Review, reason: str) -> Review:
    """Take back a review that was not given, or the invitation to make one. Raises ReviewClosed."""
    require_open_review(review)
    return replace(review, state=ReviewState.WITHDRAWN, reason=reason, version=review.version + 1)


def require_open_review(review: Review) -> None:
    """Let only a review through that is being written. Raises ReviewClosed."""
    if review.state is not ReviewState.OPEN:
        raise ReviewClosed(f"Cette relecture est {review.state.label}.")
