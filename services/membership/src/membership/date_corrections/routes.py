"""HTTP door of corrections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from common.door import Door, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from membership.date_corrections import use_cases
from membership.date_corrections.domain import (
    CorrectedToFuture,
    DayBeforeSitting,
    DayOutOfOrder,
    DayUnchanged,
)
from membership.date_corrections.schemas import StatusCorrectionIn
from membership.members.domain import (
    DayGivenElsewhere,
    MemberNotFound,
    NotAMember,
    NotLeft,
    SirenTaken,
    StatusContradicted,
    StatusToCome,
)
from membership.members.queries import shown
from membership.members.schemas import MemberOut
from membership.rights import Act

router = APIRouter(tags=["Adhérents"], route_class=Door)

MayCorrect = Annotated[Grant, Depends(allow(Act.CORRECT_STATUSES))]


@router.post(
    "/members/{member_id}/status/correct",
    operation_id="correctMemberStatus",
    summary="Corriger un jour d'adhésion ou de sortie",
    responses=problems(
        MemberNotFound,
        NotAMember,
        NotLeft,
        DayUnchanged,
        CorrectedToFuture,
        DayBeforeSitting,
        DayOutOfOrder,
        DayGivenElsewhere,
        StatusToCome,
        StatusContradicted,
        SirenTaken,
        PreconditionMissing,
        PreconditionFailed,
    ),
)
async def correct_status(
    member_id: UUID,
    body: StatusCorrectionIn,
    tx: TxDep,
    grant: MayCorrect,
    response: Response,
    if_match: IfMatch = None,
) -> MemberOut:
    """De l'adhésion en cours, ou de la dernière. Le procès-verbal ne change pas, ni une liste électorale figée ;
    ce que l'on en savait se lit encore avec `known_at`."""
    corrected = await use_cases.correct_status(tx, grant, member_id, if_match, body)
    return versioned(response, await shown(tx, corrected))
