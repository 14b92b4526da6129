"""What each member was called and paid in the years before this system, from a file: planned whole, then taken whole.

Nothing is guessed and mended, and a year that was taken is never overwritten: it is corrected, on a day.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from stdnum.fr import siren, siret

from common.csv_table import CsvRow, amount_of, compact, read_table, row_defect
from common.errors import Conflict, FieldError, Invalid, NotFound
from common.labels import Labelled
from common.wording import counted

COLUMNS = ("annee", "adherent", "appele", "regle", "etat", "note")
MAX_ROWS = 30_000
"""Fifty years of six hundred members; and as many values as one statement takes."""
FIRST_YEAR = 1980
_LONGEST_NOTE = 500
_YEAR = re.compile(r"\d{4}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class HistoryUnreadable(Invalid):
    """The file is not a table of past years."""

    code = "history_unreadable"
    title = "Fichier illisible"


class HistoryImportNotFound(NotFound):
    """No such import of past years."""

    code = "history_import_not_found"


class HistoryNotPreviewed(Conflict):
    """The import does not stand at its preview: nobody takes what nobody was shown."""

    code = "history_not_previewed"


class HistoryDefective(Conflict):
    """Some lines of the file cannot be taken: none is."""

    code = "history_defective"
    title = "Fichier à corriger"


class HistoryPreviewOutdated(Conflict):
    """What the file would do changed since the preview."""

    code = "history_preview_outdated"


class YearState(Labelled):
    """How a past year ended for a member."""

    SETTLED = "settled", "soldé"
    OWED = "owed", "reste dû"
    WAIVED = "waived", "abandonné"
    CREDITED = "credited", "annulé"


class ImportStatus(Labelled):
    """Where an import of past years stands."""

    PREVIEWING = "previewing", "aperçu en cours"
    PREVIEWED = "previewed", "aperçu prêt"
    PREVIEW_FAILED = "preview_failed", "aperçu interrompu"
    APPLYING = "applying", "reprise en cours"
    APPLIED = "applied", "repris"


class RowOutcome(Labelled):
    """What a line of the file does to what is kept."""

    ADDED = "added", "ajoutée"
    CORRECTED = "corrected", "corrigée"
    UNCHANGED = "unchanged", "inchangée"
    ERROR = "error", "en erreur"


@dataclass(frozen=True, slots=True)
class PastYear:
    """What is said of one member for one year, in euros."""

    called: Decimal
    paid: Decimal
    state: YearState
    note: str | None

    @property
    def owed(self) -> Decimal:
        """What is still owed of that year: nothing of one that ended otherwise."""
        return self.called - self.paid if self.state is YearState.OWED else Decimal("0.00")


@dataclass(frozen=True, slots=True)
class KnownYear:
    """A past year, and what was known of it."""

    year: int
    said: PastYear


@dataclass(frozen=True, slots=True)
class KeptYear:
    """What is kept of a member for a year, and the rows that say it: two where two records turned out to be one."""

    ids: tuple[UUID, ...]
    said: PastYear


@dataclass(frozen=True, slots=True)
class Named:
    """A member that a file may name: by our identifier, or by its SIREN where it has one."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a file is planned against."""

    by_id: Mapping[UUID, Named]
    by_siren: Mapping[str, Sequence[Named]]
    kept: Mapping[tuple[UUID, int], KeptYear]
    called_years: Collection[int]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """A line as it was read; whom it names is an identifier, a SIREN, or nothing that names anybody."""

    number: int
    who: UUID | str | None = None
    year: int | None = None
    said: PastYear | None = None
    defects: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A line, and what it would do."""

    number: int
    outcome: RowOutcome
    member: Named | None = None
    year: int | None = None
    said: PastYear | None = None
    replaces: tuple[UUID, ...] = ()
    defects: tuple[FieldError, ...] = ()


@dataclass(slots=True)
class _Seen:
    """The first line of the file for each member and year."""

    lines: dict[tuple[UUID, int], int] = field(default_factory=dict)


def read_history(content: bytes) -> list[ReadRow]:
    """Read the rows of a file, each with its defects. Raises HistoryUnreadable."""
    return [_read(row) for row in read_table(content, COLUMNS, HistoryUnreadable, max_rows=MAX_ROWS)]


def plan(rows: Sequence[ReadRow], known: Known) -> list[PlannedRow]:
    """Decide what each row does to what is kept, or say what is wrong with it."""
    seen = _Seen()
    return [_planned(row, known, seen) for row in rows]


def mark_of(planned: Sequence[PlannedRow]) -> str:
    """Return what tells one plan from another: whoever applies takes what was shown, and nothing else."""
    told = [(row.number, row.outcome.value, str(row.member and row.member.id), *row.replaces) for row in planned]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def require_appliable(status: ImportStatus, errors: int) -> None:
    """Let only a preview without a defect be taken. Raises HistoryNotPreviewed, HistoryDefective."""
    if status is not ImportStatus.PREVIEWED:
        raise HistoryNotPreviewed(f"L'aperçu n'est pas prêt : {status.label}.")
    if errors:
        raise HistoryDefective(
            f"{counted(errors, 'ligne')} en erreur : rien n'est repris. Corrigez le fichier et envoyez-le de nouveau."
        )


def require_previewable(status: ImportStatus) -> None:
    """Let a preview be done again until the file is taken. Raises HistoryNotPreviewed."""
    if status not in (ImportStatus.PREVIEWED, ImportStatus.PREVIEW_FAILED):
        raise HistoryNotPreviewed(f"L'aperçu ne se refait pas : {status.label}.")


def require_same(shown: str | None, now: str) -> None:
    """Let only what was shown be taken. Raises HistoryPreviewOutdated."""
    if shown != now:
        raise HistoryPreviewOutdated("Ce qui est connu a changé depuis l'aperçu : refaites-le avant de reprendre.")


def _read(row: CsvRow) -> ReadRow:
    if row.defect:
        return ReadRow(number=row.number, defects=(row.defect,))
    said, defects = _said(row)
    who = _who(row.cells["adherent"])
    if who is None:
        message = "l'adhérent se donne par son SIREN, son SIRET ou notre identifiant."
        defects.append(row_defect(row.number, "member_invalid", message))
    year = int(row.cells["annee"]) if _YEAR.fullmatch(row.cells["annee"]) and row.cells["annee"].isascii() else None
    if year is None or year < FIRST_YEAR:
        defects.append(row_defect(row.number, "year_invalid", "l'année s'écrit en quatre chiffres, comme 2023."))
        year = None
    return ReadRow(number=row.number, who=who, year=year, said=said, defects=tuple(defects))


def _who(cell: str) -> UUID | str | None:
    """Return whom a cell names: a SIRET names the structure of its SIREN."""
    number = compact(cell)
    if number.isascii() and number.isdigit():
        if siren.is_valid(number):
            return number
        return number[:9] if siret.is_valid(number) else None
    try:
        return UUID(cell)
    except ValueError:
        return None


def _said(row: CsvRow) -> tuple[PastYear | None, list[FieldError]]:
    cells = row.cells
    called, paid = amount_of(cells["appele"]), amount_of(cells["regle"])
    state = next((one for one in YearState if one.label == cells["etat"].lower()), None)
    defects = [row_defect(row.number, code, message) for code, message in _figures_wrong(called, paid, state)]
    if len(cells["note"]) > _LONGEST_NOTE or _CONTROL.search(cells["note"]):
        message = f"la note est un texte de {_LONGEST_NOTE} caractères au plus."
        defects.append(row_defect(row.number, "note_invalid", message))
    if called is None or paid is None or state is None or defects:
        return None, defects
    return PastYear(called, paid, state, cells["note"] or None), defects


def _figures_wrong(called: Decimal | None, paid: Decimal | None, state: YearState | None) -> Iterator[tuple[str, str]]:
    if called is None or paid is None:
        yield "amount_invalid", "un montant s'écrit en euros, positif, comme 1234,56."
    if state is None:
        yield "state_unknown", f"l'état est l'un de ceux-ci : {', '.join(one.label for one in YearState)}."
    if called is None or paid is None:
        return
    if paid > called:
        yield "paid_too_large", f"{paid} € réglés dépassent {called} € appelés."
    elif state is not None and (state is YearState.SETTLED) != (paid == called):
        yield "state_wrong", f"l'état « {state.label} » ne va pas avec {called} € appelés et {paid} € réglés."


def _planned(row: ReadRow, known: Known, seen: _Seen) -> PlannedRow:
    member, defects = _member(row, known)
    defects += _year_wrong(row, known)
    if member is not None and row.year is not None:
        first = seen.lines.setdefault((member.id, row.year), row.number)
        if first != row.number:
            message = f"{member.name} a déjà l'année {row.year} à la ligne {first}."
            defects.append(row_defect(row.number, "year_repeated", message))
    if row.defects or defects or member is None or row.year is None or row.said is None:
        return PlannedRow(number=row.number, outcome=RowOutcome.ERROR, defects=(*row.defects, *defects))
    kept = known.kept.get((member.id, row.year))
    outcome = _outcome(kept, row.said)
    replaces = kept.ids if kept is not None and outcome is RowOutcome.CORRECTED else ()
    return PlannedRow(
        number=row.number, outcome=outcome, member=member, year=row.year, said=row.said, replaces=replaces
    )


def _outcome(kept: KeptYear | None, said: PastYear) -> RowOutcome:
    if kept is None:
        return RowOutcome.ADDED
    return RowOutcome.UNCHANGED if kept.said == said and len(kept.ids) == 1 else RowOutcome.CORRECTED


def _member(row: ReadRow, known: Known) -> tuple[Named | None, list[FieldError]]:
    if row.who is None:
        return None, []
    if isinstance(row.who, UUID):
        found = [known.by_id[row.who]] if row.who in known.by_id else []
    else:
        found = list(known.by_siren.get(row.who, ()))
    if len(found) == 1:
        return found[0], []
    if found:
        names = ", ".join(one.name for one in found)
        message = f"plusieurs adhérents ont ce SIREN ({names}) : donnez notre identifiant."
        return None, [row_defect(row.number, "member_ambiguous", message)]
    return None, [row_defect(row.number, "member_unknown", "cet adhérent n'est pas connu des cotisations.")]


def _year_wrong(row: ReadRow, known: Known) -> list[FieldError]:
    if row.year is None:
        return []
    if row.year > known.today.year:
        return [row_defect(row.number, "year_in_future", f"l'année {row.year} n'est pas commencée.")]
    if row.year in known.called_years:
        message = f"les cotisations {row.year} ont été appelées ici : elles ne se reprennent pas."
        return [row_defect(row.number, "year_called_here", message)]
    return []
