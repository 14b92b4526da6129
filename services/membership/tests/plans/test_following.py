"""After submitting: the plan is kept without a silent overwrite, a later year is compared, the whole is printed."""

import csv
import io
from datetime import date
from io import BytesIO
from typing import Any

import httpx
from pypdf import PdfReader

from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.pictures import faults_of_print
from common.testing.plugin import Arrange
from membership.banks.queries import bank_of

from ..assessments.test_alone import structure_of, submitted
from ..members.test_dates import TODAY, on
from ..observatory.test_pictures import ACCENT, INK
from ..sittings.test_minutes import act

IN_2015 = {question.code for question in bank_of("cap-2015").questions}
IN_2026 = {question.code for question in bank_of("cap-2026").questions}


async def amended(client: httpx.AsyncClient, action: str, **fields: Any) -> httpx.Response:
    etag = (await client.get(action)).headers["etag"]
    return await client.patch(action, json=fields, headers={"If-Match": etag})


async def test_a_plan_is_kept_and_says_what_it_said(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await submitted(client)
        plan = (await client.get(f"{path}/plan")).json()
        assert plan["states"] == {"todo": 10, "doing": 0, "done": 0, "dropped": 0}
        first = plan["actions"][0]
        action = f"{path}/plan/actions/{first['id']}"
        doing = await amended(client, action, state="doing", owner="direction", due_on=on(40))
        assert doing.status_code == 200, doing.text
        assert (doing.json()["version"], doing.json()["owner"]) == (2, "direction")
        bare = await amended(client, action, state="dropped")
        assert (bare.status_code, bare.json()["code"]) == (400, "reason_needed")
        await amended(client, action, state="dropped", reason="Plus de budget.")
        back = await amended(client, action, state="todo")
        assert (back.json()["state"], back.json()["reason"]) == ("todo", None)
        told = [change["before"] for change in back.json()["changes"]]
        assert told == [
            {"due_on": first["due_on"], "owner": None, "state": "todo"},
            {"state": "doing", "reason": None},
            {"state": "dropped", "reason": "Plus de budget."},
        ]
        assert {change["by"] for change in back.json()["changes"]} == {"test-member"}
        same = await amended(client, action, state="todo")
        assert same.json()["version"] == back.json()["version"]

        proposed = plan["proposals"][0]
        added = await client.post(f"{path}/plan/actions", json={"question": proposed["question"], "owner": "qualité"})
        assert (added.status_code, added.json()["text"], added.json()["rank"]) == (201, proposed["text"], 11)
        twice = await client.post(f"{path}/plan/actions", json={"question": proposed["question"]})
        assert (twice.status_code, twice.json()["code"]) == (409, "question_planned")
        unknown = await client.post(f"{path}/plan/actions", json={"question": "inconnue"})
        assert (unknown.status_code, unknown.json()["code"]) == (400, "question_unknown")
        shapeless = await client.post(f"{path}/plan/actions", json={"text": "Sans échéance"})
        assert shapeless.status_code == 422
        free = await client.post(f"{path}/plan/actions", json={"text": "=1+1", "due_on": on(1)})
        assert (free.status_code, free.json()["question"]) == (201, None)
        exported = (await client.get(f"{path}/plan/export")).content.decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(exported), delimiter=";"))
        assert len(lines) == 12
        assert lines[-1]["Action"] == "'=1+1"
    async with membership.days_later(2) as later, later.client("member", member_id=own) as client:
        assert [one["late"] for one in (await client.get(f"{path}/plan")).json()["actions"]][-1] is True
        await act(client, path, "POST", "close")
        closed = await amended(client, action, state="done")
        assert (closed.status_code, closed.json()["code"]) == (409, "assessment_not_submitted")
        assert (await client.get(f"{path}/plan")).json()["allowed_actions"] == []
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(f"{path}/plan")).json()["actions"][0]["allowed_actions"] == []
        assert (await client.patch(action, json={"state": "done"})).status_code == 403


