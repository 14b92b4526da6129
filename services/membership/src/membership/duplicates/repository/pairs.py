"""Loads and saves pairs: what the register gives ground to suspect, and what people said of it."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import (
    select,
)
from sqlmodel import col

from common.db import raw
from common.identifiers import new_id
from common.transaction import Tx
from membership.duplicates.domain import (
    REPORTED_SCORE,
    Pair,
    PairNotFound,
    PairState,
    Reason,
    SuspectedPair,
    Suspicion,
)
from membership.duplicates.tables import PairRow

_FOUND = """
INSERT INTO duplicate_pair (id, first_id, second_id, state, score, reasons, found_at, version)
SELECT f.id, f.first_id, f.second_id, 'suspected', f.score, string_to_array(f.reasons, ','), $6, 1
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[])
    AS f (id, first_id, second_id, score, reasons)
ON CONFLICT (first_id, second_id) DO UPDATE SET
    score = excluded.score,
    reasons = CASE WHEN duplicate_pair.reported_at IS NULL THEN excluded.reasons
        ELSE array_append(excluded.reasons, 'reported') END
WHERE duplicate_pair.state = 'suspected'
"""
# What a person said of a pair stays; a suspicion that has lost its ground does not.
_LOST = """
DELETE FROM duplicate_pair p
WHERE p.state = 'suspected' AND p.reported_at IS NULL AND p.proposed_at IS NULL AND p.dismissed_at IS NULL
    AND NOT EXISTS (SELECT FROM duplicate_merge m WHERE m.pair_id = p.id)
    AND NOT EXISTS (
        SELECT FROM unnest($1::uuid[], $2::uuid[]) AS f (first_id, second_id)
        WHERE f.first_id = p.first_id AND f.second_id = p.second_id
    )
"""


async def save_found(tx: Tx, found: Mapping[Pair, Suspicion]) -> None:
    """Write what the register gives ground to suspect now; what was decided of a pair stays decided."""
    pairs = sorted(found)  # one order for everybody
    firsts, seconds = [pair.first for pair in pairs], [pair.second for pair in pairs]
    scores = [found[pair].score for pair in pairs]
    reasons = [",".join(reason.value for reason in found[pair].reasons) for pair in pairs]
    connection = await raw(tx.session)
    await connection.execute(_FOUND, [new_id() for _ in pairs], firsts, seconds, scores, reasons, tx.now)
    await connection.execute(_LOST, firsts, seconds)


async def report(tx: Tx, pair: Pair) -> UUID:
    """Write that a person takes two records for one structure's; return the pair's id, known already or not."""
    query = select(PairRow).where(col(PairRow.first_id) == pair.first, col(PairRow.second_id) == pair.second)
    row = (await tx.session.execute(query.with_for_update())).scalar_one_or_none()
    if row is None:
        row = PairRow(
            id=new_id(),
            first_id=pair.first,
            second_id=pair.second,
            state=PairState.SUSPECTED.value,
            score=REPORTED_SCORE,
            reasons=[],
            found_at=tx.now,
            version=0,
            **dict.fromkeys(_NOT_SAID),
        )
        tx.session.add(row)
    if row.reported_at is None:
        row.reported_at, row.reported_by = tx.now, tx.actor.subject
        row.reasons = [*row.reasons, Reason.REPORTED.value]
        row.version += 1
    return row.id


_NOT_SAID = (
    "reported_at", "reported_by", "proposed_at", "proposed_by", "proposed_reason", "dismissed_at", "dismissed_by",
    "dismissed_reason",
)  # fmt: skip


async def hold(tx: Tx, pair_id: UUID) -> PairRow:
    """Load a pair and hold it until the end of the transaction. Raises PairNotFound."""
    row = await tx.session.get(PairRow, pair_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise PairNotFound("Ce cas n'existe pas.")
    return row


def to_domain(row: PairRow) -> SuspectedPair:
    """Read a row as the rules know a pair."""
    return SuspectedPair(row.id, Pair(row.first_id, row.second_id), PairState(row.state), row.version)
