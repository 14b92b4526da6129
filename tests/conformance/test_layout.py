"""Where things stand: a newcomer who knows one service knows all of them."""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest

from common.discovery import Found, find_services

ROOT = Path(__file__).parents[2]
COMMON = ROOT / "libs" / "common" / "src" / "common"
FOUND = find_services(ROOT)


def folders_of(folder: Path) -> set[str]:
    """The folders inside one that hold sources: compiled code alone is what another branch left behind."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.parts[0] for path in files if len(path.parts) > 1}


CAPABILITIES = [
    pytest.param(found, found.source / name, id=f"{found.service.name}/{name}")
    for found in FOUND
    for name in sorted(folders_of(found.source))
]
every_service = pytest.mark.parametrize("found", [pytest.param(found, id=found.service.name) for found in FOUND])

SERVICE_FILES = {"__init__.py", "__main__.py", "app.py", "base.py", "config.py", "rights.py", "py.typed"}
CAPABILITY_FILES = {
    "__init__.py", "domain.py", "tables.py", "repository.py", "use_cases.py", "queries.py", "schemas.py", "routes.py",
    "consumers.py", "jobs.py", "documents.py", "clients.py",
    "events.py",  # the facts of the aggregate, in the words of their contract
    "entries.py",  # what the acts do to the books
    "verify.py",  # what anybody runs without us: one file, the standard library alone
}  # fmt: skip
CAPABILITY_FOLDERS = {
    "domain",  # when the rules outgrow one file
    "queries",  # when the reads do
    "repository",  # when what is kept does
    "use_cases",  # when the acts do
    "routes",  # when the doors do
    "templates",  # what documents.py prints with
    "data",  # what the assembly or the law sets: dated, sourced
}
README_CANVAS = (
    "**But.**", "**Pour qui.**", "## API", "## Événements", "## Réglages", "## Processus", "## Tables",
    "## Que faire quand",
)  # fmt: skip
PURE = {
    "common.accounting.accounts", "common.accounting.entries", "common.accounting.lettering",
    "common.accounting.opening", "common.accounting.periods", "common.characters", "common.csv_table", "common.dated",
    "common.errors", "common.invoicing.conformity", "common.invoicing.einvoice", "common.invoicing.numbers",
    "common.labels", "common.legal_entities", "common.moments", "common.money", "common.secrecy",
    "common.secret_addresses", "common.sourced", "common.uploads", "common.wording", "common.workdays", "schwifty",
    "stdnum",
}  # fmt: skip
DOORS_BETWEEN_CAPABILITIES = {"domain", "queries", "use_cases", "schemas", "documents"}
"""A shape may be made of a neighbour's shapes, a paper printed with its means; tables and repositories are nobody's but
their own capability's."""


@every_service
def test_the_service_has_the_files_of_a_service(found: Found) -> None:
    names = {path.name for path in found.source.iterdir() if path.is_file()}
    assert names <= SERVICE_FILES
    assert names >= {"__init__.py", "__main__.py", "app.py", "base.py", "config.py", "rights.py"}
    assert {path.name for path in found.folder.iterdir()} >= {"README.md", "pyproject.toml", "migrations", "tests"}
    assert found.service.name == found.folder.name


@pytest.mark.parametrize(("found", "folder"), CAPABILITIES)
def test_a_capability_uses_the_names_of_every_capability(found: Found, folder: Path) -> None:
    files = {path.name for path in folder.iterdir() if path.is_file()}
    folders = folders_of(folder)
    assert files - CAPABILITY_FILES == set()
    assert folders - CAPABILITY_FOLDERS == set()
    assert "__init__.py" in files
    assert not {"domain.py"} & files or "domain" not in folders


@pytest.mark.parametrize(("found", "folder"), CAPABILITIES)
def test_a_domain_is_pure(found: Found, folder: Path) -> None:
    domain = [folder / "domain.py", *(folder / "domain").glob("*.py")]
    impure = {
        f"{path.name}: {module}"
        for path in domain
        if path.exists()
        for module in _imports(path)
        if not _is_pure(module, found.package)
    }
    assert impure == set()


