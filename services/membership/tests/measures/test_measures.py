"""Suspension, reinstatement, exclusion: what the board may pronounce, and the right to be heard before it does.

The right to be heard is decided in ADR 0021; its fifteen days are dated data, `assumed`: the statutes were not read.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.contracts.membership import MemberLeft, MemberReinstated, MemberSuspended
from common.dated import rule_on
from common.errors import Refusal
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.measures.domain import (
    Answer,
    AnswerForm,
    DaysInconsistent,
    Measure,
    MeasureClosed,
    MeasureKind,
    MeasureStatus,
    NotHeard,
    Notification,
    NotificationMeans,
    NotificationNotNeeded,
    NotNotified,
    OpenedLater,
    abandon,
    answer,
    decidable_from,
    notify,
    require_heard,
    require_votable,
    settle,
)
from membership.measures.queries import hearing_rules

from ..arrangements import admitted_by
from ..departures.test_departures import joined, told
from ..members.test_dates import on
from ..sittings.test_minutes import act

OPENED = date(2026, 3, 1)
TOLD = date(2026, 3, 10)
EARLIEST = date(2026, 3, 25)
RULE = rule_on(hearing_rules(), OPENED)
SOMEBODY: dict[str, Any] = {"recorded_at": datetime(2026, 3, 10, tzinfo=UTC), "recorded_by": "somebody"}
LETTER = Notification(TOLD, NotificationMeans.REGISTERED_LETTER, "AR 1", **SOMEBODY)
EXCLUSION = Measure(
    UUID(int=1), UUID(int=2), MeasureKind.EXCLUSION, "cotisations impayées", OPENED, OPENED, hearing_days=RULE.days
)
NOTIFIED = notify(EXCLUSION, LETTER, TOLD)


@pytest.mark.parametrize(
    ("measure", "held_on", "refusal"),
    [
        pytest.param(EXCLUSION, date(2026, 12, 1), NotNotified, id="jamais informée"),
        pytest.param(NOTIFIED, EARLIEST - timedelta(days=1), NotHeard, id="quatorze jours : trop tôt"),
        pytest.param(NOTIFIED, EARLIEST, None, id="quinze jours : le conseil peut décider"),
        pytest.param(
            notify(NOTIFIED, replace(LETTER, received_on=date(2026, 3, 20)), date(2026, 3, 20)),
            EARLIEST,
            NotHeard,
            id="notifiée de nouveau : le délai repart",
        ),
        pytest.param(replace(EXCLUSION, kind=MeasureKind.SUSPENSION), EARLIEST, NotNotified, id="suspension : de même"),
        pytest.param(
            replace(EXCLUSION, kind=MeasureKind.REINSTATEMENT), OPENED, None, id="réintégration : aucun délai"
        ),
    ],
)
def test_whom_a_measure_threatens_is_heard_first(
    measure: Measure, held_on: date, refusal: type[Refusal] | None
) -> None:
    assert (RULE.days, RULE.status) == (15, "assumed")
    if refusal is None:
        require_heard(measure, held_on)
    else:
        with pytest.raises(refusal):
            require_heard(measure, held_on)


def test_the_first_day_on_which_the_board_may_decide_is_told() -> None:
    assert decidable_from(NOTIFIED) == EARLIEST
    assert decidable_from(EXCLUSION) is None


GIVEN = Answer(date(2026, 3, 12), AnswerForm.WRITTEN, "Un échéancier a été demandé.", **SOMEBODY)


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        pytest.param(lambda: answer(EXCLUSION, GIVEN, TOLD), NotNotified, id="répondre avant d'être informée"),
        pytest.param(lambda: answer(NOTIFIED, GIVEN, TOLD), DaysInconsistent, id="une réponse datée de l'avenir"),
        pytest.param(
            lambda: answer(NOTIFIED, replace(GIVEN, given_on=OPENED), EARLIEST),
            DaysInconsistent,
            id="une réponse d'avant la lettre",
        ),
        pytest.param(
            lambda: notify(EXCLUSION, replace(LETTER, received_on=date(2026, 2, 1)), TOLD),
            DaysInconsistent,
            id="une lettre d'avant l'ouverture",
        ),
        pytest.param(
            lambda: notify(EXCLUSION, LETTER, OPENED), DaysInconsistent, id="une lettre qui n'est pas encore reçue"
        ),
        pytest.param(
            lambda: notify(replace(EXCLUSION, kind=MeasureKind.REINSTATEMENT), LETTER, TOLD),
            NotificationNotNeeded,
            id="rien n'est reproché à qui l'on réintègre",
        ),
        pytest.param(lambda: abandon(abandon(EXCLUSION)), MeasureClosed, id="abandonnée deux fois"),
        pytest.param(
            lambda: notify(abandon(EXCLUSION), LETTER, TOLD), MeasureClosed, id="notifiée une fois abandonnée"
        ),
        pytest.param(
            lambda: require_votable(EXCLUSION, OPENED - timedelta(days=1)),
            OpenedLater,
            id="ouverte après la séance",
        ),
        pytest.param(
            lambda: settle(
                abandon(EXCLUSION),
                MeasureStatus.PRONOUNCED,
                sitting_id=UUID(int=3),
                decided_on=EARLIEST,
                effective_on=EARLIEST,
            ),
            MeasureClosed,
            id="décidée une fois abandonnée",
        ),
    ],
)
def test_what_cannot_be(attempt: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        attempt()


def test_a_structure_answers_as_often_as_it_likes() -> None:
    twice = answer(answer(NOTIFIED, GIVEN, EARLIEST), replace(GIVEN, form=AnswerForm.HEARD), EARLIEST)
    assert [one.form for one in twice.answers] == [AnswerForm.WRITTEN, AnswerForm.HEARD]


async def opened(client: httpx.AsyncClient, path: str, kind: str) -> dict[str, Any]:
    answered = await client.post(f"{path}/measures", json={"kind": kind, "grounds": "Cotisations impayées."})
    assert answered.status_code == 201, answered.text
    return dict(answered.json())


async def sat(client: httpx.AsyncClient, day: int, vote: dict[str, Any]) -> str:
    """The board sits on a day, and votes; return the sitting's path."""
    body = {"held_on": on(day), "in_office": 9, "present": 9, "minutes_reference": f"PV-J{day}"}
    path = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
    voted = await act(client, path, "POST", "decisions", decisions=[{"votes_for": 9, **vote}])
    assert voted.status_code == 200, voted.text
    return path


