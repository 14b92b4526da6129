"""A batch of transfers: what each beneficiary is paid of what it is due, and the four eyes that it takes.

Where it says "due" it is what came in for the beneficiary less what was taken back (``dues.apportionment``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

from common.errors import Refusal, obstacle
from common.labels import Labelled
from common.money import format_euros
from common.wording import write_day
from dues.transfers.domain.payee import Payee, PayeeAccount, account_to_pay
from dues.transfers.domain.refusals import (
    BalanceNegative,
    BatchEnded,
    BatchNotApproved,
    BatchNotDraft,
    BatchNotExecuted,
    NothingDue,
    OwnBatch,
    PayeeChanged,
    TransferDayWrong,
    TransferExceedsDue,
    TransferRejected,
)

JOURNAL = "VIR"
"""The series of the batches: ``VIR-2026-00004``."""
NOTHING = Decimal("0.00")


class TransferPurpose(Labelled):
    """What a transfer is for."""

    DELEGATION_SHARE = "delegation_share", "part de la délégation"


class BatchStatus(Labelled):
    """Where a batch stands."""

    DRAFT = "draft", "à approuver"
    APPROVED = "approved", "approuvé"
    EXECUTED = "executed", "exécuté"
    CANCELLED = "cancelled", "annulé"


class TransferStatus(Labelled):
    """Where one line of a batch stands: with its batch, unless the bank rejected it."""

    DRAFT = "draft", "à approuver"
    APPROVED = "approved", "approuvé"
    EXECUTED = "executed", "exécuté"
    CANCELLED = "cancelled", "annulé"
    REJECTED = "rejected", "rejeté par la banque"


LIVE = frozenset({BatchStatus.DRAFT, BatchStatus.APPROVED})
"""What such a batch holds is spoken for, and not yet transferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a beneficiary stands: what it is due at the end of a day and today, what it had, what live batches hold."""

    code: str
    due_then: Decimal
    due_now: Decimal
    transferred: Decimal
    committed: Decimal

    @property
    def due(self) -> Decimal:
        """What may be transferred in all: up to the day asked for, and never more than is still due today."""
        return min(self.due_then, self.due_now)

    @property
    def payable(self) -> Decimal:
        """What is left to transfer; negative where too much was."""
        return self.due - self.transferred - self.committed


@dataclass(frozen=True, slots=True)
class Proposal:
    """A beneficiary, where it stands, on which account it would be paid, or why it is not."""

    position: Position
    payee: Payee | None
    obstacles: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankedBatch:
    """A batch as the bank tells of it: what it pays, what of that was rejected, when."""

    id: UUID
    reference: str
    status: BatchStatus
    day: date
    total: Decimal
    rejected: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BankedTransfer:
    """A transfer as the bank tells of its return."""

    id: UUID
    reference: str
    payee: str
    amount: Decimal
    rejected_on: date | None


def positions(
    due_then: Mapping[str, Decimal],
    due_now: Mapping[str, Decimal],
    transferred: Mapping[str, Decimal],
    committed: Mapping[str, Decimal],
) -> list[Position]:
    """Return where each beneficiary stands, in the order of their codes."""
    return [
        Position(
            code=code,
            due_then=due_then.get(code, NOTHING),
            due_now=due_now.get(code, NOTHING),
            transferred=transferred.get(code, NOTHING),
            committed=committed.get(code, NOTHING),
        )
        for code in sorted({*due_then, *due_now, *transferred, *committed})
    ]


def propose(position: Position, payee: Payee | None) -> Proposal:
    """Tell what a beneficiary would be paid, and all that keeps it from being so."""
    found = (obstacle(partial(require_due, position)), obstacle(partial(account_to_pay, payee)))
    return Proposal(position, payee, tuple(one for one in found if one is not None))


def require_due(position: Position) -> None:
    """Let what is left to transfer be positive. Raises NothingDue, BalanceNegative."""
    if position.payable == 0:
        raise NothingDue("Rien ne reste à reverser à ce bénéficiaire.")
    if position.payable < 0:
        raise BalanceNegative(
            f"{format_euros(-position.payable)} de trop ont été reversés : ce qui viendra les compensera."
        )


def require_preparable(up_to: date, pay_on: date, today: date) -> None:
    """Let a batch be prepared up to a day that has come, to be paid on one that has not. Raises TransferDayWrong."""
    if up_to > today:
        raise TransferDayWrong("Un lot se prépare jusqu'à aujourd'hui au plus tard.")
    require_still_to_come(pay_on, today)


def require_still_to_come(pay_on: date, today: date) -> None:
    """Let the bank be asked for a day that has not passed. Raises TransferDayWrong."""
    if pay_on < today:
        raise TransferDayWrong(f"Le {write_day(pay_on)} est passé : préparez un lot à payer plus tard.")


def require_approvable(status: BatchStatus, prepared_by: str, by: str) -> None:
    """Let somebody else than who prepared a batch approve it. Raises BatchNotDraft, OwnBatch."""
    if status is not BatchStatus.DRAFT:
        raise BatchNotDraft(f"Ce lot est {status.label} : il n'est plus à approuver.")
    if prepared_by == by:
        raise OwnBatch("Vous avez préparé ce lot : une autre personne l'approuve.")


def require_as_prepared(amount: Decimal, account_number: int, position: Position, payee: Payee | None) -> None:
    """Let a line be approved that is still right: ``position`` counts its own amount among what batches hold.

    Raises PayeeMissing, PayeeUnconfirmed, PayeeChanged, TransferExceedsDue.
    """
    if account_to_pay(payee).number != account_number:
        raise PayeeChanged(
            f"Le compte de {position.code} a changé depuis la préparation : annulez ce lot et préparez-en un autre."
        )
    if position.payable < 0:
        raise TransferExceedsDue(
            f"Des parts de {position.code} ont été reprises depuis la préparation : {format_euros(amount)} feraient"
            " plus que ce qui lui revient. Annulez ce lot et préparez-en un autre."
        )


def require_file(status: BatchStatus) -> None:
    """Let the file of a batch be had once it is approved. Raises BatchNotApproved."""
    if status not in {BatchStatus.APPROVED, BatchStatus.EXECUTED}:
        raise BatchNotApproved("Le fichier d'un lot existe une fois le lot approuvé, et ne se télécharge plus annulé.")


def require_executable(status: BatchStatus) -> None:
    """Let the bank have executed what was approved. Raises BatchNotApproved."""
    if status is not BatchStatus.APPROVED:
        raise BatchNotApproved(f"Ce lot est {status.label} : seul un lot approuvé s'exécute.")


def require_execution_day(on: date, approved_on: date, today: date) -> None:
    """Let the bank execute between the approval and today. Raises TransferDayWrong."""
    if not approved_on <= on <= today:
        raise TransferDayWrong(f"Un lot approuvé le {write_day(approved_on)} s'exécute depuis, et aujourd'hui au plus.")


def require_cancellable(status: BatchStatus) -> None:
    """Let what the bank has not executed be cancelled. Raises BatchEnded."""
    if status not in LIVE:
        raise BatchEnded(f"Ce lot est {status.label} : il ne s'annule plus.")


def require_rejectable(status: BatchStatus, rejected_on: date | None) -> None:
    """Let a bank reject once what it was asked to do. Raises BatchNotExecuted, TransferRejected."""
    if status is not BatchStatus.EXECUTED:
        raise BatchNotExecuted(f"Ce lot est {status.label} : un rejet se constate sur un lot exécuté.")
    if rejected_on is not None:
        raise TransferRejected(f"Cette ligne est déjà rejetée, le {write_day(rejected_on)}.")


def require_rejection_day(on: date, executed_on: date, today: date) -> None:
    """Let a bank reject between the execution and today. Raises TransferDayWrong."""
    if not executed_on <= on <= today:
        raise TransferDayWrong(f"Un virement du {write_day(executed_on)} est rejeté depuis, et aujourd'hui au plus.")


def status_of(batch: BatchStatus, rejected_on: date | None) -> TransferStatus:
    """Return where a line stands."""
    return TransferStatus.REJECTED if rejected_on is not None else TransferStatus(batch.value)


def paid_account(payee: Payee, number: int) -> PayeeAccount:
    """Return the account that a line names."""
    return next(one for one in payee.accounts if one.number == number)
