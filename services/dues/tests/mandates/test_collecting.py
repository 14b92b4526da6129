"""What a collection needs of a mandate, what it leaves on it, and how a mandate lapses without one."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

import pytest

from common.dated import months_after
from common.transaction import Actor
from dues.mandates import queries, use_cases
from dues.mandates.domain import MandateLapsed, MandateNotFound, MandateSuspended, Original
from dues.mandates.queries import Presentations

from .conftest import IBAN, OTHER, OWN, Desk
from .test_mandates import GERMAN, merged


async def presentable(desk: Desk, member_ids: Collection[UUID], on: date | None = None) -> Presentations:
    async with desk.dues.runtime.database.reading(Actor("test")) as read:
        return await queries.presentable(read, member_ids, on or read.today)


async def note_presented(desk: Desk, mandate_ids: Collection[str], on: date | None = None) -> None:
    async with desk.dues.runtime.database.transaction(Actor("collections")) as tx:
        await use_cases.note_presented(tx, [UUID(one) for one in mandate_ids], on or tx.today)


async def test_a_collection_is_told_what_it_carries_or_why_there_is_none(desk: Desk) -> None:
    mandate = await desk.signed(OWN)
    await desk.prepare(OTHER)
    found = await presentable(desk, [OWN, OTHER, UUID(int=3)])
    ready = found.ready[OWN]
    assert (ready.rum, ready.account.iban, ready.creditor.ics) == (mandate["rum"], IBAN, "FR76ZZZ000000")
    assert (ready.signed_on, ready.last_presented_on, ready.original) == (desk.today, None, None)
    assert {who: why.code for who, why in found.blocked.items()} == {
        OTHER: "mandate_not_signed",
        UUID(int=3): "mandate_not_signed",
    }


async def test_the_banks_are_told_once_of_another_account(desk: Desk) -> None:
    mandate = await desk.signed(OWN)
    await note_presented(desk, [mandate["id"]])
    mandate.update((await desk.ask("GET", f"/{mandate['id']}")).json())
    await desk.act(mandate, "amend", since=str(desk.today), iban=GERMAN)
    assert (await presentable(desk, [OWN])).ready[OWN].original == Original(IBAN, None, None)
    await note_presented(desk, [mandate["id"]])
    told = (await presentable(desk, [OWN])).ready[OWN]
    assert (told.account.iban, told.original, told.last_presented_on) == (GERMAN, None, desk.today)
    detail = (await desk.ask("GET", f"/{mandate['id']}")).json()
    assert detail["amendments"][0]["presented_on"] == str(desk.today)
    assert detail["lapses_on"] == str(months_after(desk.today, 36))


async def test_a_one_off_mandate_is_used_once(desk: Desk) -> None:
    mandate = await desk.signed(OWN, kind="one_off")
    await note_presented(desk, [mandate["id"]])
    assert [one["state"] for one in await desk.list()] == ["used"]
    assert (await presentable(desk, [OWN])).blocked[OWN].code == "mandate_ended"


async def test_what_cannot_be_presented_is_noted_of_none(desk: Desk) -> None:
    first, second = await desk.signed(OWN), await desk.signed(OTHER)
    await desk.act(second, "suspend", reason="Litige")
    with pytest.raises(MandateSuspended):
        await note_presented(desk, [first["id"], second["id"]])
    with pytest.raises(MandateNotFound):
        await note_presented(desk, [first["id"], str(UUID(int=5))])
    assert [one["last_presented_on"] for one in await desk.list()] == [None, None]


async def test_a_merged_structure_is_collected_under_the_last_signed(desk: Desk) -> None:
    await desk.signed(OWN, signed_on=desk.today - timedelta(30))
    last = await desk.signed(OTHER)
    await desk.dues.receive(merged(OTHER, into=OWN))
    assert (await presentable(desk, [OWN])).ready[OWN].rum == last["rum"]


async def test_a_mandate_that_nothing_was_collected_under_is_listed_then_lapses(desk: Desk) -> None:
    mandate = await desk.signed(OWN, signed_on=months_after(desk.today + timedelta(30), -36))
    fresh = await desk.signed(OTHER)
    last = mandate["lapses_on"]
    soon = await desk.list(f"lapsing_before={desk.today + timedelta(90)}")
    assert [one["rum"] for one in soon] == [mandate["rum"]]
    days = (date.fromisoformat(last) - desk.today).days
    async with desk.dues.days_later(days) as later:
        assert await receipt(Desk(later)) == [("lapsing", mandate["rum"])]
        assert {one["state"] for one in await Desk(later).list()} == {"active"}
    async with desk.dues.days_later(days + 1) as later:
        assert ("lapsed", mandate["rum"]) in await receipt(Desk(later))
        [gone] = await Desk(later).list("state=lapsed")
        assert (gone["rum"], gone["ended_on"]) == (mandate["rum"], last)
        [lives] = await Desk(later).list("state=active")
        assert lives["rum"] == fresh["rum"]
        told = (await Desk(later).ask("GET", f"/{mandate['id']}")).json()["steps"][-1]
        assert told["act"] == "lapsed"


async def test_a_mandate_has_lapsed_on_its_day_whether_or_not_it_was_noted(desk: Desk) -> None:
    mandate = await desk.signed(OWN)
    async with desk.dues.runtime.database.transaction(Actor("test")) as tx:
        with pytest.raises(MandateLapsed):
            await use_cases.note_presented(tx, [UUID(mandate["id"])], months_after(desk.today, 37))
    lapsed = await presentable(desk, [OWN], months_after(desk.today, 37))
    assert lapsed.blocked[OWN].code == "mandate_lapsed"


async def receipt(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.dues.rows(
        "SELECT r.outcome, r.reference, r.message FROM job_receipt r JOIN job j ON j.id = r.job_id"
        " WHERE j.kind = 'mandates.lapse' ORDER BY r.job_id, r.row"
    )
    assert IBAN not in f"{rows}"
    return [(row.outcome, row.reference) for row in rows]
