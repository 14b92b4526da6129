"""An OpenID Connect issuer for tests: real RS256 tokens, keys served over HTTP as a provider serves them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

_AUDIENCE = "coorace"


@dataclass(frozen=True)
class TestIssuer:
    """Signs tokens whose keys stand at ``jwks_url``."""

    __test__ = False

    url: str
    key: rsa.RSAPrivateKey

    @property
    def jwks_url(self) -> str:
        """Where the keys are."""
        return f"{self.url}/jwks.json"

    def claims(self, *roles: str, member_id: UUID | None = None, delegation: str | None = None) -> dict[str, Any]:
        """Return the claims of an ordinary token."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": _AUDIENCE,
            "sub": "test-" + "-".join(roles),
            "iat": now,
            "exp": now + 3600,
            "roles": list(roles),
            "member_id": str(member_id) if member_id else None,
            "delegation": delegation,
        }

    def sign(self, claims: dict[str, Any], *, key_id: str = "test", algorithm: str = "RS256") -> str:
        """Sign any claims, so that tests can make bad tokens too."""
        return jwt.encode(claims, self.key, algorithm, headers={"kid": key_id})

    def token(self, *roles: str, member_id: UUID | None = None, delegation: str | None = None) -> str:
        """Return a good token."""
        return self.sign(self.claims(*roles, member_id=member_id, delegation=delegation))


@contextmanager
def running_issuer() -> Iterator[TestIssuer]:
    """Serve an issuer on a free port for as long as the block lasts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": "test", "alg": "RS256", "use": "sig"}
    body = json.dumps({"keys": [jwk]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server calls
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the test's screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield TestIssuer(f"http://127.0.0.1:{server.server_port}", key)
    finally:
        server.shutdown()
        server.server_close()
