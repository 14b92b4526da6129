"""Clock door of imports: the preview in one step, the application and its undoing in slices of rows."""

from typing import Any
from uuid import UUID

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from membership.imports import repository, use_cases
from membership.imports.domain import APPLY, PREVIEW, UNDO, ImportStatus, Undoing, UndoOutcome
from membership.imports.tables import ImportLine

_SLICE = 4_000
"""Rows entered in one transaction: about a second, for which the numbers of new structures are held."""


async def preview(tx: Tx, run: JobRun) -> bool:
    """Plan the whole file against the register, in one step."""
    record = await repository.get(tx, _import_id(run), for_update=True)
    made = await use_cases.make_plan(tx, await run.files.get(record.path))
    await repository.replace_plan(tx, record.id, made.rows)
    run.counts.update(line.outcome.value for line in made.rows)
    run.done = run.total = len(made.rows)
    record.status = ImportStatus.PREVIEWED.value
    record.findings = repository.findings_json(made.findings)
    record.counts = dict(run.counts)
    record.register_mark = made.register_mark
    record.version += 1
    return True


async def apply(tx: Tx, run: JobRun) -> bool:
    """Do what the preview showed, the next slice of rows. Raises PreviewOutdated before the first."""
    import_id = _import_id(run)
    record = await repository.get(tx, import_id, for_update=True)
    if run.total is None:
        run.total = sum(record.counts.values())
        await use_cases.require_current(tx, record, run.files)
        use_cases.note_applied_from_now(tx, record)
    lines = await repository.lines_after(tx, import_id, run.cursor.get("row", 0), _SLICE)
    if not lines:
        use_cases.note_applied_whole(record)
        return True
    created = await use_cases.apply_lines(tx, import_id, lines)
    run.receipt += [_receipt(line, created) for line in lines]
    run.counts.update(receipt.outcome for receipt in run.receipt)
    run.cursor["row"] = lines[-1].row
    run.done += len(lines)
    return False


async def undo(tx: Tx, run: JobRun) -> bool:
    """Undo what the next slice of rows did. Raises UndoPlanChanged before the first."""
    import_id = _import_id(run)
    record = await repository.get(tx, import_id, for_update=True)
    if run.total is None:
        run.total = sum(record.counts.values())
        await use_cases.require_undo_as_shown(tx, import_id, run.arguments["plan"])
    lines = await repository.lines_after(tx, import_id, run.cursor.get("row", 0), _SLICE)
    if not lines:
        use_cases.note_undone(tx, record, run.arguments["reason"])
        return True
    undone = await use_cases.undo_lines(tx, import_id, lines, run.arguments["reason"])
    run.receipt += [_undo_receipt(line, undone.get(line.row)) for line in lines]
    run.counts.update(receipt.outcome for receipt in run.receipt)
    run.cursor["row"] = lines[-1].row
    run.done += len(lines)
    return False


async def preview_stopped(tx: Tx, import_id: UUID | None) -> None:
    """Give an import back whose preview failed or was cancelled: it may be previewed again."""
    await _give_back(tx, import_id, ImportStatus.PREVIEW_FAILED)


async def apply_stopped(tx: Tx, import_id: UUID | None) -> None:
    """Give an import back to whoever looks after it: a new preview shows what is left; or what was done is undone."""
    await _give_back(tx, import_id, ImportStatus.PREVIEWED)


async def undo_stopped(tx: Tx, import_id: UUID | None) -> None:
    """Give an import back whose undoing stopped: what was undone stays so, a new plan shows what is left."""
    if import_id is not None:
        await _give_back(tx, import_id, await use_cases.status_after_undoing_stopped(tx, import_id))


async def _give_back(tx: Tx, import_id: UUID | None, status: ImportStatus) -> None:
    if import_id is not None:
        record = await repository.get(tx, import_id, for_update=True)
        record.status = status.value
        record.version += 1


def _receipt(line: ImportLine, created: dict[int, UUID]) -> ReceiptLine:
    outcome = "skipped" if line.decision == "skip" else "created" if line.row in created else line.outcome
    reason = _reason(line)
    return ReceiptLine(
        row=line.row,
        outcome=outcome,
        code=reason["code"] if reason else None,
        message=reason["message"] if reason else None,
        subject_id=created.get(line.row, line.member_id),
        reference=line.name,
    )


def _undo_receipt(line: ImportLine, made: Undoing | None) -> ReceiptLine:
    blockers = made.blockers if made else ()
    return ReceiptLine(
        row=line.row,
        outcome=(made.outcome if made else UndoOutcome.NOTHING).value,
        code=blockers[0].code if blockers else None,
        message=" ".join(blocker.message for blocker in blockers) or None,
        subject_id=line.member_id,
        reference=line.name,
    )


def _reason(line: ImportLine) -> dict[str, Any] | None:
    """Return what explains the row's outcome best: its first error, or else what was found last, the resemblance."""
    errors = [finding for finding in line.findings if finding["severity"] == "error"]
    return next(iter([*errors, *reversed(line.findings)]), None)


def _import_id(run: JobRun) -> UUID:
    if run.subject_id is None:
        raise ValueError("an import job is about an import")
    return run.subject_id


JOBS = (
    JobKind(PREVIEW, preview, preview_stopped),
    JobKind(APPLY, apply, apply_stopped),
    JobKind(UNDO, undo, undo_stopped),
)
