"""Labels and certifications that structures hold: by whom, from when, until when. Nothing of them is overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


class CertificationStanding(Labelled):
    """Where a certification stands on a day."""

    VALID = "valid", "en cours de validité"
    EXPIRED = "expired", "expirée"
    WITHDRAWN = "withdrawn", "retirée"


class CertificationNotFound(NotFound):
    """No such certification within reach."""

    code = "certification_not_found"


class CertificationWithdrawn(Conflict):
    """What was taken back does not change any more."""

    code = "certification_withdrawn"


class LabelUnknown(Invalid):
    """The label is none of the list, or has no such level."""

    code = "label_unknown"


class ObtainedAnotherDay(Invalid):
    """A label is obtained on a day that has come, on which it could be, and before it ends."""

    code = "obtained_another_day"


@dataclass(frozen=True, slots=True)
class Label:
    """A label that can be recorded. ``levels`` are those it is given at; none where it has none."""

    code: str
    name: str
    since: date
    until: date | None = None
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took a record back, when and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Certification:
    """One label of one structure. A renewed one is another certification; a wrong one is taken back."""

    id: UUID
    member_id: UUID
    label: str
    level: str | None
    certifier: str
    obtained_on: date
    valid_until: date | None
    evidence: str
    recorded_at: datetime
    recorded_by: str
    withdrawal: Withdrawal | None = None
    version: int = 1


def require_recordable(labels: Iterable[Label], certification: Certification, today: date) -> None:
    """Let only a label be recorded that could be obtained so. Raises LabelUnknown, ObtainedAnotherDay."""
    label = next((one for one in labels if one.code == certification.label), None)
    if label is None:
        raise LabelUnknown(f"« {certification.label} » n'est pas dans la liste des labels.")
    if certification.level is not None and certification.level not in label.levels:
        offered = ", ".join(label.levels) or "aucun"
        raise LabelUnknown(f"{label.name} n'a pas de niveau « {certification.level} ». Niveaux : {offered}.")
    last = min(label.until or today, today)
    if not label.since <= certification.obtained_on <= last:
        raise ObtainedAnotherDay(f"{label.name} s'obtient entre le {label.since:%d/%m/%Y} et le {last:%d/%m/%Y}.")
    if certification.valid_until is not None and certification.valid_until < certification.obtained_on:
        raise ObtainedAnotherDay("La validité finit après l'obtention.")


def standing(certification: Certification, today: date) -> CertificationStanding:
    """Return where a certification stands on a day."""
    if certification.withdrawal is not None:
        return CertificationStanding.WITHDRAWN
    over = certification.valid_until is not None and certification.valid_until < today
    return CertificationStanding.EXPIRED if over else CertificationStanding.VALID


def withdraw(certification: Certification, withdrawal: Withdrawal) -> Certification:
    """Take a record back; it stays to be read. Raises CertificationWithdrawn."""
    if certification.withdrawal is not None:
        raise CertificationWithdrawn("Cette certification est déjà retirée.")
    return replace(certification, withdrawal=withdrawal, version=certification.version + 1)
