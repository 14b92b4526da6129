"""Loads and saves payees, batches and their movements; the only writer of their tables."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from common.identifiers import new_id
from common.legal_entities import Address
from common.transaction import Read, Tx
from dues.apportionment.domain import delegation_of
from dues.mandates.domain import Account
from dues.transfers.domain import (
    AccountState,
    BatchNotFound,
    MovementKind,
    Payee,
    PayeeAccount,
    PayeeNotFound,
    TransferNotFound,
)
from dues.transfers.tables import BatchRow, LineRow, MovementRow, PayeeAccountRow, PayeeRow

_PAYEE: Any = PayeeRow.__table__  # type: ignore[attr-defined]


async def hold_or_add_payee(tx: Tx, code: str) -> Payee:
    """Load a payee and hold it, be it its first time."""
    added = postgresql.insert(PayeeRow).values(code=code, delegation=delegation_of(code), version=0)
    await tx.session.execute(added.on_conflict_do_nothing())
    return (await hold_payees(tx, [code]))[code]


async def hold_payee(tx: Tx, code: str) -> Payee:
    """Load a payee and hold it. Raises PayeeNotFound."""
    held = await hold_payees(tx, [code])
    if code not in held:
        raise PayeeNotFound("Aucun compte n'est connu de ce bénéficiaire.")
    return held[code]


async def hold_payees(tx: Tx, codes: Collection[str]) -> dict[str, Payee]:
    """Load the known ones of some payees and hold them, each time in the same order."""
    query = select(PayeeRow).where(_PAYEE.c.code.in_(codes)).order_by(_PAYEE.c.code).with_for_update()
    rows = (await tx.session.execute(query.execution_options(populate_existing=True))).scalars().all()
    return await loaded(tx, rows)


async def hold_all_payees(tx: Tx) -> dict[str, Payee]:
    """Load every payee and hold it: nobody else reckons meanwhile what is left to pay."""
    query = select(PayeeRow).order_by(_PAYEE.c.code).with_for_update()
    return await loaded(tx, (await tx.session.execute(query)).scalars().all())


async def payees_of(read: Read, codes: Collection[str]) -> dict[str, Payee]:
    """Return the known ones of some payees."""
    rows = (await read.session.execute(select(PayeeRow).where(_PAYEE.c.code.in_(codes)))).scalars().all()
    return await loaded(read, rows)


async def loaded(read: Read, rows: Sequence[PayeeRow]) -> dict[str, Payee]:
    """Read rows as the rules know payees, with the accounts of each."""
    query = select(PayeeAccountRow).where(col(PayeeAccountRow.payee_code).in_([row.code for row in rows]))
    query = query.order_by(col(PayeeAccountRow.number)).execution_options(populate_existing=True)
    accounts: dict[str, list[PayeeAccount]] = {row.code: [] for row in rows}
    for one in (await read.session.execute(query)).scalars():
        accounts[one.payee_code].append(_account(one))
    return {
        row.code: Payee(code=row.code, delegation=row.delegation, version=row.version, accounts=accounts[row.code])
        for row in rows
    }


async def add_account(tx: Tx, payee: Payee, account: Account, address: Address, reason: str) -> None:
    """Insert another account of a held payee, which waits to be confirmed."""
    values = {
        "payee_code": payee.code,
        "number": len(payee.accounts) + 1,
        "holder": account.holder,
        "street": address.street,
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
        "iban": account.iban,
        "bic": account.bic,
        "reason": reason,
        "entered_at": tx.now,
        "entered_by": tx.actor.subject,
        "state": AccountState.WAITING.value,
    }
    await tx.session.execute(insert(PayeeAccountRow).values(**values))
    await _next_version(tx, payee)


async def settle_account(tx: Tx, payee: Payee, number: int, state: AccountState, reason: str | None = None) -> None:
    """Write what a person said of an account of a held payee."""
    settled = update(PayeeAccountRow).where(
        col(PayeeAccountRow.payee_code) == payee.code, col(PayeeAccountRow.number) == number
    )
    said = {"state": state.value, "settled_at": tx.now, "settled_by": tx.actor.subject, "settled_reason": reason}
    await tx.session.execute(settled.values(**said))
    await _next_version(tx, payee)


async def add_batch(tx: Tx, batch: BatchRow, lines: Sequence[LineRow]) -> None:
    """Insert a batch and its lines."""
    tx.session.add(batch)
    await tx.session.flush()
    tx.session.add_all(lines)
    await tx.session.flush()


async def hold_batch(tx: Tx, batch_id: UUID) -> BatchRow:
    """Load a batch and hold it. Raises BatchNotFound."""
    row = await tx.session.get(BatchRow, batch_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise BatchNotFound("Ce lot de virements n'existe pas.")
    return row


async def hold_batch_of(tx: Tx, line_id: UUID) -> BatchRow:
    """Load the batch of a line and hold it. Raises TransferNotFound."""
    batch_id = await tx.session.scalar(select(col(LineRow.batch_id)).where(col(LineRow.id) == line_id))
    if batch_id is None:
        raise TransferNotFound("Ce virement n'existe pas.")
    return await hold_batch(tx, batch_id)


async def lines_of(read: Read, batch_id: UUID) -> Sequence[LineRow]:
    """Return the lines of a batch, in order."""
    query = select(LineRow).where(col(LineRow.batch_id) == batch_id).order_by(col(LineRow.reference))
    return (await read.session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def add_movements(tx: Tx, lines: Sequence[LineRow], kind: MovementKind, sign: Decimal) -> None:
    """Note what some lines did to the balances, of the day of this act."""
    values = [
        {
            "id": new_id(),
            "line_id": line.id,
            "kind": kind.value,
            "beneficiary": line.payee_code,
            "delegation": line.delegation,
            "amount": sign * line.amount,
            "day": tx.today,
            "piece": line.reference,
        }
        for line in lines
    ]
    await tx.session.execute(insert(MovementRow), values)


def file_path(batch_id: UUID) -> str:
    """Return where the file of a batch is stored."""
    return f"transfers/{batch_id}.xml"


async def _next_version(tx: Tx, payee: Payee) -> None:
    await tx.session.execute(update(PayeeRow).where(_PAYEE.c.code == payee.code).values(version=payee.version + 1))


def _account(row: PayeeAccountRow) -> PayeeAccount:
    return PayeeAccount(
        number=row.number,
        account=Account(row.holder, row.iban, row.bic),
        address=Address(street=row.street, postcode=row.postcode, city=row.city, country=row.country),
        reason=row.reason,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        state=AccountState(row.state),
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        settled_reason=row.settled_reason,
    )
