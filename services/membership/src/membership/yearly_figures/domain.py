"""The key figures of the yearly report: what each counts, over which days, and what it is worth when nobody told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from common.errors import Conflict, NotFound
from common.labels import Labelled
from common.secrecy import hidden_parts, is_whole_hidden

NETWORK = ""
"""The place of the whole network among those of its delegations."""


class FiguresNotDefined(NotFound):
    """No version of the definitions is held for a year."""

    code = "figures_not_defined"


class YearlyFigureNotFound(NotFound):
    """No figure has this code."""

    code = "yearly_figure_not_found"


class YearlyEditionNotFound(NotFound):
    """No such edition of the year."""

    code = "yearly_edition_not_found"


class YearStillRunning(Conflict):
    """An edition is of a year that is over: until then each day would add to it."""

    code = "year_still_running"


class FigurePeriod(Labelled):
    """Over which days a figure counts."""

    FLOW = "flow", "dans l'année"
    STOCK = "stock", "au 31 décembre"
    ACCOUNTS = "accounts", "comptes de l'année, déclarés l'année suivante"


class FigureMeasure(Labelled):
    """What of its rows makes a figure."""

    ROWS = "rows", "nombre de lignes"
    STRUCTURES = "structures", "nombre de structures, chacune une fois"
    QUANTITY = "quantity", "somme des quantités"


class Naming(Labelled):
    """To whom a figure and its rows are told."""

    REACH = "reach", "à qui couvre : une ligne nomme sa structure à qui la couvre aujourd'hui"
    NETWORK = "network", "au réseau seul : ni valeur ni ligne d'une délégation"


class NoValue(Labelled):
    """Why a figure has no value; it is never a zero that nobody counted."""

    NEVER_TOLD = "never_told", "pas de donnée : rien n'a encore été reçu ni saisi"
    NOT_TOLD_THEN = "not_told_then", "pas de donnée : rien n'a été reçu ni saisi pour cette année, ni avant"
    NOT_TOLD_YET = "not_told_yet", "pas de donnée : rien n'est encore déclaré pour cette année"
    TOO_FEW = "too_few", "non publié : trop peu de structures"
    NETWORK_ONLY = "network_only", "non communiqué : ne se lit que de l'ensemble du réseau"


@dataclass(frozen=True, slots=True)
class FigureTheme:
    """What some figures are about, as a part of the report."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class YearlyFigure:
    """One figure as it is defined. ``rows`` names what it counts, ``feed`` what must have been heard for it to be told.

    ``discreet``: a sum of what structures declare of themselves, published under secrecy only. ``opens``: where a row
    is read whole, by its ``{id}``. ``anonymous``: nothing in a row may lead to whose it is. ``territorial``: it
    counts where it is, not where the structure that bears it is.
    """

    code: str
    label: str
    theme: str
    unit: str
    definition: str
    rows: str
    feed: str
    told_by: str
    period: FigurePeriod
    measure: FigureMeasure
    status: str
    source: str
    named_to: Naming = Naming.REACH
    discreet: bool = False
    opens: str = ""
    anonymous: bool = False
    territorial: bool = False


