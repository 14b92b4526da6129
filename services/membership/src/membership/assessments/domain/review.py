"""A review of a submitted assessment, by a third party or by another structure. It stands beside the answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from common.errors import Conflict, Forbidden, NotFound
from common.labels import Labelled
from common.wording import write_day
from membership.assessments.domain.assessment import require_fit
from membership.banks.domain import Bank, Choice


class ReviewKind(Labelled):
    """Who reviews."""

    THIRD_PARTY = "third_party", "tierce partie"
    PEER = "peer", "structure paire"
    OUTSIDE = "outside", "personne invitée par la structure"


class ReviewState(Labelled):
    """Where a review stands."""

    PROPOSED = "proposed", "proposée à la structure"
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


class ReviewNotProposed(Conflict):
    """Only a peer that was proposed is accepted."""

    code = "review_not_proposed"


class ReviewsOpen(Conflict):
    """An assessment is not closed under the hands of who reviews it."""

    code = "reviews_open"


class PeerUnfit(Conflict):
    """A peer is another structure, and a member."""

    code = "peer_unfit"


@dataclass(frozen=True, slots=True)
class Remark(Choice):
    """What the reviewer thinks of an answer: their own level, or none, why, and what they would do."""

    comment: str | None = None
    action: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: written so, it takes back the remark that was there."""
        return self.level is None and not self.comment and not self.action


@dataclass(frozen=True, slots=True)
class Review:
    """One review. ``author`` is the network, a delegation, a structure, or the invitation of somebody outside.

    Of somebody outside, ``author_name`` is what the structure called them, until that is forgotten, and ``until`` the
    last day of their link.
    """

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
    author_name: str | None = None
    until: date | None = None

    @property
    def is_independent(self) -> bool:
        """Whether it has an author whom the network knows: whom a link was sent to, the structure alone says."""
        return self.kind is not ReviewKind.OUTSIDE

    def has_lapsed(self, today: date) -> bool:
        """Whether it was not given, and cannot be any more: the link that writes it has served its time."""
        return self.state is ReviewState.OPEN and self.until is not None and self.until < today


@dataclass(frozen=True, slots=True)
class Reviewer:
    """In whose name somebody can review one assessment: as a third party (``network``, ``delegation:…``), a
    structure's, or by an invitation. Nobody is a third party to the structure that is theirs, nor to one beyond their
    scope.
    """

    third_party: str | None
    member_id: UUID | None
    invitation: str | None = None

    def writes(self, review: Review) -> bool:
        """Whether a review is theirs."""
        return review.author in (self.third_party, peer(self.member_id) if self.member_id else None, self.invitation)

    def may_withdraw(self, review: Review, assessed: UUID) -> bool:
        """Whether they may take a review back.

        Their own; a peer's, if it is their structure that is assessed; as a third party, a proposal that was not
        answered, and the review of a third party that does not cover the structure any more, or that the network
        takes over. Of somebody outside, it is the invitation that is taken back.
        """
        if review.kind is ReviewKind.OUTSIDE:
            return False
        if assessed == self.member_id:
            return review.kind is ReviewKind.PEER
        if self.third_party is None or self.writes(review):
            return self.writes(review)
        if review.kind is ReviewKind.PEER:
            return review.state is ReviewState.PROPOSED
        return review.author != NETWORK


NETWORK: Final = "network"
"""In whose name the federation's network team reviews."""


def peer(member_id: UUID) -> str:
    """Return in whose name a structure reviews."""
    return f"member:{member_id}"


_INVITATION: Final = "invitation:"


def invited(invitation_id: UUID) -> str:
    """Return in whose name somebody answers or reviews who was sent a link."""
    return f"{_INVITATION}{invitation_id}"


def is_invited(author: str) -> bool:
    """Tell whether it is somebody who was sent a link."""
    return author.startswith(_INVITATION)


def require_another(member_id: UUID, own: UUID | None) -> None:
    """Let only somebody review to whom the structure does not belong. Raises OwnAssessment."""
    if member_id == own:
        raise OwnAssessment("Cette auto-évaluation est celle de votre structure : d'autres la relisent.")


def write(review: Review, bank: Bank, remarks: Mapping[str, Remark], conclusion: str | None) -> Review:
    """Write some remarks, and the conclusion when there is one; an empty remark takes one back.

    Raises ReviewClosed, AnswersUnfit.
    """
    require_open_review(review)
    require_fit(bank, remarks, under="/remarks")
    return replace(
        review,
        remarks={code: one for code, one in {**review.remarks, **remarks}.items() if not one.is_empty},
        conclusion=conclusion if conclusion is not None else review.conclusion,
        version=review.version + 1,
    )


def give_review(review: Review, today: date) -> Review:
    """Give a review to the structure. Raises ReviewClosed, ConclusionNeeded."""
    require_giveable_review(review)
    return replace(review, state=ReviewState.GIVEN, given_on=today, version=review.version + 1)


def withdraw(review: Review, reason: str) -> Review:
    """Take back a review that was not given, or the invitation, or the proposal, to make one. Raises ReviewClosed."""
    require_withdrawable_review(review)
    return _taken_back(review, reason)


def accept(review: Review) -> Review:
    """Invite the peer that was proposed. Raises ReviewNotProposed."""
    require_proposed(review)
    return replace(review, state=ReviewState.OPEN, version=review.version + 1)


def lapse(review: Review) -> Review:
    """Take back a review that has lapsed."""
    return _taken_back(review, "Le lien a fini de servir sans que la relecture soit rendue.")


def _taken_back(review: Review, reason: str) -> Review:
    return replace(review, state=ReviewState.WITHDRAWN, reason=reason, version=review.version + 1)


def require_none_open(reviews: Iterable[Review], today: date) -> None:
    """Let an assessment be closed that nobody can be reviewing, naming who is. Raises ReviewsOpen."""
    being_written = [one for one in reviews if one.state is ReviewState.OPEN and not one.has_lapsed(today)]
    if being_written:
        named = ", ".join(f"{one.kind.label}, depuis le {write_day(one.opened_on)}" for one in being_written)
        raise ReviewsOpen(f"Relecture en cours ({named}) : elle est d'abord rendue, ou retirée.")


def require_giveable_review(review: Review) -> None:
    """Let only a review be given that is being written, and concludes. Raises ReviewClosed, ConclusionNeeded."""
    require_open_review(review)
    if not review.conclusion:
        raise ConclusionNeeded("Écrivez une conclusion avant de rendre la relecture.")


def require_withdrawable_review(review: Review) -> None:
    """Let only a review be taken back that is proposed, or being written. Raises ReviewClosed."""
    if review.state is not ReviewState.PROPOSED:
        require_open_review(review)


def require_proposed(review: Review) -> None:
    """Let only a proposal be accepted. Raises ReviewNotProposed."""
    if review.state is not ReviewState.PROPOSED:
        raise ReviewNotProposed(f"Cette relecture n'attend pas d'accord : elle est {review.state.label}.")


def require_open_review(review: Review) -> None:
    """Let only a review through that is being written. Raises ReviewClosed."""
    if review.state is not ReviewState.OPEN:
        raise ReviewClosed(f"Cette relecture est {review.state.label}.")
