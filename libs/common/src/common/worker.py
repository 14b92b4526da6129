"""The jobs process: takes due jobs one at a time and steps them to their end.

A worker holds a job by a session advisory lock, which ends with its connection: a crashed run is taken up at once by
the next worker, with no heartbeat and no guess.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog
from opentelemetry.trace import SpanKind
from sqlalchemy import text

from common import telemetry
from common.clock import Clock, beginning, legal_day
from common.db import Database, copy_rows
from common.errors import Refusal
from common.faults import is_transient, took_too_long
from common.files import Files
from common.jobs import JobKind, JobRun, ReceiptLine, insert_job
from common.transaction import Actor, Tx
from common.waiting import first_of

_POLL_SECONDS = 0.5
_MAX_ATTEMPTS = 5
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended($1, 20260102))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended($1, 20260102))"
_DUE = (
    "SELECT id FROM job WHERE status IN ('queued', 'running') AND run_after <= $1 AND kind = ANY($2::text[])"
    " ORDER BY run_after, id LIMIT 20"
)

_LOAD = text("SELECT * FROM job WHERE id = :id FOR UPDATE")
_SAVE = text(
    "UPDATE job SET status = :status, cursor = CAST(:cursor AS jsonb), done = :done, total = :total,"
    " counts = CAST(:counts AS jsonb), attempts = 0, started_at = coalesce(started_at, :now),"
    " ended_at = CASE WHEN :status IN ('succeeded', 'cancelled') THEN CAST(:now AS timestamptz) END WHERE id = :id"
)
_POSTPONE = text("UPDATE job SET attempts = attempts + 1, run_after = :later WHERE id = :id")
_FAIL = text("UPDATE job SET status = 'failed', failure = CAST(:failure AS jsonb), ended_at = :now WHERE id = :id")

_AFTER_MIDNIGHT = timedelta(minutes=5)
"""What a day's job looks at was committed by then, also by a transaction begun the day before."""
_WORKER = Actor("service:jobs")
_DAYS = UUID("5f0c1d0a-6a55-4c0e-9c3b-6a2f0f1d8e11")

log = structlog.get_logger(__name__)


def _worth_another_try(error: Exception, attempts: int) -> bool:
    return attempts < _MAX_ATTEMPTS or (is_transient(error) and not took_too_long(error))


def _told(job_id: UUID, line: ReceiptLine) -> dict[str, object]:
    return {
        "job_id": job_id,
        "row": line.row,
        "outcome": line.outcome,
        "code": line.code,
        "message": line.message,
        "subject_id": line.subject_id,
        "reference": line.reference,
    }


