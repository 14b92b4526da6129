"""HTTP door of applications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.applications import queries, use_cases
from membership.applications.domain import ApplicationNotFound
from membership.applications.schemas import ApplicationIn, ApplicationListParams, ApplicationOut
from membership.members.domain import SirenTaken, SiretOfAnotherSiren
from membership.rights import Act

router = APIRouter(prefix="/applications", tags=["Candidatures"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_APPLICATIONS))]
MayReceive = Annotated[Grant, Depends(allow(Act.RECEIVE_APPLICATIONS))]


@router.get("", operation_id="listApplications", summary="Les candidatures", responses=problems(BadCursor, BadSort))
async def list_applications(
    read: ReadDep, grant: MayRead, params: Annotated[ApplicationListParams, Query()]
) -> Page[ApplicationOut]:
    """Avec ce qui manque à chacune. Tris : received_on, name."""
    return await queries.list_applications(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="receiveApplication",
    summary="Recevoir",
    responses=problems(SirenTaken, SiretOfAnotherSiren),
)
async def receive_application(body: ApplicationIn, tx: TxDep, grant: MayReceive, response: Response) -> ApplicationOut:
    """La structure entre au registre comme candidate ; une séance en décidera."""
    application_id = await use_cases.receive_application(tx, body)
    response.headers["Location"] = f"/membership/v1/applications/{application_id}"
    return await queries.find_application(tx, grant, application_id)


@router.get(
    "/{application_id}",
    operation_id="getApplication",
    summary="Une candidature",
    responses=problems(ApplicationNotFound),
)
async def get_application(application_id: UUID, read: ReadDep, grant: MayRead) -> ApplicationOut:
    """Où elle en est, et ce qui lui manque."""
    return await queries.find_application(read, grant, application_id)
