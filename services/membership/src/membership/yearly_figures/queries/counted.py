"""What can be counted, as tables of one shape: what membership holds itself, and what the other services last told.

A table has the columns ``id``, ``day``, ``member_id``, ``delegation`` (as told, for what is of no structure),
``quantity`` and ``detail`` (a code). What membership holds is read where it is corrected: its own tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Numeric,
    Select,
    String,
    Uuid,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from membership.agenda import queries as agenda
from membership.agenda.domain import Source
from membership.assessments import queries as assessments
from membership.bookings import queries as bookings
from membership.declarations import queries as declarations
from membership.interviews import queries as interviews
from membership.meetings import queries as meetings
from membership.members import queries as members
from membership.members.domain import MemberStatus
from membership.support_requests import queries as support
from membership.yearly_figures.domain import Window
from membership.yearly_figures.tables import DeliveryCopy, EnrolmentCopy, GuaranteeCopy, LegalQuestionCopy, PoleCopy

_BELONGS = (MemberStatus.ACTIVE.value, MemberStatus.SUSPENDED.value)
_ENROLMENT: Any = EnrolmentCopy.__table__  # type: ignore[attr-defined]
_ASKED: Any = LegalQuestionCopy.__table__  # type: ignore[attr-defined]
_POLE: Any = PoleCopy.__table__  # type: ignore[attr-defined]
_DELIVERY: Any = DeliveryCopy.__table__  # type: ignore[attr-defined]
_GUARANTEE: Any = GuaranteeCopy.__table__  # type: ignore[attr-defined]
Counted = Select[Any]


@dataclass(frozen=True, slots=True)
class Counting:
    """The days that are counted, and the register as it was on the last of them."""

    window: Window
    register: CTE

    def within(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a day is one of them."""
        return day.between(self.window.first, self.window.last)


def counting(window: Window) -> Counting:
    """Take the register of the last day counted; what turned out since to be a duplicate is not in it."""
    then = members.register_on(window.last)
    columns = (then.c.id, then.c.reference, then.c.name, then.c.status, then.c.delegation)
    query = select(*columns, then.c.joined_on, then.c.left_on).join(members.TODAY, members.TODAY.c.id == then.c.id)
    return Counting(window, query.where(members.PRESENT).cte("register"))


def large_delegations(told: Counting, minimum: int) -> Select[Any]:
    """Select the delegations that cover so many members at least on the last day counted."""
    one = told.register.c
    belonging = select(one.delegation).where(one.status.in_(_BELONGS), one.delegation.is_not(None))
    return belonging.group_by(one.delegation).having(func.count() >= minimum)


