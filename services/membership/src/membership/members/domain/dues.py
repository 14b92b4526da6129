"""What the service dues told of a structure's dues: its calls, and where it stands with each year.

Dues decides it; here it is read, in its own words. One that we do not know is shown as it came.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.wording import write_day

NOT_DUE = ("credited", "voided")
"""Where a call for dues stands that is not to be paid any more."""
_SETTLED = ("paid", *NOT_DUE)
_NOTHING = Decimal("0.00")


class StandingCode(Labelled):
    """Where a structure stands with the dues of a year: what dues tells, and the two cases in which it told nothing."""

    UP_TO_DATE = "up_to_date", "à jour"
    GRACE = "grace", "échéance passée, délai en cours"
    OVERDUE = "overdue", "en retard"
    PLAN = "plan", "échéancier en cours"
    EXEMPT = "exempt", "exemptée"
    NOT_CALLED = "not_called", "non appelée"
    UNKNOWN = "unknown", "appelée, paiement non connu"


@dataclass(frozen=True, slots=True)
class Call:
    """A call for dues, in euros. ``member_id`` is the structure it is of now; ``status`` is the word of dues."""

    id: UUID
    member_id: UUID
    year: int
    number: str
    status: str
    total: Decimal
    issued_on: date
    due_on: date
    paid: Decimal = _NOTHING
    credited: Decimal = _NOTHING

    @property
    def called(self) -> Decimal:
        """What it asks for, credit notes deducted."""
        return _NOTHING if self.status in NOT_DUE else self.total - self.credited

    @property
    def owed(self) -> Decimal:
        """What is still to be paid of it."""
        return _NOTHING if self.status in _SETTLED else self.total - self.paid - self.credited


@dataclass(frozen=True, slots=True)
class ToldStanding:
    """Where a structure stands, as dues told. ``until``: the last day on which it so stands, if only days pass."""

    code: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class YearOfDues:
    """What is known of a structure's dues of a year; ``told`` is absent as long as dues did not say where it stands."""

    year: int
    calls: tuple[Call, ...] = ()
    told: ToldStanding | None = None

    @property
    def called(self) -> Decimal:
        """What the calls of the year ask for."""
        return sum((call.called for call in self.calls), _NOTHING)

    @property
    def paid(self) -> Decimal:
        """What was paid of them."""
        return sum((call.paid for call in self.calls), _NOTHING)

    @property
    def owed(self) -> Decimal:
        """What is still to be paid of them."""
        return sum((call.owed for call in self.calls), _NOTHING)

    @property
    def code(self) -> str:
        """Where the structure stands."""
        if self.told:
            return self.told.code
        return StandingCode.UNKNOWN if self.calls else StandingCode.NOT_CALLED

    @property
    def until(self) -> date | None:
        """The last day on which it so stands, if it owes anything: what is settled ends on no day."""
        return self.told.until if self.told and self.owed else None

    @property
    def label(self) -> str:
        """Say where the structure stands, with the day until which it has time."""
        if self.code == StandingCode.GRACE and self.until:
            return f"délai jusqu'au {write_day(self.until)}"
        return StandingCode(self.code).label if self.code in set(StandingCode) else self.code
