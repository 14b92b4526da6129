"""Calendars through the API: what each reader sees, what changes, who gives an address and takes it back."""

import asyncio
import hashlib
import time as stopwatch
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.rights import grant_for
from common.secret_addresses import SecretAddressesTooMany
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from training.calendars import repository
from training.calendars.domain import Reader
from training.calendars.schemas import CalendarFeedIn
from training.calendars.use_cases import open_feed
from training.rights import RIGHTS, Act

from ..enrolments.arrangements import Held, acted, member, opened, person, quote_body, seated
from ..sessions.arrangements import acted as act_on_session
from ..sessions.arrangements import kept, means, trainer
from ..sessions.many import fill
from .arrangements import asked_feed, opened_feed, path_of, read_events, told

ONE, OTHER = UUID(int=1), UUID(int=2)
_REMOTE = "https://visio.example.org/classe"


async def _slots(team: Any, held: Held) -> list[dict[str, Any]]:
    return list((await team.get(f"/sessions/{held.id}")).json()["slots"])


async def test_who_teaches_has_their_half_days_with_the_room_and_the_count(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        await seated(team, held, 1, 3)
        given = await opened_feed(team, "trainer", held.means.trainer)
        events = await read_events(calendar, given)
        assert [str(event["UID"]) for event in events] == [
            f"{slot['id']}@sessions.coorace.org" for slot in await _slots(team, held)
        ]
        assert told(events) == [("TENTATIVE", 0)] * 4
        first = events[0]
        assert str(first["LOCATION"]) == "Salle Jaurès, 1 rue de l'Exemple, 31000 Toulouse"
        assert "Places prises : 3." in str(first["DESCRIPTION"])
        assert str(first["DTSTART"].params["TZID"]) == "Europe/Paris"
        assert (first.start.hour, first.end.hour) == (9, 12), "at the hour of the place"
        await act_on_session(team, held.id, "POST", "/confirm", {"reason": "Assez d'inscrits."})
        assert told(await read_events(calendar, given)) == [("CONFIRMED", 1)] * 4
        assert told(await read_events(calendar, given)) == [("CONFIRMED", 1)] * 4, "told again, nothing changed"


async def test_a_trainee_has_theirs_and_drops_what_they_gave_back(training: ServiceUnderTest) -> None:
    held = await opened(training, 20, 1, remote_url=_REMOTE)
    async with training.client("member", member_id=ONE) as client, training.client() as calendar:
        who = await person(client, 1)
        given = await opened_feed(client, "trainee", who)
        assert await read_events(calendar, given) == []
        request = await seated(client, held, 1, trainees=[who])
        events = await read_events(calendar, given)
        assert told(events) == [("TENTATIVE", 0)] * 4
        assert (str(events[0]["URL"]), str(events[0]["LOCATION"])) == (_REMOTE, "À distance")
        assert "EXEMPLE" not in (await calendar.get(path_of(given))).text, "a calendar names nobody"
        left = await acted(client, f"/enrolments/{request['seats'][0]['id']}", "withdraw", {"reason": "changed_plans"})
        assert left.status_code == 200, left.text
        gone = await read_events(calendar, given)
        assert told(gone) == [("CANCELLED", 1)] * 4
        assert (str(gone[0]["SUMMARY"])[:8], gone[0].get("URL")) == ("Annulé :", None)
        assert _REMOTE not in (await calendar.get(path_of(given))).text
    async with training.days_later(89) as then, then.client() as calendar:
        assert told(await read_events(calendar, given)) == [("CANCELLED", 1)] * 4
    async with training.days_later(91) as then, then.client() as calendar:
        assert await read_events(calendar, given) == []


async def test_a_structure_has_the_sessions_of_its_people_counted_and_no_remote_address(
    training: ServiceUnderTest,
) -> None:
    held = await opened(training, 20, 1, 2, remote_url=_REMOTE)
    async with training.client("training") as team, training.client() as calendar:
        await seated(team, held, 1, 2)
        await seated(team, held, 2, 1)
        first, second = [await opened_feed(team, "structure", one) for one in (ONE, OTHER)]
        for given, count in ((first, 2), (second, 1)):
            events = await read_events(calendar, given)
            assert len(events) == 4
            assert f"Places de votre structure : {count}." in str(events[0]["DESCRIPTION"])
            assert _REMOTE not in (await calendar.get(path_of(given))).text


async def test_what_a_person_learns_at_their_own_expense_is_not_their_structures(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        who = await person(team, 1)
        async with training.client("member", member_id=ONE) as client:
            given = await opened_feed(client, "trainee", who)
        whole = await opened_feed(team, "trainee", who)
        assert (given["through"], whole["through"]) == (str(ONE), None)
        await seated(team, held, 1, quote=quote_body(held, 1, buyer={"trainee_id": who}), trainees=[who])
        assert [len(await read_events(calendar, one)) for one in (given, whole)] == [0, 4]
    async with training.client("member", member_id=ONE) as client:
        assert [one["id"] for one in (await client.get("/calendar-feeds")).json()["items"]] == [given["id"]]


async def test_the_duplicate_of_a_structure_is_that_structure(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1, 2)
    async with training.client("training") as team, training.client() as calendar:
        await seated(team, held, 1, 2)
        given, old = [await opened_feed(team, "structure", one) for one in (OTHER, ONE)]
        assert await read_events(calendar, given) == []
        await training.receive(member(1, status="left", merged_into=OTHER))
        assert [len(await read_events(calendar, one)) for one in (given, old)] == [4, 4]
        refused = await asked_feed(team, "structure", ONE)
        assert (refused.status_code, refused.json()["code"]) == (404, "merged_into")
    async with training.client("member", member_id=OTHER) as client:
        found = (await client.get("/calendar-feeds")).json()["items"]
        assert {one["id"] for one in found} == {given["id"], old["id"]}, "its duplicate's as well"


async def test_a_moved_half_day_keeps_its_event_and_one_taken_off_is_dropped(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        given = await opened_feed(team, "trainer", held.means.trainer)
        before = await read_events(calendar, given)
        slots = kept(await _slots(team, held))
        later = held.means.first + timedelta(days=7)
        slots[0] |= {"day": later.isoformat()}
        slots[3] = {name: value for name, value in slots[3].items() if name != "id"} | {"day": later.isoformat()}
        moved = await act_on_session(team, held.id, "POST", "/move", {"slots": slots, "reason": "Salle prise."})
        assert moved.status_code == 200, moved.text
        events = {str(event["UID"]): event for event in await read_events(calendar, given)}
        uids = [str(event["UID"]) for event in before]
        assert len(events) == 5
        assert events[uids[0]].start.date() == later
        assert told([events[uid] for uid in uids]) == [
            ("TENTATIVE", 1), ("TENTATIVE", 0), ("TENTATIVE", 0), ("CANCELLED", 1),
        ]  # fmt: skip


async def test_who_teaches_no_more_drops_it_and_who_teaches_instead_has_it(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        relay = await trainer(team, "Dominique EXEMPLE")
        given = [await opened_feed(team, "trainer", one) for one in (held.means.trainer, relay)]
        assert [len(await read_events(calendar, one)) for one in given] == [4, 0]
        slots = [
            one | {"trainers": [relay]} if rank else one for rank, one in enumerate(kept(await _slots(team, held)))
        ]
        moved = await act_on_session(team, held.id, "POST", "/move", {"slots": slots, "reason": "Relais."})
        assert moved.status_code == 200, moved.text
        assert told(await read_events(calendar, given[0])) == [("TENTATIVE", 0), *[("CANCELLED", 1)] * 3]
        assert told(await read_events(calendar, given[1])) == [("TENTATIVE", 0)] * 3


async def test_a_cancelled_session_is_dropped_by_all_who_had_it(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        who = await person(team, 1)
        await seated(team, held, 1, trainees=[who])
        readers = (("trainer", held.means.trainer), ("trainee", who), ("structure", ONE))
        given = [await opened_feed(team, reader, one) for reader, one in readers]
        for one in given:
            assert len(await read_events(calendar, one)) == 4
        body = {"reason_code": "weather", "reason": "Neige."}
        cancelled = await act_on_session(team, held.id, "POST", "/cancel", body)
        assert cancelled.status_code == 200, cancelled.text
        for one in given:
            assert told(await read_events(calendar, one)) == [("CANCELLED", 1)] * 4
        never = await opened_feed(team, "trainer", held.means.trainer, "Un autre")
        assert await read_events(calendar, never) == [], "what it never had, it has not to drop"


async def test_nothing_is_written_where_nothing_changed(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        given = await opened_feed(team, "trainer", held.means.trainer)
        tag = (await calendar.get(path_of(given))).headers["etag"]
        with training.statements() as statements:
            same = await calendar.get(path_of(given), headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        written = [sql for sql, _ in statements if sql.startswith(("INSERT", "UPDATE", "SELECT pg_advisory"))]
        assert written == []
        await seated(team, held, 1, 1)
        changed = await calendar.get(path_of(given), headers={"If-None-Match": tag})
        assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


async def test_who_waited_tells_what_is_then_and_not_what_was(training: ServiceUnderTest) -> None:
    """Else a calendar that is slow to be told would tell again what another was told is no more."""
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        given = await opened_feed(team, "trainer", held.means.trainer)
        assert told(await read_events(calendar, given)) == [("TENTATIVE", 0)] * 4
        confirmed = await act_on_session(team, held.id, "POST", "/confirm", {"reason": "Décidé."})
        assert confirmed.status_code == 200
        async with training.runtime.database.transaction(Actor("un autre calendrier")) as first:
            await repository.hold_address(first, UUID(given["id"]))
            second = asyncio.create_task(read_events(calendar, given))
            done, _ = await asyncio.wait([second], timeout=0.5)
            assert not done
            body = {"reason_code": "weather", "reason": "Neige."}
            assert (await act_on_session(team, held.id, "POST", "/cancel", body)).status_code == 200
        assert told(await second) == [("CANCELLED", 1)] * 4


async def test_the_secret_is_shown_once_and_kept_by_its_digest(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team:
        body = {"reader": "trainer", "reader_id": held.means.trainer, "label": "x"}
        key = {"Idempotency-Key": "mon-calendrier"}
        first, second = [await team.post("/calendar-feeds", json=body, headers=key) for _ in range(2)]
        assert (second.status_code, second.json()["code"]) == (409, "answer_given_once")
        location = first.headers["location"].removeprefix("/training/v1")
        shown = (await team.get(location)).json()
    secret = first.json()["path"].rpartition("/")[2].removesuffix(".ics")
    assert "path" not in shown
    assert (shown["mailed"], shown["allowed_actions"]) == (False, ["renew", "revoke"])
    [row] = await training.rows("SELECT * FROM calendar_address")
    assert row.token_hash == hashlib.sha256(secret.encode()).hexdigest()
    for table in await training.rows("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"):
        rows = await training.rows(f'SELECT t::text AS row FROM "{table.name}" t')  # noqa: S608
        assert not any(secret in row.row for row in rows), table.name


async def test_a_trainee_with_an_address_is_sent_theirs_and_revoked_it_is_said_no_more(
    training: ServiceUnderTest,
) -> None:
    await opened(training, 12, 1)
    async with training.client("member", member_id=ONE) as client:
        who = await person(client, 1, email="stagiaire@example.org")
        given = await opened_feed(client, "trainee", who)
        assert given["mailed"]
        [mail] = await training.rows("SELECT recipient, text, kept_days FROM mail")
        assert mail.recipient == "stagiaire@example.org"
        assert given["path"] in mail.text
        assert "EXEMPLE" not in mail.text
        revoked = await client.post(f"/calendar-feeds/{given['id']}/revoke")
        assert revoked.status_code == 200, revoked.text
    assert await training.rows("SELECT id FROM mail") == []


async def test_a_revoked_address_is_gone(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    async with training.client("training") as team, training.client() as calendar:
        given = await opened_feed(team, "trainer", held.means.trainer)
        path = f"/calendar-feeds/{given['id']}"
        revoked = (await team.post(f"{path}/revoke")).json()
        assert (revoked["revoked_at"] is not None, revoked["allowed_actions"]) == (True, [])
        for act in ("renew", "revoke"):
            refused = await team.post(f"{path}/{act}")
            assert (refused.status_code, refused.json()["code"]) == (409, "secret_address_revoked")
        for one in (path_of(given), "/calendars/inconnu.ics"):
            gone = await calendar.get(one)
            assert (gone.status_code, gone.json()["code"]) == (404, "secret_address_not_found")


async def test_an_address_says_when_it_ends_expires_and_is_renewed(training: ServiceUnderTest) -> None:
    await opened(training, 12, 1)
    async with training.client("training") as team:
        given = await opened_feed(team, "structure", ONE)
        rule = (await team.get("/calendar-feeds/rule")).json()
    assert (rule["feed_days"], rule["status"]) == (400, "assumed")
    for days, seen in ((369, 0), (370, 1), (400, 1)):
        async with training.days_later(days) as then, then.client() as calendar:
            events = await read_events(calendar, given)
            assert [str(event["UID"]) for event in events] == [f"{given['id']}@sessions.coorace.org"] * seen, days
    async with training.days_later(401) as after, after.client() as calendar, after.client("training") as team:
        assert (await calendar.get(path_of(given))).status_code == 404
        renewed = await team.post(f"/calendar-feeds/{given['id']}/renew")
        assert renewed.status_code == 200, renewed.text
        assert await read_events(calendar, given) == []
    async with training.days_later(892):
        assert await training.rows("SELECT id FROM calendar_address") == []
        assert await training.rows("SELECT slot_id FROM calendar_told") == []


async def test_five_addresses_serve_at_most_however_fast_they_are_asked_for(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1)
    body = CalendarFeedIn(reader=Reader.STRUCTURE, reader_id=ONE, label="la dernière")
    actor = Actor("quelqu'un", frozenset({"training"}))
    grant = grant_for(RIGHTS, Act.KEEP_CALENDAR_FEEDS, actor)
    assert grant is not None
    async with training.client("training") as team:
        given = [await opened_feed(team, "structure", ONE, str(number)) for number in range(4)]
        database = training.runtime.database

        async def ask() -> None:
            async with database.transaction(actor) as tx:
                await open_feed(tx, grant, body)

        async with database.transaction(actor) as first:
            await open_feed(first, grant, body)
            second = asyncio.create_task(ask())
            done, _ = await asyncio.wait([second], timeout=0.5)
            assert not done
        with pytest.raises(SecretAddressesTooMany):
            await second
        refused = await asked_feed(team, "structure", ONE)
        assert (refused.status_code, refused.json()["code"]) == (409, "secret_addresses_too_many")
        assert (await team.post(f"/calendar-feeds/{given[0]['id']}/renew")).status_code == 200, "it is one of five"
        await opened_feed(team, "trainer", held.means.trainer)


async def test_a_structure_reaches_its_own_and_its_people(training: ServiceUnderTest) -> None:
    held = await opened(training, 12, 1, 2)
    async with training.client("training") as team:
        theirs = await opened_feed(team, "structure", OTHER)
        trainers = await opened_feed(team, "trainer", held.means.trainer)
        stranger = await person(team, 2, "AUTRE")
    async with training.client("member", member_id=ONE) as client:
        who = await person(client, 1)
        own = [await opened_feed(client, "structure", ONE), await opened_feed(client, "trainee", who)]
        for reader, one, code in (
            ("structure", OTHER, "member_unknown"),
            ("trainee", stranger, "trainee_not_found"),
            ("trainer", held.means.trainer, "trainer_not_found"),
            ("trainer", uuid4(), "trainer_not_found"),
        ):
            refused = await asked_feed(client, reader, one)
            assert (refused.status_code, refused.json()["code"]) == (404, code)
        for given in (theirs, trainers):
            for method, under in (("GET", ""), ("POST", "/renew"), ("POST", "/revoke")):
                refused = await client.request(method, f"/calendar-feeds/{given['id']}{under}")
                assert (refused.status_code, refused.json()["code"]) == (404, "secret_address_not_found")
        page = (await client.get("/calendar-feeds", params={"total": True})).json()
        assert (page["total"], {one["id"] for one in page["items"]}) == (2, {one["id"] for one in own})
        await client.post(f"/calendar-feeds/{own[0]['id']}/revoke")
        serving = (await client.get("/calendar-feeds", params={"serving": True})).json()["items"]
        assert [one["id"] for one in serving] == [own[1]["id"]]
        stopped = (await client.get("/calendar-feeds", params={"serving": False, "reader": "structure"})).json()
        assert [one["id"] for one in stopped["items"]] == [own[0]["id"]]
    async with training.client("network", member_id=ONE) as staff:
        assert (await staff.get("/calendar-feeds")).json()["items"] == [], "a structure's, to who acts for it"
        assert (await asked_feed(staff, "structure", ONE)).status_code == 404
    async with training.client("training") as team:
        wanted = {"reader_id": own[1]["reader_id"]}
        assert len((await team.get("/calendar-feeds", params=wanted)).json()["items"]) == 1


async def test_a_trainer_with_an_account_keeps_their_own(training: ServiceUnderTest) -> None:
    await opened(training, 12, 1)
    async with training.client("training") as team, training.client("board") as own, training.client() as calendar:
        mine = await trainer(team, "Dominique EXEMPLE", account="test-board")
        given = await opened_feed(own, "trainer", mine)
        assert await read_events(calendar, given) == []
        assert [one["id"] for one in (await own.get("/calendar-feeds")).json()["items"]] == [given["id"]]
        assert (await own.post(f"/calendar-feeds/{given['id']}/revoke")).status_code == 200
    async with training.client("delegation") as another:
        assert (await another.get(f"/calendar-feeds/{given['id']}")).status_code == 404


async def test_nothing_is_read_for_a_trainer_who_was_erased(training: ServiceUnderTest) -> None:
    async with training.client("training") as team, training.client() as calendar:
        held = await means(training)
        given = await opened_feed(team, "trainer", held.trainer)
        for act, body, code, status in (
            ("archive", None, "trainer_archived", 200),
            ("erase", {"reason": "Demande de la personne."}, "trainer_erased", 404),
        ):
            assert (await acted(team, f"/trainers/{held.trainer}", act, body)).status_code == 200
            refused = await asked_feed(team, "trainer", held.trainer)
            assert (refused.status_code, refused.json()["code"]) == (409, code)
            assert (await calendar.get(path_of(given))).status_code == status


async def test_a_calendar_of_two_thousand_half_days_is_asked_for_again_at_little_cost(
    training: ServiceUnderTest,
) -> None:
    """Measured at 0.06 s of processor: what is said is compared with what was, and nothing is written."""
    held = await means(training)
    await fill(training, held, 2_500)
    async with training.client("training") as team, training.client() as calendar:
        given = await opened_feed(team, "trainer", held.trainer)
        first = await calendar.get(path_of(given))
        assert first.content.count(b"BEGIN:VEVENT") == 2_000
        tag = {"If-None-Match": first.headers["etag"]}
        with training.statements() as statements:
            begun = stopwatch.process_time()
            assert (await calendar.get(path_of(given), headers=tag)).status_code == 304
            took = stopwatch.process_time() - begun
    assert len(statements) <= 6, [sql for sql, _ in statements]
    assert took < 0.5, took
