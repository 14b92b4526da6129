"""The figures of the agenda that the federation may set otherwise."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class AgendaRule:
    """How long an address serves, in days: one of a structure, one of whoever sees more than a structure."""

    since: date
    feed_days: int
    staff_feed_days: int
    status: str
    source: str
