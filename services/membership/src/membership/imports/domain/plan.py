"""What importing the file would do to the register, row by row, before anything is done."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from common.labels import Labelled
from common.wording import counted
from membership.imports.domain.cells import Column
from membership.imports.domain.findings import Finding, listed, quoted
from membership.imports.domain.matching import (
    PRINTED_TWICE,
    SAME_NAME,
    SAME_SIREN,
    Resemblance,
    match,
    misreferenced,
    resemblances,
)
from membership.imports.domain.rows import ImportRow, KnownMember, Structure
from membership.members.domain import ActivityKind, Convention, ordered, printed_activities, printed_conventions


class RowOutcome(Labelled):
    """What becomes of a row. A suspected duplicate waits until a person decides to create or to skip it."""

    CREATED = "created", "créé"
    CHANGED = "changed", "modifié"
    UNCHANGED = "unchanged", "inchangé"
    SUSPECTED_DUPLICATE = "suspected_duplicate", "doublon présumé"
    ERROR = "error", "erreur"


class MemberField(Labelled):
    """What an import may fill or change; the values are the names in ``Structure``, and what the application says."""

    NAME = "name", "nom"
    ACTIVITIES = "activities", "types"
    ADDRESS = "address", "adresse"
    POSTCODE = "postcode", "code postal"
    COMMUNE = "commune", "commune"
    DEPARTMENT = "department", "département"
    SIREN = "siren", "SIREN"
    SIRET = "siret", "SIRET"
    MEMBER_SINCE = "member_since", "adhérente depuis"
    CONVENTIONS = "conventions", "conventions"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a known structure, as known and as the file says it; activities as printed (AI/ACI), days in ISO."""

    field: MemberField
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row and what would become of it.

    ``member_id`` is the structure that a changed or unchanged row speaks of. ``resembles_rows`` and
    ``resembles_members`` say what a suspected duplicate looks like; its findings say why.
    """

    row: ImportRow
    outcome: RowOutcome
    findings: tuple[Finding, ...]
    member_id: UUID | None = None
    changes: tuple[Change, ...] = ()
    resembles_rows: tuple[int, ...] = ()
    resembles_members: tuple[UUID, ...] = ()


def plan(rows: Sequence[ImportRow], known: Sequence[KnownMember]) -> list[PlannedRow]:
    """Decide what would become of each row, in the file's order. Pure: the register is as given.

    An error stops its row alone. Of two rows that look alike the first is created, with a warning, and the
    later one waits for a person. An empty cell never overwrites what is known.
    """
    sound = [row for row in rows if not row.is_refused]
    matches = match(sound, known)
    wrong = _contradicted(sound, known, matches)
    sound = [row for row in sound if row.row not in wrong]
    alike = resemblances(sound, known, matches)
    followers = _followers(alike)
    planned = []
    for row in rows:
        if row.is_refused:
            planned.append(PlannedRow(row, RowOutcome.ERROR, row.findings))
        elif finding := wrong.get(row.row):
            planned.append(PlannedRow(row, RowOutcome.ERROR, (*row.findings, finding)))
        elif member := matches.get(row.row):
            planned.append(_known(row, member))
        elif resemblance := alike.get(row.row):
            planned.append(_suspected(row, resemblance))
        else:
            planned.append(_new(row, followers.get(row.row, [])))
    return planned


def file_findings(rows: Sequence[ImportRow]) -> list[Finding]:
    """Report what is wrong with the list as a whole: numbers missing from it, or given twice."""
    numbered = sorted((row.number, row.row) for row in rows if row.number is not None)
    findings = []
    for (before, earlier), (number, line) in pairwise(numbered):
        if number == before:
            message = f"Le numéro {number} est donné deux fois, lignes {earlier} et {line}."
            findings.append(Finding.warning(line, Column.NUMBER, "number_repeated", message, str(number)))
        elif number > before + 1:
            findings.append(Finding.warning(line, Column.NUMBER, "number_missing", _gap(before, number)))
    return findings


def _contradicted(
    rows: Sequence[ImportRow], known: Sequence[KnownMember], matches: Mapping[int, KnownMember]
) -> dict[int, Finding]:
    """Return, by row number, what the register says against a row that is sound in itself."""
    found = {}
    for row in rows:
        member = matches.get(row.row)
        held = row.activities or (member.activities if member else ())
        if stray := [kind for kind in row.conventions if kind not in held]:
            message = f"La convention {quoted(row.conventions[stray[0]])} est d'une activité que la structure n'a pas."
            found[row.row] = Finding.error(row.row, Column.CONVENTIONS, "convention_without_activity", message)
    for number, (reference, why) in misreferenced(rows, known, matches).items():
        message = f"La référence {quoted(reference)} {why}"
        found[number] = Finding.error(number, Column.REFERENCE, "reference_not_followed", message, reference)
    return found


def _gap(before: int, after: int) -> str:
    first, last = before + 1, after - 1
    missing = f"Le numéro {first} manque" if first == last else f"Les numéros {first} à {last} manquent"
    return f"{missing} dans la liste."


def _new(row: ImportRow, followers: Sequence[tuple[str, int]]) -> PlannedRow:
    findings = (*row.findings, *_incomplete(row), *_followed(row, followers))
    return PlannedRow(row, RowOutcome.CREATED, findings)


def _known(row: ImportRow, member: KnownMember) -> PlannedRow:
    changes = _changes(row, member)
    outcome = RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED
    findings = (*row.findings, *_incomplete(row, member), *_left(row, member), *_another_day(row, member))
    return PlannedRow(row, outcome, findings, member_id=member.id, changes=changes)


def _left(row: ImportRow, member: KnownMember) -> list[Finding]:
    """Say of a listed structure that it is not a member any more: an import brings none back."""
    if member.left_on is None:
        return []
    message = f"{quoted(member.name)} est sortie de la fédération le {member.left_on:%d/%m/%Y} : elle reste sortie."
    return [Finding.warning(row.row, Column.NAME, "left_federation", message, row.name)]


def _another_day(row: ImportRow, member: KnownMember) -> list[Finding]:
    """Say of a structure on which the board has decided that its day is not changed by a file."""
    if row.member_since is None or member.waits or row.member_since == member.joined_on:
        return []
    known = f"adhérente depuis le {member.joined_on:%d/%m/%Y}" if member.joined_on else "sans candidature à instruire"
    message = f"{quoted(member.name)} est {known} au registre : la date du fichier n'est pas reprise."
    value = f"{row.member_since:%d/%m/%Y}"
    return [Finding.warning(row.row, Column.MEMBER_SINCE, "member_since_not_taken", message, value)]


def _suspected(row: ImportRow, resemblance: Resemblance) -> PlannedRow:
    column, why = _REASONS[resemblance.reason]
    where = [f"ligne {resemblance.row.row}{_under(resemblance.row)}"] if resemblance.row else []
    where += [f"dans le registre{_under(member)}" for member in resemblance.members]
    value = getattr(row, "siren" if column is Column.SIREN else "name")
    message = f"{quoted(value)} figure déjà {listed(where)}, {why}"
    finding = Finding.warning(row.row, column, resemblance.reason, message, value)
    return PlannedRow(
        row,
        RowOutcome.SUSPECTED_DUPLICATE,
        (*row.findings, *_incomplete(row), finding),
        resembles_rows=(resemblance.row.row,) if resemblance.row else (),
        resembles_members=resemblance.member_ids,
    )


_REASONS = {
    SAME_SIREN: (Column.SIREN, "avec le même SIREN : est-ce la même structure ?"),
    PRINTED_TWICE: (Column.NAME, "au même endroit : la structure est-elle imprimée deux fois ?"),
    SAME_NAME: (Column.NAME, "sous le même nom : est-ce la même structure ou un homonyme ?"),
}


def _under(structure: Structure) -> str:
    return f" (département {structure.department})" if structure.department else ""


def _followers(alike: Mapping[int, Resemblance]) -> dict[int, list[tuple[str, int]]]:
    """By first row: the reason and the number of each later row that waits because of it."""
    followers = defaultdict(list)
    for number, resemblance in alike.items():
        if resemblance.row:
            followers[resemblance.row.row].append((resemblance.reason, number))
    return followers


def _followed(row: ImportRow, followers: Sequence[tuple[str, int]]) -> list[Finding]:
    """Say on a row that is created which later rows look like it; the first one gives the reason."""
    if not followers:
        return []
    reason, line = followers[0]
    others = f" et {counted(len(followers) - 1, 'autre')}" if len(followers) > 1 else ""
    message = f"{quoted(row.name)} ressemble à la ligne {line}{others}, qui attend une décision."
    return [Finding.warning(row.row, _REASONS[reason][0], reason, message, row.name)]


def _incomplete(row: ImportRow, member: KnownMember | None = None) -> list[Finding]:
    """Say what neither the file nor the register knows: the candidate stays to be completed."""

    def unknown(field: MemberField) -> bool:
        return not getattr(row, field) and not (member and getattr(member, field))

    findings = []
    if unknown(MemberField.ACTIVITIES):
        message = f"Le type de {quoted(row.name)} n'est pas donné : il reste à compléter."
        findings.append(Finding.warning(row.row, Column.TYPES, "incomplete_type", message))
    if missing := [field.label for field in _ADDRESS_FIELDS if unknown(field)]:
        message = f"L'adresse de {quoted(row.name)} reste à compléter : {listed(missing)}."
        findings.append(Finding.warning(row.row, Column.ADDRESS, "incomplete_address", message))
    if unknown(MemberField.DEPARTMENT):
        message = f"Le département de {quoted(row.name)} n'est pas donné : il reste à compléter."
        findings.append(Finding.warning(row.row, Column.DEPARTMENT, "incomplete_department", message))
    return findings


_ADDRESS_FIELDS = (MemberField.ADDRESS, MemberField.POSTCODE, MemberField.COMMUNE)


def _changes(row: ImportRow, member: KnownMember) -> tuple[Change, ...]:
    changes = [
        Change(field, getattr(member, field), new)
        for field in MemberField
        if field not in _WRITTEN_APART and (new := getattr(row, field)) and new != getattr(member, field)
    ]
    # The order of the kinds says nothing: AI/ACI and ACI/AI are the same agreements.
    if row.activities and set(row.activities) != set(member.activities):
        old = printed_activities(member.activities) or None
        changes.append(Change(MemberField.ACTIVITIES, old, printed_activities(_as_held(row, member))))
    if row.conventions and (numbers := _agreed(row, member)) != printed_conventions(
        member.activities, member.conventions
    ):
        old = printed_conventions(member.activities, member.conventions) or None
        changes.append(Change(MemberField.CONVENTIONS, old, numbers))
    # Of one that left and applies again, the register's day is that of its former membership.
    if row.member_since and member.waits and row.member_since not in (member.member_since, member.joined_on):
        old = member.member_since.isoformat() if member.member_since else None
        changes.append(Change(MemberField.MEMBER_SINCE, old, row.member_since.isoformat()))
    return tuple(changes)


def _agreed(row: ImportRow, member: KnownMember) -> str:
    """Write the conventions as they become: those of which the row says nothing stay."""
    kinds = _as_held(row, member) if row.activities else member.activities
    numbers = {kind: Convention(number) for kind, number in row.conventions.items()}
    return printed_conventions(kinds, {**member.conventions, **numbers})


def _as_held(row: ImportRow, member: KnownMember) -> tuple[ActivityKind, ...]:
    """Put the kinds of a row in the register's order: the main one stays the main one while the structure has it.

    Where the row has it no more, or none was known, its first one becomes the main one, as of a new structure.
    """
    main = next((kind for kind in member.activities[:1] if kind in row.activities), row.activities[0])
    return ordered(row.activities, main)


_WRITTEN_APART = (MemberField.ACTIVITIES, MemberField.MEMBER_SINCE, MemberField.CONVENTIONS)
