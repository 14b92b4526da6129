"""Whatever the bytes, the reading gives rows or one named refusal with a French sentence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.imports.domain import Column, Severity, UnreadableFile, file_findings, parse, plan
from membership.imports.domain.csv_file import MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_ROWS, read
from membership.territory.queries import load_territory

TODAY = date(2026, 11, 22)
HEADER = "nom;types;departement\n"
LIGNE = "AVIE;AI;31\n"

REFUS = [
    ("fichier de zéro octet", b"", "import_empty", "vide"),
    ("seulement la marque d'UTF-8", b"\xef\xbb\xbf", "import_empty", "vide"),
    ("en-tête seul", HEADER.encode(), "import_empty", "sous son en-tête"),
    ("en-tête et lignes vides", f"{HEADER};;\n\n".encode(), "import_empty", "sous son en-tête"),
    (
        "Windows-1252 : l'octet et la lettre sont nommés",
        "nom;types\nRÉGIE;AI\n".encode("cp1252"),
        "import_encoding",
        "l'octet 12 (ligne 2) vaut 0xC9. C'est sans doute du Windows-1252, où cet octet est «\u00a0É\u00a0».",
    ),
    ("octet inconnu de Windows-1252", b"nom\nR\x81GIE\n", "import_encoding", "n'est pas reconnu"),
    ("UTF-16 d'Excel", "nom;types\nAVIE;AI\n".encode("utf-16"), "import_encoding", "UTF-16"),
    ("classeur Excel déposé tel quel", b"PK\x03\x04\x14\x00\xff", "import_encoding", "un classeur"),
    ("virgules", b"nom,types\nAVIE,AI\n", "import_separator", "la virgule"),
    ("tabulations", b"nom\ttypes\nAVIE\tAI\n", "import_separator", "la tabulation"),
    ("colonne inconnue", b"nom;telephone\nAVIE;1\n", "import_columns", "inconnue «\u00a0telephone\u00a0»"),
    ("colonne du nom absente", b"types;departement\nAI;31\n", "import_columns", "manquante «\u00a0nom\u00a0»"),
    ("colonne répétée", b"nom;types;nom\nA;AI;A\n", "import_columns", "répétée «\u00a0nom\u00a0»"),
    ("colonne sans nom", b"nom;types;\nA;AI;\n", "import_columns", "colonne sans nom"),
    ("pas d'en-tête", LIGNE.encode(), "import_columns", "inconnue «\u00a0AVIE\u00a0»"),
    ("guillemet ouvert dans l'en-tête", b'"nom;types\nA;AI\n', "import_columns", "guillemets"),
    ("octet nul dans l'en-tête", b"nom;ty\0pes\nA;AI\n", "import_control_character", "«\u00a0nom;ty\\x00pes\u00a0»"),
    ("fins de ligne d'un vieux Mac", b"nom;types\rA;AI\r", "import_control_character", "contrôle"),
    ("une ligne trop longue", HEADER.encode() + b"A" * (MAX_LINE_BYTES + 1), "import_line_too_long", "ligne 2"),
    ("une seule ligne de 50 Mo", b"A" * 50_000_000, "import_line_too_long", "ligne 1"),
    ("100 001 lignes", (HEADER + LIGNE * 100_001).encode(), "import_too_many_rows", "100001 lignes"),
    ("50 Mo de lignes vides", b"\n" * 50_000_000, "import_too_many_rows", "100000 au plus"),
    (
        "trop d'octets en lignes admises",
        HEADER.encode() + (b"A" * MAX_LINE_BYTES + b"\n") * (MAX_FILE_BYTES // MAX_LINE_BYTES),
        "import_too_large",
        "32 Mio",
    ),
]


@pytest.mark.parametrize(("cas", "contenu", "code", "dit"), REFUS, ids=[cas[0] for cas in REFUS])
def test_fichier_refuse(cas: str, contenu: bytes, code: str, dit: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(contenu)

    assert code == refused.value.code
    assert dit in refused.value.message


@pytest.mark.parametrize(
    ("cas", "contenu"),
    [
        ("fins de ligne Unix", b"nom;departement\nAVIE;31\n"),
        ("fins de ligne Windows", b"nom;departement\r\nAVIE;31\r\n"),
        ("sans fin de ligne finale", b"nom;departement\nAVIE;31"),
        ("marque d'UTF-8 d'Excel", b"\xef\xbb\xbfnom;departement\r\nAVIE;31\r\n"),
        ("cellules entre guillemets", b'"nom";"departement"\n"AVIE";"31"\n'),
    ],
)
def test_fichier_lu(cas: str, contenu: bytes) -> None:
    (row,) = read(contenu).rows

    assert row.cells == {Column.NAME: "AVIE", Column.DEPARTMENT: "31"}, cas
    assert (row.row, row.findings) == (2, ())


def test_the_largest_admitted_file_is_read() -> None:
    table = read((HEADER + LIGNE * MAX_ROWS).encode())

    assert (len(table.rows), table.rows[-1].row) == (MAX_ROWS, MAX_ROWS + 1)


ERREURS = [
    ("cellule de trop", "AVIE;AI;31;", None, "row_cell_count"),
    ("cellule manquante", "AVIE;AI", None, "row_cell_count"),
    ("guillemet jamais refermé", '"AVIE;AI;31', None, "row_quotes"),
    ("guillemet isolé dans une cellule", 'AVIE "SARL;AI;31', None, "row_quotes"),
    ("texte après le guillemet", '"AVIE" SARL;AI;31', None, "row_quotes"),
    ("formule =", '"=HYPERLINK(""http://x"")";AI;31', "nom", "cell_formula"),
    ("formule +", "+ D'EMPLOI;AI;31", "nom", "cell_formula"),
    ("formule -", "-1+1;AI;31", "nom", "cell_formula"),
    ("formule @", "@SUM(A1);AI;31", "nom", "cell_formula"),
    ("formule après une espace", " =1+1;AI;31", "nom", "cell_formula"),
    ("formule en pleine chasse", "＝1+1;AI;31", "nom", "cell_formula"),
    ("tabulation en tête", "\tAVIE;AI;31", "nom", "cell_formula"),
    ("retour chariot en tête", '"\rAVIE";AI;31', "nom", "cell_formula"),
    ("octet nul", "AV\0IE;AI;31", "nom", "import_control_character"),
    ("retour chariot au milieu", "AV\rIE;AI;31", None, "import_control_character"),
    ("caractère invisible", "AV\u200bIE;AI;31", "nom", "import_control_character"),
    ("écriture retournée", "AV\u202eIE;AI;31", "nom", "import_control_character"),
    ("cellule trop longue", f"{'A' * 301};AI;31", "nom", "cell_too_long"),
]


@pytest.mark.parametrize(("cas", "ligne", "colonne", "code"), ERREURS, ids=[cas[0] for cas in ERREURS])
def test_ligne_refusee_seule(cas: str, ligne: str, colonne: str | None, code: str) -> None:
    refused, next_row = read(f"{HEADER}{ligne}\nAVIE;AI;82\n".encode()).rows

    (finding,) = refused.findings
    assert (2, colonne, code) == (finding.row, finding.column, finding.code)
    assert finding.severity is Severity.ERROR
    assert "\0" not in finding.message + finding.value + "".join(refused.cells.values())
    assert (next_row.row, next_row.cells[Column.NAME], next_row.findings) == (3, "AVIE", ())


@pytest.mark.parametrize(
    "nom", ["BATI +", "L'ABEILLE VERTE", 'LA "REGIE"', "Coopérative\u00a0: l'essor", "1001 Beautés", "A=B"]
)
def test_ligne_admise_telle_que_imprimee(nom: str) -> None:
    (row,) = read(f"{HEADER}{nom};AI;31\n".encode()).rows

    assert (nom, ()) == (row.cells[Column.NAME], row.findings)


def test_a_cell_on_two_lines_refuses_its_lines_and_no_other() -> None:
    table = read(f'{HEADER}"AVIE\nVILLEMUR";AI;31\n{LIGNE}'.encode())

    assert [(row.row, [finding.code for finding in row.findings]) for row in table.rows] == [
        (2, ["row_quotes"]),
        (3, ["row_quotes"]),
        (4, []),
    ]


def test_an_empty_line_is_left_out_and_said() -> None:
    table = read(f"{HEADER}\n;;\n{LIGNE}".encode())

    assert [(finding.row, finding.code) for finding in table.findings] == [(2, "row_empty"), (3, "row_empty")]
    assert [row.row for row in table.rows] == [4]


# Fictitious identifiers whose control digit is right (and La Poste, whose establishments have their own rule).
IDENTIFIANTS = [
    ("justes", "900000001", "90000000100017", []),
    ("imprimés avec des espaces", "900 000 001", "900 000 001 00017", []),
    ("SIRET seul", "", "90000000100017", []),
    ("établissement de La Poste", "356000000", "35600000049837", []),
    ("clé du SIREN fausse", "900000002", "", [("siren", "siren_invalid")]),
    ("SIREN de huit chiffres", "90000000", "", [("siren", "siren_invalid")]),
    ("SIREN en lettres", "ABCDEFGHI", "", [("siren", "siren_invalid")]),
    ("chiffres en pleine chasse", "９０００００００１", "", [("siren", "siren_invalid")]),
    ("chiffres d'un autre alphabet", "٩٠٠٠٠٠٠٠١", "", [("siren", "siren_invalid")]),
    ("clé du SIRET fausse", "", "90000000100012", [("siret", "siret_invalid")]),
    ("SIRET avec des points", "", "900.000.001.00017", [("siret", "siret_invalid")]),
    ("SIRET d'un autre SIREN", "900000001", "35600000049837", [("siret", "siret_invalid")]),
]


@pytest.mark.parametrize(("cas", "siren", "siret", "erreurs"), IDENTIFIANTS, ids=[cas[0] for cas in IDENTIFIANTS])
def test_identifiants(cas: str, siren: str, siret: str, erreurs: list[tuple[str, str]]) -> None:
    (row,) = read(f"nom;siren;siret\nAVIE;{siren};{siret}\n".encode()).rows

    assert erreurs == [(finding.column, finding.code) for finding in row.findings]


def _plan_or_refuse(content: bytes) -> None:
    """Go through the whole preview; the only exception that may come out is a refusal that can be shown."""
    refusal = _refusal_of(content)
    assert refusal is None or (refusal.endswith(".") and "\0" not in refusal)


def _refusal_of(content: bytes) -> str | None:
    try:
        table = read(content)
    except UnreadableFile as refused:
        return refused.message
    rows = [parse(row, load_territory(), TODAY) for row in table.rows]
    assert len(table.rows) == len(plan(rows, []))
    file_findings(rows)
    return None


@given(st.binary())
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    _plan_or_refuse(content)


@given(st.lists(st.text(alphabet=st.characters() | st.sampled_from(';;;"\n\r\t\0=/ 0123'), max_size=60)))
def test_any_text_under_a_good_header_gives_rows_or_a_refusal(lines: list[str]) -> None:
    header = ";".join(Column)
    _plan_or_refuse("\n".join([header, *lines]).encode("utf-8", errors="surrogatepass"))


CELLS = st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from('"=/,. 0123AIC'), max_size=20)


@given(st.lists(st.tuples(*[CELLS for _ in Column]), min_size=1, max_size=8))
def test_any_cells_give_a_planned_row_each(rows: list[tuple[str, ...]]) -> None:
    lines = [";".join(cell.replace(";", "").replace("\n", "") for cell in row) for row in rows]
    _plan_or_refuse("\n".join([";".join(Column), *lines]).encode())
