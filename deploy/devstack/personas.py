"""The persons that a development token can stand for."""

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass

from devstack.errors import StackError
from devstack.settings import ROOT

DELEGATIONS = ROOT / "deploy" / "demo" / "data" / "delegations-2025.csv"

ROLES = {
    "network": "network",
    "finance": "finance",
    "board": "board",
    "training": "training",
    "trainer": "trainer",
    "head-jurist": "head-jurist",
    **{f"jurist-{number}": "jurist" for number in range(1, 4)},
    "ptce": "ptce",
    "cna": "cna",
    "fg2i-secretary": "fg2i-secretary",
    "fg2i-president": "fg2i-president",
    **{f"fg2i-member-{number}": "fg2i-member" for number in range(1, 6)},
    "partner-bank": "partner",
    "partner-france-active": "partner",
    "ops": "ops",
}
"""The personas that stand for one person each, and the role each one holds."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Who a token speaks for. ``siren`` is set for a member, whose identifier membership knows."""

    name: str
    role: str
    delegation: str | None = None
    siren: str | None = None


def delegation_codes() -> tuple[str, ...]:
    """The codes of the regional delegations."""
    with DELEGATIONS.open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file, delimiter=";"))


def persona(name: str, delegations: Collection[str]) -> Persona:
    """The persona called ``name``; an unknown one is refused with the list of those that exist."""
    if name in ROLES:
        return Persona(name, ROLES[name])
    kind, _, rest = name.partition("-")
    if kind in ("delegation", "cra") and rest in delegations:
        return Persona(name, kind, delegation=rest)
    if kind == "member" and re.fullmatch(r"[0-9]{9}", rest):
        return Persona(name, kind, siren=rest)
    raise StackError(
        f"Aucun persona ne s'appelle « {name} ». Personas : {', '.join(ROLES)}, "
        f"delegation-<code>, cra-<code>, member-<siren de 9 chiffres>. Codes : {', '.join(delegations)}."
    )
