"""The gateway: what it answers by itself, and what it passes on."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

import httpx
import pytest

from devstack.gateway import gateway_program
from devstack.ports import free_port
from devstack.processes import launch, wait_for, wait_until_ready
from devstack.services import Service, discover
from devstack.settings import Settings

Serve = Callable[[int, type[http.server.BaseHTTPRequestHandler]], None]


def start(settings: Settings, services: tuple[Service, ...], **environment: str) -> Iterator[httpx.Client]:
    program = gateway_program(settings, services)
    program = replace(program, environment={**program.environment, **environment})
    running = launch(program)
    try:
        with httpx.Client(base_url=settings.public_url, timeout=10) as client:
            wait_until_ready(lambda: answers(client), running, program, seconds=20)
            yield client
    finally:
        running.stop()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/").is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
def services(settings: Settings) -> tuple[Service, ...]:
    return discover(settings, {})


@pytest.fixture
def gateway(settings: Settings, services: tuple[Service, ...]) -> Iterator[httpx.Client]:
    yield from start(settings, services)


def test_the_root_says_in_french_where_one_is(gateway: httpx.Client) -> None:
    response = gateway.get("/")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Chaque service répond sous son nom" in response.text


def test_every_service_has_its_route_and_a_stopped_one_is_a_problem(
    gateway: httpx.Client, services: tuple[Service, ...]
) -> None:
    for service in services:
        response = gateway.get(f"/{service.name}/v1/anything")
        assert response.status_code == 503, service.name
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "service_unavailable"
        assert response.json()["detail"].startswith("Ce service ne répond pas")


def test_an_address_of_no_service_is_a_problem(gateway: httpx.Client) -> None:
    response = gateway.get("/nothing/here")
    assert (response.status_code, response.json()["code"]) == (404, "route_not_found")
    assert response.headers["content-type"] == "application/problem+json"


def test_there_is_no_development_issuer_outside_development(settings: Settings, services: tuple[Service, ...]) -> None:
    outside = replace(settings, oidc_issuer="https://id.example", oidc_jwks_url="https://id.example/jwks")
    for client in start(outside, services):
        assert client.get("/dev-issuer/jwks.json").status_code == 404


class Slow(http.server.BaseHTTPRequestHandler):
    """Sends one event, then holds the stream open until the client has gone."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"data: {self.path}\n\n".encode())
        self.wfile.flush()
        self.connection.settimeout(10)
        self.connection.recv(1)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_server_sent_events_pass_as_they_come_with_their_whole_path(
    gateway: httpx.Client,
    services: tuple[Service, ...],
    serve: Serve,
) -> None:
    serve(services[0].port, Slow)
    path, started = f"/{services[0].name}/v1/stream", time.monotonic()
    with gateway.stream("GET", path) as response:
        assert next(response.iter_lines()) == f"data: {path}"
    assert time.monotonic() - started < 5


class Api(http.server.BaseHTTPRequestHandler):
    """One of several API processes of a service: it answers its name, and as long as it is ready."""

    ready = True

    def do_GET(self) -> None:
        asked_for_health = self.path.endswith("/health/ready")
        self.send_response(200 if self.ready or not asked_for_health else 503)
        self.end_headers()
        self.wfile.write(type(self).__name__.encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class First(Api):
    pass


class Second(Api):
    pass


def test_what_one_api_cannot_take_goes_to_another(
    settings: Settings, services: tuple[Service, ...], serve: Serve
) -> None:
    """One does not run at all; of the others, one stops being ready while it still answers."""
    service, ports = services[0], [free_port() for _ in range(3)]
    for port, api in zip(ports, (First, Second), strict=False):
        serve(port, api)
    upstreams = {f"{service.prefix}_UPSTREAM": " ".join(f"127.0.0.1:{port}" for port in ports)}
    for client in start(settings, services, **upstreams):

        def who_answers(client: httpx.Client = client) -> set[str]:
            answers = [client.get(f"/{service.name}/v1/anything") for _ in range(12)]
            assert {answer.status_code for answer in answers} == {200}
            return {answer.text for answer in answers}

        assert who_answers() == {"First", "Second"}
        First.ready = False
        assert wait_for(lambda: who_answers() == {"Second"}, seconds=10)
        First.ready = True
        assert wait_for(lambda: who_answers() == {"First", "Second"}, seconds=10)


class Kept(Api):
    """An API that leaves connections open; it answers three requests at a time."""

    protocol_version = "HTTP/1.1"
    together = threading.Barrier(3)
    connections: ClassVar[set[object]] = set()

    def do_GET(self) -> None:
        self.connections.add(self.connection)
        if not self.path.endswith("/health/ready"):
            self.together.wait(timeout=10)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def finish(self) -> None:
        """Note that the gateway has closed a connection."""
        super().finish()
        self.connections.discard(self.connection)


def test_an_unused_connection_is_closed_by_the_gateway_first(
    gateway: httpx.Client, services: tuple[Service, ...], serve: Serve
) -> None:
    """An API closes it after five seconds: a request sent on it at that moment would be lost."""
    service = services[0]
    serve(service.port, Kept)
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(gateway.get, f"/{service.name}/v1/anything") for _ in range(3)]
        assert {one.result().status_code for one in asked} == {200}
    assert len(Kept.connections) >= 3
    one_for_health_checks = 1
    assert wait_for(lambda: len(Kept.connections) <= one_for_health_checks, seconds=4)


class Refusing(Api):
    """An API that has its answer before it has read the request: the head at once, the text when it has all read."""

    protocol_version = "HTTP/1.1"
    text = b"too large"

    def do_POST(self) -> None:
        self.send_response(413)
        self.send_header("Content-Length", str(len(self.text)))
        self.end_headers()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(self.text)


def test_a_refusal_that_comes_before_the_end_of_a_file_arrives_whole(
    gateway: httpx.Client, services: tuple[Service, ...], serve: Serve
) -> None:
    service = services[0]
    serve(service.port, Refusing)
    for _ in range(100):
        answer = gateway.post(f"/{service.name}/v1/files", content=bytes(200_000))
        assert (answer.status_code, answer.content) == (413, Refusing.text)


def test_a_request_waits_for_an_api_that_starts_again(
    gateway: httpx.Client, services: tuple[Service, ...], serve: Serve
) -> None:
    service = services[0]
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(gateway.get, f"/{service.name}/v1/anything")
        assert not wait_for(asked.done, seconds=0.5)
        serve(service.port, Second)
        assert asked.result().status_code == 200
