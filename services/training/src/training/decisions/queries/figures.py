"""What is known of sessions to decide: seats, money, forecast, where their people could go, what would be suggested."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from common.dated import rule_on
from common.shipped_data import shipped_rules
from common.transaction import Read
from common.workdays import FRANCE
from training.decisions import domain
from training.decisions.domain import (
    Figures,
    Filling,
    Forecast,
    ForecastRule,
    Place,
    RefusalRule,
    Sister,
    Suggestion,
)
from training.enrolments.queries.history import filled, revenue
from training.enrolments.queries.seats import HeadCount, head_count
from training.programmes.domain import Mode
from training.sessions.domain import Session, cost_of, cost_of_cancelling
from training.sessions.queries.deciding import places, to_come
from training.sessions.queries.sessions import sessions_by_id

_PACKAGE = "training.decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A session to decide, and what is known of it on a day."""

    session: Session
    place: Place
    decide_on: date
    figures: Figures
    forecast: Forecast
    sisters: list[Sister]
    suggestion: Suggestion
    past: tuple[Filling, ...]


@cache
def _forecast_rules() -> tuple[ForecastRule, ...]:
    return shipped_rules(_PACKAGE, "forecast.toml", ForecastRule)


@cache
def _refusal_rules() -> tuple[RefusalRule, ...]:
    return shipped_rules(_PACKAGE, "refusal.toml", RefusalRule)


def forecast_rule(day: date) -> ForecastRule:
    """Return what a forecast of a day needs. Raises RuleMissing."""
    return rule_on(_forecast_rules(), day)


def refusal_rule(day: date) -> RefusalRule:
    """Return how long another session can be refused, from a decision of a day. Raises RuleMissing."""
    return rule_on(_refusal_rules(), day)


async def examine(read: Read, ids: Collection[UUID]) -> dict[UUID, Examined]:
    """Return what is known of announced sessions, in as many statements whatever their number. Raises RuleMissing."""
    sessions = await sessions_by_id(read, ids)
    where = await places(read, ids)
    others = await to_come(read, {one.pinned.code for one in sessions.values()})
    counts = await head_count(read, {*ids, *(row.id for row in others)})
    brought = await revenue(read, ids)
    rule = forecast_rule(read.today)
    past = _fillings(await filled(read, rule.sessions_most))
    sisters = _sisters(others, counts)
    return {one: _examined(read, sessions[one], where[one], counts.get(one), brought, sisters, past) for one in ids}


def _examined(
    read: Read,
    session: Session,
    row: Any,
    counted: HeadCount | None,
    brought: Mapping[UUID, Decimal],
    sisters: Mapping[str, list[Sister]],
    past: Sequence[Filling],
) -> Examined:
    today, first = read.today, session.slots[0].half_day.day
    seats, place = counted or HeadCount(session.terms.seats_max or 0, 0, 0, 0), _place(row)
    rule = forecast_rule(today)
    expected = domain.forecast(
        seats.confirmed + seats.offered,
        (first - today).days,
        session.terms.seats_max or 0,
        past,
        session.pinned.code,
        session.pinned.theme,
        rule,
    )
    figures = _figures(session, seats, expected, brought.get(session.id, Decimal("0.00")), today)
    others = sisters[session.pinned.code] if read.now < session.slots[0].starts_at else []
    near = domain.ranked(place, (one for one in others if one.session_id != session.id))
    _, comparable = domain.comparable(past, session.pinned.code, session.pinned.theme, rule.sessions_min)
    return Examined(
        session=session,
        place=place,
        decide_on=row.decide_on,
        figures=figures,
        forecast=expected,
        sisters=near,
        suggestion=domain.suggest(figures, near, can_wait=FRANCE.after(today, 1) < first),
        past=comparable if expected.basis else (),
    )


def _figures(session: Session, seats: HeadCount, expected: Forecast, brought: Decimal, today: date) -> Figures:
    cancelling = cost_of_cancelling(session.costs, today)
    return Figures(
        taken=seats.confirmed,
        offered=seats.offered,
        waiting=seats.waiting,
        minimum=session.terms.seats_min or 0,
        maximum=session.terms.seats_max or 0,
        expected=expected.expected,
        low=expected.low,
        high=expected.high,
        revenue=brought,
        costs=cost_of(session.costs) if session.costs else None,
        cancelling=cancelling.known,
        cancelling_unknown=cancelling.unknown,
    )


def _fillings(rows: Sequence[Any]) -> tuple[Filling, ...]:
    """Return how each past session had filled."""
    changes: dict[tuple[UUID, str, str], dict[int, int]] = defaultdict(dict)
    for row in rows:
        changes[row.session_id, row.programme_code, row.theme][row.days] = int(row.seats)
    return tuple(Filling(programme_code=code, theme=theme, changes=each) for (_, code, theme), each in changes.items())


def _sisters(rows: Sequence[Any], counts: Mapping[UUID, HeadCount]) -> dict[str, list[Sister]]:
    """Return the sessions to come of each programme."""
    found: dict[str, list[Sister]] = defaultdict(list)
    for row in rows:
        seats = counts.get(row.id)
        taken = seats.confirmed + seats.offered if seats else 0
        sister = Sister(
            session_id=row.id,
            reference=row.reference,
            first_day=row.first_day,
            at=_place(row),
            free=max(row.seats_max - taken, 0),
        )
        found[row.programme_code].append(sister)
    return found


def _place(row: Any) -> Place:
    return Place(delegation=row.delegation, department=row.department, remote=row.mode == Mode.REMOTE.value)
