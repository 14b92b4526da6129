"""The ceiling of a page: a server that holds nothing but a pool, one statement and its rows as JSON.

Run as ``python -m bench.bare <port> <database>``.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PAGE = "SELECT * FROM member WHERE merged_into IS NULL AND NOT retracted ORDER BY name, id LIMIT 50"


async def _page(request: Request) -> Response:
    rows = await request.app.state.pool.fetch(_PAGE)
    return Response(orjson.dumps([dict(row) for row in rows], default=str), media_type="application/json")


def main(port: int, url: str) -> None:
    """Serve the page until stopped."""

    @asynccontextmanager
    async def pooled(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url) as app.state.pool:
            yield

    uvicorn.run(Starlette(routes=[Route("/page", _page)], lifespan=pooled), port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
