"""What a person does with a member file: send it, look at what it would do, decide the doubts, apply it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

from common.dated import rule_on
from common.db import computed
from common.errors import Blocker, Refusal
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from common.wording import counted
from membership.applications.queries import waiting
from membership.applications.use_cases import date_membership, hold_open_of, receive_candidates
from membership.duplicates.domain import undoable_until
from membership.duplicates.queries import undo_rules
from membership.imports import repository
from membership.imports.domain import (
    APPLY,
    PREVIEW,
    PREVIEWABLE,
    UNDO,
    Finding,
    ImportStatus,
    KnownMember,
    MemberField,
    PlannedRow,
    RowOutcome,
    Undoing,
    UndoOutcome,
    after_undoing_stopped,
    capped,
    csv_file,
    file_findings,
    parse,
    plan,
    require_same_undo,
    undo_fingerprint,
    undo_obstacle,
)
from membership.imports.domain.refusals import (
    DecisionImpossible,
    DecisionNotNeeded,
    DecisionsMissing,
    ImportNotPreviewed,
    PreviewOutdated,
)
from membership.imports.queries import find_import, undone_rows
from membership.imports.schemas import ImportUndoIn
from membership.imports.tables import ImportLine, ImportRecord
from membership.members.domain import (
    ActivityKind,
    Convention,
    Member,
    activity_of,
    printed_activities,
    printed_conventions,
)
from membership.members.queries import entries_of, every_structure, register_mark
from membership.members.use_cases import Why, candidate, change_member, hold, retract, withdraw
from membership.territory.queries import load_territory

_REGISTER_NAMES = {MemberField.ADDRESS: "street", MemberField.COMMUNE: "city"}


async def send_file(tx: Tx, files: Files, filename: str, content: bytes) -> ImportRecord:
    """Take a file in and ask for its preview. Raises an UnreadableFile, and then keeps nothing."""
    csv_file.require_readable(content)
    import_id = new_id()
    # Stored before the commit, so that the job finds it. Rolled back, it is a file that no row names: harmless.
    stored = await files.put(f"imports/{import_id}.csv", content, dry_run=tx.dry_run)
    record = ImportRecord(
        id=import_id,
        filename=filename,
        path=stored.path,
        size=stored.size,
        sha256=stored.sha256,
        status=ImportStatus.PREVIEWING.value,
        job_id=await enqueue(tx, PREVIEW, subject_id=import_id),
        findings=[],
        counts={},
        register_mark=None,
        created_at=tx.now,
        created_by=tx.actor.subject,
        applied_at=None,
        undoable_until=None,
        undone_at=None,
        undone_by=None,
        undo_reason=None,
        version=1,
    )
    tx.session.add(record)
    return record


async def preview_again(tx: Tx, import_id: UUID, if_match: str | None) -> ImportRecord:
    """Ask for a fresh preview against the register of now; decisions start afresh. Raises ImportNotPreviewed."""
    record = await _held(tx, import_id, if_match)
    if record.status not in PREVIEWABLE:
        raise ImportNotPreviewed("Un aperçu ne se refait qu'après le premier et avant l'application.")
    record.status = ImportStatus.PREVIEWING.value
    record.job_id = await enqueue(tx, PREVIEW, subject_id=import_id)
    record.version += 1
    return record


async def decide_line(tx: Tx, import_id: UUID, row: int, decision: str) -> ImportLine:
    """Say of a suspected duplicate whether it is a structure of its own.

    Needs no version: two people who decide different rows must not block each other, and the same decision twice
    changes nothing. A decision that changes something gives the import a new version, so that nobody applies it
    without having seen the decision.

    Raises ImportNotFound, ImportNotPreviewed, LineNotFound, DecisionNotNeeded, DecisionImpossible.
    """
    record = await repository.get(tx, import_id, for_update=True)
    if record.status != ImportStatus.PREVIEWED:
        raise ImportNotPreviewed("On décide des doublons entre l'aperçu et l'application.")
    line = await repository.get_line(tx, import_id, row)
    if line.outcome != RowOutcome.SUSPECTED_DUPLICATE:
        raise DecisionNotNeeded(f"La ligne {row} n'est pas un doublon présumé : il n'y a rien à décider.")
    if decision == "create" and any(finding["code"] == "same_siren" for finding in line.findings):
        raise DecisionImpossible(f"La ligne {row} porte un SIREN déjà au registre : elle ne peut qu'être écartée.")
    if line.decision != decision:
        line.decision = decision
        record.version += 1
    return line


async def ask_to_apply(tx: Tx, import_id: UUID, if_match: str | None) -> ImportRecord:
    """Ask for the previewed changes to be made. Raises ImportNotPreviewed, DecisionsMissing, ImportBusy."""
    record = await _held(tx, import_id, if_match)
    if record.status != ImportStatus.PREVIEWED:
        raise ImportNotPreviewed("Cet import n'est pas à l'état d'aperçu.")
    if undecided := (await repository.undecided_rows(tx, [import_id])).get(import_id):
        presumed = counted(len(undecided), "doublon présumé", "doublons présumés")
        raise DecisionsMissing(
            f"{presumed} à décider : lignes {', '.join(map(str, undecided))}.",
            extra={"rows": undecided},
        )
    await repository.begin(tx, record, ImportStatus.APPLYING)
    record.job_id = await enqueue(tx, APPLY, subject_id=import_id)
    return record


async def ask_to_undo(tx: Tx, import_id: UUID, if_match: str | None, asked: ImportUndoIn) -> ImportRecord:
    """Ask for what an import did to be undone. Raises ImportNotApplied, ImportTooOld, ImportBusy."""
    record = await _held(tx, import_id, if_match)
    obstacle = undo_obstacle(ImportStatus(record.status), record.undoable_until, tx.today)
    if obstacle is not None:
        raise obstacle
    await repository.begin(tx, record, ImportStatus.UNDOING)
    record.job_id = await enqueue(tx, UNDO, subject_id=import_id, plan=asked.plan, reason=asked.reason)
    return record


def note_applied_from_now(tx: Tx, record: ImportRecord) -> None:
    """Write since when a held import is applied, be it in part, and until when it can be undone. Raises RuleMissing."""
    record.applied_at = tx.now
    record.undoable_until = undoable_until(tx.today, rule_on(undo_rules(), tx.today))


def note_applied_whole(record: ImportRecord) -> None:
    """Write that a held import is applied to its last row."""
    record.status = ImportStatus.APPLIED.value
    record.version += 1


async def status_after_undoing_stopped(tx: Tx, import_id: UUID) -> ImportStatus:
    """Return where an import stands whose undoing stopped: what was not applied may still be, if nothing is undone."""
    left = await repository.lines_after(tx, import_id, await repository.applied_until(tx, import_id), 1)
    return after_undoing_stopped(undone=await repository.is_undone_in_part(tx, import_id), left=bool(left))


def note_undone(tx: Tx, record: ImportRecord, reason: str) -> None:
    """Write that a held import is undone."""
    record.status = ImportStatus.UNDONE.value
    record.undone_at, record.undone_by, record.undo_reason = tx.now, tx.actor.subject, reason
    record.version += 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do to the register, and what the register then was."""

    rows: list[PlannedRow]
    findings: list[Finding]
    register_mark: str


