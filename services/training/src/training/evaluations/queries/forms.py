"""Who was asked, what a link opens, and what was answered with a name."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.transaction import Read
from training.evaluations import repository
from training.evaluations.domain import Evaluation, EvaluationNotFound, EvaluationQuestion, asked_of, require_open
from training.evaluations.queries.rules import question_out, questionnaire_on
from training.evaluations.repository import EVALUATION
from training.evaluations.schemas import EvaluationFormOut, EvaluationLine, EvaluationListParams, EvaluationOut
from training.evaluations.tables import EvaluationRow
from training.programmes.queries.programmes import find_version
from training.trainees.queries import names_of

_ORDER = Order(
    columns={name: EVALUATION.c[name] for name in ("asked_on", "closes_on")},
    default="-asked_on",
    unique=EVALUATION.c.id,
)


async def evaluation_of(read: Read, evaluation_id: UUID) -> Evaluation:
    """Return one evaluation. Raises EvaluationNotFound."""
    row = await read.session.get(EvaluationRow, evaluation_id)
    if row is None:
        raise EvaluationNotFound("Aucune évaluation n'a cet identifiant.")
    return repository.to_domain(row)


async def questions_of(read: Read, evaluation: Evaluation) -> tuple[EvaluationQuestion, ...]:
    """Return what somebody is asked, by their programme's version. Raises ProgrammeNotFound, VersionNotFound."""
    sheet = await find_version(read, evaluation.programme_code, evaluation.programme_number)
    return asked_of(questionnaire_on(evaluation.kind, evaluation.questionnaire).questions, sheet.content.objectives)


async def open_form(read: Read, key: str) -> EvaluationFormOut:
    """Return what a link opens. Raises EvaluationLinkNotFound, ProgrammeNotFound, VersionNotFound, RuleMissing."""
    evaluation = await repository.by_key(read, key)
    sheet = await find_version(read, evaluation.programme_code, evaluation.programme_number)
    questionnaire = questionnaire_on(evaluation.kind, evaluation.questionnaire)
    asked = asked_of(questionnaire.questions, sheet.content.objectives)
    allowed, blockers = tried({"answer": partial(require_open, evaluation, read.today)})
    return EvaluationFormOut(
        kind=evaluation.kind,
        kind_label=evaluation.kind.label,
        title=sheet.content.title,
        status=evaluation.status,
        closes_on=evaluation.closes_on,
        intro=questionnaire.intro,
        questions=[question_out(one) for one in asked],
        version=evaluation.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


async def find_evaluation(read: Read, evaluation_id: UUID) -> EvaluationOut:
    """Return one evaluation, with the answers of a positioning.

    Raises EvaluationNotFound, ProgrammeNotFound, VersionNotFound, RuleMissing.
    """
    evaluation = await evaluation_of(read, evaluation_id)
    said = await repository.positioning_of(read, evaluation_id)
    [line] = await _lines(read, [evaluation])
    return EvaluationOut(
        **line.model_dump(),
        questions=[question_out(one) for one in await questions_of(read, evaluation)],
        marks=dict(said.marks) if said else None,
        texts=dict(said.texts) if said else None,
    )


async def list_evaluations(read: Read, params: EvaluationListParams) -> Page[EvaluationLine]:
    """Return one page of who was asked, and whether they answered."""
    query = select(EvaluationRow)
    for column, wanted in ((EVALUATION.c.kind, params.kind), (EVALUATION.c.status, params.status)):
        if wanted:
            query = query.where(column.in_(wanted))
    for column, only in (
        (EVALUATION.c.session_id, params.session_id),
        (EVALUATION.c.programme_code, params.programme_code),
    ):
        if only:
            query = query.where(column == only)
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    lines = await _lines(read, [repository.to_domain(row) for row in rows])
    return Page(items=lines, next_cursor=cursor, total=total)


async def _lines(read: Read, found: list[Evaluation]) -> list[EvaluationLine]:
    names = await names_of(read, {one.trainee_id for one in found})
    return [_line(one, names.get(one.trainee_id)) for one in found]


def _line(one: Evaluation, name: str | None) -> EvaluationLine:
    told: dict[str, Any] = {
        "kind_label": one.kind.label,
        "status_label": one.status.label,
        "trainee_name": name,
    }
    same = {field: getattr(one, field) for field in EvaluationLine.model_fields if field not in told}
    return EvaluationLine(**same, **told)
