"""HTTP door of pictures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from common.dated import RuleMissing
from common.door import Door, ReadDep
from common.problem import problems
from common.rights import Grant, allow
from membership.assessment_pictures import queries
from membership.assessment_pictures.domain import PictureNotOver
from membership.assessment_pictures.schemas import PictureOut, PictureParams, PresentPictureOut, PresentPictureParams
from membership.banks.domain import BankNotFound
from membership.rights import Act

router = APIRouter(prefix="/assessment-pictures", tags=["Auto-évaluation"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_PICTURES))]


@router.get(
    "",
    operation_id="getPicture",
    summary="L'image d'une période, par délégation",
    responses=problems(BankNotFound, PictureNotOver, RuleMissing),
)
async def get_picture(read: ReadDep, _: MayRead, params: Annotated[PictureParams, Query()]) -> PictureOut:
    """La dernière auto-évaluation remise dans la période par chaque adhérente. Aucune ne s'y reconnaît."""
    return await queries.find_picture(read, params)


@router.get(
    "/present",
    operation_id="getPresentPicture",
    summary="L'image d'aujourd'hui",
    responses=problems(BankNotFound, RuleMissing),
)
async def get_present_picture(
    read: ReadDep, _: MayRead, params: Annotated[PresentPictureParams, Query()]
) -> PresentPictureOut:
    """Où en sont le pays et, pour qui en lit chaque auto-évaluation, une délégation. Elle avance par blocs : ni une
    lecture, ni deux, ni celle de la période finie ensuite ne montrent une structure.
    """
    return await queries.find_present(read, params)
