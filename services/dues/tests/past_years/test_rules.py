"""What a file of past years does, line by line: nothing is guessed, nothing is overwritten."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from dues.past_years.domain import (
    HistoryDefective,
    HistoryNotPreviewed,
    HistoryPreviewOutdated,
    HistoryUnreadable,
    ImportStatus,
    KeptYear,
    Known,
    Named,
    PastYear,
    RowOutcome,
    YearState,
    mark_of,
    plan,
    read_history,
    require_appliable,
    require_previewable,
    require_same,
)

HEADER = "annee;adherent;appele;regle;etat;note"
GARONNE, TARN, LOT = (Named(UUID(int=rank), name) for rank, name in ((1, "Garonne"), (2, "Tarn"), (3, "Lot")))
SIREN, SIRET, SHARED = "732829320", "73282932000074", "552100554"
KEPT_ID = UUID(int=77)
PAID_800 = PastYear(Decimal("800.00"), Decimal("800.00"), YearState.SETTLED, None)
KNOWN = Known(
    by_id={one.id: one for one in (GARONNE, TARN, LOT)},
    by_siren={SIREN: [GARONNE], SHARED: [TARN, LOT]},
    kept={(GARONNE.id, 2020): KeptYear((KEPT_ID,), PAID_800)},
    called_years={2026},
    today=date(2026, 11, 23),
)


def planned(*lines: str) -> list[tuple[int, str, list[str]]]:
    rows = plan(read_history("\n".join((HEADER, *lines)).encode()), KNOWN)
    return [(row.number, row.outcome.value, [defect.code for defect in row.defects]) for row in rows]


@pytest.mark.parametrize(
    ("line", "outcome", "codes"),
    [
        pytest.param(f"2023;{SIREN};800;800;soldé;", "added", [], id="par SIREN"),
        pytest.param("2023;732 829 320;1 234,56;0;reste dû;relancée", "added", [], id="avec des espaces"),
        pytest.param(f"2023;{SIRET};800;0,00;Abandonné;", "added", [], id="par SIRET"),
        pytest.param(f"2023;{GARONNE.id};800;300;annulé;", "added", [], id="par notre identifiant"),
        pytest.param(f"2023;{SIREN};0;0;soldé;exonérée", "added", [], id="rien d'appelé"),
        pytest.param(f"2020;{SIREN};800;800;soldé;", "unchanged", [], id="dite pareil"),
        pytest.param(f"2020;{SIREN};800;700;reste dû;", "corrected", [], id="dite autrement"),
        pytest.param(f"2020;{SIREN};800;800;soldé;note", "corrected", [], id="une autre note"),
        pytest.param("2023;STR-2026-00001;8;8;soldé;", "error", ["member_invalid"], id="une référence"),
        pytest.param("2023;732829321;8;8;soldé;", "error", ["member_invalid"], id="un SIREN faux"),
        pytest.param("2023;443061841;8;8;soldé;", "error", ["member_unknown"], id="un SIREN inconnu"),
        pytest.param(f"2023;{UUID(int=9)};8;8;soldé;", "error", ["member_unknown"], id="un identifiant inconnu"),
        pytest.param(f"2023;{SHARED};8;8;soldé;", "error", ["member_ambiguous"], id="un SIREN de deux"),
        pytest.param(f"2027;{SIREN};8;8;soldé;", "error", ["year_in_future"], id="année à venir"),
        pytest.param(f"2026;{SIREN};8;8;soldé;", "error", ["year_called_here"], id="appelée ici"),
        pytest.param(f"23;{SIREN};8;8;soldé;", "error", ["year_invalid"], id="année à deux chiffres"),
        pytest.param(f"1979;{SIREN};8;8;soldé;", "error", ["year_invalid"], id="année trop ancienne"),
        pytest.param(f"2023;{SIREN};8;9;reste dû;", "error", ["paid_too_large"], id="plus réglé qu'appelé"),
        pytest.param(f"2023;{SIREN};8;7;soldé;", "error", ["state_wrong"], id="soldé et pas réglé"),
        pytest.param(f"2023;{SIREN};8;8;reste dû;", "error", ["state_wrong"], id="réglé et dû"),
        pytest.param(f"2023;{SIREN};8;8;payé;", "error", ["state_unknown"], id="état inconnu"),
        pytest.param(f"2023;{SIREN};;8;soldé;", "error", ["amount_invalid"], id="montant absent"),
        pytest.param(f"2023;{SIREN};-8;-8;soldé;", "error", ["amount_invalid"], id="montant négatif"),
        pytest.param(f"2023;{SIREN};8;8;soldé;{'x' * 501}", "error", ["note_invalid"], id="note trop longue"),
        pytest.param(f"2023;{SIREN};8;8;soldé", "error", ["row_cell_count"], id="une cellule de moins"),
        pytest.param("x;y;z;9;w;", "error", ["amount_invalid", "state_unknown", "member_invalid", "year_invalid"]),
    ],
)
def test_what_a_line_does(line: str, outcome: str, codes: list[str]) -> None:
    assert planned(line) == [(2, outcome, codes)]


def test_a_member_has_one_line_a_year_however_it_is_named() -> None:
    lines = planned(f"2023;{SIREN};8;8;soldé;", "", f"2023;{GARONNE.id};8;8;soldé;", f"2022;{SIRET};8;8;soldé;")
    assert lines == [(2, "added", []), (4, "error", ["year_repeated"]), (5, "added", [])]


def test_a_correction_names_what_it_replaces_and_two_that_count_become_one() -> None:
    both = KeptYear((KEPT_ID, UUID(int=78)), PAID_800)
    known = Known(
        by_id=KNOWN.by_id,
        by_siren=KNOWN.by_siren,
        kept={(GARONNE.id, 2020): both},
        called_years=(),
        today=KNOWN.today,
    )
    [row] = plan(read_history(f"{HEADER}\n2020;{SIREN};800;800;soldé;".encode()), known)
    assert (row.outcome, row.replaces) == (RowOutcome.CORRECTED, both.ids)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{HEADER}\n2023;1;8;8;soldé;".encode("cp1252"), id="pas en UTF-8"),
        pytest.param(HEADER.replace(";", ",").encode(), id="virgules"),
        pytest.param(HEADER.encode(), id="aucune ligne"),
        pytest.param(b"", id="vide"),
        pytest.param(b"PK\x03\x04\xff", id="un classeur"),
        pytest.param(f"{HEADER};siret\n".encode(), id="une colonne de trop"),
        pytest.param((HEADER + "\n;" * 30_001).encode(), id="trop de lignes"),
    ],
)
def test_what_is_no_table_of_past_years_is_refused_whole(content: bytes) -> None:
    with pytest.raises(HistoryUnreadable):
        read_history(content)


def test_a_preview_is_taken_once_without_a_defect_and_as_it_was_shown() -> None:
    require_appliable(ImportStatus.PREVIEWED, 0)
    with pytest.raises(HistoryDefective):
        require_appliable(ImportStatus.PREVIEWED, 1)
    for status in (ImportStatus.PREVIEWING, ImportStatus.APPLYING, ImportStatus.APPLIED):
        with pytest.raises(HistoryNotPreviewed):
            require_appliable(status, 0)
        with pytest.raises(HistoryNotPreviewed):
            require_previewable(status)
    require_previewable(ImportStatus.PREVIEW_FAILED)
    rows = read_history(f"{HEADER}\n2020;{SIREN};800;800;soldé;".encode())
    mark = mark_of(plan(rows, KNOWN))
    require_same(mark, mark_of(plan(rows, KNOWN)))
    with pytest.raises(HistoryPreviewOutdated):
        require_same(mark, "another")


def test_only_a_year_that_is_still_owed_is_owed() -> None:
    amounts = (Decimal("800.00"), Decimal("300.00"))
    owed = {state: PastYear(*amounts, state, None).owed for state in YearState if state is not YearState.SETTLED}
    assert owed == {
        YearState.OWED: Decimal("500.00"),
        YearState.WAIVED: Decimal("0.00"),
        YearState.CREDITED: Decimal("0.00"),
    }
