"""Who a delegation met in a year, of those it was to meet: « 51 sur 58 »."""

from dataclasses import dataclass
from datetime import date

from common.errors import Invalid
from common.labels import Labelled
from membership.members.domain import MemberStatus


class EncounterMeans(Labelled):
    """How a member was met."""

    INTERVIEW = "interview", "entretien"
    MEETING = "meeting", "rencontre départementale"


class YearNotBegun(Invalid):
    """Nobody was met yet in a year to come."""

    code = "year_not_begun"


@dataclass(frozen=True, slots=True)
class CoverageRule:
    """Who was to be met in a year. Dated data: the members of ``day``/``month`` of that year."""

    since: date
    month: int
    day: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many were to be met, and were, by each means and by both."""

    members: int = 0
    met: int = 0
    by_interview: int = 0
    by_meeting: int = 0
    by_both: int = 0

    @property
    def not_met(self) -> int:
        """How many are left to meet."""
        return self.members - self.met

    def __add__(self, other: "Coverage") -> "Coverage":
        """Return both together: no structure belongs to two delegations."""
        return Coverage(
            self.members + other.members,
            self.met + other.met,
            self.by_interview + other.by_interview,
            self.by_meeting + other.by_meeting,
            self.by_both + other.by_both,
        )


def counting_day(rule: CoverageRule, year: int, today: date) -> date:
    """Return the day whose members were to be met: the rule's day of that year, or today until it comes.

    Raises YearNotBegun.
    """
    if year > today.year:
        raise YearNotBegun(f"L'année {year} n'a pas commencé.")
    return min(date(year, rule.month, rule.day), today)


def is_to_meet(status: MemberStatus) -> bool:
    """Tell whether a structure that stands so on the counting day was to be met: a suspended member still is."""
    return status in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
