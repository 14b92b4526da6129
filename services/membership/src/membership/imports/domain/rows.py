"""A row of the file, read as a structure of the network; and the structure that the register knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from membership.imports.domain.cells import (
    Column,
    name_findings,
    place_findings,
    read_activities,
    read_conventions,
    read_member_since,
    read_number,
    spacing_findings,
)
from membership.imports.domain.findings import Finding, Severity
from membership.members.domain import ActivityKind, Convention, normalise, siren_of
from membership.territory.domain import Territory


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line of the file cut into cells, as printed, with what the reading found wrong.

    ``row`` counts lines as an editor does, the header being line 1. ``cells`` is empty when the line could
    not be cut.
    """

    row: int
    cells: Mapping[Column, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the file and the register both say of a structure; ``None`` is something not said."""

    name: str
    activities: tuple[ActivityKind, ...] = ()
    address: str | None = None
    postcode: str | None = None
    commune: str | None = None
    department: str | None = None
    siren: str | None = None
    siret: str | None = None
    reference: str | None = None

    @cached_property
    def comparable_name(self) -> str:
        """The name as homonyms share it."""
        return normalise(self.name)

    @cached_property
    def place(self) -> tuple[str | None, str | None]:
        """Where the structure is: its address, or its department alone as long as no address is known."""
        return (normalise(self.address), self.postcode) if self.address else (None, self.department)


@dataclass(frozen=True, kw_only=True)
class KnownMember(Structure):
    """A structure that the register knows: candidate, member, or one that left.

    ``waits`` while its application is open; ``member_since`` is what that application says, ``joined_on`` what the
    register does.
    """

    id: UUID
    left_on: date | None = None
    joined_on: date | None = None
    waits: bool = False
    member_since: date | None = None
    conventions: Mapping[ActivityKind, Convention] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ImportRow(Structure):
    """A structure as a row of the file describes it, values as printed but for outer spaces.

    ``number`` is the printed list's own; ``delegation`` is the code of the delegation that covers the
    postcode, or else the department. The name is empty when the line could not be read.
    """

    row: int
    number: int | None = None
    delegation: str | None = None
    member_since: date | None = None
    conventions: Mapping[ActivityKind, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether an error keeps the row from being imported."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def parse(source: SourceRow, territory: Territory, today: date) -> ImportRow:
    """Read the cells of one row and report every flaw; no value is mended.

    A column that the reading already refused is not judged a second time.
    """
    if not source.cells:
        return ImportRow(row=source.row, name="", findings=source.findings)
    cell = {column: source.cells.get(column, "").strip() for column in Column}
    postcode, department = cell[Column.POSTCODE], cell[Column.DEPARTMENT]
    number, number_findings = read_number(source.row, cell[Column.NUMBER])
    activities, activity_findings = read_activities(source.row, cell[Column.TYPES])
    member_since, since_findings = read_member_since(source.row, cell[Column.MEMBER_SINCE], today)
    conventions, convention_findings = read_conventions(source.row, cell[Column.CONVENTIONS])
    delegation = territory.delegation_of(department, postcode)
    siret = _without_spaces(cell[Column.SIRET])
    judged = (
        *spacing_findings(source.row, source.cells),
        *number_findings,
        *name_findings(source.row, cell[Column.NAME]),
        *activity_findings,
        *place_findings(source.row, postcode, department, territory),
        *since_findings,
        *convention_findings,
    )
    refused_columns = {finding.column for finding in source.findings}
    return ImportRow(
        row=source.row,
        number=number,
        name=cell[Column.NAME],
        activities=activities,
        address=cell[Column.ADDRESS] or None,
        postcode=postcode or None,
        commune=cell[Column.COMMUNE] or None,
        department=department or territory.department_of(postcode),
        siren=_without_spaces(cell[Column.SIREN]) or siren_of(siret) or None,
        siret=siret or None,
        reference=cell[Column.REFERENCE] or None,
        delegation=delegation.code if delegation else None,
        member_since=member_since,
        conventions=conventions,
        findings=(*source.findings, *(f for f in judged if f.column not in refused_columns)),
    )


def _without_spaces(identifier: str) -> str:
    # "732 829 320" is how a SIREN is usually printed; the spaces are no part of it.
    return "".join(identifier.split())
