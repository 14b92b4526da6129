"""Each service's database: its own tables, every constraint named, and migrations that say what the code says."""

from pathlib import Path

import pytest
from sqlalchemy import Constraint
from sqlmodel import SQLModel

from common import migrations
from common.discovery import Found, find_services
from common.testing.plugin import Assemble

ROOT = Path(__file__).parents[2]
FOUND = find_services(ROOT)
every_service = pytest.mark.parametrize("found", [pytest.param(found, id=found.service.name) for found in FOUND])

UNNAMED = (
    "SELECT c.conrelid::regclass::text || ': ' || c.conname AS found FROM pg_constraint c"
    " JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace"
    " WHERE n.nspname = 'public' AND t.relname <> 'alembic_version' AND c.contype IN ('p', 'u', 'f', 'c')"
    " AND c.conname !~ '^(pk|uq|fk|ck)_' ORDER BY 1"
)


@every_service
def test_tables_belong_to_the_service(found: Found) -> None:
    metadata = found.service.metadata
    assert metadata is not SQLModel.metadata
    assert metadata.tables, "the service has no table"
    for other in FOUND:
        assert other is found or other.service.metadata is not metadata


@every_service
def test_every_constraint_has_a_name(found: Found) -> None:
    unnamed = [
        f"{table.name}: {constraint}"
        for table in found.service.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, Constraint) and constraint.name is None
    ]
    assert unnamed == []


@every_service
async def test_migrations_make_what_the_code_expects(found: Found, assemble: Assemble) -> None:
    running = await assemble(found.service)
    await migrations.check_drift(found.service, running.runtime.settings)
    assert await running.rows(UNNAMED) == []


@every_service
async def test_a_second_migration_changes_nothing(found: Found, assemble: Assemble) -> None:
    running = await assemble(found.service)
    await migrations.upgrade_async(found.service, running.runtime.settings)
    await migrations.check_drift(found.service, running.runtime.settings)
