"""The rehearsal of an audit: what a controller would hold against the sheets of a session, while it can be explained.

Sources: cour administrative d'appel de Nantes, 20 April and 1 June 2021, as Centre Inffo reported them (rejected:
look-alike signatures in series, one signature for several half-days, 14 July, the trainer's signature differing, hours
missing); a former controller, 2024 (the same, and signing before or after the day). Both are reports, not the rulings.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from common.errors import Conflict, NotFound
from common.labels import Labelled
from common.workdays import FRANCE
from training.attendance.domain import Entry, Kind, Method, Sheet
from training.sessions.domain import Session, hours_of
from training.trainers.domain import Unavailability

_SUNDAY = 6


class FindingNotFound(NotFound):
    """No such finding."""

    code = "rehearsal_finding_not_found"


class FindingSettled(Conflict):
    """What was corrected needs no explanation."""

    code = "rehearsal_finding_settled"


class FindingCode(Labelled):
    """What a controller would hold against a sheet."""

    OUTSIDE_HOURS = "outside_hours", "signature hors des heures de la demi-journée"
    DAY_OFF = "day_off", "demi-journée un dimanche ou un jour férié"
    TRAINER_AWAY = "trainer_away", "formateur déclaré absent ce jour-là"
    SERIAL_PACE = "serial_pace", "signatures en série sur un même appareil"
    SAME_STROKE = "same_stroke", "le même dessin de signature deux fois"
    ONE_FOR_SEVERAL = "one_for_several", "plusieurs demi-journées signées d'un coup"
    OTHER_TRAINER = "other_trainer", "signée par un autre formateur que celui prévu"
    NOT_SIGNED = "not_signed", "demi-journée passée que le formateur n'a pas signée"
    HOURS_DIFFER = "hours_differ", "heures des demi-journées autres que celles du programme"
    PAPER_LATE = "paper_late", "feuille papier saisie tard"


ADVICE: Mapping[FindingCode, str] = {
    FindingCode.OUTSIDE_HOURS: "Dire pourquoi on a signé à cette heure, et garder ce qui le montre.",
    FindingCode.DAY_OFF: "Joindre l'accord des structures pour ce jour, ou corriger la date si elle est fausse.",
    FindingCode.TRAINER_AWAY: "Corriger l'absence déclarée, ou dire qui a formé à sa place.",
    FindingCode.SERIAL_PACE: "Faire confirmer leur présence aux personnes ; la prochaine fois, chacune par son lien.",
    FindingCode.SAME_STROKE: "Faire confirmer leur présence aux personnes, par écrit.",
    FindingCode.ONE_FOR_SEVERAL: "Dire pourquoi, et garder une autre trace de présence de chaque demi-journée.",
    FindingCode.OTHER_TRAINER: "Déplacer la session sous le nom de qui a formé, ou dire pourquoi il a signé.",
    FindingCode.NOT_SIGNED: "Demander au formateur de signer aujourd'hui, ou saisir la feuille papier.",
    FindingCode.HOURS_DIFFER: "Corriger les demi-journées, ou faire un avenant à la convention.",
    FindingCode.PAPER_LATE: "Garder la feuille papier originale, et dire pourquoi elle fut saisie tard.",
}
"""What is to be done today, while it can be explained."""


class FindingState(Labelled):
    """What became of a finding."""

    OPEN = "open", "à expliquer ou à corriger"
    EXPLAINED = "explained", "expliqué"
    CORRECTED = "corrected", "corrigé"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How fast, how far and how late is too much. Dated data, with source and status."""

    since: date
    pace_signatures: int
    pace_seconds: int
    together_minutes: int
    after_minutes: int
    paper_days: int
    examined_days: int
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is examined: a session, its half-days as its ledger has them, and when its trainers were not there."""

    session: Session
    sheets: Sequence[Sheet]
    entries: Sequence[Entry]
    away: Mapping[UUID, Sequence[Unavailability]]
    rule: Thresholds
    now: datetime

    def signatures(self) -> list[tuple[Entry, Sheet]]:
        """Return the lines by which somebody signs that they are there, with their half-day, those that count."""
        by_slot = {sheet.slot.id: sheet for sheet in self.sheets}
        return [
            (entry, by_slot[entry.said.slot_id])
            for entry in self.entries
            if entry.said.kind in (Kind.PRESENT, Kind.PARTIAL) and entry.said.aside is None
            if entry.said.corrects is None and entry.said.slot_id in by_slot
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule finds. ``key`` tells it from what it finds beside: found again, it is the same."""

    code: FindingCode
    slot_id: UUID | None
    key: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of a session, once and for ever, and what became of it."""

    id: UUID
    session_id: UUID
    found: Found
    found_at: datetime
    state: FindingState = FindingState.OPEN
    explanation: str | None = None
    explained_at: datetime | None = None
    explained_by: str | None = None
    corrected_at: datetime | None = None
    version: int = 1


def signed_at(entry: Entry) -> datetime:
    """Return when somebody signed: by the clock of the device, where it was without network."""
    return entry.said.proof.at if entry.said.proof else entry.at


def outside_hours(case: Case) -> Iterator[Found]:
    """Signing before or after the half-day (former controller, 2024). Paper is entered later, and said apart."""
    margin = timedelta(minutes=case.rule.after_minutes)
    for entry, sheet in case.signatures():
        slot, at = sheet.slot, signed_at(entry)
        if entry.said.method is not Method.PAPER and not slot.starts_at - margin <= at <= slot.ends_at + margin:
            when = at.astimezone(ZoneInfo(slot.zone))
            said = f"Ligne {entry.number} : signée le {when:%d/%m/%Y à %H:%M}, pour {slot.written()}."
            yield Found(FindingCode.OUTSIDE_HOURS, slot.id, str(entry.number), said)


def day_off(case: Case) -> Iterator[Found]:
    """A sheet of 14 July (CAA Nantes, 2021, as reported)."""
    for sheet in case.sheets:
        day = sheet.slot.half_day.day
        if day.weekday() == _SUNDAY or day in FRANCE.closed:
            yield Found(FindingCode.DAY_OFF, sheet.slot.id, str(sheet.slot.id), f"Prévue le {sheet.slot.written()}.")


def trainer_away(case: Case) -> Iterator[Found]:
    """A trainer who was said not to be there: the register and the sheet contradict each other."""
    for sheet in case.sheets:
        trainers = {sheet.closed.said.trainer_id} if sheet.closed else set(sheet.slot.trainers)
        for trainer in trainers - {None}:
            if any(one.holds(sheet.slot.half_day) for one in case.away.get(trainer, ())):  # type: ignore[arg-type]
                said = f"Le registre des formateurs dit absent qui forme le {sheet.slot.written()}."
                yield Found(FindingCode.TRAINER_AWAY, sheet.slot.id, f"{sheet.slot.id}:{trainer}", said)


def serial_pace(case: Case) -> Iterator[Found]:
    """Look-alike signatures in series (CAA Nantes, 2021, as reported): too many on one device in too few seconds."""
    by_device = defaultdict(list)
    for entry, sheet in case.signatures():
        if entry.said.method in (Method.TRAINER_DEVICE, Method.OFFLINE):
            by_device[sheet.slot.id, entry.said.device or entry.by].append(entry)
    count, within = case.rule.pace_signatures, timedelta(seconds=case.rule.pace_seconds)
    for (slot_id, _), entries in by_device.items():
        times = sorted(signed_at(entry) for entry in entries)
        if any(last - first <= within for first, last in zip(times, times[count - 1 :], strict=False)):
            said = f"Au moins {count} signatures en {case.rule.pace_seconds} secondes, sur un même appareil."
            yield Found(FindingCode.SERIAL_PACE, slot_id, str(min(entry.number for entry in entries)), said)


def same_stroke(case: Case) -> Iterator[Found]:
    """The same drawing twice is a copy: a hand never draws alike to the last point."""
    first: dict[str, Entry] = {}
    for entry in case.entries:
        if entry.said.stroke is None:
            continue
        before = first.setdefault(entry.said.stroke, entry)
        if before is not entry:
            said = f"Les lignes {before.number} et {entry.number} portent le même dessin."
            yield Found(FindingCode.SAME_STROKE, entry.said.slot_id, f"{before.number}:{entry.number}", said)


def one_for_several(case: Case) -> Iterator[Found]:
    """One signature for a month instead of one a half-day (CAA Nantes, 2021, as reported)."""
    by_seat = defaultdict(list)
    for entry, _ in case.signatures():
        if entry.said.method is not Method.PAPER:
            by_seat[entry.said.enrolment_id].append(entry)
    within = timedelta(minutes=case.rule.together_minutes)
    for entries in by_seat.values():
        for one, other in pairwise(sorted(entries, key=signed_at)):
            if one.said.slot_id != other.said.slot_id and signed_at(other) - signed_at(one) <= within:
                said = f"Les lignes {one.number} et {other.number}, d'une même place, sont signées d'un coup."
                yield Found(FindingCode.ONE_FOR_SEVERAL, other.said.slot_id, f"{one.number}:{other.number}", said)


def other_trainer(case: Case) -> Iterator[Found]:
    """The trainer's signature differing (CAA Nantes, 2021, as reported)."""
    for sheet in case.sheets:
        if sheet.closed is not None and sheet.closed.said.trainer_id not in sheet.slot.trainers:
            said = f"Ligne {sheet.closed.number} : un autre formateur que celui prévu le {sheet.slot.written()}."
            yield Found(FindingCode.OTHER_TRAINER, sheet.slot.id, str(sheet.closed.number), said)