async def make_plan(tx: Tx, content: bytes) -> Plan:
    """Plan a file against the register as it is now."""
    # Taken first: what changes while the register is read makes the mark old, and the file is planned once more.
    mark = await register_mark(tx)
    open_since = await waiting(tx)
    known = [_waiting(_known(member), open_since) for member in await every_structure(tx)]
    planned, findings = await computed(tx.session, _plan, content, known, tx.today)
    return Plan(planned, findings, mark)


def _plan(content: bytes, known: list[KnownMember], today: date) -> tuple[list[PlannedRow], list[Finding]]:
    table = csv_file.read(content)
    territory = load_territory()
    rows = [parse(row, territory, today) for row in table.rows]
    return plan(rows, known), capped([*table.findings, *file_findings(rows)])


def _known(member: Member) -> KnownMember:
    return KnownMember(
        id=member.id,
        name=member.name,
        activities=member.activities,
        address=member.street,
        postcode=member.postcode,
        commune=member.city,
        department=member.department,
        siren=member.siren,
        siret=member.siret,
        reference=member.reference,
        conventions=member.conventions,
        left_on=member.departure.left_on if member.departure else None,
        joined_on=member.joined_on,
    )


def _waiting(known: KnownMember, open_since: Mapping[UUID, date | None]) -> KnownMember:
    """Return a structure with what its open application says, if it has one."""
    return replace(known, waits=known.id in open_since, member_since=open_since.get(known.id))