NOTICE = {"means": "registered_letter", "proof": "AR 2C 000 000 0000 0"}


RUN = {"notify": ("POST", "/notifications", {"received_on": on(0), **NOTICE}), "abandon": ("POST", "/abandon", {})}


@pytest.mark.parametrize(
    ("kind", "abandoned", "possible"),
    [
        pytest.param("exclusion", False, {"notify", "abandon"}, id="à notifier"),
        pytest.param("exclusion", True, set(), id="abandonnée"),
    ],
)
async def test_a_measure_says_what_running_it_answers(
    membership: ServiceUnderTest, arranged: Arrange, kind: str, abandoned: bool, possible: set[str]
) -> None:
    [own] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        procedure = f"/measures/{(await opened(client, own, kind))['id']}"
        if abandoned:
            await act(client, procedure, "POST", "abandon")
        assert await try_acts(client, procedure, RUN) == possible


async def test_a_structure_is_told_when_it_may_answer(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    said = {"answer": ("POST", "/answers", {"text": "Un échéancier a été demandé."})}
    async with membership.client("network", "board") as client:
        procedure = f"/measures/{(await opened(client, path, 'exclusion'))['id']}"
        await act(client, procedure, "POST", "notifications", received_on=on(0), **NOTICE)
        async with membership.client("member", member_id=UUID(path.rpartition("/")[2])) as structure:
            assert await try_acts(structure, procedure, said) == {"answer"}
            await act(client, procedure, "POST", "abandon")
            assert await try_acts(structure, procedure, said) == set()


async def test_a_member_is_heard_and_then_excluded(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
        procedure = f"/measures/{measure['id']}"
        assert measure["hearing"]["days"] == 15
        assert measure["hearing"]["decidable_from"] is None
        assert measure["allowed_actions"] == ["notify", "abandon"]
    member = UUID(path.rpartition("/")[2])
    async with membership.client("member", member_id=member) as client:
        assert (await client.get(procedure)).status_code == 404
        assert (await client.get("/measures")).json()["items"] == []
    async with membership.client("network") as client:
        notified = await act(client, procedure, "POST", "notifications", received_on=on(0), **NOTICE)
        assert notified.json()["hearing"]["decidable_from"] == on(15)
    async with membership.client("member", member_id=member) as client:
        assert (await client.get(procedure)).json()["allowed_actions"] == ["answer"]
        heard = await act(client, procedure, "POST", "answers", form="heard", text="Entendue.")
        assert (heard.status_code, heard.json()["code"]) == (403, "recorded_by_others")
        said = await act(client, procedure, "POST", "answers", text="Un échéancier a été demandé.")
        assert said.status_code == 201, said.text
        assert said.json()["answers"][0]["given_on"] == on(0)
    vote = {"matter_id": measure["id"], "outcome": "pronounced", "votes_for": 7, "votes_against": 2}
    async with membership.days_later(14) as early, early.client("network", "board") as client:
        body = {"held_on": on(14), "in_office": 9, "present": 9, "minutes_reference": "PV-J14"}
        sitting = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
        refused = await act(client, sitting, "POST", "decisions", decisions=[vote])
        assert (refused.status_code, refused.json()["code"]) == (409, "not_heard")
        assert refused.json()["decidable_from"] == on(15)
        assert (await client.get("/measures", params={"decidable_on": on(14)})).json()["items"] == []
        assert len((await client.get("/measures", params={"decidable_on": on(15)})).json()["items"]) == 1
    async with membership.days_later(15) as later, later.client("network", "board") as client:
        sitting = await sat(client, 15, vote)
        assert (await client.get(path)).json()["status"] == "active"
        closed = await act(client, sitting, "POST", "close")
        assert closed.status_code == 200, closed.text
        [decision] = closed.json()["decisions"]
        assert (decision["kind"], decision["outcome_label"]) == ("exclusion", "prononcée")
        excluded = (await client.get(path)).json()
        assert (excluded["status"], excluded["left_on"], excluded["departure_cause"]) == ("left", on(15), "excluded")
        settled = (await client.get(procedure)).json()
        assert (settled["status"], settled["effective_on"], settled["allowed_actions"]) == ("pronounced", on(15), [])
        assert (await act(client, path, "POST", "departure/withdraw", reason="-")).json()["code"] == (
            "no_departure_announced"
        )
        [row] = await later.rows(
            "SELECT minutes FROM sitting WHERE minutes IS NOT NULL AND held_on = :day", day=date.fromisoformat(on(15))
        )
        [written] = row.minutes["decisions"]
        assert (written["kind"], written["grounds"]) == ("Exclusion", "Cotisations impayées.")
        assert "la structure a répondu : par écrit" in written["heard"]
        assert [one.partition(" :")[0] for one in row.minutes["reservations"]] == [
            "Règle de quorum",
            "Délai pour être entendue",
        ]
    fact = (await membership.published())[-1]
    assert isinstance(fact, MemberLeft)
    assert (fact.state.departure_cause, fact.state.status) == ("excluded", "left")


async def test_a_member_is_suspended_and_reinstated(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        early = await client.post(f"{path}/measures", json={"kind": "reinstatement", "grounds": "x"})
        assert (early.status_code, early.json()["code"]) == (409, "not_suspended")
        suspension = await opened(client, path, "suspension")
        twice = await client.post(f"{path}/measures", json={"kind": "exclusion", "grounds": "x"})
        assert (twice.status_code, twice.json()["code"]) == (409, "measure_already_open")
        await act(client, f"/measures/{suspension['id']}", "POST", "notifications", received_on=on(0), **NOTICE)
    async with membership.days_later(20) as later, later.client("network", "board") as client:
        sitting = await sat(client, 20, {"matter_id": suspension["id"], "outcome": "pronounced"})
        assert (await act(client, sitting, "POST", "close")).status_code == 200
        suspended = (await client.get(path)).json()
        assert (suspended["status"], suspended["status_label"]) == ("suspended", "suspendue")
        reinstatement = await opened(client, path, "reinstatement")
        assert reinstatement["hearing"] is None
        body = {"held_on": on(20), "in_office": 9, "present": 9, "minutes_reference": "PV-bis"}
        second = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
        vote = {"matter_id": reinstatement["id"], "outcome": "pronounced", "votes_for": 9, "effective_on": on(30)}
        await act(client, second, "POST", "decisions", decisions=[vote])
        assert (await act(client, second, "POST", "close")).status_code == 200
        announced = (await client.get(path)).json()
        assert (announced["status"], announced["upcoming"][0]["effective_on"]) == ("suspended", on(30))
    async with membership.days_later(30) as that_day, that_day.client("network") as client:
        assert (await client.get(path)).json()["status"] == "active"
    kinds = [type(fact) for fact in await membership.published()]
    assert kinds[-2:] == [MemberSuspended, MemberReinstated]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("admitted", "outcome_unfit"), ("pronounced", "not_notified")],
    ids=["une exclusion n'est pas « admise »", "prononcée sans que la structure soit informée"],
)
async def test_a_vote_that_cannot_be_on_a_measure(
    membership: ServiceUnderTest, arranged: Arrange, outcome: str, code: str
) -> None:
    [own] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, own, "exclusion")
        body = {"held_on": on(0), "in_office": 9, "present": 9, "minutes_reference": "PV-2"}
        sitting = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
        vote = {"matter_id": measure["id"], "outcome": outcome, "votes_for": 9}
        assert (await act(client, sitting, "POST", "decisions", decisions=[vote])).json()["code"] == code


