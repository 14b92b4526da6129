"""Clock door of reminders: printing the letters of a run, a few at a time, then all of them as one document."""

from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from dues.reminders import repository
from dues.reminders.documents import print_letters
from dues.reminders.tables import ReminderRow, RunRow
from dues.reminders.use_cases import PRINT

_SLICE = 20


async def print_run(tx: Tx, run: JobRun) -> bool:
    """Print and store the next letters; at first tell who was left out. Repeated, a step stores the same bytes."""
    if run.subject_id is None:
        raise ValueError("a printing job is about a run")
    made = await repository.run_of(tx, run.subject_id)
    run.total = made.count + len(made.skipped)
    if not run.done:
        _tell_skipped(run, made)
    rows = await repository.to_print(tx, made.id, _SLICE)
    if not rows:
        letters = await print_letters(await repository.documents_of(tx, made.id), made.reminded_on)
        made.pdf_sha256 = (await run.files.put(repository.run_pdf_path(made.id), letters)).sha256
        return True
    await repository.note_printed(tx, {row.id: await _print(run, row) for row in rows})
    for row in rows:
        _tell(run, ReceiptLine(run.done + 1, "printed", subject_id=row.member_id, reference=row.level_label))
    return False


async def _print(run: JobRun, row: ReminderRow) -> str:
    pdf = await print_letters([row.document], row.reminded_on)
    return (await run.files.put(repository.pdf_path(row.id), pdf)).sha256


def _tell_skipped(run: JobRun, made: RunRow) -> None:
    for one in made.skipped:
        line = ReceiptLine(run.done + 1, "skipped", one["code"], one["message"], one["member_id"], one["member_name"])
        _tell(run, line)


def _tell(run: JobRun, line: ReceiptLine) -> None:
    run.done += 1
    run.receipt.append(line)
    run.counts[line.outcome] += 1


JOBS = (JobKind(PRINT, print_run),)
