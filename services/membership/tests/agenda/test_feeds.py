"""The secret addresses of feeds: what they show, how long, and who stops them."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import icalendar
import pytest

from common.secret_addresses import SecretAddressesTooMany
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from common.wording import write_day
from membership.agenda.use_cases import open_feed, renew_feed

from ..arrangements import admitted_by
from ..declarants.test_follow_up import member
from ..departures.test_departures import joined
from ..duplicates.test_merging import id_of, merge
from ..members.test_dates import TODAY, on
from ..sittings.test_minutes import sitting
from .test_agenda import AGENDA, everything, written
from .test_calendars import fetched


def secret_of(given: dict[str, Any]) -> str:
    path: str = given["path"]
    return path.removeprefix("/membership/v1")


async def subscribed(client: httpx.AsyncClient, label: str = "Mon calendrier") -> dict[str, Any]:
    answer = await client.post(f"{AGENDA}/feeds", json={"label": label})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    given: dict[str, Any] = answer.json()
    return given


async def summaries(client: httpx.AsyncClient, path: str) -> set[str]:
    return {str(event["SUMMARY"]) for event in icalendar.Calendar.from_ical(await fetched(client, path)).walk("VEVENT")}


async def test_a_secret_address_shows_what_its_person_sees(membership: ServiceUnderTest) -> None:
    ids = await everything(membership)
    async with membership.client("member", member_id=UUID(ids["B"])) as client:
        given = await subscribed(client)
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {
            "Pour tous",
            "Pour tous, en Occitanie",
            "Adhérentes",
        }
        answer = await calendar.get(secret_of(given), params={"_": "1763800000"})
        assert answer.headers["cache-control"] == "private, no-cache"
        again = await calendar.get(secret_of(given), headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    [row] = await membership.rows("SELECT * FROM agenda_feed")
    secret = given["path"].rpartition("/")[2].removesuffix(".ics")
    assert row.token_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert (row.last_used_on, row.expires_on) == (TODAY, TODAY + timedelta(days=400))


async def test_the_secret_is_shown_once_and_kept_nowhere(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        key = {"Idempotency-Key": "mon-calendrier"}
        first, second = [await client.post(f"{AGENDA}/feeds", json={"label": "x"}, headers=key) for _ in range(2)]
        assert (second.status_code, second.json()["code"]) == (409, "answer_given_once")
        secret = first.json()["path"].rpartition("/")[2].removesuffix(".ics")
        [feed] = (await client.get(f"{AGENDA}/feeds")).json()["items"]
        assert "path" not in feed
    assert len(secret) >= 43
    [kept] = await membership.rows("SELECT body FROM idempotency_key")
    assert kept.body == b""
    for table in await membership.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"):
        rows = await membership.rows(f'SELECT t::text AS row FROM "{table.name}" t')  # noqa: S608
        assert not any(secret in row.row for row in rows), table.name


async def test_a_revoked_address_is_gone_and_nobody_elses(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client, membership.client("finance") as other:
        given = await subscribed(client)
        path = f"{AGENDA}/feeds/{given['id']}"
        for under in ("renew", "revoke"):
            refused = await other.post(f"{path}/{under}")
            assert (refused.status_code, refused.json()["code"]) == (404, "secret_address_not_found")
        assert (await other.get(f"{AGENDA}/feeds")).json()["items"] == []
        assert (await client.post(f"{path}/revoke")).json()["revoked_at"] is not None
        for under in ("renew", "revoke"):
            assert (await client.post(f"{path}/{under}")).json()["code"] == "secret_address_revoked"
    async with membership.client() as calendar:
        for path in (secret_of(given), f"{AGENDA}/calendars/inconnu.ics"):
            gone = await calendar.get(path)
            assert (gone.status_code, gone.json()["code"]) == (404, "secret_address_not_found")


async def test_an_address_expires_unless_it_is_renewed(membership: ServiceUnderTest) -> None:
    async with membership.client("member") as client:
        given, kept = [await subscribed(client, label) for label in ("l'une", "l'autre")]
    async with membership.days_later(400) as then, then.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 200
    async with membership.days_later(401) as after, after.client() as calendar, after.client("member") as client:
        assert (await calendar.get(secret_of(given))).status_code == 404
        renewed = (await client.post(f"{AGENDA}/feeds/{kept['id']}/renew")).json()
        assert renewed["expires_on"] == on(801)
        assert (await calendar.get(secret_of(kept))).status_code == 200, "the address is the same"


async def test_an_address_that_sees_more_than_a_structure_serves_less_long(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        given = await subscribed(client)
        assert given["expires_on"] == on(120)
    async with membership.days_later(120) as then, then.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 200
    async with membership.days_later(121) as after, after.client() as calendar:
        assert (await calendar.get(secret_of(given))).status_code == 404


async def test_the_address_of_who_left_a_post_is_found_and_stopped(membership: ServiceUnderTest) -> None:
    async with membership.client("board", "member") as client:
        await sitting(client)
        given = await subscribed(client)
    async with membership.client("member") as client:
        await subscribed(client, "une autre")
    for role in ("member", "delegation", "board", "finance"):
        async with membership.client(role) as client:
            assert (await client.get("/agenda-feeds")).status_code == 403
            assert (await client.post(f"/agenda-feeds/{given['id']}/revoke")).status_code == 403
    async with membership.client("network") as client, membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {"Conseil d'administration"}
        everybodys = (await client.get("/agenda-feeds", params={"total": True})).json()
        assert everybodys["total"] == 2
        [found] = (await client.get("/agenda-feeds", params={"role": "board"})).json()["items"]
        assert (found["id"], "path" in found, "token_hash" in found) == (given["id"], False, False)
        theirs = {"subject": found["subject"], "serving": True}
        same = (await client.get("/agenda-feeds", params=theirs)).json()["items"]
        assert given["id"] in [one["id"] for one in same]
        assert (await client.get("/agenda-feeds", params={"subject": "x"})).json()["items"] == []
        stopped = await client.post(f"/agenda-feeds/{given['id']}/revoke")
        assert (stopped.status_code, stopped.json()["revoked_by"] is not None) == (200, True)
        assert (await calendar.get(secret_of(given))).status_code == 404
        [gone] = (await client.get("/agenda-feeds", params={"serving": False})).json()["items"]
        assert gone["id"] == given["id"]
        again = await client.post(f"/agenda-feeds/{given['id']}/revoke")
        assert again.json()["code"] == "secret_address_revoked"
        unknown = await client.post(f"/agenda-feeds/{UUID(int=1)}/revoke")
        assert unknown.json()["code"] == "secret_address_not_found"
    async with membership.client("ops") as client:
        assert (await client.get("/agenda-feeds")).status_code == 200


async def test_a_renewed_address_has_the_rights_of_today(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        await sitting(client)
        given = await subscribed(client)
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == {"Conseil d'administration"}
        [row] = await membership.rows("SELECT subject FROM agenda_feed")
        async with membership.runtime.database.transaction(Actor(row.subject, frozenset({"finance"}))) as tx:
            await renew_feed(tx, UUID(given["id"]))
        assert await summaries(calendar, secret_of(given)) == set()


async def test_what_a_structure_that_left_still_reads(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """Rights of the day are kept with the address; that a structure is a member is asked of the register each time."""
    [own] = await arranged(membership, admitted_by, member, ("A", "31"))
    invited = {"delegation": "occitanie", "departments": ["31"], "subject": "Rencontre", "day": on(4)}
    async with membership.client("network", "board") as client:
        await written(client, "Adhérentes", audience="members", day=on(60))
        assert (await client.post("/meetings", json=invited)).status_code == 201
    async with membership.client("member", member_id=UUID(own)) as client:
        given = await subscribed(client)
        assert await summaries(client, secret_of(given)) == {"Adhérentes", "Rencontre"}
    async with membership.client("network", "board") as client:
        etag = (await client.get(f"/members/{own}")).headers["etag"]
        body = {"cause": "ceased", "received_on": on(0), "reason": "Liquidation."}
        gone = await client.post(f"/members/{own}/departure", json=body, headers={"If-Match": etag})
        assert gone.status_code == 200, gone.text
    async with membership.client() as calendar:
        assert await summaries(calendar, secret_of(given)) == set()


async def test_the_address_of_a_record_that_was_merged_reads_for_the_one_that_stays(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("member", member_id=UUID(id_of(goes))) as client:
        given = await subscribed(client)
    async with membership.client("network", "board") as client, membership.client() as calendar:
        await written(client, "Adhérentes", audience="members")
        await merge(client, stays, goes)
        await written(client, "Occitanie", audience="members", delegation="occitanie")
        assert await summaries(calendar, secret_of(given)) == {"Adhérentes", "Occitanie"}
        etag = (await client.get(stays)).headers["etag"]
        body = {"cause": "ceased", "received_on": on(0), "reason": "Liquidation."}
        gone = await client.post(f"{stays}/departure", json=body, headers={"If-Match": etag})
        assert gone.status_code == 200, gone.text
        assert await summaries(calendar, secret_of(given)) == set()


async def test_a_calendar_says_in_its_last_days_that_it_ends(membership: ServiceUnderTest) -> None:
    """Else it would stop one day without a word, and its reader would believe that nothing is planned any more."""
    async with membership.client("network") as client:
        given = await subscribed(client)
    said = f"Votre abonnement à l'agenda s'arrête le {write_day(TODAY + timedelta(days=120))}"
    tags = []
    for days, seen in ((89, set()), (90, {said}), (120, {said})):
        async with membership.days_later(days) as later, later.client() as calendar:
            assert await summaries(calendar, secret_of(given)) == seen, days
            body = await fetched(calendar, secret_of(given))
            assert (f"UID:{given['id']}@agenda.coorace.org".encode() in body) is bool(seen)
            tags.append((await calendar.get(secret_of(given))).headers["etag"])
    assert (tags[0] != tags[1], tags[1] == tags[2]) == (True, True), "said once, it is the same event"
    async with membership.days_later(120) as then, then.client("network") as client:
        assert (await client.post(f"{AGENDA}/feeds/{given['id']}/renew")).status_code == 200
        assert await summaries(client, secret_of(given)) == set()


async def test_an_expired_address_is_renewed_where_there_is_room(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        old = await subscribed(client)
    async with membership.days_later(121) as later, later.client("network") as client:
        given = [await subscribed(client, str(number)) for number in range(20)]
        renew = f"{AGENDA}/feeds/{old['id']}/renew"
        refused = await client.post(renew)
        assert (refused.status_code, refused.json()["code"]) == (409, "secret_addresses_too_many")
        assert (await client.post(f"{AGENDA}/feeds/{given[0]['id']}/renew")).status_code == 200, "it is one of twenty"
        await client.post(f"{AGENDA}/feeds/{given[0]['id']}/revoke")
        assert (await client.post(renew)).status_code == 200


async def test_what_serves_no_more_is_forgotten(membership: ServiceUnderTest) -> None:
    async with membership.client("member") as client:
        revoked, served = [await subscribed(client, label) for label in ("retirée", "qui sert")]
        await client.post(f"{AGENDA}/feeds/{revoked['id']}/revoke")
    for days, left in ((90, {"retirée", "qui sert"}), (91, {"qui sert"}), (490, {"qui sert"}), (491, set())):
        async with membership.days_later(days):
            assert {row.label for row in await membership.rows("SELECT label FROM agenda_feed")} == left, days
    assert served["expires_on"] == on(400)


async def test_twenty_addresses_at_most_however_fast_they_are_asked_for(membership: ServiceUnderTest) -> None:
    """The second who asks for the last one waits for the first, and is told."""
    async with membership.client("network") as client:
        given = [await subscribed(client, str(number)) for number in range(19)]
        [one] = await membership.rows("SELECT DISTINCT subject FROM agenda_feed")
        person, database = Actor(one.subject, frozenset({"network"})), membership.runtime.database

        async def ask() -> None:
            async with database.transaction(person) as tx:
                await open_feed(tx, "la dernière, elle aussi")

        async with database.transaction(person) as first:
            await open_feed(first, "la dernière")
            second = asyncio.create_task(ask())
            done, _ = await asyncio.wait([second], timeout=0.5)
            assert not done
        with pytest.raises(SecretAddressesTooMany):
            await second
        refused = await client.post(f"{AGENDA}/feeds", json={"label": "une de trop"})
        assert (refused.status_code, refused.json()["code"]) == (409, "secret_addresses_too_many")
        await client.post(f"{AGENDA}/feeds/{given[0]['id']}/revoke")
        await subscribed(client)