class Worker:
    """One jobs process: takes due jobs one at a time and steps them to their end."""

    def __init__(self, database: Database, clock: Clock, files: Files, kinds: Iterable[JobKind]) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._kinds = {kind.name: kind for kind in kinds}
        self._wakeup = database.new_wakeup()
        self._day: date | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a lost connection is replaced."""
        while not stop.is_set():
            try:
                connection = await self._database.connect()
                try:
                    await self._work(connection, stop)
                finally:
                    connection.terminate()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("worker_interrupted", error=f"{type(error).__name__}: {error}")
                await first_of(stop, seconds=1.0)

    async def _work(self, connection: asyncpg.Connection, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._wakeup.clear()
            await self.ask_for_the_day()
            job_id = await self._take(connection)
            if job_id is None:
                await first_of(stop, self._wakeup, seconds=_POLL_SECONDS)
                continue
            try:
                await self.run_to_end(job_id, stop)
            finally:
                await connection.execute(_UNLOCK, str(job_id))

    async def ask_for_the_day(self) -> None:
        """Ask for the daily jobs of a day not seen yet. A job's id is its day's: of several workers one asks."""
        today = legal_day(self._clock.now())
        if today == self._day:
            return
        async with self._database.transaction(_WORKER) as tx:
            for kind in self._kinds.values():
                if kind.daily:
                    job_id = uuid5(_DAYS, f"{kind.name} {today}")
                    await insert_job(tx, job_id, kind.name, None, {}, run_after=beginning(today) + _AFTER_MIDNIGHT)
        self._day = today

    async def _take(self, connection: asyncpg.Connection) -> UUID | None:
        # Only kinds this version knows: beside it, a newer one may ask for work that only itself can do.
        for row in await connection.fetch(_DUE, self._clock.now(), list(self._kinds)):
            if await connection.fetchval(_LOCK, str(row["id"])):
                return UUID(str(row["id"]))
        return None

    async def run_to_end(self, job_id: UUID, stop: asyncio.Event | None = None) -> None:
        """Step a job until it ends, has to wait, or this worker is told to stop."""
        try:
            while not (stop and stop.is_set()) and await self._step(job_id):
                pass
        except Exception as error:  # noqa: BLE001  # a job's failure is the job's, the worker goes on
            await self._failed(job_id, error)

    async def _step(self, job_id: UUID) -> bool:
        """Run one step in one transaction; return whether another one is due."""
        async with self._database.transaction(_WORKER) as tx:
            row = (await tx.session.execute(_LOAD, {"id": job_id})).one()
            if row.status not in ("queued", "running"):
                return False
            tx.actor = Actor(row.created_by)
            run = JobRun(
                id=row.id,
                subject_id=row.subject_id,
                arguments=row.arguments,
                cursor=row.cursor,
                done=row.done,
                total=row.total,
                counts=Counter(row.counts),
                files=self._files,
            )
            if row.cancel_requested:
                await self._save(tx, run, "cancelled")
                await self._release(tx, row)
                return False
            with telemetry.span_of(f"job {row.kind}", SpanKind.INTERNAL, row.traceparent):
                finished = await self._kinds[row.kind].step(tx, run)
            await self._save(tx, run, "succeeded" if finished else "running")
        return not finished

    async def _save(self, tx: Tx, run: JobRun, status: str) -> None:
        await copy_rows(tx.session, "job_receipt", (_told(run.id, line) for line in run.receipt))
        await tx.session.execute(
            _SAVE,
            {
                "id": run.id,
                "status": status,
                "cursor": orjson.dumps(run.cursor, default=str).decode(),
                "done": run.done,
                "total": run.total,
                "counts": orjson.dumps(run.counts).decode(),
                "now": tx.now,
            },
        )

    async def _failed(self, job_id: UUID, error: Exception) -> None:
        """A refusal ends the job with its code; anything else is tried again later, a few times."""
        async with self._database.transaction(_WORKER) as tx:
            row = (await tx.session.execute(_LOAD, {"id": job_id})).one()
            if not isinstance(error, Refusal) and _worth_another_try(error, row.attempts):
                log.warning("job_postponed", job_id=str(job_id), error=type(error).__name__, exc_info=error)
                later = tx.now + timedelta(seconds=min(60, 2**row.attempts))
                await tx.session.execute(_POSTPONE, {"id": job_id, "later": later})
                return
            log.error("job_failed", job_id=str(job_id), error=type(error).__name__, exc_info=error)
            failure = {
                "code": error.code if isinstance(error, Refusal) else "unexpected",
                "message": error.message
                if isinstance(error, Refusal)
                else "Une erreur inattendue a arrêté ce travail.",
            }
            parameters = {"id": job_id, "now": tx.now, "failure": orjson.dumps(failure).decode()}
            await tx.session.execute(_FAIL, parameters)
            await self._release(tx, row)

    async def _release(self, tx: Tx, row: Any) -> None:
        """Let go of the job's subject; a release that fails is ours to mend, and does not keep the job from ending."""
        release = self._kinds[row.kind].release
        if release is None:
            return
        try:
            async with tx.savepoint():
                await release(tx, row.subject_id)
        except Exception as error:  # whatever it is, the worker goes on
            if is_transient(error):
                raise
            log.exception("job_release_failed", job_id=str(row.id))
