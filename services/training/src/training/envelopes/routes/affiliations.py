"""HTTP door of the affiliations to the group account, of its rules, and of the funding composer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from training.envelopes import domain, queries, use_cases
from training.envelopes.domain import AffiliationNotFound, EnvelopeNotFound
from training.envelopes.schemas import (
    AffiliationAccountIn,
    AffiliationConfirmationIn,
    AffiliationExportParams,
    AffiliationIn,
    AffiliationListParams,
    AffiliationOut,
    AffiliationPaymentIn,
    FundingPurchaseIn,
    FundingRulesOut,
    FundingStackOut,
)
from training.members.domain import MemberMerged, MemberUnknown
from training.rights import Act

router = APIRouter(prefix="/funding", tags=["Compte groupe"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_AFFILIATIONS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ENVELOPES))]
MayCompose = Annotated[Grant, Depends(allow(Act.COMPOSE_FUNDING))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_MEMBER = (MemberUnknown, MemberMerged)
_STEP = (AffiliationNotFound, domain.AffiliationStepWrong, domain.AffiliationDayWrong, *_SEEN)


@router.get("/rules", operation_id="getFundingRules", summary="Les règles du compte groupe")
async def get_rules(_: MayRead) -> FundingRulesOut:
    """Datées, avec leur source et leur état."""
    return queries.rules_out()


@router.post("/compose", operation_id="composeFunding", summary="Composer un financement", responses=problems(*_MEMBER))
async def compose(body: FundingPurchaseIn, tx: TxDep, grant: MayCompose) -> FundingStackOut:
    """Qui paierait quoi aujourd'hui, et pourquoi les autres ne paient pas. Rien n'est écrit ni réservé."""
    return await queries.compose_funding(tx, grant, body)


@router.get(
    "/affiliations",
    operation_id="listAffiliations",
    summary="Les affiliations",
    responses=problems(BadCursor, BadSort),
)
async def list_affiliations(
    read: ReadDep, grant: MayRead, params: Annotated[AffiliationListParams, Query()]
) -> Page[AffiliationOut]:
    """Une structure lit les siennes. Tri : convention_on."""
    return await queries.list_affiliations(read, grant, params)


@router.post(
    "/affiliations",
    status_code=201,
    operation_id="signConvention",
    summary="Noter une convention signée",
    responses=problems(
        EnvelopeNotFound,
        domain.EnvelopeClosed,
        domain.AffiliationNotOfGroupAccount,
        domain.AffiliationOperatorWrong,
        domain.AffiliationDayWrong,
        domain.AffiliationTaken,
        *_MEMBER,
    ),
)
async def sign_convention(body: AffiliationIn, tx: TxDep, grant: MayRun, response: Response) -> AffiliationOut:
    """Première étape : convention, données du compte, versement avec son code Cora, lettre de confirmation."""
    affiliation_id = await use_cases.sign_convention(tx, grant, body)
    response.headers["Location"] = f"/training/v1/funding/affiliations/{affiliation_id}"
    return versioned(response, await queries.find_affiliation(tx, grant, affiliation_id))


@router.get(
    "/affiliations/export",
    operation_id="exportAffiliations",
    summary="Export des affiliations",
    response_class=Response,
)
async def export_affiliations(
    read: ReadDep, grant: MayRead, params: Annotated[AffiliationExportParams, Query()]
) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres."""
    lines = await queries.export_affiliations(read, grant, params)
    return await export_response(params.format, "affiliations", queries.AFFILIATIONS_HEADER, lines)


@router.get(
    "/affiliations/{affiliation_id}",
    operation_id="getAffiliation",
    summary="Une affiliation",
    responses=problems(AffiliationNotFound),
)
async def get_affiliation(affiliation_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> AffiliationOut:
    """Où elle en est, ce qui est dû et d'où il vient."""
    return versioned(response, await queries.find_affiliation(read, grant, affiliation_id))


@router.post(
    "/affiliations/{affiliation_id}/account",
    operation_id="takeAffiliationAccount",
    summary="Noter les données du compte",
    responses=problems(*_STEP, EnvelopeNotFound, RuleMissing),
)
async def take_account(
    affiliation_id: UUID,
    body: AffiliationAccountIn,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AffiliationOut:
    """Ce qui est dû en suit, au taux de l'année du compte."""
    await use_cases.take_account(tx, grant, affiliation_id, if_match, body)
    return versioned(response, await queries.find_affiliation(tx, grant, affiliation_id))


@router.post(
    "/affiliations/{affiliation_id}/payment",
    operation_id="payAffiliation",
    summary="Noter le versement",
    responses=problems(
        *_STEP, EnvelopeNotFound, domain.EnvelopeClosed, domain.EnvelopeShort, domain.AffiliationAmountUnexplained
    ),
)
async def pay(
    affiliation_id: UUID,
    body: AffiliationPaymentIn,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AffiliationOut:
    """Il entre dans l'enveloppe."""
    await use_cases.pay(tx, grant, affiliation_id, if_match, body)
    return versioned(response, await queries.find_affiliation(tx, grant, affiliation_id))


@router.post(
    "/affiliations/{affiliation_id}/confirm",
    operation_id="confirmAffiliation",
    summary="Noter la lettre de confirmation",
    responses=problems(*_STEP),
)
async def confirm(
    affiliation_id: UUID,
    body: AffiliationConfirmationIn,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AffiliationOut:
    """Dernière étape."""
    await use_cases.confirm(tx, grant, affiliation_id, if_match, body)
    return versioned(response, await queries.find_affiliation(tx, grant, affiliation_id))


@router.post(
    "/affiliations/{affiliation_id}/withdraw",
    operation_id="withdrawAffiliation",
    summary="Abandonner une affiliation",
    responses=problems(AffiliationNotFound, domain.AffiliationStepWrong, *_SEEN),
)
async def withdraw(
    affiliation_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AffiliationOut:
    """Avant tout versement ; la structure pourra recommencer."""
    await use_cases.withdraw(tx, grant, affiliation_id, if_match)
    return versioned(response, await queries.find_affiliation(tx, grant, affiliation_id))
