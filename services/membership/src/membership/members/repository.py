"""Loads and saves structures; the only writer of the table ``member``."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.transaction import Tx
from membership.members.domain import ActivityKind, Member, MemberNotFound, MemberStatus, SirenTaken, normalise
from membership.members.tables import MemberRow


async def get_for_update(tx: Tx, member_id: UUID) -> Member:
    """Load a structure and hold it until the end of the transaction. Raises MemberNotFound."""
    row = await tx.session.get(MemberRow, member_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise MemberNotFound("Cette structure n'existe pas.")
    return to_domain(row)


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Load structures and hold them, in one order for everybody, so that two sittings cannot deadlock."""
    query = select(MemberRow).where(col(MemberRow.id).in_(ids)).order_by(col(MemberRow.id)).with_for_update()
    return {row.id: to_domain(row) for row in (await tx.session.execute(query)).scalars()}


async def add(tx: Tx, members: Sequence[Member]) -> None:
    """Insert new structures. Raises SirenTaken."""
    if members:
        await _refusing_double_siren(tx, insert(MemberRow), [_values(tx, member) for member in members])


async def save(tx: Tx, member: Member) -> None:
    """Write a structure that was loaded for update. Raises SirenTaken."""
    values = {key: value for key, value in _values(tx, member).items() if key not in ("id", "created_at")}
    await _refusing_double_siren(tx, update(MemberRow).where(col(MemberRow.id) == member.id).values(**values), None)


async def _refusing_double_siren(tx: Tx, statement: object, rows: list[dict[str, object]] | None) -> None:
    try:
        await tx.session.execute(statement, rows)  # type: ignore[call-overload]
    except IntegrityError as error:
        if "uq_member_siren" in str(error.orig):
            raise SirenTaken("Une autre structure porte déjà ce SIREN.") from None
        raise


def _values(tx: Tx, member: Member) -> dict[str, object]:
    return {
        "id": member.id,
        "reference": member.reference,
        "name": member.name,
        "normalized_name": normalise(member.name),
        "siren": member.siren,
        "siret": member.siret,
        "status": member.status.value,
        "activities": [kind.value for kind in member.activities],
        "delegation": member.delegation,
        "department": member.department,
        "street": member.street,
        "postcode": member.postcode,
        "city": member.city,
        "joined_on": member.joined_on,
        "version": member.version,
        "created_at": tx.now,
    }


def to_domain(row: MemberRow) -> Member:
    """Turn a row into the structure the rules know."""
    return Member(
        id=row.id,
        reference=row.reference,
        name=row.name,
        status=MemberStatus(row.status),
        department=row.department,
        delegation=row.delegation,
        activities=tuple(ActivityKind(kind) for kind in row.activities),
        street=row.street,
        postcode=row.postcode,
        city=row.city,
        siren=row.siren,
        siret=row.siret,
        joined_on=row.joined_on,
        version=row.version,
    )
