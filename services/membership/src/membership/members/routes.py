"""HTTP door of the register."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.contracts.membership import MemberFact
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, set_etag
from common.feeds import feed_routes
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.members import queries, use_cases
from membership.members.domain import MemberNotFound, SirenTaken, SiretOfAnotherSiren
from membership.members.schemas import (
    DelegationOut,
    MemberAmend,
    MemberExportParams,
    MemberListParams,
    MemberOut,
)
from membership.rights import Act
from membership.territory.queries import load_territory

feed = feed_routes(
    "/members", topic=MemberFact.topic, act=Act.READ_MEMBERS, visible=queries.visible, name="Member", tag="Adhérents"
)
router = APIRouter(tags=["Adhérents"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MEMBERS))]
MayEdit = Annotated[Grant, Depends(allow(Act.EDIT_MEMBERS))]


@router.get("/members", operation_id="listMembers", summary="Les structures", responses=problems(BadCursor, BadSort))
async def list_members(read: ReadDep, grant: MayRead, params: Annotated[MemberListParams, Query()]) -> Page[MemberOut]:
    """Candidates et adhérentes, dans le périmètre de l'appelant. Tris : name, reference, created_at."""
    return await queries.list_members(read, grant, params)


@router.get("/members/export", operation_id="exportMembers", summary="Export CSV ou tableur", response_class=Response)
async def export_members(
    read: ReadDep,
    grant: MayRead,
    params: Annotated[MemberExportParams, Query()],
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "adherents", queries.EXPORT_HEADER, lines)


@router.get(
    "/members/by-siren/{siren}",
    operation_id="getMemberBySiren",
    summary="Une structure par son SIREN",
    responses=problems(MemberNotFound),
)
async def get_by_siren(
    siren: Annotated[str, Path(pattern=r"^[0-9]{9}$")], read: ReadDep, grant: MayRead, response: Response
) -> MemberOut:
    """Le SIREN désigne l'entité légale."""
    member = await queries.find_by_siren(read, grant, siren)
    set_etag(response, member.version)
    return member


@router.get(
    "/members/{member_id}", operation_id="getMember", summary="Une structure", responses=problems(MemberNotFound)
)
async def get_member(member_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> MemberOut:
    """Avec sa situation de cotisation et ce qui manque à son dossier."""
    member = await queries.find_member(read, grant, member_id)
    set_etag(response, member.version)
    return member


@router.patch(
    "/members/{member_id}",
    operation_id="amendMember",
    summary="Compléter ou corriger",
    responses=problems(MemberNotFound, SirenTaken, SiretOfAnotherSiren, PreconditionMissing, PreconditionFailed),
)
async def amend_member(
    member_id: UUID,
    body: MemberAmend,
    tx: TxDep,
    grant: MayEdit,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """Les champs absents restent ce qu'ils sont. La délégation suit l'adresse."""
    # Not read again through the grant: a delegation may have moved the structure to another one, rightly.
    member = await queries.shown(tx, await use_cases.amend_member(tx, grant, member_id, if_match, body))
    set_etag(response, member.version)
    return member


@router.get("/delegations", operation_id="listDelegations", summary="Les délégations régionales")
async def list_delegations(_: MayRead) -> list[DelegationOut]:
    """Et les départements que chacune couvre."""
    return [
        DelegationOut(code=d.code, name=d.name, departments=sorted(d.departments)) for d in load_territory().delegations
    ]
