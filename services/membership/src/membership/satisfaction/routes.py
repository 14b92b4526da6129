"""HTTP door of satisfaction and of the figures of a year."""

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
from membership.bookings.domain import AccompanimentNotHeld, BookingNotFound, SatisfactionGiven, SatisfactionTooLate
from membership.rights import Act
from membership.satisfaction import queries, use_cases
from membership.satisfaction.domain import (
    NotQuotable,
    RatingsIncomplete,
    SatisfactionFixed,
    SatisfactionNotFound,
)
from membership.satisfaction.schemas import (
    AccompanimentAnswerOut,
    AccompanimentCommentOut,
    AccompanimentFiguresOut,
    AnswerListParams,
    CommentListParams,
    SatisfactionIn,
    SatisfactionOut,
    SurveyOut,
)

router = APIRouter(prefix="/accompaniment-bookings", tags=["Satisfaction"], route_class=Door)
results = APIRouter(prefix="/accompaniment-satisfaction", tags=["Satisfaction"], route_class=Door)

MayRate = Annotated[Grant, Depends(allow(Act.RATE_ACCOMPANIMENTS))]
MayFollow = Annotated[Grant, Depends(allow(Act.FOLLOW_BOOKINGS))]
MayCount = Annotated[Grant, Depends(allow(Act.READ_SATISFACTION))]
MayBrowse = Annotated[Grant, Depends(allow(Act.READ_ACCOMPANIMENTS))]
_OWN = (BookingNotFound, SatisfactionNotFound, RuleMissing)


@router.get(
    "/{booking_id}/satisfaction",
    operation_id="getSatisfaction",
    summary="Son avis",
    responses=problems(*_OWN),
)
async def get_answer(booking_id: UUID, read: ReadDep, grant: MayRate, response: Response) -> SatisfactionOut:
    """Celui que sa structure a donné, tant qu'il est nommé."""
    return versioned(response, await queries.find_answer(read, grant, booking_id))


@router.post(
    "/{booking_id}/satisfaction",
    status_code=201,
    operation_id="rateAccompaniment",
    summary="Donner son avis",
    responses=problems(*_OWN, AccompanimentNotHeld, SatisfactionGiven, SatisfactionTooLate, RatingsIncomplete),
)
async def rate(
    booking_id: UUID, body: SatisfactionIn, tx: TxDep, grant: MayRate, response: Response
) -> SatisfactionOut:
    """Une fois l'accompagnement tenu. Les notes ne se lisent ensuite qu'en moyenne."""
    await use_cases.rate(tx, grant, booking_id, body)
    return versioned(response, await queries.find_answer(tx, grant, booking_id))


@router.put(
    "/{booking_id}/satisfaction",
    operation_id="changeSatisfaction",
    summary="Changer son avis",
    responses=problems(*_OWN, SatisfactionFixed, RatingsIncomplete, PreconditionMissing, PreconditionFailed),
)
async def change(
    booking_id: UUID,
    body: SatisfactionIn,
    tx: TxDep,
    grant: MayRate,
    response: Response,
    if_match: IfMatch = None,
) -> SatisfactionOut:
    """Pendant trente jours ; la nouvelle réponse remplace l'autre."""
    await use_cases.change(tx, grant, booking_id, if_match, body)
    return versioned(response, await queries.find_answer(tx, grant, booking_id))


@router.post(
    "/{booking_id}/satisfaction/withdraw-quote",
    operation_id="withdrawQuote",
    summary="Ne plus être cité",
    responses=problems(*_OWN, NotQuotable, PreconditionMissing, PreconditionFailed),
)
async def withdraw_quote(
    booking_id: UUID, tx: TxDep, grant: MayRate, response: Response, if_match: IfMatch = None
) -> SatisfactionOut:
    """À tout moment, tant que l'avis est nommé. Ce qui a déjà été cité ailleurs l'a été avec l'accord donné."""
    await use_cases.withdraw_quote(tx, grant, booking_id, if_match)
    return versioned(response, await queries.find_answer(tx, grant, booking_id))


@results.get(
    "/survey",
    operation_id="getAccompanimentSurvey",
    summary="Ce qui est demandé",
    responses=problems(RuleMissing),
)
async def get_survey(read: ReadDep, _: MayBrowse) -> SurveyOut:
    """Les questions, et ce qu'il advient des réponses."""
    return queries.show_survey(read.today)


@results.get(
    "/comments",
    operation_id="listAccompanimentComments",
    summary="Les commentaires",
    responses=problems(BadCursor, BadSort),
)
async def list_comments(
    read: ReadDep, grant: MayFollow, params: Annotated[CommentListParams, Query()]
) -> Page[AccompanimentCommentOut]:
    """Ce que les structures ont écrit, tant que c'est nommé, sans leurs notes. Tri : answered_at."""
    return await queries.list_comments(read, grant, params)


@results.get(
    "/answers",
    operation_id="listAccompanimentAnswers",
    summary="Les avis donnés",
    responses=problems(BadCursor, BadSort),
)
async def list_answers(
    read: ReadDep, grant: MayCount, params: Annotated[AnswerListParams, Query()]
) -> Page[AccompanimentAnswerOut]:
    """Combien, et sur quoi ; ni la structure ni ses notes, qui ne se lisent qu'en moyenne. Tri : kind."""
    return await queries.list_answers(read, grant, params)


@results.get(
    "/figures",
    operation_id="getAccompanimentFigures",
    summary="Les chiffres d'une année",
    responses=problems(RuleMissing),
)
async def get_figures(
    read: ReadDep, grant: MayCount, year: Annotated[int, Query(ge=2000, le=2100, description="L'année")]
) -> AccompanimentFiguresOut:
    """Par type et délégation : réservées, tenues, structures accompagnées, et les moyennes qui peuvent se montrer."""
    return await queries.figures(read, grant, year)
