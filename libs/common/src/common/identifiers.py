"""Identifiers: UUIDv7, so that keys sort by age and indexes stay compact."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7.

    >>> new_id().version
    7
    """
    return UUID(int=uuid_utils.uuid7().int)
