"""Migrations: what a deployment runs before the processes of its version, whichever way the version goes."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common import migrations
from common.service import Service
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor

OPERATOR = Actor("operator")

_LATER = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("note", sa.Column("colour", sa.String(), server_default="white", nullable=False))
"""


@pytest.fixture
def next_version(notebook: ServiceUnderTest, tmp_path: Path) -> Service:
    """The service's next version: a column more."""
    present, folder = notebook.service.migrations, tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((present / "env.py").read_text())
    for script in (present / "versions").glob("*.py"):
        (folder / "versions" / script.name).write_text(script.read_text())
    (folder / "versions" / "0002_colour.py").write_text(_LATER)
    return replace(notebook.service, migrations=folder)


async def test_a_version_that_comes_back_leaves_what_its_successor_added(
    notebook: ServiceUnderTest, next_version: Service
) -> None:
    settings = notebook.runtime.settings
    await migrations.upgrade_async(next_version, settings)
    await migrations.upgrade_async(notebook.service, settings)
    assert [row.version_num for row in await notebook.rows("SELECT version_num FROM alembic_version")] == ["0002"]
    assert await notebook.rows("SELECT colour FROM note") == []


async def test_a_version_deployed_again_has_nothing_to_do(notebook: ServiceUnderTest) -> None:
    await migrations.upgrade_async(notebook.service, notebook.runtime.settings)
    assert [row.version_num for row in await notebook.rows("SELECT version_num FROM alembic_version")] == ["0001"]


async def test_a_migration_that_cannot_have_its_lock_gives_up_and_can_be_run_again(
    notebook: ServiceUnderTest, next_version: Service
) -> None:
    """It would otherwise hold up every request behind itself."""
    settings = notebook.runtime.settings
    async with notebook.runtime.database.transaction(OPERATOR) as other:
        await other.session.execute(text("SELECT * FROM note"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrations.upgrade_async(next_version, settings)
    await migrations.upgrade_async(next_version, settings)


_KEPT = """
from alembic import op

from common.migrations import only_add_to

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("CREATE TABLE page (number integer)")
    op.execute("CREATE TABLE cover (number integer)")
    only_add_to(op, "page")
    only_add_to(op, "cover")
"""


@pytest.mark.parametrize("statement", ["UPDATE page SET number = 2", "DELETE FROM page", "TRUNCATE page"])
async def test_a_table_that_is_only_added_to_keeps_its_rows(
    notebook: ServiceUnderTest, next_version: Service, statement: str
) -> None:
    (next_version.migrations / "versions" / "0002_colour.py").write_text(_KEPT)
    await migrations.upgrade_async(next_version, notebook.runtime.settings)
    async with notebook.runtime.database.engine.begin() as connection:
        await connection.execute(text("INSERT INTO page VALUES (1)"))
    with pytest.raises(DBAPIError, match="page is only ever added to"):
        async with notebook.runtime.database.engine.begin() as connection:
            await connection.execute(text(statement))
