"""Requests for support: heard from fg2i or asked here, taken up, planned, closed; confidential.

Decided in ADR 0029; the days to the first contact are dated data, `assumed`.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.contracts.fg2i import SupportRequested, SupportState
from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.support_requests import domain
from membership.support_requests.domain import (
    SupportAction,
    SupportActionsOpen,
    SupportActionState,
    SupportAlreadyTakenUp,
    SupportNotRunning,
    SupportOrigin,
    SupportOutcome,
    SupportRequest,
    SupportStatus,
    SupportStructureUnknown,
    is_late,
)
from membership.support_requests.queries import first_contact_rules

from ..arrangements import admitted_by
from ..declarants.test_follow_up import member
from ..departures.test_departures import joined
from ..duplicates.test_merging import id_of, merge
from ..interviews.test_interviews import exported
from ..members.test_dates import TODAY, on
from ..sittings.test_minutes import act

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
REQUEST = SupportRequest(
    UUID(int=1), SupportOrigin.FG2I, UUID(int=2), "cash", DAY, DAY + timedelta(days=10), NOW, "fg2i"
)


def at(status: str, **fields: Any) -> SupportRequest:
    return replace(REQUEST, status=SupportStatus(status), **fields)


def action(days: int, state: str = "todo") -> SupportAction:
    return SupportAction(UUID(int=3), REQUEST.id, "Prévisionnel", DAY + timedelta(days=days), SupportActionState(state))


@pytest.mark.parametrize(
    ("status", "actions", "days", "late"),
    [
        pytest.param("asked", [], 10, False, id="demandée, le dernier jour pour la prendre en charge"),
        pytest.param("asked", [], 11, True, id="demandée, le lendemain"),
        pytest.param("taken_up", [], 300, False, id="prise en charge, sans plan"),
        pytest.param("planned", [(5, "todo")], 5, False, id="une action, le jour dit"),
        pytest.param("planned", [(5, "todo")], 6, True, id="une action, le lendemain"),
        pytest.param("planned", [(5, "done"), (9, "dropped")], 60, False, id="plus rien à faire"),
        pytest.param("closed", [], 300, False, id="close"),
        pytest.param("declined", [], 300, False, id="sans suite"),
    ],
)
def test_which_request_waits_too_long(status: str, actions: list[tuple[int, str]], days: int, *, late: bool) -> None:
    """Ten days to take it up: assumed, no source gives one (data/first_contact.toml)."""
    assert is_late(at(status), [action(*one) for one in actions], DAY + timedelta(days=days)) is late
    assert [(rule.days, rule.status) for rule in first_contact_rules()] == [(10, "assumed")]


@pytest.mark.parametrize(
    ("act_on", "refusal"),
    [
        pytest.param(
            lambda: domain.take_up(at("taken_up"), DAY, "x", None), SupportAlreadyTakenUp, id="prise deux fois"
        ),
        pytest.param(
            lambda: domain.take_up(at("asked", member_id=None), DAY, "x", None), SupportStructureUnknown, id="inconnue"
        ),
        pytest.param(lambda: domain.decline(at("planned"), DAY, "x"), SupportAlreadyTakenUp, id="écartée en cours"),
        pytest.param(lambda: domain.plan(at("asked")), SupportNotRunning, id="un plan avant la prise en charge"),
        pytest.param(lambda: domain.plan(at("closed")), SupportNotRunning, id="un plan après la clôture"),
        pytest.param(
            lambda: domain.close(at("planned"), [action(1)], DAY, SupportOutcome.RECOVERED, "x"),
            SupportActionsOpen,
            id="close avec une action à faire",
        ),
        pytest.param(
            lambda: domain.close(at("asked"), [], DAY, SupportOutcome.RECOVERED, "x"),
            SupportNotRunning,
            id="close seule",
        ),
    ],
)
def test_what_a_request_does_not_allow(act_on: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        act_on()


def fact(member_id: str, request_id: UUID | None = None, **fields: Any) -> SupportRequested:
    state = SupportState(id=request_id or uuid4(), member_id=UUID(member_id), status="requested")
    told = {"file_reference": "FG-2026-017", "reason_code": "cash", "asked_on": TODAY, **fields}
    return SupportRequested(state=state, **told)


async def asked(client: httpx.AsyncClient, member_id: str, **fields: Any) -> httpx.Response:
    body = {"member_id": member_id, "reason": "cash", "description": "Trésorerie à deux mois.", **fields}
    return await client.post("/support-requests", json=body)


async def request(client: httpx.AsyncClient, member_id: str, **fields: Any) -> str:
    answer = await asked(client, member_id, **fields)
    assert answer.status_code == 201, answer.text
    return f"/support-requests/{answer.json()['id']}"


async def listed(client: httpx.AsyncClient, **filters: Any) -> list[dict[str, Any]]:
    page = (await client.get("/support-requests", params={"total": True, **filters})).json()
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def test_a_request_of_the_committee_reaches_the_delegation_once(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    told = fact(own)
    await membership.receive(told)
    await membership.receive(told)
    await membership.receive(fact(own, told.state.id, reason_code="equity"))
    async with membership.client("delegation", delegation="occitanie") as client:
        [one] = await listed(client)
        assert (one["origin"], one["name"], one["file_reference"]) == ("fg2i", "A", "FG-2026-017")
        assert (one["reason_label"], one["status"], one["late"]) == ("trésorerie", "asked", False)
        assert one["first_contact"]["due_on"] == on(10)
        assert one["allowed_actions"] == ["take_up", "decline"]
        assert one["blockers"]["close"][0]["code"] == "support_not_running"
    await membership.receive(fact(own, reason_code="un-motif-nouveau", asked_on=TODAY - timedelta(days=11)))
    async with membership.client("network") as client:
        [late] = await listed(client, late=True)
        assert (late["reason_label"], late["late"]) == ("un-motif-nouveau", True)
        assert len(await listed(client, late=False)) == 1


async def test_a_request_for_a_structure_nobody_knows_waits_for_the_network(membership: ServiceUnderTest) -> None:
    stranger = str(uuid4())
    await membership.receive(fact(stranger))
    assert await membership.rows("SELECT 1 FROM event_parked") == []
    async with membership.client("network", "board") as client:
        own = await member(client, "A")
        [one] = await listed(client, unplaced=True)
        assert (one["member_id"], one["told_member_id"], one["delegation"]) == (None, stranger, None)
        assert one["allowed_actions"] == ["decline", "place"]
        path = f"/support-requests/{one['id']}"
        early = await act(client, path, "POST", "take-up")
        assert (early.status_code, early.json()["code"]) == (409, "support_structure_unknown")
        async with membership.client("delegation", delegation="occitanie") as delegation:
            assert await listed(delegation) == []
            assert (await delegation.get(path)).status_code == 404
            body = {"member_id": own}
            refused = await delegation.post(f"{path}/place", json=body, headers={"If-Match": '"v1"'})
            assert refused.status_code == 403
            placed = (await act(client, path, "POST", "place", **body)).json()
            assert (placed["name"], placed["told_member_id"], "place" in placed["allowed_actions"]) == (
                "A",
                stranger,
                False,
            )
            assert [one["name"] for one in await listed(delegation)] == ["A"]
        again = await act(client, path, "POST", "place", **body)
        assert (again.status_code, again.json()["code"]) == (409, "support_already_placed")
        assert await listed(client, unplaced=True) == []


async def test_a_request_is_taken_up_planned_and_closed(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("delegation", delegation="occitanie") as client:
        path = await request(client, own)
        taken = (await act(client, path, "POST", "take-up", label="Délégué régional")).json()
        assert (taken["status"], taken["taken_up_on"], taken["taken_up_label"]) == (
            "taken_up",
            on(0),
            "Délégué régional",
        )
        planned = (await act(client, path, "POST", "actions", text="Prévisionnel", due_on=on(30))).json()
        assert (planned["status"], planned["plan"][0]["state"]) == ("planned", "todo")
        open_one = await act(client, path, "POST", "close", outcome="recovered", text="x")
        assert (open_one.status_code, open_one.json()["code"]) == (409, "support_actions_open")
        first = f"actions/{planned['plan'][0]['id']}"
        done = (await act(client, path, "POST", f"{first}/complete")).json()
        assert (done["plan"][0]["state"], done["plan"][0]["settled_on"]) == ("done", on(0))
        twice = await act(client, path, "POST", f"{first}/drop", reason="x")
        assert (twice.status_code, twice.json()["code"]) == (409, "support_action_settled")
        unknown = await act(client, path, "POST", f"actions/{uuid4()}/complete")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "support_action_not_found")
        told = {"outcome": "recovered", "text": "Un prêt relais a été obtenu."}
        closed = (await act(client, path, "POST", "close", **told)).json()
        assert (closed["status"], closed["outcome_label"], closed["allowed_actions"]) == (
            "closed",
            "difficulté surmontée",
            ["reopen"],
        )
        late = await act(client, path, "POST", "actions", text="x", due_on=on(1))
        assert (late.status_code, late.json()["code"]) == (409, "support_not_running")
        assert (await act(client, path, "POST", "reopen")).status_code == 422
        again = (await act(client, path, "POST", "reopen", reason="Le prêt a été refusé.")).json()
        assert (again["status"], again["outcome"], again["settled_on"], again["settled_text"]) == (
            "planned",
            None,
            None,
            None,
        )
        [kept] = again["reopenings"]
        assert (kept["status"], kept["outcome"], kept["settled_text"], kept["reason"], kept["by"]) == (
            "closed",
            "recovered",
            "Un prêt relais a été obtenu.",
            "Le prêt a été refusé.",
            "test-delegation",
        )
        running = await act(client, path, "POST", "reopen", reason="x")
        assert (running.status_code, running.json()["code"]) == (409, "support_not_settled")
    async with membership.client("member", member_id=UUID(own)) as client:
        assert (await client.get(path)).json()["reopenings"] == []
        refused = await client.post(f"{path}/reopen", json={"reason": "x"}, headers={"If-Match": '"v1"'})
        assert refused.status_code == 403
    async with membership.client("delegation", delegation="idf") as client:
        hidden = await client.post(f"{path}/reopen", json={"reason": "x"}, headers={"If-Match": '"v1"'})
        assert hidden.status_code == 404


async def test_a_request_is_declined_with_a_reason_the_structure_reads(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        async with membership.client("member", member_id=UUID(own)) as client:
            path = await request(client, own)
            assert (await client.get(path)).json()["allowed_actions"] == []
            hidden = await client.post(f"{path}/take-up", json={}, headers={"If-Match": '"v1"'})
            assert hidden.status_code == 403
            await act(network, path, "POST", "decline", reason="Déjà suivie par la demande de mars.")
            [seen] = await listed(client)
            assert (seen["origin"], seen["status"]) == ("member", "declined")
            assert seen["settled_text"] == "Déjà suivie par la demande de mars."
        refused = await act(network, path, "POST", "take-up", label="x")
        assert (refused.status_code, refused.json()["code"]) == (409, "support_already_taken_up")
        asked_again = (await act(network, path, "POST", "reopen", reason="Ce n'était pas la même.")).json()
        assert (asked_again["status"], asked_again["reopenings"][0]["status"]) == ("asked", "declined")
        assert (await act(network, path, "POST", "take-up", label="x")).json()["status"] == "taken_up"


async def test_why_an_action_was_dropped_is_kept_for_the_delegation(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as network:
        path = await request(network, own)
        await act(network, path, "POST", "take-up", label="x")
        [action_out] = (await act(network, path, "POST", "actions", text="Prêt relais", due_on=on(5))).json()["plan"]
        under = f"actions/{action_out['id']}/drop"
        dropped = (await act(network, path, "POST", under, reason="La banque ne leur fait pas confiance.")).json()
        assert dropped["plan"][0]["dropped_reason"] == "La banque ne leur fait pas confiance."
    async with membership.client("member", member_id=UUID(own)) as client:
        [seen] = (await client.get(path)).json()["plan"]
        assert (seen["text"], seen["state"], seen["dropped_reason"]) == ("Prêt relais", "dropped", None)


async def test_nobody_else_knows_that_a_structure_is_in_difficulty(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("D", "77"))
    async with membership.client("network", "board") as network:
        path = await request(network, own)
    async with membership.client("member", member_id=UUID(own)) as client:
        # What is written of it « pour la délégation et le réseau » is not for the structure; what it wrote is.
        assert (await client.get(path)).json()["description"] is None
        assert (await client.get(await request(client, own))).json()["description"] == "Trésorerie à deux mois."
    async with membership.client("delegation", delegation="idf") as client:
        assert await listed(client) == []
        assert (await client.get(path)).json()["code"] == "support_request_not_found"
        assert (await asked(client, own)).json()["code"] == "member_not_found"
    async with membership.client("member", member_id=UUID(other)) as client:
        assert await listed(client) == []
        assert (await client.get(path)).status_code == 404
    for role in ("board", "finance"):
        async with membership.client(role) as client:
            for hidden in ("/support-requests", path, "/support-requests/reasons"):
                assert (await client.get(hidden)).status_code == 403, (role, hidden)
    assert [one.wire_name for one in await membership.published() if "support" in one.wire_name] == []


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"reason": "inconnu"}, 400, "support_reason_unknown", id="un motif hors de la liste"),
        pytest.param({"member_id": str(UUID(int=7))}, 404, "member_not_found", id="une structure inconnue"),
        pytest.param({"description": ""}, 422, None, id="sans description"),
        pytest.param({"file_reference": "FG-2026-018"}, 422, None, id="un dossier de garantie, que FG2I seul donne"),
    ],
)
async def test_what_cannot_be_asked(
    membership: ServiceUnderTest, arranged: Arrange, fields: dict[str, Any], status: int, code: str | None
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        refused = await asked(client, **{"member_id": own, **fields})
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code)
        reasons = (await client.get("/support-requests/reasons")).json()
        assert (reasons["status"], reasons["items"][0]["code"]) == ("assumed", "cash")


@pytest.mark.parametrize("days", [-1, 1], ids=["avant la demande", "demain"])
async def test_a_first_contact_follows_the_request(membership: ServiceUnderTest, arranged: Arrange, days: int) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = await request(client, own)
        refused = await act(client, path, "POST", "take-up", taken_up_on=on(days))
        assert (refused.status_code, refused.json()["code"]) == (400, "support_taken_up_another_day")


async def test_of_two_who_take_up_at_once_one_is_told(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = await request(client, own)
        both = await asyncio.gather(
            *(client.post(f"{path}/take-up", json={}, headers={"If-Match": '"v1"'}) for _ in range(2))
        )
        assert sorted(answer.status_code for answer in both) == [200, 412]


async def test_requests_are_found(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", ("D", "77"))
    async with membership.client("network", "board") as client:
        taken = await request(client, own, reason="debts")
        await act(client, taken, "POST", "take-up", label="x")
        await membership.receive(fact(other, asked_on=TODAY - timedelta(days=3)))
        for filters, names in (
            ({}, ["A", "D"]),
            ({"sort": "asked_on"}, ["D", "A"]),
            ({"status": "taken_up"}, ["A"]),
            ({"origin": "fg2i"}, ["D"]),
            ({"reason": "debts"}, ["A"]),
            ({"delegation": "idf"}, ["D"]),
            ({"member_id": own}, ["A"]),
            ({"file_reference": "FG-2026-017"}, ["D"]),
            ({"unplaced": False}, ["A", "D"]),
        ):
            assert [one["name"] for one in await listed(client, **filters)] == names, filters
            wanted = {name: value for name, value in filters.items() if name != "sort"}
            lines = await exported(client, "/support-requests/export", **wanted)
            assert sorted(line["structure"] for line in lines) == sorted(names), filters
        assert [(line["motif"], line["etat"], line["dossier"]) for line in lines] == [
            ("dettes sociales, fiscales ou bancaires", "prise en charge", ""),
            ("trésorerie", "demandée", "FG-2026-017"),
        ]
        workbook = await client.get("/support-requests/export", params={"format": "xlsx"})
        assert (workbook.content[:2], "Trésorerie à deux mois" in str(lines)) == (b"PK", False)
    async with membership.client("delegation", delegation="idf") as client:
        assert [line["structure"] for line in await exported(client, "/support-requests/export")] == ["D"]
    async with membership.client("board") as client:
        assert (await client.get("/support-requests/export")).status_code == 403


async def test_a_request_that_names_a_merged_record_is_for_the_structure_that_stays(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    stays, goes = await arranged(membership, admitted_by, joined, "Régain", "Regain")
    async with membership.client("network", "board") as network:
        await merge(network, stays, goes)
    await membership.receive(fact(id_of(goes)))
    async with membership.client("member", member_id=UUID(id_of(stays))) as client:
        [one] = await listed(client)
        assert (one["member_id"], one["name"], one["told_member_id"]) == (id_of(stays), "Régain", id_of(goes))
