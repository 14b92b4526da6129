"""Who goes, when, and what comes back with a refusal that is taken back."""

from datetime import date
from uuid import UUID

import httpx

from common.contracts.membership import MemberLeft, MemberRenewed
from common.testing.harness import ServiceUnderTest
from common.testing.mailbox import Mailbox
from common.testing.plugin import Arrange

from ..departures.test_departures import told
from ..measures.test_measures import NOTICE, act, sat
from ..measures.test_measures import opened as measure_opened
from ..members.test_dates import TODAY, on
from ..restructurings.test_restructurings import asked, called, version
from .test_renewals import (
    DECEMBER,
    JANUARY,
    OCTOBER,
    YEAR,
    at,
    joined,
    membership,
    notified,
    one_up_for_renewal,
    opened,
    pages,
    said_no,
    states,
)

__all__ = ["membership"]
NEW_YEAR, FEBRUARY = f"{YEAR}-01-01", date(YEAR, 2, 1)


async def announced(client: httpx.AsyncClient, member_id: str) -> list[tuple[str, str]]:
    """Return the departures to come: why, and from which day."""
    upcoming = (await client.get(f"/members/{member_id}")).json()["upcoming"]
    return [(one["value"]["cause"], one["effective_on"]) for one in upcoming if one["topic"] == "status"]


async def test_a_resignation_for_later_stands_again_when_the_refusal_is_taken_back(
    membership: ServiceUnderTest,
) -> None:
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha")
        await told(client, f"/members/{member_id}", effective_on=FEBRUARY.isoformat())
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert (line["state"], line["leaves_on"]) == ("leaving", FEBRUARY.isoformat())
        assert line["allowed_actions"] == ["except", "opt_out"]
        assert line["blockers"]["record_letter"][0]["code"] == "notice_not_needed"
        assert (await said_no(client, renewal, member_id)).json()["state"] == "opted_out"
        assert await announced(client, member_id) == [("not_renewed", NEW_YEAR)]
        back = await said_no(client, renewal, member_id, "/withdraw", reason="erreur")
        assert (back.json()["state"], back.json()["leaves_on"]) == ("leaving", FEBRUARY.isoformat())
        assert await announced(client, member_id) == [("resigned", FEBRUARY.isoformat())]


