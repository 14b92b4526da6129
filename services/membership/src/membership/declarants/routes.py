"""HTTP door of the campaigns of declarations, and of who has not answered."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from membership.declarants import queries, use_cases
from membership.declarants.documents import EXPORT_HEADER
from membership.declarants.domain import NoteInFuture, NotFollowed
from membership.declarants.schemas import (
    CampaignOut,
    ExemptionIn,
    ExemptionWithdrawal,
    FollowUpExportParams,
    FollowUpLine,
    FollowUpListParams,
    FollowUpOut,
    NoteIn,
)
from membership.declarations import use_cases as declarations
from membership.declarations.domain import (
    AlreadyExempt,
    CampaignClosed,
    CampaignExists,
    CampaignNotFound,
    CampaignRunning,
    ClosingDayTooEarly,
    NotExempt,
    QuestionnaireNotFound,
    YearNotOver,
)
from membership.declarations.schemas import CampaignIn, ExtensionIn, Year
from membership.members.domain import MemberNotFound
from membership.rights import Act

router = APIRouter(prefix="/declaration-campaigns", tags=["Campagnes de déclaration"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DECLARATION_CAMPAIGNS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_DECLARATIONS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_DECLARATIONS))]
MayReadFigures = Annotated[Grant, Depends(allow(Act.READ_DECLARATIONS))]
MayNote = Annotated[Grant, Depends(allow(Act.NOTE_DECLARANTS))]
Accounts = Annotated[Year, Path()]
_READ = (CampaignNotFound, RuleMissing)
_CHANGED = (*_READ, CampaignClosed, PreconditionMissing, PreconditionFailed)
_FOLLOWED = (*_READ, MemberNotFound, NotFollowed)


@router.get(
    "",
    operation_id="listDeclarationCampaigns",
    summary="Les campagnes de déclaration",
    responses=problems(RuleMissing, BadCursor, BadSort),
)
async def list_campaigns(read: ReadDep, grant: MayRead, params: Annotated[PageParams, Query()]) -> Page[CampaignOut]:
    """Une par année de comptes, la plus récente d'abord, avec les réponses dans le périmètre de l'appelant."""
    return await queries.list_campaigns(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="openDeclarationCampaign",
    summary="Ouvrir une campagne",
    responses=problems(QuestionnaireNotFound, YearNotOver, ClosingDayTooEarly, CampaignExists, RuleMissing),
)
async def open_campaign(body: CampaignIn, tx: TxDep, grant: MayRun, response: Response) -> CampaignOut:
    """Pour les comptes d'une année terminée. La version du questionnaire est fixée à l'ouverture."""
    campaign = await declarations.open_campaign(tx, body)
    response.headers["Location"] = f"/membership/v1/declaration-campaigns/{campaign.year}"
    return versioned(response, await queries.campaign_out(tx, grant, campaign))


@router.get(
    "/{year}",
    operation_id="getDeclarationCampaign",
    summary="Une campagne de déclaration",
    responses=problems(*_READ),
)
async def get_campaign(year: Accounts, read: ReadDep, grant: MayRead, response: Response) -> CampaignOut:
    """Combien sont attendues, combien ont répondu, par délégation et par activité, dans le périmètre de l'appelant."""
    return versioned(response, await queries.find_campaign(read, grant, year))


