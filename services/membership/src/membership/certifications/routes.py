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
from membership.certifications import queries, use_cases
from membership.certifications.domain import (
    CertificationNotFound,
    CertificationWithdrawn,
    LabelUnknown,
    ObtainedAnotherDay,
)
from membership.certifications.schemas import (
    CertificationIn,
    CertificationListParams,
    CertificationOut,
    CertificationWithdrawal,
    LabelsOut,
)
from membership.members.domain import MemberNotFound
from membership.rights import Act

router = APIRouter(prefix="/certifications", tags=["Labels et certifications"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_CERTIFICATIONS))]
MayRecord = Annotated[Grant, Depends(allow(Act.RECORD_CERTIFICATIONS))]


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
    """Avec ceux qui vont finir (expiring_before). Tris : obtained_on, valid_until, name."""
    return await queries.list_certifications(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="recordCertification",
    summary="Consigner",
    responses=problems(MemberNotFound, CertificationNotFound, LabelUnknown, ObtainedAnotherDay),
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
    "/{certification_id}/withdraw",
    operation_id="withdrawCertification",
    summary="Retirer",
    responses=problems(CertificationNotFound, CertificationWithdrawn, PreconditionMissing, PreconditionFailed),
)
async def withdraw(
    certification_id: UUID,
    body: CertificationWithdrawal,
    tx: TxDep,
    grant: MayRecord,
    response: Response,
    if_match: IfMatch = None,
) -> CertificationOut:
    """Consigné par erreur, ou retiré à la structure : il reste au dossier, avec la raison."""
    await use_cases.withdraw(tx, grant, certification_id, if_match, body.reason)
    return versioned(response, await queries.find_certification(tx, grant, certification_id))
