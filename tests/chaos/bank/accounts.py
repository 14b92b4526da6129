"""The writing service: it moves amounts on accounts, and counts what the books confirm.

Nothing here is idempotent by nature: balances and counters add up, and no constraint would stop a double. Whatever is
doubled, lost or out of order shows in the figures.
"""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, status
from pydantic import Field
from sqlalchemy import BigInteger, Column, DateTime, Identity, MetaData, text
from sqlmodel import Field as Columns
from sqlmodel import SQLModel

from chaos.bank.contracts import AccountMoved, PageWritten, account_moved, page_written
from chaos.bank.settings import Settings, Traits
from common.contracts.roles import Role
from common.door import Door, TxDep
from common.errors import Conflict
from common.rights import COMMON_RIGHTS, Grant, Rights, Scope, allow
from common.service import Service
from common.subscriptions import Event, on
from common.tables import new_registry
from common.transaction import Tx
from common.types import Schema

REFUSED_AMOUNT = 0


class Base(SQLModel, registry=new_registry()):
    """The tables of the accounts."""


class AccountRow(Base, table=True):
    """A balance, and what the books say of it."""

    __tablename__ = "account"

    id: UUID = Columns(primary_key=True)
    balance: int = Columns(sa_column=Column(BigInteger, nullable=False))
    movements: int
    confirmed: int = Columns(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class MovementRow(Base, table=True):
    """What a command did to an account. The token is not unique: a command done twice must show."""

    __tablename__ = "movement"

    place: int | None = Columns(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    token: UUID
    account_id: UUID
    amount: int
    moved_at: datetime = Columns(sa_column=Column(DateTime(timezone=True), nullable=False))


class ConfirmationRow(Base, table=True):
    """Each confirmation that took effect, in the order it did."""

    __tablename__ = "applied"

    place: int | None = Columns(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID
    aggregate_id: UUID
    sequence: int = Columns(sa_column=Column(BigInteger, nullable=False))
    amount: int


class Act(StrEnum):
    """What one may do here."""

    MOVE = "accounts.move"


RIGHTS: Rights = {**COMMON_RIGHTS, Act.MOVE: {Role.NETWORK: Scope.ALL}}
MayMove = Annotated[Grant, Depends(allow(Act.MOVE))]


class AmountRefused(Conflict):
    """Nothing moves by nothing."""

    code = "amount_refused"


class Movement(Schema):
    """Une somme à porter sur des comptes, d'un seul geste."""

    token: UUID
    accounts: list[UUID] = Field(min_length=1, max_length=100)
    amount: int
    padding: str = Field("", max_length=300_000)


class Moved(Schema):
    """Ce qui a été porté."""

    token: UUID


# Accounts are locked in the order of their ids, so that two commands cannot wait for each other.
_MOVE = (
    "INSERT INTO account AS a (id, balance, movements) SELECT id, :amount, 1"
    " FROM unnest(CAST(:accounts AS uuid[])) AS u (id) ORDER BY id"
    " ON CONFLICT (id) DO UPDATE SET balance = a.balance + :amount, movements = a.movements + 1"
    " RETURNING {columns}"
)
_NOTE = text(
    "INSERT INTO movement (token, account_id, amount, moved_at)"
    " SELECT :token, u, :amount, :now FROM unnest(CAST(:accounts AS uuid[])) AS u"
)
_CONFIRM = text(
    "WITH done AS (INSERT INTO applied (event_id, aggregate_id, sequence, amount)"
    " VALUES (:event_id, :account, :sequence, :amount))"
    " UPDATE account SET confirmed = confirmed + :amount WHERE id = :account"
)


async def move(tx: Tx, body: Movement, moved: type[AccountMoved]) -> None:
    """Move an amount on every account of a command, and say so. Raises AmountRefused after having done all of it."""
    accounts = sorted(set(body.accounts))
    state = moved.model_fields["state"].annotation
    columns = ", ".join(state.model_fields) if state else "id"
    rows = await tx.session.execute(text(_MOVE.format(columns=columns)), {"accounts": accounts, "amount": body.amount})
    states = [dict(row._mapping) for row in rows]
    parameters = {"token": body.token, "accounts": accounts, "amount": body.amount, "now": tx.now}
    await tx.session.execute(_NOTE, parameters)
    for after in states:
        said = {"token": body.token, "amount": body.amount, "padding": body.padding}
        tx.publish(moved.model_validate({"state": after, **said}))
    if body.amount == REFUSED_AMOUNT:
        raise AmountRefused("Une somme nulle ne se porte pas.")


async def confirm(tx: Tx, event: Event[PageWritten]) -> None:
    """Count what the books have entered."""
    parameters = {"event_id": event.id, "account": event.fact.state.id, "sequence": event.sequence}
    await tx.session.execute(_CONFIRM, {**parameters, "amount": event.fact.amount})


def service(traits: Traits) -> Service:
    """Return the service as a run has it."""
    moved = account_moved(traits.run, wider=traits.wider)
    router = APIRouter(tags=["Comptes"], route_class=Door)

    @router.post("/movements", status_code=status.HTTP_201_CREATED)
    async def post_movement(body: Movement, tx: TxDep, _: MayMove) -> Moved:
        await move(tx, body, moved)
        return Moved(token=body.token)

    return Service(
        name=f"accounts{traits.run}",
        title="Comptes",
        description="Des comptes qui s'additionnent.",
        settings=Settings,
        rights=RIGHTS,
        metadata=_metadata(),
        migrations=Path(__file__).with_name("migrations_accounts_next" if traits.wider else "migrations_accounts"),
        routers=(router,),
        subscriptions=(on(page_written(traits.run, wider=traits.wider), confirm),),
    )


def _metadata() -> MetaData:
    metadata: MetaData = Base.metadata
    return metadata
