"""What the complaints of a year say; and what they prove of an indicator between two days."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from common.rights import Grant
from common.transaction import Read
from training.complaints.domain.complaint import ComplaintKind, ComplaintStep
from training.complaints.domain.year import Delay, Told, year_of
from training.complaints.queries.complaints import COMPLAINT, RESTRICTED, visible
from training.complaints.schemas import ComplaintYearOut, DelayOut, KindCountOut, ProgrammeCountOut
from training.complaints.tables import ComplaintEntryRow
from training.referential.domain import Evidence

_ENTRY: Any = ComplaintEntryRow.__table__  # type: ignore[attr-defined]
_MOST_PROGRAMMES = 200


async def summarise(read: Read, grant: Grant, year: int) -> ComplaintYearOut:
    """Return the figures of the complaints within reach that came in a year."""
    figures = year_of(await _told(read, grant, year), read.today)
    return ComplaintYearOut(
        year=year,
        total=figures.total,
        reopened=figures.reopened,
        by_kind=[KindCountOut(kind=kind, label=kind.label, count=count) for kind, count in figures.by_kind],
        by_programme=[
            ProgrammeCountOut(programme=programme, count=count)
            for programme, count in figures.by_programme[:_MOST_PROGRAMMES]
        ],
        acknowledged=_delay_out(figures.acknowledged),
        answered=_delay_out(figures.answered),
    )


async def evidence(read: Read, grant: Grant, first: date, last: date) -> list[Evidence]:
    """Return what the register holds for indicators 12 and 31 from a day to another, of what who reads may see."""
    told = {
        ComplaintStep.RECEIVE: "reçus",
        ComplaintStep.ACKNOWLEDGE: "accusés",
        ComplaintStep.ANSWER: "répondus",
        ComplaintStep.CLOSE: "clos",
    }
    restricted = COMPLAINT.c.kind.in_(RESTRICTED).label("restricted")
    query = select(restricted, _ENTRY.c.step, func.count()).where(COMPLAINT.c.id == _ENTRY.c.complaint_id)
    query = query.where(visible(read, grant), _ENTRY.c.on_day.between(first, last), _ENTRY.c.step.in_(told))
    rows = await read.session.execute(query.group_by(restricted, _ENTRY.c.step))
    counted = {(is_report, ComplaintStep(step)): count for is_report, step, count in rows}
    return [
        Evidence(indicator=indicator, what=f"{what} {told[step]}", count=counted[is_report, step])
        for is_report, indicator, what in (
            (True, 12, "signalements"),
            (False, 31, "réclamations, difficultés et aléas"),
        )
        for step in told
        if (is_report, step) in counted
    ]


async def _told(read: Read, grant: Grant, year: int) -> list[Told]:
    reopened = select(func.count()).where(
        _ENTRY.c.complaint_id == COMPLAINT.c.id, _ENTRY.c.step == ComplaintStep.REOPEN.value
    )
    names = ("programme", "received_on", "acknowledge_due_on", "answer_due_on", "acknowledged_on", "answered_on")
    query = select(COMPLAINT.c.kind, *(COMPLAINT.c[name] for name in names))
    query = query.add_columns(reopened.correlate(COMPLAINT).scalar_subquery().label("times_reopened"))
    query = query.where(visible(read, grant), COMPLAINT.c.received_on.between(date(year, 1, 1), date(year, 12, 31)))
    rows = (await read.session.execute(query)).mappings()
    return [Told(**{**row, "kind": ComplaintKind(row["kind"])}) for row in rows]


def _delay_out(delay: Delay) -> DelayOut:
    return DelayOut(done=delay.done, median_days=delay.median_days, in_time=delay.in_time, late=delay.late)
