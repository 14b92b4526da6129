"""Who is expected to declare, how many answered, and what a delegation did to hear from the others."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from uuid import UUID

from common.errors import Invalid, NotFound, Refusal, obstacle
from common.labels import Labelled
from membership.declarations.domain import DeclarationState, require_exempt, require_not_exempt
from membership.members.domain import MemberStatus

UNANSWERED = (DeclarationState.NOT_STARTED, DeclarationState.DRAFT)
"""Where those stand who have to answer and did not."""


class ContactMeans(Labelled):
    """How a delegation reached a structure."""

    CALL = "call", "appel"
    MAIL = "mail", "courriel ou courrier"
    VISIT = "visit", "visite"


class NoteInFuture(Invalid):
    """What was done to reach a structure was done today or before."""

    code = "note_in_future"


class NotFollowed(NotFound):
    """Nobody expects this structure's declaration for that year, and it has made none."""

    code = "not_followed"


@dataclass(frozen=True, slots=True)
class ExpectationRule:
    """Who is expected to declare a year's accounts. Dated data, with source and status.

    Members on ``day``/``month`` of the year of accounts and, with ``joiners``, those that joined since: the dues that
    follow are called on the same accounts.
    """

    since: date
    month: int
    day: int
    joiners: bool
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Note:
    """One time a delegation reached a structure, or tried to."""

    id: UUID
    means: ContactMeans
    text: str
    made_on: date
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many structures are expected, and where they stand; ``late`` are among those that answered."""

    expected: int = 0
    exempt: int = 0
    answered: int = 0
    draft: int = 0
    not_started: int = 0
    late: int = 0

    @property
    def rate(self) -> Decimal | None:
        """Per cent that answered of those who have to; None where nobody has to."""
        asked = self.expected - self.exempt
        return (Decimal(100 * self.answered) / asked).quantize(Decimal("0.1"), ROUND_HALF_UP) if asked else None


def acts(year: int, state: DeclarationState, *, expected: bool, exempt: bool) -> dict[str, Refusal | None]:
    """Return what is done about a structure that is followed, each act with what stands in its way."""
    answered = Refusal("Cette structure a répondu, ou n'est plus attendue.", code="answered")
    return {
        "note": None,
        "remind": None if expected and state in UNANSWERED else answered,
        "exempt": obstacle(partial(require_not_exempt, year, exempt=exempt)),
        "withdraw_exemption": obstacle(partial(require_exempt, year, exempt=exempt)),
    }


def joined_by(rule: ExpectationRule, year: int) -> date | None:
    """Return the last day on which one that is expected joined; None where any day does."""
    return None if rule.joiners else date(year, rule.month, rule.day)


def is_expected(status: MemberStatus, joined_on: date | None, rule: ExpectationRule, year: int) -> bool:
    """Tell whether a structure as it stands is expected to declare a year's accounts.

    One that left is not: nobody is there to be called, and no dues follow. A suspended member still is.
    """
    last = joined_by(rule, year)
    belongs = status in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
    return belongs and joined_on is not None and (last is None or joined_on <= last)


def require_made(made_on: date, today: date) -> None:
    """Let only a contact be noted that has taken place. Raises NoteInFuture."""
    if made_on > today:
        raise NoteInFuture(f"Un contact du {made_on:%d/%m/%Y} n'a pas encore eu lieu.")
