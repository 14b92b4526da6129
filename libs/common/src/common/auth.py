"""Who calls: verifies OpenID Connect access tokens against the issuer's published keys."""

import asyncio
import ssl
import time
from functools import cache
from typing import Any
from uuid import UUID

import httpx
import jwt
from starlette.requests import Request

from common.clock import Clock
from common.errors import Refusal, Unavailable
from common.settings import CommonSettings
from common.transaction import Actor

_ALGORITHMS = ("RS256", "ES256")
_LEEWAY_SECONDS = 30
_REFETCH_SECONDS = 30.0
"""At most one fetch of the keys in this time, so that tokens with invented key ids cannot flood the issuer."""

_CLOCK = Clock()  # the issuer's, whatever day a demonstration plays
_REMEMBERED = 5_000
"""How many verified tokens a process remembers."""

ANYONE = Actor(subject="anonymous", roles=frozenset({"anyone"}))


class Unauthenticated(Refusal):
    """No token, or one that does not prove who calls."""

    code = "unauthenticated"
    title = "Authentification requise"
    status = 401


class Tokens:
    """Verifies bearer tokens: pinned algorithms, audience, issuer, expiry; keys are fetched once and on rotation.

    Who a verified token names is remembered until the token expires: its bearer shows it again with each request.
    """

    def __init__(self, settings: CommonSettings) -> None:
        self._issuer = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._jwks_url = settings.oidc_jwks_url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -_REFETCH_SECONDS
        self._fetching = asyncio.Lock()
        self._actors: dict[str, tuple[Actor, float]] = {}

    async def authenticate(self, request: Request) -> Actor:
        """Return the actor of a request, ``ANYONE`` without an Authorization header.

        Raises Unauthenticated for a token that is malformed, expired, or not for us; Unavailable when the issuer's
        keys cannot be had.
        """
        header = request.headers.get("authorization")
        if header is None:
            return ANYONE
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("L'en-tête Authorization doit porter un jeton « Bearer ».", code="token_malformed")
        return await self._bearer(token.strip())

    async def _bearer(self, token: str) -> Actor:
        known = self._actors.get(token)
        if known and _CLOCK.now().timestamp() < known[1]:
            return known[0]
        claims = await self._verify(token)
        actor = _actor(claims)
        if len(self._actors) >= _REMEMBERED:
            self._actors.clear()
        self._actors[token] = (actor, int(claims["exp"]))
        return actor

    async def _verify(self, token: str) -> dict[str, Any]:
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            return jwt.decode(
                token,
                key=key,
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("Le jeton a expiré : demandez-en un nouveau.", code="token_expired") from None
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated("Le jeton présenté n'est pas valable.", code="token_invalid") from None

    async def _key(self, key_id: object) -> jwt.PyJWK:
        if not isinstance(key_id, str):
            raise jwt.InvalidTokenError("the header names no key")
        if key_id not in self._keys:
            async with self._fetching:
                if key_id not in self._keys and time.monotonic() - self._fetched_at >= _REFETCH_SECONDS:
                    await self._fetch()
        if key_id not in self._keys:
            raise jwt.InvalidTokenError("the issuer has no such key")
        return self._keys[key_id]

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(verify=_tls(), timeout=5.0) as client:
                response = await client.get(self._jwks_url)
                response.raise_for_status()
                published = jwt.PyJWKSet.from_json(response.text)
        except (httpx.HTTPError, ValueError, AttributeError, jwt.PyJWTError):  # away, or what it says is no set of keys
            raise Unavailable(
                "Le fournisseur d'identité ne répond pas : réessayez dans un instant.", code="issuer_unavailable"
            ) from None
        self._keys = {str(key.key_id): key for key in published.keys if key.key_type in ("RSA", "EC")}
        self._fetched_at = time.monotonic()


@cache
def _tls() -> ssl.SSLContext:
    """Read the authorities that are trusted once: 25 ms, of the first request that has a token."""
    return httpx.create_ssl_context()


def _actor(claims: dict[str, Any]) -> Actor:
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Unauthenticated("Le jeton ne dit pas les rôles comme une liste.", code="token_invalid")
    member_id = claims.get("member_id")
    try:
        return Actor(
            subject=str(claims["sub"]),
            roles=frozenset(roles),
            member_id=UUID(member_id) if member_id else None,
            delegation=claims.get("delegation"),
        )
    except (ValueError, AttributeError, TypeError):
        raise Unauthenticated("Le jeton porte un identifiant de membre illisible.", code="token_invalid") from None
