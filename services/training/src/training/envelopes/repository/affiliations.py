"""The affiliations to the group account, as they are kept."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from common.transaction import Tx
from training.envelopes.domain import Affiliation, AffiliationNotFound, AffiliationStep, MemberType
from training.envelopes.tables import AffiliationRow

_ID: Any = col(AffiliationRow.id)


async def add_affiliation(tx: Tx, affiliation: Affiliation) -> bool:
    """Save a new affiliation; tell whether the structure had none to this account."""
    values = {**asdict(affiliation), "created_at": tx.now, "created_by": tx.actor.subject}
    statement = (
        insert(AffiliationRow)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["envelope_id", "member_id"], index_where=text("step <> 'withdrawn'"))
    )
    return (await tx.session.execute(statement.returning(_ID))).scalar_one_or_none() is not None


async def hold_affiliation(tx: Tx, affiliation_id: UUID) -> Affiliation:
    """Load an affiliation and hold it. Raises AffiliationNotFound."""
    query = select(AffiliationRow).where(affiliation_id == _ID).with_for_update()
    row = (await tx.session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise AffiliationNotFound("Cette affiliation n'existe pas.")
    return affiliation_of(row)


async def save_affiliation(tx: Tx, affiliation: Affiliation) -> None:
    """Save a held affiliation, one version later."""
    values = {**asdict(affiliation), "version": affiliation.version + 1}
    await tx.session.execute(update(AffiliationRow).where(affiliation.id == _ID).values(**values))


def affiliation_of(row: AffiliationRow) -> Affiliation:
    """Read a row as the rules know an affiliation."""
    said = row.model_dump(exclude={"created_at", "created_by"})
    return Affiliation(**{**said, "step": AffiliationStep(row.step), "member_type": MemberType(row.member_type)})
