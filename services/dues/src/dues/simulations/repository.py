"""Loads and saves simulations and their lines; the only writer of their tables."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlmodel import col

from common.errors import Blocker
from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.campaigns.domain import Member
from dues.drafts.domain import Draft
from dues.simulations.domain import Compared, GridRole, Outcome, Scenario, Simulated, SimulationNotFound, Summary
from dues.simulations.tables import LineRow, SimulationRow

_SCENARIO = TypeAdapter(Scenario)
_SUMMARY = TypeAdapter(Summary)
_MEMBER = TypeAdapter(Member)


def pdf_path(simulation_id: UUID) -> str:
    """Return where the document of a simulation is kept."""
    return f"simulations/{simulation_id}.pdf"


async def get(read: Read, simulation_id: UUID, *, for_update: bool = False) -> SimulationRow:
    """Load a simulation. Raises SimulationNotFound."""
    row = await read.session.get(
        SimulationRow, simulation_id, with_for_update=for_update or None, populate_existing=True
    )
    if row is None:
        raise SimulationNotFound("Cette simulation n'existe pas.")
    return row


def scenario_of(row: SimulationRow) -> Scenario:
    """Read what a simulation computes with."""
    return _SCENARIO.validate_python(row.scenario)


def summary_of(row: SimulationRow) -> Summary | None:
    """Read what a simulation came to; None until its end."""
    return None if row.summary is None else _SUMMARY.validate_python(row.summary)


def member_of(row: LineRow) -> Member:
    """Read a member as the simulation took it."""
    return _MEMBER.validate_python(row.member)


async def add(tx: Tx, draft: Draft, scenario: Scenario) -> SimulationRow:
    """Save a simulation that is asked for."""
    row = SimulationRow(
        id=new_id(),
        draft_id=draft.id,
        draft_label=draft.label,
        draft_version=draft.version,
        year=scenario.year,
        status="running",
        scenario=_SCENARIO.dump_python(scenario, mode="json"),
        summary=None,
        job_id=None,
        pdf_sha256=None,
        created_at=tx.now,
        created_by=tx.actor.subject,
        done_at=None,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row


async def add_lines(tx: Tx, simulation_id: UUID, lines: Iterable[Compared]) -> None:
    """Save what came out for some members."""
    rows = [_line(simulation_id, line) for line in lines]
    if rows:
        await tx.session.execute(insert(LineRow), rows)


async def simulated(read: Read, simulation_id: UUID) -> list[Simulated]:
    """Load what is counted of every member."""
    columns = ("member_id", "delegation", "kind", "outcome", "reference_total", "draft_total", "blockers")
    query = select(*(col(getattr(LineRow, name)) for name in columns)).where(
        col(LineRow.simulation_id) == simulation_id
    )
    return [
        Simulated(
            member_id=row.member_id,
            delegation=row.delegation,
            kind=row.kind,
            outcome=Outcome(row.outcome),
            reference=row.reference_total,
            draft=row.draft_total,
            blockers=tuple(one["code"] for one in row.blockers),
        )
        for row in await read.session.execute(query)
    ]


async def note_done(tx: Tx, row: SimulationRow, summary: Summary, pdf_sha256: str) -> None:
    """Record that a simulation came to its end, and what it came to."""
    row.status, row.done_at = "done", tx.now
    row.summary = _SUMMARY.dump_python(summary, mode="json")
    row.pdf_sha256 = pdf_sha256
    await tx.session.flush()


def _line(simulation_id: UUID, line: Compared) -> dict[str, Any]:
    before, after = line.reference.assessment, line.draft.assessment
    return {
        "simulation_id": simulation_id,
        "member_id": line.member.id,
        "name": line.member.name,
        "delegation": line.member.delegation,
        "kind": line.kind,
        "outcome": line.outcome.value,
        "reference_fixed": before.fixed if before else None,
        "reference_variable": before.variable if before else None,
        "reference_total": before.total if before else None,
        "reference_capped": before.capped if before else None,
        "draft_fixed": after.fixed if after else None,
        "draft_variable": after.variable if after else None,
        "draft_total": after.total if after else None,
        "draft_capped": after.capped if after else None,
        "difference": line.difference,
        "blockers": [
            *_blockers(GridRole.REFERENCE, line.reference.blockers),
            *_blockers(GridRole.DRAFT, line.draft.blockers),
        ],
        "member": _MEMBER.dump_python(line.member, mode="json"),
    }


def _blockers(role: GridRole, blockers: Iterable[Blocker]) -> Iterator[dict[str, str]]:
    return ({"grid": role.value, "code": one.code, "message": one.message} for one in blockers)
