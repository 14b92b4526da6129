"""What a reader of notes does with them: it writes down each effect, and refuses what a test calls poison."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from common.errors import Conflict
from common.events import Fact
from common.identifiers import new_id
from common.subscriptions import Event
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor, Tx

from .contracts import NoteFiled, NoteState, NoteWritten
from .tables import EffectRow

READER = Actor("service:reader")


class Poisoned(Conflict):
    code = "poisoned"


@dataclass
class Reader:
    """A handler. ``refuses`` are the titles it fails on: a test empties it when the cause is mended."""

    refuses: set[str] = field(default_factory=set)

    async def handle(self, tx: Tx, event: Event[NoteWritten]) -> None:
        """Publish a fact and write the effect, then fail if the title says so: all of it must go together."""
        state = event.fact.state
        tx.publish(NoteFiled(state=NoteState(id=state.id, title=state.title)))
        tx.session.add(EffectRow(event_id=event.id, aggregate_id=state.id, sequence=event.sequence, title=state.title))
        await tx.session.flush()
        if state.title in self.refuses:
            raise Poisoned(f"« {state.title} » ne passe pas.")


async def effects(service: ServiceUnderTest, aggregate: UUID | None = None) -> list[int]:
    """Return the sequences whose effect took place, in the order it did."""
    rows = await service.rows(
        "SELECT sequence FROM effect WHERE CAST(:id AS uuid) IS NULL OR aggregate_id = :id ORDER BY place", id=aggregate
    )
    return [row.sequence for row in rows]


async def parked(service: ServiceUnderTest, aggregate: UUID | None = None) -> list[tuple[int, str]]:
    """Return what is set aside and not settled: sequence and why."""
    rows = await service.rows(
        "SELECT sequence, why FROM event_parked WHERE settled_at IS NULL"
        " AND (CAST(:id AS uuid) IS NULL OR aggregate_id = :id) ORDER BY aggregate_id, sequence",
        id=aggregate,
    )
    return [(row.sequence, row.why) for row in rows]


async def publish(service: ServiceUnderTest, *facts: Fact) -> None:
    """Publish facts in one transaction."""
    async with service.runtime.database.transaction(Actor("writer")) as tx:
        for fact in facts:
            tx.publish(fact)


def story(fact: type[NoteWritten], titles: list[str], aggregate: UUID | None = None) -> list[NoteWritten]:
    """Return one aggregate's facts, one per title."""
    identity = aggregate or new_id()
    return [fact(state=NoteState(id=identity, title=title)) for title in titles]


async def forget_inbox(service: ServiceUnderTest) -> None:
    """Do what the retention of the inbox will: forget which events came, keep the marks."""
    async with service.runtime.database.transaction(READER) as tx:
        await tx.session.execute(text("DELETE FROM event_inbox"))
