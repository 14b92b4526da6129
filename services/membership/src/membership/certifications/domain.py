"""Labels and certifications that structures hold: by whom, from when, until when. Nothing of them is overwritten."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.labels import Labelled


class CertificationStanding(Labelled):
    """Where a certification stands on a day."""

    VALID = "valid", "en cours de validité"
    EXPIRED = "expired", "expirée"
    REVOKED = "revoked", "retirée par le certificateur"
    WITHDRAWN = "withdrawn", "consignée par erreur"


class CertificationStatus(Labelled):
    """Who answers for a record: the structure that told of it, or who has seen the certificate."""

    DECLARED = "declared", "déclarée"
    VERIFIED = "verified", "vérifiée"


class CertificationNotFound(NotFound):
    """No such certification within reach."""

    code = "certification_not_found"


class CertificationWithdrawn(Conflict):
    """What was taken back does not change any more."""

    code = "certification_withdrawn"


class CertificationRecorded(Conflict):
    """A label that a structure obtained on a day is recorded once."""

    code = "certification_recorded"


class CertificationRevoked(Conflict):
    """What its certifier took away is not taken away again, nor made to disappear by the structure itself."""

    code = "certification_revoked"


class RevokedAnotherDay(Invalid):
    """A label is taken away on a day that has come, once it was obtained."""

    code = "revoked_another_day"


class CertificationVerified(Conflict):
    """A record is verified once."""

    code = "certification_verified"


class OwnCertification(Forbidden):
    """Nobody verifies what their own structure tells."""

    code = "own_certification"


class LabelUnknown(Invalid):
    """The label is none of the list, has no such level or needs one, or has its name in the list or needs one."""

    code = "label_unknown"


class ObtainedAnotherDay(Invalid):
    """A label is obtained on a day that has come, on which it could be, and before it ends."""

    code = "obtained_another_day"


@dataclass(frozen=True, slots=True)
class Label:
    """A label that can be recorded.

    ``levels`` are those it is given at, one of them each time; none where it has none. One that is ``named`` is any
    label beside the list, and each record says which.
    """

    code: str
    name: str
    since: date
    until: date | None = None
    levels: tuple[str, ...] = ()
    named: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took a record back that was wrong, when and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a certifier took a label away, and who told it when and why."""

    on: date
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Who saw the certificate, and when."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Certification:
    """One label of one structure. A renewed one is another certification; a wrong one is taken back.

    ``title`` is what a label beside the list is called.
    """

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
    title: str | None = None
    verification: Verification | None = None
    revocation: Revocation | None = None
    withdrawal: Withdrawal | None = None
    version: int = 1


def require_recordable(labels: Iterable[Label], certification: Certification, today: date) -> None:
    """Let only a label be recorded that could be obtained so. Raises LabelUnknown, ObtainedAnotherDay."""
    label = next((one for one in labels if one.code == certification.label), None)
    if label is None:
        raise LabelUnknown(f"« {certification.label} » n'est pas dans la liste des labels.")
    _require_level(label, certification.level)
    if label.named != (certification.title is not None):
        raise LabelUnknown(
            f"{label.name} : écrivez son nom."
            if label.named
            else f"{label.name} a déjà son nom : n'en donnez pas d'autre."
        )
    last = min(label.until or today, today)
    if not label.since <= certification.obtained_on <= last:
        raise ObtainedAnotherDay(f"{label.name} s'obtient entre le {label.since:%d/%m/%Y} et le {last:%d/%m/%Y}.")
    if certification.valid_until is not None and certification.valid_until < certification.obtained_on:
        raise ObtainedAnotherDay("La validité finit après l'obtention.")


def _require_level(label: Label, level: str | None) -> None:
    offered = ", ".join(label.levels) or "aucun"
    if level is not None and level not in label.levels:
        raise LabelUnknown(f"{label.name} n'a pas de niveau « {level} ». Niveaux : {offered}.")
    if level is None and label.levels:
        raise LabelUnknown(f"{label.name} s'obtient à un niveau. Niveaux : {offered}.")


def standing(certification: Certification, day: date) -> CertificationStanding:
    """Return where a certification stands on a day."""
    if certification.withdrawal is not None:
        return CertificationStanding.WITHDRAWN
    if certification.revocation is not None and certification.revocation.on <= day:
        return CertificationStanding.REVOKED
    over = certification.valid_until is not None and certification.valid_until < day
    return CertificationStanding.EXPIRED if over else CertificationStanding.VALID


def withdraw(certification: Certification, withdrawal: Withdrawal, *, verifies: bool) -> Certification:
    """Take a wrong record back; it stays to be read. What was revoked, only who ``verifies`` takes back.

    Raises CertificationWithdrawn, CertificationRevoked.
    """
    require_withdrawable(certification, verifies=verifies)
    return replace(certification, withdrawal=withdrawal, version=certification.version + 1)


def revoke(certification: Certification, revocation: Revocation, today: date) -> Certification:
    """Write down that the certifier took the label away.

    Raises CertificationWithdrawn, CertificationRevoked, RevokedAnotherDay.
    """
    require_revocable(certification)
    if not certification.obtained_on <= revocation.on <= today:
        raise RevokedAnotherDay(
            f"Elle a été retirée entre le {certification.obtained_on:%d/%m/%Y} et le {today:%d/%m/%Y}."
        )
    return replace(certification, revocation=revocation, version=certification.version + 1)


def verify(certification: Certification, verification: Verification, own: UUID | None) -> Certification:
    """Write down that somebody saw the certificate, of another structure than their ``own``.

    Raises OwnCertification, CertificationWithdrawn, CertificationVerified.
    """
    require_verifiable(certification, own)
    return replace(certification, verification=verification, version=certification.version + 1)


def require_standing(certification: Certification) -> None:
    """Let only a record through that was not taken back. Raises CertificationWithdrawn."""
    if certification.withdrawal is not None:
        raise CertificationWithdrawn("Cette certification a été consignée par erreur : elle est annulée.")


def require_withdrawable(certification: Certification, *, verifies: bool) -> None:
    """Let a record be taken back; what was revoked, only by who ``verifies``.

    Raises CertificationWithdrawn, CertificationRevoked.
    """
    require_standing(certification)
    if certification.revocation is not None and not verifies:
        raise CertificationRevoked(
            "Le certificateur l'a retirée : s'il y a erreur, la délégation ou le réseau corrige."
        )


def require_revocable(certification: Certification) -> None:
    """Let only a record through that was not revoked. Raises CertificationWithdrawn, CertificationRevoked."""
    require_standing(certification)
    if certification.revocation is not None:
        raise CertificationRevoked(f"Le certificateur l'a déjà retirée le {certification.revocation.on:%d/%m/%Y}.")


def require_verifiable(certification: Certification, own: UUID | None) -> None:
    """Let only another structure's record be verified, once.

    Raises OwnCertification, CertificationWithdrawn, CertificationVerified.
    """
    if certification.member_id == own:
        raise OwnCertification("C'est votre structure : la délégation ou le réseau vérifie.")
    require_standing(certification)
    if certification.verification is not None:
        raise CertificationVerified("Cette certification est déjà vérifiée.")
