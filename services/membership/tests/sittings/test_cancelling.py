"""A sitting planned by mistake is cancelled: what it held is free again, and no act is possible on it any more.

Decided in ADR 0021.
"""

from typing import Any

import pytest

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.matters.domain import Outcome
from membership.sittings.domain import (
    AgendaItem,
    Cancellation,
    SittingCancelled,
    SittingClosed,
    SittingStatus,
    cancel,
    close,
    closing_blockers,
    record,
    set_agenda,
)

from ..members.test_dates import on
from ..members.test_register import receive, structure
from .test_minutes import ATTENDEES, act, sitting
from .test_rules import HELD, RULE, vote
from .test_rules import sitting as planned


def test_its_votes_fall_and_are_counted() -> None:
    agenda = (AgendaItem("Candidature", vote(Outcome.ADMITTED, 18).matter_id),)
    voted = record(set_agenda(planned(), agenda), [vote(Outcome.ADMITTED, 18)])
    gone = cancel(voted, "saisie deux fois", HELD)
    assert (gone.status, gone.decisions, gone.agenda) == (SittingStatus.CANCELLED, {}, agenda)
    assert gone.cancellation == Cancellation("saisie deux fois", HELD, fallen_votes=1)
    assert [blocker.code for blocker in closing_blockers(gone, RULE, {}, HELD)] == ["sitting_cancelled"]


@pytest.mark.parametrize("settled", ["closed", "cancelled"])
def test_what_is_settled_is_not_cancelled(settled: str) -> None:
    voted = record(planned(), [vote(Outcome.ADMITTED, 18)])
    over = close(voted, RULE, {}, HELD) if settled == "closed" else cancel(voted, "x", HELD)
    refusal: type[Refusal] = SittingClosed if settled == "closed" else SittingCancelled
    with pytest.raises(refusal):
        cancel(over, "encore", HELD)
    with pytest.raises(refusal):
        close(over, RULE, {}, HELD)


async def test_what_it_held_is_free_again(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("A"))
        item = {"title": "Candidature de A", "matter_id": application["id"]}
        admission = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
        await act(client, path, "PUT", "agenda", items=[item])
        assert (
            "cancel" in (await act(client, path, "POST", "decisions", decisions=[admission])).json()["allowed_actions"]
        )
        without = await client.post(f"{path}/cancel", json={"reason": "Erreur."})
        assert (without.status_code, without.json()["code"]) == (428, "if_match_missing")
        gone = await act(client, path, "POST", "cancel", reason="Saisie deux fois.")
        assert gone.status_code == 200, gone.text
        shown = gone.json()
        assert (shown["status"], shown["status_label"], shown["allowed_actions"]) == ("cancelled", "annulée", [])
        assert (shown["cancelled_reason"], shown["cancelled_on"], shown["fallen_votes"]) == (
            "Saisie deux fois.", on(0), 1,
        )  # fmt: skip
        assert (shown["decisions"], [one["code"] for one in shown["blockers"]["close"]]) == ([], ["sitting_cancelled"])
        assert (await client.get(path)).json() == shown
        date = (await client.get(f"/agenda/{shown['id']}")).json()
        assert (date["status"], date["cancelled_reason"], date["sequence"]) == ("cancelled", "Saisie deux fois.", 1)
        again = await sitting(client)  # of the same reference
        assert again != path
        assert (await act(client, again, "PUT", "agenda", items=[item])).status_code == 200
        await act(client, again, "POST", "decisions", decisions=[admission])
        closed = await act(client, again, "POST", "close")
        assert (closed.status_code, closed.json()["fallen_votes"]) == (200, None)
        for params, found in (({"status": "cancelled"}, [path]), ({"status": ["open", "closed"]}, [again])):
            listed = (await client.get("/sittings", params={**params, "total": True})).json()
            assert ([f"/sittings/{one['id']}" for one in listed["items"]], listed["total"]) == (found, 1)
        late = await act(client, again, "POST", "cancel", reason="Trop tard.")
        assert (late.status_code, late.json()["code"]) == (409, "sitting_closed")
        taken = await client.post(
            "/sittings", json={"held_on": on(0), "in_office": 3, "minutes_reference": shown["minutes_reference"]}
        )
        assert taken.json()["code"] == "minutes_reference_taken"


ACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "attendance", {"attendees": ATTENDEES}),
    ("PUT", "agenda", {"items": []}),
    ("POST", "decisions/takeover", {"votes_for": 3}),
    ("POST", "close", {}),
    ("POST", "cancel", {"reason": "encore"}),
]


async def test_no_act_is_possible_on_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("A"))
        gone = await act(client, path, "POST", "cancel", reason="Erreur.")
        vote = {"matter_id": application["id"], "outcome": "adjourned", "votes_for": 0}
        for method, under, body in (*ACTS, ("POST", "decisions", {"decisions": [vote]})):
            refused = await act(client, path, method, under, **body)
            assert (refused.status_code, refused.json()["code"]) == (409, "sitting_cancelled"), under
        headers = {"If-Match": gone.headers["etag"]}
        amended = await client.patch(path, json={"held_on": on(1)}, headers=headers)
        assert amended.json()["code"] == "sitting_cancelled"
        retracted = await client.post(f"{path}/decisions/{application['id']}/retract", headers=headers)
        assert retracted.json()["code"] == "sitting_cancelled"
        assert (await client.get(f"{path}/minutes/draft")).json()["code"] == "sitting_cancelled"
        assert (await client.get(f"{path}/minutes")).json()["code"] == "file_missing"
        assert (await client.get(path)).json() == gone.json()


async def test_only_who_runs_sittings_cancels_one(membership: ServiceUnderTest) -> None:
    async with membership.client("board") as client:
        path = await sitting(client)
    async with membership.client("delegation", delegation="occitanie") as client:
        refused = await client.post(f"{path}/cancel", json={"reason": "x"}, headers={"If-Match": '"v1"'})
        assert refused.status_code == 403
