"""What a campaign is closed on: its figures, and the equations that tie them, each side counted from another table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from common.labels import Labelled

NOTHING = Decimal("0.00")


class Section(Labelled):
    """What a figure of the closing is about."""

    MEMBERS = "members", "adhérents"
    REASONS = "reasons", "raisons de ne pas appeler"
    CALLS = "calls", "appels émis"
    SERIES = "series", "séries de numéros"
    CREDITS = "credits", "avoirs émis"
    RECEIPTS = "receipts", "argent mis sur les appels"
    ANNOUNCED = "announced", "parts annoncées par les appels en vigueur"
    SPLIT = "split", "parts de l'argent venu"
    TRANSFERS = "transfers", "reversé aux délégations, toutes années"
    OPEN_ITEMS = "open_items", "reste dû, par retard"

    @property
    def dated(self) -> bool:
        """Tell whether its figures are those of a day, known again on any later one.

        Whom the year concerns is known as members are now: their facts tell no past day.
        """
        return self not in (Section.MEMBERS, Section.REASONS)


class Unit(Labelled):
    """What both sides of an equation are."""

    EUROS = "euros", "euros"
    COUNT = "count", "nombre"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many, and how much in euros."""

    count: int = 0
    amount: Decimal = NOTHING

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a section. ``detail`` says in words what numbers do not."""

    section: Section
    code: str
    label: str
    count: int | None = None
    amount: Decimal | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One equation: what each side is, what it comes to, and what is between them."""

    code: str
    label: str
    left_label: str
    left: Decimal
    right_label: str
    right: Decimal
    unit: Unit = Unit.EUROS

    @property
    def difference(self) -> Decimal:
        """What the left side is above the right one."""
        return self.left - self.right

    @property
    def holds(self) -> bool:
        """Tell whether both sides are the same, to the cent."""
        return self.difference == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How many members are known, and what the year asks of them; of those called, whom the fund paid for whole."""

    known: int
    called: int
    exempt: int
    to_call: int
    blocked: int
    owing_nothing: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls issued by a day, those that were voided included; ``paid`` and ``credited`` as each call says it."""

    calls: Tally
    complements: Tally
    voided: Tally
    paid: Decimal
    credited: Decimal

    @property
    def issued(self) -> Tally:
        """All of them."""
        return self.calls + self.complements


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSeries:
    """The numbers of one journal and one year that were given out by a day.

    ``taken`` is how many its counter gave; ``holes`` are the missing ranks, from one to another; ``backwards`` counts
    the numbers dated before the one that precedes them.
    """

    journal: str
    year: int
    first: int
    last: int
    count: int
    taken: int
    holes: tuple[tuple[int, int], ...] = ()
    backwards: int = 0

    @property
    def code(self) -> str:
        """What people call it by."""
        return f"{self.journal}-{self.year}"

    @property
    def missing(self) -> int:
        """How many numbers nothing bears, before the last one."""
        return sum(high - low + 1 for low, high in self.holes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The credit notes issued by a day: by reason, and of all of them those that stand on voided calls."""

    by_reason: Mapping[str, Tally]
    on_voided: Decimal

    @property
    def all(self) -> Tally:
        """All of them."""
        return sum(self.by_reason.values(), Tally())


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The money put on the calls by a day, by method, and what was taken back: by hand, or as it came back unpaid.

    ``allocated`` is what its receipts say stands on calls, ``moved`` what their movements come to.
    """

    put: Mapping[str, Tally]
    taken_back: Tally
    came_back: Tally
    allocated: Decimal
    moved: Decimal

    @property
    def net(self) -> Decimal:
        """What is left on the calls."""
        put = sum((one.amount for one in self.put.values()), NOTHING)
        return put + self.taken_back.amount + self.came_back.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What each beneficiary was announced and had, by code; ``shared`` is what all calls issued announced."""

    announced: Mapping[str, Decimal]
    shared: Decimal
    received: Mapping[str, Decimal]
    kept: frozenset[str]
    """Codes whose part stays where it is: the books write nothing of it."""

    @property
    def owed_to_others(self) -> Decimal:
        """What of the money is due to others than the federation."""
        return sum((amount for code, amount in self.received.items() if code not in self.kept), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the accounts say: owed on the calls, income of them, due to others of their money, transferred."""

    owed: Decimal
    income: Decimal
    shared: Decimal
    transferred: Decimal


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is owed within some days past due."""

    code: str
    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """All that was counted of a campaign, at the end of a day."""

    people: People
    calls: Calls
    series: tuple[NumberSeries, ...]
    notes: Notes
    money: Money
    parts: Parts
    transferred: Mapping[str, Decimal]
    open_items: tuple[OpenItem, ...]
    open_calls: int
    books: Books

    @property
    def owed(self) -> Decimal:
        """What is owed in all."""
        return sum((one.amount for one in self.open_items), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The figures of a campaign at the end of a day, and the equations that tie them."""

    as_of: date
    figures: tuple[Figure, ...]
    ties: tuple[Tie, ...]

    @property
    def broken(self) -> tuple[Tie, ...]:
        """The equations that do not hold."""
        return tuple(tie for tie in self.ties if not tie.holds)


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is no longer what it was; None where there is none."""

    section: Section
    code: str
    label: str
    then: Figure | None
    now: Figure | None


def ties_of(counted: Counted) -> tuple[Tie, ...]:
    """Return every equation of a closing, those that hold and those that do not."""
    people, calls, notes, money = counted.people, counted.calls, counted.notes, counted.money
    books, parts, owed = counted.books, counted.parts, counted.owed
    issued = calls.issued.amount
    paid_and_left = money.net + notes.all.amount + owed
    received = sum(parts.received.values(), NOTHING)
    told = people.called + people.to_call + people.blocked + people.owing_nothing
    transferred = sum(counted.transferred.values(), NOTHING)
    return (
        _count("members", "Personne d'oublié", "Adhérents connus", people.known, "Appelés et non appelés", told),
        *(tie for one in counted.series for tie in _ties_of_series(one)),
        _euros("called", "Appelé, tout compris", "Appels", issued, "Réglé, crédité et dû", paid_and_left),
        _euros("paid", "Réglé", "Porté sur les appels", calls.paid, "Mouvements des règlements", money.net),
        _euros("allocated", "Règlements affectés", "Porté sur les règlements", money.allocated, "Leurs mouvements",
               money.moved),
        _euros("credited", "Crédité", "Porté sur les appels", calls.credited, "Avoirs émis", notes.all.amount),
        _euros("voided", "Annulé", "Appels annulés", calls.voided.amount, "Leurs avoirs", notes.on_voided),
        _euros("announced", "Répartition annoncée", "Appels", issued, "Parts annoncées", parts.shared),
        _euros("split", "Répartition de l'argent venu", "Mouvements des règlements", money.net, "Parts de chacun",
               received),
        _euros("books_owed", "Comptes : reste dû", "Balance âgée", owed, "Solde des adhérents", books.owed),
        _euros("books_income", "Comptes : cotisations", "Appelé moins crédité", issued - notes.all.amount,
               "Produit passé", books.income),
        _euros("books_split", "Comptes : parts dues à d'autres", "Délégations et fonds", parts.owed_to_others,
               "Passé en répartition", books.shared),
        _euros("books_transfers", "Comptes : reversements", "Virements exécutés", transferred, "Passé en banque",
               books.transferred),
    )  # fmt: skip


def differences(then: Iterable[Figure], now: Iterable[Figure], *, dated_only: bool = False) -> tuple[Difference, ...]:
    """Return the figures that changed, in order; those that tell a day alone where only these can be compared.

    A figure that only changed its name is the same.
    """
    before, after = ({(one.section, one.code): one for one in side} for side in (then, now))
    found = []
    for section, code in dict.fromkeys([*before, *after]):
        old, new = before.get((section, code)), after.get((section, code))
        label = (new or old).label  # type: ignore[union-attr]  # the key comes from one of them
        if (old is None or replace(old, label=label) != new) and (section.dated or not dated_only):
            found.append(Difference(section, code, label, old, new))
    return tuple(found)


def _ties_of_series(one: NumberSeries) -> tuple[Tie, ...]:
    code, name = one.code.lower(), f"Série {one.code}"
    return (
        _count(f"series_{code}", f"{name}, entière", "Numéros pris", one.taken, "Numéros portés", one.count),
        _count(f"holes_{code}", f"{name}, sans trou", "Numéros manquants", one.missing, "Aucun", 0),
        _count(f"order_{code}", f"{name}, dans l'ordre", "Datés avant le précédent", one.backwards, "Aucun", 0),
    )


def _euros(code: str, label: str, left_label: str, left: Decimal, right_label: str, right: Decimal) -> Tie:
    return Tie(code=code, label=label, left_label=left_label, left=left, right_label=right_label, right=right)


def _count(code: str, label: str, left_label: str, left: int, right_label: str, right: int) -> Tie:
    return Tie(
        code=code,
        label=label,
        left_label=left_label,
        left=Decimal(left),
        right_label=right_label,
        right=Decimal(right),
        unit=Unit.COUNT,
    )
