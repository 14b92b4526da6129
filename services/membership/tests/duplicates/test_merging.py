"""Two records of one structure become one, for thirty days: shown, done, told, undone."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.contracts.dues import DuesInvoiced, InvoiceState
from common.contracts.membership import MemberMerged as Merged
from common.contracts.membership import MemberUpdated
from common.contracts.roles import Role
from common.rights import Grant, Scope
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.duplicates import use_cases
from membership.duplicates.schemas import MergeIn
from membership.members import use_cases as members
from membership.members.domain import MemberMerged, MemberNotFound

from ..contacts.test_contacts import CAMILLE, SACHA, held, known, seat
from ..departures.test_departures import joined
from ..members.test_dates import TODAY, change, enter, entered, on
from ..members.test_register import receive, structure
from ..members.test_standing import stands
from .conftest import Twins


def id_of(path: str) -> str:
    return path.rpartition("/")[2]


async def reported(client: httpx.AsyncClient, one: str, other: str) -> str:
    body = {"first_id": id_of(one), "second_id": id_of(other)}
    answer = await client.post("/duplicates", json=body)
    assert answer.status_code == 201, answer.text
    return f"/duplicates/{answer.json()['id']}"


async def planned(client: httpx.AsyncClient, stays: str, goes: str, **choices: Any) -> dict[str, Any]:
    pair = await reported(client, stays, goes)
    answer = await client.get(f"{pair}/plan", params={"stays_id": id_of(stays), **choices})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def asked(client: httpx.AsyncClient, stays: str, goes: str, **choices: Any) -> dict[str, Any]:
    """Ask for the merge that the plan shows now; its fields are chosen unless it is for the rules to."""
    plan = await planned(client, stays, goes, **choices)
    return {
        "stays_id": id_of(stays),
        "stays_version": plan["stays"]["version"],
        "goes_version": plan["goes"]["version"],
        "plan": plan["plan"],
        "reason": "saisie deux fois",
        **choices,
    }


async def merge(client: httpx.AsyncClient, stays: str, goes: str, **choices: Any) -> str:
    pair = await reported(client, stays, goes)
    done = await client.post(f"{pair}/merge", json=await asked(client, stays, goes, **choices))
    assert done.status_code == 200, done.text
    return pair


async def undo(client: httpx.AsyncClient, pair: str) -> httpx.Response:
    seen = {"If-Match": (await client.get(pair)).headers["ETag"]}
    return await client.post(f"{pair}/undo", json={"reason": "ce sont deux structures"}, headers=seen)


async def with_much_of_its_own(service: ServiceUnderTest, client: httpx.AsyncClient, path: str) -> None:
    """Give a structure one of each thing that a person may know of it here."""
    sacha = await known(client, path, SACHA)
    camille = await known(client, path, CAMILLE)
    assert held(await seat(client, path, seat="billing", contact_id=sacha))
    assert held(await seat(client, path, seat="president", contact_id=camille))
    await enter(client, path, topic="activity", kind="aci", convention="ACI-31-1")
    labels = (await client.get("/certifications/labels")).json()["items"]
    label = next(one for one in labels if one["until"] is None)
    certified = await client.post(
        "/certifications",
        json={
            "member_id": id_of(path),
            "label": label["code"],
            "level": next(iter(label["levels"]), None),
            "certifier": "AFNOR Certification",
            "obtained_on": on(0),
            "evidence": "Certificat 1",
        },
    )
    assert certified.status_code == 201, certified.text


async def test_what_the_duplicate_held_is_the_structure_s(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await known(client, stays, {**CAMILLE, "given_name": "CAMILLE"})
        await with_much_of_its_own(membership, client, goes)
        await change(client, goes, siret="90000000100017", name="Regain Services")
        pair = await reported(client, stays, goes)
        plan = (await client.get(f"{pair}/plan", params={"take": ["name", "identifiers"]})).json()
        assert (plan["stays"]["id"], plan["blockers"]) == (id_of(stays), [])
        named = {one["field"]: one for one in plan["fields"]}
        assert (named["name"]["becomes"], named["name"]["taken"], named["name"]["differs"]) == (
            "Regain Services",
            True,
            True,
        )
        assert {one["name"]: one["same_as"] is not None for one in plan["people"]} == {
            "Camille EXEMPLE": True,
            "Sacha FICTIF": False,
        }
        assert {one["label"]: one["count"] for one in plan["carried"]} == {
            "personnes": 2,
            "candidatures": 1,
            "labels et certifications": 1,
        }
        assert [one["code"] for one in plan["to_follow"]] == ["accounts"]
        body = await asked(client, stays, goes, take=["name", "identifiers"])
        shown = await client.post(f"{pair}/merge", params={"dry_run": "true"}, json=body)
        assert (shown.status_code, shown.json()["state"]) == (200, "merged")
        assert (await client.get(pair)).json()["state"] == "suspected"
        done = await client.post(f"{pair}/merge", json=body)
        assert done.json()["allowed_actions"] == ["undo"]
        member = (await client.get(stays)).json()
        assert (member["name"], member["siret"]) == ("Regain Services", "90000000100017")
        assert {one["kind"]: one["convention"] for one in member["activities"]} == {"ai": None, "aci": "ACI-31-1"}
        seats = (await client.get(f"{stays}/seats")).json()["mandates"]
        assert {one["seat"]: one["name"] for one in seats} == {
            "president": "CAMILLE EXEMPLE",
            "billing": "Sacha FICTIF",
        }
        people = (await client.get("/contacts", params={"member_id": id_of(stays)})).json()["items"]
        assert sorted(one["given_name"] for one in people) == ["CAMILLE", "Sacha"]
        [label] = (await client.get("/certifications")).json()["items"]
        assert label["member_id"] == id_of(stays)
    merged, updated = (await membership.published())[-2:]
    assert isinstance(merged, Merged)
    assert (str(merged.into_id), merged.state.status, merged.state.merged_into) == (
        id_of(stays),
        "merged",
        merged.into_id,
    )
    assert isinstance(updated, MemberUpdated)
    assert set(updated.changed) >= {"name", "siret", "siren", "activities"}


async def test_a_merged_record_leaves_the_lists_and_leads_to_the_one_that_stays(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await change(client, stays, siret="90000001900019")
        before = datetime.now(UTC).isoformat()
        await change(client, goes, street="2 rue B")
        await merge(client, stays, goes)
        gone = await client.get(goes)
        assert (gone.status_code, gone.json()["code"], gone.json()["into_id"]) == (404, "merged_into", id_of(stays))
        assert "Régain (STR-" in gone.json()["detail"]
        for under in ("/seats", "/entries", "/contacts"):
            answer = await client.request("POST" if under == "/contacts" else "GET", f"{goes}{under}", json=SACHA)
            assert answer.json()["code"] == "merged_into"
        listed = (await client.get("/members", params={"total": True})).json()
        assert ([one["name"] for one in listed["items"]], listed["total"]) == (["Régain"], 1)
        for then in ({"as_of": on(0)}, {"as_of": on(5)}):
            assert len((await client.get("/members", params=then)).json()["items"]) == 1
            assert (await client.get(goes, params=then)).json()["code"] == "merged_into"
        export = (await client.get("/members/export")).text
        assert export.count("STR-") == 1
        roll = (await client.get("/rolls/live", params={"as_of": on(0)})).json()
        assert "Regain" not in str(roll)
        both = (await client.get("/members", params={"known_at": before})).json()["items"]
        assert sorted(one["name"] for one in both) == ["Regain", "Régain"]
        known_then = await client.get(goes, params={"known_at": before})
        assert (known_then.status_code, known_then.json()["name"]) == (200, "Regain")


async def test_an_identifier_of_a_merged_record_leads_to_its_structure(
    membership: ServiceUnderTest, twins: Twins
) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await change(client, goes, siret="90000000100017")
        await merge(client, stays, goes, take_nothing=True)
        for path in ("/members/by-siren/900000001", "/members/by-siret/90000000100017"):
            found = await client.get(path)
            assert (found.status_code, found.json()["id"], found.json()["siren"]) == (200, id_of(stays), None)
        await change(client, stays, siret="90000000100017")


def invoiced(member_id: str, number: int, year: int = TODAY.year) -> DuesInvoiced:
    state = InvoiceState(
        id=UUID(int=number),
        number=f"COT-{year}-{number:05d}",
        member_id=UUID(member_id),
        year=year,
        status="issued",
        total=Decimal("5291.98"),
        issued_on=TODAY,
        due_on=TODAY,
    )
    return DuesInvoiced(state=state, campaign_id=UUID(int=4), shares=())


async def test_what_the_duplicate_was_called_for_is_the_structure_s(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await membership.receive(invoiced(id_of(goes), 1), stands(id_of(goes), "grace", until=TODAY))
        pair = await merge(client, stays, goes)
        standing = (await client.get(stays)).json()["standing"]
        assert (standing["standing"], standing["number"]) == ("grace", f"COT-{TODAY.year}-00001")
        for filters, found in (({"called": TODAY.year}, [id_of(stays)]), ({"not_called": TODAY.year}, [])):
            listed = (await client.get("/members", params=filters)).json()["items"]
            assert [one["id"] for one in listed] == found, filters
        line = (await client.get(f"/electoral-roll{stays}")).json()
        assert "not_called" not in [one["code"] for one in line["remarks"]]
        listed = (await client.get("/members", params={"standing": "grace"})).json()["items"]
        assert [one["id"] for one in listed] == [id_of(stays)]
        await membership.receive(stands(id_of(stays), "overdue"))
        own = (await client.get(stays)).json()["standing"]["standing"]
        assert own == "overdue", "what is told of the structure itself comes first"
        assert (await undo(client, pair)).status_code == 200
        standing = (await client.get(stays)).json()["standing"]
        assert (standing["status"], standing["owed"]) == ("none", "0.00")


async def test_two_calls_of_one_year_are_both_the_structure_s_and_one_is_to_be_credited(
    membership: ServiceUnderTest,
    twins: Twins,
) -> None:
    numbers = [f"COT-{TODAY.year}-00001", f"COT-{TODAY.year}-00002"]
    sentence = f"Appelée plusieurs fois pour {TODAY.year} ({', '.join(numbers)}) : un seul de ces appels est dû."
    async with membership.client("network", "board") as client:
        stays, goes = twins
        for number, path in enumerate((stays, goes), start=1):
            await membership.receive(invoiced(id_of(path), number))
        plan = await planned(client, stays, goes)
        assert (plan["blockers"], {one["code"]: one["message"] for one in plan["to_follow"]}["called_twice"]) == (
            [],
            sentence,
        )
        pair = await merge(client, stays, goes)
        followed = (await client.get(pair)).json()["merge"]["to_follow"]
        assert {one["code"]: one["message"] for one in followed}["called_twice"] == sentence
        assert (await undo(client, pair)).json()["merge"]["to_follow"] == []
        first = invoiced(id_of(stays), 1)
        credited = first.model_copy(update={"state": first.state.model_copy(update={"status": "credited"})})
        await membership.receive(credited)
        plan = await planned(client, stays, goes)
        assert [one["code"] for one in plan["to_follow"]] == ["accounts"], "the other alone is due"


async def test_a_merge_does_what_its_plan_showed_or_nothing(membership: ServiceUnderTest, twins: Twins) -> None:
    """What others keep of a record changes none of its versions: the fingerprint of the plan tells."""
    async with membership.client("network", "board") as client:
        stays, goes = twins
        pair, body = await reported(client, stays, goes), await asked(client, stays, goes)
        await known(client, goes, SACHA)
        await membership.receive(invoiced(id_of(goes), 1))
        refused = await client.post(f"{pair}/merge", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "merge_plan_changed")
        assert refused.json()["changed"] == ["les personnes", "ce qui passe", "ce qui reste à l'enregistrement réuni"]
        other = await client.post(f"{pair}/merge", json={**await asked(client, stays, goes), "take": ["name"]})
        assert (other.json()["code"], other.json()["changed"]) == ("merge_plan_changed", ["les champs"])
        done = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert done.status_code == 200, done.text


async def test_what_has_to_be_settled_first_is_said_and_refused(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        candidate = await entered(client, "Regain bis")
        opened = await client.post(f"{goes}/measures", json={"kind": "suspension", "grounds": "impayé"})
        assert opened.status_code == 201, opened.text
        await change(client, goes, street="3 rue C", effective_on=on(5))
        await change(client, stays, siret="90000000100017")
        await change(client, goes, siret="90000001900019")
        pair = await reported(client, stays, goes)
        plan = (await client.get(f"{pair}/plan", params={"stays_id": id_of(stays)})).json()
        codes = [one["code"] for one in plan["blockers"]]
        assert codes == ["two_legal_entities", "announced", "measure_open"]
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert (refused.status_code, refused.json()["code"]) == (409, "merge_blocked")
        assert [one["code"] for one in refused.json()["blockers"]] == codes
        other = await reported(client, candidate, stays)
        wrong = await client.post(f"{other}/merge", json=await asked(client, candidate, stays))
        assert [one["code"] for one in wrong.json()["blockers"]] == ["member_goes"]
        stranger = await client.post(f"{other}/merge", json=await asked(client, goes, stays))
        assert (stranger.status_code, stranger.json()["code"]) == (400, "not_of_the_pair")
        assert (await client.get(goes)).status_code == 200


async def test_a_candidate_that_an_open_sitting_decided_on_waits_for_its_close(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays = await joined(client, "Régain")
        application = await receive(client, **structure("Regain"))
        goes = f"/members/{application['member_id']}"
        sitting = {"held_on": str(TODAY), "in_office": 9, "present": 9, "minutes_reference": "PV-9"}
        path = f"/sittings/{(await client.post('/sittings', json=sitting)).json()['id']}"
        ruling = {"matter_id": application["id"], "outcome": "adjourned", "votes_for": 9}
        decided = await client.post(f"{path}/decisions", json={"decisions": [ruling]}, headers={"If-Match": '"v1"'})
        assert decided.status_code == 200, decided.text
        pair = await reported(client, stays, goes)
        refused = await client.post(f"{pair}/merge", json=await asked(client, stays, goes))
        assert [one["code"] for one in refused.json()["blockers"]] == ["on_agenda"]
        etag = (await client.get(path)).headers["etag"]
        closed = await client.post(f"{path}/close", headers={"If-Match": etag})
        assert closed.status_code == 200, closed.text
        await merge(client, stays, goes)
        late = {**sitting, "minutes_reference": "PV-10"}
        path = f"/sittings/{(await client.post('/sittings', json=late)).json()['id']}"
        gone = await client.post(f"{path}/decisions", json={"decisions": [ruling]}, headers={"If-Match": '"v1"'})
        assert (gone.status_code, gone.json()["code"], gone.json()["into_id"]) == (404, "merged_into", id_of(stays))


async def test_a_candidate_entered_twice_is_one_with_the_member(membership: ServiceUnderTest) -> None:
    """The commonest: the structure is a member, and a file brought it again; its application has no object."""
    async with membership.client("network", "board") as client:
        stays, goes = await joined(client, "Régain"), await entered(client, "Regain")
        plan_path = await reported(client, stays, goes)
        plan = (await client.get(f"{plan_path}/plan")).json()
        assert [(one["label"], one["count"]) for one in plan["carried"]] == []
        assert [one["why"] for one in plan["left"] if one["label"] == "candidatures"] == [
            "l'enregistrement qui reste a la sienne, ou elle n'a plus d'objet"
        ]
        published = len(await membership.published())
        pair = await merge(client, stays, goes)
        assert (await client.get("/applications", params={"status": "open"})).json()["items"] == []
        assert len(await membership.published()) == published  # nobody else ever heard of the candidate
        assert (await undo(client, pair)).status_code == 200
        assert len((await client.get("/applications", params={"status": "open"})).json()["items"]) == 1


async def test_two_merges_at_once_are_one(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        one, other = twins
        pair = await reported(client, one, other)
        bodies = [await asked(client, one, other), await asked(client, other, one)]
        answers = await asyncio.gather(*(client.post(f"{pair}/merge", json=body) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        both = await asyncio.gather(*(undo(client, pair) for _ in range(2)))
        assert sorted(answer.status_code for answer in both) == [200, 409]


async def test_a_change_that_waited_for_a_merge_is_refused(membership: ServiceUnderTest, twins: Twins) -> None:
    """Begun before the merge was done, it found the record still there, and waited for it."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await reported(client, stays, goes)
        [pair] = await membership.rows("SELECT id FROM duplicate_pair")
        body = MergeIn.model_validate(await asked(client, stays, goes))
        actor = Actor("test", roles=frozenset({Role.NETWORK}))
        async with membership.runtime.database.transaction(actor) as tx:
            await use_cases.merge(tx, Grant(actor, Scope.ALL), pair.id, body)
            late = asyncio.create_task(client.post(f"{goes}/contacts", json=SACHA))
            await eventually(lambda: membership.rows(waiting))
        answer = await late
        assert (answer.status_code, answer.json()["code"]) == (404, "merged_into")


