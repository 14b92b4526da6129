"""When a mandate lapses: a rule of the scheme, as dated data."""

from dataclasses import dataclass
from datetime import date, timedelta

from common.dated import months_after


@dataclass(frozen=True, slots=True)
class LapseRule:
    """After how many months without a collection a mandate lapses, and how many days before it is warned of."""

    since: date
    months: int
    warned_days: int
    status: str
    source: str

    def last_day(self, signed_on: date, last_presented_on: date | None) -> date:
        """Return the last day on which a mandate allows a collection: each one presented gives it as long again."""
        return months_after(last_presented_on or signed_on, self.months)

    def warned_until(self, today: date) -> date:
        """Return the last day of what is soon: whatever lapses until then is listed today."""
        return today + timedelta(days=self.warned_days)
