"""The development issuer: an OpenID Connect discovery document and the keys. Tokens come from `make token`.

``uvicorn --factory devstack.issuer:create_app``, behind the gateway at /dev-issuer. It refuses to start outside
development: whoever can read its key can be anyone.
"""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from devstack.tokens import ALGORITHM, load_or_create_key


def create_app() -> Starlette:
    """The application, from OIDC_ISSUER (its public address) and DEV_ISSUER_FOLDER (where its key is kept)."""
    if os.environ.get("COORACE_ENVIRONMENT") != "development":
        raise SystemExit("L'émetteur de développement ne démarre que si COORACE_ENVIRONMENT=development.")
    issuer = os.environ["OIDC_ISSUER"]
    keys = load_or_create_key(Path(os.environ["DEV_ISSUER_FOLDER"])).jwks()
    configuration = {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks.json",
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "subject_types_supported": ["public"],
        "claims_supported": ["sub", "roles", "member_id", "delegation"],
    }

    async def discovery(_: Request) -> JSONResponse:
        return JSONResponse(configuration)

    async def jwks(_: Request) -> JSONResponse:
        return JSONResponse(keys)

    return Starlette(routes=[Route("/.well-known/openid-configuration", discovery), Route("/jwks.json", jwks)])