async def test_nothing_is_decided_on_a_merged_record(membership: ServiceUnderTest, twins: Twins) -> None:
    """Who read it before its merge and waits for it is told which record stays, as far as they may see that one."""
    async with membership.client("network", "board") as client:
        stays, goes = twins
        await merge(client, stays, goes)
    for actor, refusal in (
        (Actor("test", roles=frozenset({Role.NETWORK})), MemberMerged),
        (Actor("a job"), MemberMerged),
        (Actor("test", roles=frozenset({Role.DELEGATION}), delegation="bretagne"), MemberNotFound),
        (Actor("test", roles=frozenset({Role.OPS})), MemberNotFound),
    ):
        with pytest.raises(MemberNotFound) as refused:
            async with membership.runtime.database.transaction(actor) as tx:
                await members.hold(tx, [UUID(id_of(stays)), UUID(id_of(goes))])
        assert type(refused.value) is refusal
        assert refused.value.extra.get("into_id") == (id_of(stays) if refusal is MemberMerged else None)


async def test_a_retry_merges_once(membership: ServiceUnderTest, twins: Twins) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = twins
        pair = await reported(client, stays, goes)
        body, key = await asked(client, stays, goes), {"Idempotency-Key": str(uuid4())}
        first = await client.post(f"{pair}/merge", json=body, headers=key)
        again = await client.post(f"{pair}/merge", json=body, headers=key)
    assert (first.status_code, again.json()) == (200, first.json())
