"""Loads the territory from the data files shipped with the service."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from membership.territory.domain import Delegation, Territory


@cache
def load_territory() -> Territory:
    """Return the departments and delegations in force, read once per process."""
    return Territory.of(
        departments=_read("departments.toml")["departments"],
        delegations=(
            Delegation(entry["code"], entry["name"], frozenset(entry["departments"]))
            for entry in _read("delegations.toml")["delegations"]
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("membership.territory") / "data" / name).read_text(encoding="utf-8"))
