"""The lines that are sure of what they are are matched, many at once; each of the others is told why it waits."""

from collections.abc import Sequence
from uuid import UUID

from common.errors import Refusal
from common.jobs import ReceiptLine
from common.rights import Grant, Scope
from common.transaction import Tx
from dues.bank import repository
from dues.bank.domain import Candidate, Deposit, Echo, LineState, Matching, signs_of_charge, unless_echo
from dues.bank.queries import deposits_of, echoes_of, matching_of
from dues.bank.tables import LineRow
from dues.bank.use_cases.depositing import deposit
from dues.bank.use_cases.recognising import Recognised, recognise
from dues.bank.use_cases.settling import NamedCalls, settle_on

_NOTHING = Matching(())
Known = Echo | Deposit


async def match_slice(tx: Tx, entity: str, done: int, *, after: UUID | None, limit: int) -> list[ReceiptLine]:
    """Match the next lines, each for itself: one that somebody else's payment overtook waits, and says why.

    Raises RuleMissing.
    """
    rows = await repository.waiting_after(tx, after, limit)
    found, echoed, banked = await matching_of(tx, rows), await echoes_of(tx, rows), await deposits_of(tx, rows)
    lines = []
    for rank, row in enumerate(rows, start=done + 1):
        deposited = banked.get(row.id, ())
        known: tuple[Known, ...] = (*deposited, *echoed[row.id])
        matching = unless_echo(found.get(row.id, _NOTHING), echoed[row.id], deposited)
        lines.append(
            await _recognised(tx, entity, rank, row, known) or await _matched(tx, entity, rank, row, matching, known)
        )
    return lines


async def _recognised(tx: Tx, entity: str, rank: int, row: LineRow, known: Sequence[Known]) -> ReceiptLine | None:
    """Recognise what a line is the echo of, where one thing is sure; None where a call is to be looked for."""
    sure = [one for one in known if one.sure]
    if len(sure) != 1:
        return None
    [one] = sure
    try:
        if row.state == LineState.UNMATCHED:  # another line of its run, in this step, may have been all of them
            async with tx.savepoint():
                await _recognise(tx, entity, row, one)
    except Refusal as refusal:
        return ReceiptLine(rank, "refused", refusal.code, refusal.message, row.id, row.reference)
    return ReceiptLine(rank, "matched", None, _said(one), row.id, one.reference)


async def _recognise(tx: Tx, entity: str, row: LineRow, known: Known) -> None:
    if isinstance(known, Deposit):
        await deposit(tx, entity, row, [one.id for one in known.receipts])
    else:
        await recognise(tx, entity, row, Recognised(known.kind, known.id))


async def _matched(
    tx: Tx, entity: str, rank: int, row: LineRow, matching: Matching, known: Sequence[Known]
) -> ReceiptLine:
    if not matching.sure:
        message = _why(matching, known) if row.amount > 0 else _why_not_out(row, known)
        return ReceiptLine(rank, "waiting", message=message, subject_id=row.id, reference=row.reference)
    everybody = Grant(tx.actor, Scope.ALL)  # who asked may match any line
    try:
        async with tx.savepoint():
            await settle_on(tx, everybody, entity, row, NamedCalls(matching.sure))
    except Refusal as refusal:
        return ReceiptLine(rank, "refused", refusal.code, refusal.message, row.id, row.reference)
    paid = [one for one in matching.candidates if one.call.id in matching.sure]
    return ReceiptLine(rank, "matched", None, _reasons(paid), row.id, ", ".join(one.call.number for one in paid))


def _reasons(candidates: list[Candidate]) -> str:
    return " ".join(reason.message for one in candidates for reason in one.reasons)


def _said(one: Known) -> str:
    return " ".join(reason.message for reason in one.reasons)


def _why(matching: Matching, known: Sequence[Known]) -> str:
    for one in known:
        if isinstance(one, Deposit):
            return _unsure(one)
    if not matching.candidates:
        return " ".join(matching.notes) or "Aucun appel ne répond à cette ligne."
    best = matching.candidates[0]
    return f"{best.call.number} n'est pas sûr ({best.score} sur 100). {_reasons([best])}"


def _why_not_out(row: LineRow, known: Sequence[Known]) -> str:
    """Say why a line that took money waits: a charge is always a person's to confirm."""
    if not known:
        charged = " ".join(reason.message for reason in signs_of_charge(repository.line_of(row)))
        return f"{charged} À confirmer." if charged else "Aucun lot de virements ne répond à cette ligne."
    return _unsure(known[0])


def _unsure(one: Known) -> str:
    return f"{one.reference} n'est pas sûr ({one.score} sur 100). {_said(one)}"
