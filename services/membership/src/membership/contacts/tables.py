"""Table of the people of structures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field

from membership.base import Base


class ContactRow(Base, table=True):
    """A person as the register knows them today; erased, nothing but that there was one.

    ``merged_into``: the same person, as the record that stays of the same structure knows them.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(
            "erased_at IS NULL OR (given_name = '' AND family_name = '' AND normalized_name = ''"
            " AND function IS NULL AND email IS NULL AND phone IS NULL)",
            name="erased",
        ),
        CheckConstraint("merged_into <> id", name="merged_into"),
        Index("ix_contact_member", "member_id", "id"),
        Index("ix_contact_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    member_id: UUID = Field(foreign_key="member.id")
    given_name: str
    family_name: str
    normalized_name: str
    function: str | None
    email: str | None
    phone: str | None
    merged_into: UUID | None = Field(foreign_key="contact.id")
    version: int
    erased_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
