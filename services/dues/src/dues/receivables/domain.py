"""What members owe by its age, and a member's account: what was asked of it, what came of it, and what is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from common.errors import Conflict, Invalid
from common.labels import Labelled
from common.wording import write_day

NOTHING = Decimal("0.00")


class AsOfInFuture(Invalid):
    """Nobody knows yet what will be owed on that day."""

    code = "as_of_in_future"


class AccountDaysReversed(Invalid):
    """An account is read from a day to a later one."""

    code = "account_days_reversed"


class AgedBalanceTooLong(Conflict):
    """More members than a paper is for: filters make it shorter, a spreadsheet takes them all."""

    code = "aged_balance_too_long"


class LineKind(Labelled):
    """What a line of an account tells."""

    PAST_YEAR = "past_year", "reprise d'une année passée"
    CALL = "call", "appel"
    CREDIT = "credit", "avoir"
    PAYMENT = "payment", "règlement"
    TAKEN_BACK = "taken_back", "règlement repris"
    RETURN = "return", "impayé"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Some days past due: from ``least`` to ``most``, either of which may have no end."""

    code: str
    label: str
    least: int | None
    most: int | None

    def holds(self, days: int) -> bool:
        """Tell whether what is so many days past due is in it."""
        return (self.least is None or days >= self.least) and (self.most is None or days <= self.most)


NOT_DUE = Bucket("not_due", "non échu", None, 0)


@dataclass(frozen=True, slots=True)
class AgeingRule:
    """Where the buckets end, in days past due; how sure that is, and where it comes from."""

    since: date
    last_days: list[int]
    status: str
    source: str

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """What is not due yet, then each bucket, the last one without an end."""
        firsts = [1, *(day + 1 for day in self.last_days)]
        between = zip(firsts, self.last_days, strict=False)
        return (
            NOT_DUE,
            *(Bucket(f"{least}_{most}", f"{least} à {most} jours", least, most) for least, most in between),
            Bucket(f"over_{self.last_days[-1]}", f"plus de {self.last_days[-1]} jours", firsts[-1], None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Something that changed what a member owes, on the day of its act: more where positive, less where negative.

    ``rank`` orders those of one day; ``money_on`` is the day of the money where it is another.
    """

    day: date
    kind: LineKind
    rank: str
    piece: str
    label: str
    amount: Decimal
    invoice_id: UUID | None = None
    due_on: date | None = None
    money_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A movement, and what was owed after it."""

    movement: Movement
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """What was owed before the first day, and each movement from it on."""

    opening: Decimal
    lines: tuple[AccountLine, ...]

    @property
    def balance(self) -> Decimal:
        """What is owed at the end."""
        return self.lines[-1].balance if self.lines else self.opening


@dataclass(frozen=True, slots=True)
class AgedDebt:
    """What is owed on how many calls, by bucket."""

    calls: int
    amounts: Mapping[str, Decimal]

    @property
    def owed(self) -> Decimal:
        """What is owed in all."""
        return sum(self.amounts.values(), NOTHING)

    @property
    def overdue(self) -> Decimal:
        """What of it is past due."""
        return self.owed - self.amounts[NOT_DUE.code]


def require_come(as_of: date, today: date) -> None:
    """Let only a day be read that has come. Raises AsOfInFuture."""
    if as_of > today:
        raise AsOfInFuture(f"Le {write_day(as_of)} n'est pas venu : ce qui sera dû ne se sait pas.")


def require_in_order(since: date | None, as_of: date) -> None:
    """Let an account be read from a day to a later one, or to itself. Raises AccountDaysReversed."""
    if since is not None and since > as_of:
        raise AccountDaysReversed(f"Un relevé va d'un jour à un jour suivant : le {write_day(since)} vient après.")


def require_printable(members: int, most: int) -> None:
    """Let only a paper be printed that somebody reads. Raises AgedBalanceTooLong."""
    if members > most:
        raise AgedBalanceTooLong(
            f"{members} adhérents dépassent les {most} d'un document : filtrez, ou exportez vers un tableur.",
            extra={"members": members, "most": most},
        )


def state_account(movements: Iterable[Movement], since: date | None) -> Statement:
    """Order the movements of a member and say what was owed after each, those before a first day in one sum.

    Of one day, what is asked for comes before what answers it.
    """
    order = list(LineKind)
    asked = {kind: min(order.index(kind), order.index(LineKind.PAYMENT)) for kind in order}
    ordered = sorted(movements, key=lambda one: (one.day, asked[one.kind], one.rank))
    before = [one for one in ordered if since is not None and one.day < since]
    opening = balance = sum((one.amount for one in before), NOTHING)
    lines = []
    for one in ordered[len(before) :]:
        balance += one.amount
        lines.append(AccountLine(one, balance))
    return Statement(opening, tuple(lines))


def age(movements: Iterable[Movement], buckets: Sequence[Bucket], as_of: date) -> AgedDebt:
    """Return what movements on calls leave owed, by how long it has been due."""
    owed: dict[UUID, Decimal] = {}
    due: dict[UUID, date] = {}
    for one in movements:
        if one.invoice_id is not None and one.due_on is not None:
            owed[one.invoice_id] = owed.get(one.invoice_id, NOTHING) + one.amount
            due[one.invoice_id] = one.due_on
    amounts = dict.fromkeys((bucket.code for bucket in buckets), NOTHING)
    for invoice_id, amount in owed.items():
        days = (as_of - due[invoice_id]).days
        amounts[next(bucket.code for bucket in buckets if bucket.holds(days))] += amount
    return AgedDebt(sum(map(bool, owed.values())), amounts)
