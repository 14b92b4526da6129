"""Which row of the file speaks of which structure of the register; which ones only look alike."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from membership.imports.domain.findings import quoted
from membership.imports.domain.rows import ImportRow, KnownMember, Structure

_MOST_NAMED = 5  # look-alikes named in one finding; a file of one name repeated stays readable and fast

SAME_SIREN = "same_siren"
PRINTED_TWICE = "printed_twice"
SAME_NAME = "same_name"


def match(rows: Sequence[ImportRow], known: Sequence[KnownMember]) -> dict[int, KnownMember]:
    """Return, by row number, the member that each row speaks of; each member is spoken of by one row at most.

    By the reference that the row gives, and then by nothing else; by SIREN when both have one; else by name, department
    and address; else by name and department, when one member only is left under them.
    """
    found: dict[int, KnownMember] = {}
    _pair(rows, known, found, key=lambda structure: structure.reference, twins=False)
    rows = [row for row in rows if row.reference is None]
    _pair(rows, known, found, key=lambda structure: structure.siren, twins=False)
    _pair(rows, known, found, key=_name_and_place, twins=True)
    _pair(rows, known, found, key=_name_and_department, twins=False)
    return found


def _name_and_place(structure: Structure) -> Hashable:
    return structure.comparable_name, structure.department, structure.place


def _name_and_department(structure: Structure) -> Hashable:
    return structure.comparable_name, structure.department


def _pair(
    rows: Sequence[ImportRow],
    known: Sequence[KnownMember],
    found: dict[int, KnownMember],
    *,
    key: Callable[[Structure], Hashable],
    twins: bool,
) -> None:
    """Pair what is still free under one key; several members under it are taken in turn only if ``twins``."""
    claimed = {member.id for member in found.values()}
    free: dict[Hashable, deque[KnownMember]] = defaultdict(deque)
    for member in known:
        if member.id not in claimed and (value := key(member)) is not None:
            free[value].append(member)
    for row in rows:
        candidates = free.get(key(row))
        if row.row in found or not candidates or (len(candidates) > 1 and not twins):
            continue
        if not _other_siren(row, candidates[0]):
            found[row.row] = candidates.popleft()


def _other_siren(row: ImportRow, member: KnownMember) -> bool:
    return row.siren is not None and member.siren is not None and row.siren != member.siren


def misreferenced(
    rows: Sequence[ImportRow], known: Sequence[KnownMember], matches: Mapping[int, KnownMember]
) -> dict[int, tuple[str, str]]:
    """Return, by row number, each reference that cannot be followed, and why; nothing is guessed in its place."""
    by_reference = {member.reference: member for member in known}
    by_siren: Mapping[str | None, KnownMember] = {member.siren: member for member in known if member.siren}
    wrong = {}
    for row in rows:
        if row.reference is None:
            continue
        named, bearer = by_reference.get(row.reference), by_siren.get(row.siren)
        if named is None:
            wrong[row.row] = (
                row.reference,
                "n'est pas au registre : laissez la cellule vide pour une structure nouvelle.",
            )
        elif _other_siren(row, named) or (bearer is not None and bearer is not named):
            wrong[row.row] = row.reference, f"désigne {quoted(named.name)}, et le SIREN une autre structure."
        elif row.row not in matches:
            wrong[row.row] = row.reference, "est aussi celle d'une ligne précédente."
    return wrong


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Why a row may be a structure already there: the strongest reason, the earlier row, the members."""

    reason: str
    row: ImportRow | None
    members: tuple[KnownMember, ...]

    @property
    def member_ids(self) -> tuple[UUID, ...]:
        """The members that the row resembles, five at most."""
        return tuple(member.id for member in self.members)


def resemblances(
    rows: Sequence[ImportRow], known: Sequence[KnownMember], matches: dict[int, KnownMember]
) -> dict[int, Resemblance]:
    """Return, by row number, what each unmatched row looks like: an earlier row of the file, known members.

    Of a reason that is shared by many, the first row and the first five members are named.
    """
    members: dict[Hashable, list[KnownMember]] = defaultdict(list)
    for member in known:
        for mark in _marks(member):
            if len(members[mark]) < _MOST_NAMED:
                members[mark].append(member)
    first_row: dict[Hashable, ImportRow] = {}
    alike: dict[int, Resemblance] = {}
    for row in rows:
        for mark in _marks(row):
            shared = row.row not in matches and (mark in first_row or mark in members)
            if shared and row.row not in alike:
                alike[row.row] = Resemblance(mark[0], first_row.get(mark), tuple(members.get(mark, ())))
            first_row.setdefault(mark, row)
    return alike


def _marks(structure: Structure) -> list[tuple[str, Hashable]]:
    """What may show that two structures are one, the strongest first."""
    name = structure.comparable_name
    marks: list[tuple[str, Hashable]] = [(PRINTED_TWICE, (name, structure.place)), (SAME_NAME, name)]
    return [(SAME_SIREN, structure.siren), *marks] if structure.siren else marks
