"""HTTP door of declarations: the questionnaire, and a structure's form from its first figure to its corrections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.problem import problems
from common.rights import Grant, allow
from membership.declarations import queries, use_cases
from membership.declarations.domain import (
    AlreadyDeclared,
    CampaignNotFound,
    FiguresRefused,
    FindingsOutstanding,
    NotDeclared,
    NothingChanged,
    NothingDrafted,
    NothingToCarryOver,
    QuestionnaireNotFound,
    RevisionNotFound,
)
from membership.declarations.schemas import (
    CorrectionIn,
    DeclarationOut,
    DeclaredOut,
    DraftIn,
    QuestionnaireOut,
    QuestionnaireParams,
    Year,
)
from membership.members.domain import MemberNotFound, NotAMember
from membership.rights import Act

router = APIRouter(tags=["Déclarations d'activité"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_DECLARATIONS))]
MayReadForm = Annotated[Grant, Depends(allow(Act.READ_DECLARATION_CAMPAIGNS))]
MayDeclare = Annotated[Grant, Depends(allow(Act.DECLARE))]
Accounts = Annotated[Year, Path()]
_READ = (MemberNotFound, CampaignNotFound, QuestionnaireNotFound)
_CHANGED = (*_READ, NotAMember, PreconditionMissing, PreconditionFailed)


@router.get(
    "/questionnaires/{version}",
    operation_id="getQuestionnaire",
    summary="Une version du questionnaire",
    responses=problems(QuestionnaireNotFound),
)
async def get_questionnaire(
    version: Annotated[str, Path(max_length=20, examples=["2025"])],
    _: MayReadForm,
    params: Annotated[QuestionnaireParams, Query()],
) -> QuestionnaireOut:
    """Sections, questions, unités et contrôles : de quoi construire le formulaire."""
    return queries.find_questionnaire(version, params.kind)


@router.get(
    "/members/{member_id}/declarations/{year}",
    operation_id="getDeclaration",
    summary="La déclaration d'une structure",
    responses=problems(*_READ),
)
async def get_declaration(
    member_id: UUID, year: Accounts, read: ReadDep, grant: MayRead, response: Response
) -> DeclarationOut:
    """Commencée ou non : ce qui est demandé, ce qui est saisi, ce qui avait été déclaré l'an dernier, ce qui reste à
    corriger ou à commenter, et l'histoire des révisions."""
    return versioned(response, await queries.find_declaration(read, grant, member_id, year))


@router.put(
    "/members/{member_id}/declarations/{year}/draft",
    operation_id="saveDeclarationDraft",
    summary="Enregistrer la saisie",
    responses=problems(*_CHANGED, FiguresRefused),
)
async def save_draft(
    member_id: UUID,
    year: Accounts,
    body: DraftIn,
    tx: TxDep,
    grant: MayDeclare,
    response: Response,
    if_match: IfMatch = None,
) -> DeclarationOut:
    """Complète ou non, pour la reprendre un autre jour. Avec `dry_run=true`, dit ce qui resterait à corriger ou à
    commenter, sans rien garder."""
    await use_cases.save_draft(tx, grant, member_id, year, if_match, body)
    return versioned(response, await queries.find_declaration(tx, grant, member_id, year))


@router.post(
    "/members/{member_id}/declarations/{year}/carry-over",
    operation_id="carryOverDeclaration",
    summary="Reprendre les chiffres de l'an dernier",
    responses=problems(*_CHANGED, NothingToCarryOver),
)
async def carry_over(
    member_id: UUID, year: Accounts, tx: TxDep, grant: MayDeclare, response: Response, if_match: IfMatch = None
) -> DeclarationOut:
    """Dans ce qui est encore vide, là où la même question est posée cette année ; ce qui est saisi reste. Ce qui est
    repris se voit (`carried_over`) et se confirme par un commentaire avant de déclarer, à moins d'être changé."""
    await use_cases.carry_over(tx, grant, member_id, year, if_match)
    return versioned(response, await queries.find_declaration(tx, grant, member_id, year))


@router.delete(
    "/members/{member_id}/declarations/{year}/draft",
    operation_id="dropDeclarationDraft",
    summary="Abandonner la saisie",
    responses=problems(*_CHANGED, NothingDrafted),
)
async def drop_draft(
    member_id: UUID, year: Accounts, tx: TxDep, grant: MayDeclare, response: Response, if_match: IfMatch = None
) -> DeclarationOut:
    """Ce qui est déclaré reste."""
    await use_cases.drop_draft(tx, grant, member_id, year, if_match)
    return versioned(response, await queries.find_declaration(tx, grant, member_id, year))


@router.get(
    "/members/{member_id}/declarations/{year}/revisions/{number}",
    operation_id="getDeclarationRevision",
    summary="Une révision, entière",
    responses=problems(*_READ, RevisionNotFound),
)
async def get_revision(
    member_id: UUID, year: Accounts, number: Annotated[int, Path(ge=1, le=10_000)], read: ReadDep, grant: MayRead
) -> DeclaredOut:
    """Tous ses chiffres, et ce qu'elle change à la révision d'avant ; lisible pendant une correction."""
    return await queries.find_revision(read, grant, member_id, year, number)


@router.post(
    "/members/{member_id}/declarations/{year}/declare",
    operation_id="declareActivity",
    summary="Déclarer",
    responses=problems(*_CHANGED, AlreadyDeclared, NothingDrafted, FindingsOutstanding),
)
async def declare(
    member_id: UUID, year: Accounts, tx: TxDep, grant: MayDeclare, response: Response, if_match: IfMatch = None
) -> DeclarationOut:
    """La saisie devient la déclaration. Refusée avec tous les points à corriger ou à commenter ; reçue aussi après la
    fin de la campagne, et marquée tardive."""
    await use_cases.declare(tx, grant, member_id, year, if_match)
    return versioned(response, await queries.find_declaration(tx, grant, member_id, year))


@router.post(
    "/members/{member_id}/declarations/{year}/correct",
    operation_id="correctActivity",
    summary="Corriger",
    responses=problems(*_CHANGED, NotDeclared, NothingDrafted, NothingChanged, FindingsOutstanding),
)
async def correct(
    member_id: UUID,
    year: Accounts,
    body: CorrectionIn,
    tx: TxDep,
    grant: MayDeclare,
    response: Response,
    if_match: IfMatch = None,
) -> DeclarationOut:
    """La saisie devient une nouvelle révision, avec sa raison ; les précédentes restent."""
    await use_cases.correct(tx, grant, member_id, year, if_match, body.reason)
    return versioned(response, await queries.find_declaration(tx, grant, member_id, year))
