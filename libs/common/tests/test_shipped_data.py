"""Data that ships with a capability is read beside its code, and its figures are exact."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from common.shipped_data import shipped, shipped_rules


@dataclass(frozen=True)
class Rate:
    since: date
    share: Decimal


@pytest.fixture
def capability(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that ships one file of rules."""
    data = tmp_path / "keeping_notes" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    (data / "rates.toml").write_text('status = "voted"\n\n[[rules]]\nsince = 2026-01-01\nshare = 0.006\n')
    monkeypatch.syspath_prepend(tmp_path)
    return "keeping_notes"


def test_rules_are_read_as_what_they_are(capability: str) -> None:
    assert shipped_rules(capability, "rates.toml", Rate) == (Rate(date(2026, 1, 1), Decimal("0.006")),)


def test_a_file_says_more_than_its_rules(capability: str) -> None:
    assert shipped(capability, "rates.toml")["status"] == "voted"
