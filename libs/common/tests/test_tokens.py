"""Who calls: tokens that prove it, and every way not to."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble

from .notebook.app import service_with
from .test_refusals import assert_problem

STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def without(claim: str) -> Callable[[TestIssuer], str]:
    return lambda issuer: issuer.sign(
        {name: value for name, value in issuer.claims("network").items() if name != claim}
    )


def changed(**claims: Any) -> Callable[[TestIssuer], str]:
    return lambda issuer: issuer.sign({**issuer.claims("network"), **claims})


def forged(key: Any, algorithm: str, key_id: str | None = "test") -> Callable[[TestIssuer], str]:
    headers = {"kid": key_id} if key_id else {}
    return lambda issuer: jwt.encode(issuer.claims("network"), key, algorithm, headers=headers)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param(lambda _: "", "token_malformed", id="vide"),
        pytest.param(lambda _: "n'importe quoi", "token_invalid", id="pas un jeton"),
        pytest.param(lambda _: "a.b.c", "token_invalid", id="trois morceaux illisibles"),
        pytest.param(lambda _: "é.é.é", "token_invalid", id="hors ASCII"),
        pytest.param(changed(exp=1), "token_expired", id="expiré"),
        pytest.param(changed(aud="another"), "token_invalid", id="pour un autre"),
        pytest.param(changed(iss="https://elsewhere.example"), "token_invalid", id="d'un autre émetteur"),
        pytest.param(changed(nbf=4_000_000_000), "token_invalid", id="pas encore valable"),
        pytest.param(changed(roles="network"), "token_invalid", id="rôles en texte"),
        pytest.param(changed(member_id="x"), "token_invalid", id="membre illisible"),
        pytest.param(changed(member_id=3), "token_invalid", id="membre en nombre"),
        pytest.param(without("exp"), "token_invalid", id="sans échéance"),
        pytest.param(without("aud"), "token_invalid", id="sans destinataire"),
        pytest.param(without("sub"), "token_invalid", id="sans sujet"),
        pytest.param(forged(None, "none"), "token_invalid", id="alg none"),
        pytest.param(forged("x" * 64, "HS256"), "token_invalid", id="alg symétrique"),
        pytest.param(forged(CURVE, "ES256"), "token_invalid", id="autre algorithme sous une clé connue"),
        pytest.param(forged(STRANGER, "RS256"), "token_invalid", id="signé par un inconnu"),
        pytest.param(forged(STRANGER, "RS256", "unknown"), "token_invalid", id="clé inconnue"),
        pytest.param(forged(STRANGER, "RS256", None), "token_invalid", id="sans nom de clé"),
    ],
)  # fmt: skip
async def test_a_token_that_proves_nothing_is_refused(
    standing: ServiceUnderTest, issuer: TestIssuer, token: Callable[[TestIssuer], str], code: str
) -> None:
    authorization = f"Bearer {token(issuer)}".encode()
    async with standing.client() as client:
        response = await client.get("/notes", headers={b"Authorization": authorization})
    assert_problem(response, 401, code)
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_that_was_good_ends_all_the_same(standing: ServiceUnderTest, issuer: TestIssuer) -> None:
    almost_over = issuer.sign({**issuer.claims("network"), "exp": int(time.time()) - 28})  # thirty seconds are let pass
    async with standing.client() as client:
        headers = {"Authorization": f"Bearer {almost_over}"}
        assert (await client.get("/notes/whoami", headers=headers)).json() == {"subject": "test-network"}

        async def is_refused() -> bool:
            return (await client.get("/notes/whoami", headers=headers)).status_code == 401

        await eventually(is_refused, awaited="the end of the token")


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "jeton"])
async def test_another_scheme_is_refused(standing: ServiceUnderTest, header: str) -> None:
    async with standing.client() as client:
        response = await client.get("/notes", headers={"Authorization": header})
    assert_problem(response, 401, "token_malformed")


async def test_without_a_token_one_is_anyone(standing: ServiceUnderTest) -> None:
    async with standing.client() as client:
        assert (await client.get("/notes/whoami")).json() == {"subject": "anonymous"}
        assert_problem(await client.post("/notes", json={"title": "t"}), 401, "unauthenticated")


async def test_a_good_token_without_the_right_is_forbidden(standing: ServiceUnderTest) -> None:
    async with standing.client("member") as client:
        assert (await client.get("/notes/whoami")).json() == {"subject": "test-member"}
        problem = assert_problem(await client.post("/notes", json={"title": "t"}), 403, "forbidden")
    assert problem["act"] == "notes.write"


@contextmanager
def serving_keys(body: bytes, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Serve a document of keys; yield its address and the list of the requests it gets."""
    requests: list[str] = []

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json", requests
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 500, id="en panne"),
        pytest.param(b"<html>", 200, id="pas du JSON"),
        pytest.param(b"[]", 200, id="pas un objet"),
        pytest.param(b'{"keys": []}', 200, id="aucune clé"),
        pytest.param(b'{"keys": [{"kty": "unknown"}]}', 200, id="aucune clé utilisable"),
    ],
)
async def test_an_issuer_that_gives_no_keys_is_unavailable(assemble: Assemble, body: bytes, status: int) -> None:
    with serving_keys(body, status) as (address, _):
        service = await assemble(service_with(), OIDC_JWKS_URL=address)
        async with service.client("network") as client:
            response = await client.get("/notes")
    assert_problem(response, 503, "issuer_unavailable")
    assert response.headers["retry-after"] == "5"


async def test_an_issuer_that_cannot_be_reached_is_unavailable(assemble: Assemble) -> None:
    service = await assemble(service_with(), OIDC_JWKS_URL="http://127.0.0.1:1/jwks.json")
    async with service.client("network") as client:
        assert_problem(await client.get("/notes"), 503, "issuer_unavailable")


async def test_the_keys_are_fetched_once_whoever_asks(assemble: Assemble, issuer: TestIssuer) -> None:
    """Forty requests at once, half of them with invented keys: one fetch."""
    keys = jwt.algorithms.RSAAlgorithm.to_jwk(issuer.key.public_key(), as_dict=True)
    body = json.dumps({"keys": [{**keys, "kid": "test"}]}).encode()
    with serving_keys(body) as (address, requests):
        service = await assemble(service_with(), OIDC_JWKS_URL=address)
        good = f"Bearer {issuer.token('network')}"
        async with service.client() as client:
            answers = await asyncio.gather(
                *(
                    client.get(
                        "/notes/whoami",
                        headers={"Authorization": good if number % 2 else f"Bearer {invented(issuer, number)}"},
                    )
                    for number in range(40)
                )
            )
    assert [answer.status_code for answer in answers] == [401, 200] * 20
    assert len(requests) == 1


def invented(issuer: TestIssuer, number: int) -> str:
    return jwt.encode(issuer.claims("network"), STRANGER, "RS256", headers={"kid": f"invented-{number}"})
