"""Loads and saves certificates; the only writer of their table."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.transaction import Read, Tx
from dues.certificates.domain import CertificateNotFound, CertificateStatus
from dues.certificates.tables import CertificateRow

CERTIFICATE: Any = CertificateRow.__table__  # type: ignore[attr-defined]


async def add(tx: Tx, row: CertificateRow) -> None:
    """Insert a certificate."""
    tx.session.add(row)
    await tx.session.flush()


async def get(read: Read, certificate_id: UUID, *, for_update: bool = False) -> CertificateRow:
    """Load a certificate. Raises CertificateNotFound."""
    row = await read.session.get(
        CertificateRow, certificate_id, with_for_update=for_update or None, populate_existing=True
    )
    if row is None:
        raise CertificateNotFound("Ce certificat n'existe pas.")
    return row


def of_campaign(campaign_id: UUID) -> Select[Any]:
    """Select the certificates of a campaign."""
    return select(CertificateRow).where(CERTIFICATE.c.campaign_id == campaign_id)


def path_of(certificate_id: UUID, status: CertificateStatus) -> str:
    """Return where the file of a certificate is stored: signed, it stands beside the one that was read before."""
    return f"certificates/{certificate_id}-{status.value}.pdf"