async def test_two_versions_are_compared_on_what_both_asked(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        first = await submitted(client, "cap-2015", 1, written_project=3)
        alone = (await client.get(f"{first}/progress")).json()
        assert (alone["before_id"], alone["whole"], alone["themes"]) == (None, None, [])
        await act(client, first, "POST", "close")
    async with membership.days_later(45) as later, later.client("member", member_id=own) as client:
        closed = await client.post("/assessments", json={"bank": "cap-2015", "mode": "alone"})
        if date.fromisoformat(on(45)) > date(2026, 12, 31):
            assert (closed.status_code, closed.json()["code"]) == (409, "bank_closed")
        else:
            await act(client, f"/assessments/{closed.json()['id']}", "POST", "abandon")
        path = await submitted(client, "cap-2026", 2, written_project=4, social_utility_used=None)
        progress = (await client.get(f"{path}/progress")).json()
        assert (progress["before_bank"], progress["same_version"], progress["same_scale"]) == ("cap-2015", False, False)
        assert progress["whole"]["compared"] == len(IN_2015 & IN_2026)
        identity = progress["themes"][0]
        # democratic-governance (weight 3): 1 of 3, then 2 of 4; written-project (3): 3 of 3, then 4 of 4.
        assert (identity["compared"], identity["questions"]) == (2, 5)
        assert (identity["before"], identity["after"], identity["change"]) == (67, 75, 8)
        other = (await client.get(f"{first}/progress")).json()
        assert other["before_id"] is None
        printed = await client.get(f"{path}/print")
        assert printed.status_code == 200, printed.text
        text = " ".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages)
        words = " ".join(text.split())
        assert "Sur les 2 questions posées les deux fois : 67 avant, 75 aujourd'hui" in words.replace("’", "'")
        assert "Plan de progrès" in words
        assert "À confirmer" in words


async def test_an_assessment_is_printed_with_its_review(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await submitted(client, "cap-rse-2026", 3, waste=0, energy_followed=1, disability=0)
    async with membership.client("network") as network:
        review = f"{path}/reviews/{(await network.post(f'{path}/reviews')).json()['id']}"
        etag = (await network.get(review)).headers["etag"]
        await network.patch(review, json={"conclusion": "# Un *texte* tel quel."}, headers={"If-Match": etag})
        await act(network, review, "POST", "give")
        printed = await network.get(f"{path}/print")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages).split())
    assert "# Un *texte* tel quel." in text
    assert "Confirmé" in text
    assert "Le réseau, " in text
    shown = {"Maturité par thème": ACCENT, "Le réseau, ": ACCENT, "# Un *texte*": INK}
    assert faults_of_print(printed.content, shown) == []
    assert str(TODAY.year) in text


async def test_unfinished_actions_are_carried_over(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        first = await submitted(client, level=4, written_project=0)
        [worst] = (await client.get(f"{first}/plan")).json()["actions"]
        for text in ("Former l'équipe", "Refaire le site"):
            await client.post(f"{first}/plan/actions", json={"text": text, "due_on": on(30)})
        await amended(client, f"{first}/plan/actions/{worst['id']}", state="done")
        none = await client.post(f"{first}/plan/carry-over", json={"due_on": on(90)})
        assert (none.status_code, none.json()["code"]) == (409, "nothing_left")
        await act(client, first, "POST", "close")
        path = await submitted(client, level=4)
        plan = (await client.get(f"{path}/plan")).json()
        assert [one["text"] for one in plan["left_over"]] == ["Former l'équipe", "Refaire le site"]
        assert plan["allowed_actions"] == ["add_action", "carry_over"]
        acts = {
            "add_action": ("POST", "/actions", {"text": "Un site", "due_on": on(30)}),
            "carry_over": ("POST", "/carry-over", {"due_on": on(90)}),
        }
        amending = {"amend": ("PATCH", "", {"state": "done"})}
        amended_there = f"{first}/plan/actions/{worst['id']}"
        assert await try_acts(client, f"{path}/plan", acts) == {"add_action", "carry_over"}
        assert await try_acts(client, f"{first}/plan", acts) == set(), "it is closed"
        assert await try_acts(client, amended_there, amending) == set()
        foreign = await client.post(f"{path}/plan/carry-over", json={"actions": [worst["id"]], "due_on": on(90)})
        assert (foreign.status_code, foreign.json()["code"]) == (404, "action_not_found")
        chosen = [plan["left_over"][1]["id"]]
        carried = await client.post(f"{path}/plan/carry-over", json={"actions": chosen, "due_on": on(90)})
        assert carried.status_code == 200, carried.text
        [one] = carried.json()["actions"]
        assert (one["text"], one["origin"], one["due_on"], one["state"]) == (
            "Refaire le site",
            "carried",
            on(90),
            "todo",
        )
        assert [one["text"] for one in carried.json()["left_over"]] == ["Former l'équipe"]


async def test_who_changed_an_action_is_told_inside_only(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own = await arranged(membership, structure_of, "A")
    async with membership.client("member", member_id=own) as client:
        path = await submitted(client)
        action = f"{path}/plan/actions/{(await client.get(f'{path}/plan')).json()['actions'][0]['id']}"
        changed = await amended(client, action, state="doing")
        assert [one["by"] for one in changed.json()["changes"]] == ["test-member"]
    async with membership.client("network") as client:
        assert [one["by"] for one in (await client.get(action)).json()["changes"]] == [None]