@every_service
def test_capabilities_use_each_other_through_their_doors(found: Found) -> None:
    capabilities = folders_of(found.source)
    through_the_wall = {
        f"{found.package}.{capability}.{path.stem} -> {parts[1]}.{parts[2]}"
        for capability in capabilities
        for path in (found.source / capability).rglob("*.py")
        for parts in (module.split(".") for module in _imports(path))
        if parts[0] == found.package and len(parts) > 2
        if parts[1] in capabilities - {capability} and parts[2] not in DOORS_BETWEEN_CAPABILITIES
    }
    assert through_the_wall == set()


@every_service
def test_a_read_asks_no_act_of_a_neighbour(found: Found) -> None:
    acts = {
        f"{path.relative_to(found.source)} -> {module}"
        for path in [*found.source.glob("*/queries.py"), *found.source.glob("*/queries/*.py")]
        for module in _imports(path)
        if module.startswith(f"{found.package}.") and module.split(".")[2:3] == ["use_cases"]
    }
    assert acts == set()


@every_service
def test_the_order_of_capabilities_is_declared_and_checked(found: Found) -> None:
    declared = importlib.import_module(f"{found.package}.app").CAPABILITIES
    [layers] = [contract["layers"] for contract in _contracts() if contract.get("containers") == [found.package]]
    assert tuple(reversed(layers)) == declared
    assert folders_of(found.source) == set(declared)


@every_service
def test_import_linter_knows_the_service_and_looks_into_its_capabilities(found: Found) -> None:
    contracts = _contracts()
    [independence] = [contract for contract in contracts if contract["type"] == "independence"]
    [mechanism] = [contract for contract in contracts if contract.get("source_modules") == ["common"]]
    [inside] = [contract["containers"] for contract in contracts if "(use_cases)" in contract.get("layers", ())]
    assert found.package in independence["modules"]
    assert found.package in mechanism["forbidden_modules"]
    assert f"{found.package}.*" in inside


@every_service
def test_the_readme_is_the_services_canvas(found: Found) -> None:
    text = (found.folder / "README.md").read_text(encoding="utf-8")
    assert [part for part in README_CANVAS if f"\n{part}" not in text] == []


@every_service
def test_a_service_is_its_subject(found: Found) -> None:
    """What is wiring, registration and configuration stays under 150 lines, wherever it stands."""
    own = [*(found.source / name for name in ("__main__.py", "app.py", "base.py", "config.py"))]
    own += [found.folder / "pyproject.toml", *(found.folder / "migrations").glob("*.*")]
    shared = [ROOT / name for name in ("pyproject.toml", "docker-compose.yml", "deploy/Caddyfile")]
    named = re.compile(rf"\b{found.service.name}\b")
    [layers] = [contract["layers"] for contract in _contracts() if contract.get("containers") == [found.package]]
    lines = [line for path in own for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    lines += [line for path in shared for line in path.read_text(encoding="utf-8").splitlines() if named.search(line)]
    lines += wrap(", ".join(f'"{layer}"' for layer in layers), 116)
    assert len(lines) < 150


def test_a_module_of_the_mechanism_stays_short() -> None:
    assert list(_longer_than(300, COMMON)) == []


def test_no_file_is_two_things() -> None:
    assert list(_longer_than(400, ROOT / "libs", ROOT / "services", ROOT / "deploy", ROOT / "tests")) == []


def test_nothing_is_called_by_what_it_is_not() -> None:
    vague = {"utils", "helpers", "misc"}
    paths = chain.from_iterable((ROOT / name).rglob("*.py") for name in ("libs", "services", "deploy", "tests"))
    assert [path for path in paths if vague & {path.stem, path.parent.name}] == []


def _longer_than(lines: int, *folders: Path) -> Iterator[str]:
    for path in chain.from_iterable(folder.rglob("*.py") for folder in folders):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > lines:
            yield f"{path.relative_to(ROOT)}: {count}"


def _imports(path: Path) -> Iterator[str]:
    """Yield the modules a file imports; ``from package import module`` counts as the module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_pure(module: str, package: str) -> bool:
    parts = module.split(".")
    if parts[0] == package:
        return len(parts) > 2 and parts[2] == "domain"
    return parts[0] in sys.stdlib_module_names or any(".".join(parts[:depth]) in PURE for depth in (1, 2, 3))


def _contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return contracts
