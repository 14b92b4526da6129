"""The names of delegations are those that the federation publishes."""

import csv
from pathlib import Path

from dues.grids.domain import DELEGATIONS, delegation_name

PUBLISHED = Path(__file__).parents[4] / "deploy/demo/data/delegations-2025.csv"


def test_every_delegation_has_its_published_name() -> None:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        assert {row["code"]: row["nom"] for row in csv.DictReader(file, delimiter=";")} == DELEGATIONS


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert [delegation_name(code) for code in ("oceanindien", "corse", "", None)] == ["Océan Indien", "corse", "", ""]
