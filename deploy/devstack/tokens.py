"""The development issuer's key, the tokens signed with it, and the key set that verifies them."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from devstack.errors import StackError
from devstack.personas import Persona
from devstack.settings import Settings

LIFETIME = timedelta(hours=12)
ALGORITHM = "RS256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key and the identifier that tokens and key set share."""

    private: rsa.RSAPrivateKey
    key_id: str

    def jwks(self) -> dict[str, Any]:
        """The public key set (RFC 7517)."""
        return {"keys": [{**_public_jwk(self.private), "kid": self.key_id, "alg": ALGORITHM, "use": "sig"}]}

    def sign(self, claims: dict[str, Any]) -> str:
        """A signed token."""
        return jwt.encode(claims, self.private, ALGORITHM, headers={"kid": self.key_id})


def load_or_create_key(folder: Path) -> SigningKey:
    """The key kept in ``folder``, generated the first time."""
    path = folder / "private.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_new_key(path)
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise StackError(f"{path} n'est pas une clé RSA : supprimez ce fichier, il sera généré de nouveau.")
    return SigningKey(private, _thumbprint(private))


def claims_of(who: Persona, issuer: str, now: datetime, member_id: str | None = None) -> dict[str, Any]:
    """The claims of a token for ``who``, valid 12 hours from ``now``."""
    scope = {"delegation": who.delegation, "member_id": member_id}
    return {
        "iss": issuer,
        "aud": "coorace",
        "sub": who.name,
        "roles": [who.role],
        **{name: value for name, value in scope.items() if value is not None},
        "iat": now,
        "exp": now + LIFETIME,
        "jti": secrets.token_hex(16),
    }


def token_for(who: Persona, settings: Settings) -> str:
    """A token for ``who``, signed here; a member's identifier is asked from membership by SIREN."""
    if not settings.starts_issuer:
        raise StackError("Les jetons de développement n'existent qu'avec l'émetteur de développement.")
    key = load_or_create_key(settings.local / "issuer")
    now = datetime.now(UTC)
    member_id = None
    if who.siren is not None:
        network = key.sign(claims_of(Persona("network", "network"), settings.issuer_url, now))
        member_id = _member_id(settings.public_url, who.siren, network)
    return key.sign(claims_of(who, settings.issuer_url, now, member_id))


def _member_id(public_url: str, siren: str, token: str) -> str:
    url = f"{public_url}/membership/v1/members/by-siren/{siren}"
    try:
        response = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    except httpx.HTTPError as error:
        raise StackError(f"{url} ne répond pas ({error}). La plateforme est-elle démarrée ? make up") from error
    if response.status_code == httpx.codes.NOT_FOUND:
        raise StackError(f"Aucun adhérent n'a le SIREN {siren}.")
    if not response.is_success:
        raise StackError(f"membership n'a pas pu chercher l'adhérent {siren} : {url} répond {response.status_code}.")
    return str(response.json()["id"])


def _write_new_key(path: Path) -> None:
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    partial.replace(path)


def _thumbprint(private: rsa.RSAPrivateKey) -> str:
    """RFC 7638: the digest of the public key's required members."""
    jwk = {name: value for name, value in _public_jwk(private).items() if name in ("e", "kty", "n")}
    return hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _public_jwk(private: rsa.RSAPrivateKey) -> dict[str, Any]:
    return dict(RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))
