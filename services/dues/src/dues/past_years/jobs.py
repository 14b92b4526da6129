"""Clock door of the past years: a preview, then the taking, each whole in one step: a file is taken or it is not."""

from collections.abc import Sequence
from uuid import UUID

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.past_years import repository, use_cases
from dues.past_years.domain import ImportStatus, PlannedRow
from dues.past_years.use_cases import APPLY, PREVIEW


async def preview(tx: Tx, run: JobRun) -> bool:
    """Plan the file against what is kept, and say of each line what it would do."""
    row = await repository.get(tx, _import_id(run.subject_id), for_update=True)
    planned = await use_cases.make_plan(tx, await run.files.get(row.path))
    _tell(run, planned)
    use_cases.note_previewed(row, planned, dict(run.counts))
    return True


async def apply(tx: Tx, run: JobRun) -> bool:
    """Take what was shown. Raises HistoryPreviewOutdated."""
    row = await repository.get(tx, _import_id(run.subject_id), for_update=True)
    _tell(run, await use_cases.apply(tx, row, await run.files.get(row.path)))
    return True


async def preview_stopped(tx: Tx, import_id: UUID | None) -> None:
    """Let the preview be done again."""
    await use_cases.give_back(tx, _import_id(import_id), ImportStatus.PREVIEW_FAILED)


async def apply_stopped(tx: Tx, import_id: UUID | None) -> None:
    """Let the preview be done again, or what it showed be taken."""
    await use_cases.give_back(tx, _import_id(import_id), ImportStatus.PREVIEWED)


def _tell(run: JobRun, planned: Sequence[PlannedRow]) -> None:
    run.receipt += [_receipt(row) for row in planned]
    run.counts.update(row.outcome.value for row in planned)
    run.done = run.total = len(planned)


def _receipt(row: PlannedRow) -> ReceiptLine:
    return ReceiptLine(
        row=row.number,
        outcome=row.outcome.value,
        code=row.defects[0].code if row.defects else None,
        message=" ".join(defect.message for defect in row.defects) or None,
        subject_id=row.member.id if row.member else None,
        reference=f"{row.member.name}, {row.year}" if row.member else None,
    )


def _import_id(subject_id: UUID | None) -> UUID:
    if subject_id is None:
        raise ValueError("such a job is about an import")
    return subject_id


JOBS = (JobKind(PREVIEW, preview, preview_stopped), JobKind(APPLY, apply, apply_stopped))
