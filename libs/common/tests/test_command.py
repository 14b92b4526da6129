"""The command ``coorace``, as developers and ops type it: against a real broker, and a real service over HTTP."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from common.contracts import TOPICS
from common.testing.harness import ServiceUnderTest
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble
from common.unreadable import Unreadable, keep
from devstack.broker import choose_lane, start_broker
from devstack.ports import free_port

from .notebook.contracts import NoteState, NoteWritten
from .notebook.effects import READER, Reader, effects, publish
from .notebook.reading import NOTE, event, reading_service, receive
from .notebook.terminal import Coorace, coorace, speaking_as_ops

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
    async with speaking_as_ops(issuer, service) as run:
        yield run


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
    assert redriven.stdout == "2 événements appliqués, 0 encore en attente.\n"
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
    assert "1 fait à envoyer" in (await ops("outbox", "--service", "notebook")).stdout
    shown = await ops("show", str(row.event_id), "--service", "notebook")
    assert '"title": "titre"' in shown.stdout
    assert (await ops("tail", "--service", "notebook")).stdout == "Rien.\n"
    assert (await ops("replay", "--service", "notebook")).stdout == "0 fait repart.\n"
    retried = await ops("retry", str(row.event_id), "--service", "notebook")
    assert "(event_not_quarantined)" in retried.stderr


async def test_what_the_bus_refused_is_read_and_settled(ops: Coorace, service: ServiceUnderTest) -> None:
    await publish(service, *(NoteWritten(state=NoteState(id=NOTE, title=title)) for title in ("refusé", "suite")))
    async with service.runtime.database.transaction(READER) as tx:
        await tx.session.execute(
            text("UPDATE event_outbox SET quarantined_at = now(), fault = 'Trop gros' WHERE sequence = 1")
        )
    [held] = json.loads((await ops("quarantined", "--service", "notebook", "--json")).stdout)
    assert (held["fault"], held["behind"]) == ("Trop gros", 1)
    assert "1 fait refusé" in (await ops("outbox", "--service", "notebook")).stdout
    assert '"title": "refusé"' in (await ops("quarantined", held["event_id"], "--service", "notebook")).stdout
    given_up = ["discard-quarantined", held["event_id"], "--service", "notebook", "--reason", "version fautive"]
    assert "ceux qui le suivent partent" in (await ops(*given_up)).stdout
    assert "version fautive" in (await ops("quarantined", held["event_id"], "--service", "notebook")).stdout
    assert (await ops("quarantined", "--service", "notebook")).stdout == "Rien.\n"


async def test_a_body_that_is_no_json_is_shown_as_text(ops: Coorace, service: ServiceUnderTest) -> None:
    await publish(service, NoteWritten(state=NoteState(id=NOTE, title="titre")))
    async with service.runtime.database.transaction(READER) as tx:
        await tx.session.execute(text("UPDATE event_outbox SET payload = convert_to('abîmé', 'UTF8')"))
    [row] = await service.rows("SELECT event_id FROM event_outbox")
    assert "abîmé" in (await ops("show", str(row.event_id), "--service", "notebook")).stdout


async def test_what_is_parked_is_read_narrowed_and_summed_up(
    ops: Coorace, service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    await receive(service, event(service, 2), event(service, 3))
    first = str(event(service, 1).envelope.event_id)
    read = await ops("parked", first, "--service", "notebook")
    assert '"title": "1/1"' in read.stdout
    assert "Poisoned: « 1/1 » ne passe pas." in read.stdout
    behind = json.loads((await ops("parked", "--service", "notebook", "--why", "behind", "--json")).stdout)
    assert [one["sequence"] for one in behind] == [2, 3]
    [held] = json.loads((await ops("parked", "--by-aggregate", "--service", "notebook", "--json")).stdout)
    assert (held["event_id"], held["behind"]) == (first, 2)
    assert first in (await ops("parked", "--by-aggregate", "--service", "notebook")).stdout


async def two_aggregates_fail(service: ServiceUnderTest, reader: Reader) -> None:
    """Each with one event behind; and a third that only misses something."""
    reader.refuses = {"1/1", "2/1"}
    for note in (UUID(int=1), UUID(int=2)):
        await receive(service, event(service, 1, note=note))
        await receive(service, event(service, 2, note=note))
    await receive(service, event(service, 2, note=UUID(int=3)))


async def test_all_that_failed_alike_is_redriven_aggregate_by_aggregate(
    ops: Coorace, service: ServiceUnderTest, reader: Reader
) -> None:
    await two_aggregates_fail(service, reader)
    reader.refuses = {"2/1"}
    command = ("redrive-all", "--service", "notebook", "--fault", "Poisoned")

    shown = await ops(*command, "--dry-run")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("Aperçu, rien n'est enregistré : 2 agrégats repris, 1 libéré ; 2 événements")
    assert await effects(service) == []

    partly = await ops(*command, "--json")
    assert partly.exit_code == 1
    freed, held = json.loads(partly.stdout)
    assert (freed["applied"], freed["remaining"], freed["refusal"]) == (2, 0, None)
    assert (held["applied"], held["remaining"]) == (0, 2)
    assert "(event_fails_again)" in held["refusal"]
    assert "« 2/1 » ne passe pas" in (await ops(*command)).stdout

    reader.refuses = set()
    assert (await ops(*command, "--fault", "Unparsable")).stdout == (
        "0 agrégat repris, 0 libéré ; 0 événement appliqué.\n"
    )
    rest = await ops(*command)
    assert (rest.exit_code, rest.stdout) == (0, "1 agrégat repris, 1 libéré ; 2 événements appliqués.\n")
    assert sorted(await effects(service)) == [1, 1, 2, 2]


async def test_redriving_all_of_one_aggregate_leaves_the_others(
    ops: Coorace, service: ServiceUnderTest, reader: Reader
) -> None:
    await two_aggregates_fail(service, reader)
    reader.refuses = set()
    one = await ops("redrive-all", "--service", "notebook", "--aggregate", str(UUID(int=2)))
    assert one.exit_code == 0
    assert await effects(service) == [1, 2]


async def test_redriving_all_stops_where_the_token_is_refused(
    ops: Coorace, service: ServiceUnderTest, reader: Reader, issuer: TestIssuer
) -> None:
    await two_aggregates_fail(service, reader)
    refused = await ops("redrive-all", "--service", "notebook", COORACE_TOKEN=issuer.token("network"))
    assert (refused.exit_code, refused.stderr) == (1, "Votre rôle ne permet pas cette action. (forbidden)\n")


async def test_an_unreadable_record_is_shown_then_read_again_or_given_up(
    ops: Coorace, service: ServiceUnderTest
) -> None:
    headers = event(service, 1).envelope.headers()
    async with service.runtime.database.transaction(READER) as tx:
        for kept in (headers, [("n\0me", b"\xff")]):
            item = Unreadable(NoteWritten.topic, 0, 7, None, kept, event(service, 1).payload, "[ce_id] missing")
            await keep(tx, service.runtime.inbox, item)
    listed = json.loads((await ops("unreadable", "--service", "notebook", "--json")).stdout)
    readable, foreign = (one["id"] for one in listed)
    assert "[ce_id] missing" in (await ops("unreadable", "--service", "notebook")).stdout
    shown = await ops("unreadable", foreign, "--service", "notebook")
    assert "'n\\x00me' : '\ufffd' (base64 : /w==)" in shown.stdout
    assert "clé : absent" in shown.stdout

    refused = await ops("redrive-unreadable", foreign, "--service", "notebook")
    assert "(record_still_unreadable)" in refused.stderr
    redriven = await ops("redrive-unreadable", readable, "--service", "notebook")
    assert "est appliqué" in redriven.stdout
    given_up = await ops("discard-unreadable", foreign, "--service", "notebook", "--reason", "essai d'un autre outil")
    assert given_up.exit_code == 0
    assert (await ops("unreadable", "--service", "notebook")).stdout == "Rien.\n"
    assert await effects(service) == [1]


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
