"""Long work, in steps: each step is one transaction that holds its effects, its receipt and its cursor.

So a run survives kill -9 at any moment and never repeats a row: what was committed is behind the cursor, the rest never
happened. A ``worker`` runs the steps.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import text

from common import telemetry
from common.files import Files
from common.identifiers import new_id
from common.transaction import Read, Tx

_INSERT = text(
    "INSERT INTO job (id, kind, subject_id, arguments, run_after, created_by, created_at, traceparent)"
    " VALUES (:id, :kind, :subject_id, CAST(:arguments AS jsonb), :run_after, :by, :now, :traceparent)"
    " ON CONFLICT (id) DO NOTHING"
)
_PAST = text("SELECT kind, status, cursor FROM job WHERE subject_id = :subject ORDER BY id")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What became of one row of a job, for the person who asked for it."""

    row: int
    outcome: str
    code: str | None = None
    message: str | None = None
    subject_id: UUID | None = None
    reference: str | None = None


@dataclass(slots=True)
class JobRun:
    """A job between two commits. A step moves ``cursor``, ``done`` and ``counts``, and adds receipt lines."""

    id: UUID
    subject_id: UUID | None
    arguments: Mapping[str, Any]
    cursor: dict[str, Any]
    done: int
    total: int | None
    counts: Counter[str]
    files: Files
    receipt: list[ReceiptLine] = field(default_factory=list)

    @property
    def after(self) -> UUID | None:
        """The last subject that a run over subjects in the order of their ids has dealt with."""
        after = self.cursor.get("after")
        return UUID(after) if after else None

    def advance(self, lines: Sequence[ReceiptLine], limit: int) -> bool:
        """Move beyond a slice of at most ``limit`` such subjects, told in order; return whether it was the last."""
        self.receipt += lines
        self.counts.update(line.outcome for line in lines)
        self.done += len(lines)
        if lines:
            self.cursor["after"] = str(lines[-1].subject_id)
        return len(lines) < limit


Step = Callable[[Tx, JobRun], Awaitable[bool]]
"""Does the next piece of work and returns whether the job is finished."""
Release = Callable[[Tx, UUID | None], Awaitable[None]]
"""Lets go of the job's subject when the job failed or was cancelled."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of long work: its stable name, its step, and what to undo when it stops before its end.

    A ``daily`` kind is asked for by the clock, once each legal day, by whichever worker sees the day first.
    """

    name: str
    step: Step
    release: Release | None = None
    daily: bool = False


class PastRun(NamedTuple):
    """A job as it is now: its kind, how it ended or stands, and how far it went."""

    kind: str
    status: str
    cursor: Mapping[str, Any]


async def enqueue(tx: Tx, kind: str, *, subject_id: UUID | None = None, **arguments: Any) -> UUID:
    """Ask for a job in this transaction: it exists if and only if the transaction commits. Return its id."""
    job_id = new_id()
    await insert_job(tx, job_id, kind, subject_id, arguments)
    return job_id


async def insert_job(
    tx: Tx,
    job_id: UUID,
    kind: str,
    subject_id: UUID | None,
    arguments: Mapping[str, Any],
    run_after: datetime | None = None,
) -> None:
    """Ask for a job under an id: asked for twice, it is one."""
    await tx.session.execute(
        _INSERT,
        {
            "id": job_id,
            "kind": kind,
            "subject_id": subject_id,
            "arguments": orjson.dumps(arguments, default=str).decode(),
            "now": tx.now,
            "run_after": run_after or tx.now,
            "by": tx.actor.subject,
            "traceparent": telemetry.current_traceparent(),
        },
    )


async def past_runs(source: Read, subject_id: UUID) -> list[PastRun]:
    """Return the jobs about a subject, in the order in which they were asked for."""
    return [PastRun(*row) for row in await source.session.execute(_PAST, {"subject": subject_id})]
