"""The mechanism holds nothing in vain: each of its public names is read, each of its functions is shown at work."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "libs" / "common" / "src"
TESTS = ROOT / "libs" / "common" / "tests"

ASKED_BY_A_GATE = {
    "common.migrations.check_drift": "tests/conformance/test_database.py",
    "common.process.spare_the_collector": "tests/bench/__main__.py",
    "common.releases.changed_files": "tests/contracts/test_released_facts.py",
    "common.releases.incompatibilities": "tests/contracts/test_released_facts.py",
    "common.releases.is_released": "tests/contracts/test_released_facts.py",
    "common.releases.released": "tests/contracts/test_compatibility.py",
    "common.releases.released_names": "tests/contracts/test_released_facts.py",
    "common.releases.schema_of": "tests/contracts/test_compatibility.py",
    "common.watchdog.EXIT_CODE": "tests/chaos/test_reading.py",
}
"""Names that no process needs, and that those who let a version out ask: what says so reads them."""
AT_WORK = {
    "test_command.py": (
        "archive.latest archive.replay_page parked.aggregates parked.discard parked.events parked.find parked.redrive"
        " parked.refuse_passing parked_routes.ParkedParams problem.install quarantine.discard quarantine.find"
        " quarantine.retry quarantine.waiting database_sessions.bucket_holders database_sessions.free_buckets"
        " topics.create topics.wipe unreadable.discard unreadable.find unreadable.redrive unreadable.waiting"
    ),
    "test_consumer.py": "progress.CountsRebalances progress.Progress remade_logs.RemadeLogs subscriptions.event_of",
    "test_digests.py": "digests.first_day digests.published_events digests.received_events stream_routes.consumer_of",
    "test_door.py": "problem.ProblemResponse openapi.DescribedApp problem.too_large_as_problem",
    "tests/conformance/test_documents.py": "door.refusals_of_every_route",
    "test_feeds.py": "archive.entries archive.extent archive.last_position",
    "test_idempotency.py": "idempotency.keep idempotency.kept",
    "test_inbox.py": "event_gaps.wait subscriptions.Follow",
    "test_jobs.py": "db.copy_rows db.raw jobs.insert_job service.Runtime",
    "test_mail_sending.py": "smtp.Conversation",
    "test_outages.py": (
        "event_health.event_health sending.Destinations sending.new_producer sending.send_partition"
        " telemetry.record_span upkeep.Upkeep"
    ),
    "test_probes.py": "mail.mail_health database_sessions.oldest_transaction_seconds",
    "test_reconcile.py": "archive.replay_selected",
    "test_retention.py": "mail.forget",
    "test_stopping.py": "probes.closing_when_draining service.create_app telemetry.set_up",
    "test_tokens.py": "auth.Tokens",
    "test_characters.py": "telemetry.set_up_logs",
    "services/dues/tests/ledger/test_acts.py": "accounting.posting.record",
    "services/dues/tests/ledger/test_fec.py": "accounting.fec.year_file",
    "services/dues/tests/ledger/test_opening.py": (
        "accounting.acts.open_year accounting.acts.reverse_by_hand accounting.books.opening_attempts"
    ),
    "services/dues/tests/ledger/test_periods.py": (
        "accounting.acts.close_month accounting.acts.reopen_month accounting.books.close_through"
        " accounting.books.closed_through accounting.books.hold_books"
    ),
    "services/dues/tests/ledger/test_posting.py": (
        "accounting.books.add accounting.books.get accounting.books.is_reversed_by accounting.books.letter"
        " accounting.books.lettering accounting.books.lines_of accounting.books.standing_of"
        " accounting.books.take_letters accounting.posting.post accounting.posting.reverse"
    ),
    "services/dues/tests/reliefs/test_reach.py": "files.keep_sent",
    "services/membership/tests/imports/test_undoing.py": "jobs.past_runs",
    "tests/chaos/test_change.py": "migrations.upgrade",
    "tests/conformance/test_layout.py": "discovery.find_services",
    "tests/contracts/test_compatibility.py": "releases.release",
}
"""What no test calls by its name, having no use but behind one door (a route, a command, a process), and needing a
database, a broker or a server: the test that goes through that door."""
OF_EVERY_MODULE = {"router", "app", "log"}
"""What has one name everywhere: the routes or commands of a module, which another mounts, and its journal."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