async def _held(tx: Tx, import_id: UUID, if_match: str | None) -> ImportRecord:
    record = await repository.get(tx, import_id, for_update=True)
    await check_version(if_match, record.version, partial(find_import, tx, import_id))
    return record


async def require_current(tx: Tx, record: ImportRecord, files: Files) -> None:
    """Where the register changed since the preview, plan again and compare. Raises PreviewOutdated."""
    if await register_mark(tx) == record.register_mark:
        return
    planned = (await make_plan(tx, await files.get(record.path))).rows
    previewed = await repository.lines_after(tx, record.id, 0, len(planned) + 1)
    now = [
        (line.row.row, line.outcome.value, line.member_id, [asdict(change) for change in line.changes])
        for line in planned
    ]
    then = [(line.row, line.outcome, line.member_id, line.changes) for line in previewed]
    if now != then:
        raise PreviewOutdated("Le registre a changé depuis l'aperçu : demandez un nouvel aperçu avant d'appliquer.")


async def apply_lines(tx: Tx, import_id: UUID, lines: Sequence[ImportLine]) -> dict[int, UUID]:
    """Do what the preview showed for these rows; return, by row, the structure each created row became.

    Raises SirenTaken when the register took that SIREN meanwhile, PreviewOutdated when a structure changed,
    MemberMerged when it turned out to be a duplicate.
    """
    source = repository.source_of(import_id)
    created = await _create(tx, [line for line in lines if _is_to_create(line)], source)
    await repository.set_members(tx, import_id, created)
    changed = {line.member_id: line for line in lines if line.outcome == RowOutcome.CHANGED and line.member_id}
    await _date_memberships(tx, changed)  # applications are held before structures, as a sitting does
    for member_id, member in (await hold(tx, list(changed))).items():
        await change_member(tx, member, _changes_to(member, changed[member_id]), why=Why(source=source))
    return created


async def require_undo_as_shown(tx: Tx, import_id: UUID, shown: str) -> None:
    """Compare what undoing an import would do now with what somebody was shown. Raises UndoPlanChanged."""
    require_same_undo(shown, undo_fingerprint(await undone_rows(tx, import_id)))


async def undo_lines(tx: Tx, import_id: UUID, lines: Sequence[ImportLine], reason: str) -> dict[int, Undoing]:
    """Undo what these rows did; return, by row, what became of each that speaks of a structure.

    What somebody built upon meanwhile, and what the register refuses, is left as it is and said.
    """
    ids = [line.member_id for line in lines if line.member_id is not None]
    waiting_now = await hold_open_of(tx, ids)  # applications before structures, as a sitting does
    held = await hold(tx, ids, merged=True)
    rows = await undone_rows(tx, import_id, [line.row for line in lines])
    found = {one.done.row: one for one in rows}
    since = {one.done.member_id: one.done.first_day for one in rows if one.outcome is UndoOutcome.RETRACTED}
    await retract(tx, since, held, Why(reason, repository.source_of(import_id)))
    returning = [one.done for one in rows if one.outcome is UndoOutcome.RETURNED]
    known = await entries_of(tx, [done.member_id for done in returning])
    for done in returning:
        ours = [one for one in known[done.member_id] if one.source == repository.source_of(import_id)]
        try:
            async with tx.savepoint():
                await withdraw(tx, held[done.member_id], ours, reason)
                if done.dated:
                    await date_membership(tx, waiting_now[done.member_id], done.dated_before)
        except Refusal as refusal:
            found[done.row] = Undoing(done, UndoOutcome.KEPT, (Blocker(refusal.code, refusal.message),))
    undone = {row: one.outcome.value for row, one in found.items() if one.outcome in _UNDOES}
    await repository.set_undone(tx, import_id, undone)
    return found


