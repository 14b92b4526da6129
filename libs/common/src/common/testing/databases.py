"""A fresh database per test: migrated once per service and session, then copied from that template."""

from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from alembic.script import ScriptDirectory

from common import migrations
from common.identifiers import new_id
from common.service import Service
from common.testing.harness import settings_for
from common.testing.issuer import TestIssuer


class Databases:
    """Makes databases on one PostgreSQL server."""

    def __init__(self, admin_url: str, issuer: TestIssuer, folder: Path) -> None:
        self._admin_url = admin_url
        self._issuer = issuer
        self._folder = folder
        self._templates: dict[str, str] = {}

    async def fresh(self, service: Service) -> str:
        """Return the URL of a new, migrated, empty database for a service."""
        if service.name not in self._templates:
            self._templates[service.name] = await self._template(service)
        return await self._create(f"t_{new_id().hex}", self._templates[service.name])

    async def empty(self) -> str:
        """Return the URL of a new database that nothing has migrated."""
        return await self._create(f"t_{new_id().hex}", "template0")

    async def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')
        finally:
            await connection.close()

    async def _template(self, service: Service) -> str:
        name = f"template_{service.name.replace('-', '_')}_{new_id().hex}"
        url = await self._create(name, "template0")
        await migrations.upgrade_async(service, settings_for(service, url, self._issuer, self._folder))
        return name

    async def _create(self, name: str, template: str) -> str:
        connection = await asyncpg.connect(self._admin_url)
        try:
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        finally:
            await connection.close()
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{name}"))


def migration(service: Service, revision: str) -> ModuleType:
    """Return a migration as the module it is, for a test of what it makes of rows."""
    module: ModuleType = ScriptDirectory(service.migrations).get_revision(revision).module
    return module
