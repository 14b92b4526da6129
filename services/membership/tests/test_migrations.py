"""What the migrations make of rows that an earlier version wrote."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from common import migrations
from common.testing.databases import Databases
from common.testing.harness import assembled, settings_for
from common.testing.issuer import TestIssuer
from common.transaction import Actor
from membership.app import service
from membership.members import repository
from membership.members.domain import ActivityKind, MemberStatus, on_day, written
from membership.members.tables import MemberRow

ENTERED = datetime(2026, 1, 10, 23, 30, tzinfo=UTC)  # the 11th in Paris
SITTING = UUID(int=9)


async def write_old_rows(url: str, joined_on: date = date(2026, 2, 1), *, sitting: bool = True) -> None:
    """A member in full, and a candidate of which only the name is known, as the first version wrote them."""
    connection = await asyncpg.connect(url)
    columns = (
        "id", "reference", "name", "normalized_name", "siren", "siret", "status", "activities", "delegation",
        "department", "street", "postcode", "city", "joined_on", "version", "created_at",
    )  # fmt: skip
    full = (
        UUID(int=1), "STR-2026-00001", "L'Étoile", "l etoile", "900000001", None, "active", ["etti", "ai"], "occitanie",
        "31", "1 rue A", "31000", "TOULOUSE", joined_on, 4, ENTERED,
    )  # fmt: skip
    bare = (UUID(int=2), "STR-2026-00002", "B", "b", None, None, "candidate", [], *[None] * 5, None, 1, ENTERED)
    try:
        await connection.copy_records_to_table("member", columns=columns, records=[full, bare])
        if sitting:
            await connection.execute(
                "INSERT INTO sitting VALUES ($1, '2026-01-20', 9, 9, 0, 'PV-1', 'closed', 3)", SITTING
            )
            await connection.execute(
                "INSERT INTO application (id, member_id, received_on, status, sitting_id, decided_on)"
                " VALUES ($1, $1, '2026-01-11', 'admitted', $2, '2026-01-20')",
                UUID(int=1),
                SITTING,
            )
    finally:
        await connection.close()


async def test_the_register_of_the_first_version_becomes_dated_entries(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    await write_old_rows(url)
    await migrations.upgrade_async(service, settings)
    async with assembled(service, url, issuer, tmp_path) as membership:
        async with membership.runtime.database.reading(Actor("test")) as read:
            rows = [await read.session.get(MemberRow, UUID(int=number)) for number in (1, 2)]
            full, bare = [repository.to_domain(row) for row in rows if row is not None]
            entries = await repository.entries_of(read, [full.id])
        assert (full.name, full.siren, full.activities) == (
            "L'Étoile",
            "900000001",
            (ActivityKind.ETTI, ActivityKind.AI),
        )
        assert (full.delegation, full.city, full.version) == ("occitanie", "TOULOUSE", 4)
        assert full.admission is not None
        assert (full.joined_on, full.admission.sitting_id) == (date(2026, 2, 1), SITTING)
        assert (bare.status, bare.activities, bare.street) == (MemberStatus.CANDIDATE, (), None)
        assert written(on_day(full, entries, date(2026, 2, 1))) == written(full)
        assert on_day(full, entries, date(2026, 1, 11)).status is MemberStatus.CANDIDATE
        async with membership.client("network") as client:
            headers = {"If-Match": '"v4"'}
            changed = await client.patch(f"/members/{full.id}", json={"city": "MURET"}, headers=headers)
            assert (changed.status_code, changed.json()["status"]) == (200, "active")
    await databases.drop(url)


@pytest.mark.parametrize("joined_on", [date(2026, 2, 1), date(2999, 1, 1)])
async def test_who_was_a_member_stays_one_whatever_day_was_given(
    databases: Databases, issuer: TestIssuer, tmp_path: Path, joined_on: date
) -> None:
    """The first version made a member at once also for a day to come."""
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    await write_old_rows(url, joined_on)
    await migrations.upgrade_async(service, settings)
    async with assembled(service, url, issuer, tmp_path) as membership, membership.client("network") as client:
        headers = {"If-Match": '"v4"'}
        changed = await client.patch(f"/members/{UUID(int=1)}", json={"city": "MURET"}, headers=headers)
        assert (changed.json()["status"], changed.json()["joined_on"]) == ("active", joined_on.isoformat())
        [fact] = await membership.published()
        assert fact.wire_name == "member.updated"
    await databases.drop(url)


async def test_a_member_that_no_sitting_admitted_stops_the_migration(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    await write_old_rows(url, sitting=False)
    with pytest.raises(ValueError, match="1 members were admitted by no sitting"):
        await migrations.upgrade_async(service, settings)
    await databases.drop(url)


async def test_what_lists_are_filtered_by_is_read_from_what_was_entered(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    await write_old_rows(url)
    await migrations.upgrade_async(service, settings, revision="0025")
    connection = await asyncpg.connect(url)
    try:
        seat = (
            "INSERT INTO member_entry (id, member_id, topic, key, effective_on, recorded_at, recorded_by, value,"
            " announced) SELECT gen_random_uuid(), $1, 'mandate', $2, $3, $4, 'x', $5::jsonb, false"
        )
        for number, key, day, value in (
            (1, "training", date(2026, 1, 12), "{}"),
            (1, "director", date(2026, 1, 12), "{}"),
            (1, "director", date(2026, 1, 13), None),
            (2, "treasurer", date(2026, 1, 12), "{}"),
        ):
            await connection.execute(seat, UUID(int=number), key, day, ENTERED, value)
        await connection.execute(
            "INSERT INTO application (id, member_id, received_on, status, documents_asked, reservations, version)"
            " VALUES ($1, $1, '2026-01-11', 'open', true, '[]', 1)",
            UUID(int=2),
        )
        await migrations.upgrade_async(service, settings)
        rows = await connection.fetch("SELECT answered_for, applying FROM member ORDER BY id")
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [(False, False), (True, True)]
    await databases.drop(url)


async def test_the_earlier_version_goes_on_writing_what_it_tells_of_renewals(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    """Both run side by side, and the earlier one comes back (docs/runbooks/new-version.md)."""
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    await migrations.upgrade_async(service, settings, revision="0001")
    await write_old_rows(url)
    await migrations.upgrade_async(service, settings, revision="0027")
    connection = await asyncpg.connect(url)
    letter = (
        "INSERT INTO renewal_notice (id, renewal_id, member_id, means, posted_on, recipient, subject, text,"
        " recorded_at, recorded_by) VALUES ($1, $2, $3, 'letter', $4, '1 rue A', 'Renouvellement', 'Bonjour', $5, 'x')"
    )
    renewal, posted_on = UUID(int=7), date(2026, 10, 15)
    try:
        await connection.execute(
            "INSERT INTO renewal (id, year, notice_from, notice_until, rule_status, rule_source, opened_at,"
            " opened_by) VALUES ($1, 2027, '2026-10-01', '2026-11-30', 'assumed', 'x', $2, 'x')",
            renewal,
            ENTERED,
        )
        await connection.execute(letter, UUID(int=11), renewal, UUID(int=1), posted_on, ENTERED)
        await migrations.upgrade_async(service, settings)
        await connection.execute(letter, UUID(int=12), renewal, UUID(int=1), posted_on, ENTERED)
        await connection.execute(
            "INSERT INTO notice (id, purpose, about, member_id, means, mail_id, recorded_at, recorded_by)"
            " VALUES ($1, 'reminder', '2025', $2, 'mail', $1, $3, 'x')",
            UUID(int=13),
            UUID(int=1),
            ENTERED,
        )
        returned = "UPDATE renewal_notice SET returned_on = $2, returned_reason = 'parti' WHERE id = $1"
        await connection.execute(returned, UUID(int=11), posted_on)
        read = "SELECT id FROM renewal_notice WHERE renewal_id = $1 ORDER BY id"
        assert [row["id"] for row in await connection.fetch(read, renewal)] == [UUID(int=11), UUID(int=12)]
        rows = await connection.fetch("SELECT purpose, about, returned_reason FROM notice ORDER BY id")
        assert [tuple(row) for row in rows] == [
            ("renewal", str(renewal), "parti"), ("renewal", str(renewal), None), ("reminder", "2025", None),
        ]  # fmt: skip
        await connection.execute("DELETE FROM renewal_notice")
        assert await connection.fetchval("SELECT count(*) FROM notice") == 1
    finally:
        await connection.close()
    await databases.drop(url)


COLUMNS = (
    "SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL AS to_give"
    " FROM information_schema.columns WHERE table_schema = 'public'"
)


async def test_an_earlier_version_writes_without_what_was_added_since(
    databases: Databases, issuer: TestIssuer, tmp_path: Path
) -> None:
    """What a table that was there asks for, its writers of then give: docs/runbooks/new-version.md."""
    url = await databases.empty()
    settings = settings_for(service, url, issuer, tmp_path)
    found = []
    for revision in ("0029", "head"):
        await migrations.upgrade_async(service, settings, revision=revision)
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(COLUMNS)
        finally:
            await connection.close()
        found.append({(table, column): to_give for table, column, to_give in rows})
    before, after = found
    known = {table for table, _ in before}
    assert {one for one in before if one not in after} == set()
    assert {one for one, to_give in after.items() if to_give and one[0] in known and not before.get(one)} == set()
    await databases.drop(url)
