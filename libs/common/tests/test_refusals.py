"""Whatever a client sends, it gets an answer it can read: problem+json, a stable code, French, and the trace."""

from typing import Any

import httpx
import pytest

from common.testing.harness import ServiceUnderTest

NOTE = {"title": "une note", "rank": 1}


def with_key(key: str) -> dict[str, Any]:
    return {"json": NOTE, "headers": {"Idempotency-Key": key}}


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["detail"]
    assert problem["title"]
    assert problem["trace_id"]
    return problem


NO_JOB = "/jobs/00000000-0000-7000-8000-000000000000"
CASES: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "adresse inconnue": ("GET", "/nulle-part", {}, 404, "route_not_found"),
    "méthode non prévue": ("DELETE", "/notes", {}, 405, "method_not_allowed"),
    "champ inconnu": ("POST", "/notes", {"json": {**NOTE, "x": 1}}, 422, "validation"),
    "champ manquant": ("POST", "/notes", {"json": {}}, 422, "validation"),
    "une liste au lieu d'un objet": ("POST", "/notes", {"json": []}, 422, "validation"),
    "type faux": ("POST", "/notes", {"json": {"title": 3}}, 422, "validation"),
    "JSON coupé": ("POST", "/notes", {"content": b"{"}, 422, "validation"),
    "octets illisibles": ("POST", "/notes", {"content": b'"\xff'}, 400, "bad_request"),
    "imbrication sans fin": ("POST", "/notes", {"content": b"[" * 100_000}, 400, "bad_request"),
    "nombre de 5 000 chiffres": ("POST", "/notes", {"content": b"1" * 5_000}, 400, "bad_request"),
    "nom de champ hors Unicode": ("POST", "/notes", {"content": b'{"\\ud800": 1}'}, 422, "validation"),
    "texte hors Unicode": ("POST", "/notes", {"content": b'{"title": "\\ud800"}'}, 422, "validation"),
    "caractère nul dans le corps": ("POST", "/notes", {"json": {"title": "a\0b"}}, 422, "validation"),
    "caractère nul jusqu'à la base": ("POST", "/notes/raw", {"json": {"title": "\0"}}, 400, "nul_character"),
    "nombre hors de la base": (
        "POST",
        "/notes/raw",
        {"json": {"title": "a", "rank": 2**40}},
        400,
        "number_out_of_range",
    ),
    "dry_run ni vrai ni faux": ("POST", "/notes?dry_run=bof", {"json": NOTE}, 422, "validation"),
    "clé d'idempotence trop longue": ("POST", "/notes", with_key("k" * 201), 422, "validation"),
    "clé d'idempotence vide": ("POST", "/notes", with_key(""), 422, "validation"),
    "refus du métier": ("POST", "/notes", {"json": {"title": "refused"}}, 409, "title_refused"),
    "faute de notre part": ("POST", "/notes/broken", {}, 500, "unexpected"),
    "caractère nul dans le chemin": ("GET", "/notes/by-title/%00", {}, 400, "nul_character"),
    "ressource inconnue": ("GET", "/notes/by-title/absente", {}, 404, "note_not_found"),
    "tri inconnu": ("GET", "/notes?sort=%00", {}, 400, "sort_unknown"),
    "page vide": ("GET", "/notes?limit=0", {}, 422, "validation"),
    "filtre inconnu": ("GET", "/notes?inconnu=1", {}, 422, "validation"),
    "position hors d'atteinte": ("GET", f"/notes/changes?after={2**70}", {}, 422, "validation"),
    "identifiant illisible": ("GET", "/jobs?subject_id=%00", {}, 422, "validation"),
    "travail inconnu": ("GET", NO_JOB, {}, 404, "job_not_found"),
    "flux d'un travail inconnu": ("GET", f"{NO_JOB}/events", {}, 404, "job_not_found"),
    "reçu d'un travail inconnu": ("GET", f"{NO_JOB}/receipt?outcome=%00", {}, 404, "job_not_found"),
    "arrêt d'un travail inconnu": ("POST", f"{NO_JOB}/cancel", {}, 404, "job_not_found"),
}


@pytest.mark.parametrize(("method", "path", "sent", "status", "code"), CASES.values(), ids=CASES)
async def test_every_refusal_is_a_problem(
    standing: ServiceUnderTest, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"} if "content" in sent else {}
    async with standing.client("network") as client:
        response = await client.request(method, path, **{**sent, "headers": {**headers, **sent.get("headers", {})}})
    assert_problem(response, status, code)
    assert await standing.rows("SELECT 1 FROM note UNION ALL SELECT 1 FROM event_outbox") == []


async def test_a_body_too_large_is_refused(standing: ServiceUnderTest) -> None:
    async with standing.client("network") as client:
        response = await client.post("/notes", json={"title": "x" * 1_100_000})
    assert_problem(response, 413, "body_too_large")


async def test_each_fault_of_a_body_is_pointed_at(standing: ServiceUnderTest) -> None:
    async with standing.client("network") as client:
        problem = assert_problem(await client.post("/notes", json={"rank": "x", "a/b~c": 1}), 422, "validation")
    assert {(fault["pointer"], fault["message"]) for fault in problem["errors"]} == {
        ("/body/title", "Ce champ est obligatoire."),
        ("/body/rank", "Un nombre entier est attendu."),
        ("/body/a~1b~0c", "Ce champ n'est pas prévu ici."),
    }
