"""A bank statement: what an account held, what moved, what it then held; and what becomes of each of its lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from dues.bank.domain.references import batches_in, collections_in
from dues.bank.domain.refusals import BankLineOpen, BankLineSettled, ReturnStands, SetAsideUnexplained

CHARGES = {
    "CHRG": "frais",
    "COME": "commission hors taxes",
    "COMI": "commission taxes comprises",
    "COMM": "commission",
    "COMT": "commission non taxable",
    "FEES": "honoraires de la banque",
}
"""The generic sub-families of ISO 20022's bank transaction codes (external code sets) by which a bank charges."""


class LineState(Labelled):
    """What is known of a line."""

    UNMATCHED = "unmatched", "à rapprocher"
    MATCHED = "matched", "rapprochée"
    SET_ASIDE = "set_aside", "hors cotisations"
    OUTGOING = "outgoing", "sortie, rien à rapprocher"
    CHARGED = "charged", "frais de banque"


class OtherMoney(Labelled):
    """What money that came is, when it pays no dues."""

    SUBSIDY = "subsidy", "subvention"
    FEE = "fee", "prestation facturée hors cotisations"
    TRANSFER = "transfer", "virement interne"
    SUPPLIER = "supplier", "remboursement d'un fournisseur"
    OTHER = "other", "autre"


class RowOutcome(Labelled):
    """What became of one line of a file that was sent."""

    ADDED = "added", "ajoutée"
    KNOWN = "known", "déjà connue, rien d'ajouté"


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One movement of an account, as the bank tells it. Money that leaves is negative.

    ``key`` is what it is known by, whichever statement tells of it; ``batch`` what the bank calls the file, or its
    part, that it is of; ``charges`` what the bank says it took for it.
    """

    key: str
    booked_on: date
    value_on: date | None = None
    amount: Decimal
    reversal: bool = False
    reference: str | None = None
    end_to_end: str | None = None
    structured: str | None = None
    text: str = ""
    party: str | None = None
    party_iban: str | None = None
    return_code: str | None = None
    bank_code: str | None = None
    batch: str | None = None
    charges: Decimal | None = None

    @property
    def charged_as(self) -> str | None:
        """What the bank's own code says that it charges here, if it says so of money that leaves."""
        if self.amount >= 0 or self.return_code is not None or self.reversal:
            return None
        code = (self.bank_code or "").split("/")
        return CHARGES.get(code[2]) if len(code) == 3 else None  # a code of the bank's own is not of the set

    @property
    def comes_back(self) -> bool:
        """Whether it undoes something: the bank says so, or it takes money under the reference of a collection."""
        named = self.amount < 0 and collections_in(self.end_to_end) and not self.charged_as
        return self.return_code is not None or self.reversal or bool(named)

    @property
    def is_transfer(self) -> bool:
        """Whether the bank calls it a transfer that came in: whoever sent it, it is neither a run nor a deposit."""
        return (self.bank_code or "").startswith("PMNT/RCDT")

    @property
    def batches(self) -> frozenset[str]:
        """The batches of transfers that it names, if it may pay any: money that leaves, and undoes nothing."""
        if self.amount >= 0 or self.comes_back or self.charged_as:
            return frozenset()
        return frozenset().union(*map(batches_in, (self.batch, self.end_to_end, self.text)))

    @property
    def first_state(self) -> LineState:
        """What it is before anybody looked: it waits where there is something to say of it.

        Money that came, or came back; that we sent; that the bank says it charged.
        """
        waits = self.amount > 0 or (self.amount < 0 and bool(self.comes_back or self.charged_as or self.batches))
        return LineState.UNMATCHED if waits else LineState.OUTGOING


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One account from a day to another. ``not_booked`` counts what the bank announces and has not booked."""

    account: str
    reference: str
    opened_on: date
    closed_on: date
    opening: Decimal
    closing: Decimal
    lines: tuple[BankLine, ...]
    not_booked: int = 0


@dataclass(frozen=True, slots=True)
class Balances:
    """A statement by its days and balances alone."""

    reference: str
    opened_on: date
    closed_on: date
    opening: Decimal
    closing: Decimal


def gap_between(previous: Balances | None, following: Balances) -> str | None:
    """Say what is missing between two statements of one account; None where nothing is, or none can be told.

    Statements that overlap are not compared: the balance of one is of a day in the middle of the other.
    """
    if previous is None or previous.closed_on > following.opened_on or previous.closing == following.opening:
        return None
    return (
        f"Le relevé {previous.reference} se ferme le {write_day(previous.closed_on)} sur "
        f"{format_euros(previous.closing)}, celui-ci s'ouvre sur {format_euros(following.opening)} : il manque un "
        "relevé entre les deux, ou des lignes."
    )


def require_unsettled(state: LineState) -> None:
    """Let through a line of which nothing was said yet. Raises BankLineSettled."""
    if state is not LineState.UNMATCHED:
        raise BankLineSettled(f"Cette ligne est {state.label} : rouvrez-la d'abord.")


def require_unsaid(state: LineState) -> None:
    """Let through a line of which nobody said anything, be it one that waits for nothing. Raises BankLineSettled."""
    if state is not LineState.OUTGOING:
        require_unsettled(state)


def require_settled(state: LineState) -> None:
    """Let through a line of which something was said. Raises BankLineOpen."""
    if state in (LineState.UNMATCHED, LineState.OUTGOING):
        raise BankLineOpen("Rien n'a été dit de cette ligne : il n'y a rien à rouvrir.")


def require_reopenable(state: LineState, *, came_back: bool) -> None:
    """Let through what may be taken back: all but what came back. Raises BankLineOpen, ReturnStands."""
    require_settled(state)
    if came_back:
        raise ReturnStands("Un prélèvement ou un virement revenu le reste : il se fait de nouveau.")


def require_explained(kind: OtherMoney, note: str | None) -> None:
    """Let through what says what the money is. Raises SetAsideUnexplained."""
    if kind is OtherMoney.OTHER and not note:
        raise SetAsideUnexplained("Dites dans note ce que cette somme est.")


def total_of(lines: Iterable[BankLine]) -> Decimal:
    """Return what some lines move."""
    return sum((line.amount for line in lines), Decimal("0.00"))
