"""Declaring the base of dues."""

from decimal import Decimal
from functools import partial
from uuid import UUID

from common.etags import check_version
from common.rights import Grant
from common.transaction import Tx
from dues.bases import repository
from dues.bases.queries import find_base
from dues.bases.tables import BaseRow
from dues.members.queries import require_member


async def declare(tx: Tx, grant: Grant, member_id: UUID, year: int, amount: Decimal, if_match: str | None) -> BaseRow:
    """Declare, or correct, a member's base for the accounts of a year.

    A first declaration needs no If-Match; a correction does. Raises MemberUnknown, PreconditionMissing,
    PreconditionFailed.
    """
    await require_member(tx, grant, member_id)
    row = await repository.get_for_update(tx, member_id, year)
    if row is None:
        return await repository.add(
            tx,
            BaseRow(
                member_id=member_id,
                year=year,
                amount=amount,
                declared_on=tx.today,
                declared_by=tx.actor.subject,
                version=1,
            ),
        )
    await check_version(if_match, row.version, partial(find_base, tx, member_id, year))
    row.amount, row.declared_on, row.declared_by = amount, tx.today, tx.actor.subject
    row.version += 1
    return row
