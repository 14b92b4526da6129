"""Leaving of one's own accord: a resignation with its notice, or the end of the structure itself."""

from dataclasses import dataclass
from datetime import date

from common.dated import months_after
from common.errors import Conflict, Invalid
from membership.members.domain import DepartureCause


class NoticeTooShort(Conflict):
    """A resignation takes effect at the end of its notice, unless the federation waives it."""

    code = "notice_too_short"


class ReceivedInFuture(Invalid):
    """A letter was received today or before."""

    code = "received_in_future"


class LeavesBeforeLetter(Invalid):
    """A resignation takes no effect before the federation had it."""

    code = "leaves_before_letter"


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """How long a member that resigns stays one. Dated data, with source and status."""

    since: date
    months: int
    status: str
    source: str


def notice_ends(received_on: date, rule: NoticeRule) -> date:
    """Return the day from which a member that resigned is no longer one: so many months after its letter.

    >>> notice_ends(date(2026, 11, 30), NoticeRule(date(2026, 1, 1), 3, "assumed", ""))
    datetime.date(2027, 2, 28)
    """
    return months_after(received_on, rule.months)


def leaving_day(
    cause: DepartureCause,
    *,
    received_on: date,
    asked: date | None,
    waived: bool,
    rule: NoticeRule,
    today: date,
) -> date:
    """Return the first day on which a structure is no longer a member.

    By default it is the end of the notice, or where the structure ceases to be, the day that was told. An earlier day
    needs the federation's waiver: in law a member may leave at any time (loi du 1er juillet 1901, art. 4). Waived
    without another day, the notice is none at all.

    Raises ReceivedInFuture, LeavesBeforeLetter, NoticeTooShort.
    """
    if received_on > today:
        raise ReceivedInFuture(f"Un courrier ne peut être reçu le {received_on:%d/%m/%Y} : ce jour n'est pas venu.")
    if cause is not DepartureCause.RESIGNED:
        return asked or received_on
    if asked is not None and asked < received_on:
        raise LeavesBeforeLetter(f"Le courrier est reçu le {received_on:%d/%m/%Y} : elle ne peut sortir avant.")
    ends_on = received_on if waived else notice_ends(received_on, rule)
    if asked is not None and asked < ends_on:
        raise NoticeTooShort(
            f"Le préavis court jusqu'au {ends_on:%d/%m/%Y} : une sortie le {asked:%d/%m/%Y} demande d'y renoncer.",
            extra={"notice_ends_on": ends_on.isoformat(), "rule_status": rule.status},
        )
    return asked or ends_on
