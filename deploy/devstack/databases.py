"""A database and a role per service, in a cluster that may be ours or anyone's."""

from pathlib import Path
from urllib.parse import quote, urlsplit

import asyncpg

from devstack import secret_files


async def prepare_database(admin_url: str, name: str, passwords: Path) -> str:
    """Make the role and the database ``name`` unless they exist; give the address the service connects with.

    The role owns its database and nobody else may connect to it. Its password, generated under ``passwords``,
    is set again each time, so that a cluster older than the password file stays usable.
    """
    password = secret_files.load_or_create(passwords / name)
    connection = await asyncpg.connect(admin_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
            await _execute(connection, "CREATE ROLE %I LOGIN", name)
        await _execute(connection, "ALTER ROLE %I PASSWORD %L", name, password)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await _execute(connection, "CREATE DATABASE %I OWNER %I", name, name)
            await _execute(connection, "REVOKE CONNECT ON DATABASE %I FROM PUBLIC", name)
    finally:
        await connection.close()
    server = urlsplit(admin_url)
    at = server.netloc.rpartition("@")[2]
    return server._replace(netloc=f"{name}:{quote(password, safe='')}@{at}", path=f"/{name}").geturl()


async def drop_database(admin_url: str, name: str) -> None:
    """Drop the database ``name``, even while it is in use."""
    connection = await asyncpg.connect(admin_url)
    try:
        await _execute(connection, "DROP DATABASE IF EXISTS %I WITH (FORCE)", name)
    finally:
        await connection.close()


async def _execute(connection: asyncpg.Connection, statement: str, *names: str) -> None:
    """Run a statement that takes no parameters, its names quoted by PostgreSQL itself."""
    await connection.execute(await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, names))
