"""What each cell of a row may say, and the sentence for each way in which it does not."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

from membership.applications.domain import EARLIEST_MEMBERSHIP
from membership.imports.domain.findings import Finding, quoted
from membership.members.domain import ACTIVITY_SPELLINGS, ActivityKind, activity_of, normalise
from membership.territory.domain import Territory


class Column(StrEnum):
    """The columns that a file may have, by the name in its header. Only ``nom`` is required.

    The register's own export has them too, and those of ``NOT_TAKEN``: it can be imported as it is.
    """

    NUMBER = "numero"
    REFERENCE = "reference"
    SIREN = "siren"
    SIRET = "siret"
    NAME = "nom"
    TYPES = "types"
    ADDRESS = "adresse"
    POSTCODE = "code_postal"
    COMMUNE = "commune"
    DEPARTMENT = "departement"
    MEMBER_SINCE = "adherente_depuis"
    CONVENTIONS = "conventions"


NOT_TAKEN = {
    "statut": "la situation d'une structure vient des séances",
    "categorie": "la catégorie s'inscrit au registre",
    "delegation": "elle suit l'adresse, ou s'impose avec une raison",
    "sortie_le": "une sortie vient d'un départ ou d'une séance",
    "motif_de_sortie": "une sortie vient d'un départ ou d'une séance",
    "cotisation": "elle vient des appels de cotisation",
    "annees_renouvelees": "un renouvellement vient de sa campagne",
}
"""What the register's export also says, that no file changes, and why."""

_NUMBER = re.compile(r"[0-9]{1,9}")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SEPARATORS = re.compile(r"[/,+&]")  # one character at a time: no cell can make it slow
_SEPARATOR = "/"
_MOST_WORDS = max(len(said.split()) for spellings in ACTIVITY_SPELLINGS.values() for said in spellings)
_TRUNCATED = ("...", "…")


def spacing_findings(row: int, cells: Mapping[Column, str]) -> Iterator[Finding]:
    """Spaces around a value are left out of it, and said."""
    for column, cell in cells.items():
        if cell != cell.strip():
            message = f"Des espaces entourent {quoted(cell.strip())} : ils ne sont pas repris."
            yield Finding.warning(row, column, "outer_space", message, cell)


def read_number(row: int, cell: str) -> tuple[int | None, list[Finding]]:
    """Read the row's number in the printed list, which serves only to see that none is missing."""
    if not cell:
        return None, []
    if _NUMBER.fullmatch(cell):
        return int(cell), []
    message = f"{quoted(cell)} n'est pas un numéro d'ordre."
    return None, [Finding.warning(row, Column.NUMBER, "number_invalid", message, cell)]


def name_findings(row: int, name: str) -> Iterator[Finding]:
    """A structure has a name, printed whole."""
    if not name:
        yield Finding.error(row, Column.NAME, "name_missing", "Le nom de la structure manque.")
    elif not normalise(name):
        message = f"Le nom {quoted(name)} ne contient ni lettre ni chiffre."
        yield Finding.error(row, Column.NAME, "name_missing", message, name)
    elif any(mark in name for mark in _TRUNCATED):
        message = f"Le nom {quoted(name)} semble coupé : il est à compléter."
        yield Finding.warning(row, Column.NAME, "name_truncated", message, name)


def read_member_since(row: int, cell: str, today: date) -> tuple[date | None, list[Finding]]:
    """Read since when the structure is a member, 03/05/1987 or 1987-05-03; any other writing refuses the row."""
    if not cell:
        return None, []
    day = _day_of(cell)
    if day is None:
        code, why = "member_since_invalid", "n'est pas une date : un jour, un mois et une année (03/05/1987)."
    elif day > today:
        code, why = "member_since_to_come", "n'est pas venu : une adhésion à venir se décide en séance."
    elif day < EARLIEST_MEMBERSHIP:
        code, why = "member_since_too_early", f"précède {EARLIEST_MEMBERSHIP.year} : l'année est-elle juste ?"
    else:
        return day, []
    return None, [Finding.error(row, Column.MEMBER_SINCE, code, f"« Adhérente depuis » {quoted(cell)} {why}", cell)]


def _day_of(cell: str) -> date | None:
    if french := _FRENCH_DAY.fullmatch(cell):
        day, month, year = french.groups()
    elif iso := _ISO_DAY.fullmatch(cell):
        year, month, day = iso.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 31/02/1990
        return None


