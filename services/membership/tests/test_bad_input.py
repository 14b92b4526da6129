"""What people and machines send by mistake or by malice: a clear problem each time, and nothing half-written."""

import pytest

from common.testing.harness import ServiceUnderTest

HEADER = "nom;types;adresse;code_postal;commune;departement"
ROW = "STRUCTURE FICTIVE;AI;1 rue des Exemples;31000;TOULOUSE;31"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"", 400, "import_empty", id="fichier vide"),
        pytest.param(HEADER.encode(), 400, "import_empty", id="en-tête seul"),
        pytest.param(f"{HEADER}\n{ROW}\n".encode("utf-16"), 400, "import_encoding", id="UTF-16"),
        pytest.param(f"{HEADER}\nSOLIDARITÉ;AI;;;;31\n".encode("cp1252"), 400, "import_encoding", id="Windows-1252"),
        pytest.param(HEADER.replace(";", ",").encode() + b"\nA,AI,,,,31\n", 400, "import_separator", id="virgules"),
        pytest.param(b"nom;couleur\nA;bleu\n", 400, "import_columns", id="colonne inconnue"),
        pytest.param(b"types;departement\nAI;31\n", 400, "import_columns", id="sans la colonne nom"),
        pytest.param(f"{HEADER}\n{'A' * 70_000}\n".encode(), 400, "import_line_too_long", id="ligne de 70 ko"),
        pytest.param(f"{HEADER}\n{'A' * 50_000_000}".encode(), 413, "body_too_large", id="ligne de 50 Mo"),
        pytest.param(
            HEADER.encode() + b"\n" + (ROW + "\n").encode() * 100_001, 400, "import_too_many_rows", id="100 001 lignes"
        ),
        pytest.param(b"%PDF-1.7\n\xe2\xe3", 400, "import_encoding", id="un PDF"),
    ],
)
async def test_an_unreadable_file_is_refused_whole(
    membership: ServiceUnderTest, content: bytes, status: int, code: str
) -> None:
    async with membership.client("network") as client:
        refused = await client.post("/imports", files={"file": ("adherents.csv", content)})
    assert (refused.status_code, refused.json().get("code")) == (status, code), refused.text[:300]
    assert refused.headers["content-type"] == "application/problem+json"
    assert await membership.rows("SELECT 1 FROM import_file") == []
    assert await membership.rows("SELECT 1 FROM job") == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        pytest.param("=HYPERLINK(1);AI;1 rue A;31000;TOULOUSE;31", "cell_formula", id="formule"),
        pytest.param("@SOMME(A1);AI;1 rue A;31000;TOULOUSE;31", "cell_formula", id="formule @"),
        pytest.param("A\x00B;AI;1 rue A;31000;TOULOUSE;31", "import_control_character", id="caractère nul"),
        pytest.param("A;AI;1 rue A;31000;TOULOUSE", "row_cell_count", id="cellule manquante"),
        pytest.param("A;XYZ;1 rue A;31000;TOULOUSE;31", "type_unknown", id="type inconnu"),
        pytest.param(";AI;1 rue A;31000;TOULOUSE;31", "name_missing", id="sans nom"),
        pytest.param("A;AI;1 rue A;31000;TOULOUSE;99", "department_unknown", id="département inconnu"),
    ],
)
async def test_a_flawed_row_is_an_error_and_the_others_go_on(membership: ServiceUnderTest, row: str, code: str) -> None:
    async with membership.client("network") as client:
        content = f"{HEADER}\n{row}\n{ROW}\n".encode()
        sent = await client.post("/imports", files={"file": ("adherents.csv", content)})
        assert sent.status_code == 202, sent.text
        await membership.run_jobs()
        path = f"/imports/{sent.json()['id']}"
        assert (await client.get(path)).json()["counts"] == {"error": 1, "created": 1}
        [line] = (await client.get(f"{path}/rows", params={"outcome": "error"})).json()["items"]
    assert code in [finding["code"] for finding in line["findings"]]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        pytest.param({"department": "31"}, "/body/name", "missing", id="champ absent"),
        pytest.param(
            {"name": "A", "department": "31", "couleur": "x"}, "/body/couleur", "extra_forbidden", id="inconnu"
        ),
        pytest.param({"name": 12, "department": "31"}, "/body/name", "string_type", id="mauvais type"),
        pytest.param({"name": "A\u0000B", "department": "31"}, "/body/name", "value_error", id="caractère nul"),
        pytest.param({"name": "A", "department": "XX"}, "/body/department", "string_pattern_mismatch", id="forme"),
        pytest.param(
            {"name": "A", "department": "31", "siren": "123456789"}, "/body/siren", "value_error", id="SIREN faux"
        ),
        pytest.param({"name": "A", "department": "31", "activities": ["xyz"]}, "/body/activities/0", "enum", id="type"),
        pytest.param({"name": "A", "department": "99"}, "/body/department", "value_error", id="département inconnu"),
        pytest.param({"name": "A", "department": "20"}, "/body/department", "value_error", id="la Corse en a deux"),
        pytest.param(
            {"name": "A", "department": "31", "postcode": "99999"}, "/body/postcode", "value_error", id="code inconnu"
        ),
        pytest.param(
            {"name": "A", "department": "06", "postcode": "98000"}, "/body/postcode", "value_error", id="Monaco"
        ),
    ],
)
async def test_a_malformed_application_names_each_field_in_french(
    membership: ServiceUnderTest, body: dict[str, object], pointer: str, code: str
) -> None:
    async with membership.client("network") as client:
        refused = await client.post("/applications", json=body)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == (pointer, code)
    assert error["message"].endswith(".") or code == "value_error"
    assert await membership.rows("SELECT 1 FROM application") == []