async def test_the_board_may_refuse_or_adjourn_what_was_not_notified(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
        vote = {"matter_id": measure["id"], "outcome": "refused", "votes_for": 1, "votes_against": 8}
        sitting = await sat(client, 0, vote)
        assert (await act(client, sitting, "POST", "close")).status_code == 200
        assert (await client.get(f"/measures/{measure['id']}")).json()["status"] == "refused"
        assert (await client.get(path)).json()["status"] == "active"
        assert (await opened(client, path, "suspension"))["status"] == "open"


async def test_an_exclusion_takes_the_place_of_a_resignation_to_come(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
        await act(client, f"/measures/{measure['id']}", "POST", "notifications", received_on=on(0), **NOTICE)
        await told(client, path)
    async with membership.days_later(16) as later, later.client("network", "board") as client:
        sitting = await sat(client, 16, {"matter_id": measure["id"], "outcome": "pronounced"})
        closed = await act(client, sitting, "POST", "close")
        assert closed.status_code == 200, closed.text
        excluded = (await client.get(path)).json()
        assert (excluded["departure_cause"], excluded["upcoming"]) == ("excluded", [])
        assert (await client.get(path, params={"as_of": on(300)})).json()["departure_cause"] == "excluded"


async def test_who_left_meanwhile_is_not_excluded_and_holds_nobody_up(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
        await act(client, f"/measures/{measure['id']}", "POST", "notifications", received_on=on(0), **NOTICE)
    async with membership.days_later(16) as later, later.client("network", "board") as client:
        sitting = await sat(client, 16, {"matter_id": measure["id"], "outcome": "pronounced"})
        await told(client, path, received_on=on(16), notice_waived=True)
        refused = await act(client, sitting, "POST", "close")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_member")
        assert (await client.get(sitting)).json()["status"] == "open"
        assert (await client.get("/measures", params={"decidable_on": on(16)})).json()["items"] == []
        again = await client.post("/applications/again", json={"member_id": path.rpartition("/")[2]})
        assert again.status_code == 201, again.text
        assert (await client.get(f"/measures/{measure['id']}")).json()["status"] == "abandoned"


async def test_nobody_runs_or_foresees_a_measure_about_its_own_structure(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
        member = UUID(path.rpartition("/")[2])
        procedure = f"/measures/{measure['id']}"
        async with membership.client("board", member_id=member) as concerned:
            assert (await concerned.get(procedure)).status_code == 404
            assert (await concerned.get("/measures")).json()["items"] == []
            another = await concerned.post(f"{path}/measures", json={"kind": "suspension", "grounds": "x"})
            assert (another.status_code, another.json()["code"]) == (403, "own_measure")
            await act(client, procedure, "POST", "notifications", received_on=on(0), **NOTICE)
            assert (await concerned.get(procedure)).json()["allowed_actions"] == ["answer"]
            refused = await act(concerned, procedure, "POST", "abandon")
            assert (refused.status_code, refused.json()["code"]) == (403, "own_measure")


async def test_who_reads_and_runs_measures(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [path] = await arranged(membership, admitted_by, joined, "A")
    async with membership.client("network", "board") as client:
        measure = await opened(client, path, "exclusion")
    procedure = f"/measures/{measure['id']}"
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(procedure)).json()["allowed_actions"] == []
        assert (await act(client, procedure, "POST", "abandon")).status_code == 403
    async with membership.client("delegation", delegation="bretagne") as client:
        assert (await client.get(procedure)).status_code == 404
        assert (await client.get("/measures")).json()["items"] == []
    async with membership.client("finance") as client:
        assert (await client.get(procedure)).status_code == 403
    async with membership.client("board") as client:
        abandoned = await act(client, procedure, "POST", "abandon")
        assert (abandoned.json()["status_label"], abandoned.json()["allowed_actions"]) == ("abandonnée", [])
