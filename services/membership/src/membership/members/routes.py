"""HTTP door of the register."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.contracts.membership import MemberFact
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.feeds import feed_routes
from common.pagination import BadCursor, BadSort, Page, Whole
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.members import queries, use_cases
from membership.members.documents import EXPORT_HEADER
from membership.members.domain import (
    ActivityNotHeld,
    DelegationUnknown,
    EntryNeeded,
    EntryNotFound,
    EntryOfADecision,
    EntrySuperseded,
    LastActivity,
    MemberNotFound,
    NotAGroup,
    NotInGroup,
    NotInRegisterThen,
    SirenTaken,
    SiretOfAnotherSiren,
)
from membership.members.schemas import (
    EntryIn,
    EntryListParams,
    EntryOut,
    MemberAmend,
    MemberExportParams,
    MemberListParams,
    MemberOut,
    Then,
    WithdrawalIn,
)
from membership.rights import Act
from membership.territory.queries import load_territory
from membership.territory.schemas import DelegationOut

feed = feed_routes(
    "/members",
    topic=MemberFact.topic,
    act=Act.READ_MEMBERS,
    visible=partial(queries.visible, merged=True),
    name="Member",
    tag="Adhérents",
)
router = APIRouter(tags=["Adhérents"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MEMBERS))]
MayEdit = Annotated[Grant, Depends(allow(Act.EDIT_MEMBERS))]
_CHANGED = (MemberNotFound, NotInRegisterThen, PreconditionMissing, PreconditionFailed)


@router.get("/members", operation_id="listMembers", summary="Les structures", responses=problems(BadCursor, BadSort))
async def list_members(read: ReadDep, grant: MayRead, params: Annotated[MemberListParams, Query()]) -> Page[MemberOut]:
    """Candidates, adhérentes et sorties, dans le périmètre de l'appelant. Tris : name, reference, created_at."""
    return await queries.list_members(read, grant, params)


@router.get("/members/export", operation_id="exportMembers", summary="Export CSV ou tableur", response_class=Response)
async def export_members(
    read: ReadDep,
    grant: MayRead,
    params: Annotated[MemberExportParams, Query()],
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, params)
    return await export_response(params.format, "adherents", EXPORT_HEADER, lines)


@router.get(
    "/members/by-siren/{siren}",
    operation_id="getMemberBySiren",
    summary="Une structure par son SIREN",
    responses=problems(MemberNotFound),
)
async def get_by_siren(
    siren: Annotated[str, Path(pattern=r"^[0-9]{9}$")], read: ReadDep, grant: MayRead, response: Response
) -> MemberOut:
    """Le SIREN désigne l'entité légale ; porté par un doublon réuni, il mène à la structure qui reste."""
    return versioned(response, await queries.find_by_siren(read, grant, siren))


@router.get(
    "/members/by-siret/{siret}",
    operation_id="getMemberBySiret",
    summary="Une structure par son SIRET",
    responses=problems(MemberNotFound),
)
async def get_by_siret(
    siret: Annotated[str, Path(pattern=r"^[0-9]{14}$")], read: ReadDep, grant: MayRead, response: Response
) -> MemberOut:
    """Le SIRET désigne son établissement ; porté par un doublon réuni, il mène à la structure qui reste."""
    return versioned(response, await queries.find_by_siret(read, grant, siret))


@router.get(
    "/members/{member_id}",
    operation_id="getMember",
    summary="Une structure",
    responses=problems(MemberNotFound, NotInRegisterThen),
)
async def get_member(
    member_id: UUID, read: ReadDep, grant: MayRead, response: Response, then: Annotated[Then, Query()]
) -> MemberOut:
    """Avec sa situation de cotisation et ce qui manque à son dossier, ou telle qu'elle était un autre jour.

    Un doublon réuni répond `merged_into`, avec `into_id` : la structure se lit, et se change, sous cet identifiant.
    """
    member = await queries.find_member(read, grant, member_id, then)
    return member if queries.is_past(then) else versioned(response, member)


@router.patch(
    "/members/{member_id}",
    operation_id="amendMember",
    summary="Compléter ou corriger",
    responses=problems(*_CHANGED, SirenTaken, SiretOfAnotherSiren, LastActivity),
)
async def amend_member(
    member_id: UUID,
    body: MemberAmend,
    tx: TxDep,
    grant: MayEdit,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """À partir d'un jour. Les champs absents restent ce qu'ils sont. La délégation suit l'adresse."""
    # Not read again through the grant: a delegation may have moved the structure to another one, rightly.
    changed = await use_cases.amend_member(tx, grant, member_id, if_match, body)
    return versioned(response, await queries.shown(tx, changed))


@router.get(
    "/members/{member_id}/entries",
    operation_id="listMemberEntries",
    summary="L'historique d'une structure",
    responses=problems(MemberNotFound, BadCursor, BadSort),
)
async def list_entries(
    member_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[EntryListParams, Query()]
) -> Page[EntryOut]:
    """Tout ce qui a été inscrit au registre, par qui, quand et pourquoi. Tris : recorded_at, effective_on."""
    return await queries.list_entries(read, grant, member_id, params)


@router.post(
    "/members/{member_id}/entries",
    operation_id="enterMemberEntry",
    summary="Inscrire au registre",
    responses=problems(*_CHANGED, ActivityNotHeld, LastActivity, DelegationUnknown, NotAGroup, NotInGroup, SirenTaken),
)
async def enter(
    member_id: UUID,
    body: EntryIn,
    tx: TxDep,
    grant: MayEdit,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """Une activité, une délégation imposée, l'appartenance à un groupe, une adresse de correspondance."""
    changed = await use_cases.enter(tx, grant, member_id, if_match, body)
    return versioned(response, await queries.shown(tx, changed))


@router.post(
    "/members/{member_id}/entries/{entry_id}/withdraw",
    operation_id="withdrawMemberEntry",
    summary="Retirer une inscription",
    responses=problems(
        *_CHANGED, EntryNotFound, EntrySuperseded, EntryOfADecision, EntryNeeded, LastActivity, SirenTaken
    ),
)
async def withdraw_entry(
    member_id: UUID,
    entry_id: UUID,
    body: WithdrawalIn,
    tx: TxDep,
    grant: MayEdit,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """Elle n'a jamais été vraie : ce qui valait avant vaut de nouveau. L'historique garde les deux."""
    changed = await use_cases.withdraw_entry(tx, grant, member_id, if_match, entry_id, body.reason)
    return versioned(response, await queries.shown(tx, changed))


@router.get("/delegations", operation_id="listDelegations", summary="Les délégations régionales")
async def list_delegations(_: MayRead) -> Whole[DelegationOut]:
    """Et les départements que chacune couvre."""
    found = load_territory().delegations
    return Whole(items=[DelegationOut(code=d.code, name=d.name, departments=sorted(d.departments)) for d in found])
