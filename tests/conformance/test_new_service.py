"""The service that ``docs/new-service.md`` has one write is taken from that page, migrated, and lives its test."""

import importlib
import re
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import common.contracts
from common import migrations
from common.events import Fact
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "new-service.md"
_FILE = re.compile(r"^```(?:python|toml)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OURS = "lint.isort.known-first-party = ['common', 'rooms']"


def written(folder: Path) -> None:
    """Write the files of the page where it says they go, and the few that it calls the same everywhere."""
    for name, text in _FILE.findall(PAGE.read_text(encoding="utf-8")):
        package = name.partition("/")[0] == "rooms"
        path = folder / "src" / name if package else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if package:
            (path.parent / "__init__.py").touch()
    same = ROOT / "services" / "dues" / "migrations" / "env.py"
    (folder / "migrations" / "env.py").write_text(same.read_text(encoding="utf-8"), encoding="utf-8")


def _ruff(*asked: str, path: Path, text: str) -> str:
    """Return what ruff says against a file of the page, as if it stood among the services."""
    command = (Path(sysconfig.get_path("scripts")) / "ruff", *asked, "--quiet", "--stdin-filename")
    place = ROOT / "services" / "rooms" / path
    told = subprocess.run((*command, place), input=text, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603
    return told.stdout + told.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("rooms")
    written(folder)
    known = set(sys.modules)
    sys.path.insert(0, str(folder / "src"))
    common.contracts.__path__.append(str(folder / "contracts"))
    yield folder
    common.contracts.__path__.remove(str(folder / "contracts"))
    sys.path.remove(str(folder / "src"))
    for name in set(sys.modules) - known:
        if name.startswith(("rooms", "common.contracts.rooms")):
            del sys.modules[name]


@pytest_asyncio.fixture
async def rooms(page: Path, assemble: Assemble) -> ServiceUnderTest:
    return await assemble(importlib.import_module("rooms.app").service)


@pytest_asyncio.fixture
async def facts(page: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, type[Fact]]]:
    """Know the facts of the page by their names, as ``contracts/__init__.py`` does once they are added there."""
    told = importlib.import_module("common.contracts.rooms").FACTS
    for fact in told:
        monkeypatch.setitem(common.contracts.BY_NAME, fact.wire_name, fact)
    yield {fact.wire_name: fact for fact in told}


def test_it_is_written_as_ours(page: Path) -> None:
    for path in page.rglob("*.py"):
        if path.name not in {"__init__.py", "env.py"}:
            for asked in (("check", "--config", _OURS), ("format", "--diff")):
                assert _ruff(*asked, path=path.relative_to(page), text=path.read_text(encoding="utf-8")) == ""


async def test_its_migrations_make_what_its_tables_say(rooms: ServiceUnderTest) -> None:
    await migrations.check_drift(rooms.service, rooms.runtime.settings)


async def test_the_test_of_the_page_passes(rooms: ServiceUnderTest, facts: dict[str, Any], page: Path) -> None:
    scope: dict[str, Any] = {}
    for name in ("conftest.py", "test_rooms.py"):
        exec((page / "tests" / name).read_text(encoding="utf-8"), scope)  # noqa: S102  # our own page
    joined = scope["joined"].__wrapped__()
    await scope["test_a_room_is_asked_for_then_its_day_passes"](rooms, joined)
