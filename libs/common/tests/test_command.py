"""The command ``coorace``, as developers and ops type it: against a real broker, and a real service over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from click.testing import Result
from typer.testing import CliRunner

from common.cli import app
from common.contracts import TOPICS
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble
from devstack.broker import choose_lane, start_broker
from devstack.ports import free_port

from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import Reader, publish
from .notebook.reading import NOTE, event, reading_service, receive

Coorace = Callable[..., Awaitable[Result]]


async def coorace(*words: str, **environment: str) -> Result:
    """Run the command beside the test's own loop, where the service answers."""
    environ = {"COLUMNS": "200", "COORACE_ENVIRONMENT": "development", **environment}
    return await asyncio.to_thread(CliRunner().invoke, app, words, env=environ)


# -- topics ---------------------------------------------------------------------------------------------------


async def test_topics_are_listed_one_per_line_with_their_partitions() -> None:
    listed = await coorace("topics", "list", COORACE_TOPIC_PARTITIONS="24")
    assert listed.stdout == "".join(f"{topic} 24\n" for topic in TOPICS)


@pytest.fixture(scope="module")
def bare_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of this machine's lane without any of our topics."""
    server = start_broker(choose_lane().lane, tmp_path_factory.mktemp("kafka"), free_port(), {})
    yield server.bootstrap
    server.stop()


async def test_topics_are_created_once_and_wiped_where_the_broker_can(bare_broker: str) -> None:
    created = await coorace("topics", "create", KAFKA_BOOTSTRAP_SERVERS=bare_broker)
    if choose_lane().lane == "embedded":
        assert created.exit_code == 1
        assert "n'a pas d'interface d'administration" in created.stderr
        return
    assert created.stdout == f"Sujets créés : {', '.join(TOPICS)}\n"
    again = await coorace("topics", "create", KAFKA_BOOTSTRAP_SERVERS=bare_broker)
    assert (again.exit_code, again.stdout) == (0, "Tous les sujets existent.\n")
    wiped = await coorace("topics", "wipe", "--yes", KAFKA_BOOTSTRAP_SERVERS=bare_broker)
    assert (wiped.exit_code, wiped.stdout) == (0, f"Sujets vidés : {', '.join(TOPICS)}\n")


async def test_topics_that_exist_are_enough_on_a_broker_without_administration(tmp_path: Path) -> None:
    server = start_broker("embedded", tmp_path, free_port(), dict.fromkeys(TOPICS, 2))
    try:
        answer = await coorace("topics", "create", KAFKA_BOOTSTRAP_SERVERS=server.bootstrap)
        refused = await coorace("topics", "wipe", "--yes", KAFKA_BOOTSTRAP_SERVERS=server.bootstrap)
    finally:
        server.stop()
    assert (answer.exit_code, answer.stdout) == (0, "Tous les sujets existent.\n")
    assert refused.exit_code == 1
    assert "redémarrez-le" in refused.stderr


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        pytest.param(["--yes"], "production", "qu'en développement", id="en production"),
        pytest.param([], "development", "sans --yes", id="sans confirmation"),
    ],
)
async def test_topics_are_not_wiped_by_mistake(words: list[str], environment: str, sentence: str) -> None:
    refused = await coorace(
        "topics", "wipe", *words, COORACE_ENVIRONMENT=environment, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1"
    )
    assert refused.exit_code == 1
    assert sentence in refused.stderr


async def test_a_broker_that_does_not_answer_is_said() -> None:
    refused = await coorace("topics", "create", KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}")
    assert refused.exit_code == 1
    assert "Le bus ne répond pas" in refused.stderr


# -- events ---------------------------------------------------------------------------------------------------


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest_asyncio.fixture
async def service(assemble: Assemble, reader: Reader) -> ServiceUnderTest:
    return await assemble(reading_service(reader))


@pytest_asyncio.fixture
async def ops(service: ServiceUnderTest, issuer: TestIssuer) -> AsyncIterator[Coorace]:
    """The command, speaking as ops to the service on a port."""
    port = free_port()
    config = uvicorn.Config(service.app, host="127.0.0.1", port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())

    async def run(*words: str, **environment: str) -> Result:
        environ = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "COORACE_TOKEN": issuer.token("ops"), **environment}
        return await coorace("events", *words, **environ)

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield run
    server.should_exit = True
    await serving


