"""The days of a renewal, the rules they come from, and what may be told of which day."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from common.dated import months_after
from common.errors import Conflict, Forbidden, NotFound
from common.wording import write_day
from membership.notices.domain import About, NoticePurpose, require_past


class RenewalNotFound(NotFound):
    """No such renewal."""

    code = "renewal_not_found"


class RenewalTooEarly(Conflict):
    """The renewal of a year is opened in the year before."""

    code = "renewal_too_early"


class RenewalExists(Conflict):
    """A year has one renewal."""

    code = "renewal_exists"


class NoticeWindowClosed(Conflict):
    """A notice sent too early or too late proves nothing."""

    code = "notice_window_closed"


class OptOutTooLate(Conflict):
    """From 1 January on, a member that wants to leave resigns."""

    code = "opt_out_too_late"


class SaidAnotherDay(Forbidden):
    """A structure speaks for today; what it said another day, the federation records."""

    code = "said_another_day"


@dataclass(frozen=True, slots=True)
class RenewalRule:
    """When members are told, in months before 31 December. Dated data, with source and status."""

    since: date
    earliest_months: int
    latest_months: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """The renewal of all memberships for a year, with its days as they were fixed when it was opened."""

    id: UUID
    year: int
    notice_from: date
    notice_until: date
    rule_status: str
    rule_source: str

    @property
    def about(self) -> About:
        """What notices of it are about."""
        return About(NoticePurpose.RENEWAL, str(self.id))

    @property
    def renews_on(self) -> date:
        """The day from which memberships go on for another year."""
        return date(self.year, 1, 1)

    @property
    def opt_out_until(self) -> date:
        """The last day on which a member may refuse, which is the last of its membership then."""
        return self.renews_on - timedelta(days=1)

    def covers(self, day: date) -> bool:
        """Tell whether a notice sent on a day proves that a member was told in time."""
        return self.notice_from <= day <= self.notice_until


def require_year(year: int, today: date) -> None:
    """Let a renewal be opened from the year before on; late, for a year begun, exceptions make it. Raises
    RenewalTooEarly.
    """
    if year > today.year + 1:
        raise RenewalTooEarly(f"Le renouvellement {year} s'ouvre à partir du 1er janvier {year - 1}.")


def open_renewal(renewal_id: UUID, year: int, rule: RenewalRule) -> Renewal:
    """Return the renewal of a year, with the days that a rule gives.

    >>> rule = RenewalRule(date(2000, 1, 1), 3, 1, "assumed", "")
    >>> renewal = open_renewal(UUID(int=1), 2027, rule)
    >>> renewal.notice_from, renewal.notice_until, renewal.opt_out_until
    (datetime.date(2026, 9, 30), datetime.date(2026, 11, 30), datetime.date(2026, 12, 31))
    """
    eve = date(year - 1, 12, 31)
    return Renewal(
        id=renewal_id,
        year=year,
        notice_from=months_after(eve, -rule.earliest_months),
        notice_until=months_after(eve, -rule.latest_months),
        rule_status=rule.status,
        rule_source=rule.source,
    )


def require_open_window(renewal: Renewal, day: date) -> None:
    """Let only a notice be sent on a day on which it proves something. Raises NoticeWindowClosed."""
    if not renewal.covers(day):
        raise NoticeWindowClosed(
            f"Les adhérentes sont informées du {write_day(renewal.notice_from)} au {write_day(renewal.notice_until)} : "
            "un envoi d'un autre jour ne prouve rien. Celle qui n'a pu l'être demande une exception.",
            extra={"notice_from": renewal.notice_from.isoformat(), "notice_until": renewal.notice_until.isoformat()},
        )


def require_in_time(renewal: Renewal, said_on: date, today: date) -> None:
    """Let a structure refuse until 31 December; said by then, it may be heard of later.

    Raises DayNotCome, OptOutTooLate.
    """
    require_past(said_on, today)
    if said_on > renewal.opt_out_until:
        raise OptOutTooLate(
            f"Le renouvellement {renewal.year} se refuse jusqu'au {write_day(renewal.opt_out_until)} : "
            "depuis, une démission, avec son préavis, est possible.",
            extra={"opt_out_until": renewal.opt_out_until.isoformat()},
        )


def said_on(asked: date | None, today: date, *, by_itself: bool) -> date:
    """Return the day on which a refusal was said: today, or another one that the federation knows.

    Raises SaidAnotherDay.
    """
    if by_itself and asked not in (None, today):
        raise SaidAnotherDay("Un refus dit un autre jour est enregistré par la fédération.")
    return asked or today
