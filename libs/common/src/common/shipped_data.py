"""Data that ships with a capability, in TOML files of its folder ``data``."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any, TypeVar

T = TypeVar("T")


def shipped_rules(package: str, name: str, kind: type[T]) -> tuple[T, ...]:
    """Read the rules of one file, each a table of ``[[rules]]`` whose names are the fields of ``kind``."""
    return tuple(kind(**rule) for rule in shipped(package, name)["rules"])


def shipped(package: str, name: str) -> dict[str, Any]:
    """Read one file: ``shipped("membership.sittings", "quorum.toml")``.

    Figures with a point are decimals: 0.006 is exactly 0.006.
    """
    text = (files(package) / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)
