"""Reads of the risks."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.shipped_data import shipped
from common.transaction import Read
from training.improvements import repository
from training.improvements.documents import risk_line
from training.improvements.domain import risks
from training.improvements.domain.actions import Cause, CauseKind
from training.improvements.domain.risks import Risk, RiskStatus, RiskStep
from training.improvements.queries.actions import actions_of, writes
from training.improvements.schemas import (
    RiskEntryOut,
    RiskExportParams,
    RiskFilters,
    RiskLine,
    RiskListParams,
    RiskOut,
    ScaleOut,
)
from training.improvements.tables import RiskEntryRow, RiskRow

RISK: Any = RiskRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: RISK.c[name] for name in ("next_review_on", "level", "reference")},
    default="-level",
    unique=RISK.c.id,
)


def show_scale() -> ScaleOut:
    """Return the scale of the risks, with what it rests on."""
    return ScaleOut.model_validate(shipped("training.improvements", "scale.toml"))


async def list_risks(read: Read, params: RiskListParams) -> Page[RiskLine]:
    """Return one page of the risks."""
    rows, cursor, total = await paginate(read, _filtered(read, params), _ORDER, params)
    return Page(items=_lines(read, rows), next_cursor=cursor, total=total)


async def export_risks(read: Read, params: RiskExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same risks as the list."""
    query = _filtered(read, params).order_by(RISK.c.level.desc(), RISK.c.id)
    return map(risk_line, _lines(read, (await read.session.execute(query)).scalars().all()))


async def find_risk(read: Read, reference: str) -> RiskOut:
    """Return a risk, with its history. Raises RiskNotFound."""
    row = await repository.get_risk(read, reference)
    risk = repository.risk_of(row)
    followed = partial(risks.require_open, risk)
    allowed, blockers = tried({"review": followed, "close": followed} if writes(read) else {})
    return RiskOut(
        **_line(risk, read.today).model_dump(),
        description=risk.description,
        cause=risk.cause,
        actions=await actions_of(read, Cause(kind=CauseKind.RISK, reference=reference)),
        history=[_entry_out(one) for one in await repository.risk_entries(read, row.id)],
        version=row.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


def review_due(today: date) -> ColumnElement[bool]:
    """Return ``is_review_due`` as a condition; a test holds the two together."""
    return and_(RISK.c.status == RiskStatus.OPEN.value, RISK.c.next_review_on < today)


def _filtered(read: Read, filters: RiskFilters) -> Select[Any]:
    query = select(RiskRow)
    if filters.status:
        query = query.where(RISK.c.status.in_(filters.status))
    if filters.review_due is not None:
        query = query.where(review_due(read.today) if filters.review_due else not_(review_due(read.today)))
    if filters.level_from:
        query = query.where(RISK.c.level >= filters.level_from)
    if filters.owner:
        query = query.where(RISK.c.owner.in_(filters.owner))
    if filters.q:
        columns = (RISK.c.reference, RISK.c.title)
        query = query.where(or_(*(column.icontains(filters.q, autoescape=True) for column in columns)))
    return query


def _lines(read: Read, rows: Sequence[RiskRow]) -> list[RiskLine]:
    return [_line(repository.risk_of(row), read.today) for row in rows]


def _line(risk: Risk, today: date) -> RiskLine:
    return RiskLine(
        reference=risk.reference,
        title=risk.title,
        owner=risk.owner,
        likelihood=risk.likelihood,
        severity=risk.severity,
        level=risk.level,
        reviewed_on=risk.reviewed_on,
        next_review_on=risk.next_review_on,
        review_due=risks.is_review_due(risk, today),
        status=risk.status,
        status_label=risk.status.label,
    )


def _entry_out(row: RiskEntryRow) -> RiskEntryOut:
    return RiskEntryOut(
        number=row.number,
        step=RiskStep(row.step),
        step_label=RiskStep(row.step).label,
        likelihood=row.likelihood,
        severity=row.severity,
        next_review_on=row.next_review_on,
        note=row.note,
        at=row.at,
        by=row.by,
    )
