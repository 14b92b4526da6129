"""HTTP door of the reminders of the yearly declaration."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.problem import problems
from common.rights import Grant, allow
from membership.declaration_reminders import queries, use_cases
from membership.declaration_reminders.domain import NobodyToRemind
from membership.declaration_reminders.schemas import ReminderFilters, RemindersIn, RemindersOut
from membership.declarations.domain import CampaignNotFound
from membership.declarations.schemas import Year
from membership.rights import Act

router = APIRouter(
    prefix="/declaration-campaigns/{year}/reminders", tags=["Campagnes de déclaration"], route_class=Door
)

Accounts = Annotated[Year, Path()]
MayNote = Annotated[Grant, Depends(allow(Act.NOTE_DECLARANTS))]


@router.get(
    "",
    operation_id="previewDeclarationReminders",
    summary="Qui serait relancé",
    responses=problems(CampaignNotFound, RuleMissing),
)
async def preview(
    year: Accounts, read: ReadDep, grant: MayNote, params: Annotated[ReminderFilters, Query()]
) -> RemindersOut:
    """Les structures du suivi, avec ses filtres, qui sont attendues et n'ont pas répondu ; le texte du courriel."""
    return await queries.preview(read, grant, year, params)


@router.post(
    "",
    status_code=202,
    operation_id="remindOfDeclaration",
    summary="Relancer par courriel",
    responses=problems(CampaignNotFound, NobodyToRemind, RuleMissing),
)
async def remind(year: Accounts, body: RemindersIn, tx: TxDep, grant: MayNote, response: Response) -> RemindersOut:
    """Écrit à celles que l'aperçu montre, sauf à qui répond d'ici là : c'est revu au moment d'écrire.

    Pas deux fois en moins de jours que la règle ne le permet. Une relance encore à partir est reprise si la structure
    déclare.
    """
    job_id = await use_cases.ask_to_remind(tx, grant, year, body)
    response.headers["Location"] = f"/membership/v1/jobs/{job_id}"
    return await queries.preview(tx, grant, year, body)
