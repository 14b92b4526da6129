"""What no source file may do, however good the reason seemed that day."""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMON = ROOT / "libs" / "common" / "src" / "common"
SERVICES = sorted((ROOT / "services").glob("*/src"))

# Words of the federation's trade. Where the law of claims needs two of them (`member_id`, `delegation`: who a token
# speaks for), they stand with the code that reads tokens and applies rights.
FEDERATION = re.compile(
    r"adh[ée]r|cotis|dues|membership|federation|fédération|siae|siren|siret|ptce|fg2i|jurist|juridique|guarantee|garantie|"
    r"campaign|campagne|invoice|sitting|training|formation_|grid\b|grille|structure_|enrolment|apportion",
    re.IGNORECASE,
)
# What French law calls any legal entity's numbers and papers, in the modules that describe one or write for one.
LEGAL_ENTITY = ("legal_entities.py", "entity_files.py", "invoicing/", "accounting/")
OF_ANY_ENTITY = re.compile(r"siren|siret|invoice", re.IGNORECASE)


def _calls(*names: str) -> Callable[[ast.AST], bool]:
    """Match calls of an attribute, ``x.name(…)`` or ``x.y.name(…)``."""

    def matches(node: ast.AST) -> bool:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            return False
        return any(ast.unparse(node.func).endswith(name) for name in names)

    return matches


def _catches_everything(node: ast.AST) -> bool:
    return isinstance(node, ast.ExceptHandler) and (
        node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
    )


RULES = [
    pytest.param(_calls(".commit"), SERVICES, set(), id="only the door commits"),
    pytest.param(
        _calls("datetime.now", "datetime.utcnow", "date.today", "time.time"),
        [COMMON, *SERVICES],
        # The relay measures how long a fact took, whatever day a demonstration plays; the age of a record is reckoned
        # from the same clock.
        {"clock.py", "progress.py", "relay.py", "testing/harness.py", "testing/issuer.py"},
        id="only the clock tells the time",
    ),
    pytest.param(_catches_everything, SERVICES, set(), id="no service swallows what it does not know"),
    pytest.param(_calls("asyncio.run", "create_task"), SERVICES, set(), id="no work outside a door"),
]


@pytest.mark.parametrize(("offends", "folders", "allowed"), RULES)
def test_no_source_does_it(offends: Callable[[ast.AST], bool], folders: list[Path], allowed: set[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if str(path.relative_to(folder)) not in allowed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if offends(node)
    ]
    assert found == []


def test_the_mechanism_commits_in_few_places() -> None:
    committing = {
        str(path.relative_to(COMMON))
        for path in COMMON.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _calls("session.commit", "connection.commit")(node)
    }
    assert committing == {"db.py", "migrations.py"}


def test_the_mechanism_does_not_speak_of_the_federation() -> None:
    words = {
        f"{path.relative_to(COMMON)}: {name}"
        for path in COMMON.rglob("*.py")
        if "contracts" not in path.parts
        for name in _words_of(ast.parse(path.read_text(encoding="utf-8")))
        if FEDERATION.search(OF_ANY_ENTITY.sub("", name) if _is_of_any_entity(path) else name)
    }
    assert words == set()


def _is_of_any_entity(path: Path) -> bool:
    return str(path.relative_to(COMMON)).startswith(LEGAL_ENTITY)


def _words_of(tree: ast.Module) -> Iterator[str]:
    """Yield the identifiers and texts of a module that do something: not its docstrings, nor an API's examples."""
    silent = set(chain(_docstrings(tree), _examples(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def _docstrings(tree: ast.Module) -> Iterator[int]:
    """Yield the docstrings, of attributes too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _examples(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("examples", "help"):
            yield from (id(part) for part in ast.walk(node.value))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "examples":
                    yield from (id(part) for part in ast.walk(value))
