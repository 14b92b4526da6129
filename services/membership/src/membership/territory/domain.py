"""The federation's territory: from a postcode to its department, from a department to its delegation."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

_POSTCODE = re.compile(r"[0-9]{5}")
# Corsica had one department, 20, until 1976; its postcodes were not renumbered and still sort by their digits.
_CORSICA = "20"
_FIRST_POSTCODE_OF_HAUTE_CORSE = "20200"
_OVERSEAS = "97"
NETWORK_ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Delegation:
    """A regional delegation of the federation and the departments that it covers."""

    code: str
    name: str
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Zone:
    """One local time of a delegation, and the subdivision whose public holidays it keeps: its department overseas."""

    delegation: str
    zone: str
    holidays: str


@dataclass(frozen=True, slots=True)
class Territory:
    """The departments of France by code, and the delegation that covers each; some have none."""

    departments: Mapping[str, str]
    delegations: tuple[Delegation, ...]
    _delegation_by_department: Mapping[str, Delegation] = field(repr=False, compare=False)

    @classmethod
    def of(cls, departments: Mapping[str, str], delegations: Iterable[Delegation]) -> Self:
        """Build a territory; ``ValueError`` when a delegation names an unknown or already covered department."""
        delegations = tuple(delegations)
        covered: dict[str, Delegation] = {}
        for delegation in delegations:
            for department in delegation.departments:
                if department not in departments:
                    raise ValueError(f"{delegation.code} covers {department}, which is not a department")
                if department in covered:
                    raise ValueError(f"{department} is covered by {covered[department].code} already")
                covered[department] = delegation
        return cls(departments, delegations, covered)

    def department_of(self, postcode: str) -> str | None:
        """Return the department that a postcode belongs to, ``None`` when it is no postcode of a department.

        A few border communes are served from the next department, so that a disagreement with the printed
        department is a doubt and not an error.
        """
        if not _POSTCODE.fullmatch(postcode):
            return None
        code = _department_digits(postcode)
        return code if code in self.departments else None

    def delegation_of(self, department: str | None, postcode: str | None = None) -> Delegation | None:
        """Return the delegation that covers the postcode's department, or else the department given."""
        located = (postcode and self.department_of(postcode)) or department
        return self._delegation_by_department.get(located) if located else None


def local_zone(zones: Iterable[Zone], delegation: str | None, departments: Collection[str] = ()) -> str:
    """Return the IANA zone whose hour people of a delegation read, in some of its departments where it has several."""
    own = [zone for zone in zones if zone.delegation == delegation]
    there = [zone for zone in own if zone.holidays in departments]
    return next((zone.zone for zone in (*there, *own)), NETWORK_ZONE)


def _department_digits(postcode: str) -> str:
    if postcode.startswith(_CORSICA):
        return "2B" if postcode >= _FIRST_POSTCODE_OF_HAUTE_CORSE else "2A"
    return postcode[:3] if postcode.startswith(_OVERSEAS) else postcode[:2]