@router.post(
    "/{year}/extend",
    operation_id="extendDeclarationCampaign",
    summary="Prolonger",
    responses=problems(*_CHANGED, ClosingDayTooEarly),
)
async def extend_campaign(
    year: Accounts, body: ExtensionIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> CampaignOut:
    """Jusqu'à un jour à venir, pour toutes, avec une raison ; les prolongations restent au dossier. Ce qui a été
    déclaré depuis le dernier jour d'avant n'est plus tardif."""
    extended = await declarations.extend_campaign(
        tx, year, if_match, body, partial(queries.find_campaign, tx, grant, year)
    )
    return versioned(response, await queries.campaign_out(tx, grant, extended))


@router.post(
    "/{year}/close",
    operation_id="closeDeclarationCampaign",
    summary="Clore",
    responses=problems(*_CHANGED, CampaignRunning),
)
async def close_campaign(
    year: Accounts, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> CampaignOut:
    """Une fois son dernier jour passé. Qui était attendue se compte désormais à ce jour ; les déclarations sont encore
    reçues, tardives comme toutes celles d'après le dernier jour."""
    closed = await declarations.close_campaign(tx, year, if_match, partial(queries.find_campaign, tx, grant, year))
    return versioned(response, await queries.campaign_out(tx, grant, closed))


@router.get(
    "/{year}/follow-up",
    operation_id="listDeclarationFollowUp",
    summary="Qui a répondu, qui n'a pas répondu",
    responses=problems(*_READ, BadCursor, BadSort),
)
async def list_follow_up(
    year: Accounts, read: ReadDep, grant: MayFollow, params: Annotated[FollowUpListParams, Query()]
) -> Page[FollowUpLine]:
    """Les structures attendues, et celles qui ont déclaré sans l'être. Tris : name, delegation, last_contact_on."""
    return await queries.list_follow_up(read, grant, year, params)


@router.get(
    "/{year}/follow-up/export",
    operation_id="exportDeclarationFollowUp",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(*_READ),
)
async def export_follow_up(
    year: Accounts, read: ReadDep, grant: MayFollow, params: Annotated[FollowUpExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, grant, year, params)
    return await export_response(params.format, f"declarations-{year}", EXPORT_HEADER, lines)


@router.get(
    "/{year}/figures/export",
    operation_id="exportDeclaredFigures",
    summary="Chiffres déclarés, en CSV ou tableur",
    response_class=Response,
    responses=problems(*_READ, QuestionnaireNotFound),
)
async def export_figures(
    year: Accounts, read: ReadDep, grant: MayReadFigures, params: Annotated[FollowUpExportParams, Query()]
) -> Response:
    """Une ligne par structure et activité, une colonne par question, d'après la dernière révision ; les mêmes filtres
    que le suivi. Les chiffres de toute la structure sont sur la première de ses lignes : une colonne s'additionne."""
    header, lines = await queries.figures_table(read, grant, year, params)
    return await export_response(params.format, f"chiffres-declares-{year}", header, lines)


@router.get(
    "/{year}/follow-up/{member_id}",
    operation_id="getDeclarationFollowUp",
    summary="Le suivi d'une structure",
    responses=problems(*_FOLLOWED),
)
async def get_follow_up(year: Accounts, member_id: UUID, read: ReadDep, grant: MayFollow) -> FollowUpOut:
    """Où elle en est, les contacts pris, les dispenses."""
    return await queries.find_follow_up(read, grant, year, member_id)


@router.post(
    "/{year}/follow-up/{member_id}/notes",
    status_code=201,
    operation_id="noteDeclarationFollowUp",
    summary="Noter un contact",
    responses=problems(*_FOLLOWED, NoteInFuture),
)
async def note(year: Accounts, member_id: UUID, body: NoteIn, tx: TxDep, grant: MayNote) -> FollowUpOut:
    """Un appel, un courriel, une visite : quand, et ce qui s'est dit de la déclaration."""
    await use_cases.note(tx, grant, year, member_id, body)
    return await queries.find_follow_up(tx, grant, year, member_id)


@router.post(
    "/{year}/follow-up/{member_id}/exempt",
    operation_id="exemptFromDeclaration",
    summary="Dispenser",
    responses=problems(*_FOLLOWED, AlreadyExempt),
)
async def exempt(year: Accounts, member_id: UUID, body: ExemptionIn, tx: TxDep, grant: MayRun) -> FollowUpOut:
    """Par exemple une structure créée depuis : elle n'est plus comptée parmi celles qui doivent répondre."""
    await use_cases.exempt(tx, grant, year, member_id, body.reason)
    return await queries.find_follow_up(tx, grant, year, member_id)


@router.post(
    "/{year}/follow-up/{member_id}/withdraw-exemption",
    operation_id="withdrawDeclarationExemption",
    summary="Retirer une dispense",
    responses=problems(*_FOLLOWED, NotExempt),
)
async def withdraw_exemption(
    year: Accounts, member_id: UUID, body: ExemptionWithdrawal, tx: TxDep, grant: MayRun
) -> FollowUpOut:
    """Elle est de nouveau attendue ; la dispense et son retrait restent au dossier."""
    await use_cases.withdraw_exemption(tx, grant, year, member_id, body.reason)
    return await queries.find_follow_up(tx, grant, year, member_id)
