"""Whom a reminder of the yearly declaration goes to, and who is left alone for now."""

from dataclasses import dataclass
from datetime import date, timedelta

from common.errors import Conflict
from common.labels import Labelled
from membership.notices.domain import Reach


class NobodyToRemind(Conflict):
    """All of them answered, were reminded lately, or have no e-mail address."""

    code = "nobody_to_remind"


class ReminderState(Labelled):
    """What a reminder asked for today does for one structure that did not answer."""

    TO_WRITE = "to_write", "à relancer"
    RECENT = "recent", "relancée il y a peu"
    UNREACHED = "unreached", "aucun courriel ne l'atteint"


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """After how many days a structure may be reminded again. Dated data, with source and status."""

    since: date
    days: int
    status: str
    source: str


def again_on(last: date, rule: ReminderRule) -> date:
    """Return the first day on which a structure may be reminded again."""
    return last + timedelta(days=rule.days)


def reminder_state(last: date | None, rule: ReminderRule, today: date, *, sending: bool, reach: Reach) -> ReminderState:
    """Return what a reminder does for a structure that was last reminded on a day; ``sending``: one is under way."""
    if sending or (last is not None and today < again_on(last, rule)):
        return ReminderState.RECENT
    return ReminderState.TO_WRITE if reach is Reach.MAIL else ReminderState.UNREACHED
