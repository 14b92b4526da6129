"""HTTP door of the public calendar: what anybody reads without a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.door import Door, ReadDep
from common.etags import revalidated
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from training.rights import Act
from training.sessions.domain import SessionNotFound
from training.sessions.queries import calendar
from training.sessions.schemas import CalendarLine, CalendarParams, CalendarSheet, Reference

router = APIRouter(prefix="/calendar", tags=["Calendrier"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_CALENDAR))]


@router.get(
    "",
    operation_id="listCalendar",
    summary="Les sessions à venir",
    response_model=Page[CalendarLine],
    responses=problems(BadCursor, BadSort),
)
async def list_calendar(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[CalendarParams, Query()]
) -> Response:
    """Sans jeton. Annoncées et ouvertes à tous. Tri : first_day."""
    return revalidated(request, await calendar.list_calendar(read, params))


@router.get(
    "/{reference}",
    operation_id="getCalendarSession",
    summary="Une session",
    response_model=CalendarSheet,
    responses=problems(SessionNotFound),
)
async def get_session(request: Request, reference: Reference, read: ReadDep, _: Anybody) -> Response:
    """Sans jeton. Demi-journée par demi-journée, à l'heure du lieu ; annulée, elle se lit encore et le dit."""
    return revalidated(request, await calendar.find_sheet(read, reference))
