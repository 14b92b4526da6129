"""What the documents point at exists: a reader is never sent to a file that moved."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/**/*.md", "services/*/README.md", "libs/common/README.md")
    for path in sorted(ROOT.glob(pattern))
]
NAMED = re.compile(r"`((?:libs|services|tests|deploy|docs)/[\w./-]+)`")
LINKED = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("document", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCUMENTS])
def test_every_path_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {name for name in NAMED.findall(text) if not (ROOT / name).exists()}
    linked = {name for name in LINKED.findall(text) if not (document.parent / name).exists()}
    assert named | linked == set()


@pytest.mark.parametrize(
    "decision", [pytest.param(path, id=path.stem) for path in sorted((ROOT / "docs" / "decisions").glob("0*.md"))]
)
def test_a_decision_says_what_enforces_it(decision: Path) -> None:
    _, _, enforced = decision.read_text(encoding="utf-8").partition("## Garanti par\n")
    assert "`" in enforced