async def test_what_is_parked_is_shown_redriven_and_gone(
    ops: Coorace, service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1), event(service, 2))
    await receive(service, event(service, 2))
    shown = await ops("parked", "--service", "notebook")
    assert "« 1/1 » ne passe pas." in shown.stdout
    listed = json.loads((await ops("parked", "--service", "notebook", "--json")).stdout)
    assert [(one["sequence"], one["why"]) for one in listed] == [(1, "failed"), (2, "behind")]

    first = listed[0]["event_id"]
    refused = await ops("redrive", first, "--service", "notebook")
    assert refused.exit_code == 1
    assert "ne passe pas" in refused.stderr
    assert "(event_fails_again)" in refused.stderr

    reader.refuses = set()
    redriven = await ops("redrive", first, "--service", "notebook")
    assert redriven.stdout == "2 événement(s) appliqué(s), 0 encore en attente.\n"
    assert (await ops("parked", "--service", "notebook")).stdout == "Rien.\n"


async def test_a_discard_says_why_and_lets_the_others_pass(
    ops: Coorace, service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    first = str(event(service, 1).envelope.event_id)
    short = await ops("discard", first, "--service", "notebook", "--reason", "non")
    assert "(validation)" in short.stderr
    await ops("discard", first, "--service", "notebook", "--reason", "doublon confirmé par l'équipe")
    [kept] = await service.rows("SELECT settled_as, reason FROM event_parked")
    assert (kept.settled_as, kept.reason) == ("discarded", "doublon confirmé par l'équipe")


async def test_a_fact_on_its_way_is_shown_and_counted(ops: Coorace, service: ServiceUnderTest) -> None:
    await publish(service, NoteWritten(state=NoteState(id=NOTE, title="titre")))
    [row] = await service.rows("SELECT event_id FROM event_outbox")
    assert "1 fait(s) à envoyer" in (await ops("outbox", "--service", "notebook")).stdout
    shown = await ops("show", str(row.event_id), "--service", "notebook")
    assert '"title": "titre"' in shown.stdout
    assert (await ops("tail", "--service", "notebook")).stdout == "Rien.\n"
    assert (await ops("replay", "--service", "notebook")).stdout == "0 fait(s) repartent.\n"
    retried = await ops("retry", str(row.event_id), "--service", "notebook")
    assert "(event_not_found)" in retried.stderr


async def test_reconciling_tells_who_has_what(ops: Coorace, service: ServiceUnderTest, reader: Reader) -> None:
    """The reader of this test publishes one fact for each it applies, on the topic it reads."""
    pair = ("reconcile", "--producer", "notebook", "--consumer", "notebook", "--topic", NoteWritten.topic)
    await receive(service, event(service, 1), event(service, 2))
    same = await ops(*pair)
    assert (same.exit_code, same.stdout) == (0, "notebook.note : notebook a tout appliqué.\n")

    reader.refuses = {"1/3"}
    await receive(service, event(service, 3))
    await publish(service, NoteWritten(state=NoteState(id=NOTE, title="de plus")))
    differs = await ops(*pair, "--json")
    assert differs.exit_code == 1
    [found] = json.loads(differs.stdout)["notebook.note"]
    assert found == {
        "aggregate_id": str(NOTE), "published": 3, "to_send": 3, "settled": 2, "parked": 1, "missing": 0,
    }  # fmt: skip
    assert "de 1 agrégat(s)" in (await ops(*pair)).stdout

    deaf = await ops("reconcile", "--producer", "dues", "--consumer", "notebook")
    assert deaf.exit_code == 1
    assert "notebook n'écoute aucun sujet de dues" in deaf.stderr


async def test_a_token_without_the_role_is_refused_with_its_code(ops: Coorace, issuer: TestIssuer) -> None:
    refused = await ops("outbox", "--service", "notebook", COORACE_TOKEN=issuer.token("network"))
    assert refused.exit_code == 1
    assert refused.stderr == "Votre rôle ne permet pas cette action. (forbidden)\n"


async def test_an_address_where_nobody_answers_is_said(ops: Coorace) -> None:
    refused = await ops("outbox", "--service", "notebook", PUBLIC_URL=f"http://127.0.0.1:{free_port()}")
    assert refused.exit_code == 1
    assert "ne répond pas" in refused.stderr


# -- contracts and documents ----------------------------------------------------------------------------------


async def test_an_unchanged_contract_is_not_released_again() -> None:
    answer = await coorace("contracts", "release")
    assert answer.exit_code == 0
    assert set(answer.stdout.splitlines()) >= {"member.joined : inchangé", "dues.invoiced : inchangé"}


async def test_documents_are_written_once_and_then_current(tmp_path: Path) -> None:
    root = ("--root", str(tmp_path))
    missing = await coorace("docs", "--check", *root)
    assert missing.exit_code == 1
    assert "docs/events.md" in missing.stderr
    assert (await coorace("docs", *root)).exit_code == 0
    assert (await coorace("docs", "--check", *root)).stdout == "Les documents sont à jour.\n"