@dataclass(frozen=True, slots=True)
class FigureSet:
    """One version of the definitions, for years from ``since`` on. Dated data."""

    version: str
    since: int
    themes: tuple[FigureTheme, ...]
    figures: tuple[YearlyFigure, ...]

    def figure(self, code: str) -> YearlyFigure:
        """Return one figure. Raises YearlyFigureNotFound."""
        found = next((one for one in self.figures if one.code == code), None)
        if found is None:
            raise YearlyFigureNotFound(f"Aucun chiffre clé ne porte le code « {code} ».")
        return found


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a year that are counted: all of them, or until today while the year runs."""

    year: int
    first: date
    last: date

    @property
    def is_provisional(self) -> bool:
        """Whether the year still runs."""
        return self.last < date(self.year, 12, 31)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a figure comes to in one place: how many rows, what they make together, of how many structures they are."""

    rows: int = 0
    value: Decimal = Decimal(0)
    structures: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together: neither a row nor a structure is of two delegations."""
        return Amount(self.rows + other.rows, self.value + other.value, self.structures + other.structures)


@dataclass(frozen=True, slots=True)
class Told:
    """A figure in one place: its amount, or why there is none; and that of the year before, counted the same way.

    ``partial_since``: the first day of which anything was told, where it is of that year.
    """

    figure: YearlyFigure
    amount: Amount | None
    missing: NoValue | None
    previous: Amount | None
    partial_since: date | None = None


@dataclass(frozen=True, slots=True)
class FrozenFigure:
    """A figure as an edition gives it for ever: its definition of then, and its values by place."""

    code: str
    label: str
    theme: str
    theme_label: str
    unit: str
    definition: str
    period: FigurePeriod
    status: str
    source: str
    discreet: bool
    values: dict[str, "FrozenValue"]


@dataclass(frozen=True, slots=True)
class FrozenValue:
    """What a figure was worth in one place on the day of the edition; ``previous``: the year before, counted then."""

    value: Decimal | None
    rows: int | None
    missing: NoValue | None
    previous: Decimal | None
    partial_since: date | None = None


@dataclass(frozen=True, slots=True)
class YearlyEdition:
    """The published figures of a year; ``number`` counts the editions of one year. Nothing of it is written again."""

    id: UUID
    year: int
    number: int
    definitions: str
    reason: str | None
    published_on: date
    published_at: datetime
    published_by: str
    figures: tuple[FrozenFigure, ...]


def figures_of(sets: Sequence[FigureSet], year: int) -> FigureSet:
    """Return the latest version of the definitions for a year. Raises FiguresNotDefined."""
    held = [one for one in sets if one.since <= year]
    if not held:
        raise FiguresNotDefined(f"Aucun chiffre clé n'est défini pour {year}.")
    return max(held, key=lambda one: (one.since, one.version))


def window_of(year: int, today: date) -> Window:
    """Return the days that are counted of a year that has begun.

    >>> window_of(2026, date(2026, 11, 22)).last, window_of(2025, date(2026, 11, 22)).last
    (datetime.date(2026, 11, 22), datetime.date(2025, 12, 31))
    """
    return Window(year, date(year, 1, 1), min(date(year, 12, 31), today))


def label_of(period: FigurePeriod, window: Window) -> str:
    """Return over which days a figure counts, in words: while the year runs, what stands is that of today."""
    return "aujourd'hui" if period is FigurePeriod.STOCK and window.is_provisional else period.label


def why_missing(figure: YearlyFigure, year: int, told: Collection[int], place: str) -> NoValue | None:
    """Return why a figure has no value in a place, None if it has one; ``told``: the years of which its feed said any.

    What only the network may know has none below it, for whoever asks.
    """
    if figure.named_to is Naming.NETWORK and place != NETWORK:
        return NoValue.NETWORK_ONLY
    return why_untold(figure.period, year, told)


def why_untold(period: FigurePeriod, year: int, told: Collection[int]) -> NoValue | None:
    """Return why nothing can be counted of a year, given those of which a feed told something; None if it can.

    A feed that was heard tells every later year: nothing there is a true zero. Accounts are told year by year.

    >>> why_untold(FigurePeriod.FLOW, 2026, [2025]), why_untold(FigurePeriod.ACCOUNTS, 2026, [2025])
    (None, <NoValue.NOT_TOLD_YET: 'not_told_yet'>)
    """
    if not told:
        return NoValue.NEVER_TOLD
    if period is FigurePeriod.ACCOUNTS and year > max(told):
        return NoValue.NOT_TOLD_YET
    if year < min(told) or (period is FigurePeriod.ACCOUNTS and year not in told):
        return NoValue.NOT_TOLD_THEN
    return None


def why_empty(period: FigurePeriod, amount: Amount) -> NoValue | None:
    """Return why accounts of nobody are no zero: where no structure declared, nothing is told yet."""
    return NoValue.NOT_TOLD_YET if period is FigurePeriod.ACCOUNTS and not amount.rows else None


def partial_since(period: FigurePeriod, year: int, told: Mapping[int, date]) -> date | None:
    """Return from which day on the first year of a feed is counted, ``told`` being its first days; None if all of it.

    >>> partial_since(FigurePeriod.FLOW, 2026, {2026: date(2026, 9, 1), 2027: date(2027, 1, 4)})
    datetime.date(2026, 9, 1)
    >>> partial_since(FigurePeriod.FLOW, 2027, {2026: date(2026, 9, 1), 2027: date(2027, 1, 4)})
    """
    if period is not FigurePeriod.FLOW or not told or year != min(told):
        return None
    return told[year] if told[year] > date(year, 1, 1) else None


def change_of(value: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """Return how much more than the year before; None where either is not told."""
    return None if value is None or previous is None else value - previous


def change_percent(value: Decimal | None, previous: Decimal | None) -> Decimal | None:
    """Return a change in per cent, half up to a tenth; None from nothing, or where either is not told.

    >>> change_percent(Decimal(548), Decimal(543)), change_percent(Decimal(3), Decimal(0))
    (Decimal('0.9'), None)
    """
    if value is None or not previous:
        return None
    return ((value - previous) * 100 / previous).quantize(Decimal("0.1"), ROUND_HALF_UP)


def shown_places(amounts: Mapping[str | None, Amount], minimum: int) -> frozenset[str]:
    """Return the places where a discreet figure is published, the network among them.

    Neither a sum of fewer than ``minimum`` structures, nor one that would tell such a sum by subtraction: what no
    delegation covers, which is not published, is a part of the network too.
    """
    counts = {place: one.structures for place, one in amounts.items() if one.structures}
    hidden = hidden_parts(counts, minimum)
    whole = () if is_whole_hidden(counts, hidden, minimum) else (NETWORK,)
    return frozenset({*whole, *(place for place in counts.keys() - hidden if place is not None)})


def frozen(told: Told, *, shown: bool, shown_before: bool) -> FrozenValue:
    """Return what an edition keeps of a figure: nothing of what secrecy does not let it show."""
    before = told.previous.value if told.previous and shown_before else None
    if told.amount is None:
        return FrozenValue(None, None, told.missing, before)
    if not shown:
        return FrozenValue(None, None, NoValue.TOO_FEW, None)
    return FrozenValue(told.amount.value, told.amount.rows, None, before, told.partial_since)


def require_over(year: int, today: date) -> None:
    """Let only a year that is over be published. Raises YearStillRunning."""
    if year >= today.year:
        raise YearStillRunning(
            f"L'année {year} n'est pas finie : ses chiffres se publient à partir du 1er janvier suivant."
        )
