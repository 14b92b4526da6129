"""Reads of the simulations: what each came to, and the lines that every figure is the sum of."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.transaction import Read
from dues.drafts.domain import compare
from dues.drafts.schemas import ChangeOut
from dues.grids.schemas import AssessmentOut
from dues.simulations import repository
from dues.simulations.domain import (
    Figure,
    Filters,
    Outcome,
    SimulatedMemberUnknown,
    Summary,
    Sums,
    assumptions,
    compare_members,
    require_finished,
)
from dues.simulations.schemas import (
    BandOut,
    BlockingReasonOut,
    FigureOut,
    LineDetail,
    LineFilters,
    LineListParams,
    LineOut,
    PartOut,
    SimulationDetail,
    SimulationListParams,
    SimulationOut,
    SummaryOut,
    SumsOut,
)
from dues.simulations.tables import LineRow, SimulationRow

_TABLE: Any = SimulationRow.__table__  # type: ignore[attr-defined]
_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("created_at", "year")}, default="-created_at", unique=_TABLE.c.id
)
_LINE_ORDER = Order(
    columns={
        "name": _LINE.c.name,
        **{name: func.coalesce(_LINE.c[name], Decimal(0)) for name in ("difference", "reference_total", "draft_total")},
    },
    default="name",
    unique=_LINE.c.member_id,
)


async def find_simulation(read: Read, simulation_id: UUID) -> SimulationDetail:
    """Return one simulation with what it supposes and what it came to. Raises SimulationNotFound."""
    row = await repository.get(read, simulation_id)
    scenario, summary = repository.scenario_of(row), repository.summary_of(row)
    return SimulationDetail(
        **_fields(row),
        assumptions=list(assumptions(scenario)),
        changes=[ChangeOut.of(one) for one in compare(scenario.reference, scenario.draft) if one.changed],
        summary=_summary(row.id, summary) if summary else None,
    )


async def list_simulations(read: Read, params: SimulationListParams) -> Page[SimulationOut]:
    """Return one page of simulations."""
    query = select(SimulationRow)
    for name in ("draft_id", "year"):
        if values := getattr(params, name):
            query = query.where(_TABLE.c[name].in_(values))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[SimulationOut(**_fields(row)) for row in rows], next_cursor=cursor, total=total)


async def list_lines(read: Read, simulation_id: UUID, params: LineListParams) -> Page[LineOut]:
    """Return one page of the members of a simulation. Raises SimulationNotFound."""
    await repository.get(read, simulation_id)
    rows, cursor, total = await paginate(read, _lines(simulation_id, params), _LINE_ORDER, params)
    return Page(items=[LineOut(**_line(row)) for row in rows], next_cursor=cursor, total=total)


async def lines_to_export(read: Read, simulation_id: UUID, filters: LineFilters) -> Iterator[LineOut]:
    """Return the members of a simulation: the same as the list with the same filters. Raises SimulationNotFound."""
    await repository.get(read, simulation_id)
    query = _lines(simulation_id, filters).order_by(_LINE.c.name, _LINE.c.member_id)
    rows: Sequence[LineRow] = (await read.session.execute(query)).scalars().all()
    return (LineOut(**_line(row)) for row in rows)


async def explain_line(read: Read, simulation_id: UUID, member_id: UUID) -> LineDetail:
    """Return a member of a simulation, both amounts explained from what was known of it then.

    Raises SimulationNotFound, SimulatedMemberUnknown.
    """
    scenario = repository.scenario_of(await repository.get(read, simulation_id))
    row = await read.session.get(LineRow, (simulation_id, member_id))
    if row is None:
        raise SimulatedMemberUnknown("Cette structure n'est pas dans la simulation.")
    [compared] = compare_members(scenario, [repository.member_of(row)])
    before, after = compared.reference.assessment, compared.draft.assessment
    return LineDetail(
        **_line(row),
        reference=AssessmentOut.of(before) if before else None,
        draft=AssessmentOut.of(after) if after else None,
    )


async def finished(read: Read, simulation_id: UUID) -> SimulationRow:
    """Return a simulation that came to its end. Raises SimulationNotFound, SimulationUnfinished."""
    row = await repository.get(read, simulation_id)
    require_finished(row.status)
    return row


def _lines(simulation_id: UUID, filters: LineFilters) -> Select[Any]:
    return select(LineRow).where(_LINE.c.simulation_id == simulation_id, *_conditions(filters))


def _conditions(filters: LineFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        _LINE.c[name].in_(values) for name in ("delegation", "kind") if (values := getattr(filters, name))
    ]
    if filters.outcome:
        conditions.append(_LINE.c.outcome.in_([one.value for one in filters.outcome]))
    if filters.capped is not None:
        conditions.append(_LINE.c.draft_capped.is_(filters.capped))
    if filters.blocker:
        conditions.append(or_(*(_LINE.c.blockers.contains([{"code": code}]) for code in filters.blocker)))
    if filters.difference_from is not None:
        conditions.append(_LINE.c.difference >= filters.difference_from)
    if filters.difference_to is not None:
        conditions.append(_LINE.c.difference <= filters.difference_to)
    if filters.q:
        conditions.append(_LINE.c.name.icontains(filters.q, autoescape=True))
    return conditions


def _fields(row: SimulationRow) -> dict[str, Any]:
    scenario = repository.scenario_of(row)
    actions, blockers = tried({"download": partial(require_finished, row.status)})
    names = (
        "id", "draft_id", "draft_label", "draft_version", "year", "status", "job_id", "created_at", "created_by",
        "done_at",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "reference_year": scenario.reference_year,
        "smic_hourly": scenario.smic.hourly.value,
        "smic_status": scenario.smic.hourly.status.value,
        "use_published_medians": scenario.use_published_medians,
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _line(row: LineRow) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in LineOut.model_fields if name != "outcome_label"}
    return {**told, "outcome_label": Outcome(row.outcome).label}


def _summary(simulation_id: UUID, summary: Summary) -> SummaryOut:
    def opens(filters: Filters) -> str:
        return f"/dues/v1/simulations/{simulation_id}/lines?{urlencode(filters)}"

    def figure(one: Figure) -> FigureOut:
        return FigureOut(
            code=one.code,
            label=one.label,
            sums=_sums(one.sums),
            winners=_sums(one.winners),
            losers=_sums(one.losers),
            lines=opens(one.filters),
        )

    return SummaryOut(
        members=summary.members,
        blocked=summary.blocked,
        total=figure(summary.total),
        by_delegation=[figure(one) for one in summary.by_delegation],
        by_kind=[figure(one) for one in summary.by_kind],
        by_beneficiary=[
            PartOut(
                code=one.code,
                label=one.label,
                reference=one.reference,
                draft=one.draft,
                lines=opens(one.filters),
            )
            for one in summary.by_beneficiary
        ],
        distribution=[
            BandOut(label=one.label, least=one.least, most=one.most, sums=_sums(one.sums), lines=opens(one.filters))
            for one in summary.distribution
        ],
        reasons=[
            BlockingReasonOut(code=one.code, label=one.label, count=one.count, lines=opens(one.filters))
            for one in summary.reasons
        ],
    )


def _sums(sums: Sums) -> SumsOut:
    return SumsOut.model_validate(sums)
