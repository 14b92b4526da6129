"""Tables of the public directory: what is filled in for it, and the consents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, DateTime, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlmodel import Field

from membership.base import Base


class DirectoryEntryRow(Base, table=True):
    """What was filled in for one structure.

    ``consented``, ``filled`` and what begins with ``public`` follow from it and from the consents: what is searched.
    """

    __tablename__ = "directory_entry"
    __table_args__ = (
        CheckConstraint("listed = ('listed' = ANY(consented))", name="listed"),
        CheckConstraint("listed OR (public_words = '' AND public_sectors = '{}')", name="nothing_unlisted"),
        CheckConstraint("public_sectors = '{}' OR consented && ARRAY['sectors', 'offers']::varchar[]", name="sectors"),
        CheckConstraint("public_territory = '{}' OR (listed AND 'territory' = ANY(consented))", name="territory"),
        CheckConstraint("public_words = '' OR consented && ARRAY['presentation', 'offers']::varchar[]", name="words"),
        Index("ix_directory_entry_sectors", "public_sectors", postgresql_using="gin", postgresql_where=text("listed")),
        Index(
            "ix_directory_entry_territory", "public_territory", postgresql_using="gin", postgresql_where=text("listed")
        ),
        Index("ix_directory_entry_stems", "public_stems", postgresql_using="gin", postgresql_where=text("listed")),
    )

    member_id: UUID = Field(primary_key=True, foreign_key="member.id")
    presentation: str | None
    offers: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    sectors: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    territory: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    website: str | None
    phone: str | None
    email: str | None
    purchasing: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True), nullable=True))
    filled: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    consented: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    listed: bool
    public_sectors: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    public_territory: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    public_words: str
    public_stems: Any = Field(
        sa_column=Column(
            TSVECTOR, Computed("to_tsvector('french'::regconfig, (public_words)::text)", persisted=True), nullable=True
        )
    )
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_by: str
    version: int


class DirectoryWordRow(Base, table=True):
    """A word that was public of somebody once: what a misspelt one is compared with. It says of nobody's it is."""

    __tablename__ = "directory_word"
    __table_args__ = (
        Index("ix_directory_word_like", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: str = Field(primary_key=True)


class DirectoryConsentRow(Base, table=True):
    """One consent to one field: given, and perhaps ended. One in force at most for each field of a structure."""

    __tablename__ = "directory_consent"
    __table_args__ = (
        CheckConstraint("(signed_on IS NULL) = (reference IS NULL)", name="written"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
        CheckConstraint("ending IN ('withdrawn', 'changed', 'unmerged')", name="ending"),
        Index(
            "uq_directory_consent_in_force",
            "member_id",
            "field",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_directory_consent_member", "member_id", "given_at"),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="directory_entry.member_id")
    field: str
    given_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    given_by: str
    signed_on: date | None
    reference: str | None
    ended_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    ended_by: str | None
    ending: str | None