async def test_a_refusal_stands_again_when_a_mistaken_cessation_is_taken_back(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    path = f"/members/{member_id}"
    async with at(membership, OCTOBER) as client:
        await said_no(client, renewal, member_id, reason="conseil du 3")
        received = {"cause": "ceased", "received_on": OCTOBER.isoformat()}
        await told(client, path, **received, effective_on=DECEMBER.isoformat())
        gone = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert (gone["state"], gone["refusals"][0]["reason"]) == ("not_concerned", "conseil du 3")
        assert gone["refusals"][0]["withdrawn_at"] is not None
        await told(client, path, "departure/withdraw", reason="une autre structure")
        assert await announced(client, member_id) == [("not_renewed", NEW_YEAR)]
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert [one["said_on"] for one in line["refusals"]] == [OCTOBER.isoformat()] * 2
        assert [one["withdrawn_at"] is None for one in line["refusals"]] == [False, True]
    async with at(membership, JANUARY) as client:
        left = (await client.get(path)).json()
        assert (left["status"], left["departure_cause"]) == ("left", "not_renewed")


async def test_who_leaves_later_is_renewed_by_a_person_only(membership: ServiceUnderTest, mailbox: Mailbox) -> None:
    """Tacit renewal rests on silence: one that was told and then resigned has spoken."""
    async with membership.client("network", "board") as client:
        silent, speaks = await joined(client, "Alpha"), await joined(client, "Bravo")
        excepted = await joined(client, "Charlie")
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
    await notified(membership, mailbox, renewal, OCTOBER, 3)
    async with at(membership, DECEMBER) as client:
        for member_id in (speaks, excepted):
            await told(client, f"/members/{member_id}", received_on=DECEMBER.isoformat())
        body = {"members": [excepted], "reason": "le préavis passe l'année"}
        assert (await client.post(f"{renewal}/exceptions", json=body)).status_code == 200
        assert await states(client, renewal) == {"Alpha": "notified", "Bravo": "leaving", "Charlie": "excepted"}
    async with at(membership, JANUARY) as client:
        assert await states(client, renewal) == {"Alpha": "renewed", "Bravo": "leaving", "Charlie": "renewed"}
        years = [(await client.get(f"/members/{one}")).json()["renewed_years"] for one in (silent, speaks, excepted)]
        assert years == [[YEAR], [], [YEAR]]


async def test_a_refusal_is_recorded_against_the_version_that_was_read(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    member_id, renewal = await arranged(membership, one_up_for_renewal)
    async with at(membership, OCTOBER) as client:
        path = f"{renewal}/members/{member_id}"
        read = await client.get(path)
        assert read.headers["etag"] == f'"v{read.json()["version"]}"'
        missing = await client.post(f"{path}/opt-out", json={})
        assert (missing.status_code, missing.json()["code"]) == (428, "if_match_missing")
        old = await client.post(f"{path}/opt-out", json={}, headers={"If-Match": '"v1"'})
        assert (old.status_code, old.json()["code"]) == (412, "version_changed")
        done = await client.post(f"{path}/opt-out", json={}, headers={"If-Match": read.headers["etag"]})
        assert (done.status_code, done.json()["version"]) == (200, read.json()["version"] + 1)
        stale = await client.post(
            f"{path}/opt-out/withdraw", json={"reason": "-"}, headers={"If-Match": read.headers["etag"]}
        )
        assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")


async def test_only_the_refusal_of_that_year_is_taken_back(membership: ServiceUnderTest) -> None:
    """The refusal of the next year is another renewal's."""
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha")
    async with at(membership, OCTOBER.replace(year=YEAR)) as client:
        renewal, following = await opened(client), await opened(client, YEAR + 1)
        assert (await said_no(client, following, member_id)).json()["state"] == "opted_out"
        refused = await said_no(client, renewal, member_id, "/withdraw", reason="-")
        assert (refused.status_code, refused.json()["code"]) == (404, "no_opt_out")
        lines = [(await client.get(f"{one}/members/{member_id}")).json() for one in (renewal, following)]
        assert [line["state"] for line in lines] == ["leaving", "opted_out"]
        assert lines[0]["leaves_on"] == f"{YEAR + 1}-01-01"
        body = {"members": [member_id], "reason": "reprise"}
        assert (await client.post(f"{renewal}/exceptions", json=body)).status_code == 200
        assert (await client.get(f"/members/{member_id}")).json()["renewed_years"] == [YEAR]
        assert (await said_no(client, following, member_id, "/withdraw", reason="-")).json()["state"] == "to_notify"


async def test_a_refusal_posted_in_time_leaves_the_call_to_follow(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha")
    async with at(membership, JANUARY) as client:
        renewal = await opened(client)
        body = {"members": [member_id], "reason": "reprise"}
        await client.post(f"{renewal}/exceptions", json=body)
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert "opt_out" in line["allowed_actions"]
    call = called(UUID(member_id), "partly_paid", "5291.97")
    await membership.receive(call.model_copy(update={"state": call.state.model_copy(update={"year": YEAR})}))
    async with at(membership, JANUARY, "member", member_id=UUID(member_id)) as client:
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert (line["allowed_actions"], line["blockers"]["opt_out"][0]["code"]) == ([], "opt_out_too_late")
    async with at(membership, JANUARY) as client:
        said = {"said_on": f"{YEAR - 1}-12-30", "reason": "courrier du 30"}
        refused = (await said_no(client, renewal, member_id, **said)).json()
        assert (refused["state"], refused["exception"]) == ("opted_out", None)
        assert [one["code"] for one in refused["to_follow"]] == ["calls"]
        assert "COT-2026-00042" in refused["to_follow"][0]["message"]
        assert (refused["refusals"][0]["said_on"], refused["refusals"][0]["reason"]) == (
            said["said_on"],
            said["reason"],
        )
        proof = await client.get(f"{renewal}/members/{member_id}/proof")
        [page] = pages(proof.content)
        for word in ("Refus du renouvellement", f"30 décembre {YEAR - 1}", "courrier du 30", "Exception", "reprise"):
            assert word in page


async def test_a_renewal_of_one_that_is_absorbed_goes_and_comes_back(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        gone, into = [f"/members/{await joined(client, name)}" for name in ("Alpha", "Bravo")]
    async with at(membership, JANUARY) as client:
        renewal = await opened(client)
        body = {"members": [gone.rpartition("/")[2]], "reason": "reprise"}
        await client.post(f"{renewal}/exceptions", json=body)
        assert (await client.get(gone)).json()["renewed_years"] == [YEAR]
        fields = {"into_id": into.rpartition("/")[2], "into_version": await version(client, into)}
        act = await asked(client, gone, "absorption", effective_on=NEW_YEAR, **fields)
        done = await client.post("/restructurings", json=act)
        assert done.status_code == 201, done.text
        absorbed = (await client.get(gone)).json()
        assert (absorbed["status"], absorbed["renewed_years"]) == ("left", [])
        assert (await client.get(f"{renewal}/members/{absorbed['id']}")).json()["state"] == "leaving"
        undone = await client.post(f"/restructurings/{done.json()['id']}/undo", json={"reason": "traité annulé"})
        assert undone.status_code == 200, undone.text
        back = (await client.get(gone)).json()
        assert (back["status"], back["renewed_years"]) == ("active", [YEAR])
    facts = [fact for fact in await membership.published() if fact.state.id == UUID(absorbed["id"])]
    assert [fact.wire_name for fact in facts[-4:]] == [
        "member.renewed",
        "member.left",
        "member.joined",
        "member.renewed",
    ]
    assert isinstance(facts[-3], MemberLeft)
    assert isinstance(facts[-1], MemberRenewed)
    assert facts[-1].year == YEAR


async def test_one_that_is_no_longer_concerned_is_still_found_with_what_was_sent(
    membership: ServiceUnderTest, mailbox: Mailbox
) -> None:
    async with membership.client("network", "board") as client:
        member_id, other = (
            await joined(client, "Alpha"),
            await joined(client, "Bravo", department="75", postcode="75001"),
        )
    async with at(membership, OCTOBER) as client:
        renewal = await opened(client)
    await notified(membership, mailbox, renewal, OCTOBER, 2)
    async with at(membership, DECEMBER) as client:
        for one in (member_id, other):
            received = {"received_on": DECEMBER.isoformat(), "effective_on": DECEMBER.isoformat()}
            await told(client, f"/members/{one}", cause="ceased", **received)
        assert await states(client, renewal) == {}
        line = (await client.get(f"{renewal}/members/{member_id}")).json()
        assert (line["state"], line["state_label"]) == ("not_concerned", "n'est plus concernée")
        assert (len(line["notices"]), line["allowed_actions"]) == (1, [])
        assert "n'est plus concernée" in pages((await client.get(f"{renewal}/members/{member_id}/proof")).content)[0]
    async with at(membership, DECEMBER, "delegation", delegation="idf") as client:
        hidden = await client.get(f"{renewal}/members/{member_id}")
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not_up_for_renewal")
        assert (await client.get(f"{renewal}/members/{other}")).status_code == 200


async def test_the_board_s_exclusion_stands_again_when_the_member_takes_its_refusal_back(
    membership: ServiceUnderTest,
) -> None:
    """A member does not escape an exclusion announced for 15 January by refusing, and changing its mind."""
    day, excluded_on = (DECEMBER - TODAY).days, f"{YEAR}-01-15"
    async with membership.client("network", "board") as client:
        member_id = await joined(client, "Alpha")
        measure = await measure_opened(client, f"/members/{member_id}", "exclusion")
        await act(client, f"/measures/{measure['id']}", "POST", "notifications", received_on=on(0), **NOTICE)
    async with at(membership, DECEMBER) as client:
        vote = {"matter_id": measure["id"], "outcome": "pronounced", "effective_on": excluded_on}
        closed = await act(client, await sat(client, day, vote), "POST", "close")
        assert closed.status_code == 200, closed.text
        assert await announced(client, member_id) == [("excluded", excluded_on)]
        renewal = await opened(client)
    async with at(membership, DECEMBER, "member", member_id=UUID(member_id)) as client:
        assert (await said_no(client, renewal, member_id)).json()["state"] == "opted_out"
        back = await said_no(client, renewal, member_id, "/withdraw", reason="le conseil a revoté")
        assert (back.json()["state"], back.json()["leaves_on"]) == ("leaving", excluded_on)
    async with at(membership, date(YEAR, 1, 16)) as client:
        gone = (await client.get(f"/members/{member_id}")).json()
        assert (gone["status"], gone["departure_cause"], gone["left_on"]) == ("left", "excluded", excluded_on)
