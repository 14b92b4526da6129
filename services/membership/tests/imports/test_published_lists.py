"""The two member lists that the delegations published, imported once and once more."""

from collections import Counter
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from membership.imports.domain import (
    Finding,
    ImportRow,
    KnownMember,
    PlannedRow,
    RowOutcome,
    file_findings,
    parse,
    plan,
)
from membership.imports.domain.csv_file import read
from membership.imports.domain.rows import Structure
from membership.territory.queries import load_territory

TODAY = date(2026, 11, 22)
PUBLISHED = Path(__file__).parents[4] / "deploy/demo/data"
OCCITANIE = "adherents-occitanie-2024.csv"
ILE_DE_FRANCE = "adherents-ile-de-france-2021.csv"


def rows_of(file: str) -> list[ImportRow]:
    return [parse(row, load_territory(), TODAY) for row in read((PUBLISHED / file).read_bytes()).rows]


def register_after(planned: list[PlannedRow], *, created_by_decision: tuple[int, ...] = ()) -> list[KnownMember]:
    """The register once the plan is applied; every other suspected duplicate is skipped."""
    taken = [line.row for line in planned if line.outcome is RowOutcome.CREATED or line.row.row in created_by_decision]
    shared = [field.name for field in fields(Structure)]
    return [KnownMember(id=UUID(int=row.row), **{name: getattr(row, name) for name in shared}) for row in taken]


def told(planned: list[PlannedRow]) -> list[tuple[int, str, str]]:
    """Line, name and code of all that is said of the rows, but for what is left to complete."""
    return [
        (line.row.row, line.row.name, finding.code)
        for line in planned
        for finding in line.findings
        if not finding.code.startswith("incomplete")
    ]


def test_occitanie_premier_import() -> None:
    planned = plan(rows_of(OCCITANIE), [])

    assert Counter(line.outcome for line in planned) == {
        RowOutcome.CREATED: 48,
        RowOutcome.SUSPECTED_DUPLICATE: 2,
        RowOutcome.ERROR: 1,
    }
    assert told(planned) == [
        (5, "IRISSE", "types_separator"),
        (16, "AILES", "printed_twice"),
        (19, "AVIE", "same_name"),
        (21, "INTER'EM", "types_separator"),
        (46, "AILES", "postcode_outside_department"),
        (46, "AILES", "printed_twice"),
        (50, "AU PRE EN BULLES", "postcode_invalid"),
        (51, "AVIE", "same_name"),
    ]
    assert {"occitanie"} == {line.row.delegation for line in planned}


def test_occitanie_second_import_avie_creee_ailes_ecartee() -> None:
    rows = rows_of(OCCITANIE)
    register = register_after(plan(rows, []), created_by_decision=(51,))

    planned = plan(rows, register)

    assert Counter(line.outcome for line in planned) == {
        RowOutcome.UNCHANGED: 49,
        RowOutcome.SUSPECTED_DUPLICATE: 1,
        RowOutcome.ERROR: 1,
    }
    assert told(planned) == [
        (5, "IRISSE", "types_separator"),
        (21, "INTER'EM", "types_separator"),
        (46, "AILES", "postcode_outside_department"),
        (46, "AILES", "printed_twice"),
        (50, "AU PRE EN BULLES", "postcode_invalid"),
    ]
    (ailes,) = (line for line in planned if line.outcome is RowOutcome.SUSPECTED_DUPLICATE)
    assert ((16,), (UUID(int=16),)) == (ailes.resembles_rows, ailes.resembles_members)


def test_ile_de_france_premier_import() -> None:
    rows = rows_of(ILE_DE_FRANCE)
    planned = plan(rows, [])

    assert Counter(line.outcome for line in planned) == {RowOutcome.CREATED: 57}
    assert Counter(finding.code for line in planned for finding in line.findings) == {
        "incomplete_type": 57,
        "incomplete_address": 57,
        "name_truncated": 1,
    }
    assert told(planned) == [(37, "Perpsectiv... Emploi", "name_truncated")]
    assert file_findings(rows) == [
        Finding.warning(46, "numero", "number_missing", "Le numéro 45 manque dans la liste.")
    ]


@pytest.mark.parametrize("file", [OCCITANIE, ILE_DE_FRANCE])
def test_every_row_skipped_or_created_is_found_again(file: str) -> None:
    rows = rows_of(file)
    first = plan(rows, [])
    all_decided = register_after(
        first, created_by_decision=tuple(p.row.row for p in first if p.outcome is RowOutcome.SUSPECTED_DUPLICATE)
    )

    again = plan(rows, all_decided)

    expected = {RowOutcome.UNCHANGED: len(all_decided), RowOutcome.ERROR: len(rows) - len(all_decided)}
    assert Counter(expected) == Counter(line.outcome for line in again)


def test_a_long_list_is_planned_without_comparing_every_pair() -> None:
    """10,000 rows of one name against 5,000 members of that name: by look-ups, or this test takes minutes."""
    avie = next(row for row in rows_of(OCCITANIE) if row.name == "AVIE")
    rows = [replace(avie, row=number, address=f"{number} rue des Remparts") for number in range(2, 10_002)]

    planned = plan(rows, register_after(plan(rows[:5_000], []), created_by_decision=tuple(range(3, 5_002))))

    assert Counter(line.outcome for line in planned) == {
        RowOutcome.UNCHANGED: 5_000,
        RowOutcome.SUSPECTED_DUPLICATE: 5_000,
    }
    assert max(len(line.resembles_members) for line in planned) == 5
