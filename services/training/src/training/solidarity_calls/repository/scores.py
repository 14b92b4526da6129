"""What jurors did of the applications, as it is kept; never changed."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Read, Tx
from training.solidarity_calls.domain import JurorPart, Score
from training.solidarity_calls.tables import ScoreRow


async def add_score(tx: Tx, application_id: UUID, score: Score) -> None:
    """Keep what a juror did of a held application."""
    values = {**asdict(score), "application_id": application_id, "given_at": tx.now}
    await tx.session.execute(insert(ScoreRow).values(**values))


async def own_scores(read: Read, application_ids: Collection[UUID]) -> dict[UUID, Score]:
    """Return what the reader did of some applications."""
    query = select(ScoreRow).where(
        col(ScoreRow.application_id).in_(application_ids), col(ScoreRow.juror) == read.actor.subject
    )
    return {row.application_id: score_of(row) for row in (await read.session.execute(query)).scalars()}


async def scores_of(read: Read, application_ids: Collection[UUID]) -> dict[UUID, list[Score]]:
    """Return what all jurors did of some applications, in the order in which it was given."""
    found: dict[UUID, list[Score]] = {one: [] for one in application_ids}
    query = select(ScoreRow).where(col(ScoreRow.application_id).in_(application_ids))
    rows = (await read.session.execute(query.order_by(col(ScoreRow.given_at), col(ScoreRow.juror)))).scalars()
    for row in rows:
        found[row.application_id].append(score_of(row))
    return found


def score_of(row: ScoreRow) -> Score:
    """Read a row as the rules know a score."""
    return Score(juror=row.juror, part=JurorPart(row.part), marks=row.marks, comment=row.comment)