@pytest.mark.parametrize(
    ("postcode", "department", "delegation"),
    [
        pytest.param("31015", "31", "occitanie", id="CEDEX"),
        pytest.param("97490", "974", "oceanindien", id="La Réunion"),
        pytest.param("97605", "976", "oceanindien", id="Mayotte, CEDEX"),
        pytest.param("97150", "971", None, id="Saint-Martin, desservie par la Guadeloupe"),
        pytest.param("20090", "2A", None, id="Corse-du-Sud"),
        pytest.param("67000", "67", None, id="un département sans délégation"),
    ],
)
async def test_a_postcode_that_exists_is_taken(
    membership: ServiceUnderTest, postcode: str, department: str, delegation: str | None
) -> None:
    async with membership.client("network") as client:
        body = {"name": "A", "department": department, "postcode": postcode}
        received = await client.post("/applications", json=body)
        assert received.status_code == 201, received.text
        shown = (await client.get(f"/members/{received.json()['member_id']}")).json()
    assert (shown["postcode"], shown["department"]) == (postcode, department)
    if delegation:
        assert shown["delegation"] == delegation


@pytest.mark.parametrize(("postcode", "department"), [("99999", "99"), ("98000", "98"), ("00100", "00")])
async def test_no_door_takes_a_place_that_does_not_exist(
    membership: ServiceUnderTest, postcode: str, department: str
) -> None:
    async with membership.client("network") as client:
        received = await client.post("/applications", json={"name": "A", "department": "31", "activities": ["ai"]})
        member = received.json()["member_id"]
        address = {"street": "1 rue A", "city": "VILLE", "postcode": postcode}
        split = {"kind": "split", "member_id": member, "version": 1, "reason": "x", "name": "B", "activities": ["ai"]}
        moved = {"kind": "siret_change", "member_id": member, "version": 1, "reason": "x", "siret": "90000000100017"}
        letters = {"topic": "correspondence", "purpose": "dues", "address": address}
        for method, path, body in (
            ("PATCH", f"/members/{member}", {"postcode": postcode}),
            ("PATCH", f"/members/{member}", {"department": department}),
            ("POST", f"/members/{member}/entries", letters),
            ("POST", "/restructurings", {**split, "department": department}),
            ("POST", "/restructurings", {**split, "department": "31", "postcode": postcode}),
            ("POST", "/restructurings", {**moved, **address}),
        ):
            refused = await client.request(method, path, json=body, headers={"If-Match": '"v1"'})
            assert refused.status_code == 422, (path, body, refused.text)
            [error] = refused.json()["errors"]
            assert error["pointer"].endswith(("/postcode", "/department")), error
        for path in ("/encounters/2026/members", "/meetings"):
            asked = await client.get(path, params={"department": department})
            assert asked.status_code == 422, (path, asked.text)
        assert (await client.get(f"/members/{member}")).json()["version"] == 1


async def test_the_same_siren_twice_is_refused_by_name(membership: ServiceUnderTest) -> None:
    body = {"name": "Structure fictive", "department": "31", "siren": "900000019"}
    async with membership.client("network") as client:
        assert (await client.post("/applications", json=body)).status_code == 201
        refused = await client.post("/applications", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "siren_taken")
    assert len(await membership.rows("SELECT 1 FROM application")) == 1


async def test_a_key_repeated_with_another_body_is_refused(membership: ServiceUnderTest) -> None:
    headers = {"Idempotency-Key": "candidature-1"}
    async with membership.client("network") as client:
        first = await client.post("/applications", json={"name": "A", "department": "31"}, headers=headers)
        again = await client.post("/applications", json={"name": "A", "department": "31"}, headers=headers)
        other = await client.post("/applications", json={"name": "B", "department": "31"}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await membership.rows("SELECT 1 FROM application")) == 1


OUT_OF_THE_CALENDAR = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")


@pytest.mark.parametrize("known_at", OUT_OF_THE_CALENDAR)
async def test_no_instant_is_out_of_the_calendar(membership: ServiceUnderTest, known_at: str) -> None:
    async with membership.client("network") as client:
        received = await client.post("/applications", json={"name": "A", "department": "31"})
        member = received.json()["member_id"]
        for path in (
            "/members",
            "/members/export",
            f"/members/{member}",
            f"/members/{member}/seats",
            "/electoral-roll",
            "/electoral-roll/summary",
            "/electoral-roll/export",
            f"/electoral-roll/members/{member}",
        ):
            refused = await client.get(path, params={"known_at": known_at})
            assert refused.status_code == 422, (path, refused.text)
            [error] = refused.json()["errors"]
            assert error["pointer"] == "/query/known_at"
            assert (await client.get(path, params={"known_at": "2100-12-31T23:59:59Z"})).status_code != 422, path


@pytest.mark.parametrize("q", ["%00", "a%00b", "%"])
async def test_a_hostile_search_is_no_server_error(membership: ServiceUnderTest, q: str) -> None:
    async with membership.client("network") as client:
        response = await client.get(f"/members?q={q}")
    assert response.status_code in (200, 400, 422)


async def test_a_file_sent_again_with_its_key_is_sent_once(membership: ServiceUnderTest) -> None:
    headers = {"Idempotency-Key": "envoi-1"}
    file = {"file": ("adherents.csv", f"{HEADER}\n{ROW}\n".encode())}
    other = {"file": ("adherents.csv", f"{HEADER}\n{ROW}\n{ROW}\n".encode())}
    async with membership.client("network") as client:
        first = await client.post("/imports", files=file, headers=headers)
        again = await client.post("/imports", files=file, headers=headers)
        changed = await client.post("/imports", files=other, headers=headers)
    assert again.json() == first.json()
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
    assert len(await membership.rows("SELECT 1 FROM import_file")) == 1
