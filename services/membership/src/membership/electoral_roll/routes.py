"""HTTP door of the electoral roll."""

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
from membership.electoral_roll import queries, use_cases
from membership.electoral_roll.documents import EXPORT_HEADER
from membership.electoral_roll.domain import (
    CollegeUnknown,
    ContestAnswered,
    ContestNotFound,
    ContestOpen,
    ContestTooLate,
    CorrectionEmpty,
    CorrectionTooLarge,
    NotOnRoll,
    RollDayToCome,
    RollExists,
    RollNotFound,
    RollOfAnotherDay,
    RollReplaced,
    RollSealed,
)
from membership.electoral_roll.schemas import (
    ContestIn,
    ContestListParams,
    ContestOut,
    FrozenRollExportParams,
    FrozenRollListParams,
    LiveRollExportParams,
    LiveRollListParams,
    LiveRollParams,
    Moment,
    RejectionIn,
    RollChangeOut,
    RollCorrectionIn,
    RollDiffParams,
    RollIn,
    RollLineDetail,
    RollLineOut,
    RollListParams,
    RollOut,
    RollSummary,
)
from membership.rights import Act

router = APIRouter(tags=["Liste électorale"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ROLLS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ROLLS))]
MayContest = Annotated[Grant, Depends(allow(Act.CONTEST_ROLLS))]
_VERSIONED = (RollNotFound, RollReplaced, RollSealed, PreconditionMissing, PreconditionFailed)


@router.get(
    "/electoral-roll",
    operation_id="listElectoralRoll",
    summary="Qui vote, un jour donné",
    responses=problems(RuleMissing, BadCursor, BadSort),
)
async def list_live(read: ReadDep, grant: MayRead, params: Annotated[LiveRollListParams, Query()]) -> Page[RollLineOut]:
    """Les adhérentes, et celles qui sont sorties ; de chacune qui ne vote pas, toutes les raisons. Tri : name."""
    return await queries.list_live(read, grant, params, params)


@router.get(
    "/electoral-roll/summary",
    operation_id="summariseElectoralRoll",
    summary="Combien votent, et avec combien de voix",
    responses=problems(RuleMissing),
)
async def summarize(read: ReadDep, grant: MayRead, params: Annotated[LiveRollParams, Query()]) -> RollSummary:
    """Par collège, et par raison d'exclusion, avec la règle appliquée et son état."""
    return await queries.summarize(read, grant, params)


