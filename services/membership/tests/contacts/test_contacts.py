"""The people of a structure: who answers for what, on which day, who may know it, and how one is forgotten."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.testing.harness import ServiceUnderTest
from membership.contacts.domain import Mandate, Seat, answerable_for_invoices

from ..members.test_dates import change, enter, entered, on
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act

CAMILLE = {"given_name": "Camille", "family_name": "EXEMPLE", "email": "camille@exemple.org"}
SACHA = {"given_name": "Sacha", "family_name": "FICTIF", "function": "Comptable", "phone": "05 61 00 00 00"}


async def known(client: httpx.AsyncClient, path: str, person: dict[str, Any]) -> str:
    added = await client.post(f"{path}/contacts", json=person)
    assert added.status_code == 201, added.text
    return str(added.json()["id"])


async def seat(client: httpx.AsyncClient, path: str, action: str = "appoint", **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.post(f"{path}/seats/{action}", json=body, headers={"If-Match": etag})


def held(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(mandate["seat"], mandate["name"]) for mandate in answer.json()["mandates"]]


@pytest.mark.parametrize(
    ("seats", "expected"),
    [
        pytest.param(["president", "billing"], "billing", id="le siège fait pour cela"),
        pytest.param(["president", "treasurer", "director"], "treasurer", id="sinon la trésorerie"),
        pytest.param(["president", "director"], "director", id="sinon la direction"),
        pytest.param(["president", "training"], "president", id="sinon la présidence"),
        pytest.param(["training", "legal"], None, id="sinon la structure elle-même"),
    ],
)
def test_who_answers_for_invoices(seats: Sequence[str], expected: str | None) -> None:
    found = answerable_for_invoices([Mandate(Seat(seat), UUID(int=1), date(2026, 1, 1)) for seat in seats])
    assert (found and found.seat) == expected


async def test_one_succeeds_another_in_one_call_and_both_stay_in_the_history(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille, sacha = await known(client, path, CAMILLE), await known(client, path, SACHA)
        assert held(await seat(client, path, seat="billing", contact_id=camille)) == [("billing", "Camille EXEMPLE")]
        await seat(client, path, seat="billing", contact_id=sacha, effective_on=on(30), reason="retraite")
        for days, name in ((0, "Camille EXEMPLE"), (29, "Camille EXEMPLE"), (30, "Sacha FICTIF")):
            then = await client.get(f"{path}/seats", params={"as_of": on(days)})
            assert held(then) == [("billing", name)]
        [coming] = (await client.get(f"{path}/seats")).json()["upcoming"]
        assert (coming["name"], coming["since"]) == ("Sacha FICTIF", on(30))
        assert [one["seat"] for one in (await client.get(f"/contacts/{camille}")).json()["seats"]] == ["billing"]


async def test_the_billing_seat_is_only_handed_over(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="billing", contact_id=camille)
        await seat(client, path, seat="director", contact_id=camille)
        refused = await seat(client, path, "leave", seat="billing")
        assert (refused.status_code, refused.json()["code"]) == (409, "billing_seat_needed")
        assert held(await seat(client, path, "leave", seat="director")) == [("billing", "Camille EXEMPLE")]
        again = await seat(client, path, "leave", seat="director")
        assert (again.status_code, again.json()["code"]) == (409, "seat_vacant")


async def test_each_seat_says_whether_it_can_be_left_as_leaving_it_answers(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        await admit(client, application)
        path = f"/members/{application['member_id']}"
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="billing", contact_id=camille)
        await seat(client, path, seat="director", contact_id=camille)
        said = await tried_seats(client, path)
        assert said.pop("billing") == ["billing_seat_needed"]
        assert said.pop("director") == []
        assert set(map(tuple, said.values())) == {("seat_vacant",)}
        past = (await client.get(f"{path}/seats", params={"as_of": on(1)})).json()
        assert {(*one["allowed_actions"], *one["blockers"]) for one in past["mandates"] + past["vacant"]} == {()}
        gone = {"cause": "ceased", "received_on": on(0), "reason": "liquidation"}
        assert (await act(client, path, "POST", "departure", **gone)).status_code == 200
        assert (await tried_seats(client, path))["billing"] == [], "one that left empties all its seats"
    async with membership.client("finance") as reader:
        shown = (await reader.get(f"{path}/seats")).json()
        assert {(*one["allowed_actions"], *one["blockers"]) for one in shown["mandates"] + shown["vacant"]} == {()}


async def tried_seats(client: httpx.AsyncClient, path: str) -> dict[str, list[str]]:
    """Try to leave each seat and keep none; return what each says keeps it from being left: what leaving it answers."""
    shown = (await client.get(f"{path}/seats")).json()
    said = {}
    for one in shown["mandates"] + shown["vacant"]:
        left = await act(client, path, "POST", "seats/leave?dry_run=true", seat=one["seat"])
        said[one["seat"]] = [blocker["code"] for blocker in one["blockers"].get("leave", ())]
        assert said[one["seat"]] == ([] if left.status_code == 200 else [left.json()["code"]])
        assert one["allowed_actions"] == (["appoint"] if said[one["seat"]] else ["appoint", "leave"])
    assert len(said) == len(Seat)
    return said


async def test_invoices_always_go_somewhere(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        own = {"attention": None, "street": "1 rue des Exemples", "postcode": "31000", "city": "VILLE"}
        assert (await client.get(f"{path}/billing")).json() == {"contact": None, "address": own}
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="president", contact_id=camille)
        chosen = {"attention": "Service comptabilité", "street": "2 rue B", "postcode": "31000", "city": "TOULOUSE"}
        await enter(client, path, topic="correspondence", purpose="dues", address=chosen)
        billing = (await client.get(f"{path}/billing")).json()
    assert (billing["contact"]["name"], billing["contact"]["seat"], billing["address"]) == (
        "Camille EXEMPLE",
        "president",
        chosen,
    )


async def test_a_seat_is_held_by_one_of_the_structure_s_own(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path, other = await entered(client, "A"), await entered(client, "B")
        elsewhere = await known(client, other, CAMILLE)
        refused = await seat(client, path, seat="billing", contact_id=elsewhere)
        assert (refused.status_code, refused.json()["code"]) == (409, "contact_of_another")
        unknown = await seat(client, path, seat="billing", contact_id=str(uuid4()))
        assert (unknown.status_code, unknown.json()["code"]) == (404, "contact_not_found")


async def test_what_is_known_of_a_person_changes_by_version(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        address = f"/contacts/{await known(client, path, SACHA)}"
        etag = (await client.get(address)).headers["etag"]
        body = {"function": None, "email": "sacha@exemple.org", "family_name": None}
        amended = await client.patch(address, json=body, headers={"If-Match": etag})
        changed = amended.json()
        assert (changed["function"], changed["email"], changed["family_name"]) == (None, "sacha@exemple.org", "FICTIF")
        stale = await client.patch(address, json=body, headers={"If-Match": etag})
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
        bad = await client.patch(address, json={"email": "sacha"}, headers={"If-Match": amended.headers["etag"]})
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/body/email")


async def test_the_history_of_a_structure_names_nobody(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        await seat(client, path, seat="billing", contact_id=await known(client, path, CAMILLE))
        history = await client.get(f"{path}/entries")
    topics = {entry["topic"] for entry in history.json()["items"]}
    assert "name" in topics
    assert not topics & {"contact", "mandate"}
    assert "Camille" not in history.text


async def test_nothing_of_a_person_goes_on_the_bus(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        await admit(client, application)
        path = f"/members/{application['member_id']}"
        await seat(client, path, seat="billing", contact_id=await known(client, path, CAMILLE))
        await change(client, path, city="MURET")
    payloads = [bytes(row.payload) for row in await membership.rows("SELECT payload FROM event_outbox")]
    assert len(payloads) == 2, "joined and moved; of people, nothing is said"
    assert not [payload for payload in payloads if b"Camille" in payload or b"contact" in payload]


async def test_a_person_may_have_all_that_is_known_of_them(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        contact_id = await known(client, path, CAMILLE)
        await seat(client, path, seat="billing", contact_id=contact_id)
        etag = (await client.get(f"/contacts/{contact_id}")).headers["etag"]
        await client.patch(f"/contacts/{contact_id}", json={"email": None}, headers={"If-Match": etag})
        data = (await client.get(f"/contacts/{contact_id}/personal-data")).json()
    assert [entry["value"]["email"] for entry in data["known"]] == ["camille@exemple.org", None]
    assert [entry["key"] for entry in data["mandates"]] == ["billing"]


async def test_a_person_is_forgotten_and_the_seats_stay_nameless(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        keyed = {"Idempotency-Key": "ajout"}
        camille = str((await client.post(f"{path}/contacts", json=CAMILLE, headers=keyed)).json()["id"])
        sacha = await known(client, path, SACHA)
        await seat(client, path, seat="billing", contact_id=camille, reason="Camille EXEMPLE arrive")
        address = f"/contacts/{camille}"

        async def erase() -> httpx.Response:
            etag = (await client.get(address)).headers["etag"]
            return await client.post(f"{address}/erase", json={"ground": "request"}, headers={"If-Match": etag})

        seated = await erase()
        assert (seated.status_code, seated.json()["code"], seated.json()["seats"]) == (
            409,
            "contact_seated",
            ["billing"],
        )
        await seat(client, path, seat="billing", contact_id=sacha, effective_on=on(1))
        assert (await erase()).json()["code"] == "contact_seated"
        await seat(client, path, seat="billing", contact_id=sacha, reason="remplace Camille EXEMPLE")
        erased = await erase()
        assert erased.status_code == 200, erased.text
        assert (erased.json()["given_name"], erased.json()["allowed_actions"]) == ("", [])
        assert (await erase()).json()["code"] == "contact_erased"
        assert (await client.get("/contacts", params={"q": "camille"})).json()["items"] == []
    for query in (
        "SELECT concat(value::text, reason) AS text FROM member_entry",
        "SELECT concat(given_name, family_name, normalized_name, email) AS text FROM contact",
        "SELECT convert_from(body, 'UTF8') AS text FROM idempotency_key",
    ):
        assert not [row for row in await membership.rows(query) if "amille" in row.text], query


async def test_a_person_to_be_seated_is_not_erased(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        camille = await known(client, path, CAMILLE)
        await seat(client, path, seat="director", contact_id=camille, effective_on=on(10))
        etag = (await client.get(f"/contacts/{camille}")).headers["etag"]
        refused = await client.post(f"/contacts/{camille}/erase", json={"ground": "error"}, headers={"If-Match": etag})
    assert (refused.json()["code"], refused.json()["seats"]) == ("contact_seated", ["director"])


async def test_people_are_found_by_name_structure_delegation_and_seat(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        north = await entered(client, "NORD", department="77", postcode="77000")
        south = await entered(client, "SUD")
        await seat(client, south, seat="billing", contact_id=await known(client, south, CAMILLE))
        await known(client, north, SACHA)

        async def found(**params: Any) -> list[str]:
            page = (await client.get("/contacts", params=params)).json()
            return [person["given_name"] for person in page["items"]]

        assert await found() == ["Sacha", "Camille"]
        assert await found(q="exem") == ["Camille"]
        assert await found(delegation="idf") == ["Sacha"]
        assert await found(seat=["billing", "president"]) == ["Camille"]
        assert await found(seat="president") == []
        assert await found(member_id=north.rpartition("/")[2]) == ["Sacha"]
        assert await found(sort="-name") == ["Sacha", "Camille"]


@pytest.mark.parametrize(
    ("roles", "who", "allowed"),
    [
        pytest.param(("network",), {}, {"A": ["amend", "erase"], "B": ["amend", "erase"]}, id="le réseau"),
        pytest.param(("finance",), {}, {"A": [], "B": []}, id="les finances lisent"),
        pytest.param(
            ("finance", "delegation"),
            {"delegation": "idf"},
            {"A": [], "B": ["amend"]},
            id="lit tout, modifie les siens",
        ),
    ],
)
async def test_only_those_who_may_are_told_so_and_the_others_find_nobody(
    membership: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], allowed: dict[str, list[str]]
) -> None:
    async with membership.client("network") as client:
        for name, department, postcode in (("A", "31", "31000"), ("B", "77", "77000")):
            path = await entered(client, name, department=department, postcode=postcode)
            await known(client, path, {**CAMILLE, "family_name": name})
    async with membership.client(*roles, **who) as client:
        people = (await client.get("/contacts")).json()["items"]
        assert {person["family_name"]: person["allowed_actions"] for person in people} == allowed
        for person in people:
            body, headers = {"phone": "05 61 00 00 00"}, {"If-Match": f'"v{person["version"]}"'}
            amended = await client.patch(f"/contacts/{person['id']}", json=body, headers=headers)
            may = "amend" in person["allowed_actions"]
            assert amended.status_code == (200 if may else 404 if "delegation" in roles else 403)


async def test_a_stranger_is_not_found_to_be_seated(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        ours, theirs = await entered(client, "A"), await entered(client, "B")
        stranger = await known(client, theirs, CAMILLE)
    async with membership.client("member", member_id=UUID(ours.rpartition("/")[2])) as client:
        refused = await seat(client, ours, seat="billing", contact_id=stranger)
        assert (refused.status_code, refused.json()["code"]) == (404, "contact_not_found")


async def test_to_know_one_more_person_does_not_move_the_structure_s_version(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        path = await entered(client)
        etag = (await client.get(path)).headers["etag"]
        body = {"seat": "billing", "contact_id": await known(client, path, CAMILLE)}
        assert (await client.post(f"{path}/seats/appoint", json=body, headers={"If-Match": etag})).status_code == 200


@pytest.mark.parametrize(
    ("roles", "who", "seen"),
    [
        pytest.param(("network",), {}, ["A", "B"], id="le réseau"),
        pytest.param(("finance",), {}, ["A", "B"], id="les finances"),
        pytest.param(("delegation",), {"delegation": "idf"}, ["B"], id="une délégation : les siennes"),
        pytest.param(("member",), {"member_id": "A"}, ["A"], id="une structure : les siens"),
        pytest.param(("board",), {}, None, id="le conseil : personne"),
    ],
)
async def test_who_may_know_whom(
    membership: ServiceUnderTest, roles: tuple[str, ...], who: dict[str, Any], seen: list[str] | None
) -> None:
    async with membership.client("network") as client:
        ids = {}
        for name, department, postcode in (("A", "31", "31000"), ("B", "77", "77000")):
            member_id = (await receive(client, **structure(name, department, postcode)))["member_id"]
            ids[name] = member_id, await known(client, f"/members/{member_id}", {**CAMILLE, "family_name": name})
    if "member_id" in who:
        who = {"member_id": UUID(ids[who["member_id"]][0])}
    async with membership.client(*roles, **who) as client:
        page = await client.get("/contacts", params={"total": True})
        if seen is None:
            assert page.status_code == 403
            return
        assert [person["family_name"] for person in page.json()["items"]] == seen
        assert page.json()["total"] == len(seen)
        for name, (member_id, contact_id) in ids.items():
            expected = 200 if name in seen else 404
            for address in (
                f"/contacts/{contact_id}",
                f"/contacts/{contact_id}/personal-data",
                f"/members/{member_id}/seats",
                f"/members/{member_id}/billing",
            ):
                assert (await client.get(address)).status_code == expected, address