def _legal(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day of an instant, in France."""
    return cast(func.timezone("Europe/Paris", instant), Date)


def _row(
    key: ColumnElement[Any],
    day: ColumnElement[Any],
    *,
    member: ColumnElement[UUID | None] | None = None,
    delegation: ColumnElement[str | None] | None = None,
    quantity: ColumnElement[Any] | None = None,
    detail: ColumnElement[str] | None = None,
) -> Counted:
    return select(
        key.label("id"),
        cast(day, Date).label("day"),
        cast(null(), Uuid).label("member_id") if member is None else member.label("member_id"),
        cast(null(), String).label("delegation") if delegation is None else delegation.label("delegation"),
        cast(literal(1) if quantity is None else quantity, Numeric).label("quantity"),
        cast(null(), String).label("detail") if detail is None else detail.label("detail"),
    )


def _belonging(told: Counting) -> Counted:
    one = told.register.c
    return _row(one.id, one.joined_on, member=one.id, detail=one.status).where(one.status.in_(_BELONGS))


def _joined(told: Counting) -> Counted:
    """Return who came in, once for each day on which they did, whatever they became since."""
    one = members.statuses_until(told.window.last).c
    counted = _row(one.member_id, one.joined_on, member=one.member_id, detail=one.status)
    counted = counted.ext(distinct_on(one.member_id, one.joined_on)).where(told.within(one.joined_on))
    return _whole(counted.order_by(one.member_id, one.joined_on, one.effective_on.desc()))


def _left(told: Counting) -> Counted:
    """Return who left, once for each day on which they did, even if they came back since."""
    one = members.statuses_until(told.window.last).c
    counted = _row(one.member_id, one.left_on, member=one.member_id)
    counted = counted.ext(distinct_on(one.member_id, one.left_on)).where(told.within(one.left_on))
    return _whole(counted.order_by(one.member_id, one.left_on))


def _whole(counted: Counted) -> Counted:
    return select(counted.subquery())


def _declared(code: str) -> Callable[[Counting], Counted]:
    def rows(told: Counting) -> Counted:
        one = declarations.declared(code).c
        counted = _row(one.id, one.day, member=one.member_id, quantity=one.quantity)
        return counted.where(one.year == told.window.year)

    return rows


def _called(told: Counting) -> Counted:
    one = members.called().c
    counted = _row(one.id, one.day, member=one.member_id, quantity=one.amount, detail=one.status)
    return counted.where(one.year == told.window.year, one.status.not_in(members.NOT_DUE))


def _interviews(told: Counting) -> Counted:
    one = interviews.held().c
    return _row(one.id, one.day, member=one.member_id).where(told.within(one.day))


def _meetings(told: Counting) -> Counted:
    one = meetings.held().c
    return _row(one.id, one.day, delegation=one.delegation).where(told.within(one.day))


def _met(told: Counting) -> Counted:
    """Return each time that somebody who was a member at the end was met: the same structures as ``encounters``."""
    seen, came = interviews.held().c, meetings.attended().c
    met = union_all(select(seen.id, seen.member_id, seen.day), select(came.meeting_id, came.member_id, came.day))
    one = met.subquery().c
    belonging = select(told.register.c.id).where(told.register.c.status.in_(_BELONGS))
    return _row(one.id, one.day, member=one.member_id).where(told.within(one.day), one.member_id.in_(belonging))


def _accompaniments(told: Counting) -> Counted:
    one = bookings.held().c
    day = _legal(one.starts_at)
    counted = _row(one.id, day, member=one.member_id, delegation=one.delegation, detail=one.kind)
    return counted.where(told.within(day))


def _assessments(family: str) -> Callable[[Counting], Counted]:
    def rows(told: Counting) -> Counted:
        one = assessments.submitted().c
        return _row(one.id, one.day, member=one.member_id).where(one.family == family, told.within(one.day))

    return rows


def _support(told: Counting) -> Counted:
    one = support.asked().c
    return _row(one.id, one.day, member=one.member_id, detail=one.reason).where(told.within(one.day))


def _gathered(source: Source, kind: str) -> Callable[[Counting], Counted]:
    def rows(told: Counting) -> Counted:
        one = agenda.gathered(source, kind).c
        return _row(one.id, one.day, delegation=one.delegation).where(told.within(one.day))

    return rows


def _followed(told: Counting) -> ColumnElement[bool]:
    return and_(_ENROLMENT.c.status == "completed", told.within(_ENROLMENT.c.completed_on))


def _trained(told: Counting) -> Counted:
    one = _ENROLMENT.c
    place = {"member": one.member_id, "delegation": one.delegation, "detail": one.action_code}
    return _row(one.id, one.completed_on, **place).where(_followed(told))


def _hours(told: Counting) -> Counted:
    one = _ENROLMENT.c
    place = {"member": one.member_id, "delegation": one.delegation, "detail": one.action_code}
    counted = _row(one.id, one.completed_on, quantity=func.coalesce(one.hours, 0), **place)
    return counted.where(_followed(told))


def _sessions(told: Counting) -> Counted:
    one = _ENROLMENT.c
    counted = _row(
        one.session_id,
        func.max(one.completed_on),
        delegation=func.min(one.delegation),
        detail=func.min(one.action_code),
    )
    counted = counted.where(one.status == "completed")
    # A session over New Year's Day is of the year of its last day alone.
    return counted.group_by(one.session_id).having(told.within(func.max(one.completed_on)))


def _asked(told: Counting) -> Counted:
    one = _ASKED.c
    counted = _row(one.id, one.asked_on, delegation=one.delegation, detail=one.theme_code)
    return counted.where(told.within(one.asked_on), one.status.in_(("asked", "answered")))


def _answered(told: Counting) -> Counted:
    one = _ASKED.c
    counted = _row(one.id, one.answered_on, delegation=one.delegation, detail=one.theme_code)
    return counted.where(told.within(one.answered_on), one.status == "answered")


def _poles(told: Counting) -> Counted:
    one, last = _POLE.c, told.window.last
    known = and_(one.status.in_(("registered", "ended")), one.registered_on <= last)
    counted = _row(one.id, one.registered_on, member=one.member_id, delegation=one.delegation)
    return counted.where(known, or_(one.ended_on.is_(None), one.ended_on > last))


def _delivered(told: Counting) -> ColumnElement[bool]:
    return and_(_DELIVERY.c.status == "delivered", told.within(_DELIVERY.c.delivered_on))


def _services(told: Counting) -> Counted:
    one = _DELIVERY.c
    counted = _row(one.id, one.delivered_on, delegation=one.delegation, quantity=one.days, detail=one.service_code)
    return counted.where(_delivered(told))


def _served(told: Counting) -> Counted:
    one = _DELIVERY.c
    counted = _row(one.pole_id, func.max(one.delivered_on), delegation=func.min(one.delegation))
    return counted.where(_delivered(told)).group_by(one.pole_id)


def _guarantees(told: Counting) -> Counted:
    one, last = _GUARANTEE.c, told.window.last
    in_force = and_(one.starts_on <= last, one.ends_on >= last, or_(one.ended_on.is_(None), one.ended_on > last))
    return _row(one.id, one.starts_on, member=one.member_id, quantity=one.amount).where(in_force)


def _guarantees_called(told: Counting) -> Counted:
    one = _GUARANTEE.c
    return _row(one.id, one.called_on, member=one.member_id).where(told.within(one.called_on))


ROWS: Mapping[str, Callable[[Counting], Counted]] = {
    "members.belonging": _belonging,
    "members.joined": _joined,
    "members.left": _left,
    "declarations.headcount_permanent": _declared("headcount_permanent"),
    "declarations.headcount_pathway": _declared("headcount_pathway"),
    "declarations.turnover": _declared("turnover"),
    "dues.called": _called,
    "interviews.held": _interviews,
    "meetings.held": _meetings,
    "encounters.met": _met,
    "accompaniments.held": _accompaniments,
    "assessments.cap": _assessments("cap"),
    "assessments.cap-rse": _assessments("cap-rse"),
    "support.asked": _support,
    "training.sessions": _sessions,
    "training.completed": _trained,
    "training.hours": _hours,
    "questions.asked": _asked,
    "questions.answered": _answered,
    "webinars.held": _gathered(Source.LEGAL_DESK, "webinar"),
    "ptce.poles": _poles,
    "ptce.served": _served,
    "ptce.services": _services,
    "ptce.visits": _gathered(Source.PTCE, "visit"),
    "guarantees.in_force": _guarantees,
    "guarantees.called": _guarantees_called,
}
"""What can be counted of a year, by the name that definitions give it."""


def _days(*days: ColumnElement[Any]) -> Select[Any]:
    """Select some days, those that are none aside."""
    found = [select(cast(day, Date).label("day")).where(day.is_not(None)) for day in days]
    return found[0] if len(found) == 1 else select(union_all(*found).subquery().c.day)


def _years(year: ColumnElement[int]) -> Select[Any]:
    """Select the first days of some years: what is told year by year is told of the whole of each."""
    return _days(func.make_date(year, 1, 1))


FEEDS: Mapping[str, Callable[[], Select[Any]]] = {
    # Not the years of adhesions: of those who left before the register was kept, it knows nothing.
    "register": lambda: _days(_legal(members.TODAY.c.created_at)),
    "declarations": lambda: _years(declarations.years_declared().c.year),
    "dues": lambda: _years(members.called().c.year),
    "interviews": lambda: _days(interviews.held().c.day),
    "meetings": lambda: _days(meetings.held().c.day),
    "encounters": lambda: _days(interviews.held().c.day, meetings.held().c.day),
    "accompaniments": lambda: _days(_legal(bookings.held().c.starts_at)),
    "assessments": lambda: _days(assessments.submitted().c.day),
    "support": lambda: _days(support.asked().c.day),
    "training": lambda: _days(_ENROLMENT.c.confirmed_on),
    "legal-desk": lambda: _days(_ASKED.c.asked_on),
    "webinars": lambda: _days(agenda.gathered(Source.LEGAL_DESK, "webinar").c.day),
    "ptce": lambda: _days(_POLE.c.registered_on),
    "ptce-services": lambda: _days(_DELIVERY.c.delivered_on),
    "visits": lambda: _days(agenda.gathered(Source.PTCE, "visit").c.day),
    "guarantees": lambda: _days(_GUARANTEE.c.starts_on),
}
"""Where what is counted comes from, each with the days of which it told something, whatever became of it."""
