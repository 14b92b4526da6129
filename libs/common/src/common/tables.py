"""Metadata for one service's tables: constraints get predictable names, so that a refusal can name one."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry

_NAMING = {
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
    return registry(metadata=MetaData(naming_convention=_NAMING))
