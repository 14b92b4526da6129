"""A stack of its own for each test: free ports, an empty folder, nothing of the developer's running platform."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.ports import free_port
from devstack.settings import ROOT, Settings

Handler = type[http.server.BaseHTTPRequestHandler]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings.from_environment({}, root=tmp_path)
    (tmp_path / "services").symlink_to(ROOT / "services")
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    return replace(
        found,
        gateway_port=free_port(),
        issuer_port=free_port(),
        mail_port=free_port(),
        first_service_port=free_port(),
    )


@pytest.fixture
def serve() -> Iterator[Callable[[int, Handler], None]]:
    """Serve HTTP on a port until the test ends."""
    servers: list[http.server.HTTPServer] = []

    def start(port: int, handler: Handler) -> None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
