"""A closing certificate: prepared by one person of finance, signed by another, and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from common.errors import Conflict, Forbidden, NotFound, Unavailable
from common.labels import Labelled
from dues.campaigns.domain import CampaignRunning
from dues.certificates.domain.closing import Difference, Tie

JOURNAL = "CLO"


class CertificateStatus(Labelled):
    """Where a certificate stands."""

    PREPARED = "prepared", "préparé"
    SIGNED = "signed", "signé"


class CertificateNotFound(NotFound):
    """No such certificate."""

    code = "certificate_not_found"


class CertificateSigned(Conflict):
    """A signed certificate never changes: another one says what came after."""

    code = "certificate_signed"


class OwnCertificate(Forbidden):
    """Whoever prepared a certificate does not sign it."""

    code = "certificate_own"


class TiesBroken(Conflict):
    """Sums that should be the same are not: no certificate says otherwise."""

    code = "certificate_ties_broken"


class CertificateOutdated(Conflict):
    """What was prepared is no longer what is counted of that day."""

    code = "certificate_outdated"


class SigningKeyMissing(Unavailable):
    """The service has no key to sign with, or one that does not go with its certificate."""

    code = "signing_key_missing"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Where the key that signs is kept, and its certificate; both PEM."""

    key: Path
    certificate: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is found of the signature of a file. ``whole``: it covers every byte but itself."""

    intact: bool
    whole: bool
    signer: str
    certificate_sha256: str


def require_closable(*, running: bool, broken: Sequence[Tie]) -> None:
    """Let only a campaign be closed that nothing is changing and whose sums tie. Raises CampaignRunning, TiesBroken."""
    if running:
        raise CampaignRunning("Une exécution de la campagne est en cours : attendez sa fin.")
    if broken:
        names = " ; ".join(f"{tie.label} (écart {tie.difference})" for tie in broken)
        raise TiesBroken(
            f"Des sommes ne concordent pas : {names}.",
            extra={"ties": [_told(tie) for tie in broken]},
        )


def require_signable(status: CertificateStatus, prepared_by: str, signer: str) -> None:
    """Let a certificate be signed once, by another person. Raises CertificateSigned, OwnCertificate."""
    if status is CertificateStatus.SIGNED:
        raise CertificateSigned("Ce certificat est signé : il ne change plus.")
    if prepared_by == signer:
        raise OwnCertificate("Une autre personne des finances que celle qui l'a préparé signe un certificat.")


def require_unmoved(moved: Sequence[Difference]) -> None:
    """Let only figures be signed that are still counted so. Raises CertificateOutdated."""
    if moved:
        names = ", ".join(f"{one.section.label} : {one.label}" for one in moved)
        raise CertificateOutdated(f"Des chiffres ont changé depuis la préparation ({names}) : préparez-en un autre.")


def require_key(keys: KeyPair | None) -> KeyPair:
    """Return what to sign with. Raises SigningKeyMissing."""
    if keys is None:
        raise SigningKeyMissing(
            "Aucune clé de signature n'est installée : le certificat est préparé, il se signera quand elle le sera."
        )
    return keys


def _told(tie: Tie) -> dict[str, str]:
    return {
        "code": tie.code,
        "label": tie.label,
        "left": str(tie.left),
        "right": str(tie.right),
        "difference": str(tie.difference),
    }
