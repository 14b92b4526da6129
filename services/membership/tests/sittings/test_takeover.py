"""Going live: the board takes note of who was a member before the register was kept here."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from common.contracts.membership import MemberJoined, MemberRenewed
from common.testing.harness import ServiceUnderTest

from ..imports.test_acts import applied, previewed
from ..members.test_dates import TODAY, change, on
from ..members.test_register import receive, structure
from .test_minutes import act

COLUMNS = "nom;types;adresse;code_postal;commune;departement;adherente_depuis"
LISTED = (
    "AVIE;AI;1 rue A;31000;TOULOUSE;31;03/05/1987",
    "ENVIE;EI;2 rue B;31000;TOULOUSE;31;15/03/2024",
    "SANS DATE;ACI;3 rue C;31000;TOULOUSE;31;",
    "SANS ADRESSE;ACI;;;;31;01/01/2001",
)
THIS_YEAR = f"CETTE ANNÉE;AI;4 rue D;31000;TOULOUSE;31;{date(TODAY.year, 1, 1):%d/%m/%Y}"


async def imported(membership: ServiceUnderTest, client: httpx.AsyncClient, *lines: str) -> dict[str, dict[str, Any]]:
    """Import a list; return its applications by name."""
    sent = await previewed(membership, client, "\n".join([COLUMNS, *(lines or LISTED)]))
    assert (await applied(membership, client, sent["id"]))["status"] == "succeeded"
    return {one["name"]: one for one in (await client.get("/applications")).json()["items"]}


async def takeover(client: httpx.AsyncClient, reference: str = "PV-R", **fields: Any) -> str:
    body = {
        "held_on": on(0),
        "in_office": 3,
        "present": 3,
        "minutes_reference": reference,
        "takes_over": True,
        **fields,
    }
    opened = await client.post("/sittings", json=body)
    assert opened.status_code == 201, opened.text
    return f"/sittings/{opened.json()['id']}"


async def joinings(membership: ServiceUnderTest) -> int:
    return sum(isinstance(fact, MemberJoined) for fact in await membership.published())


async def closed(membership: ServiceUnderTest, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Import the list and take it over; return its applications as they were, by name."""
    applications = await imported(membership, client)
    path = await takeover(client)
    assert (await act(client, path, "POST", "decisions/takeover", votes_for=3)).status_code == 200
    answer = await act(client, path, "POST", "close")
    assert answer.status_code == 200, answer.text
    return applications


