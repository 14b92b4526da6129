"""HTTP door of departures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from common.types import Day
from membership.departures import queries, use_cases
from membership.departures.domain import LeavesBeforeLetter, NoticeTooShort, ReceivedInFuture
from membership.departures.schemas import DepartureIn, DepartureWithdrawal, NoticePeriodOut
from membership.members.domain import (
    MemberNotFound,
    NoDepartureAnnounced,
    NotAMember,
    NotInRegisterThen,
    SirenTaken,
    StatusContradicted,
)
from membership.members.queries import shown
from membership.members.schemas import MemberOut
from membership.rights import Act

router = APIRouter(tags=["Départs"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_MEMBERS))]
MayRecord = Annotated[Grant, Depends(allow(Act.RECORD_DEPARTURES))]
_CHANGED = (MemberNotFound, PreconditionMissing, PreconditionFailed)


@router.get(
    "/departures/notice",
    operation_id="getNotice",
    summary="Le préavis d'une démission",
    responses=problems(RuleMissing),
)
async def get_notice(
    _: MayRead, received_on: Annotated[Day, Query(description="Le jour où le courrier est reçu")]
) -> NoticePeriodOut:
    """Jusqu'à quand une structure dont le courrier est reçu ce jour-là reste adhérente, et d'où vient la règle."""
    return queries.notice_of(received_on)


@router.post(
    "/members/{member_id}/departure",
    operation_id="recordDeparture",
    summary="Inscrire un départ",
    responses=problems(
        *_CHANGED,
        ReceivedInFuture,
        LeavesBeforeLetter,
        NoticeTooShort,
        NotAMember,
        StatusContradicted,
        NotInRegisterThen,
        SirenTaken,
        RuleMissing,
    ),
)
async def record_departure(
    member_id: UUID, body: DepartureIn, tx: TxDep, grant: MayRecord, response: Response, if_match: IfMatch = None
) -> MemberOut:
    """Démission, avec son préavis, ou cessation d'activité. Jusqu'à son jour, la structure reste adhérente."""
    left = await use_cases.record_departure(tx, grant, member_id, if_match, body)
    return versioned(response, await shown(tx, left))


@router.post(
    "/members/{member_id}/departure/withdraw",
    operation_id="withdrawDeparture",
    summary="Revenir sur un départ",
    responses=problems(*_CHANGED, NoDepartureAnnounced, StatusContradicted, SirenTaken),
)
async def withdraw_departure(
    member_id: UUID,
    body: DepartureWithdrawal,
    tx: TxDep,
    grant: MayRecord,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """Tant que son jour n'est pas venu. Une exclusion ne se retire pas ainsi : le conseil l'a décidée."""
    stays = await use_cases.withdraw_departure(tx, grant, member_id, if_match, body.reason)
    return versioned(response, await shown(tx, stays))
