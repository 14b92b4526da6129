"""The levels of reminders, and what delays them: dated data, that nobody may guess."""

from dataclasses import dataclass
from datetime import date, timedelta

from common.labels import Labelled
from common.sourced import DatumStatus
from common.workdays import FRANCE


class DayKind(Labelled):
    """Which days a delay counts."""

    CALENDAR = "calendar", "jours calendaires"
    BUSINESS = "business", "jours ouvrés, du lundi au vendredi hors jours fériés"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level: when it comes, whether the region calls first, and what its letter says."""

    rank: int
    label: str
    after_days: int
    after_level_days: int
    region_first: bool
    registered: bool
    subject: str
    text: tuple[str, ...]
    follows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRule:
    """The levels in their order, how long a region has to call, and how long a hold or a promise lasts at most."""

    since: date
    region_days: int
    region_days_are: DayKind
    longest_hold_days: int
    longest_promise_days: int
    status: DatumStatus
    source: str
    note: str
    levels: tuple[Level, ...]

    def late_by(self, today: date) -> date:
        """Return the last due date of the calls that the first level is for today."""
        return today - timedelta(days=self.levels[0].after_days)

    def after(self, rank: int) -> Level | None:
        """Return the level that follows one, 0 being none; None after the last."""
        return next((level for level in self.levels if level.rank > rank), None)

    def call_by(self, since: date) -> date:
        """Return the last day that a region has to call about what is to be reminded since a day."""
        return days_after(since, self.region_days, self.region_days_are)


def days_after(day: date, days: int, kind: DayKind) -> date:
    """Return the day so many days later; business days are Monday to Friday, without the public holidays of France.

    >>> days_after(date(2026, 7, 9), 5, DayKind.BUSINESS)  # from a Thursday, over the 14th of July
    datetime.date(2026, 7, 17)
    >>> days_after(date(2026, 7, 9), 5, DayKind.CALENDAR)
    datetime.date(2026, 7, 14)
    """
    return day + timedelta(days=days) if kind is DayKind.CALENDAR else FRANCE.after(day, days)
