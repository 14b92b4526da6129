"""Tables of newsletters: the letters, who subscribed and with what proof, the issues and whom each went to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, text
from sqlmodel import Field

from membership.base import Base


class NewsletterRow(Base, table=True):
    """A letter one can subscribe to."""

    __tablename__ = "newsletter"
    __table_args__ = (
        Index(
            "uq_newsletter_name",
            text("coalesce(delegation, '')"),
            text("lower(name)"),
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    name: str
    description: str
    topic: str | None
    delegation: str | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    closed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    version: int


class SubscriberRow(Base, table=True):
    """One address, and the key that its mails bear. ``mail_id``: the last confirmation that was sent to it."""

    __tablename__ = "newsletter_subscriber"
    __table_args__ = (
        CheckConstraint("(address IS NULL) = (address_key IS NULL)", name="address"),
        CheckConstraint("(address IS NULL) = (erased_at IS NOT NULL)", name="erased"),
        Index("ix_newsletter_subscriber_digest", "address_digest"),
    )

    id: UUID = Field(primary_key=True)
    address: str | None
    address_key: str | None = Field(unique=True)
    address_digest: bytes | None
    stop_key: str = Field(unique=True)
    mail_id: UUID | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    erased_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))


class AskedRow(Base, table=True):
    """How often an address was asked to confirm: kept without the address, which may be forgotten before."""

    __tablename__ = "newsletter_asked"
    __table_args__ = (CheckConstraint("mails >= 0 AND mailed_that_day >= 0", name="counts"),)

    address_digest: bytes = Field(primary_key=True)
    mails: int
    mailed_on: date | None
    mailed_that_day: int
    refused_on: date | None


class SubscriptionRow(Base, table=True):
    """One address's subscription to one letter: asked, confirmed, stopped, each with its proof."""

    __tablename__ = "newsletter_subscription"
    __table_args__ = (
        CheckConstraint("(confirm_digest IS NULL) = (confirm_until IS NULL)", name="mailed"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_by IN ('link', 'preferences')", name="confirmed_by"),
        CheckConstraint("(stopped_at IS NULL) = (stopped_by IS NULL)", name="stopped"),
        CheckConstraint("stopped_by IN ('one_click', 'preferences', 'erased')", name="stopped_by"),
        Index(
            "uq_newsletter_subscription_live",
            "subscriber_id",
            "newsletter_id",
            unique=True,
            postgresql_where=text("stopped_at IS NULL"),
        ),
        Index(
            "ix_newsletter_subscription_confirmed",
            "newsletter_id",
            "subscriber_id",
            postgresql_where=text("confirmed_at IS NOT NULL AND stopped_at IS NULL"),
        ),
        Index("ix_newsletter_subscription_confirm", "confirm_digest"),
        Index("ix_newsletter_subscription_subscriber", "subscriber_id", "asked_at"),
    )

    id: UUID = Field(primary_key=True)
    subscriber_id: UUID = Field(foreign_key="newsletter_subscriber.id")
    newsletter_id: UUID = Field(foreign_key="newsletter.id")
    asked_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    text_version: str
    confirm_digest: bytes | None
    confirm_until: date | None
    confirmed_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    confirmed_by: str | None
    stopped_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    stopped_by: str | None


class IssueRow(Base, table=True):
    """One issue of a letter."""

    __tablename__ = "newsletter_issue"
    __table_args__ = (
        CheckConstraint("(sent_at IS NULL) = (job_id IS NULL)", name="sent"),
        Index("ix_newsletter_issue_newsletter", "newsletter_id", "created_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    newsletter_id: UUID = Field(foreign_key="newsletter.id")
    title: str
    text: str
    link: str | None
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_by: str
    sent_at: datetime | None = Field(sa_column=Column(DateTime(timezone=True), nullable=True))
    job_id: UUID | None
    version: int


class DeliveryRow(Base, table=True):
    """That an issue went to a subscriber: once."""

    __tablename__ = "newsletter_delivery"
    __table_args__ = (Index("ix_newsletter_delivery_subscriber", "subscriber_id"),)
    issue_id: UUID = Field(primary_key=True, foreign_key="newsletter_issue.id")
    subscriber_id: UUID = Field(primary_key=True, foreign_key="newsletter_subscriber.id")
    mail_id: UUID
    posted_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
