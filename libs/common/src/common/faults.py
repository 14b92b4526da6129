"""Which failures pass by themselves: the table that decides between retrying in place and setting an event aside."""

from collections.abc import Iterator

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_TRANSIENT_SQLSTATES = (
    "08",  # connection exceptions
    "40",  # serialisation failures and deadlocks
    "53",  # disk full, out of memory, too many connections
    "55P03",  # a lock was not to be had in time
    "57",  # cancelled by timeout, administrator or crash
)

_CANCELLED = "57014"
_SACRIFICED = ("40001", "40P01")
_LASTING = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
"""Errors of the operating system that no waiting mends."""
_PASSING = (
    OSError,  # a broker or a database that cannot be reached, in all the ways a network has
    TimeoutError,
    PoolTimeout,
    InterfaceError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut in the middle of an operation, at times
)


def is_transient(error: BaseException) -> bool:
    """Tell whether trying again later, with nothing changed, may succeed.

    >>> is_transient(ConnectionResetError())
    True
    >>> is_transient(ValueError("a rule says no"))
    False
    """
    return any(_passes(cause) for cause in causes(error))


def took_too_long(error: BaseException) -> bool:
    """Tell whether the database gave a statement up for its length: a shorter one may succeed, the same may never."""
    return any(getattr(cause, "sqlstate", None) == _CANCELLED for cause in causes(error))


def was_sacrificed(error: BaseException) -> bool:
    """Tell whether the database gave this transaction up for another's sake: the same work, at once, may succeed.

    >>> was_sacrificed(asyncpg.DeadlockDetectedError()), was_sacrificed(asyncpg.UniqueViolationError())
    (True, False)
    """
    return any(getattr(cause, "sqlstate", None) in _SACRIFICED for cause in causes(error))


def _passes(error: BaseException) -> bool:
    if isinstance(error, _LASTING):
        return False
    if isinstance(error, _PASSING):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    sqlstate = getattr(error, "sqlstate", None)
    return isinstance(sqlstate, str) and sqlstate.startswith(_TRANSIENT_SQLSTATES)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what caused it, down to the first cause.

    >>> error = RuntimeError("the batch failed")
    >>> error.__cause__ = ConnectionResetError("the broker went")
    >>> [type(one).__name__ for one in causes(error)]
    ['RuntimeError', 'ConnectionResetError']
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, DBAPIError) and error.orig is not None:
            yield error.orig
        error = error.__cause__
