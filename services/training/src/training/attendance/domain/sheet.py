"""A half-day as its lines tell it: who stands where, what came too late, and what may be said next."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from training.attendance.domain.ledger import Aside, CorrectionReason, Entry, Kind, Method, Reason, Said
from training.attendance.domain.refusals import (
    AlreadyMarked,
    AlreadyOpen,
    AttendanceEntryNotFound,
    HalfDayClosed,
    HalfDayNotFound,
    MarkUnfit,
    NothingToCorrect,
    NotOnSheet,
    NotOpen,
    SessionNotHeld,
    TooEarly,
)
from training.sessions.domain import ANNOUNCED, Session, Slot, hours_of

_IN_PART = (Reason.LATE, Reason.LEFT_EARLY)


@dataclass(frozen=True, slots=True)
class SigningRule:
    """How early a half-day opens, how long a code and a link serve. Dated data, with source and status."""

    since: date
    opens_minutes: int
    code_minutes: int
    link_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A half-day: by whom and when opened and signed, the line that stands for each seat, and those kept beside.

    What is beside leaves it once a correction has decided.
    """

    slot: Slot
    opened: Entry | None = None
    closed: Entry | None = None
    marks: Mapping[UUID, Entry] = field(default_factory=dict)
    beside: tuple[Entry, ...] = ()

    def of(self, enrolment_id: UUID) -> Entry | None:
        """Return the line that stands for a seat."""
        return self.marks.get(enrolment_id)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of somebody: there, there in part for so many hours, or away."""

    kind: Kind
    hours: Decimal | None = None
    reason: Reason | None = None


def sheet_of(slot: Slot, entries: Iterable[Entry]) -> Sheet:
    """Read the lines of a half-day, in their order."""
    sheet = Sheet(slot)
    for entry in entries:
        said = entry.said
        if said.aside is not None:
            sheet = replace(sheet, beside=(*sheet.beside, entry))
        elif said.kind is Kind.OPENED:
            sheet = replace(sheet, opened=entry)
        elif said.kind is Kind.CLOSED:
            sheet = replace(sheet, closed=entry)
        elif said.enrolment_id is not None:
            beside = tuple(one for one in sheet.beside if one.number != said.corrects)
            sheet = replace(sheet, marks={**sheet.marks, said.enrolment_id: entry}, beside=beside)
    return sheet


def slot_of(session: Session, slot_id: UUID) -> Slot:
    """Return a half-day of a session that is held. Raises HalfDayNotFound, SessionNotHeld."""
    if session.status not in ANNOUNCED:
        raise SessionNotHeld(f"Cette session est {session.status.label} : rien ne s'y émarge.")
    found = next((slot for slot in session.slots if slot.id == slot_id), None)
    if found is None:
        raise HalfDayNotFound("Cette demi-journée n'est pas de la session.")
    return found


def require_open(sheet: Sheet) -> None:
    """Let somebody sign. Raises NotOpen, HalfDayClosed."""
    if sheet.opened is None:
        raise NotOpen("Cette demi-journée n'est pas ouverte : le formateur l'ouvre d'abord.")
    if sheet.closed is not None:
        raise HalfDayClosed("Le formateur a signé cette demi-journée : elle se corrige, avec une raison.")


def require_openable(sheet: Sheet, now: datetime, rule: SigningRule) -> None:
    """Let a half-day be opened, once, from shortly before it begins. Raises AlreadyOpen, TooEarly.

    Opened after its end, it is written with its hour: the rehearsal of the audit says so, nothing hides it.
    """
    if sheet.opened is not None:
        raise AlreadyOpen("Cette demi-journée est déjà ouverte.")
    if now < sheet.slot.starts_at - timedelta(minutes=rule.opens_minutes):
        raise TooEarly(
            f"Une demi-journée s'ouvre {rule.opens_minutes} minutes avant son début : {sheet.slot.written()}."
        )


def require_on_sheet(seats: Collection[UUID], enrolment_id: UUID | None) -> None:
    """Let only those who have a seat be marked. Raises NotOnSheet."""
    if enrolment_id not in seats:
        raise NotOnSheet("Cette inscription n'est pas une place prise de la session.")


def require_unmarked(sheet: Sheet, enrolment_id: UUID) -> None:
    """Let somebody sign once. Raises NotOpen, HalfDayClosed, AlreadyMarked."""
    require_open(sheet)
    if sheet.of(enrolment_id) is not None:
        raise AlreadyMarked("Déjà signé pour cette demi-journée : une erreur se corrige, avec une raison.")


def fit(slot: Slot, mark: Mark) -> Mark:
    """Return a mark with the hours that it counts for. Raises MarkUnfit."""
    whole = hours_of((slot,))
    if mark.kind is Kind.PRESENT and (mark.hours, mark.reason) == (None, None):
        return replace(mark, hours=whole)
    if mark.kind is Kind.PARTIAL and mark.hours is not None and mark.reason in _IN_PART and 0 < mark.hours < whole:
        return mark
    if mark.kind is Kind.ABSENT and mark.hours is None and mark.reason is not None and mark.reason not in _IN_PART:
        return replace(mark, hours=Decimal(0))
    raise MarkUnfit(
        "Présent : ni heures ni motif. En partie : des heures, moins que la demi-journée, et un retard ou un départ. "
        "Absent : un motif, sans heures."
    )


def closing(sheet: Sheet, seats: Collection[UUID], trainer_id: UUID, method: Method) -> tuple[Said, ...]:
    """Return the lines by which a trainer signs a half-day: who did not sign is away, for a reason to be said.

    Raises NotOpen, HalfDayClosed.
    """
    require_open(sheet)
    signed = Said(slot_id=sheet.slot.id, kind=Kind.CLOSED, method=method, trainer_id=trainer_id)
    return (*_away(sheet, seats), signed)


def correction(
    sheet: Sheet, number: int, mark: Mark, why: CorrectionReason, method: Method, trainer_id: UUID | None
) -> Said:
    """Return the line that corrects another: both are kept. Raises NothingToCorrect, MarkUnfit."""
    entry = next((one for one in (*sheet.marks.values(), *sheet.beside) if one.number == number), None)
    if entry is None or entry.said.enrolment_id is None:
        raise NothingToCorrect("Cette ligne a été corrigée depuis, ou ne dit rien de personne.")
    fitted = fit(sheet.slot, mark)
    standing = sheet.of(entry.said.enrolment_id)
    said = standing.said if standing else None
    if said is not None and (said.kind, said.hours, said.reason) == (fitted.kind, fitted.hours, fitted.reason):
        raise NothingToCorrect("Cette ligne dit déjà cela.")
    return Said(
        slot_id=sheet.slot.id,
        kind=fitted.kind,
        method=method,
        enrolment_id=entry.said.enrolment_id,
        trainer_id=trainer_id,
        hours=fitted.hours,
        reason=fitted.reason,
        corrects=number,
        correction_reason=why,
    )


def arrived(sheet: Sheet | None, said: Said, seats: Collection[UUID]) -> tuple[Said, ...]:
    """Return the lines that a line written by a device becomes: kept beside where it cannot count.

    ``sheet`` None: the half-day is not one of the session any more. Nothing is refused: what follows would be lost.
    """
    why = _set_aside(sheet, said, seats)
    if why is not None or sheet is None:
        return (replace(said, aside=why or Aside.NO_HALF_DAY),)
    if said.kind is Kind.OPENED:
        return (said,)
    if said.kind is Kind.CLOSED:
        return (*_away(sheet, seats), said)
    try:
        fitted = fit(sheet.slot, Mark(said.kind, said.hours, said.reason))
    except MarkUnfit:
        return (replace(said, aside=Aside.UNFIT),)
    return (replace(said, hours=fitted.hours),)


def _set_aside(sheet: Sheet | None, said: Said, seats: Collection[UUID]) -> Aside | None:
    if sheet is None:
        return Aside.NO_HALF_DAY
    if said.kind is Kind.OPENED:
        return Aside.ALREADY_OPEN if sheet.opened else None
    if said.kind.is_mark and said.enrolment_id not in seats:
        return Aside.NOT_ON_SHEET
    if sheet.closed is not None:
        return Aside.CLOSED
    if sheet.opened is None:
        return Aside.NOT_OPEN
    marked = said.enrolment_id is not None and sheet.of(said.enrolment_id) is not None
    return Aside.SIGNED_OTHERWISE if marked else None


def require_entry(entries: Iterable[Entry], number: int) -> Entry:
    """Return a line by its number. Raises AttendanceEntryNotFound."""
    found = next((one for one in entries if one.number == number), None)
    if found is None:
        raise AttendanceEntryNotFound("Cette ligne n'est pas au registre de la session.")
    return found


def _away(sheet: Sheet, seats: Collection[UUID]) -> Iterator[Said]:
    for seat in sorted(seats):
        if sheet.of(seat) is None:
            yield Said(
                slot_id=sheet.slot.id,
                kind=Kind.ABSENT,
                method=Method.SYSTEM,
                enrolment_id=seat,
                hours=Decimal(0),
                reason=Reason.UNSAID,
            )
