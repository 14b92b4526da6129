"""The reading service: it adds up what the accounts say, keeps a copy of their state, and says what it has entered."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, text
from sqlmodel import Field as Columns
from sqlmodel import SQLModel

from chaos.bank.contracts import (
    AccountMoved,
    AccountState,
    PageState,
    WiderPageState,
    WiderState,
    account_moved,
    page_written,
)
from chaos.bank.settings import Settings, Traits
from common.errors import Conflict
from common.rights import COMMON_RIGHTS
from common.service import Service
from common.subscriptions import Event, follow, on
from common.tables import new_registry
from common.transaction import Tx


class Base(SQLModel, registry=new_registry()):
    """The tables of the books."""


class PageRow(Base, table=True):
    """The sum of what was entered for an account."""

    __tablename__ = "page"

    id: UUID = Columns(primary_key=True)
    total: int = Columns(sa_column=Column(BigInteger, nullable=False))
    entries: int


class EntryRow(Base, table=True):
    """Each event that took effect, in the order it did. Nothing here prevents a double: the inbox must."""

    __tablename__ = "applied"

    place: int | None = Columns(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID
    aggregate_id: UUID
    sequence: int = Columns(sa_column=Column(BigInteger, nullable=False))
    amount: int


class AccountCopy(Base, table=True):
    """The books' copy of the accounts."""

    __tablename__ = "account_copy"

    id: UUID = Columns(primary_key=True)
    sequence: int = Columns(sa_column=Column(BigInteger, nullable=False))
    balance: int = Columns(sa_column=Column(BigInteger, nullable=False))
    movements: int


class NextBase(SQLModel, registry=new_registry()):
    """The tables of the next version, as far as they differ."""


class NextAccountCopy(NextBase, table=True):
    """The copy in the next version: a column more."""

    __tablename__ = "account_copy"

    id: UUID = Columns(primary_key=True)
    sequence: int = Columns(sa_column=Column(BigInteger, nullable=False))
    balance: int = Columns(sa_column=Column(BigInteger, nullable=False))
    movements: int
    currency: str


class EntryRefused(Conflict):
    """What this version of the books cannot enter."""

    code = "entry_refused"


_ENTER = text(
    "WITH done AS (INSERT INTO applied (event_id, aggregate_id, sequence, amount)"
    " VALUES (:event_id, :account, :sequence, :amount))"
    " INSERT INTO page AS p (id, total, entries) VALUES (:account, :amount, 1)"
    " ON CONFLICT (id) DO UPDATE SET total = p.total + :amount, entries = p.entries + 1"
    " RETURNING total, entries"
)


def service(traits: Traits) -> Service:
    """Return the service as a run has it."""
    written, moved = page_written(traits.run, wider=traits.wider), account_moved(traits.run, wider=traits.wider)
    page_state = WiderPageState if traits.wider else PageState

    async def enter(tx: Tx, event: Event[AccountMoved]) -> None:
        fact = event.fact
        parameters = {"event_id": event.id, "account": fact.state.id, "sequence": event.sequence, "amount": fact.amount}
        page = (await tx.session.execute(_ENTER, parameters)).one()
        state = page_state(id=fact.state.id, total=page.total, entries=page.entries)
        tx.publish(written(state=state, token=fact.token, amount=fact.amount))
        if fact.amount == traits.refuses:
            raise EntryRefused(f"Cette version ne sait pas inscrire {fact.amount}.")

    state, copy = (WiderState, NextAccountCopy) if traits.wider else (AccountState, AccountCopy)
    return Service(
        name=f"books{traits.run}",
        title="Livres",
        description="Des livres qui additionnent.",
        settings=Settings,
        rights=COMMON_RIGHTS,
        metadata=Base.metadata,
        migrations=Path(__file__).with_name("migrations_books_next" if traits.wider else "migrations_books"),
        subscriptions=(follow(state, into=copy, contracts=(moved,)), on(moved, enter)),
    )
