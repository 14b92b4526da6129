"""What the mechanism forgets is only what is past its time, and it forgets however much there is to send."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from common.identifiers import new_id
from common.mail import Mail, post
from common.retention import Keeping, sweep
from common.testing.awaiting import eventually, running
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from common.transaction import Actor

from .notebook.app import service_with
from .notebook.bus import relay_of
from .notebook.contracts import written_on
from .notebook.effects import publish, story

_AGED_INBOX = (
    "INSERT INTO event_inbox SELECT 'notebook', gen_random_uuid(), 'notebook.note', current_date, 0,"
    " now() - make_interval(days => days)"
    " FROM unnest($1::integer[]) AS age (days)"
)
_AGED_ANSWERS = (
    "INSERT INTO idempotency_key SELECT 'somebody', days::text, 'POST /', '', 201, '{}', '',"
    " now() - make_interval(days => days) FROM unnest($1::integer[]) AS age (days)"
)
_AGED_MAILS = (
    "INSERT INTO mail (id, recipient, subject, text, message_id, status, posted_at, waiting_since, next_at, settled_at)"
    " SELECT gen_random_uuid(), 'a@asso.example', '', '', '', status, since, since, since,"
    " CASE WHEN status <> 'waiting' THEN since END"
    " FROM unnest(ARRAY['waiting', 'sent', 'refused', 'abandoned']) AS s (status), unnest($1::integer[]) AS age (days),"
    " LATERAL (SELECT now() - make_interval(days => days)) AS posted (since)"
)


async def fill(service: ServiceUnderTest, statement: str, ages: list[int]) -> None:
    connection = await service.runtime.database.connect()
    try:
        await connection.execute(statement, ages)
    finally:
        await connection.close()


@pytest.mark.parametrize(("inbox_days", "left"), [(30, 4), (14, 3)])
async def test_inbox_rows_stay_their_days_and_answers_seven(
    notebook: ServiceUnderTest, inbox_days: int, left: int
) -> None:
    ages = [1, 6, 8, 29, 31]
    await fill(notebook, _AGED_INBOX, ages)
    await fill(notebook, _AGED_ANSWERS, ages)
    connection = await notebook.runtime.database.connect()
    try:
        assert not await sweep(connection, Keeping(inbox_days))
    finally:
        await connection.close()
    assert len(await notebook.rows("SELECT 1 FROM event_inbox")) == left
    assert len(await notebook.rows("SELECT 1 FROM idempotency_key")) == 2


async def test_mails_stay_five_years_once_they_are_settled(notebook: ServiceUnderTest) -> None:
    await fill(notebook, _AGED_MAILS, [1, 1_824, 1_826])
    connection = await notebook.runtime.database.connect()
    try:
        assert not await sweep(connection, Keeping())
    finally:
        await connection.close()
    left = "SELECT status, count(*) AS mails FROM mail GROUP BY status"
    assert {row.status: row.mails for row in await notebook.rows(left)} == {
        "waiting": 3,
        "sent": 2,
        "refused": 2,
        "abandoned": 2,
    }


async def test_a_mail_that_proves_something_for_longer_stays_longer(notebook: ServiceUnderTest) -> None:
    async with notebook.runtime.database.transaction(Actor("service:test")) as tx:
        mail = Mail(recipient="a@asso.example", subject="-", text="-")
        usual, longer = await post(tx, [mail, replace(mail, kept_days=3_650)])
    connection = await notebook.runtime.database.connect()
    try:
        await connection.execute("UPDATE mail SET status = 'sent', settled_at = now() - interval '3649 days'")
        await sweep(connection, Keeping())
        assert [row.id for row in await notebook.rows("SELECT id FROM mail")] == [longer]
        await connection.execute("UPDATE mail SET settled_at = now() - interval '3651 days'")
        await sweep(connection, Keeping())
        assert await notebook.rows("SELECT id FROM mail") == []
    finally:
        await connection.close()
    assert usual != longer


async def test_a_relay_that_never_idles_still_forgets(notebook: ServiceUnderTest, broker: str, topic: str) -> None:
    await fill(notebook, _AGED_INBOX, [31, 1])
    for _ in range(10):
        await publish(notebook, *story(written_on(topic), ["a"] * 1_000, new_id()))

    async def has_forgotten_in_the_middle_of_the_work() -> bool:
        [row] = await notebook.rows(
            "SELECT (SELECT count(*) FROM event_inbox) AS inbox, (SELECT count(*) FROM event_outbox) AS outbox"
        )
        return row.inbox == 1 and row.outbox > 0

    async with running(relay_of(notebook, broker).run):
        await eventually(has_forgotten_in_the_middle_of_the_work)


async def test_many_slices_follow_each_other(notebook: ServiceUnderTest, broker: str) -> None:
    await fill(notebook, _AGED_INBOX, [31] * 2_500)

    async def has_forgotten() -> bool:
        return await notebook.rows("SELECT 1 FROM event_inbox LIMIT 1") == []

    async with running(relay_of(notebook, broker).run):
        await eventually(has_forgotten)


@pytest.mark.parametrize("setting", ["inbox_days", "archive_days"])
async def test_nothing_may_be_forgotten_while_the_bus_can_bring_it_back(assemble: Assemble, setting: str) -> None:
    with pytest.raises(ValidationError, match=setting):
        await assemble(service_with(), **{setting: 13})
    notebook = await assemble(service_with(), **{setting: 14})
    assert 14 in (notebook.runtime.settings.keeping.inbox_days, notebook.runtime.settings.keeping.archive_days)