@router.get(
    "/electoral-roll/export",
    operation_id="exportElectoralRoll",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def export_live(read: ReadDep, grant: MayRead, params: Annotated[LiveRollExportParams, Query()]) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_live(read, grant, params)
    return await export_response(params.format, "liste-electorale", EXPORT_HEADER, lines)


@router.get(
    "/electoral-roll/members/{member_id}",
    operation_id="getElectoralRollMember",
    summary="Cette structure vote-t-elle ?",
    responses=problems(RuleMissing, NotOnRoll),
)
async def get_live(member_id: UUID, read: ReadDep, grant: MayRead, moment: Annotated[Moment, Query()]) -> RollLineOut:
    """Avec combien de voix, et sinon pourquoi."""
    return await queries.find_live(read, grant, member_id, moment)


@router.get(
    "/electoral-rolls",
    operation_id="listFrozenRolls",
    summary="Les listes figées",
    responses=problems(BadCursor, BadSort),
)
async def list_rolls(read: ReadDep, grant: MayRead, params: Annotated[RollListParams, Query()]) -> Page[RollOut]:
    """De la plus récente à la plus ancienne ; les comptes sont ceux du périmètre de l'appelant. Tri : as_of."""
    return await queries.list_rolls(read, grant, params)


@router.post(
    "/electoral-rolls",
    status_code=201,
    operation_id="freezeRoll",
    summary="Figer la liste d'un jour",
    responses=problems(
        RollDayToCome, RollExists, RollNotFound, RollReplaced, RollSealed, RollOfAnotherDay, ContestOpen, RuleMissing
    ),
)
async def freeze(body: RollIn, tx: TxDep, grant: MayRun, response: Response) -> RollOut:
    """Avec la règle du jour et l'empreinte de ses lignes. Le délai pour contester s'ouvre. Une par jour, sauf à nommer
    celle qu'elle remplace : les corrections sont reprises."""
    roll_id = await use_cases.freeze(tx, body)
    response.headers["Location"] = f"/membership/v1/electoral-rolls/{roll_id}"
    return versioned(response, await queries.find_roll(tx, grant, roll_id))


@router.get(
    "/electoral-rolls/{roll_id}",
    operation_id="getFrozenRoll",
    summary="Une liste figée",
    responses=problems(RollNotFound),
)
async def get_roll(roll_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> RollOut:
    """Ses comptes, corrections comprises."""
    return versioned(response, await queries.find_roll(read, grant, roll_id))


@router.get(
    "/electoral-rolls/{roll_id}/members",
    operation_id="listFrozenRollMembers",
    summary="Les structures d'une liste figée",
    responses=problems(RollNotFound, BadCursor, BadSort),
)
async def list_frozen(
    roll_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[FrozenRollListParams, Query()]
) -> Page[RollLineOut]:
    """Telles que figées, puis corrigées. Tri : name."""
    return await queries.list_frozen(read, grant, roll_id, params, params)


@router.get(
    "/electoral-rolls/{roll_id}/members/export",
    operation_id="exportFrozenRollMembers",
    summary="Export CSV ou tableur",
    response_class=Response,
    responses=problems(RollNotFound),
)
async def export_frozen(
    roll_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[FrozenRollExportParams, Query()]
) -> Response:
    """Les mêmes structures que la liste, avec les mêmes filtres."""
    lines = await queries.export_frozen(read, grant, roll_id, params)
    return await export_response(params.format, "liste-electorale-figee", EXPORT_HEADER, lines)


@router.get(
    "/electoral-rolls/{roll_id}/members/{member_id}",
    operation_id="getFrozenRollMember",
    summary="Une structure d'une liste figée",
    responses=problems(RollNotFound, NotOnRoll),
)
async def get_frozen(roll_id: UUID, member_id: UUID, read: ReadDep, grant: MayRead) -> RollLineDetail:
    """Comme elle fut figée, ce qu'elle a contesté, ce qui fut décidé."""
    return await queries.find_frozen(read, grant, roll_id, member_id)


@router.get(
    "/electoral-rolls/{roll_id}/diff",
    operation_id="compareRolls",
    summary="Ce qui change d'une liste à l'autre",
    responses=problems(RollNotFound, RuleMissing, BadCursor, BadSort),
)
async def compare(
    roll_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[RollDiffParams, Query()]
) -> Page[RollChangeOut]:
    """Qui vote désormais, qui ne vote plus, qui vote autrement, et pourquoi. Tri : name."""
    return await queries.compare(read, grant, roll_id, params)


@router.get(
    "/electoral-rolls/{roll_id}/contests",
    operation_id="listRollContests",
    summary="Les contestations",
    responses=problems(RollNotFound, BadCursor, BadSort),
)
async def list_contests(
    roll_id: UUID, read: ReadDep, grant: MayRead, params: Annotated[ContestListParams, Query()]
) -> Page[ContestOut]:
    """De la plus ancienne à la plus récente. Tri : made_at."""
    return await queries.list_contests(read, grant, roll_id, params)


@router.post(
    "/electoral-rolls/{roll_id}/members/{member_id}/contest",
    operation_id="contestRoll",
    summary="Contester sa ligne",
    responses=problems(RollNotFound, NotOnRoll, RollReplaced, RollSealed, ContestTooLate, ContestOpen, RuleMissing),
)
async def contest(roll_id: UUID, member_id: UUID, body: ContestIn, tx: TxDep, grant: MayContest) -> RollLineDetail:
    """Dans le délai annoncé : par la structure, ou par le réseau d'après sa lettre, même absente de la liste figée."""
    await use_cases.contest(tx, grant, roll_id, member_id, body)
    return await queries.find_frozen(tx, grant, roll_id, member_id)


@router.post(
    "/electoral-rolls/{roll_id}/contests/{contest_id}/reject",
    operation_id="rejectRollContest",
    summary="Rejeter une contestation",
    responses=problems(*_VERSIONED, ContestNotFound, ContestAnswered),
)
async def reject(
    roll_id: UUID,
    contest_id: UUID,
    body: RejectionIn,
    tx: TxDep,
    grant: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> RollOut:
    """Avec sa réponse, que la structure lit."""
    await use_cases.reject(tx, grant, roll_id, if_match, contest_id, body.answer)
    return versioned(response, await queries.find_roll(tx, grant, roll_id))


@router.post(
    "/electoral-rolls/{roll_id}/corrections",
    operation_id="correctRoll",
    summary="Corriger une ligne",
    responses=problems(
        *_VERSIONED,
        NotOnRoll,
        CollegeUnknown,
        CorrectionTooLarge,
        CorrectionEmpty,
        ContestNotFound,
        ContestAnswered,
        RuleMissing,
    ),
)
async def correct(
    roll_id: UUID, body: RollCorrectionIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> RollOut:
    """Par une décision datée, avec sa raison ; la ligne figée reste lisible à côté. 0 voix retire la structure."""
    await use_cases.correct(tx, grant, roll_id, if_match, body)
    return versioned(response, await queries.find_roll(tx, grant, roll_id))
