"""The chart of accounts in use: others name an account by its purpose, and never write its number."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from common.errors import Invalid, NotFound
from common.labels import Labelled
from dues.grids.domain import Datum
from dues.ledger.domain.entry import Auxiliary, Journal, Line

_NOTHING = Decimal("0.00")


class Purpose(Labelled):
    """What an account is for; each has one account."""

    MEMBER = "member", "ce que doit une structure"
    ADVANCE = "advance", "ce qu'une structure a versé d'avance ou en trop"
    BANK = "bank", "l'argent en banque"
    TO_DEPOSIT = "to_deposit", "les chèques et espèces à déposer"
    BANK_CHARGE = "bank_charge", "ce que prend la banque"
    WAITING = "waiting", "l'argent reçu dont on ne sait pas encore de qui"
    INCOME = "income", "les cotisations appelées"
    SHARE = "share", "la part des cotisations qui revient à d'autres"
    DELEGATION = "delegation", "ce qui est dû à une délégation"
    FUND = "fund", "ce qui est dû au fonds mutualisé"
    LOSS = "loss", "ce qui ne sera jamais réglé"
    DIFFERENCE = "difference", "les écarts de règlement"
    BROUGHT_FORWARD = "brought_forward", "ce qui vient des exercices d'avant"


class AccountUnknown(NotFound):
    """No such account in the chart."""

    code = "account_unknown"
    title = "Compte inconnu"


class AuxiliaryMismatch(Invalid):
    """An account that is kept by auxiliary wants one, and no other does."""

    code = "auxiliary_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. ``auxiliary``: kept structure by structure, or delegation by delegation."""

    purpose: Purpose
    number: Datum[str]
    label: str
    auxiliary: bool

    def debit(self, amount: Decimal, auxiliary: Auxiliary | None = None, about: str | None = None) -> Line:
        """Make a line of debit. Raises AuxiliaryMismatch, LineInvalid."""
        return self._line(amount, _NOTHING, auxiliary, about)

    def credit(self, amount: Decimal, auxiliary: Auxiliary | None = None, about: str | None = None) -> Line:
        """Make a line of credit. Raises AuxiliaryMismatch, LineInvalid."""
        return self._line(_NOTHING, amount, auxiliary, about)

    def _line(self, debit: Decimal, credit: Decimal, auxiliary: Auxiliary | None, about: str | None) -> Line:
        if (auxiliary is not None) != self.auxiliary:
            wanted = "se tient par auxiliaire" if self.auxiliary else "ne se tient pas par auxiliaire"
            raise AuxiliaryMismatch(f"Le compte {self.number.value} {wanted}.")
        return Line(
            account=self.number.value, label=self.label, debit=debit, credit=credit, auxiliary=auxiliary, about=about
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalName:
    """What a journal is called."""

    code: Journal
    label: Datum[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The journals and the accounts in use: each journal and each purpose once, no number twice."""

    journals: tuple[JournalName, ...]
    accounts: tuple[Account, ...]

    def __post_init__(self) -> None:
        _each_once("journal", [one.code for one in self.journals], Journal)
        _each_once("purpose", [one.purpose for one in self.accounts], Purpose)
        numbers = [one.number.value for one in self.accounts]
        if len(set(numbers)) < len(numbers):
            raise ValueError("two accounts of the chart bear one number")


def account_for(chart: Chart, purpose: Purpose) -> Account:
    """Return the account of a purpose: each has one."""
    return next(account for account in chart.accounts if account.purpose is purpose)


def account_numbered(chart: Chart, number: str) -> Account:
    """Return the account that bears a number. Raises AccountUnknown."""
    for account in chart.accounts:
        if account.number.value == number:
            return account
    known = ", ".join(account.number.value for account in chart.accounts)
    raise AccountUnknown(f"Le compte {number} n'est pas au plan de comptes. Comptes en service : {known}.")


def _each_once(what: str, found: list[Journal] | list[Purpose], expected: Iterable[Journal | Purpose]) -> None:
    if sorted(found) != sorted(expected):
        raise ValueError(f"the chart does not hold each {what} once")
