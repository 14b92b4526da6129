"""The mutual fund's own accounts: what came in, what is committed, what was paid, and what is free of it.

What comes in is the fund's part of the dues that were paid, taken back with them. What goes out is committed first,
then paid or released. Whoever commits names a source, and pays or releases what is committed to that source alone.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from common.labels import Labelled
from common.money import format_euros
from dues.fund.domain.refusals import FundCommitmentShort, FundShort

NOTHING = Decimal("0.00")


class FundLineKind(Labelled):
    """What a line of the statement is."""

    RECEIVED = "received", "part de cotisation"
    TAKEN_BACK = "taken_back", "part de cotisation reprise"
    COMMITTED = "committed", "engagement"
    PAID = "paid", "versement"
    RELEASED = "released", "engagement libéré"
    RETURNED = "returned", "versement rendu"


class FundSourceKind(Labelled):
    """Where a line of the statement comes from."""

    DUES = "dues", "cotisations"
    AWARD = "award", "projet régional"
    RELIEF = "relief", "remise de solidarité"


@dataclass(frozen=True, slots=True)
class FundSource:
    """For what money of the fund is committed: an award, or what another capability grants on it."""

    kind: FundSourceKind
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """Money of the fund to commit. ``piece`` is what its source is called by, ``label`` what it is for."""

    source: FundSource
    amount: Decimal
    piece: str
    label: str
    delegation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """What became of one source's commitment: each sum as it was noted, all of them positive."""

    committed: Decimal = NOTHING
    paid: Decimal = NOTHING
    released: Decimal = NOTHING
    returned: Decimal = NOTHING

    @property
    def left(self) -> Decimal:
        """What is committed and neither paid nor released."""
        return self.committed - self.paid - self.released

    @property
    def spent(self) -> Decimal:
        """What was paid and not given back."""
        return self.paid - self.returned


@dataclass(frozen=True, slots=True, kw_only=True)
class FundPosition:
    """Where the fund stands at the end of a day. ``reserved`` is what calls that wait for their decision may award."""

    received: Decimal = NOTHING
    taken_back: Decimal = NOTHING
    outflow: Outflow = Outflow()
    reserved: Decimal = NOTHING

    @property
    def income(self) -> Decimal:
        """What came in and stayed."""
        return self.received + self.taken_back

    @property
    def free(self) -> Decimal:
        """What came in, less what was paid and what is committed."""
        return self.income - self.outflow.spent - self.outflow.left

    @property
    def available(self) -> Decimal:
        """What is free and promised to no call: what can be newly opened, or committed to something else."""
        return self.free - self.reserved


def require_free(amount: Decimal, available: Decimal) -> None:
    """Let the fund promise only what it has. Raises FundShort."""
    if amount > available:
        raise FundShort(
            f"Le fonds a {format_euros(max(available, NOTHING))} de disponible, appels en cours déduits : "
            f"{format_euros(amount)} ne s'y engagent pas.",
            extra={"available": str(available)},
        )


def require_left(amount: Decimal, outflow: Outflow) -> None:
    """Let only what is still committed be paid or released. Raises FundCommitmentShort."""
    if amount > outflow.left:
        raise FundCommitmentShort(
            f"{format_euros(outflow.left)} restent engagés, et non {format_euros(amount)}.",
            extra={"left": str(outflow.left)},
        )


def require_spent(amount: Decimal, outflow: Outflow) -> None:
    """Let no more be given back than was paid. Raises FundCommitmentShort."""
    if amount > outflow.spent:
        raise FundCommitmentShort(
            f"{format_euros(outflow.spent)} ont été versés, et non {format_euros(amount)}.",
            extra={"left": str(outflow.spent)},
        )
