"""What was answered together: by whole blocks only, so that no subtraction tells of fewer people than the minimum."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from common.pagination import Order, Page, paginate
from common.transaction import Read
from training.enrolments.queries.held import held_seats
from training.evaluations.domain import Distribution, EvaluationKind, EvaluationQuestion, QuestionKind, percent
from training.evaluations.queries.rules import asking_rule, questionnaires
from training.evaluations.repository import ROUND, TALLY
from training.evaluations.schemas import (
    CommentListParams,
    CommentOut,
    ProgrammeResultsOut,
    QuestionResultOut,
    ResultIndicatorOut,
    ResultsOut,
    ResultsParams,
    YearResultsOut,
)
from training.evaluations.tables import CommentRow
from training.programmes.queries.catalogue import find_sheet

_COMMENT: Any = CommentRow.__table__  # type: ignore[attr-defined]
_COMMENTS = Order(columns={"id": _COMMENT.c.id}, default="id", unique=_COMMENT.c.id)
_SATISFACTION = "satisfaction"


async def results(read: Read, params: ResultsParams) -> ResultsOut:
    """Return the results of a session, a programme, a year or of all. Raises RuleMissing."""
    wanted = _wanted(params)
    counts = select(func.coalesce(func.sum(ROUND.c.asked), 0), func.coalesce(func.sum(ROUND.c.answers), 0))
    asked, answered = map(int, (await read.session.execute(counts.where(wanted))).one())
    shown_answers = select(func.coalesce(func.sum(ROUND.c.answers), 0)).where(ROUND.c.block_id.in_(_blocks(wanted)))
    shown = int((await read.session.execute(shown_answers)).scalar_one())
    tallies = await _tallies(read, wanted)
    return ResultsOut(
        kind=params.kind,
        asked=asked,
        answered=answered,
        response_rate=percent(answered, asked) if asked else None,
        shown=shown,
        held_back=answered - shown,
        minimum=asking_rule(read.today).minimum,
        questions=[
            _question_out(question, tallies[question.code])
            for question in _questions(params.kind)
            if question.code in tallies
        ],
    )


async def list_comments(read: Read, params: CommentListParams) -> Page[CommentOut]:
    """Return one page of the texts that may be shown, in no order that tells anything."""
    query = select(CommentRow).join(ROUND, ROUND.c.id == _COMMENT.c.round_id)
    query = query.where(ROUND.c.block_id.in_(_blocks(_wanted(params))))
    rows, cursor, total = await paginate(read, query, _COMMENTS, params)
    labels = {question.code: question.label for question in _questions(params.kind)}
    items = [CommentOut(question=labels[row.question], text=row.text) for row in rows]
    return Page(items=items, next_cursor=cursor, total=total)


async def published(read: Read, code: str) -> ProgrammeResultsOut:
    """Return the results of a programme that anybody may read, by year.

    Raises SheetNotFound, VersionNotFound, RuleMissing.
    """
    await find_sheet(read, code)
    rule = asking_rule(read.today)
    trained = await _trained(read, code)
    years = [
        YearResultsOut(year=year, indicators=await _indicators(read, code, year, people, rule.minimum))
        for year, people in sorted(trained.items(), reverse=True)
    ]
    return ProgrammeResultsOut(code=code, minimum=rule.minimum, status=rule.status, source=rule.source, years=years)


async def _indicators(read: Read, code: str, year: int, people: int, minimum: int) -> list[ResultIndicatorOut]:
    found = await results(read, ResultsParams(year=year, programme_code=code))
    marks: dict[int, int] = defaultdict(int)
    for question in found.questions:
        if question.code in _counted_as(_SATISFACTION):
            for mark, count in question.distribution.items():
                marks[mark] += count
    satisfied = Distribution(counts=marks)
    few = f"Moins de {minimum} personnes : rien ne se montre."
    return [
        ResultIndicatorOut(
            code="trainees",
            label="Personnes formées",
            value=Decimal(people) if people >= minimum else None,
            unit="personnes",
            n=None,
            formula="places prises, avec un nom, dans les sessions qui ont fini dans l'année",
            why_absent=None if people >= minimum else few,
        ),
        ResultIndicatorOut(
            code="response_rate",
            label="Taux de réponse à chaud",
            value=found.response_rate if found.asked >= minimum else None,
            unit="%",
            n=found.asked if found.asked >= minimum else None,
            formula="réponses reçues / personnes à qui l'évaluation à chaud fut envoyée",
            why_absent=None if found.asked >= minimum else few,
        ),
        ResultIndicatorOut(
            code=_SATISFACTION,
            label="Satisfaction à chaud",
            value=satisfied.satisfied if satisfied.n else None,
            unit="%",
            n=satisfied.n or None,
            formula=f"notes de 4 ou 5 / notes données, sur 5, de sessions closes, {minimum} réponses ensemble au moins",
            why_absent=None if satisfied.n else f"Pas encore {minimum} réponses à montrer ensemble.",
        ),
        ResultIndicatorOut(
            code="abandon_rate",
            label="Taux d'abandon",
            value=None,
            unit="%",
            n=None,
            formula="personnes parties après le début / personnes formées, avec les causes",
            why_absent="Les présences ne sont pas tenues ici : rien ne le mesure.",
        ),
    ]


async def _trained(read: Read, code: str) -> dict[int, int]:
    seat = held_seats().subquery()
    year = func.extract("year", seat.c.last_day)
    query = select(year, func.count()).where(seat.c.programme_code == code, seat.c.ends_at <= read.now)
    return {int(found): count for found, count in await read.session.execute(query.group_by(year))}


async def _tallies(read: Read, wanted: ColumnElement[bool]) -> dict[str, Distribution]:
    query = select(TALLY.c.question, TALLY.c.mark, func.sum(TALLY.c.count))
    query = query.join(ROUND, ROUND.c.id == TALLY.c.round_id).where(ROUND.c.block_id.in_(_blocks(wanted)))
    counts: dict[str, dict[int, int]] = defaultdict(dict)
    for code, mark, count in await read.session.execute(query.group_by(TALLY.c.question, TALLY.c.mark)):
        counts[code][mark] = int(count)
    return {code: Distribution(counts=marks) for code, marks in counts.items()}


def _blocks(wanted: ColumnElement[bool]) -> Select[Any]:
    """Select the blocks that are whole in what is asked for: of a block, all its sessions or none."""
    query = select(ROUND.c.block_id).where(ROUND.c.block_id.is_not(None))
    return query.group_by(ROUND.c.block_id).having(func.bool_and(wanted))


def _wanted(params: ResultsParams) -> ColumnElement[bool]:
    asked = {"year": params.year, "programme_code": params.programme_code, "session_id": params.session_id}
    given = [ROUND.c[name] == value for name, value in asked.items() if value is not None]
    return and_(true(), ROUND.c.kind == params.kind.value, *given)


def _questions(kind: EvaluationKind) -> list[EvaluationQuestion]:
    """Return the questions of a kind, of every day, as they were worded last."""
    worded: dict[str, EvaluationQuestion] = {}
    for questionnaire in sorted((one for one in questionnaires() if one.kind is kind), key=lambda one: one.since):
        worded |= {question.code: question for question in questionnaire.questions}
    return list(worded.values())


def _counted_as(indicator: str) -> set[str]:
    return {one.code for one in _questions(EvaluationKind.HOT) if one.counts_as == indicator}


def _question_out(question: EvaluationQuestion, found: Distribution) -> QuestionResultOut:
    is_scale = question.kind is QuestionKind.SCALE
    counts: Mapping[int, int] = found.counts
    return QuestionResultOut(
        code=question.code,
        label=question.label,
        n=found.n,
        mean=found.mean if is_scale else None,
        median=found.median if is_scale else None,
        distribution=dict(sorted(counts.items())),
    )
