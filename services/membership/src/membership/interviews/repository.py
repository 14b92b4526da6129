"""Loads and saves interviews; the only writer of their table."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlmodel import col

from common.transaction import Read, Tx
from membership.interviews.domain import Interview, InterviewMode, InterviewState
from membership.interviews.tables import InterviewRow


async def get_for_update(tx: Tx, interview_id: UUID) -> Interview:
    """Load an interview that was reached, and hold it until the end of the transaction."""
    query = select(InterviewRow).where(col(InterviewRow.id) == interview_id).with_for_update()
    return to_domain((await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one())


async def interviews_of(source: Read, member_id: UUID) -> list[Interview]:
    """Return all interviews with a structure, by day."""
    query = select(InterviewRow).where(col(InterviewRow.member_id) == member_id).order_by(col(InterviewRow.planned_on))
    return [to_domain(row) for row in (await source.session.execute(query)).scalars()]


async def naming(source: Read, contact_ids: Collection[UUID]) -> list[Interview]:
    """Return all interviews that name some people among those who were there, by day."""
    query = select(InterviewRow).where(col(InterviewRow.participants).overlap(list(contact_ids)))  # type: ignore[attr-defined]
    ordered = query.order_by(col(InterviewRow.planned_on), col(InterviewRow.id))
    return [to_domain(row) for row in (await source.session.execute(ordered)).scalars()]


async def hold_since(tx: Tx, day: date) -> list[Interview]:
    """Load the interviews held or planned on a day or later, in one order, and hold them until the end."""
    of_day = func.coalesce(col(InterviewRow.held_on), col(InterviewRow.planned_on))
    query = select(InterviewRow).where(of_day >= day).order_by(col(InterviewRow.id)).with_for_update()
    return [to_domain(row) for row in (await tx.session.execute(query)).scalars()]


async def add(tx: Tx, interview: Interview) -> None:
    """Insert an interview."""
    await tx.session.execute(insert(InterviewRow).values(**_values(interview)))


async def save(tx: Tx, interview: Interview) -> None:
    """Write an interview that was loaded for update."""
    statement = update(InterviewRow).where(col(InterviewRow.id) == interview.id)
    await tx.session.execute(statement.values(**_values(interview)))


def to_domain(row: InterviewRow) -> Interview:
    """Read a row as the rules know an interview."""
    told = row.model_dump(exclude={"year"})
    return Interview(
        **{
            **told,
            "state": InterviewState(row.state),
            "mode": InterviewMode(row.mode),
            "participants": tuple(row.participants),
        }
    )


def _values(interview: Interview) -> dict[str, object]:
    return {
        **asdict(interview),
        "state": interview.state.value,
        "mode": interview.mode.value,
        "participants": list(interview.participants),
        "year": interview.year,
    }
