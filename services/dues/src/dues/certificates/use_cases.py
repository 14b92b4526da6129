"""Closing a campaign: one person of finance freezes its figures, another one signs them."""

from datetime import date
from uuid import UUID

from common.db import computed
from common.etags import check_version
from common.files import Files
from common.identifiers import new_id
from common.numbering import Series, take_numbers
from common.transaction import Tx
from dues.campaigns.use_cases import hold_campaign
from dues.certificates import repository
from dues.certificates.documents import Paper, digest_of, figures_in, print_certificate, sign, snapshot_of
from dues.certificates.domain import (
    JOURNAL,
    CertificateStatus,
    KeyPair,
    differences,
    require_closable,
    require_key,
    require_signable,
    require_unmoved,
)
from dues.certificates.queries import Looked, find_certificate, look
from dues.certificates.tables import CertificateRow


async def prepare(tx: Tx, files: Files, campaign_id: UUID, as_of: date | None) -> UUID:
    """Freeze the figures of a campaign at the end of a day, and print them; return the id of the certificate.

    Raises CampaignNotFound, AsOfInFuture, CampaignRunning, TiesBroken, GridNotFound, SmicNotPublished, RuleMissing.
    """
    looked = await _held(tx, campaign_id, as_of)
    campaign, figures = looked.campaign, looked.figures
    [reference] = await take_numbers(tx, Series(campaign.seller.code, JOURNAL, tx.today.year), 1)
    snapshot = snapshot_of(reference, campaign.seller, figures, tx.now, tx.actor.subject)
    row = CertificateRow(
        id=new_id(),
        reference=reference,
        campaign_id=campaign_id,
        as_of=figures.as_of,
        status=CertificateStatus.PREPARED.value,
        snapshot=snapshot,
        sha256=digest_of(snapshot),
        pdf_sha256="",
        prepared_at=tx.now,
        prepared_by=tx.actor.subject,
        version=1,
    )
    row.pdf_sha256 = await _stored(tx, files, row, await print_certificate(_paper(row, looked)))
    await repository.add(tx, row)
    return row.id


async def sign_certificate(
    tx: Tx, files: Files, keys: KeyPair | None, certificate_id: UUID, if_match: str | None
) -> None:
    """Sign what another person prepared, if all of it is still counted so.

    Raises CertificateNotFound, CertificateSigned, OwnCertificate, CampaignRunning, TiesBroken, CertificateOutdated,
    SigningKeyMissing, PreconditionMissing, PreconditionFailed, GridNotFound, SmicNotPublished, RuleMissing.
    """
    row = await repository.get(tx, certificate_id, for_update=True)
    await check_version(if_match, row.version, lambda: find_certificate(tx, certificate_id))
    require_signable(CertificateStatus(row.status), row.prepared_by, tx.actor.subject)
    looked = await _held(tx, row.campaign_id, row.as_of)
    require_unmoved(differences(figures_in(row.snapshot).figures, looked.closing.figures, dated_only=True))
    pair = require_key(keys)
    row.status, row.signed_at, row.signed_by = CertificateStatus.SIGNED.value, tx.now, tx.actor.subject
    printed = await print_certificate(_paper(row, looked))
    signed, row.key_sha256 = await computed(tx.session, sign, printed, pair, f"Certificat de clôture {row.reference}")
    row.pdf_sha256 = await _stored(tx, files, row, signed)
    row.version += 1
    await tx.session.flush()


async def _held(tx: Tx, campaign_id: UUID, as_of: date | None) -> Looked:
    """Hold a campaign, so that no run starts meanwhile, and count it; let it through if it can be closed."""
    await hold_campaign(tx, campaign_id)
    looked = await look(tx, campaign_id, as_of)
    require_closable(running=looked.running, broken=looked.closing.broken)
    return looked


async def _stored(tx: Tx, files: Files, row: CertificateRow, content: bytes) -> str:
    """Store the file before the commit: rolled back, it is one that no row names, and harmless."""
    path = repository.path_of(row.id, CertificateStatus(row.status))
    return (await files.put(path, content, dry_run=tx.dry_run)).sha256


def _paper(row: CertificateRow, looked: Looked) -> Paper:
    return Paper(
        reference=row.reference,
        sha256=row.sha256,
        snapshot=row.snapshot,
        figures=figures_in(row.snapshot),
        entity=looked.campaign.seller,
        prepared_at=row.prepared_at,
        prepared_by=row.prepared_by,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
    )
