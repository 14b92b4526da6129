"""Effects once, in order per aggregate: the reader's side on its real tables."""

import asyncio
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from common import event_gaps
from common.contracts.platform import ReplayRequested
from common.events import dump
from common.subscriptions import follow
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble

from .notebook.contracts import NoteFiled, NoteState, NoteWritten
from .notebook.effects import READER, Reader, effects, forget_inbox, parked
from .notebook.reading import event, reading_service, receive, record
from .notebook.tables import EffectRow, NoteCopy

NOTE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest_asyncio.fixture
async def service(assemble: Assemble, reader: Reader) -> ServiceUnderTest:
    return await assemble(reading_service(reader))


async def copies(service: ServiceUnderTest) -> list[tuple[int, str]]:
    return [tuple(row) for row in await service.rows("SELECT sequence, title FROM note_copy ORDER BY id")]


# name: batches of sequences | effects in order, what is parked
DELIVERIES = {
    "dans l'ordre": ([[1], [2], [3]], [1, 2, 3], []),
    "un lot à l'envers": ([[3, 2, 1]], [1, 2, 3], []),
    "tout deux fois": ([[1, 2], [1, 2], [2, 1, 3]], [1, 2, 3], []),
    "deux fois dans le même lot": ([[1, 1, 2, 2]], [1, 2], []),
    "un trou": ([[1], [3], [4]], [1], [(3, "gap"), (4, "gap")]),
    "un trou comblé": ([[1], [3], [4], [2]], [1, 2, 3, 4], []),
    "deux trous, un seul comblé": ([[1, 3, 5], [2]], [1, 2, 3], [(5, "gap")]),
}


@pytest.mark.parametrize(("batches", "applied", "waiting"), DELIVERIES.values(), ids=DELIVERIES)
async def test_effects_take_place_once_and_in_order(
    service: ServiceUnderTest, batches: list[list[int]], applied: list[int], waiting: list[tuple[int, str]]
) -> None:
    for batch in batches:
        await receive(service, *(event(service, sequence) for sequence in batch))
    assert await effects(service) == applied
    assert await parked(service) == waiting
    assert await copies(service) == [(applied[-1], f"1/{applied[-1]}")]


async def test_marks_keep_effects_from_doubling_when_the_inbox_has_forgotten(
    service: ServiceUnderTest, reader: Reader
) -> None:
    """The whole topic comes again, also what was parked: nothing moves."""
    reader.refuses = {"2/2"}
    everything = [event(service, number, note=note) for note in (NOTE, OTHER) for number in (1, 2, 3, 5)]
    for one in everything:
        await receive(service, one)
    before = (await effects(service), await parked(service), await copies(service))
    await forget_inbox(service)
    for one in everything:
        await receive(service, one)
    await forget_inbox(service)
    await receive(service, *everything)
    assert before == ([1, 2, 3, 1], [(5, "gap"), (2, "failed"), (3, "behind"), (5, "behind")], [(3, "1/3"), (1, "2/1")])
    assert (await effects(service), await parked(service), await copies(service)) == before
    [failed] = await service.rows("SELECT fault FROM event_parked WHERE why = 'failed'")
    assert failed.fault == "Poisoned: « 2/2 » ne passe pas."


async def test_a_failure_holds_its_aggregate_only(service: ServiceUnderTest, reader: Reader) -> None:
    reader.refuses = {"1/2"}
    for sequence in (1, 2, 3):
        await receive(service, event(service, sequence))
        await receive(service, event(service, sequence, note=OTHER))
    assert await effects(service, NOTE) == [1]
    assert await parked(service, NOTE) == [(2, "failed"), (3, "behind")]
    assert await effects(service, OTHER) == [1, 2, 3]


async def test_a_failure_keeps_nothing_of_its_effect(service: ServiceUnderTest, reader: Reader) -> None:
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    assert await service.rows("SELECT 1 FROM effect UNION ALL SELECT 1 FROM event_outbox") == []
    assert await copies(service) == []


async def test_the_event_that_waited_is_blamed_and_not_the_one_that_filled_the_gap(
    service: ServiceUnderTest, reader: Reader
) -> None:
    reader.refuses = {"1/2"}
    await receive(service, event(service, 2))
    await receive(service, event(service, 1))
    assert await parked(service) == [(2, "failed")]


