"""Identifiers: UUIDv7, so that keys sort by age and indexes stay compact."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7.

    >>> new_id().version
    7
    """
    return uuid7()