_IMPORT = re.compile(r"^[ \t]*from (common[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
_COMMENT = re.compile(r"#.*")
_IMPORTED = re.compile(r"(\w+)(?: as (\w+))?")
_OF_A_NAME = re.compile(r"\b(\w+)\.(\w+)")
_ATTRIBUTE = re.compile(r"\.([a-z]\w*)")
"""The mechanism's own modules are parsed; who reads them is read as text, a thousand files in half a second."""


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path))


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in sorted(SOURCE.rglob("*.py"))}


def _reads(path: Path) -> Iterator[str]:
    """Yield the full names that a file reads of the mechanism: imported, or asked of an imported module."""
    modules = {}
    for module, names in _IMPORT.findall(_text(path)):
        for name, alias in _IMPORTED.findall(_COMMENT.sub("", names)):
            full = f"{module}.{name}"
            yield full
            if full in MODULES:
                modules[alias or name] = full
    if modules:
        yield from (f"{modules[of]}.{name}" for of, name in _OF_A_NAME.findall(_text(path)) if of in modules)


def _files(*folders: Path) -> Iterator[Path]:
    return chain.from_iterable(sorted(folder.rglob("*.py")) for folder in folders)


def _is_a_test(path: Path) -> bool:
    return "tests" in path.relative_to(ROOT).parts


PRODUCT = [path for path in _files(ROOT / "libs", ROOT / "services", ROOT / "deploy") if not _is_a_test(path)]
CHECKS = [
    ROOT / "conftest.py",
    *(path for path in _files(ROOT / "libs", ROOT / "services", ROOT / "deploy", ROOT / "tests") if _is_a_test(path)),
]


@cache
def _read_in(*, tests: bool) -> dict[str, set[Path]]:
    """Return who reads each name, the module that bears it excepted."""
    readers: dict[str, set[Path]] = {}
    for path in [*PRODUCT, *CHECKS] if tests else PRODUCT:
        for name in _reads(path):
            if MODULES.get(name.rpartition(".")[0]) != path:
                readers.setdefault(name, set()).add(path)
    return readers


@cache
def _attributes_of(path: Path) -> Counter[str]:
    return Counter(_ATTRIBUTE.findall(_text(path)))


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the public names of a module, each with the statement that gives it."""
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, Definition):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        yield from ((name, node) for name in names if not name.startswith("_"))


def _made_of(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a reader of ``node`` meets without importing them: its signature, bases, fields or value."""
    for part in chain.from_iterable(ast.walk(face) for face in _faces(node) if face is not None):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value  # an annotation between quotation marks


def _faces(node: ast.stmt) -> Iterator[ast.AST | None]:
    if isinstance(node, Function):
        for one in ast.walk(node):
            if isinstance(one, Function):  # itself, and the routes that it makes
                yield from (one.args, one.returns, *one.decorator_list)
    elif isinstance(node, ast.ClassDef):
        yield from (*node.bases, *node.decorator_list)
        for part in node.body:
            if isinstance(part, Function) and not part.name.startswith("_"):
                yield from (part.args, part.returns)
            elif isinstance(part, ast.AnnAssign):
                yield from (part.annotation, part.value)
    else:
        yield node


def _is_a_refusal(node: ast.stmt, path: Path) -> bool:
    """Tell whether a class is raised: who catches it does so by its kind, who reads it by its name or its code."""
    if not isinstance(node, ast.ClassDef):
        return False
    kinds = {"Exception", "Refusal", "NotFound", "Conflict", "Forbidden", "Invalid", "Unavailable"}
    used = len(re.findall(rf"\b{node.name}\(|\b{node.name}, ", _text(path))) > 1
    return used and bool(kinds & {ast.unparse(base) for base in node.bases})


def _is_called_by_its_decorator(node: ast.stmt) -> bool:
    """Tell whether a route, a command or a fixture: who calls it never writes its name."""
    return isinstance(node, Function) and any(
        ast.unparse(decorator).startswith(("router.", "app.", "contracts.", "pytest"))
        for decorator in node.decorator_list
    )


def _unread_names(module: str, path: Path) -> Iterator[str]:
    tree = _tree(path)
    readers = _read_in(tests=module.startswith("common.testing"))
    public = list(_public(tree))
    for name, node in public:
        met = any(name in _made_of(other) for bearer, other in public if bearer != name)
        given = met or _is_a_refusal(node, path) or name in OF_EVERY_MODULE or _is_called_by_its_decorator(node)
        if not given and f"{module}.{name}" not in readers:
            yield f"{module}.{name}"