def not_signed(case: Case) -> Iterator[Found]:
    """A half-day that is over and that no trainer signed."""
    for sheet in case.sheets:
        if sheet.closed is None and sheet.slot.ends_at <= case.now:
            said = f"Sans signature du formateur : {sheet.slot.written()}."
            yield Found(FindingCode.NOT_SIGNED, sheet.slot.id, str(sheet.slot.id), said)


def hours_differ(case: Case) -> Iterator[Found]:
    """Hours or modules missing (CAA Nantes, 2021, as reported)."""
    due, planned = case.session.hours_due, hours_of(case.session.slots)
    if due is not None and due != planned:
        said = f"{planned} heures de demi-journées pour {due} heures au programme."
        yield Found(FindingCode.HOURS_DIFFER, None, f"{planned}:{due}", said)


def paper_late(case: Case) -> Iterator[Found]:
    """A paper sheet entered long after: once a half-day, whoever it names."""
    for sheet in case.sheets:
        limit = sheet.slot.ends_at + timedelta(days=case.rule.paper_days)
        late = [one for one, of in case.signatures() if of is sheet and one.said.method is Method.PAPER]
        if late and late[0].at > limit:
            said = f"Saisie à partir de la ligne {late[0].number}, plus de {case.rule.paper_days} jours après."
            yield Found(FindingCode.PAPER_LATE, sheet.slot.id, str(sheet.slot.id), said)


