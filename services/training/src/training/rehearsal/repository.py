"""Loads and saves what rehearsals found; the only writer of its table."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col

from common.transaction import Tx
from training.rehearsal.domain import Finding, FindingCode, FindingNotFound, FindingState, Found
from training.rehearsal.tables import FindingRow

_SAME = [name for name in Finding.__dataclass_fields__ if name not in ("found", "state")]


def to_domain(row: FindingRow) -> Finding:
    """Read a row as the rules know a finding."""
    found = Found(FindingCode(row.code), row.slot_id, row.key, row.said)
    return Finding(**{name: getattr(row, name) for name in _SAME}, found=found, state=FindingState(row.state))


async def of_session(tx: Tx, session_id: UUID) -> list[Finding]:
    """Return what was found of a session, held until the end of the transaction."""
    query = select(FindingRow).where(col(FindingRow.session_id) == session_id).order_by(col(FindingRow.id))
    return [to_domain(row) for row in (await tx.session.execute(query.with_for_update())).scalars()]


async def hold(tx: Tx, finding_id: UUID) -> Finding:
    """Load a finding, held until the end of the transaction. Raises FindingNotFound."""
    query = select(FindingRow).where(col(FindingRow.id) == finding_id).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise FindingNotFound("Ce constat n'existe pas.")
    return to_domain(row)


async def add(tx: Tx, finding: Finding) -> None:
    """Insert a finding."""
    await tx.session.execute(insert(FindingRow).values(**_values(finding)))


async def save(tx: Tx, finding: Finding) -> None:
    """Write a finding that is held."""
    await tx.session.execute(update(FindingRow).where(col(FindingRow.id) == finding.id).values(**_values(finding)))


def _values(finding: Finding) -> dict[str, Any]:
    same = {name: getattr(finding, name) for name in _SAME}
    found = asdict(finding.found)
    return {**same, **found, "code": finding.found.code.value, "state": finding.state.value}