async def test_one_vote_takes_the_list_over(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await imported(membership, client)
        path = await takeover(client)
        assert "take_over" in (await client.get(path)).json()["allowed_actions"]
        agenda = [{"title": "Reprise de la liste des adhérentes"}]
        await act(client, path, "PUT", "agenda", items=agenda)
        taken = await act(client, path, "POST", "decisions/takeover", votes_for=3)
        assert taken.status_code == 200, taken.text
        assert taken.headers["etag"] == f'"v{taken.json()["sitting"]["version"]}"'
        assert taken.json()["recorded"] == 2
        [left] = taken.json()["left_aside"]
        assert (left["name"], left["application_id"]) == ("SANS ADRESSE", applications["SANS ADRESSE"]["id"])
        assert [one["code"] for one in left["blockers"]] == ["address_missing"]
        sitting = taken.json()["sitting"]
        assert {one["matter_id"]: one["effective_on"] for one in sitting["decisions"]} == {
            applications["AVIE"]["id"]: "1987-05-03",
            applications["ENVIE"]["id"]: "2024-03-15",
        }
        assert (sitting["takes_over"], sitting["blockers"]) == (True, {})
        assert (await act(client, path, "POST", "close")).status_code == 200
        await membership.run_jobs()
        assert (await client.get(f"{path}/minutes")).content.startswith(b"%PDF-")
        found = {one["name"]: one for one in (await client.get("/members")).json()["items"]}
        assert {name: (one["status"], one["joined_on"]) for name, one in found.items()} == {
            "AVIE": ("active", "1987-05-03"),
            "ENVIE": ("active", "2024-03-15"),
            "SANS ADRESSE": ("candidate", None),
            "SANS DATE": ("candidate", None),
        }
    [row] = await membership.rows("SELECT minutes FROM sitting")
    assert row.minutes["takes_over"].startswith("Séance de reprise : le conseil prend acte de la liste")
    assert {one["effective_on"] for one in row.minutes["decisions"]} == {
        "adhérente depuis le 3 mai 1987",
        "adhérente depuis le 15 mars 2024",
    }


async def test_the_one_vote_leaves_what_is_voted_and_what_owes_documents(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        by_form = await receive(client, **{**structure("AVIE"), "street": "1 rue A", "city": "TOULOUSE"})
        applications = await imported(membership, client)
        assert applications["AVIE"]["id"] == by_form["id"], "the list dates the application that waits"
        path = await takeover(client)
        adjourned = {"matter_id": applications["ENVIE"]["id"], "outcome": "adjourned", "votes_for": 0}
        voted = await act(client, path, "POST", "decisions", decisions=[adjourned])
        assert voted.status_code == 200, voted.text
        full = "SANS RIEN;AI;9 rue Z;31000;TOULOUSE;31;01/02/1999"
        await imported(membership, client, full)
        taken = (await act(client, path, "POST", "decisions/takeover", votes_for=3)).json()
        assert taken["recorded"] == 1
        left = {one["name"]: [why["code"] for why in one["blockers"]] for one in taken["left_aside"]}
        assert left == {"AVIE": ["documents_outstanding"], "SANS ADRESSE": ["address_missing"]}
        votes = {one["matter_id"]: one["outcome"] for one in taken["sitting"]["decisions"]}
        assert votes[applications["ENVIE"]["id"]] == "adjourned"


async def test_a_list_corrected_after_the_vote_is_voted_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await imported(membership, client)
        path, avie = await takeover(client), applications["AVIE"]
        by_hand = {"matter_id": avie["id"], "outcome": "admitted", "votes_for": 3, "effective_on": "1988-01-01"}
        refused = await act(client, path, "POST", "decisions", decisions=[by_hand])
        assert (refused.status_code, refused.json()["code"]) == (409, "list_says_otherwise")
        assert (await act(client, path, "POST", "decisions/takeover", votes_for=3)).json()["recorded"] == 2
        await imported(membership, client, "AVIE;AI;1 rue A;31000;TOULOUSE;31;03/05/1986")
        refused = await act(client, path, "POST", "close")
        assert (refused.status_code, refused.json()["code"]) == (409, "list_says_otherwise")
        assert "depuis le 03/05/1986, et le vote depuis le 03/05/1987" in refused.json()["detail"]
        assert (await act(client, path, "POST", "decisions/takeover", votes_for=3)).json()["recorded"] == 1
        assert (await act(client, path, "POST", "close")).status_code == 200
        assert (await client.get(f"/members/{avie['member_id']}")).json()["joined_on"] == "1986-05-03"


async def test_it_was_a_member_on_every_day_since(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await imported(membership, client)
    async with membership.days_later(1) as then, then.client("network", "board") as client:
        path = await takeover(client, held_on=on(1))
        await act(client, path, "POST", "decisions/takeover", votes_for=3)
        assert (await act(client, path, "POST", "close")).status_code == 200
        member = f"/members/{applications['AVIE']['member_id']}"
        for as_of in ("1987-05-03", "2010-06-30", on(-1), on(0), on(1), on(400)):
            shown = (await client.get(member, params={"as_of": as_of})).json()
            assert (shown["status"], shown["joined_on"], shown["name"], shown["delegation"]) == (
                "active", "1987-05-03", "AVIE", "occitanie",
            ), as_of  # fmt: skip
            assert shown["activities"] == (await client.get(member)).json()["activities"]
        eve = await client.get(member, params={"as_of": "1987-05-02"})
        assert (eve.status_code, eve.json()["code"]) == (404, "not_in_register_then")
        known = {"known_at": f"{on(0)}T23:30:00Z"}
        assert (await client.get(member, params={"as_of": on(0), **known})).json()["status"] == "candidate"
        then_unknown = await client.get(member, params={"as_of": "2010-06-30", **known})
        assert then_unknown.json()["code"] == "not_in_register_then"
        listed = (await client.get("/members", params={"as_of": "2000-01-01"})).json()["items"]
        assert [one["name"] for one in listed] == ["AVIE"]


async def test_the_others_hear_of_it_and_seniority_is_true(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await closed(membership, client)
        facts = [fact for fact in await membership.published() if isinstance(fact, MemberJoined | MemberRenewed)]
        told = {(type(fact), fact.state.name) for fact in facts}
        assert told == {(kind, name) for kind in (MemberJoined, MemberRenewed) for name in ("AVIE", "ENVIE")}
        days = {fact.state.name: fact.joined_on for fact in facts if isinstance(fact, MemberJoined)}
        assert days == {"AVIE": date(1987, 5, 3), "ENVIE": date(2024, 3, 15)}
        assert {fact.state.renewed_years for fact in facts} == {(TODAY.year,)}
        line = (await client.get(f"/electoral-roll/members/{applications['AVIE']['member_id']}")).json()
        assert (line["entitled"], line["reasons"], line["joined_on"]) == (True, [], "1987-05-03")


async def test_who_joined_this_year_is_renewed_in_none(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await imported(membership, client, THIS_YEAR)
        path = await takeover(client)
        await act(client, path, "POST", "decisions/takeover", votes_for=3)
        assert (await act(client, path, "POST", "close")).status_code == 200
    [fact] = [fact for fact in await membership.published() if isinstance(fact, MemberJoined | MemberRenewed)]
    assert (type(fact), fact.state.renewed_years) == (MemberJoined, ())


async def test_what_came_to_be_known_later_holds_from_its_own_day(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        applications = await imported(membership, client)
    async with membership.days_later(2) as then, then.client("network", "board") as client:
        moved = f"/members/{applications['AVIE']['member_id']}"
        await change(client, moved, street="9 rue Z", reason="déménagement")
        completed = f"/members/{applications['SANS ADRESSE']['member_id']}"
        await change(client, completed, street="5 rue E", postcode="31000", city="TOULOUSE", siren="900000001")
        path = await takeover(client, held_on=on(2))
        taken = (await act(client, path, "POST", "decisions/takeover", votes_for=3)).json()
        assert (taken["recorded"], taken["left_aside"]) == (3, [])
        assert (await act(client, path, "POST", "close")).status_code == 200
        for as_of, street in (("2010-01-01", "1 rue A"), (on(1), "1 rue A"), (on(2), "9 rue Z")):
            assert (await client.get(moved, params={"as_of": as_of})).json()["street"] == street
        assert (await client.get(completed, params={"as_of": "2010-01-01"})).json()["siren"] == "900000001"


async def test_the_same_file_again_changes_nothing(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await closed(membership, client)
        again = await previewed(membership, client, "\n".join([COLUMNS, *LISTED]))
        assert (again["counts"], again["findings"]) == ({"unchanged": 4}, [])
        rows = (await client.get(f"/imports/{again['id']}/rows", params={"code": "member_since_not_taken"})).json()
        assert rows["items"] == []


@pytest.mark.parametrize(
    ("takes_over", "effective_on", "code"),
    [
        pytest.param(False, "2020-01-01", "effective_before_sitting", id="séance ordinaire : pas d'un jour passé"),
        pytest.param(True, "2020-01-01", None, id="séance de reprise, un jour que le procès-verbal donne"),
        pytest.param(True, "1900-12-31", "effective_before_sitting", id="avant la loi de 1901"),
        pytest.param(True, None, None, id="sans jour : celui de la séance, si la candidature n'en dit pas"),
    ],
)
async def test_only_a_takeover_admits_from_a_day_in_the_past(
    membership: ServiceUnderTest, takes_over: bool, effective_on: str | None, code: str | None
) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = await takeover(client, takes_over=takes_over)
        vote = {
            "matter_id": application["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["pièces"],
            "effective_on": effective_on,
        }  # fmt: skip
        answer = await act(client, path, "POST", "decisions", decisions=[vote])
        assert answer.json().get("code") == code
        if code is None:
            assert (await act(client, path, "POST", "close")).status_code == 200
            member = (await client.get(f"/members/{application['member_id']}")).json()
            assert (member["status"], member["joined_on"]) == ("active", effective_on or on(0))


async def test_a_list_is_taken_over_where_it_can_be(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await takeover(client)
        nothing = await act(client, path, "POST", "decisions/takeover", votes_for=3)
        assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_take_over")
        await imported(membership, client)
        ordinary = await takeover(client, "PV-2", takes_over=False)
        refused = await act(client, ordinary, "POST", "decisions/takeover", votes_for=3)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_takeover")
        too_many = await act(client, path, "POST", "decisions/takeover", votes_for=4)
        assert (too_many.status_code, too_many.json()["code"]) == (400, "votes_inconsistent")
        early = await takeover(client, "PV-3", held_on=(TODAY - timedelta(days=1)).isoformat())
        before = await act(client, early, "POST", "decisions/takeover", votes_for=3)
        assert before.json()["code"] == "nothing_to_take_over"
        without = await client.post(f"{path}/decisions/takeover", json={"votes_for": 3})
        assert (without.status_code, without.json()["code"]) == (428, "if_match_missing")
        etag = {"If-Match": (await client.get(path)).headers["etag"]}
        dry = await client.post(
            f"{path}/decisions/takeover", json={"votes_for": 3}, headers=etag, params={"dry_run": "true"}
        )
        assert (dry.json()["recorded"], (await client.get(path)).json()["decisions"]) == (2, [])
        lacking = await takeover(client, "PV-4", present=1)
        assert (await act(client, lacking, "POST", "decisions/takeover", votes_for=1)).status_code == 200
        assert (await act(client, lacking, "POST", "close")).json()["code"] == "quorum_not_reached"
    async with membership.client("delegation", delegation="occitanie") as client:
        forbidden = await client.post(f"{path}/decisions/takeover", json={"votes_for": 3})
        assert forbidden.status_code == 403


async def test_two_sittings_that_close_at_once_admit_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await imported(membership, client)
        paths = [await takeover(client, f"PV-{number}") for number in (1, 2)]
        for path in paths:
            assert (await act(client, path, "POST", "decisions/takeover", votes_for=3)).status_code == 200
        answers = await asyncio.gather(*(act(client, path, "POST", "close") for path in paths))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        [late] = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert late == "application_decided"
    assert await joinings(membership) == 2
    rows = await membership.rows("SELECT member_id FROM member_entry WHERE topic = 'status' AND withdraws IS NOT NULL")
    assert len(rows) == 2


async def test_the_same_sitting_closed_twice_at_once_closes_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await imported(membership, client)
        path = await takeover(client)
        voted = await act(client, path, "POST", "decisions/takeover", votes_for=3)
        etag = {"If-Match": voted.headers["etag"]}
        answers = await asyncio.gather(*(client.post(f"{path}/close", headers=etag) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert await joinings(membership) == 2
