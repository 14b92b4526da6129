"""Reads of closings and of their certificates: what they say, what changed since, what they are still worth."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from common.blockers import tried
from common.db import computed
from common.files import FileMissing, Files
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from dues.campaigns.domain import Campaign
from dues.campaigns.queries import campaign_of, is_running
from dues.certificates import repository
from dues.certificates.documents import digest_of, figures_in, file_name, seal_of
from dues.certificates.domain import (
    CertificateStatus,
    Closing,
    Seal,
    close,
    differences,
    require_closable,
    require_signable,
)
from dues.certificates.queries.counting import count
from dues.certificates.repository import CERTIFICATE
from dues.certificates.schemas import (
    CertificateDetail,
    CertificateListParams,
    CertificateOut,
    ClosingOut,
    DifferenceOut,
    FiguresOut,
    SignatureOut,
    TieOut,
    VerificationOut,
)
from dues.certificates.tables import CertificateRow
from dues.receivables.domain import require_come
from dues.rights import RIGHTS, Act

_ORDER = Order(
    columns={name: CERTIFICATE.c[name] for name in ("prepared_at", "reference", "as_of")},
    default="-prepared_at",
    unique=CERTIFICATE.c.id,
)


@dataclass(frozen=True, slots=True)
class Looked:
    """A campaign as it is counted at the end of a day, and whether a run is changing it."""

    campaign: Campaign
    closing: Closing
    running: bool

    @property
    def figures(self) -> FiguresOut:
        """Its figures as the API shows them."""
        return FiguresOut.of(self.campaign.id, self.campaign.year, self.closing)


async def look(read: Read, campaign_id: UUID, as_of: date | None) -> Looked:
    """Count a campaign. Raises CampaignNotFound, AsOfInFuture, GridNotFound, SmicNotPublished, RuleMissing."""
    day = as_of or read.today
    require_come(day, read.today)
    running = await is_running(read, campaign_id)
    campaign = await campaign_of(read, campaign_id)
    return Looked(campaign, close(await count(read, campaign, day), day), running)


async def show_closing(read: Read, campaign_id: UUID, as_of: date | None) -> ClosingOut:
    """Return what a certificate prepared now would say.

    Raises CampaignNotFound, AsOfInFuture, GridNotFound, SmicNotPublished, RuleMissing.
    """
    looked = await look(read, campaign_id, as_of)
    rule = partial(require_closable, running=looked.running, broken=looked.closing.broken)
    actions, blockers = tried({"prepare": rule}) if _signs(read) else ([], {})
    return ClosingOut(**dict(looked.figures), allowed_actions=actions, blockers=blockers)


async def list_certificates(read: Read, campaign_id: UUID, params: CertificateListParams) -> Page[CertificateOut]:
    """Return one page of the certificates of a campaign, each with what changed since.

    Raises CampaignNotFound, GridNotFound, SmicNotPublished, RuleMissing.
    """
    now = await look(read, campaign_id, None)
    query = repository.of_campaign(campaign_id)
    if params.status:
        query = query.where(CERTIFICATE.c.status.in_([one.value for one in params.status]))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(read, row, now) for row in rows], next_cursor=cursor, total=total)


async def find_certificate(read: Read, certificate_id: UUID) -> CertificateDetail:
    """Return one certificate with its figures, and what changed since.

    Raises CertificateNotFound, GridNotFound, SmicNotPublished, RuleMissing.
    """
    row = await repository.get(read, certificate_id)
    shown = _out(read, row, await look(read, row.campaign_id, None))
    return CertificateDetail(**dict(shown), figures=figures_in(row.snapshot))


async def file_of(read: Read, certificate_id: UUID) -> tuple[str, str]:
    """Return where the file of a certificate is, and what it is called. Raises CertificateNotFound."""
    row = await repository.get(read, certificate_id)
    status = CertificateStatus(row.status)
    return repository.path_of(row.id, status), file_name(row.reference, status)


async def verify(read: Read, files: Files, certificate_id: UUID) -> VerificationOut:
    """Check the stored figures, the stored file and its signature; count the day again.

    Raises CertificateNotFound, GridNotFound, SmicNotPublished, RuleMissing.
    """
    row = await repository.get(read, certificate_id)
    content = await _content(files, row)
    seal = await computed(read.session, seal_of, content) if row.signed_at and content else None
    signature = _signature(seal, row)
    figures_match = digest_of(row.snapshot) == row.sha256
    file_match = hashlib.sha256(content).hexdigest() == row.pdf_sha256
    again = await look(read, row.campaign_id, row.as_of)
    moved = differences(figures_in(row.snapshot).figures, again.closing.figures, dated_only=True)
    sealed = row.signed_at is None or bool(signature and signature.intact and signature.whole and signature.same_key)
    return VerificationOut(
        id=row.id,
        reference=row.reference,
        valid=figures_match and file_match and sealed,
        figures_match=figures_match,
        file_match=file_match,
        signature=signature,
        still_counted=not moved and not again.closing.broken,
        differences=[DifferenceOut.of(one) for one in moved],
        broken=[TieOut.of(tie) for tie in again.closing.broken],
    )


async def _content(files: Files, row: CertificateRow) -> bytes:
    """Return the stored file; nothing where it is gone, which no digest matches."""
    try:
        return await files.get(repository.path_of(row.id, CertificateStatus(row.status)))
    except FileMissing:
        return b""


def _signature(seal: Seal | None, row: CertificateRow) -> SignatureOut | None:
    if seal is None:
        return None
    return SignatureOut(
        intact=seal.intact,
        whole=seal.whole,
        same_key=seal.certificate_sha256 == row.key_sha256,
        signer=seal.signer,
        certificate_sha256=seal.certificate_sha256,
    )


def _out(read: Read, row: CertificateRow, now: Looked) -> CertificateOut:
    status = CertificateStatus(row.status)
    moved = differences(figures_in(row.snapshot).figures, now.closing.figures)
    acts = {"sign": partial(require_signable, status, row.prepared_by, read.actor.subject)}
    actions, blockers = tried(acts) if _signs(read) else ([], {})
    return CertificateOut(
        id=row.id,
        reference=row.reference,
        campaign_id=row.campaign_id,
        as_of=row.as_of,
        status=status,
        status_label=status.label,
        sha256=row.sha256,
        pdf_sha256=row.pdf_sha256,
        prepared_at=row.prepared_at,
        prepared_by=row.prepared_by,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        key_sha256=row.key_sha256,
        up_to_date=not moved,
        differences=[DifferenceOut.of(one) for one in moved],
        version=row.version,
        allowed_actions=["download", *actions],
        blockers=blockers,
    )


def _signs(read: Read) -> bool:
    return grant_for(RIGHTS, Act.SIGN_CERTIFICATES, read.actor) is not None