_RULES: tuple[Callable[[Case], Iterator[Found]], ...] = (
    outside_hours, day_off, trainer_away, serial_pace, same_stroke, one_for_several, other_trainer, not_signed,
    hours_differ, paper_late,
)  # fmt: skip


def rehearse(case: Case) -> tuple[Found, ...]:
    """Return what a controller would find now."""
    return tuple(found for rule in _RULES for found in rule(case))


def settle(finding: Finding, *, is_found: bool, now: datetime) -> Finding:
    """Return what becomes of a finding when its session is examined again: corrected where nothing finds it any more.

    Found again, it is open again; what was explained stays so as long as it is found.
    """
    if not is_found and finding.state is not FindingState.CORRECTED:
        return replace(finding, state=FindingState.CORRECTED, corrected_at=now, version=finding.version + 1)
    if is_found and finding.state is FindingState.CORRECTED:
        state = FindingState.EXPLAINED if finding.explanation else FindingState.OPEN
        return replace(finding, state=state, corrected_at=None, version=finding.version + 1)
    return finding


def require_explicable(finding: Finding) -> None:
    """Let only what still is found be explained. Raises FindingSettled."""
    if finding.state is FindingState.CORRECTED:
        raise FindingSettled("Ce constat est corrigé : il n'y a plus rien à expliquer.")


def explain(finding: Finding, text: str, now: datetime, by: str) -> Finding:
    """Say why it is so, in the place of what was said before. Raises FindingSettled."""
    require_explicable(finding)
    return replace(
        finding,
        state=FindingState.EXPLAINED,
        explanation=text,
        explained_at=now,
        explained_by=by,
        version=finding.version + 1,
    )
