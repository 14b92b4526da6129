"""Reads of the jury: who has scored, and what, once one's own score is in; and what a decision says."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from common.pagination import Order, Page, paginate
from common.rights import Grant
from common.transaction import Read
from training.members.queries import joined_with_member
from training.organisation.domain import Organisation
from training.solidarity_calls import repository
from training.solidarity_calls.documents import letter, print_decision
from training.solidarity_calls.domain import (
    Call,
    JurorPart,
    Score,
    may_see,
    require_decided,
    standing,
    total,
)
from training.solidarity_calls.queries.applications import APPLICATION, applications_of, reached_application
from training.solidarity_calls.queries.calls import find_call, reached_call, totals_of
from training.solidarity_calls.schemas import (
    BoardParams,
    SolidarityBoardLine,
    SolidarityDecidedOut,
    SolidarityLetterOut,
    SolidarityScoreOut,
    SolidarityScoresOut,
)
from training.solidarity_calls.tables import ApplicationRow, ScoreRow

_SCORE: Any = ScoreRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"reference": APPLICATION.c.reference}, default="reference", unique=APPLICATION.c.id)


async def scores(read: Read, grant: Grant, application_id: UUID, *, trial: bool = False) -> SolidarityScoresOut:
    """Return the scores of an application, as far as the reader may see them.

    A score that is only tried, and not kept, opens those of nobody. Raises SolidarityApplicationNotFound.
    """
    call = (await reached_application(read, grant, application_id)).call
    given = (await repository.scores_of(read, [application_id]))[application_id]
    own = next((one for one in given if one.juror == read.actor.subject), None)
    seen = may_see(call, own) and not trial
    stands = standing(call.said, given) if seen else None
    return SolidarityScoresOut(
        given=_count(given, JurorPart.SCORED),
        recused=_count(given, JurorPart.RECUSED),
        own=_score(call, own) if own else None,
        blind=not seen,
        scores=[_score(call, one) for one in given] if seen else [],
        mean=stands.mean if stands else None,
        spread=stands.spread if stands else None,
        to_discuss=stands.to_discuss if stands else None,
    )


async def list_board(read: Read, grant: Grant, call_id: UUID, params: BoardParams) -> Page[SolidarityBoardLine]:
    """Return one page of the board of a call: who has scored what. Raises SolidarityCallNotFound."""
    call = await reached_call(read, call_id)
    query = joined_with_member(select(ApplicationRow), APPLICATION.c.member_id, grant)
    query = query.where(APPLICATION.c.call_id == call_id, APPLICATION.c.status.not_in(("draft", "withdrawn")))
    if params.waiting is not None:
        done = exists().where(_SCORE.c.application_id == APPLICATION.c.id, _SCORE.c.juror == read.actor.subject)
        query = query.where(~done if params.waiting else done)
    rows, cursor, count = await paginate(read, query, _ORDER, params)
    given = await repository.scores_of(read, [row.id for row, *_ in rows])
    items = [_line(read, call, row, name, given[row.id]) for row, _, name, _ in rows]
    return Page(items=items, next_cursor=cursor, total=count)


async def decided(read: Read, grant: Grant, call_id: UUID) -> SolidarityDecidedOut:
    """Return a call that was decided, with the letters that tell it. Raises SolidarityCallNotFound."""
    letters = [
        SolidarityLetterOut(
            application_id=one.application.id,
            reference=one.application.reference or "",
            member_id=one.application.member_id,
            member_name=one.member_name,
            outcome=one.application.status,
            text=letter(one),
        )
        for one in await applications_of(read, grant, call_id)
    ]
    return SolidarityDecidedOut(call=await find_call(read, call_id), letters=letters)


async def decision_record(read: Read, grant: Grant, organisation: Organisation, call_id: UUID) -> bytes:
    """Return the record of a decision. Raises SolidarityCallNotFound, SolidarityNotDecided."""
    call = await reached_call(read, call_id)
    require_decided(call)
    judged = await applications_of(read, grant, call_id)
    given = await repository.scores_of(read, [one.application.id for one in judged])
    totals = (await totals_of(read, [call]))[call_id]
    return await print_decision(organisation, call, totals, judged, given)


def _count(given: Sequence[Score], part: JurorPart) -> int:
    return sum(one.part is part for one in given)


def _score(call: Call, one: Score) -> SolidarityScoreOut:
    return SolidarityScoreOut(
        juror=one.juror,
        part=one.part,
        part_label=one.part.label,
        marks=dict(one.marks),
        total=total(call.said, one.marks) if one.part is JurorPart.SCORED else None,
        comment=one.comment,
    )


def _line(read: Read, call: Call, row: ApplicationRow, name: str, given: Sequence[Score]) -> SolidarityBoardLine:
    own = next((one for one in given if one.juror == read.actor.subject), None)
    stands = standing(call.said, given) if may_see(call, own) else None
    return SolidarityBoardLine(
        application_id=row.id,
        reference=row.reference or "",
        member_name=name,
        title=row.title,
        given=_count(given, JurorPart.SCORED),
        recused=_count(given, JurorPart.RECUSED),
        own=own.part if own else None,
        mean=stands.mean if stands else None,
        spread=stands.spread if stands else None,
        to_discuss=stands.to_discuss if stands else None,
    )
