"""Table of the closing certificates."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index
from sqlmodel import Field

from dues.base import Base


class CertificateRow(Base, table=True):
    """One certificate. What was prepared never changes; signed, it never changes at all.

    ``snapshot`` is the text of its figures, of which ``sha256`` is the digest; ``pdf_sha256`` is that of the file as it
    stands, ``key_sha256`` that of the certificate that it was signed with.
    """

    __tablename__ = "campaign_certificate"
    __table_args__ = (
        CheckConstraint("status IN ('prepared', 'signed')", name="status"),
        CheckConstraint(
            "(status = 'signed') = (signed_at IS NOT NULL AND signed_by IS NOT NULL AND key_sha256 IS NOT NULL)",
            name="signed",
        ),
        # Four eyes, whatever the code does.
        CheckConstraint("signed_by <> prepared_by", name="four_eyes"),
        Index("ix_campaign_certificate_campaign", "campaign_id", "prepared_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    as_of: date
    status: str
    snapshot: str
    sha256: str
    pdf_sha256: str
    prepared_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    prepared_by: str
    signed_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    signed_by: str | None = None
    key_sha256: str | None = None
    version: int
