"""What the tables of every service share: constraints with predictable names, so that a refusal can name one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


def new_registry() -> registry:
    """Return a registry of its own for a service.

    SQLModel's metadata is global: two services with a ``member`` table in one process would collide.
    """
    return registry(metadata=MetaData(naming_convention=NAMING))


class KeptFileColumns(SQLModel):
    """The columns of a row that is a file somebody sent (``common.uploads.KeptFile``); the row adds what it is of."""

    id: UUID = Field(primary_key=True)
    filename: str
    media_type: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    path: str
    sent_at: datetime = Field(sa_type=DateTime(timezone=True))
    sent_by: str


class SecretAddressColumns(SQLModel):
    """The columns of a row that is a secret address (``common.secret_addresses.SecretAddress``).

    The row adds what it shows and to whom it was given, and the constraint that who revokes says when:
    ``CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked")``.
    """

    id: UUID = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_on: date
    last_used_on: date | None
    revoked_at: datetime | None = Field(sa_type=DateTime(timezone=True))
    revoked_by: str | None