def read_activities(row: int, cell: str) -> tuple[tuple[ActivityKind, ...], list[Finding]]:
    """Read several kinds in one cell, in the order printed; an unknown one refuses the row."""
    if not cell:
        return (), []
    parts = [part.strip() for part in _SEPARATORS.split(cell)]
    printed = [part for part in parts if part]
    kinds = [kind for kind in map(activity_of, printed) if kind is not None]
    findings = [_unknown_type(row, part) for part in printed if activity_of(part) is None]
    if cell != _SEPARATOR.join(printed):
        understood = quoted(_SEPARATOR.join(printed))
        message = f"Les types {quoted(cell)} sont séparés de façon inégale : {understood} est compris."
        findings.append(Finding.warning(row, Column.TYPES, "types_separator", message, cell))
    if len(set(kinds)) < len(kinds):
        message = f"Un type est écrit deux fois dans {quoted(cell)} : il compte une fois."
        findings.append(Finding.warning(row, Column.TYPES, "type_repeated", message, cell))
    return tuple(dict.fromkeys(kinds)), findings


def read_conventions(row: int, cell: str) -> tuple[dict[ActivityKind, str], list[Finding]]:
    """Read the numbers of conventions, each after the kind it is for: AI 031240012, ACI 031240013.

    What follows a comma and begins with no kind is of the number before it. A number without its kind, or two for one
    kind, refuses the row.
    """
    numbers: dict[ActivityKind, str] = {}
    last, findings = None, []
    for part in filter(None, (part.strip() for part in cell.split(","))):
        kind, number = _convention_of(part)
        if kind is None and last is not None:
            numbers[last] += f", {part}"
        elif kind is None or kind in numbers:
            why = "ne dit pas de quel type" if kind is None else "est la seconde du même type"
            message = f"La convention {quoted(part)} {why} : « AI 031240012, ACI 031240013 » est attendu."
            findings.append(Finding.error(row, Column.CONVENTIONS, "convention_invalid", message, part))
        else:
            numbers[kind], last = number, kind
    return numbers, findings


def _convention_of(part: str) -> tuple[ActivityKind | None, str]:
    """Cut a number from the kind before it: the longest beginning that names one."""
    words = part.split(" ")
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        if kind := activity_of(" ".join(words[:count])):
            return kind, " ".join(words[count:])
    return None, part


def _unknown_type(row: int, part: str) -> Finding:
    message = f"Le type {quoted(part)} n'est pas un type de structure du réseau."
    return Finding.error(row, Column.TYPES, "type_unknown", message, part)


def place_findings(row: int, postcode: str, department: str, territory: Territory) -> Iterator[Finding]:
    """The postcode, the department and the delegation that should agree."""
    located = territory.department_of(postcode)
    if postcode and located is None:
        yield _invalid_postcode(row, postcode)
    if department and department not in territory.departments:
        yield _unknown_department(row, department, territory)
        return
    if located and not department:
        message = f"Le département n'est pas donné : {located} est déduit du code postal {quoted(postcode)}."
        yield Finding.warning(row, Column.DEPARTMENT, "department_from_postcode", message)
    elif located and located != department:
        message = (
            f"Le code postal {quoted(postcode)} est du département {located}, la structure est imprimée "
            f"sous {quoted(department)} : sa délégation est cherchée d'après le code postal."
        )
        yield Finding.warning(row, Column.POSTCODE, "postcode_outside_department", message, postcode)
    if (located or department) and territory.delegation_of(department, postcode) is None:
        message = f"Aucune délégation ne couvre le département {quoted(located or department)}."
        yield Finding.warning(row, Column.DEPARTMENT, "no_delegation", message, located or department)


def _invalid_postcode(row: int, postcode: str) -> Finding:
    if _FOUR_DIGITS.fullmatch(postcode):
        reason = "n'a que quatre chiffres : un zéro ou un chiffre manque ?"
    else:
        reason = "n'est pas le code postal d'un département français."
    message = f"Le code postal {quoted(postcode)} {reason}"
    return Finding.error(row, Column.POSTCODE, "postcode_invalid", message, postcode)


def _unknown_department(row: int, department: str, territory: Territory) -> Finding:
    hint = " : le zéro manque ?" if f"0{department}" in territory.departments else "."
    message = f"Le département {quoted(department)} n'existe pas{hint}"
    return Finding.error(row, Column.DEPARTMENT, "department_unknown", message, department)
