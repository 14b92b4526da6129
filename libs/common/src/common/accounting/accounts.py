"""A chart of accounts: who makes an entry names an account by its purpose, and never writes its number. Pure.

What accounts are for is the trade of the entity that keeps the books: a ``Labelled`` of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from common.accounting.entries import Auxiliary, Journal, Line
from common.errors import Invalid, NotFound
from common.labels import Labelled
from common.sourced import Datum

_NOTHING = Decimal("0.00")

Purpose = TypeVar("Purpose", bound=Labelled)


class AccountUnknown(NotFound):
    """No such account in the chart."""

    code = "account_unknown"
    title = "Compte inconnu"


class AuxiliaryMismatch(Invalid):
    """An account that is kept by auxiliary wants one, and no other does."""

    code = "auxiliary_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Generic[Purpose]):
    """One account. ``auxiliary``: kept apart for each of those whom its lines are about."""

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
class Chart(Generic[Purpose]):
    """The journals and the accounts in use: each journal and each purpose once, no number twice."""

    journals: tuple[JournalName, ...]
    accounts: tuple[Account[Purpose], ...]

    def __post_init__(self) -> None:
        _each_once("journal", [one.code for one in self.journals], Journal)
        kinds = {type(one.purpose) for one in self.accounts}
        _each_once("purpose", [one.purpose for one in self.accounts], [purpose for kind in kinds for purpose in kind])
        numbers = [one.number.value for one in self.accounts]
        if len(set(numbers)) < len(numbers):
            raise ValueError("two accounts of the chart bear one number")


def account_for(chart: Chart[Purpose], purpose: Purpose) -> Account[Purpose]:
    """Return the account of a purpose: each has one."""
    return next(account for account in chart.accounts if account.purpose is purpose)


def account_numbered(chart: Chart[Purpose], number: str) -> Account[Purpose]:
    """Return the account that bears a number. Raises AccountUnknown."""
    for account in chart.accounts:
        if account.number.value == number:
            return account
    known = ", ".join(account.number.value for account in chart.accounts)
    raise AccountUnknown(f"Le compte {number} n'est pas au plan de comptes. Comptes en service : {known}.")


def journal_label(chart: Chart[Purpose], journal: Journal) -> str:
    """Return what a journal is called."""
    return next(one.label.value for one in chart.journals if one.code is journal)


def _each_once(what: str, found: Sequence[str], expected: Iterable[str]) -> None:
    if not found or sorted(found) != sorted(expected):
        raise ValueError(f"the chart does not hold each {what} once")
