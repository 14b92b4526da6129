"""A candidate thinks better of it before the board decides, and may apply again."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.applications.domain import (
    Application,
    ApplicationDecided,
    ApplicationStatus,
    WithdrawalMisdated,
    possible_actions,
    withdraw,
)
from membership.members.domain import Member, MemberStatus

from ..members.test_dates import on
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act, sitting

TODAY = date(2026, 6, 12)
OPEN = Application(id=UUID(int=1), member_id=UUID(int=2), received_on=date(2026, 6, 1))
REFUSED = replace(OPEN, status=ApplicationStatus.REFUSED, decided_on=date(2026, 6, 10))
WITHDRAWN = withdraw(OPEN, date(2026, 6, 5), "projet reporté", TODAY)
ADMITTED = replace(OPEN, status=ApplicationStatus.ADMITTED, decided_on=date(2026, 6, 10))
STRUCTURE = Member(id=UUID(int=2), reference="STR-2026-00001", name="A")
MEMBER = replace(STRUCTURE, status=MemberStatus.ACTIVE)
GONE = replace(STRUCTURE, status=MemberStatus.LEFT)


@pytest.mark.parametrize(
    ("application", "day", "refusal"),
    [
        pytest.param(OPEN, 1, None, id="le jour de sa réception"),
        pytest.param(OPEN, 12, None, id="aujourd'hui"),
        pytest.param(OPEN, 13, WithdrawalMisdated, id="demain"),
        pytest.param(replace(OPEN, received_on=date(2026, 6, 3)), 2, WithdrawalMisdated, id="avant sa réception"),
        pytest.param(REFUSED, 12, ApplicationDecided, id="le conseil a décidé"),
        pytest.param(WITHDRAWN, 12, ApplicationDecided, id="déjà retirée"),
    ],
)
def test_when_an_application_is_taken_back(application: Application, day: int, refusal: type[Refusal] | None) -> None:
    on_day = date(2026, 6, day)
    if refusal is None:
        taken = withdraw(application, on_day, "projet reporté", TODAY)
        assert (taken.status, taken.withdrawn_on, taken.withdrawal_reason) == ("withdrawn", on_day, "projet reporté")
    else:
        with pytest.raises(refusal):
            withdraw(application, on_day, "projet reporté", TODAY)


FILE = ["send_document", "check_document"]


@pytest.mark.parametrize(
    ("application", "structure", "another_open", "possible"),
    [
        pytest.param(OPEN, STRUCTURE, True, [*FILE, "give_opinion", "withdraw"], id="à instruire"),
        pytest.param(REFUSED, STRUCTURE, False, ["apply_again"], id="refusée"),
        pytest.param(WITHDRAWN, STRUCTURE, False, ["apply_again"], id="retirée"),
        pytest.param(REFUSED, STRUCTURE, True, [], id="refusée, et une autre est à instruire"),
        pytest.param(REFUSED, MEMBER, False, [], id="refusée jadis, admise depuis"),
        pytest.param(ADMITTED, MEMBER, False, [], id="admise"),
        pytest.param(replace(ADMITTED, reservations=("pièces",)), MEMBER, False, FILE, id="admise avec réserves"),
        pytest.param(ADMITTED, GONE, False, ["apply_again"], id="admise, puis sortie"),
    ],
)
def test_what_can_be_done_about_an_application(
    application: Application, structure: Member, another_open: bool, possible: list[str]
) -> None:
    assert possible_actions(application, structure, another_open=another_open) == possible


async def withdrawn(client: httpx.AsyncClient, application: dict[str, Any], **body: Any) -> httpx.Response:
    path = f"/applications/{application['id']}"
    etag = (await client.get(path)).headers["etag"]
    body = {"reason": "projet reporté", **body}
    return await client.post(f"{path}/withdraw", json=body, headers={"If-Match": etag})


async def test_a_candidate_thinks_better_of_it_and_applies_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        application = await receive(client, **structure("A"), received_on=on(-3))
        taken = await withdrawn(client, application, withdrawn_on=on(-1))
        assert taken.status_code == 200, taken.text
        assert (taken.json()["status"], taken.json()["status_label"]) == ("withdrawn", "retirée")
        assert (taken.json()["withdrawn_on"], taken.json()["withdrawal_reason"]) == (on(-1), "projet reporté")
        assert (taken.json()["ready"], taken.json()["allowed_actions"]) == (False, ["apply_again"])
        twice = await withdrawn(client, application)
        assert (twice.status_code, twice.json()["code"]) == (409, "application_decided")
        again = await client.post("/applications/again", json={"member_id": application["member_id"]})
        assert again.status_code == 201, again.text
        for status, expected in (("withdrawn", application["id"]), ("open", again.json()["id"])):
            listed = (await client.get("/applications", params={"status": status, "total": True})).json()
            assert [one["id"] for one in listed["items"]] == [expected]
        assert (await client.get(f"/applications/{application['id']}")).json()["allowed_actions"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"withdrawn_on": on(1)}, 400, "withdrawal_misdated", id="demain"),
        pytest.param({"withdrawn_on": on(-1)}, 400, "withdrawal_misdated", id="avant la réception"),
        pytest.param({"reason": ""}, 422, "validation", id="sans raison"),
    ],
)
async def test_what_is_no_withdrawal_changes_nothing(
    membership: ServiceUnderTest, body: dict[str, str], status: int, code: str
) -> None:
    async with membership.client("network") as client:
        application = await receive(client, **structure("A"))
        refused = await withdrawn(client, application, **body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert (await client.get(f"/applications/{application['id']}")).json() == application


async def test_only_the_federation_takes_its_word(membership: ServiceUnderTest) -> None:
    async with membership.client("network") as client:
        application = await receive(client, **structure("A"))
    path, own = f"/applications/{application['id']}", UUID(application["member_id"])
    async with membership.client("member", member_id=own) as client:
        assert "withdraw" not in (await client.get(path)).json()["allowed_actions"]
        assert (await client.post(f"{path}/withdraw", json={"reason": "x"})).status_code == 403


async def test_the_agenda_of_an_open_sitting_says_so(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        stays, goes = [await receive(client, **structure(name)) for name in "AB"]
        path = await sitting(client)
        items = [{"title": f"Candidature {one['name']}", "matter_id": one["id"]} for one in (stays, goes)]
        assert (await act(client, path, "PUT", "agenda", items=items)).status_code == 200
        vote = {"outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
        votes = [{"matter_id": one["id"], **vote} for one in (stays, goes)]
        voted = await act(client, path, "POST", "decisions", decisions=votes)
        assert "close" in voted.json()["allowed_actions"]
        assert (await withdrawn(client, goes)).status_code == 200
        shown = (await client.get(path)).json()
        assert [item["withdrawn"] for item in shown["agenda"]] == [False, True]
        assert [one["code"] for one in shown["blockers"]["close"]] == ["matter_withdrawn"] * 2
        assert "Candidature B" in shown["blockers"]["close"][0]["message"]
        assert (await client.get("/sittings")).json()["items"] == [shown]
        refused = await act(client, path, "POST", "close")
        assert (refused.status_code, refused.json()["code"]) == (409, "matter_withdrawn")
        assert (await act(client, path, "PUT", "agenda", items=items)).json()["code"] == "application_decided"
        await act(client, path, "POST", f"decisions/{goes['id']}/retract")
        mended = await act(client, path, "PUT", "agenda", items=items[:1])
        assert mended.json()["blockers"] == {}
        assert (await act(client, path, "POST", "close")).status_code == 200


async def test_what_was_closed_does_not_change_with_a_later_withdrawal(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        path = await sitting(client)
        items = [{"title": "Candidature A", "matter_id": application["id"]}]
        await act(client, path, "PUT", "agenda", items=items)
        adjourned = {"matter_id": application["id"], "outcome": "adjourned", "votes_for": 0}
        await act(client, path, "POST", "decisions", decisions=[adjourned])
        closed = (await act(client, path, "POST", "close")).json()
        assert (await withdrawn(client, application)).status_code == 200
        assert (await client.get(path)).json() == closed


async def test_a_structure_that_was_refused_may_apply_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure("A"))
        await admit(client, application, outcome="refused", votes_for=0, votes_against=9, reservations=[])
        path = f"/applications/{application['id']}"
        assert (await client.get(path)).json()["allowed_actions"] == ["apply_again"]
        again = await client.post("/applications/again", json={"member_id": application["member_id"]})
        assert again.status_code == 201, again.text
        assert (await client.get(path)).json()["allowed_actions"] == []