async def test_a_copy_that_cannot_be_kept_blames_its_event(service: ServiceUnderTest) -> None:
    """The copy's titles are unique: the second note of that name waits behind a gap, then fails."""
    await receive(service, event(service, 1, "taken", note=OTHER))
    await receive(service, event(service, 2, "taken"))
    await receive(service, event(service, 1))
    assert await parked(service) == [(2, "failed")]


async def test_a_type_nobody_wants_moves_the_mark(service: ServiceUnderTest) -> None:
    filed = NoteFiled(state=NoteState(id=NOTE, title="1/1"))
    await receive(service, record(service, filed, 1, dump(filed)), event(service, 2))
    assert await effects(service) == [2]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="corps vide"),
        pytest.param(b"{}", id="état absent"),
        pytest.param(b'{"state": {"id": "x", "title": "t"}}', id="identifiant illisible"),
        pytest.param(b'{"state": {"id": "00000000-0000-0000-0000-000000000001", "rank": 3}}', id="titre absent"),
        pytest.param(b'{"state": ' + b"[" * 100_000, id="imbrication sans fin"),
        pytest.param(b"\xff", id="octets illisibles"),
        pytest.param(b'{"state": {"id": "00000000-0000-0000-0000-000000000001", "title": "\\u0000"}}', id="NUL"),
    ],
)
async def test_a_payload_that_cannot_take_effect_is_parked_as_it_came(
    service: ServiceUnderTest, payload: bytes
) -> None:
    fact = NoteWritten(state=NoteState(id=NOTE, title="1/1"))
    await receive(service, record(service, fact, 1, payload))
    await receive(service, event(service, 2))
    [kept] = await service.rows("SELECT payload, fault FROM event_parked WHERE why = 'failed'")
    assert kept.payload == payload
    assert kept.fault
    assert await parked(service) == [(1, "failed"), (2, "behind")]


async def test_two_consumers_with_the_same_event_apply_it_once(service: ServiceUnderTest) -> None:
    """A zombie and its successor: the second waits for the first, then finds the event taken charge of."""
    both_started = asyncio.Barrier(2)

    async def consume() -> None:
        async with service.runtime.database.transaction(READER) as tx:
            await tx.session.execute(text("SELECT 1"))
            await both_started.wait()
            await service.runtime.inbox.apply(tx, [event(service, number) for number in (1, 2, 3)])

    await asyncio.gather(consume(), consume())
    assert await effects(service) == [1, 2, 3]


async def test_an_event_that_comes_while_its_head_is_redriven_is_not_left_behind(
    service: ServiceUnderTest, reader: Reader
) -> None:
    """The redrive moves a mark that has no row yet; the consumer must not decide on what it saw before."""
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    reader.refuses = set()
    inbox, database = service.runtime.inbox, service.runtime.database
    async with database.transaction(READER) as redriving:
        assert await inbox.redrive(redriving, event(service, 1).envelope.event_id)
        consuming = asyncio.ensure_future(receive(service, event(service, 2)))
        await waits_for_a_lock(service)
    await consuming
    assert await effects(service) == [1, 2]
    assert await parked(service) == []


