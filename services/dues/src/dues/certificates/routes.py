"""HTTP door of the closing of campaigns."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.campaigns.domain import CampaignNotFound, CampaignRunning
from dues.certificates import queries, use_cases
from dues.certificates.documents import NOT_CALLED_HEADER
from dues.certificates.domain import (
    CertificateNotFound,
    CertificateOutdated,
    CertificateSigned,
    KeyPair,
    OwnCertificate,
    SigningKeyMissing,
    TiesBroken,
)
from dues.certificates.schemas import (
    CertificateDetail,
    CertificateIn,
    CertificateListParams,
    CertificateOut,
    ClosingOut,
    ClosingParams,
    NotCalledExportParams,
    VerificationOut,
)
from dues.config import Settings
from dues.grids.domain import GridNotFound, SmicNotPublished
from dues.receivables.domain import AsOfInFuture
from dues.rights import Act

closings = APIRouter(prefix="/campaigns/{campaign_id}", tags=["Clôture des campagnes"], route_class=Door)
router = APIRouter(prefix="/certificates", tags=["Clôture des campagnes"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CERTIFICATES))]
MaySign = Annotated[Grant, Depends(allow(Act.SIGN_CERTIFICATES))]
_COUNTED = (CampaignNotFound, AsOfInFuture, GridNotFound, SmicNotPublished, RuleMissing)


async def _keys(request: Request) -> KeyPair | None:
    settings: Settings = request.app.state.runtime.settings
    if settings.signing_key_file is None or settings.signing_certificate_file is None:
        return None
    return KeyPair(settings.signing_key_file, settings.signing_certificate_file)


Keys = Annotated[KeyPair | None, Depends(_keys)]


@closings.get(
    "/certificate",
    operation_id="getClosing",
    summary="Ce que dirait son certificat",
    responses=problems(*_COUNTED),
)
async def get_closing(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[ClosingParams, Query()]
) -> ClosingOut:
    """Les chiffres à la fin d'un jour et ce qui les lie : chaque égalité a ses deux côtés et leur écart. Une seule
    fausse empêche de préparer et de signer."""
    return await queries.show_closing(read, campaign_id, params.as_of)


@closings.get(
    "/certificate/not-called/export",
    operation_id="exportNotCalled",
    summary="Les adhérents sans appel, et pourquoi",
    response_class=Response,
    responses=problems(CampaignNotFound, GridNotFound, SmicNotPublished),
)
async def export_not_called(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[NotCalledExportParams, Query()]
) -> Response:
    """Ceux que les chiffres comptent : à appeler, bloqués, ou qui ne doivent pas l'année."""
    lines = await queries.export_not_called(read, campaign_id)
    return await export_response(params.format, "adherents-sans-appel", NOT_CALLED_HEADER, lines)


@closings.get(
    "/certificates",
    operation_id="listCertificates",
    summary="Ses certificats",
    responses=problems(BadCursor, BadSort, *_COUNTED),
)
async def list_certificates(
    campaign_id: UUID, read: ReadDep, _: MayRead, params: Annotated[CertificateListParams, Query()]
) -> Page[CertificateOut]:
    """Chacun avec ce qui a changé depuis. Tris : prepared_at, reference, as_of."""
    return await queries.list_certificates(read, campaign_id, params)


@closings.post(
    "/certificates",
    status_code=201,
    operation_id="prepareCertificate",
    summary="Préparer un certificat",
    responses=problems(CertificateNotFound, CampaignRunning, TiesBroken, *_COUNTED),
)
async def prepare(
    campaign_id: UUID, body: CertificateIn, request: Request, tx: TxDep, _: MaySign, response: Response
) -> CertificateDetail:
    """Fige les chiffres et les imprime ; une autre personne des finances signe."""
    certificate_id = await use_cases.prepare(tx, request.app.state.runtime.files, campaign_id, body.as_of)
    response.headers["Location"] = f"/dues/v1/certificates/{certificate_id}"
    return versioned(response, await queries.find_certificate(tx, certificate_id))


@router.get(
    "/{certificate_id}",
    operation_id="getCertificate",
    summary="Un certificat",
    responses=problems(CertificateNotFound, *_COUNTED),
)
async def get_certificate(certificate_id: UUID, read: ReadDep, _: MayRead, response: Response) -> CertificateDetail:
    """Ses chiffres tels que figés, et ce qui a changé depuis."""
    return versioned(response, await queries.find_certificate(read, certificate_id))


@router.get(
    "/{certificate_id}/pdf",
    operation_id="downloadCertificate",
    summary="Le document (PDF/A)",
    response_class=Response,
    responses=problems(CertificateNotFound, FileMissing),
)
async def download(certificate_id: UUID, request: Request, read: ReadDep, _: MayRead) -> Response:
    """Signé (PAdES) dès qu'il l'est ; ses chiffres y sont joints, dont l'empreinte est imprimée."""
    path, name = await queries.file_of(read, certificate_id)
    return pdf_response(await request.app.state.runtime.files.get(path), name)


@router.post(
    "/{certificate_id}/sign",
    operation_id="signCertificate",
    summary="Signer",
    responses=problems(
        CertificateNotFound,
        CertificateSigned,
        OwnCertificate,
        CampaignRunning,
        TiesBroken,
        CertificateOutdated,
        SigningKeyMissing,
        PreconditionMissing,
        PreconditionFailed,
        *_COUNTED,
    ),
)
async def sign(
    certificate_id: UUID,
    request: Request,
    tx: TxDep,
    _: MaySign,
    keys: Keys,
    response: Response,
    if_match: IfMatch = None,
) -> CertificateDetail:
    """Par une autre personne que celle qui l'a préparé. Tout est compté de nouveau : ce qui a bougé se prépare de
    nouveau."""
    await use_cases.sign_certificate(tx, request.app.state.runtime.files, keys, certificate_id, if_match)
    return versioned(response, await queries.find_certificate(tx, certificate_id))


@router.get(
    "/{certificate_id}/verify",
    operation_id="verifyCertificate",
    summary="Vérifier",
    responses=problems(CertificateNotFound, *_COUNTED),
)
async def verify(certificate_id: UUID, request: Request, read: ReadDep, _: MayRead) -> VerificationOut:
    """Les chiffres gardés, le document et sa signature sont-ils ceux d'alors ; le jour, compté de nouveau, dit-il la
    même chose."""
    return await queries.verify(read, request.app.state.runtime.files, certificate_id)
