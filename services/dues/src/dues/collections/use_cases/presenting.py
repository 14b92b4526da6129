"""What finance does with a run until the bank has it: prepare it, tell the members, make its file, give it up."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from common.errors import Blocker
from common.files import Files
from common.identifiers import new_id
from common.jobs import ReceiptLine, enqueue
from common.numbering import Series, take_numbers
from common.rights import Grant
from common.transaction import Tx
from dues.collections import queries, repository
from dues.collections.documents import Debit, Notice, print_notice, write_file
from dues.collections.domain import (
    ALREADY,
    JOURNAL,
    TOLD_TOO_LATE,
    CollectionAct,
    CollectionLineState,
    CollectionState,
    LeftOut,
    NothingToCollect,
    Proposal,
    Run,
    SequenceType,
    recheck,
    require_banking_day,
    require_cancellable,
    require_file_in_time,
    require_in_time,
    require_state,
    require_withdrawable,
)
from dues.collections.schemas import CollectionIn
from dues.collections.tables import LineRow, RunRow
from dues.collections.use_cases.holding import held, held_line, leave_out
from dues.collections.use_cases.settling import catch_up
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import frozen_entity
from dues.mandates import use_cases as mandates
from dues.mandates.domain import Presentable, Scheme
from dues.members.queries import members_behind

ANNOUNCE = "collections.announce"
_OPEN = (CollectionLineState.PREPARED, CollectionLineState.ANNOUNCED)


async def prepare(tx: Tx, seller: LegalEntity, given: CollectionIn) -> UUID:
    """Take up what falls due by a day and can be collected; return the id of the run.

    Raises NotBankingDay, TooLate, CreditorWithoutIcs, NothingToCollect, CollectionNotFound, MandateNotFound,
    RuleMissing.
    """
    day = given.collection_on
    require_banking_day(day)
    setting = queries.setting_for(seller, given.scheme, day)
    require_in_time(setting.rules.last_notice_on(day), tx.today)
    [reference] = await take_numbers(tx, Series(seller.code, JOURNAL, tx.today.year), 1)
    claims = await queries.due_claims(tx, day)
    await catch_up(tx, claims)
    proposal = await queries.propose_on(tx, setting, day, claims)
    run = Run(
        id=new_id(),
        reference=reference,
        state=CollectionState.PREPARED,
        collection_on=day,
        last_notice_on=setting.rules.last_notice_on(day),
    )
    row = await repository.add(tx, run, seller, setting)
    taken = await repository.add_lines(tx, row, proposal.lines)
    if not taken:
        raise _nothing(proposal)
    late = [LeftOut(line.claim, ALREADY) for line in proposal.lines if line.claim.key not in taken]
    await repository.note_left_out(tx, row, [*proposal.left_out, *late])
    return run.id


async def announce(tx: Tx, run_id: UUID, if_match: str | None) -> None:
    """Ask for the members to be told, each by a notice.

    Raises CollectionNotFound, CollectionStateWrong, TooLate, NothingToCollect, PreconditionMissing, PreconditionFailed.
    """
    row = await held(tx, run_id, if_match)
    run = repository.to_domain(row)
    require_state(run, CollectionState.PREPARED)
    require_in_time(run.last_notice_on, tx.today)
    if not await repository.lines_in(tx, run_id, _OPEN, limit=1):
        raise NothingToCollect("Tous les prélèvements de cette remise en ont été retirés.")
    row.job_id = await enqueue(tx, ANNOUNCE, subject_id=run_id)
    await repository.move(tx, row, CollectionState.ANNOUNCING, CollectionAct.ANNOUNCING)


async def announce_slice(tx: Tx, row: RunRow, files: Files, done: int, limit: int) -> list[ReceiptLine]:
    """Tell the next members of a held run, on this day; those whom it is too late to tell are left out."""
    run = repository.to_domain(row)
    lines = await repository.lines_in(tx, row.id, [CollectionLineState.PREPARED], limit)
    if tx.today > run.last_notice_on:
        await leave_out(tx, {line.id: TOLD_TOO_LATE for line in lines})
        return [_told(rank, line, TOLD_TOO_LATE) for rank, line in enumerate(lines, start=done + 1)]
    creditor = frozen_entity(row.creditor)
    digests = await asyncio.gather(*(_print(files, line, run, creditor, tx.today) for line in lines))
    await repository.save_lines(
        tx,
        {
            line.id: {"state": CollectionLineState.ANNOUNCED.value, "notified_on": tx.today, "notice_sha256": digest}
            for line, digest in zip(lines, digests, strict=True)
        },
    )
    return [_told(rank, line) for rank, line in enumerate(lines, start=done + 1)]


async def end_announcing(tx: Tx, row: RunRow) -> None:
    """Note that every member was told; a run of which nobody could be is given up."""
    if await repository.lines_in(tx, row.id, [CollectionLineState.ANNOUNCED], limit=1):
        await repository.move(tx, row, CollectionState.ANNOUNCED, CollectionAct.ANNOUNCED)
    else:
        await repository.move(tx, row, CollectionState.CANCELLED, CollectionAct.CANCELLED, TOLD_TOO_LATE.message)


async def file(tx: Tx, files: Files, run_id: UUID, if_match: str | None) -> None:
    """Make the file of an announced run, once: what is no longer owed, or can no longer be collected, is left out.

    A run of which nothing is left is given up. Raises CollectionNotFound, CollectionStateWrong, FileTooLate,
    CreditorWithoutIcs, MandateNotFound, MandateNotSigned, MandateEnded, MandateLapsed,
    MandateSuspended, RuleMissing, PreconditionMissing, PreconditionFailed.
    """
    row = await held(tx, run_id, if_match)
    run = repository.to_domain(row)
    require_state(run, CollectionState.ANNOUNCED)
    require_file_in_time(row.last_file_on, tx.today)
    lines = await repository.lines_in(tx, run_id, [CollectionLineState.ANNOUNCED])
    ready, withdrawn = await _rechecked(tx, row, lines)
    await leave_out(tx, withdrawn)
    if not ready:
        await repository.move(
            tx, row, CollectionState.CANCELLED, CollectionAct.CANCELLED, "Plus rien n'y est à prélever."
        )
        return
    kept = [line for line in lines if line.id in ready]
    content = write_file(run, Scheme(row.scheme), frozen_entity(row.creditor), await _debits(tx, kept, ready), tx.now)
    row.file_sha256 = (await files.put(repository.file_path(run_id), content, dry_run=tx.dry_run)).sha256
    row.filed_on = tx.today
    presented = {
        line.id: {"state": CollectionLineState.PRESENTED.value, **repository.account_values(ready[line.id])}
        for line in kept
    }
    await repository.save_lines(tx, presented)
    await mandates.note_presented(tx, {line.mandate_id for line in kept}, run.collection_on)
    await repository.move(tx, row, CollectionState.PRESENTED, CollectionAct.PRESENTED)


async def cancel(tx: Tx, run_id: UUID, if_match: str | None, reason: str) -> None:
    """Give a run up, be its file made, as long as no money of it was received: what it took up is free again.

    Raises CollectionNotFound, CollectionStateWrong, PreconditionMissing, PreconditionFailed.
    """
    row = await held(tx, run_id, if_match)
    require_cancellable(repository.to_domain(row))
    lines = await repository.lines_in(tx, run_id, [*_OPEN, CollectionLineState.PRESENTED])
    await leave_out(tx, {line.id: Blocker("run_cancelled", f"Remise annulée : {reason}") for line in lines})
    await repository.move(tx, row, CollectionState.CANCELLED, CollectionAct.CANCELLED, reason)


async def withdraw(tx: Tx, grant: Grant, line_id: UUID, if_match: str | None, reason: str) -> None:
    """Take one collection out of a run whose file is not made.

    Raises CollectionLineNotFound, CollectionStateWrong, CollectionLineStateWrong, PreconditionMissing,
    PreconditionFailed.
    """
    row, line = await held_line(tx, grant, line_id, if_match)
    require_state(repository.to_domain(row), CollectionState.PREPARED, CollectionState.ANNOUNCED)
    require_withdrawable(CollectionLineState(line.state))
    await leave_out(tx, {line_id: Blocker("withdrawn_by_hand", reason)})


async def _rechecked(
    tx: Tx, row: RunRow, lines: Sequence[LineRow]
) -> tuple[dict[UUID, Presentable], dict[UUID, Blocker]]:
    """Return what is still to be collected of a run, under which mandate; and why the rest is not."""
    setting = queries.setting_for(frozen_entity(row.creditor), Scheme(row.scheme), row.collection_on)
    behind = await members_behind(tx, {line.member_id for line in lines})
    found = await queries.mandates_on(tx, {member.id for member in behind.values()}, row.collection_on)
    claims = {claim.key: claim for claim in await queries.due_claims(tx, row.collection_on)}
    ready, withdrawn = {}, {}
    for line in lines:
        mandate = found[behind[line.member_id].id]
        claim = claims.get(line.claim_key)
        claimed = {call.invoice_id: call.amount for call in claim.calls} if claim else {}
        blocker = recheck(line.mandate_id, repository.calls_of(line), claimed, mandate, setting)
        if isinstance(mandate, Presentable) and blocker is None:
            ready[line.id] = mandate
        elif blocker is not None:
            withdrawn[line.id] = blocker
    return ready, withdrawn


async def _debits(tx: Tx, lines: Sequence[LineRow], ready: Mapping[UUID, Presentable]) -> list[Debit]:
    members = await members_behind(tx, {line.member_id for line in lines})
    return [
        Debit(
            end_to_end=line.end_to_end,
            sequence=SequenceType(line.sequence),
            amount=line.amount,
            mandate=ready[line.id],
            address=members[line.member_id].address,
            calls=repository.calls_of(line),
        )
        for line in lines
    ]


async def _print(files: Files, line: LineRow, run: Run, creditor: LegalEntity, on: date) -> str:
    notice = Notice(
        end_to_end=line.end_to_end,
        member_name=line.member_name,
        calls=repository.calls_of(line),
        amount=line.amount,
        rum=line.rum,
        iban=line.iban,
        sequence=SequenceType(line.sequence),
    )
    stored = await files.put(repository.notice_path(line.id), await print_notice(notice, run, creditor, on))
    return stored.sha256


def _told(rank: int, line: LineRow, blocker: Blocker | None = None) -> ReceiptLine:
    message = blocker.message if blocker else line.member_name
    outcome = "withdrawn" if blocker else "announced"
    return ReceiptLine(rank, outcome, blocker.code if blocker else None, message, line.id, line.end_to_end)


def _nothing(proposal: Proposal) -> NothingToCollect:
    counts: dict[str, int] = {}
    for one in proposal.left_out:
        counts[one.blocker.code] = counts.get(one.blocker.code, 0) + 1
    return NothingToCollect("Rien de ce qui est échu ce jour-là ne peut être prélevé.", extra={"left_out": counts})
