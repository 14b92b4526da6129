"""Until when an offered seat is held: working days, fewer when the session is near."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from common.workdays import FRANCE

_LEGAL_ZONE: Final = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRule:
    """How long an offer holds, in working days; ``near_days`` before the session, and closer, the shorter time."""

    since: date
    working_days: int
    near_days: int
    near_working_days: int
    status: str
    source: str


def expires_at(offered_on: date, first_starts_at: datetime, rule: OfferRule) -> datetime:
    """Return the end of the last day to answer; never later than the beginning of the session."""
    near = (first_starts_at.astimezone(_LEGAL_ZONE).date() - offered_on).days <= rule.near_days
    last_day = FRANCE.after(offered_on, rule.near_working_days if near else rule.working_days)
    midnight = datetime.combine(last_day + timedelta(1), time(), tzinfo=_LEGAL_ZONE)
    return min(midnight, first_starts_at)
