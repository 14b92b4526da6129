"""What waits for somebody, in figures; and what the register proves of each indicator between two days."""

from datetime import date
from typing import Any

from sqlalchemy import Integer, and_, case, exists, func, not_, select
from sqlalchemy.orm import aliased

from common.transaction import Read
from training.improvements.domain.actions import ActionStatus, ActionStep, CauseKind
from training.improvements.domain.risks import RiskStatus, RiskStep
from training.improvements.domain.watch import WatchKind, WatchStatus
from training.improvements.queries.actions import ACTION, CAUSE, OPEN, overdue, visible
from training.improvements.queries.risks import RISK, review_due
from training.improvements.queries.watch import WATCH
from training.improvements.schemas import ImprovementSummaryOut, IndicatorActionsOut
from training.improvements.tables import ActionEntryRow, RiskEntryRow
from training.referential.domain import Evidence

_ACTION_ENTRY: Any = ActionEntryRow.__table__  # type: ignore[attr-defined]
_RISK_ENTRY: Any = RiskEntryRow.__table__  # type: ignore[attr-defined]
_IMPROVEMENT = 32
"""The indicator that asks for measures and, from 2026, for a risk analysis; every action is one of its measures."""


async def summarise(read: Read) -> ImprovementSummaryOut:
    """Return what waits, in figures: those of the lists with the same filters, for the same reader."""
    [figures] = (await read.session.execute(select(*_figures(read), *_unanswered()).where(visible(read)))).all()
    [waiting] = (
        await read.session.execute(
            select(
                select(func.count())
                .select_from(WATCH)
                .where(WATCH.c.status == WatchStatus.OPEN.value)
                .scalar_subquery(),
                select(func.count()).select_from(RISK).where(RISK.c.status == RiskStatus.OPEN.value).scalar_subquery(),
                select(func.count()).select_from(RISK).where(review_due(read.today)).scalar_subquery(),
            )
        )
    ).all()
    indicator = func.unnest(ACTION.c.indicators, type_=Integer).label("indicator")
    grouped = select(indicator, *_figures(read)).where(visible(read)).group_by(indicator).order_by(indicator)
    rows = (await read.session.execute(grouped)).mappings()
    return ImprovementSummaryOut(
        open_actions=figures.open,
        overdue_actions=figures.overdue,
        to_verify=figures.to_verify,
        unanswered_failures=figures.unanswered,
        watch_to_exploit=waiting[0],
        open_risks=waiting[1],
        risks_to_review=waiting[2],
        by_indicator=[IndicatorActionsOut.model_validate(dict(row)) for row in rows],
    )


async def evidence(read: Read, first: date, last: date) -> list[Evidence]:
    """Return what the register holds for each indicator from a day to another, of what who reads may see."""
    watched = await _watched(read, first, last)
    reviewed = await _reviews(read, first, last)
    return [*watched, *reviewed, *await _measures(read, first, last)]


def _figures(read: Read) -> list[Any]:
    conditions = {
        "open": ACTION.c.status.in_(OPEN),
        "overdue": overdue(read.today),
        "to_verify": ACTION.c.status == ActionStatus.DONE.value,
        "effective": ACTION.c.status == ActionStatus.EFFECTIVE.value,
        "ineffective": ACTION.c.status == ActionStatus.INEFFECTIVE.value,
    }
    return [func.count(case((condition, 1))).label(name) for name, condition in conditions.items()]


def _unanswered() -> list[Any]:
    after = aliased(ACTION)
    followed = exists().where(
        CAUSE.c.kind == CauseKind.ACTION.value,
        CAUSE.c.reference == ACTION.c.reference,
        CAUSE.c.action_id == after.c.id,
        after.c.status != ActionStatus.ABANDONED.value,
    )
    failed = and_(ACTION.c.status == ActionStatus.INEFFECTIVE.value, not_(followed))
    return [func.count(case((failed, 1))).label("unanswered")]


async def _watched(read: Read, first: date, last: date) -> list[Evidence]:
    found: list[Evidence] = []
    for column, what in ((WATCH.c.recorded_on, "veilles relevées"), (WATCH.c.exploited_on, "veilles exploitées")):
        query = select(WATCH.c.kind, func.count()).where(column.between(first, last)).group_by(WATCH.c.kind)
        counted = {WatchKind(kind): count for kind, count in await read.session.execute(query)}
        found += [
            Evidence(indicator=one.indicator, what=what, count=counted[one]) for one in WatchKind if one in counted
        ]
    return found


async def _reviews(read: Read, first: date, last: date) -> list[Evidence]:
    looks = (RiskStep.OPENED.value, RiskStep.REVIEWED.value)
    query = select(func.count()).select_from(_RISK_ENTRY)
    query = query.where(_RISK_ENTRY.c.step.in_(looks), _RISK_ENTRY.c.on_day.between(first, last))
    count = (await read.session.execute(query)).scalar_one()
    return [Evidence(indicator=_IMPROVEMENT, what="risques relevés ou revus", count=count)] if count else []


async def _measures(read: Read, first: date, last: date) -> list[Evidence]:
    told = {
        ActionStep.PLAN: "actions prévues",
        ActionStep.FINISH: "actions faites",
        ActionStep.FIND_EFFECTIVE: "actions vérifiées efficaces",
    }
    indicator = func.unnest(func.array_append(func.array_remove(ACTION.c.indicators, _IMPROVEMENT), _IMPROVEMENT))
    query = select(indicator.label("indicator"), _ACTION_ENTRY.c.step, func.count())
    query = query.where(ACTION.c.id == _ACTION_ENTRY.c.action_id, visible(read))
    query = query.where(_ACTION_ENTRY.c.on_day.between(first, last), _ACTION_ENTRY.c.step.in_(told))
    rows = await read.session.execute(query.group_by("indicator", _ACTION_ENTRY.c.step).order_by("indicator"))
    return [Evidence(indicator=number, what=told[ActionStep(step)], count=count) for number, step, count in rows]
