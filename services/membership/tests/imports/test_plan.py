"""What each row says, what would become of it, and what a second import of the same file does.

Decided in ADR 0013.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from membership.imports.domain import (
    ImportRow,
    KnownMember,
    PlannedRow,
    RowOutcome,
    file_findings,
    parse,
    plan,
)
from membership.imports.domain.csv_file import read
from membership.members.domain import ActivityKind
from membership.territory.queries import load_territory

TODAY = date(2026, 11, 22)
COLUMNS = "nom;types;adresse;code_postal;commune;departement;siren"
SIREN, OTHER_SIREN = "900000001", "732829320"
AI_ACI = (ActivityKind.AI, ActivityKind.ACI)
COMPLETE = "AVIE;AI;2 rue des Remparts;31340;VILLEMUR;31;"


def rows_of(*lines: str, columns: str = COLUMNS) -> list[ImportRow]:
    table = read("\n".join([columns, *lines]).encode())
    return [parse(row, load_territory(), TODAY) for row in table.rows]


def known(
    name: str = "AVIE",
    *,
    number: int = 1,
    address: str | None = "2 rue des Remparts",
    postcode: str | None = "31340",
    commune: str | None = "VILLEMUR",
    department: str | None = "31",
    siren: str | None = None,
    activities: tuple[ActivityKind, ...] = (ActivityKind.AI,),
) -> KnownMember:
    return KnownMember(
        id=UUID(int=number),
        name=name,
        activities=activities,
        address=address,
        postcode=postcode,
        commune=commune,
        department=department,
        siren=siren,
    )


def codes(planned: PlannedRow) -> list[str]:
    return [finding.code for finding in planned.findings]


DEFAUTS = [
    ("rien à redire", COMPLETE, "created", []),
    ("code postal à quatre chiffres", "A;AI;1 rue;8200;M;82;", "error", ["postcode_invalid"]),
    ("code postal en lettres", "A;AI;1 rue;ABCDE;M;82;", "error", ["postcode_invalid"]),
    ("code postal d'aucun département", "A;AI;1 rue;99000;M;82;", "error", ["postcode_invalid"]),
    ("code postal d'un autre département", "A;AI;1 rue;31250;M;81;", "created", ["postcode_outside_department"]),
    ("département inconnu", "A;AI;1 rue;;M;99;", "error", ["department_unknown"]),
    ("zéro du département perdu", "A;AI;1 rue;09000;M;9;", "error", ["department_unknown"]),
    ("département déduit du code postal", "A;AI;1 rue;20200;M;;", "created", ["department_from_postcode"]),
    ("département sans délégation", "A;AI;1 rue;67000;M;67;", "created", ["no_delegation"]),
    ("séparateurs inégaux", "A;AI/ ACI/ GES;1 rue;31000;M;31;", "created", ["types_separator"]),
    ("séparateur final", "A;AI/;1 rue;31000;M;31;", "created", ["types_separator"]),
    ("virgule entre les types", "A;AI,ACI;1 rue;31000;M;31;", "created", ["types_separator"]),
    ("type répété", "A;AI/AI;1 rue;31000;M;31;", "created", ["type_repeated"]),
    ("type inconnu", "A;AI/ESAT;1 rue;31000;M;31;", "error", ["type_unknown"]),
    ("nom coupé", "Perpsectiv... Emploi;AI;1 rue;77000;M;77;", "created", ["name_truncated"]),
    ("nom absent", ";AI;1 rue;31000;M;31;", "error", ["name_missing"]),
    ("nom sans lettre", "???;AI;1 rue;31000;M;31;", "error", ["name_missing"]),
    ("espaces autour du nom", " A ;AI;1 rue;31000;M;31;", "created", ["outer_space"]),
    ("sans type", "A;;1 rue;31000;M;31;", "created", ["incomplete_type"]),
    ("sans adresse", "A;AI;;;;31;", "created", ["incomplete_address"]),
    ("sans commune", "A;AI;1 rue;31000;;31;", "created", ["incomplete_address"]),
    ("ni département ni code postal", "A;AI;1 rue;;M;;", "created", ["incomplete_address", "incomplete_department"]),
    ("deux erreurs, toutes deux dites", "A;ESAT;1 rue;8200;M;82;", "error", ["type_unknown", "postcode_invalid"]),
    ("une cellule n'est jugée qu'une fois", "A;=1;1 rue;31000;M;31;", "error", ["cell_formula"]),
]


@pytest.mark.parametrize(("cas", "ligne", "issue", "constats"), DEFAUTS, ids=[cas[0] for cas in DEFAUTS])
def test_defauts_d_une_ligne(cas: str, ligne: str, issue: str, constats: list[str]) -> None:
    (planned,) = plan(rows_of(ligne), [])

    assert (issue, constats) == (planned.outcome.value, codes(planned))
    assert all(finding.message.endswith((".", "?")) for finding in planned.findings)


def test_values_are_kept_as_printed() -> None:
    (row,) = rows_of("Perpsectiv... Emploi;AI /ACI;3,  rue;31250;REVEL;81;900 000 001")

    assert (row.name, row.activities) == ("Perpsectiv... Emploi", AI_ACI)
    assert (row.address, row.postcode, row.department, row.siren) == ("3,  rue", "31250", "81", SIREN)
    assert row.delegation == "occitanie"


def test_the_siret_alone_gives_the_siren() -> None:
    (row,) = rows_of("AVIE;900 000 001 00017", columns="nom;siret")

    assert (row.siren, row.siret) == (SIREN, "90000000100017")


def test_a_message_shows_the_value_the_line_and_the_column() -> None:
    (planned,) = plan(rows_of("AU PRE EN BULLES;ACI;1399 chemin;8200;MONTAUBAN;82;"), [])

    (finding,) = planned.findings
    assert (finding.row, finding.column, finding.value) == (2, "code_postal", "8200")
    assert finding.message == (
        "Le code postal «\u00a08200\u00a0» n'a que quatre chiffres : un zéro ou un chiffre manque ?"
    )


NUMEROS = [
    ("suite complète", [1, 2, 3], []),
    ("un numéro manque", [44, 46], ["Le numéro 45 manque dans la liste."]),
    ("plusieurs manquent", [1, 999_999_999], ["Les numéros 2 à 999999998 manquent dans la liste."]),
    ("donné deux fois", [1, 1], ["Le numéro 1 est donné deux fois, lignes 2 et 3."]),
    ("liste en désordre", [3, 1, 2], []),
]


@pytest.mark.parametrize(("cas", "numeros", "phrases"), NUMEROS, ids=[cas[0] for cas in NUMEROS])
def test_numeros_de_la_liste(cas: str, numeros: list[int], phrases: list[str]) -> None:
    rows = rows_of(*(f"{numero};S{index}" for index, numero in enumerate(numeros)), columns="numero;nom")

    assert phrases == [finding.message for finding in file_findings(rows)]


def test_a_number_that_is_none_is_said_and_counts_for_nothing() -> None:
    rows = rows_of("1;A;31", "bis;B;31", "2;C;31", columns="numero;nom;departement")

    assert "number_invalid" in codes(plan(rows, [])[1])
    assert file_findings(rows) == []


REGISTRE = [
    ("rien n'a changé", COMPLETE, known(), "unchanged", []),
    (
        "autre adresse, même nom et même département",
        "AVIE;AI;9 rue Neuve;31340;VILLEMUR;31;",
        known(),
        "changed",
        [("address", "2 rue des Remparts", "9 rue Neuve")],
    ),
    ("cellules vides : rien n'est effacé", "AVIE;;;;;31;", known(), "unchanged", []),
    ("types dans un autre ordre", "AVIE;ACI/AI;;;;31;", known(activities=AI_ACI), "unchanged", []),
    ("type ajouté", "AVIE;AI/ACI;;;;31;", known(), "changed", [("activities", "AI", "AI/ACI")]),
    (
        "le type principal le reste, quel que soit l'ordre du fichier",
        "AVIE;ACI/AI/EI;;;;31;",
        known(activities=AI_ACI),
        "changed",
        [("activities", "AI/ACI", "AI/ACI/EI")],
    ),
    (
        "... même s'il ne vient pas le premier à la fédération",
        "AVIE;AI/ACI/EI;;;;31;",
        known(activities=AI_ACI[::-1]),
        "changed",
        [("activities", "ACI/AI", "ACI/AI/EI")],
    ),
    (
        "... tant que la structure l'a",
        "AVIE;EI/ACI;;;;31;",
        known(activities=AI_ACI),
        "changed",
        [("activities", "AI/ACI", "EI/ACI")],
    ),
    ("premier type connu", "AVIE;AI;;;;31;", known(activities=()), "changed", [("activities", None, "AI")]),
    ("nom écrit autrement", "Avié;AI;;;;31;", known(), "changed", [("name", "AVIE", "Avié")]),
    ("le SIREN s'ajoute", f"AVIE;AI;;;;31;{SIREN}", known(), "changed", [("siren", None, SIREN)]),
    (
        "le SIREN suffit, malgré le nom",
        f"ENVIE;AI;;;;31;{SIREN}",
        known(siren=SIREN),
        "changed",
        [("name", "AVIE", "ENVIE")],
    ),
    ("autre SIREN : autre structure", f"AVIE;AI;;;;31;{OTHER_SIREN}", known(siren=SIREN), "suspected_duplicate", []),
    ("homonyme d'un autre département", "AVIE;AI;17 av;82000;M;82;", known(), "suspected_duplicate", []),
    ("autre nom", "AMIE;AI;1 rue;31600;MURET;31;", known(), "created", []),
]


@pytest.mark.parametrize(
    ("cas", "ligne", "connu", "issue", "modifications"), REGISTRE, ids=[cas[0] for cas in REGISTRE]
)
def test_face_au_registre(
    cas: str, ligne: str, connu: KnownMember, issue: str, modifications: list[tuple[str, str | None, str]]
) -> None:
    (planned,) = plan(rows_of(ligne), [connu])

    assert issue == planned.outcome.value
    assert modifications == [(change.field, change.old, change.new) for change in planned.changes]


def test_one_that_left_is_named_and_not_brought_back() -> None:
    left = replace(known(), left_on=date(2026, 3, 1))
    [planned] = plan(rows_of(COMPLETE), [left])
    assert planned.member_id == left.id
    assert codes(planned) == ["left_federation"]
    assert "sortie de la fédération le 01/03/2026" in planned.findings[0].message


def test_what_the_register_has_completed_is_not_asked_again() -> None:
    (planned,) = plan(rows_of("AVIE;31", columns="nom;departement"), [known()])

    assert (planned.outcome, planned.findings) == (RowOutcome.UNCHANGED, ())


HOMONYMES = [
    ("même adresse, deux départements", ["A;AI;1 rue;31250;R;31;", "A;AI;1, Rue;31250;R;81;"], "printed_twice"),
    ("même nom, deux départements", ["A;AI;1 rue;31250;R;31;", "A;AI;2 av;82000;M;82;"], "same_name"),
    ("même nom, deux adresses", ["A;AI;1 rue;31250;R;31;", "A;AI;2 av;31000;T;31;"], "same_name"),
    ("même ligne deux fois, sans adresse", ["A;AI;;;;31;", "a;AI;;;;31;"], "printed_twice"),
    ("même SIREN, deux noms", [f"A;AI;;;;31;{SIREN}", f"B;AI;;;;31;{SIREN}"], "same_siren"),
]


@pytest.mark.parametrize(("cas", "lignes", "raison"), HOMONYMES, ids=[cas[0] for cas in HOMONYMES])
def test_deux_lignes_qui_se_ressemblent(cas: str, lignes: list[str], raison: str) -> None:
    first, later = plan(rows_of(*lignes), [])

    assert (first.outcome, later.outcome) == (RowOutcome.CREATED, RowOutcome.SUSPECTED_DUPLICATE)
    assert raison in codes(first)
    assert raison in codes(later)
    assert later.resembles_rows == (2,)


def test_of_three_homonyms_the_first_is_the_one_named() -> None:
    _, second, third = plan(rows_of("A;AI;1 rue;31250;R;31;", "A;AI;2 av;82000;M;82;", "A;AI;3 bd;81000;A;81;"), [])

    assert (second.resembles_rows, third.resembles_rows) == ((2,), (2,))


def test_a_row_known_by_its_siren_waits_for_nobody() -> None:
    homonym, renamed = plan(rows_of("ENVIE;AI;;;;82;", f"ENVIE;AI;;;;31;{SIREN}"), [known(siren=SIREN)])

    assert (homonym.outcome, renamed.outcome) == (RowOutcome.CREATED, RowOutcome.CHANGED)
    assert "same_name" not in codes(homonym)


def test_two_structures_that_nothing_tells_apart_are_both_found_again() -> None:
    planned = plan(rows_of(COMPLETE, COMPLETE), [known(number=1), known(number=2)])

    assert [(line.outcome, line.member_id) for line in planned] == [
        (RowOutcome.UNCHANGED, UUID(int=1)),
        (RowOutcome.UNCHANGED, UUID(int=2)),
    ]


def test_a_row_in_error_makes_no_duplicate() -> None:
    first, later = plan(rows_of("A;AI;1 rue;8200;M;82;", "A;AI;1 rue;82000;M;82;"), [])

    assert (first.outcome, later.outcome) == (RowOutcome.ERROR, RowOutcome.CREATED)


def test_the_row_at_the_known_address_is_the_known_one_whatever_the_order() -> None:
    moved, same = plan(rows_of("AVIE;AI;9 rue Neuve;31000;TOULOUSE;31;", COMPLETE), [known()])

    assert (moved.outcome, same.outcome) == (RowOutcome.SUSPECTED_DUPLICATE, RowOutcome.UNCHANGED)
    assert (UUID(int=1),) == moved.resembles_members


def test_between_two_known_homonyms_of_one_department_a_person_decides() -> None:
    twins = [known(number=1), known(number=2, address="9 rue Neuve")]

    (planned,) = plan(rows_of("AVIE;AI;;;;31;"), twins)

    assert planned.outcome == RowOutcome.SUSPECTED_DUPLICATE
    assert (UUID(int=1), UUID(int=2)) == planned.resembles_members


def test_a_member_is_changed_by_one_row_only() -> None:
    planned = plan(rows_of("AVIE;AI;1 rue;31000;T;31;", "AVIE;AI;2 rue;31000;T;31;"), [known()])

    assert Counter({RowOutcome.CHANGED: 1, RowOutcome.SUSPECTED_DUPLICATE: 1}) == Counter(p.outcome for p in planned)
