"""On which account a beneficiary is paid. A changed account is a fraud every treasurer fears: it takes two persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.labels import Labelled
from common.legal_entities import Address
from dues.mandates.domain import Account
from dues.transfers.domain.refusals import (
    OwnPayee,
    PayeeMissing,
    PayeeNotWaiting,
    PayeeUnchanged,
    PayeeUnconfirmed,
)


class AccountState(Labelled):
    """Where an account that was entered stands."""

    WAITING = "waiting", "à confirmer par une autre personne"
    CONFIRMED = "confirmed", "confirmé"
    REFUSED = "refused", "refusé"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeAccount:
    """One account as it was entered, and what a person then said of it; never rewritten."""

    number: int
    account: Account
    address: Address
    reason: str
    entered_at: datetime
    entered_by: str
    state: AccountState = AccountState.WAITING
    settled_at: datetime | None = None
    settled_by: str | None = None
    settled_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """A beneficiary and every account that was entered for it, in order."""

    code: str
    delegation: str | None
    version: int
    accounts: Sequence[PayeeAccount] = ()

    @property
    def waiting(self) -> PayeeAccount | None:
        """The account that waits for a second person: the last one, or none."""
        last = self.accounts[-1] if self.accounts else None
        return last if last is not None and last.state is AccountState.WAITING else None

    @property
    def confirmed(self) -> PayeeAccount | None:
        """The last account that two persons agreed on."""
        confirmed = [one for one in self.accounts if one.state is AccountState.CONFIRMED]
        return confirmed[-1] if confirmed else None


def require_enterable(payee: Payee, account: Account, address: Address) -> None:
    """Let another account be entered, once the one before is settled. Raises PayeeUnconfirmed, PayeeUnchanged."""
    require_settled(payee)
    kept = payee.confirmed
    if kept is not None and (kept.account, kept.address) == (account, address):
        raise PayeeUnchanged("Ce compte est celui qui est déjà confirmé.")


def require_settled(payee: Payee) -> None:
    """Let no account wait. Raises PayeeUnconfirmed."""
    if payee.waiting is not None:
        raise PayeeUnconfirmed("Un compte attend déjà d'être confirmé : confirmez-le ou refusez-le d'abord.")


def require_confirmable(payee: Payee, by: str) -> PayeeAccount:
    """Let somebody else than who entered an account confirm it. Raises PayeeNotWaiting, OwnPayee."""
    waiting = require_refusable(payee)
    if waiting.entered_by == by:
        raise OwnPayee("Vous avez saisi ce compte : une autre personne le confirme.")
    return waiting


def require_refusable(payee: Payee) -> PayeeAccount:
    """Let an account that waits be refused, by whoever entered it too. Raises PayeeNotWaiting."""
    if payee.waiting is None:
        raise PayeeNotWaiting("Aucun compte n'attend d'être confirmé.")
    return payee.waiting


def account_to_pay(payee: Payee | None) -> PayeeAccount:
    """Return the account on which a beneficiary is paid: none while another one waits. There is no delay to wait out.

    Raises PayeeMissing, PayeeUnconfirmed.
    """
    if payee is not None and payee.waiting is not None:
        raise PayeeUnconfirmed("Le compte du bénéficiaire attend d'être confirmé par une autre personne.")
    if payee is None or payee.confirmed is None:
        raise PayeeMissing("Aucun compte confirmé n'est connu de ce bénéficiaire.")
    return payee.confirmed
