"""Tables of the programmes, of their versions, and of what the catalogue is searched by."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Numeric, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlmodel import Field

from training.base import Base


class ProgrammeRow(Base, table=True):
    """What is sold under one code: where it stands, and its draft. ``title``: of the draft, or of the version."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("kind IN ('programme', 'pack', 'path')", name="kind"),
        CheckConstraint("status IN ('in_preparation', 'on_sale', 'retired')", name="status"),
        CheckConstraint("(status = 'in_preparation') = (current IS NULL)", name="current"),
        CheckConstraint("draft IS NOT NULL OR current IS NOT NULL", name="something_said"),
        Index("ix_programme_changed_at", "changed_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    kind: str
    status: str
    current: int | None
    draft: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    title: str
    version: int
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str


class VersionRow(Base, table=True):
    """One version, as published: a trigger refuses that it be changed or deleted."""

    __tablename__ = "programme_version"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    number: int = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    parts: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    referential: str
    published_on: date
    published_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    published_by: str


class CatalogueRow(Base, table=True):
    """The current version of a programme on sale, by what it is searched, filtered and sorted by."""

    __tablename__ = "catalogue_entry"
    __table_args__ = (
        Index("ix_catalogue_entry_title_key", "title_key", "programme_id"),
        Index("ix_catalogue_entry_published_on", "published_on", "programme_id"),
        Index("ix_catalogue_entry_words", "words", postgresql_using="gin"),
        Index("ix_catalogue_entry_parts", "parts", postgresql_using="gin"),
    )

    programme_id: UUID = Field(primary_key=True, foreign_key="programme.id")
    code: str = Field(unique=True)
    kind: str
    number: int
    published_on: date
    title: str
    title_key: str
    theme: str
    modes: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    certifying: bool
    hours: Decimal | None = Field(sa_column=Column(Numeric(8, 2), nullable=True))
    price: Decimal | None = Field(sa_column=Column(Numeric(12, 2), nullable=True))
    member_price: Decimal | None = Field(sa_column=Column(Numeric(12, 2), nullable=True))
    parts: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    words: Any = Field(sa_column=Column(TSVECTOR, nullable=False))


class WordRow(Base, table=True):
    """A word that the catalogue held once: what a misspelt one is compared with."""

    __tablename__ = "catalogue_word"
    __table_args__ = (
        Index("ix_catalogue_word_like", "word", postgresql_using="gist", postgresql_ops={"word": "gist_trgm_ops"}),
    )

    word: str = Field(primary_key=True)
