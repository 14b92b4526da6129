"""Who a development token stands for, and that services can verify it."""

import http.server
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from devstack import tokens
from devstack.errors import StackError
from devstack.issuer import create_app
from devstack.personas import Persona, delegation_codes, persona
from devstack.settings import Settings


@pytest.mark.parametrize(
    ("name", "role", "delegation", "siren"),
    [
        ("network", "network", None, None),
        ("finance", "finance", None, None),
        ("board", "board", None, None),
        ("training", "training", None, None),
        ("trainer", "trainer", None, None),
        ("head-jurist", "head-jurist", None, None),
        ("jurist-1", "jurist", None, None),
        ("jurist-3", "jurist", None, None),
        ("ptce", "ptce", None, None),
        ("cna", "cna", None, None),
        ("cra-occitanie", "cra", "occitanie", None),
        ("cra-paca", "cra", "paca", None),
        ("fg2i-secretary", "fg2i-secretary", None, None),
        ("fg2i-president", "fg2i-president", None, None),
        ("fg2i-member-1", "fg2i-member", None, None),
        ("fg2i-member-5", "fg2i-member", None, None),
        ("partner-bank", "partner", None, None),
        ("partner-france-active", "partner", None, None),
        ("delegation-occitanie", "delegation", "occitanie", None),
        ("delegation-hdf", "delegation", "hdf", None),
        ("member-123456789", "member", None, "123456789"),
        ("ops", "ops", None, None),
    ],
)
def test_persona(name: str, role: str, delegation: str | None, siren: str | None) -> None:
    assert persona(name, delegation_codes()) == Persona(name, role, delegation, siren)


@pytest.mark.parametrize(
    "name", ["", "Network", "jurist-4", "jurist", "fg2i-member-6", "delegation-atlantide", "cra-", "member-12345678"]
)
def test_an_unknown_persona_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(StackError, match=r"Aucun persona.*network, finance.*member-<siren.*occitanie"):
        persona(name, delegation_codes())


async def test_a_token_is_verified_by_the_keys_that_the_issuer_publishes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tokens.token_for(Persona("cra-occitanie", "cra", delegation="occitanie"), settings)
    monkeypatch.setenv("COORACE_ENVIRONMENT", "development")
    monkeypatch.setenv("OIDC_ISSUER", settings.issuer_url)
    monkeypatch.setenv("DEV_ISSUER_FOLDER", str(settings.local / "issuer"))
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://issuer") as client:
        discovery = (await client.get("/.well-known/openid-configuration")).json()
        keys = jwt.PyJWKSet.from_dict((await client.get("/jwks.json")).json())
    assert discovery["issuer"] == settings.issuer_url
    assert discovery["jwks_uri"] == f"{settings.issuer_url}/jwks.json"
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, ["RS256"], audience="coorace", issuer=settings.issuer_url)
    assert (claims["sub"], claims["roles"], claims["delegation"]) == ("cra-occitanie", ["cra"], "occitanie")
    assert "member_id" not in claims
    assert claims["exp"] - claims["iat"] == timedelta(hours=12).total_seconds()
    assert claims["jti"]


@pytest.mark.parametrize("environment", ["production", ""])
def test_the_issuer_refuses_to_start_outside_development(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    monkeypatch.setenv("COORACE_ENVIRONMENT", environment)
    with pytest.raises(SystemExit, match="ne démarre que si"):
        create_app()


def test_the_key_stays_the_same_and_is_its_owner_s_alone(settings: Settings) -> None:
    folder = settings.local / "issuer"
    assert tokens.load_or_create_key(folder).jwks() == tokens.load_or_create_key(folder).jwks()
    assert (folder / "private.pem").stat().st_mode & 0o077 == 0
    published = tokens.load_or_create_key(folder).jwks()["keys"][0]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(published)


class Membership(http.server.BaseHTTPRequestHandler):
    """Answers as membership does: one member known, nothing without a token."""

    def do_GET(self) -> None:
        found = self.path.endswith("/members/by-siren/123456789") and self.headers["Authorization"]
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"id": "0199aaaa-0000-7000-8000-000000000001"}).encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_a_member_s_token_carries_the_identifier_that_membership_gives(
    settings: Settings, serve: Callable[[int, type[http.server.BaseHTTPRequestHandler]], None]
) -> None:
    serve(settings.gateway_port, Membership)
    token = tokens.token_for(persona("member-123456789", ()), settings)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["member_id"] == "0199aaaa-0000-7000-8000-000000000001"
    assert claims["roles"] == ["member"]
    with pytest.raises(StackError, match="Aucun adhérent n'a le SIREN 987654321"):
        tokens.token_for(persona("member-987654321", ()), settings)


def test_a_member_s_token_needs_the_platform(settings: Settings) -> None:
    with pytest.raises(StackError, match=r"ne répond pas .* make up"):
        tokens.token_for(persona("member-123456789", ()), settings)


def test_claims_expire_twelve_hours_after_the_given_instant() -> None:
    now = datetime(2026, 1, 15, 8, tzinfo=UTC)
    claims = tokens.claims_of(Persona("ops", "ops"), "http://issuer", now)
    assert claims["exp"] == datetime(2026, 1, 15, 20, tzinfo=UTC)
