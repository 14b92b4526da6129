"""HTTP door of declared bases."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from dues.bases import use_cases
from dues.bases.domain import BaseNotDeclared, BaseReasonMissing
from dues.bases.queries import find_base
from dues.bases.schemas import BaseIn, BaseOut
from dues.members.domain import MemberUnknown
from dues.members.queries import require_member
from dues.rights import Act

router = APIRouter(prefix="/members/{member_id}/bases/{year}", tags=["Bases"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BASES))]
MayDeclare = Annotated[Grant, Depends(allow(Act.DECLARE_BASES))]
Year = Annotated[int, Path(ge=2000, le=2100, description="Année des comptes")]


@router.get(
    "",
    operation_id="getBase",
    summary="La base déclarée",
    responses=problems(MemberUnknown, BaseNotDeclared),
)
async def get_base(member_id: UUID, year: Year, read: ReadDep, grant: MayRead, response: Response) -> BaseOut:
    """Pour les comptes d'une année : le montant qui compte, d'où il vient, et ceux qu'il a remplacés."""
    await require_member(read, grant, member_id)
    return versioned(response, await find_base(read, member_id, year))


@router.put(
    "",
    operation_id="declareBase",
    summary="Saisir ou corriger la base",
    responses=problems(MemberUnknown, BaseReasonMissing, PreconditionMissing, PreconditionFailed),
)
async def declare_base(
    member_id: UUID,
    year: Year,
    body: BaseIn,
    tx: TxDep,
    grant: MayDeclare,
    response: Response,
    if_match: IfMatch = None,
) -> BaseOut:
    """Par les finances ; les structures et leurs délégations déclarent dans l'adhésion. Une première saisie se passe
    d'If-Match ; une correction le demande et, quand la structure a déclaré cette année, une raison. La déclaration que
    la structure ferait ensuite la remplace ; toutes restent lisibles."""
    return versioned(response, await use_cases.declare(tx, grant, member_id, year, body, if_match))