_UNDOES = (UndoOutcome.RETRACTED, UndoOutcome.RETURNED)


def _is_to_create(line: ImportLine) -> bool:
    return line.outcome == RowOutcome.CREATED or line.decision == "create"


async def _create(tx: Tx, lines: list[ImportLine], source: str) -> dict[int, UUID]:
    """Enter the rows' structures as candidates; return, by row, the structure each became."""
    candidates = [candidate(**_fields(line)) for line in lines]
    days = {one.id: line.cells.get("member_since") for one, line in zip(candidates, lines, strict=True)}
    since = {member_id: date.fromisoformat(day) for member_id, day in days.items() if day}
    applications = await receive_candidates(tx, candidates, source, documents_asked=False, since=since)
    return {line.row: application.member_id for line, application in zip(lines, applications, strict=True)}


async def _date_memberships(tx: Tx, changed: Mapping[UUID, ImportLine]) -> None:
    """Write on open applications since when their structures are members. Raises PreviewOutdated."""
    days = {member_id: item for member_id, line in changed.items() for item in line.changes if _is_day(item)}
    waiting_now = await hold_open_of(tx, list(days))
    for member_id, item in days.items():
        application = waiting_now.get(member_id)
        if application is None or _iso(application.member_since) != item["old"]:
            name = changed[member_id].name
            raise PreviewOutdated(f"« {name} » a changé depuis l'aperçu : demandez un nouvel aperçu.")
        await date_membership(tx, application, date.fromisoformat(item["new"]))


def _is_day(item: Mapping[str, str | None]) -> bool:
    return item["field"] == MemberField.MEMBER_SINCE


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


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
        "conventions": {kind: Convention(number) for kind, number in _numbers(line).items()},
    }


def _numbers(line: ImportLine) -> dict[ActivityKind, str]:
    return {ActivityKind(kind): number for kind, number in line.cells.get("conventions", {}).items()}


def _changes_to(member: Member, line: ImportLine) -> dict[str, object]:
    """Return what the row changes, in the register's words. Raises PreviewOutdated when the old values are others."""
    known = _known(member)
    fields: dict[str, object] = {}
    for item in line.changes:
        if _is_day(item):
            continue  # of the application, not of the structure
        field = MemberField(item["field"])
        if _printed(known, field) != item["old"]:
            raise PreviewOutdated(f"« {known.name} » a changé depuis l'aperçu : demandez un nouvel aperçu.")
        if field is MemberField.CONVENTIONS:
            fields["conventions"] = {**member.conventions, **_agreed(member, _numbers(line))}
        else:
            fields[_REGISTER_NAMES.get(field, field.value)] = _read(field, item["new"])
    if "postcode" in fields:
        # A postcode alone would bring its own department: the file names the one under which the structure stays.
        fields.setdefault("department", member.department)
    return fields


def _agreed(member: Member, numbers: Mapping[ActivityKind, str]) -> dict[ActivityKind, Convention]:
    """Return the conventions whose number changes; the last day of the one before it is not that of the new one."""
    known = {kind: convention.number for kind, convention in member.conventions.items()}
    return {kind: Convention(number) for kind, number in numbers.items() if known.get(kind) != number}


def _printed(known: KnownMember, field: MemberField) -> str | None:
    """Return what the register says of a field, as the plan prints it."""
    if field is MemberField.ACTIVITIES:
        return printed_activities(known.activities) or None
    if field is MemberField.CONVENTIONS:
        return printed_conventions(known.activities, known.conventions) or None
    value: str | None = getattr(known, field)
    return value


def _read(field: MemberField, printed: str) -> object:
    if field is not MemberField.ACTIVITIES:
        return printed
    return tuple(kind for part in printed.split("/") if (kind := activity_of(part)))
