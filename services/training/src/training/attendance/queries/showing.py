"""Attendance of a session: half-day by half-day, and what each has followed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from common.blockers import tried
from common.rights import Grant, grant_for
from common.transaction import Read
from training.attendance import documents, domain, repository
from training.attendance.domain import Device, Entry, Method, Sheet, SigningRule
from training.attendance.queries.reach import Reached, by_link, reached, signing_rule, taught
from training.attendance.schemas import (
    AttendanceBesideOut,
    AttendanceMarkOut,
    AttendanceOut,
    DeviceOut,
    HalfDaySheetOut,
    HoursFollowedOut,
    LedgerOut,
    OwnAttendanceOut,
    OwnHalfDay,
    SigningRuleOut,
)
from training.enrolments.queries.roster import Seated
from training.rights import RIGHTS, Act
from training.sessions.domain import Session, Slot, hours_of
from training.sessions.queries.sessions import session_of
from training.trainers.queries.trainers import trainers_by_id


async def find_attendance(read: Read, grant: Grant, session_id: UUID) -> AttendanceOut:
    """Return the attendance of a session within reach. Raises SessionNotFound, RuleMissing."""
    found = await reached(read, grant, session_id)
    sheets, entries = await sheets_of(read, found.session)
    last = entries[-1] if entries else None
    names = _names(found)
    rule = signing_rule(read)
    followed = [domain.followed(sheets, seat.enrolment_id) for seat in found.seats]
    return AttendanceOut(
        session_id=session_id,
        reference=found.session.reference,
        title=found.session.pinned.title,
        status=found.session.status_at(read.now),
        lines=last.number if last else 0,
        hash=last.hash if last else domain.GENESIS,
        half_days=[sheet_out(read, sheet, found.seats, names, rule) for sheet in sheets],
        followed=[
            HoursFollowedOut(
                enrolment_id=one.enrolment_id,
                name=names[one.enrolment_id],
                hours=one.hours,
                half_days=one.half_days,
                last_day=one.last_day,
            )
            for one in followed
        ],
        rule=SigningRuleOut.model_validate(rule),
        is_complete=domain.all_closed(sheets),
    )


async def sheets_of(read: Read, session: Session) -> tuple[Sequence[Sheet], Sequence[Entry]]:
    """Return the half-days of a session as its ledger has them, and all its lines."""
    entries = await repository.entries_of(read, session.id)
    sheets = [
        domain.sheet_of(slot, [entry for entry in entries if entry.said.slot_id == slot.id]) for slot in session.slots
    ]
    return sheets, entries


async def print_half_day(read: Read, grant: Grant, session_id: UUID, slot_id: UUID) -> bytes:
    """Return the sheet of a half-day as it stands now.

    Raises SessionNotFound, HalfDayNotFound, SessionNotHeld, RuleMissing, TrainerNotFound.
    """
    found = await reached(read, grant, session_id)
    slot = domain.slot_of(found.session, slot_id)
    sheet = domain.sheet_of(slot, await repository.entries_of(read, session_id, slot_id))
    shown = sheet_out(read, sheet, found.seats, _names(found), signing_rule(read))
    signed = sheet.closed.said.trainer_id if sheet.closed else None
    known = await trainers_by_id(read, {signed} if signed else set(slot.trainers))
    trainers = [trainer.profile.name for trainer in known.values()]
    return await documents.print_sheet(found.session, sheet, shown, trainers, read.today)


async def find_ledger(read: Read, grant: Grant, session_id: UUID) -> LedgerOut:
    """Return the ledger of a session within reach, to verify. Raises SessionNotFound."""
    await taught(read, grant, session_id)
    entries = await repository.entries_of(read, session_id)
    devices = await repository.devices_of(read, session_id)
    return LedgerOut(
        session=session_id,
        entries=[{**entry.content(), "hash": entry.hash} for entry in entries],
        devices=[{"id": str(one.id), "public_key": one.public_key} for one in devices],
    )


async def find_own(read: Read, key: str) -> OwnAttendanceOut:
    """Return what a signing link opens: one's own half-days. Raises SigningLinkNotFound, SessionNotFound."""
    link, seat = await by_link(read, key)
    session = await session_of(read, seat.session_id)
    sheets, _ = await sheets_of(read, session)
    return OwnAttendanceOut(
        reference=session.reference,
        title=session.pinned.title,
        half_days=[_own(sheet, sheet.of(link.enrolment_id)) for sheet in sheets],
    )


def sheet_out(
    read: Read, sheet: Sheet, seats: Sequence[Seated], names: Mapping[UUID, str | None], rule: SigningRule
) -> HalfDaySheetOut:
    """Write a half-day, and what can be done of it."""
    slot: Slot = sheet.slot
    allowed, blockers = tried(_attempts(read, sheet, rule))
    ids = set(names)
    return HalfDaySheetOut(
        slot_id=slot.id,
        day=slot.half_day.day,
        half=slot.half_day.half,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        hours=hours_of((slot,)),
        opened_at=sheet.opened.at if sheet.opened else None,
        closed_at=sheet.closed.at if sheet.closed else None,
        marks=[_mark(seat.enrolment_id, names[seat.enrolment_id], sheet.of(seat.enrolment_id)) for seat in seats],
        beside=[
            beside_out(one) for one in sheet.beside if one.said.enrolment_id is None or one.said.enrolment_id in ids
        ],
        allowed_actions=allowed,
        blockers=blockers,
    )


def _attempts(read: Read, sheet: Sheet, rule: SigningRule) -> dict[str, Callable[[], object]]:
    if grant_for(RIGHTS, Act.RUN_ATTENDANCE, read.actor) is None:
        return {}
    return {
        "open": partial(domain.require_openable, sheet, read.now, rule),
        "sign": partial(domain.require_open, sheet),
        "close": partial(domain.require_open, sheet),
    }


def beside_out(entry: Entry) -> AttendanceBesideOut:
    """Write a line that is kept beside."""
    why = entry.said.aside or domain.Aside.NOT_ON_SHEET
    return AttendanceBesideOut(
        number=entry.number,
        enrolment_id=entry.said.enrolment_id,
        kind=entry.said.kind,
        why=why,
        why_label=why.label,
        at=entry.at,
    )


def device_out(device: Device) -> DeviceOut:
    """Write a device."""
    return DeviceOut(**{name: getattr(device, name) for name in DeviceOut.model_fields})


def _names(found: Reached) -> dict[UUID, str | None]:
    return {seat.enrolment_id: seat.name if found.named else None for seat in found.seats}


def _mark(enrolment_id: UUID, name: str | None, entry: Entry | None) -> AttendanceMarkOut:
    said = entry.said if entry else None
    return AttendanceMarkOut(
        enrolment_id=enrolment_id,
        name=name,
        kind=said.kind if said else None,
        label=said.kind.label if said else None,
        hours=said.hours if said else None,
        reason=said.reason if said else None,
        reason_label=said.reason.label if said and said.reason else None,
        method=Method(said.method) if said else None,
        number=entry.number if entry else None,
        at=entry.at if entry else None,
        hash=entry.hash if entry else None,
    )


def _own(sheet: Sheet, entry: Entry | None) -> OwnHalfDay:
    return OwnHalfDay(
        slot_id=sheet.slot.id,
        written=sheet.slot.written(),
        is_open=sheet.opened is not None and sheet.closed is None,
        signed_at=entry.at if entry else None,
        kind=entry.said.kind if entry else None,
    )