def _unread_methods(module: str, path: Path) -> Iterator[str]:
    """Yield the methods that only their own class calls, unless a parent of another house may call them."""
    for_tests = module.startswith(("common.testing", "common.generated"))  # a description is what its rules read
    readers = [*PRODUCT, *CHECKS] if for_tests else PRODUCT
    for node in _tree(path).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_") or _has_a_foreign_parent(node, path):
            continue
        own = Counter(_ATTRIBUTE.findall(ast.get_source_segment(_text(path), node) or ""))
        for method in node.body:
            if isinstance(method, Function) and not method.name.startswith("_"):
                beyond = _attributes_of(path)[method.name] > own[method.name]
                called_by_name = method.name.startswith("handle_")  # aiosmtpd finds them so
                if not beyond and not called_by_name and not _is_asked(method.name, path, readers):
                    yield f"{module}.{node.name}.{method.name}"


def _is_asked(attribute: str, path: Path, readers: list[Path]) -> bool:
    return any(attribute in _attributes_of(reader) for reader in readers if reader != path)


def _has_a_foreign_parent(node: ast.ClassDef, path: Path) -> bool:
    ours = {name for name, _ in _public(_tree(path))} | {
        alias.name
        for part in _tree(path).body
        if isinstance(part, ast.ImportFrom) and (part.module or "").startswith("common")
        for alias in part.names
    }
    return any(isinstance(base, ast.Name) and base.id not in ours and base.id != "Protocol" for base in node.bases)


def _commands() -> set[str]:
    settings = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return {entry.replace(":", ".") for entry in settings["project"]["scripts"].values()}


@pytest.mark.parametrize("unread", [_unread_names, _unread_methods])
def test_every_public_name_is_read_beyond_its_module(unread: Callable[[str, Path], Iterator[str]]) -> None:
    """What only its own module reads begins with ``_``; what nobody reads goes; what only tests read is theirs."""
    ours = {name: path for name, path in MODULES.items() if not name.startswith("common.contracts")}
    found = {name for module, path in ours.items() for name in unread(module, path)}
    assert sorted(found - set(ASKED_BY_A_GATE) - _commands()) == []


@pytest.mark.parametrize(("name", "gate"), ASKED_BY_A_GATE.items())
def test_what_a_gate_asks_is_asked_by_it_alone(name: str, gate: str) -> None:
    assert ROOT / gate in _read_in(tests=True)[name]
    assert name not in _read_in(tests=False)


NEED_NO_EXAMPLE = ("common.cli", "common.contracts", "common.generated", "common.testing")
"""Commands and facts have their own words; what is generated is compared; what helps tests is at work in them."""


def _does_something(node: ast.stmt) -> bool:
    """Tell whether an example can show it at work: a route is asked by HTTP, a record or a refusal shows itself."""
    if isinstance(node, Function):
        return not _is_called_by_its_decorator(node)
    if not isinstance(node, ast.ClassDef) or any(ast.unparse(base) == "Protocol" for base in node.bases):
        return False
    methods = [part for part in node.body if isinstance(part, Function) and not part.decorator_list]
    return any(not method.name.startswith("_") for method in methods)


def _has_a_doctest(node: ast.AST) -> bool:
    return any(
        ">>> " in (ast.get_docstring(part) or "")
        for part in ast.walk(node)
        if isinstance(part, Function | ast.ClassDef)
    )


def _without_example() -> set[str]:
    """Return what has no doctest, and that neither the notebook nor a test of the mechanism names."""
    named = {name for path in _files(TESTS) for name in _reads(path)}
    return {
        f"{module}.{name}"
        for module, path in MODULES.items()
        if not module.startswith(NEED_NO_EXAMPLE)
        for name, node in _public(_tree(path))
        if _does_something(node) and not _has_a_doctest(node) and f"{module}.{name}" not in named
    }


def test_every_public_function_has_an_example_that_runs() -> None:
    """A doctest where nothing is needed; else the notebook, a test, or the test that goes through its one door."""
    told = [
        f"{name}: give it a doctest, use it in libs/common/tests/notebook, call it in a test of libs/common/tests, or"
        " name in AT_WORK the test that goes through it"
        for name in sorted(_without_example() - set(ASKED_BY_A_GATE) - _at_work())
    ]
    assert not told, "\n".join(told)


def test_what_is_at_work_in_a_test_is_named_once_and_only_where_it_must_be() -> None:
    names = [name for names in AT_WORK.values() for name in names.split()]
    assert len(names) == len(set(names))
    assert sorted(_at_work() - _without_example()) == []
    assert [name for name in AT_WORK if not (ROOT / name).is_file() and not (TESTS / name).is_file()] == []


def _at_work() -> set[str]:
    return {f"common.{name}" for names in AT_WORK.values() for name in names.split()}
