"""The seats that somebody has, for what follows a session: who is asked, who is counted."""

from typing import Any

from sqlalchemy import Select, select

from training.enrolments.domain import EnrolmentStatus
from training.enrolments.tables import EnrolmentRow
from training.sessions.domain import ANNOUNCED
from training.sessions.queries.sessions import SESSION

_SEAT: Any = EnrolmentRow.__table__  # type: ignore[attr-defined]


def held_seats() -> Select[Any]:
    """Select the seats that a named person has in a session that is announced, with its version and its days."""
    columns = (
        _SEAT.c.id.label("enrolment_id"),
        _SEAT.c.trainee_id,
        _SEAT.c.session_id,
        SESSION.c.programme_code,
        SESSION.c.programme_number,
        SESSION.c.first_day,
        SESSION.c.last_day,
        SESSION.c.ends_at,
    )
    query = select(*columns).join(SESSION, SESSION.c.id == _SEAT.c.session_id)
    held = (_SEAT.c.status == EnrolmentStatus.CONFIRMED.value, _SEAT.c.trainee_id.is_not(None))
    return query.where(*held, SESSION.c.status.in_(ANNOUNCED))
