"""HTTP door of banks of questions."""

from typing import Annotated

from fastapi import APIRouter, Depends

from common.door import Door, ReadDep
from common.problem import problems
from common.rights import Grant, allow
from membership.banks import queries
from membership.banks.domain import BankNotFound
from membership.banks.schemas import BankDetail, BanksOut
from membership.rights import Act

router = APIRouter(prefix="/assessment-banks", tags=["Auto-évaluation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_BANKS))]


@router.get("", operation_id="listBanks", summary="Les banques de questions")
async def list_banks(read: ReadDep, _: MayRead) -> BanksOut:
    """Sans leurs questions. Celles qui ne servent plus y restent, pour lire ce qui a été répondu."""
    return queries.list_banks(read.today)


@router.get("/{code}", operation_id="getBank", summary="Une banque de questions", responses=problems(BankNotFound))
async def get_bank(code: str, read: ReadDep, _: MayRead) -> BankDetail:
    """Ses thèmes, ses questions, l'échelle des réponses et les niveaux."""
    return queries.find_bank(code, read.today)
