"""The fact of a standing as the other services receive it."""

from common.contracts.dues import DuesStandingChanged, StandingState
from dues.standings.tables import StandingRow


def changed(row: StandingRow, before: str | None) -> DuesStandingChanged:
    """A member came to stand otherwise with the dues of a year."""
    if row.code is None or row.since is None:
        raise ValueError("a standing is told once it is known")
    state = StandingState(
        id=row.id,
        member_id=row.member_id,
        year=row.year,
        standing=row.code,
        since=row.since,
        until=row.until,
    )
    return DuesStandingChanged(state=state, before=before)
