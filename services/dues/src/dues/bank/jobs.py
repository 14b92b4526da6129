"""Clock door of the bank: the lines that are sure of what they are are matched, hundreds a step."""

from collections.abc import Sequence

from common.errors import Refusal
from common.jobs import JobKind, JobRun, ReceiptLine
from common.rights import Grant, Scope
from common.transaction import Tx
from dues.bank import repository, use_cases
from dues.bank.domain import Candidate, Echo, LineState, Matching, signs_of_charge, unless_echo
from dues.bank.queries import echoes_of, matching_of
from dues.bank.tables import LineRow
from dues.bank.use_cases import MATCH, Recognised, Wanted

_NOTHING = Matching(())
_SLICE = 100
"""Lines a step: for that long the numbers of new receipts are held."""


async def match_all(tx: Tx, run: JobRun) -> bool:
    """Match the next lines, each for itself: one that somebody else's payment overtook waits, and says why."""
    rows = await repository.waiting_after(tx, run.after, _SLICE)
    found, echoed = await matching_of(tx, rows), await echoes_of(tx, rows)
    lines = [
        await _recognised(tx, run, rank, row, echoed[row.id])
        or await _matched(tx, run, rank, row, unless_echo(found.get(row.id, _NOTHING), echoed[row.id]), echoed[row.id])
        for rank, row in enumerate(rows, start=run.done + 1)
    ]
    return run.advance(lines, _SLICE)


async def _recognised(tx: Tx, run: JobRun, rank: int, row: LineRow, echoed: Sequence[Echo]) -> ReceiptLine | None:
    """Recognise what a line is the echo of, where one thing is sure; None where a call is to be looked for."""
    sure = [one for one in echoed if one.sure]
    if len(sure) != 1:
        return None
    [echo] = sure
    try:
        if row.state == LineState.UNMATCHED:  # another line of its run, in this step, may have been all of them
            async with tx.savepoint():
                await use_cases.recognise(tx, run.arguments["entity"], row, Recognised(echo.kind, echo.id))
    except Refusal as refusal:
        return ReceiptLine(rank, "refused", refusal.code, refusal.message, row.id, row.reference)
    return ReceiptLine(rank, "matched", None, " ".join(one.message for one in echo.reasons), row.id, echo.reference)


async def _matched(
    tx: Tx, run: JobRun, rank: int, row: LineRow, matching: Matching, echoed: Sequence[Echo]
) -> ReceiptLine:
    if not matching.sure:
        message = _why(matching) if row.amount > 0 else _why_not_out(row, echoed)
        return ReceiptLine(rank, "waiting", message=message, subject_id=row.id, reference=row.reference)
    everybody = Grant(tx.actor, Scope.ALL)  # who asked may match any line
    try:
        async with tx.savepoint():
            await use_cases.settle_on(tx, everybody, run.arguments["entity"], row, Wanted(matching.sure))
    except Refusal as refusal:
        return ReceiptLine(rank, "refused", refusal.code, refusal.message, row.id, row.reference)
    paid = [one for one in matching.candidates if one.call.id in matching.sure]
    return ReceiptLine(rank, "matched", None, _reasons(paid), row.id, ", ".join(one.call.number for one in paid))


def _reasons(candidates: list[Candidate]) -> str:
    return " ".join(reason.message for one in candidates for reason in one.reasons)


def _why(matching: Matching) -> str:
    if not matching.candidates:
        return " ".join(matching.notes) or "Aucun appel ne répond à cette ligne."
    best = matching.candidates[0]
    return f"{best.call.number} n'est pas sûr ({best.score} sur 100). {_reasons([best])}"


def _why_not_out(row: LineRow, echoed: Sequence[Echo]) -> str:
    """Say why a line that took money waits: a charge is always a person's to confirm."""
    if not echoed:
        charged = " ".join(reason.message for reason in signs_of_charge(repository.line_of(row)))
        return f"{charged} À confirmer." if charged else "Aucun lot de virements ne répond à cette ligne."
    best = echoed[0]
    why = " ".join(reason.message for reason in best.reasons)
    return f"{best.reference} n'est pas sûr ({best.score} sur 100). {why}"


JOBS = (JobKind(MATCH, match_all),)
