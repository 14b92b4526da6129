"""Where a member stands with the dues of a year: a pure reading of what its calls say on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day

_NOTHING = Decimal("0.00")


class StandingCode(Labelled):
    """Where a member stands with the dues of a year."""

    UP_TO_DATE = "up_to_date", "à jour"
    GRACE = "grace", "échéance passée, délai en cours"
    OVERDUE = "overdue", "en retard"
    PLAN = "plan", "échéancier en cours"
    EXEMPT = "exempt", "exemptée"


@dataclass(frozen=True, slots=True)
class GraceRule:
    """How many days after it was due what is owed is not yet called late."""

    since: date
    days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class YearCall:
    """What is owed of one call of a year, in euros, and when; where a plan spreads it, on its next instalment's day."""

    owed: Decimal
    due_on: date
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands. ``due_on`` is when the first of what it owes is due, or was: a call, or an instalment.

    ``until`` is the last day on which it so stands, absent where no day changes it, only an act.
    """

    code: StandingCode
    owed: Decimal = _NOTHING
    due_on: date | None = None
    until: date | None = None


def standing_of(calls: Iterable[YearCall], rule: GraceRule, today: date, *, exempt: bool = False) -> Standing:
    """Return where a member stands with a year of which these calls stand. An instalment that is late is late."""
    owing = [call for call in calls if call.owed]
    if exempt:
        return Standing(StandingCode.EXEMPT)
    if not owing:
        return Standing(StandingCode.UP_TO_DATE)
    owed, due_on = sum((call.owed for call in owing), _NOTHING), min(call.due_on for call in owing)
    if today <= due_on:
        spread = any(call.spread for call in owing)
        return Standing(StandingCode.PLAN if spread else StandingCode.UP_TO_DATE, owed, due_on, due_on)
    patient_until = due_on + timedelta(days=rule.days)
    if today <= patient_until:
        return Standing(StandingCode.GRACE, owed, due_on, patient_until)
    return Standing(StandingCode.OVERDUE, owed, due_on)


def explain(standing: Standing) -> str:
    """Say why a member so stands, for the person who asks."""
    owed = format_euros(standing.owed)
    match standing.code:
        case StandingCode.EXEMPT:
            return "Exemptée par décision nationale : rien n'est dû de cette année."
        case StandingCode.PLAN:
            return f"{owed} restent dus, qu'un échéancier répartit ; prochaine échéance le {_day(standing.due_on)}."
        case StandingCode.UP_TO_DATE if standing.due_on is None:
            return "Tout ce qui a été appelé est réglé ou annulé."
        case StandingCode.UP_TO_DATE:
            return f"{owed} restent dus, à régler d'ici au {_day(standing.due_on)}."
        case StandingCode.GRACE:
            until = f"délai jusqu'au {_day(standing.until)}"
            return f"{owed} restent dus, en retard depuis le {_day(standing.due_on)} ; {until}."
        case StandingCode.OVERDUE:
            return f"{owed} restent dus, en retard depuis le {_day(standing.due_on)}, délai passé."


def _day(day: date | None) -> str:
    return write_day(day) if day else ""
