"""The migration fills the agenda as the acts themselves would have: told again, nothing of it changes."""

from sqlalchemy import text

from common.testing.databases import migration
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.app import service

from ..accompaniments.test_catalogue import offered, opened
from ..assemblies.test_assembly import RESOLUTION, convened
from ..bookings.test_bookings import booked
from ..members.test_dates import TODAY, on
from ..renewals.test_renewals import OCTOBER, at, joined
from ..renewals.test_renewals import opened as renewal_opened
from ..sittings.test_minutes import act, sitting

SAID = (
    "SELECT id, source, kind, title, description, normalized, starts_at, ends_at, zone, all_day, first_day, last_day,"
    " audience, delegation,"
    " mode, place, url, status, cancelled_reason, participants, listed, cancelled_at IS NULL"
    " FROM agenda_entry ORDER BY id"
)


async def everything_told(membership: ServiceUnderTest) -> None:
    where = {"department": "976", "postcode": "97600"}
    meeting = {"delegation": "oceanindien", "departments": ["976"], "subject": "Œuvrer à Mamoudzou", "day": on(5)}
    async with membership.client("network", "board") as client:
        await joined(client, "A", **where)
        first = (await client.post("/meetings", json=meeting)).json()
        await client.post("/meetings", json={**meeting, "starts_at": "09:00", "place": "L'Été"})
        await act(client, f"/meetings/{first['id']}", "POST", "cancel", reason="Cyclone.")
        await client.post(
            "/meetings", json={**meeting, "departments": ["974", "976"], "starts_at": "09:00", "ends_at": "10:00"}
        )
        await convened(client, RESOLUTION)
        await sitting(client)
        await client.post("/declaration-campaigns", json={"year": TODAY.year - 1, "closes_on": on(30)})
        await opened(client, await offered(client, "guyane"), capacity=2)
        [slot] = await opened(client, await offered(client, None), days=12, place="Paris")
        await booked(client, slot, await joined(client, "B"))
        closed = await offered(client)
        await opened(client, closed, days=14, link=None, place="Toulouse")
        await act(client, closed, "POST", "close")
    async with at(membership, OCTOBER) as client:
        await renewal_opened(client)


async def test_the_agenda_is_filled_with_what_was_there(membership: ServiceUnderTest) -> None:
    await everything_told(membership)
    before = await membership.rows(SAID)
    assert len(before) >= 10
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("DELETE FROM agenda_entry"))
        for statement in migration(service, "0018").what_was_there():
            await tx.session.execute(text(statement.replace(":", "\\:")))
    assert await membership.rows(SAID) == before


async def test_what_was_done_before_the_agenda_listened_is_told_the_next_day(membership: ServiceUnderTest) -> None:
    """A process of before wrote while the agenda was filled: rows that are not in it, or that say something older."""
    await everything_told(membership)
    before = await membership.rows(SAID)
    kept = await membership.rows("SELECT id, sequence, changed_at FROM agenda_entry ORDER BY id")
    async with membership.days_later(1):
        again = await membership.rows("SELECT id, sequence, changed_at FROM agenda_entry ORDER BY id")
        assert again == kept, "said again, nothing changes"
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("DELETE FROM agenda_entry WHERE kind IN ('assembly', 'accompaniment_slot')"))
        await tx.session.execute(text("UPDATE agenda_entry SET title = 'ancien', normalized = 'ancien'"))
    async with membership.days_later(2):
        assert await membership.rows(SAID) == before