async def waits_for_a_lock(service: ServiceUnderTest) -> None:
    await eventually(
        lambda: service.rows(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


async def test_a_copy_keeps_the_latest_state_only(service: ServiceUnderTest) -> None:
    await receive(service, *(event(service, number) for number in (1, 2, 3)))
    async with service.runtime.database.transaction(READER) as tx:
        await tx.session.execute(text("UPDATE note_copy SET sequence = 10, title = 'further on'"))
    await receive(service, event(service, 4))
    assert await copies(service) == [(10, "further on")]


@pytest.mark.parametrize("state", [NoteState, ReplayRequested.model_fields["state"].annotation])
def test_a_copy_that_could_never_be_kept_is_refused_at_start(state: type[NoteState]) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        follow(state, into=EffectRow if state is NoteState else NoteCopy, contracts=(NoteWritten,))


async def asked(service: ServiceUnderTest, patience: float = 0.0) -> list[tuple[str, UUID, int]]:
    """Let the reader ask for what it misses; return what it asks for: topic, aggregate, after."""
    async with service.runtime.database.transaction(READER) as tx:
        await event_gaps.ask(tx, service.runtime.inbox, patience)
        wanted = [item.fact for item in tx.pending if isinstance(item.fact, ReplayRequested)]
    return [(fact.state.topic, fact.state.aggregate_id, fact.state.after_sequence) for fact in wanted]


async def test_what_is_missing_is_asked_for_once_its_patience_is_over(service: ServiceUnderTest) -> None:
    await receive(service, event(service, 1), event(service, 3), event(service, 4))
    assert await asked(service, patience=60.0) == []
    assert await asked(service) == [("notebook.note", NOTE, 1)]
    assert await asked(service, patience=60.0) == []


async def test_nothing_is_asked_for_behind_a_failure(service: ServiceUnderTest, reader: Reader) -> None:
    reader.refuses = {"1/2"}
    for sequence in (1, 3, 2):
        await receive(service, event(service, sequence))
    assert await parked(service) == [(2, "failed"), (3, "gap")]
    assert await asked(service) == []


@pytest.mark.parametrize(("verb", "body"), [("redrive", None), ("discard", {"reason": "écrit par erreur"})])
async def test_what_is_missing_behind_a_failure_is_asked_for_once_that_is_settled(
    service: ServiceUnderTest, reader: Reader, verb: str, body: dict[str, str] | None
) -> None:
    reader.refuses = {"1/2"}
    for sequence in (1, 2, 4, 5):
        await receive(service, event(service, sequence))
    assert await parked(service) == [(2, "failed"), (4, "behind"), (5, "behind")]
    reader.refuses = set()
    async with service.client("ops") as ops:
        head = event(service, 2).envelope.event_id
        settled = (await ops.post(f"/ops/events/parked/{head}/{verb}", json=body)).json()
    assert settled["remaining"] == 2
    assert await parked(service) == [(4, "gap"), (5, "gap")]
    assert await asked(service) == [("notebook.note", NOTE, 2)]
    await receive(service, event(service, 3))
    assert await parked(service) == []
    assert (await effects(service))[-3:] == [3, 4, 5]


async def test_what_nobody_can_send_is_asked_for_ever_more_rarely(service: ServiceUnderTest) -> None:
    await receive(service, event(service, 1), event(service, 3))
    for age in ("1 hour", "3 hours"):
        async with service.runtime.database.transaction(READER) as tx:
            parked_for = f"clock_timestamp() - interval '{age}'"
            await tx.session.execute(text(f"UPDATE event_parked SET parked_at = {parked_for}, asked_at = {parked_for}"))  # noqa: S608
        assert len(await asked(service)) == 1
        assert await asked(service) == []


async def test_the_news_that_comes_with_a_failure_is_kept(service: ServiceUnderTest, reader: Reader) -> None:
    """The last event that is left of an aggregate fails; once that is mended, nothing before it is waited for."""
    reader.refuses = {"1/6"}
    await receive(service, event(service, 6, dropped_through=5))
    assert await parked(service) == [(6, "failed")]
    reader.refuses = set()
    async with service.client("ops") as ops:
        answer = await ops.post(f"/ops/events/parked/{event(service, 6).envelope.event_id}/redrive")
    assert answer.is_success, answer.text
    assert (await effects(service), await parked(service)) == ([6], [])


async def test_a_new_reader_goes_on_from_what_is_left(service: ServiceUnderTest) -> None:
    """It met the bus's own record first, and waits; the replay brings the same event, with the news."""
    await receive(service, event(service, 50))
    assert await parked(service) == [(50, "gap")]
    await receive(service, event(service, 50), event(service, 50, dropped_through=49))
    await receive(service, event(service, 51))
    assert (await effects(service), await parked(service)) == ([50, 51], [])


async def test_what_was_dropped_does_not_let_anything_past_a_failure(service: ServiceUnderTest, reader: Reader) -> None:
    """The news is kept, so that what waits behind the failure follows once it is mended."""
    reader.refuses = {"1/1"}
    await receive(service, event(service, 1))
    for number in (8, 9):
        await receive(service, event(service, number, dropped_through=7))
    assert await parked(service) == [(1, "failed"), (8, "behind"), (9, "behind")]
    async with service.client("ops") as ops:
        early = await ops.post(f"/ops/events/parked/{event(service, 8).envelope.event_id}/redrive")
        reader.refuses = set()
        mended = await ops.post(f"/ops/events/parked/{event(service, 1).envelope.event_id}/redrive")
    assert (early.status_code, mended.json()["remaining"]) == (409, 0)
    assert (await effects(service), await parked(service)) == ([1, 8, 9], [])


async def test_news_of_what_was_dropped_is_kept_until_the_hole_after_it_is_filled(service: ServiceUnderTest) -> None:
    await receive(service, event(service, 12, dropped_through=10))
    assert await asked(service) == [("notebook.note", NOTE, 0)]
    await receive(service, event(service, 11))
    assert (await effects(service), await parked(service)) == ([11, 12], [])
