"""Whom the agenda calls to a date: a copy of what other capabilities keep, made again when a record is merged."""

from sqlalchemy import text

from common.transaction import Tx
from membership.duplicates.domain import Merge

# No SEQUENCE moves: which structures see a date is nothing that a calendar shows.
_CALLED = """
UPDATE agenda_entry AS entry SET participants = now.called
FROM (
    SELECT id, CASE source
        WHEN 'meetings' THEN ARRAY(SELECT member_id FROM department_meeting_invitation WHERE meeting_id = shown.id
            ORDER BY member_id)
        WHEN 'interviews' THEN ARRAY(SELECT member_id FROM interview WHERE id = shown.id)
        ELSE ARRAY(SELECT DISTINCT member_id FROM accompaniment_booking WHERE slot_id = shown.id
            AND (state <> 'cancelled' OR cancelled_side = 'slot') ORDER BY member_id) END AS called
    FROM agenda_entry AS shown
    WHERE source IN ('meetings', 'interviews', 'accompaniments') AND participants && ARRAY[:stays, :goes]::uuid[]
) AS now
WHERE entry.id = now.id AND entry.participants <> now.called
"""


async def call_again(tx: Tx, merge: Merge) -> None:
    """Let every date call the structures that are invited to it now, of those that a merge or its undoing moved."""
    await tx.session.execute(text(_CALLED), {"stays": merge.stays_id, "goes": merge.goes_id})
