from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, UniqueConstraint
from sqlmodel import Field, SQLModel

from common.tables import new_registry


class Base(SQLModel, registry=new_registry()):
    pass


class NoteRow(Base, table=True):
    """Titles are unique at commit only: a refusal that comes after the use case has ended."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("title", deferrable=True, initially="DEFERRED"),)

    id: UUID = Field(primary_key=True)
    title: str
    rank: int
    day: date
    author: UUID | None
    written_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    version: int = 1


class NoteCopy(Base, table=True):
    """Another service's copy of notes."""

    __tablename__ = "note_copy"

    id: UUID = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    title: str = Field(unique=True)


class EffectRow(Base, table=True):
    """The effects of events, in the order they took place. Nothing here prevents a double: the inbox must."""

    __tablename__ = "effect"

    place: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    event_id: UUID
    aggregate_id: UUID
    sequence: int = Field(sa_column=Column(BigInteger, nullable=False))
    title: str
