"""What entries say of a day, as queries: the same two steps as the rule."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, FromClause, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col

from membership.members.tables import EntryRow


def latest_entries(day: date, known_at: datetime | None, *conditions: ColumnElement[bool]) -> FromClause:
    """Return what holds on a day of each subject that fulfils the conditions, from what was known at an instant.

    The same two steps as ``in_force``, which a test holds it to: for each subject and day the last entry that was not
    withdrawn, and of these the one of the latest day.
    """
    entry = EntryRow.__table__.c  # type: ignore[attr-defined]
    known = (entry.recorded_at <= known_at,) if known_at is not None else ()
    counting = entries_of_days(day, known_at, *known, *conditions)
    subject = (counting.c.member_id, counting.c.topic, counting.c.key)
    latest = (
        select(*subject, counting.c.value)
        .ext(distinct_on(*subject))
        .order_by(*subject, counting.c.effective_on.desc())
        .subquery()
    )
    return select(latest).where(latest.c.value.is_not(None)).subquery()


def entries_of_days(day: date, known_at: datetime | None, *conditions: ColumnElement[bool]) -> FromClause:
    """Return the entries that count until a day: of each subject and day the last one that was not withdrawn."""
    entry = EntryRow.__table__.c  # type: ignore[attr-defined]
    subject = (entry.member_id, entry.topic, entry.key)
    marker = aliased(EntryRow)
    seen = (col(marker.recorded_at) <= known_at,) if known_at is not None else ()
    void = exists().where(col(marker.withdraws) == entry.id, *seen)
    return (
        select(*subject, entry.effective_on, entry.value)
        .ext(distinct_on(*subject, entry.effective_on))
        .where(entry.effective_on <= day, entry.withdraws.is_(None), ~void, *conditions)
        .order_by(*subject, entry.effective_on, entry.recorded_at.desc())
        .subquery()
    )
