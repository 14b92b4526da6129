"""What finance does to pay on: keep an account, prepare a batch, approve it, say what the bank made of it.

Whoever reckons what is left to pay holds the payees first, and whoever changes it too: no two batches hold the same
money.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

from common.accounting.posting import record
from common.clock import legal_day
from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.legal_entities import Address
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from common.wording import write_day
from dues.apportionment.domain import delegation_of
from dues.legal_entities.domain import LegalEntity
from dues.mandates.domain import read_account
from dues.transfers import entries, repository
from dues.transfers.documents import Payment, payment_file
from dues.transfers.domain import (
    JOURNAL,
    NOTHING,
    AccountState,
    BatchStatus,
    MovementKind,
    NothingToTransfer,
    Payee,
    PayeeNotFound,
    Proposal,
    TransferNotFound,
    TransferPurpose,
    account_to_pay,
    paid_account,
    propose,
    require_approvable,
    require_as_prepared,
    require_cancellable,
    require_confirmable,
    require_enterable,
    require_executable,
    require_execution_day,
    require_preparable,
    require_refusable,
    require_rejectable,
    require_rejection_day,
    require_still_to_come,
)
from dues.transfers.queries import find_batch, find_payee, positions_on
from dues.transfers.schemas import BatchIn, ExecutionIn, PayeeIn, RejectionIn
from dues.transfers.tables import BatchRow, LineRow

_LESS, _MORE = Decimal(-1), Decimal(1)


async def enter_account(tx: Tx, grant: Grant, code: str, if_match: str | None, given: PayeeIn) -> None:
    """Enter the account of a delegation, or another one; it waits for a second person. A first one needs no If-Match.

    Raises PayeeNotFound, IbanInvalid, IbanOutsideSepa, BicInvalid, PayeeUnconfirmed, PayeeUnchanged,
    PreconditionMissing, PreconditionFailed.
    """
    if not delegation_of(code):
        raise PayeeNotFound("Seules les délégations sont payées : donnez delegation- suivi de son code.")
    account = read_account(given.holder, given.iban, given.bic)
    address = Address(**given.address.model_dump())
    payee = await repository.hold_or_add_payee(tx, code)
    if payee.accounts:
        await check_version(if_match, payee.version, partial(find_payee, tx, grant, code))
    require_enterable(payee, account, address)
    await repository.add_account(tx, payee, account, address, given.reason)


async def confirm_account(tx: Tx, grant: Grant, code: str, if_match: str | None) -> None:
    """Confirm an account that somebody else entered: from now on it is paid on.

    Raises PayeeNotFound, PayeeNotWaiting, OwnPayee, PreconditionMissing, PreconditionFailed.
    """
    payee = await _held_payee(tx, grant, code, if_match)
    waiting = require_confirmable(payee, tx.actor.subject)
    await repository.settle_account(tx, payee, waiting.number, AccountState.CONFIRMED)


async def refuse_account(tx: Tx, grant: Grant, code: str, if_match: str | None, reason: str) -> None:
    """Refuse an account that waits: the one confirmed before it counts again.

    Raises PayeeNotFound, PayeeNotWaiting, PreconditionMissing, PreconditionFailed.
    """
    payee = await _held_payee(tx, grant, code, if_match)
    await repository.settle_account(tx, payee, require_refusable(payee).number, AccountState.REFUSED, reason)


async def prepare(tx: Tx, entity: str, given: BatchIn) -> UUID:
    """Prepare a batch of all that can be paid up to a day; return its id.

    Raises TransferDayWrong, NothingToTransfer.
    """
    require_preparable(given.up_to, given.pay_on, tx.today)
    payees = await repository.hold_all_payees(tx)
    proposals = [propose(one, payees.get(one.code)) for one in await positions_on(tx, given.up_to)]
    free = [one for one in proposals if not one.obstacles]
    if not free:
        raise NothingToTransfer(
            "Aucun bénéficiaire ne peut être payé : l'aperçu dit ce qui empêche chacun.",
            extra={"blocked": [one.position.code for one in proposals]},
        )
    [reference] = await take_numbers(tx, Series(entity, JOURNAL, tx.today.year), 1)
    batch = BatchRow(
        id=new_id(),
        reference=reference,
        up_to=given.up_to,
        pay_on=given.pay_on,
        status=BatchStatus.DRAFT.value,
        count=len(free),
        total=sum((one.position.payable for one in free), NOTHING),
        prepared_at=tx.now,
        prepared_by=tx.actor.subject,
        version=1,
    )
    await repository.add_batch(tx, batch, [_line(batch, rank, one) for rank, one in enumerate(free, 1)])
    return batch.id


async def approve(tx: Tx, files: Files, payer: LegalEntity, batch_id: UUID, if_match: str | None) -> None:
    """Approve a batch that somebody else prepared, if all of it still holds; make its file, once.

    Raises BatchNotFound, BatchNotDraft, OwnBatch, TransferDayWrong, PayeeMissing, PayeeUnconfirmed, PayeeChanged,
    TransferExceedsDue, PreconditionMissing, PreconditionFailed.
    """
    batch, lines, payees = await _held_batch(tx, batch_id, if_match)
    require_approvable(BatchStatus(batch.status), batch.prepared_by, tx.actor.subject)
    require_still_to_come(batch.pay_on, tx.today)
    standing = {one.code: one for one in await positions_on(tx, batch.up_to)}
    for line in lines:
        payee = payees.get(line.payee_code)
        require_as_prepared(line.amount, line.account_number, standing[line.payee_code], payee)
    payments = [_payment(batch, line, payees[line.payee_code]) for line in lines]
    content = await computed(tx.session, payment_file, batch.reference, tx.now, batch.pay_on, payer, payments)
    # Stored before the commit. Rolled back, it is a file that no row names: harmless.
    stored = await files.put(repository.file_path(batch_id), content, dry_run=tx.dry_run)
    batch.status, batch.file_sha256 = BatchStatus.APPROVED.value, stored.sha256
    batch.approved_at, batch.approved_by = tx.now, tx.actor.subject
    await _next_version(tx, batch)


async def execute(tx: Tx, entity: str, batch_id: UUID, if_match: str | None, given: ExecutionIn) -> None:
    """Say that the bank executed a batch: its amounts leave the balances, of the day of this act.

    Raises BatchNotFound, BatchNotApproved, TransferDayWrong, PreconditionMissing, PreconditionFailed.
    """
    batch, lines, _ = await _held_batch(tx, batch_id, if_match)
    await _execute(tx, entity, batch, lines, given.executed_on, given.bank_reference)


async def execute_by_bank(tx: Tx, entity: str, batch_id: UUID, executed_on: date, bank_reference: str) -> None:
    """Say that the bank executed a batch, as its own statement tells; one that is executed already stays so.

    Raises BatchNotFound, BatchNotApproved, TransferDayWrong.
    """
    batch, lines, _ = await _with_payees(tx, await repository.hold_batch(tx, batch_id))
    if batch.status != BatchStatus.EXECUTED:
        await _execute(tx, entity, batch, lines, executed_on, bank_reference)


async def _execute(
    tx: Tx, entity: str, batch: BatchRow, lines: Sequence[LineRow], on: date, bank_reference: str
) -> None:
    require_executable(BatchStatus(batch.status))
    require_execution_day(on, legal_day(batch.approved_at or tx.now), tx.today)
    batch.status, batch.executed_on = BatchStatus.EXECUTED.value, on
    batch.executed_by, batch.bank_reference = tx.actor.subject, bank_reference
    await repository.add_movements(tx, lines, MovementKind.TRANSFER, _LESS)
    record(tx, (entries.transferred(entity, line, on) for line in lines))
    await _next_version(tx, batch)


async def cancel(tx: Tx, batch_id: UUID, if_match: str | None, reason: str) -> None:
    """Give up a batch that the bank has not executed: what it holds can be paid by another.

    Raises BatchNotFound, BatchEnded, PreconditionMissing, PreconditionFailed.
    """
    batch, _, _ = await _held_batch(tx, batch_id, if_match)
    require_cancellable(BatchStatus(batch.status))
    batch.status, batch.cancel_reason = BatchStatus.CANCELLED.value, reason
    batch.cancelled_at, batch.cancelled_by = tx.now, tx.actor.subject
    await _next_version(tx, batch)


async def note_rejection(
    tx: Tx, entity: str, batch_id: UUID, line_id: UUID, if_match: str | None, given: RejectionIn
) -> None:
    """Say that the bank rejected a line: its amount is due again.

    Raises BatchNotFound, TransferNotFound, BatchNotExecuted, TransferRejected, TransferDayWrong, PreconditionMissing,
    PreconditionFailed.
    """
    batch, lines, _ = await _held_batch(tx, batch_id, if_match)
    line = next((one for one in lines if one.id == line_id), None)
    if line is None:
        raise TransferNotFound("Ce virement n'est pas de ce lot.")
    await _reject(tx, entity, batch, line, given.rejected_on, given.reason)


async def reject_by_bank(tx: Tx, entity: str, line_id: UUID, rejected_on: date, reason: str) -> None:
    """Say that the bank sent a transfer back, as its own statement tells; one that is rejected already stays so.

    Raises TransferNotFound, BatchNotFound, BatchNotExecuted, TransferRejected, TransferDayWrong.
    """
    batch, lines, _ = await _with_payees(tx, await repository.hold_batch_of(tx, line_id))
    [line] = [one for one in lines if one.id == line_id]
    if line.rejected_on is None:
        await _reject(tx, entity, batch, line, rejected_on, reason)


async def _reject(tx: Tx, entity: str, batch: BatchRow, line: LineRow, on: date, reason: str) -> None:
    require_rejectable(BatchStatus(batch.status), line.rejected_on)
    require_rejection_day(on, batch.executed_on or tx.today, tx.today)
    line.rejected_on, line.reject_reason, line.rejected_by = on, reason, tx.actor.subject
    await repository.add_movements(tx, [line], MovementKind.REJECTED, _MORE)
    record(tx, [entries.rejected(entity, line, on)])
    await _next_version(tx, batch)


async def _held_payee(tx: Tx, grant: Grant, code: str, if_match: str | None) -> Payee:
    payee = await repository.hold_payee(tx, code)
    await check_version(if_match, payee.version, partial(find_payee, tx, grant, code))
    return payee


async def _held_batch(tx: Tx, batch_id: UUID, if_match: str | None) -> tuple[BatchRow, list[LineRow], dict[str, Payee]]:
    """Hold a batch in the version that was read, then whom it pays."""
    batch = await repository.hold_batch(tx, batch_id)
    await check_version(if_match, batch.version, partial(find_batch, tx, batch_id))
    return await _with_payees(tx, batch)


async def _with_payees(tx: Tx, batch: BatchRow) -> tuple[BatchRow, list[LineRow], dict[str, Payee]]:
    lines = list(await repository.lines_of(tx, batch.id))
    return batch, lines, await repository.hold_payees(tx, [line.payee_code for line in lines])


async def _next_version(tx: Tx, batch: BatchRow) -> None:
    batch.version += 1
    await tx.session.flush()


def _line(batch: BatchRow, rank: int, proposal: Proposal) -> LineRow:
    position = proposal.position
    return LineRow(
        id=new_id(),
        batch_id=batch.id,
        reference=f"{batch.reference}-{rank:02d}",
        purpose=TransferPurpose.DELEGATION_SHARE.value,
        payee_code=position.code,
        delegation=delegation_of(position.code),
        account_number=account_to_pay(proposal.payee).number,
        due=position.due,
        transferred=position.transferred,
        committed=position.committed,
        amount=position.payable,
    )


def _payment(batch: BatchRow, line: LineRow, payee: Payee) -> Payment:
    paid_on = paid_account(payee, line.account_number)
    text = f"{batch.reference} {TransferPurpose(line.purpose).label}, au {write_day(batch.up_to)}"
    return Payment(line.reference, paid_on.account, paid_on.address, line.amount, text)
