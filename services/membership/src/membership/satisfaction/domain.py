"""What a structure thought of an accompaniment: asked once, changeable for a while, named for a year at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.secrecy import hidden_parts
from common.wording import write_day
from membership.bookings.domain import Question, SurveyRule

_TENTH = Decimal("0.1")


class SatisfactionNotFound(NotFound):
    """The structure has not answered, or its answer is no longer named."""

    code = "satisfaction_not_found"


class SatisfactionFixed(Conflict):
    """The time to change an answer has passed."""

    code = "satisfaction_fixed"


class NotQuotable(Conflict):
    """Only an agreement that was given is taken back."""

    code = "not_quotable"


class RatingsIncomplete(Invalid):
    """Each question is answered once, and no other."""

    code = "ratings_incomplete"


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One answer. ``booking_id`` says whose it is until it is made anonymous."""

    id: UUID
    booking_id: UUID | None
    offer_id: UUID
    kind: str
    delegation: str | None
    year: int
    ratings: Mapping[str, int]
    comment: str | None
    quotable: bool
    answered_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers of one group: how many, and per question their sum and how many rated it."""

    answers: int
    sums: Mapping[str, int]
    counts: Mapping[str, int]

    @property
    def averages(self) -> dict[str, Decimal]:
        """The average of each question, to a tenth, half up."""
        return {
            code: (Decimal(total) / self.counts[code]).quantize(_TENTH, ROUND_HALF_UP)
            for code, total in self.sums.items()
        }


def together(tallies: Sequence[Tally]) -> Tally:
    """Return the tally of several groups as one."""
    codes = sorted({code for tally in tallies for code in tally.sums})
    return Tally(
        answers=sum(tally.answers for tally in tallies),
        sums={code: sum(tally.sums.get(code, 0) for tally in tallies) for code in codes},
        counts={code: sum(tally.counts.get(code, 0) for tally in tallies) for code in codes},
    )


def require_complete(ratings: Mapping[str, int], questions: Sequence[Question]) -> None:
    """Require an answer to each question. Raises RatingsIncomplete."""
    asked = {question.code for question in questions}
    if ratings.keys() != asked:
        odd = ", ".join(sorted(asked ^ ratings.keys()))
        raise RatingsIncomplete(f"Chaque question a une note, et aucune autre. À revoir : {odd}.")


def require_changeable(answered_on: date, rule: SurveyRule, today: date) -> None:
    """Let an answer change for some days. Raises SatisfactionFixed."""
    last = answered_on + timedelta(days=rule.changeable_days)
    if today > last:
        raise SatisfactionFixed(f"Votre réponse se changeait jusqu'au {write_day(last)}.")


def change(given: Satisfaction, ratings: Mapping[str, int], comment: str | None, *, quotable: bool) -> Satisfaction:
    """Give another answer in the place of the first; the days to change it count from the first."""
    return replace(given, ratings=ratings, comment=comment, quotable=quotable, version=given.version + 1)


def require_quotable(given: Satisfaction) -> None:
    """Let only an agreement that was given be taken back. Raises NotQuotable."""
    if not given.quotable:
        raise NotQuotable("Votre commentaire n'est pas à citer : il n'y a rien à retirer.")


def withdraw_quote(given: Satisfaction) -> Satisfaction:
    """Take back the agreement to be quoted, at any time while it has a name. Raises NotQuotable."""
    require_quotable(given)
    return replace(given, quotable=False, version=given.version + 1)


Place = tuple[str, str | None, UUID | None]
"""A kind in all, (kind, None, None); in a delegation, (kind, delegation, None); an offer there."""


def shown(counts: Mapping[str, Mapping[str, Mapping[UUID, int]]], minimum: int) -> frozenset[Place]:
    """Return the places whose averages may be shown.

    ``counts``: answers by kind, delegation and offer. The three form a tree in which each whole is published with its
    parts, so a part is hidden that a subtraction would give; under a hidden part everything is hidden.

    >>> one, two = UUID(int=1), UUID(int=2)
    >>> sorted(key[:2] for key in shown({"coodiag": {"occitanie": {one: 6}, "bretagne": {two: 3}}}, 5))
    [('coodiag', None)]
    """
    visible: set[Place] = set()
    for kind, delegations in counts.items():
        parts = {code: sum(offers.values()) for code, offers in delegations.items()}
        if sum(parts.values()) < minimum:
            continue
        visible.add((kind, None, None))
        for code in parts.keys() - hidden_parts(parts, minimum):
            visible.add((kind, code, None))
            offers = delegations[code]
            visible |= {(kind, code, one) for one in offers.keys() - hidden_parts(offers, minimum)}
    return frozenset(visible)
