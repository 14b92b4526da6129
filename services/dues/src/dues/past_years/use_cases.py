"""What finance does with the past years of the members: send a file, look at what it would do, take it."""

from functools import partial
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from dues.invoices.queries import called_years
from dues.members.queries import members_behind, members_of_sirens
from dues.past_years import repository
from dues.past_years.domain import (
    ImportStatus,
    Known,
    Named,
    PlannedRow,
    RowOutcome,
    plan,
    read_history,
    require_appliable,
    require_previewable,
    require_same,
)
from dues.past_years.domain import mark_of as mark_of_plan
from dues.past_years.queries import find_import
from dues.past_years.tables import HistoryImportRow

PREVIEW, APPLY = "history.preview", "history.apply"


async def send_file(tx: Tx, files: Files, filename: str, content: bytes) -> HistoryImportRow:
    """Take a file in and ask for its preview. Raises HistoryUnreadable, and then keeps nothing."""
    await computed(tx.session, read_history, content)
    import_id = new_id()
    # Stored before the commit, so that the job finds it. Rolled back, it is a file that no row names: harmless.
    stored = await files.put(f"history/{import_id}.csv", content, dry_run=tx.dry_run)
    row = HistoryImportRow(
        id=import_id,
        filename=filename,
        path=stored.path,
        size=stored.size,
        sha256=stored.sha256,
        status=ImportStatus.PREVIEWING.value,
        job_id=await enqueue(tx, PREVIEW, subject_id=import_id),
        counts={},
        mark=None,
        created_at=tx.now,
        created_by=tx.actor.subject,
        applied_at=None,
        version=1,
    )
    tx.session.add(row)
    return row


async def preview_again(tx: Tx, import_id: UUID, if_match: str | None) -> HistoryImportRow:
    """Ask for a preview against what is kept now. Raises HistoryImportNotFound, HistoryNotPreviewed."""
    row = await _held(tx, import_id, if_match)
    require_previewable(ImportStatus(row.status))
    return await _ask(tx, row, ImportStatus.PREVIEWING, PREVIEW)


async def ask_to_apply(tx: Tx, import_id: UUID, if_match: str | None) -> HistoryImportRow:
    """Ask for what was shown to be taken. Raises HistoryImportNotFound, HistoryNotPreviewed, HistoryDefective."""
    row = await _held(tx, import_id, if_match)
    require_appliable(ImportStatus(row.status), row.counts.get(RowOutcome.ERROR, 0))
    return await _ask(tx, row, ImportStatus.APPLYING, APPLY)


async def make_plan(tx: Tx, content: bytes) -> list[PlannedRow]:
    """Plan a file against what is kept now."""
    rows = await computed(tx.session, read_history, content)
    behind = await members_behind(tx, {row.who for row in rows if isinstance(row.who, UUID)})
    by_id = {record: Named(member.id, member.name) for record, member in behind.items()}
    found = await members_of_sirens(tx, {row.who for row in rows if isinstance(row.who, str)})
    by_siren = {siren: [Named(one.id, one.name) for one in members] for siren, members in found.items()}
    named = {one.id for one in by_id.values()} | {one.id for members in by_siren.values() for one in members}
    known = Known(
        by_id=by_id,
        by_siren=by_siren,
        kept=await repository.kept_years(tx, named),
        called_years=await called_years(tx),
        today=tx.today,
    )
    return plan(rows, known)


def note_previewed(row: HistoryImportRow, planned: list[PlannedRow], counts: dict[str, int]) -> None:
    """Write on a held import what it would do."""
    row.status, row.counts, row.mark = ImportStatus.PREVIEWED.value, counts, mark_of_plan(planned)
    row.version += 1


async def apply(tx: Tx, row: HistoryImportRow, content: bytes) -> list[PlannedRow]:
    """Take what was shown of a held import, all of it in this transaction. Raises HistoryPreviewOutdated."""
    await repository.wait_for_others(tx)
    planned = await make_plan(tx, content)
    require_same(row.mark, mark_of_plan(planned))
    await repository.take(tx, row.id, planned)
    row.status, row.applied_at = ImportStatus.APPLIED.value, tx.now
    row.version += 1
    return planned


async def give_back(tx: Tx, import_id: UUID, status: ImportStatus) -> None:
    """Give back an import whose job failed or was stopped: nothing of it was taken."""
    row = await repository.get(tx, import_id, for_update=True)
    row.status = status.value
    row.version += 1


async def _held(tx: Tx, import_id: UUID, if_match: str | None) -> HistoryImportRow:
    row = await repository.get(tx, import_id, for_update=True)
    await check_version(if_match, row.version, partial(find_import, tx, import_id))
    return row


async def _ask(tx: Tx, row: HistoryImportRow, status: ImportStatus, job: str) -> HistoryImportRow:
    row.status = status.value
    row.job_id = await enqueue(tx, job, subject_id=row.id)
    row.version += 1
    return row
