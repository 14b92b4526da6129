"""A test's database is as the migrations leave it, whatever was done to it before."""

from uuid import UUID, uuid4

from common.testing.asking import rows_of_every_table
from common.testing.databases import Databases
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange, Assemble
from common.transaction import Actor

from .notebook.app import service_with, write_note


async def written(notebook: ServiceUnderTest, title: str) -> UUID:
    """Write a note, its fact, and a file beside it."""
    async with notebook.runtime.database.transaction(Actor("test")) as tx:
        note = await write_note(tx, title)
    await notebook.runtime.files.put(f"notes/{note.id}", title.encode())
    return note.id


async def test_what_a_test_wrote_is_gone_for_the_next(databases: Databases) -> None:
    service = service_with()
    first = await databases.lend(service)
    await first.sweeper.execute(
        "INSERT INTO event_stream (topic, aggregate_id, sequence) VALUES ('a.b', $1, 4)", uuid4()
    )
    assert await first.holds() == ["event_stream"]
    await databases.take_back(service, first)
    again = await databases.lend(service)
    assert again is first
    assert await again.holds() == []
    await databases.take_back(service, again)


async def test_whose_schema_was_changed_is_not_lent_again(databases: Databases) -> None:
    service = service_with()
    for change in ("CREATE TABLE IF NOT EXISTS spare ()", "ALTER TABLE note DISABLE TRIGGER ALL"):
        lent = await databases.lend(service)
        await lent.sweeper.execute(change)
        await databases.take_back(service, lent)
        other = await databases.lend(service)
        assert other is not lent, change
        await databases.take_back(service, other)


async def test_what_was_arranged_once_is_put_back_whole(assemble: Assemble, arranged: Arrange) -> None:
    first = await assemble(service_with())
    note = await arranged(first, written, "Bonjour")
    second = await assemble(service_with())
    assert await arranged(second, written, "Bonjour") == note
    assert await rows_of_every_table(second) == await rows_of_every_table(first)
    assert await second.runtime.files.get(f"notes/{note}") == b"Bonjour"
    assert await arranged(await assemble(service_with()), written, "Bonsoir") != note
