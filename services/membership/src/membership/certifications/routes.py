"""HTTP door of labels and certifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.certifications import queries, use_cases
from membership.certifications.documents import EXPORT_HEADER
from membership.certifications.domain import (
    CertificationNotFound,
    CertificationRecorded,
    CertificationRevoked,
    CertificationVerified,
    CertificationWithdrawn,
    LabelUnknown,
    ObtainedAnotherDay,
    OwnCertification,
    RevokedAnotherDay,
)
from membership.certifications.schemas import (
    CertificationExportParams,
    CertificationIn,
    CertificationListParams,
    CertificationOut,
    CertificationWithdrawal,
    LabelCountParams,
    LabelCountsOut,
    LabelsOut,
    RevocationIn,
)
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(prefix="/certifications", tags=["Labels et certifications"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CERTIFICATIONS))]
MayRecord = Annotated[Grant, Depends(allow(Act.RECORD_CERTIFICATIONS))]
MayVerify = Annotated[Grant, Depends(allow(Act.VERIFY_CERTIFICATIONS))]
_CHANGED = (CertificationNotFound, CertificationWithdrawn, PreconditionMissing, PreconditionFailed)


@router.get("/labels", operation_id="listLabels", summary="Les labels que l'on peut consigner")
async def list_labels(_: MayRead) -> LabelsOut:
    """Y compris ceux qui ne s'obtiennent plus."""
    return queries.list_labels()


@router.get(
    "",
    operation_id="listCertifications",
    summary="Les labels et certifications",
    responses=problems(BadCursor, BadSort),
)
async def list_certifications(
    read: ReadDep, grant: MayRead, params: Annotated[CertificationListParams, Query()]
) -> Page[CertificationOut]:
    """Avec ceux à renouveler (expiring_before) ou finis sans l'être (lapsed). Tris : obtained_on, valid_until, name."""
    return await queries.list_certifications(read, grant, params)


@router.get(
    "/export",
    operation_id="exportCertifications",
    summary="Les labels et certifications en CSV ou tableur",
    response_class=Response,
)
async def export_certifications(
    read: ReadDep, grant: MayRead, params: Annotated[CertificationExportParams, Query()]
) -> Response:
    """Les mêmes que la liste avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "certifications", EXPORT_HEADER, lines)


@router.get("/counts", operation_id="countLabels", summary="Combien de structures ont quel label")
async def count_labels(read: ReadDep, grant: MayRead, params: Annotated[LabelCountParams, Query()]) -> LabelCountsOut:
    """En cours de validité un jour donné, par label et niveau, parmi les adhérentes de ce jour."""
    return await queries.count_labels(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="recordCertification",
    summary="Consigner",
    responses=problems(
        MemberNotFound, NotAMember, CertificationNotFound, LabelUnknown, ObtainedAnotherDay, CertificationRecorded
    ),
)
async def record(body: CertificationIn, tx: TxDep, grant: MayRecord, response: Response) -> CertificationOut:
    """Un label obtenu par une structure de son périmètre. Renouvelé, il se consigne de nouveau."""
    certification_id = await use_cases.record(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/certifications/{certification_id}"
    return versioned(response, await queries.find_certification(tx, grant, certification_id))


@router.get(
    "/{certification_id}",
    operation_id="getCertification",
    summary="Un label d'une structure",
    responses=problems(CertificationNotFound),
)
async def get_certification(
    certification_id: UUID, read: ReadDep, grant: MayRead, response: Response
) -> CertificationOut:
    """Qui l'a donné, quand, jusqu'à quand, et sa preuve."""
    return versioned(response, await queries.find_certification(read, grant, certification_id))


@router.post(
    "/{certification_id}/verify",
    operation_id="verifyCertification",
    summary="Vérifier",
    responses=problems(*_CHANGED, OwnCertification, CertificationVerified),
)
async def verify(
    certification_id: UUID, tx: TxDep, grant: MayVerify, response: Response, if_match: IfMatch = None
) -> CertificationOut:
    """Le certificat a été vu, par le réseau ou la délégation. Tant que non, c'est ce que la structure déclare."""
    await use_cases.verify(tx, grant, certification_id, if_match)
    return versioned(response, await queries.find_certification(tx, grant, certification_id))


@router.post(
    "/{certification_id}/revoke",
    operation_id="revokeCertification",
    summary="Dire que le certificateur l'a retirée",
    responses=problems(*_CHANGED, CertificationRevoked, RevokedAnotherDay),
)
async def revoke(
    certification_id: UUID,
    body: RevocationIn,
    tx: TxDep,
    grant: MayRecord,
    response: Response,
    if_match: IfMatch = None,
) -> CertificationOut:
    """À partir d'un jour ; elle a été valable avant."""
    await use_cases.revoke(tx, grant, certification_id, if_match, body)
    return versioned(response, await queries.find_certification(tx, grant, certification_id))


@router.post(
    "/{certification_id}/withdraw",
    operation_id="withdrawCertification",
    summary="Annuler une erreur de saisie",
    responses=problems(*_CHANGED, CertificationRevoked),
)
async def withdraw(
    certification_id: UUID,
    body: CertificationWithdrawal,
    tx: TxDep,
    grant: MayRecord,
    response: Response,
    if_match: IfMatch = None,
) -> CertificationOut:
    """Consigné par erreur : il reste au dossier, avec la raison, et peut être consigné de nouveau."""
    await use_cases.withdraw(tx, grant, certification_id, if_match, body.reason)
    return versioned(response, await queries.find_certification(tx, grant, certification_id))
