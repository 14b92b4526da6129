"""The figures of the agenda that the federation may set otherwise."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AgendaRule:
    """How long addresses serve and what calendars show, in days, dates and hours.

    ``staff_feed_days``: for whoever sees more than a structure does. ``feed_notice_days``: when its
    calendar begins to say that it ends. ``feed_kept_days``: an address that serves no more
    is still listed, and one that expired can be renewed. ``ask_again_hours``: what calendars are asked to
    wait between two readings.
    """

    since: date
    feed_days: int
    staff_feed_days: int
    feed_notice_days: int
    feed_kept_days: int
    feeds_each: int
    past_shown_days: int
    cancelled_shown_days: int
    most_in_a_calendar: int
    ask_again_hours: int
    status: str
    source: str
