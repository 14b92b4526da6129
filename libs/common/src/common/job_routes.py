"""What a person sees of long work: its progress (also live), its receipt row by row, and a way to stop it."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from sqlalchemy import Select, column, select, table, text
from starlette.requests import Request

from common.blockers import BlockerOut, tried
from common.door import Door, ReadDep, TxDep
from common.errors import Conflict, NotFound
from common.pagination import NEXT_PAGE, PAGE_SIZE, Page, page_of
from common.problem import problems
from common.rights import CommonAct, Grant, Scope, allow
from common.transaction import Read
from common.types import Schema
from common.waiting import first_of

_LIVE_SECONDS = 0.3
_ENDED = ("succeeded", "failed", "cancelled")

MayFollow = Annotated[Grant, Depends(allow(CommonAct.FOLLOW_JOBS))]


class JobNotFound(NotFound):
    """No such job within reach."""

    code = "job_not_found"


class JobEnded(Conflict):
    """The job has ended: there is nothing left to cancel."""

    code = "job_ended"


class JobFailure(Schema):
    """Pourquoi le travail s'est arrêté."""

    code: str
    message: str


class JobOut(Schema):
    """Un travail long : où il en est, et ce qu'il a produit."""

    id: UUID
    kind: str = Field(examples=["imports.preview"])
    subject_id: UUID | None = Field(description="La ressource sur laquelle il porte")
    status: str = Field(description="queued, running, succeeded, failed, cancelled")
    done: int
    total: int | None
    counts: dict[str, int]
    failure: JobFailure | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class ReceiptLineOut(Schema):
    """Ce qu'il est advenu d'une ligne."""

    row: int
    outcome: str
    code: str | None
    message: str | None
    subject_id: UUID | None
    reference: str | None


_SHOWN = (
    "id",
    "kind",
    "subject_id",
    "status",
    "done",
    "total",
    "counts",
    "failure",
    "created_at",
    "started_at",
    "ended_at",
)
_JOB = table("job", *map(column, (*_SHOWN, "created_by")))

router = APIRouter(prefix="/jobs", tags=["Travaux longs"], route_class=Door)


async def _find_job(read: Read, grant: Grant, job_id: UUID) -> JobOut:
    """Return a job within reach. Raises JobNotFound."""
    row = (await read.session.execute(_within_reach(grant).where(_JOB.c.id == job_id))).one_or_none()
    if row is None:
        raise JobNotFound("Ce travail n'existe pas, ou n'est pas le vôtre.")
    return _out(row)


def _within_reach(grant: Grant) -> Select[Any]:
    query = select(*(_JOB.c[name] for name in _SHOWN))
    return query if grant.scope is Scope.ALL else query.where(_JOB.c.created_by == grant.actor.subject)


def _out(row: Any) -> JobOut:
    actions, blockers = tried({"cancel": partial(_require_unended, row.status)})
    return JobOut.model_validate({**row._mapping, "allowed_actions": actions, "blockers": blockers})


def _require_unended(status: str) -> None:
    """Let only a job be stopped that goes on, or waits to. Raises JobEnded."""
    if status in _ENDED:
        raise JobEnded("Ce travail est déjà terminé.")


@router.get("", operation_id="listJobs", summary="Travaux récents")
async def list_jobs(
    read: ReadDep,
    grant: MayFollow,
    subject_id: Annotated[UUID | None, Query(description="La ressource sur laquelle ils portent")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description=PAGE_SIZE)] = 50,
    cursor: Annotated[UUID | None, Query(description=NEXT_PAGE)] = None,
) -> Page[JobOut]:
    """Du plus récent au plus ancien."""
    query = _within_reach(grant).order_by(_JOB.c.id.desc()).limit(limit + 1)
    if subject_id is not None:
        query = query.where(_JOB.c.subject_id == subject_id)
    if cursor is not None:
        query = query.where(_JOB.c.id < cursor)
    rows = (await read.session.execute(query)).all()
    return page_of([_out(row) for row in rows], limit, lambda job: job.id)


@router.get(
    "/{job_id}",
    operation_id="getJob",
    summary="Un travail",
    responses=problems(JobNotFound),
)
async def get_job(job_id: UUID, read: ReadDep, grant: MayFollow) -> JobOut:
    """Avancement, décomptes et, s'il s'est arrêté, pourquoi."""
    return await _find_job(read, grant, job_id)


@router.get(
    "/{job_id}/receipt", operation_id="getJobReceipt", summary="Reçu ligne à ligne", responses=problems(JobNotFound)
)
async def get_receipt(
    job_id: UUID,
    read: ReadDep,
    grant: MayFollow,
    outcome: Annotated[list[str] | None, Query(description="Ne garder que ces issues")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description=PAGE_SIZE)] = 200,
    cursor: Annotated[int, Query(ge=0, description=NEXT_PAGE)] = 0,
) -> Page[ReceiptLineOut]:
    """Chaque ligne y figure : rien n'est passé sous silence."""
    await _find_job(read, grant, job_id)
    query = text(
        "SELECT row, outcome, code, message, subject_id, reference FROM job_receipt"
        " WHERE job_id = :id AND row > :cursor AND (CAST(:outcomes AS text[]) IS NULL OR outcome = ANY(:outcomes))"
        " ORDER BY row LIMIT :limit"
    )
    parameters = {"id": job_id, "cursor": cursor, "outcomes": outcome, "limit": limit + 1}
    rows = (await read.session.execute(query, parameters)).all()
    return page_of([ReceiptLineOut.model_validate(row) for row in rows], limit, lambda line: line.row)


@router.post(
    "/{job_id}/cancel",
    operation_id="cancelJob",
    summary="Arrêter",
    responses=problems(JobNotFound, JobEnded),
)
async def cancel_job(job_id: UUID, tx: TxDep, grant: MayFollow) -> JobOut:
    """Ce qui est déjà fait reste fait ; le travail s'arrête avant son prochain pas."""
    job = await _find_job(tx, grant, job_id)
    _require_unended(job.status)
    await tx.session.execute(text("UPDATE job SET cancel_requested = true WHERE id = :id"), {"id": job_id})
    return await _find_job(tx, grant, job_id)


@router.get(
    "/{job_id}/events",
    operation_id="streamJob",
    summary="Avancement en direct (SSE)",
    response_class=EventSourceResponse,
    responses=problems(JobNotFound),
)
async def stream_job(
    job: Annotated[JobOut, Depends(get_job)], request: Request, grant: MayFollow
) -> AsyncIterator[ServerSentEvent]:
    """Un événement `progress` à chaque changement ; le flux se ferme quand le travail est terminé."""
    runtime = request.app.state.runtime
    draining = runtime.probes.draining
    yield _progress(job)
    while job.status not in _ENDED and not draining.is_set():
        await first_of(draining, seconds=_LIVE_SECONDS)
        async with runtime.database.reading(grant.actor) as read:
            seen = await _find_job(read, grant, job.id)
        if seen != job:
            yield _progress(seen)
            job = seen


def _progress(job: JobOut) -> ServerSentEvent:
    return ServerSentEvent(event="progress", data=job.model_dump(mode="json"))
