"""Alembic, the same way in every service: lock time-outs, one transaction a migration, drift against the tables."""

import asyncio
from typing import Any

import structlog
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from common.platform import script
from common.service import Service
from common.settings import CommonSettings

_PLATFORM_PREFIXES = ("event_", "job", "idempotency_key", "number_series", "mail", "alembic_version")

log = structlog.get_logger(__name__)


def upgrade(service: Service, settings: CommonSettings) -> None:
    """Bring a service's database to this version's schema. Safe to run from several places at once.

    A schema of a later version is left as it is: a version that comes back runs on what its successor has added.
    """
    asyncio.run(upgrade_async(service, settings))


async def upgrade_async(service: Service, settings: CommonSettings, revision: str = "head") -> None:
    """Do the same from inside an event loop, up to a given revision."""
    await _with_connection(settings, lambda connection: _upgrade(service, connection, revision))


async def check_drift(service: Service, settings: CommonSettings) -> None:
    """Compare the service's tables with its migrated database. Raises alembic's error naming the differences."""
    await _with_connection(settings, lambda connection: command.check(_config(service, connection)))


async def _with_connection(settings: CommonSettings, work: Any) -> None:
    engine = create_async_engine(settings.sqlalchemy_url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)
            await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(service: Service, connection: Connection, revision: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('migrate'))"))
    config = _config(service, connection)
    later = _unknown_revisions(config, connection)
    if later:
        log.warning("schema_of_a_later_version", revisions=sorted(later))
    else:
        command.upgrade(config, revision)


def _unknown_revisions(config: Config, connection: Connection) -> set[str]:
    """Return the revisions that the database stands at and this version does not have."""
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    return set(MigrationContext.configure(connection).get_current_heads()) - known


def _config(service: Service, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(service.migrations))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = service.metadata
    return config


def run_env() -> None:
    """Be the whole of a service's ``migrations/env.py``."""
    attributes = context.config.attributes
    connection: Connection = attributes["connection"]
    # A migration that cannot have its lock at once gives up instead of queueing every request behind itself.
    connection.execute(text("SET LOCAL lock_timeout = '4s'"))
    context.configure(
        connection=connection,
        target_metadata=attributes["metadata"],
        include_name=_is_the_services_own,
        compare_type=True,
    )
    context.run_migrations()


def _is_the_services_own(name: str | None, kind: str, _: Any) -> bool:
    return kind != "table" or name is None or not name.startswith(_PLATFORM_PREFIXES)


def apply_platform_script(operations: Any, number: int) -> None:
    """Run one platform script from a migration: ``apply_platform_script(op, 1)``."""
    for statement in script(number):
        operations.execute(statement)


def only_add_to(operations: Any, table: str) -> None:
    """Have the database refuse that rows of a table be changed or deleted: ``only_add_to(op, "vote")``."""
    operations.execute(
        "CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$"
    )
    operations.execute(
        f"CREATE TRIGGER {table}_only_added_to BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )
    operations.execute(
        f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )
