"""Clock door of imports: the preview in one step, the application in slices of rows."""

from typing import Any
from uuid import UUID

from common.errors import Conflict
from common.jobs import JobKind, JobRun, ReceiptLine
from common.transaction import Tx
from membership.applications.use_cases import receive_candidates
from membership.imports import repository, use_cases
from membership.imports.domain import MemberField, RowOutcome
from membership.imports.tables import ImportLine
from membership.members import repository as members
from membership.members.domain import ActivityKind, activity_of
from membership.members.use_cases import candidate, change

_SLICE = 1_000
_REGISTER_NAMES = {MemberField.ADDRESS: "street", MemberField.COMMUNE: "city"}


class PreviewOutdated(Conflict):
    """The register changed since the preview: what was looked at is not what would be done."""

    code = "import_preview_outdated"


async def preview(tx: Tx, run: JobRun) -> bool:
    """Plan the whole file against the register, in one step."""
    record = await repository.get(tx, _import_id(run), for_update=True)
    rows, planned, table = await use_cases.make_plan(tx, await run.files.get(record.path))
    await repository.replace_plan(tx, record.id, planned)
    run.counts.update(line.outcome.value for line in planned)
    run.done = run.total = len(planned)
    record.status = "previewed"
    record.findings = use_cases.all_findings(rows, table)
    record.counts = dict(run.counts)
    record.version += 1
    return True


async def apply(tx: Tx, run: JobRun) -> bool:
    """Do what the preview showed, the next slice of rows. Raises PreviewOutdated before the first."""
    import_id = _import_id(run)
    record = await repository.get(tx, import_id, for_update=True)
    if run.total is None:
        run.total = sum(record.counts.values())
        await _require_current(tx, import_id, await run.files.get(record.path))
    lines = await repository.lines_after(tx, import_id, run.cursor.get("row", 0), _SLICE)
    if not lines:
        record.status = "applied"
        record.version += 1
        return True
    created = await _create(tx, [line for line in lines if _is_to_create(line)])
    await repository.set_members(tx, import_id, created)
    for line in lines:
        if line.outcome == RowOutcome.CHANGED:
            await _change(tx, line)
        run.receipt.append(_receipt(line, created))
    run.counts.update(receipt.outcome for receipt in run.receipt)
    run.cursor["row"] = lines[-1].row
    run.done += len(lines)
    return False


async def release(tx: Tx, import_id: UUID | None) -> None:
    """Give an import back to whoever looks after it: what was applied stays, a new preview shows what is left."""
    if import_id is not None:
        record = await repository.get(tx, import_id, for_update=True)
        record.status = "previewed"
        record.version += 1


async def _require_current(tx: Tx, import_id: UUID, content: bytes) -> None:
    """Plan again and compare with what was previewed. Raises PreviewOutdated."""
    _, planned, _ = await use_cases.make_plan(tx, content)
    previewed = await repository.lines_after(tx, import_id, 0, len(planned) + 1)
    now = [(line.row.row, line.outcome.value, line.member_id, len(line.changes)) for line in planned]
    then = [(line.row, line.outcome, line.member_id, len(line.changes)) for line in previewed]
    if now != then:
        raise PreviewOutdated("Le registre a changé depuis l'aperçu : demandez un nouvel aperçu avant d'appliquer.")


def _is_to_create(line: ImportLine) -> bool:
    return line.outcome == RowOutcome.CREATED or line.decision == "create"


async def _create(tx: Tx, lines: list[ImportLine]) -> dict[int, UUID]:
    """Enter the rows' structures as candidates; return, by row, the structure each became."""
    candidates = [candidate(**_fields(line)) for line in lines]
    applications = await receive_candidates(tx, candidates)
    return {line.row: application.member_id for line, application in zip(lines, applications, strict=True)}


def _fields(line: ImportLine) -> dict[str, object]:
    cells = line.cells
    return {
        "name": cells["name"],
        "activities": tuple(ActivityKind(kind) for kind in cells["activities"]),
        "street": cells["address"],
        "postcode": cells["postcode"],
        "city": cells["commune"],
        "department": cells["department"],
        "siren": cells["siren"],
        "siret": cells["siret"],
    }


async def _change(tx: Tx, line: ImportLine) -> None:
    if line.member_id is None:
        raise ValueError(f"row {line.row} changes nobody")
    member = await members.get_for_update(tx, line.member_id)
    fields: dict[str, object] = {}
    for item in line.changes:
        field = MemberField(item["field"])
        fields[_REGISTER_NAMES.get(field, field.value)] = _read(field, item["new"])
    await change(tx, member, **fields)


def _read(field: MemberField, printed: str) -> object:
    if field is not MemberField.ACTIVITIES:
        return printed
    return tuple(kind for part in printed.split("/") if (kind := activity_of(part)))


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


def _reason(line: ImportLine) -> dict[str, Any] | None:
    """Return what explains the row's outcome best: its first error, or else what was found last, the resemblance."""
    errors = [finding for finding in line.findings if finding["severity"] == "error"]
    return next(iter([*errors, *reversed(line.findings)]), None)


def _import_id(run: JobRun) -> UUID:
    if run.subject_id is None:
        raise ValueError("an import job is about an import")
    return run.subject_id


JOBS = (
    JobKind(use_cases.PREVIEW, preview),
    JobKind(use_cases.APPLY, apply, release),
)
