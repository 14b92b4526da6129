"""Loads and saves structures as they are today; the only writer of the table ``member``."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from asyncpg import UniqueViolationError
from sqlalchemy import cast, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from common.db import copy_rows, json_text
from common.transaction import Read, Tx
from membership.members.domain import (
    ANSWERING,
    Identity,
    Kept,
    Member,
    MemberNotFound,
    SirenTaken,
    Subject,
    Topic,
    Value,
    nested,
    read,
    written,
)
from membership.members.repository.dated import latest_entries
from membership.members.repository.periods import add_periods
from membership.members.tables import EntryRow, MemberRow

_UNIQUE_SIREN = "uq_member_siren"
_SIREN_TAKEN = "Une autre structure porte déjà ce SIREN."

_IDENTITIES = text("""
SELECT m.id, m.normalized_name, m.postcode, m.department, m.siren, borne.sirens, borne.sirets, ARRAY(
    SELECT upper(regexp_replace(value ->> 'convention', '[^[:alnum:]]', '', 'g'))
    FROM jsonb_each(m.held -> 'activity') WHERE value ->> 'convention' <> ''
) AS conventions
FROM member m LEFT JOIN (
    SELECT member_id, array_agg(value ->> 'siren') FILTER (WHERE value ->> 'siren' <> '') AS sirens,
        array_agg(value ->> 'siret') FILTER (WHERE value ->> 'siret' <> '') AS sirets
    FROM member_entry e WHERE topic = 'identifiers' AND value IS NOT NULL
        AND NOT EXISTS (SELECT FROM member_entry w WHERE w.withdraws = e.id) GROUP BY member_id
) borne ON borne.member_id = m.id WHERE m.merged_into IS NULL AND NOT m.retracted
""")


async def get_for_update(tx: Tx, member_id: UUID) -> Member:
    """Load a structure and hold it until the end of the transaction. Raises MemberNotFound."""
    row = await tx.session.get(MemberRow, member_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise MemberNotFound("Cette structure n'existe pas.")
    return to_domain(row)


async def get_many_for_update(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Load structures and hold them, in one order for everybody, so that two sittings cannot deadlock."""
    query = select(MemberRow).where(col(MemberRow.id).in_(ids)).order_by(col(MemberRow.id)).with_for_update()
    rows = await tx.session.execute(query.execution_options(populate_existing=True))
    return {row.id: to_domain(row) for row in rows.scalars()}


async def identities(source: Read) -> list[Identity]:
    """Return what every structure of the register is recognised by, duplicates that were merged aside."""
    return [
        Identity(
            *(row.id, row.normalized_name, row.postcode, row.department, row.siren),
            *(frozenset(numbers or ()) for numbers in (row.sirens, row.sirets, row.conventions)),
        )
        for row in await source.session.execute(_IDENTITIES)
    ]


async def overdue(tx: Tx, *, after: UUID | None, limit: int) -> list[UUID]:
    """Return the next structures of which an announced entry has come to hold since they were last brought to a day."""
    query = (
        select(col(MemberRow.id))
        .join(EntryRow, col(EntryRow.member_id) == col(MemberRow.id))
        .where(
            col(EntryRow.announced),
            col(EntryRow.effective_on) <= tx.today,
            col(EntryRow.effective_on) > col(MemberRow.as_of),
        )
        .distinct()
        .order_by(col(MemberRow.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(col(MemberRow.id) > after)
    return list((await tx.session.execute(query)).scalars())


async def add(tx: Tx, members: Sequence[tuple[Member, Mapping[Subject, Value]]], day: date) -> None:
    """Insert new structures, each with its values from a day on. Raises SirenTaken."""
    rows = (
        {**_values(tx, member, values), "held": json_text(nested(values)), "created_at": tx.now}
        for member, values in members
    )
    try:
        await copy_rows(tx.session, "member", rows)
    except UniqueViolationError as error:
        if error.constraint_name == _UNIQUE_SIREN:
            raise SirenTaken(_SIREN_TAKEN) from None
        raise
    await add_periods(tx, members, day)


async def save(tx: Tx, member: Member, *, answered_for: bool) -> None:
    """Write a structure that was loaded for update, as it is today. Raises SirenTaken."""
    values = written(member)
    statement = update(MemberRow).where(col(MemberRow.id) == member.id)
    try:
        await tx.session.execute(
            statement.values(**_values(tx, member, values), held=nested(values), answered_for=answered_for)
        )
    except IntegrityError as error:
        if _UNIQUE_SIREN in str(error.orig):
            raise SirenTaken(_SIREN_TAKEN) from None
        raise


async def mark(tx: Tx, member_id: UUID, **columns: object) -> None:
    """Write some columns of a structure that was loaded for update, and nothing else."""
    await tx.session.execute(update(MemberRow).where(col(MemberRow.id) == member_id).values(**columns))


async def answer_again(tx: Tx, day: date) -> None:
    """Write again of each structure whether somebody answers for its invoices on a day, as its seats say."""
    of_seats = (col(EntryRow.topic) == Topic.MANDATE.value, col(EntryRow.key).in_(ANSWERING))
    answered = col(MemberRow.id).in_(select(latest_entries(day, None, *of_seats).c.member_id))
    differing = update(MemberRow).where(col(MemberRow.answered_for) != answered)
    await tx.session.execute(differing.values(answered_for=~col(MemberRow.answered_for)))


async def retract(tx: Tx, member_ids: Collection[UUID]) -> None:
    """Write of structures that were loaded for update that they were never to be entered."""
    held = col(MemberRow.held) + cast({Topic.RETRACTED.value: {"": {}}}, JSONB)
    values = {"retracted": True, "held": held, "version": col(MemberRow.version) + 1}
    await tx.session.execute(update(MemberRow).where(col(MemberRow.id).in_(member_ids)).values(**values))


def _values(tx: Tx, member: Member, values: Mapping[Subject, Value]) -> dict[str, object]:
    return {
        "id": member.id,
        "reference": member.reference,
        "name": member.name,
        "normalized_name": values[Subject(Topic.NAME)]["normalized"],
        "siren": member.siren,
        "siret": member.siret,
        "status": member.status.value,
        "category": member.category.value,
        "activities": [kind.value for kind in member.activities],
        "delegation": member.delegation,
        "department": member.department,
        "street": member.street,
        "postcode": member.postcode,
        "city": member.city,
        "joined_on": member.joined_on,
        "left_on": member.departure.left_on if member.departure else None,
        "merged_into": member.merged_into,
        "retracted": member.retracted,
        "as_of": member.as_of or tx.today,
        "version": member.version,
    }


def to_domain(row: MemberRow) -> Member:
    """Turn a row into the structure the rules know."""
    return read(Kept(row.id, row.reference, row.version, row.as_of, row.held))
