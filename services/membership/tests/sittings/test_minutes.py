"""A sitting as data: who came and for whom, the agenda, the reservations, and the minutes that say it all."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.dated import rule_on
from common.testing.harness import ServiceUnderTest
from membership.sittings.domain import (
    Attendance,
    AttendanceInconsistent,
    Attendee,
    Presence,
    QuorumRule,
    counted,
    require_usable,
)
from membership.sittings.queries import quorum_rules

from ..members.test_dates import change, on
from ..members.test_register import receive, structure
from .test_rules import HELD

RULE: QuorumRule = rule_on(quorum_rules(), HELD)


def board(*lines: str) -> list[Attendee]:
    """Read « Nom présence [mandataire] », one a line."""
    found = []
    for line in lines:
        name, presence, *proxy = line.split()
        found.append(Attendee(name, None, Presence(presence), proxy[0] if proxy else None))
    return found


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        pytest.param(["A present", "B present", "C absent", "D excused"], (4, 2, 0), id="absents et excusés comptés"),
        pytest.param(["A present", "B represented A", "C represented A"], (3, 1, 2), id="deux pouvoirs pour un"),
        pytest.param([], (0, 0, 0), id="personne"),
    ],
)
def test_those_who_came_are_counted(lines: list[str], counts: tuple[int, int, int]) -> None:
    assert counted(board(*lines), len(lines), RULE) == Attendance(*counts)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        pytest.param(["A present", "A absent"], "A figure 2 fois", id="deux fois le même nom"),
        pytest.param(["A present", "B represented"], "B : un pouvoir", id="représenté sans pouvoir"),
        pytest.param(["A present", "B present A"], "B : un pouvoir", id="présent, et un pouvoir"),
        pytest.param(["A absent", "B represented A"], "A, qui n'est pas là", id="pouvoir à un absent"),
        pytest.param(["A present", "B represented Z"], "Z, qui n'est pas là", id="pouvoir à un inconnu"),
        pytest.param(["B represented B"], "B, qui n'est pas là", id="pouvoir à soi-même"),
        pytest.param(
            ["A present", "B represented A", "C represented A", "D represented A"],
            "A tient 3 pouvoirs ; 2 au plus",
            id="trop de pouvoirs",
        ),
    ],
)
def test_an_attendance_that_does_not_hold_together(lines: list[str], why: str) -> None:
    with pytest.raises(AttendanceInconsistent, match=why):
        counted(board(*lines), len(lines), RULE)


def test_a_list_that_leaves_somebody_out_does_not_lower_the_quorum() -> None:
    with pytest.raises(AttendanceInconsistent, match="28 administrateurs en fonction ; la liste en donne 1"):
        counted(board("A present"), 28, RULE)


@pytest.mark.parametrize(
    ("present", "represented", "usable"), [(1, 2, True), (1, 3, False), (0, 1, False), (0, 0, True)]
)
def test_counts_respect_the_number_of_proxies_too(present: int, represented: int, usable: bool) -> None:
    attendance = Attendance(28, present, represented)
    if usable:
        require_usable(attendance, RULE)
    else:
        with pytest.raises(AttendanceInconsistent):
            require_usable(attendance, RULE)


async def sitting(client: httpx.AsyncClient) -> str:
    body = {"held_on": on(0), "in_office": 3, "present": 3, "minutes_reference": "PV-1"}
    return f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"


async def act(client: httpx.AsyncClient, path: str, method: str, under: str, **body: Any) -> httpx.Response:
    etag = (await client.get(path)).headers["etag"]
    return await client.request(method, f"{path}/{under}", json=body, headers={"If-Match": etag})


ATTENDEES = [
    {"name": "Camille EXEMPLE", "capacity": "Délégation Occitanie", "presence": "present"},
    {"name": "Sacha FICTIF", "capacity": "Délégation Bretagne", "presence": "represented", "proxy": "Camille EXEMPLE"},
    {"name": "Dominique MODÈLE", "presence": "excused"},
]


async def test_a_sitting_is_told_in_full_and_its_minutes_printed(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("L'Étoile"))
        agenda = [
            {"title": "Procès-verbal de la séance précédente", "record": "Approuvé à l'unanimité."},
            {"title": "Candidature de L'Étoile", "matter_id": application["id"]},
        ]
        assert (await act(client, path, "PUT", "agenda", items=agenda)).status_code == 200
        attended = await act(client, path, "PUT", "attendance", attendees=ATTENDEES)
        assert attended.json()["quorum"]["taking_part"] == 2
        assert (attended.json()["in_office"], attended.json()["represented"]) == (3, 1)
        [undecided] = [b for b in attended.json()["blockers"]["close"] if b["code"] == "agenda_undecided"]
        assert undecided["message"] == "À l'ordre du jour et sans décision : Candidature de L'Étoile."
        vote: dict[str, Any] = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 2}
        without = await act(client, path, "POST", "decisions", decisions=[vote])
        assert (without.status_code, without.json()["code"]) == (409, "documents_outstanding")
        assert "Statuts à jour, signés" in without.json()["documents"]
        vote["reservations"] = ["Statuts à fournir avant le 1er juin"]
        assert (await act(client, path, "POST", "decisions", decisions=[vote])).status_code == 200
        draft = await client.get(f"{path}/minutes/draft")
        assert draft.content.startswith(b"%PDF-")
        assert (await client.get(f"{path}/minutes")).json()["code"] == "file_missing"
        closed = await act(client, path, "POST", "close")
        assert closed.status_code == 200, closed.text
        await membership.run_jobs()
        printed = await client.get(f"{path}/minutes")
        assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
        assert closed.json()["decisions"][0]["reservations"] == ["Statuts à fournir avant le 1er juin"]
    [row] = await membership.rows("SELECT minutes FROM sitting")
    assert row.minutes["attendance"][1]["presence"] == "représenté par Camille EXEMPLE"
    assert row.minutes["agenda"][1]["outcome"] == "Candidature admise."
    assert row.minutes["decisions"][0]["name"] == "L'Étoile"
    assert row.minutes["draft"] is False


async def test_what_the_minutes_say_does_not_change_with_the_register(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("AVANT"))
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
        await act(client, path, "POST", "decisions", decisions=[vote])
        await act(client, path, "POST", "close")
        await membership.run_jobs()
        before = (await client.get(f"{path}/minutes")).content
        renamed = await change(client, f"/members/{application['member_id']}", name="APRÈS")
        assert renamed["name"] == "APRÈS"
        assert (await client.get(f"{path}/minutes")).content == before
        assert (await client.get(f"{path}/minutes/draft")).json()["code"] == "sitting_closed"
    [row] = await membership.rows("SELECT minutes FROM sitting")
    assert row.minutes["decisions"][0]["name"] == "AVANT"


@pytest.mark.parametrize(
    ("under", "body", "code"),
    [
        pytest.param(
            "attendance",
            {"attendees": [{"name": "A", "presence": "represented", "proxy": "B"}]},
            "attendance_inconsistent",
            id="un pouvoir à personne",
        ),
        pytest.param(
            "agenda",
            {"items": [{"title": "x", "matter_id": str(UUID(int=4))}]},
            "matter_not_found",
            id="un point inconnu",
        ),
        pytest.param("agenda", {"items": [{"title": ""}]}, "validation", id="un point sans titre"),
    ],
)
async def test_what_is_refused_changes_nothing(
    membership: ServiceUnderTest, under: str, body: dict[str, Any], code: str
) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        before = await client.get(path)
        refused = await act(client, path, "PUT", under, **body)
        assert refused.json()["code"] == code
        assert (await client.get(path)).json() == before.json()


@pytest.mark.parametrize("counts", [{"present": 4}, {"in_office": 2}, {"represented": 1}, {"in_office": 1}])
async def test_no_more_take_part_than_hold_office(membership: ServiceUnderTest, counts: dict[str, int]) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        before = await client.get(path)
        corrected = await client.patch(path, json=counts, headers={"If-Match": before.headers["etag"]})
        opened = await client.post(
            "/sittings",
            json={"held_on": on(0), "minutes_reference": "PV-2", "in_office": 3, "present": 3, **counts},
        )
        for refused in (corrected, opened):
            assert (refused.status_code, refused.json()["code"]) == (400, "attendance_inconsistent")
        assert (await client.get(path)).json() == before.json()


async def test_a_vote_is_retracted_so_that_two_sittings_do_not_hold_each_other_up(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        twice, alone = [await receive(client, **structure(name)) for name in "AB"]
        first = await sitting(client)
        body = {"held_on": on(0), "in_office": 3, "present": 3, "minutes_reference": "PV-2"}
        second = f"/sittings/{(await client.post('/sittings', json=body)).json()['id']}"
        votes = [
            {"matter_id": one["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
            for one in (twice, alone)
        ]
        await act(client, first, "POST", "decisions", decisions=votes[:1])
        await act(client, second, "POST", "decisions", decisions=votes)
        assert (await act(client, first, "POST", "close")).status_code == 200
        assert (await act(client, second, "POST", "close")).json()["code"] == "application_decided"
        retracted = await act(client, second, "POST", f"decisions/{twice['id']}/retract")
        assert [one["matter_id"] for one in retracted.json()["decisions"]] == [alone["id"]]
        again = await act(client, second, "POST", f"decisions/{twice['id']}/retract")
        assert (again.status_code, again.json()["code"]) == (404, "decision_not_found")
        assert (await act(client, second, "POST", "close")).status_code == 200


async def test_who_came_bears_the_votes_already_recorded(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("A"))
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
        await act(client, path, "POST", "decisions", decisions=[vote])
        refused = await act(client, path, "PUT", "attendance", attendees=ATTENDEES)
        assert (refused.status_code, refused.json()["code"]) == (400, "votes_inconsistent")
        etag = (await client.get(path)).headers["etag"]
        fewer = await client.patch(path, json={"present": 2}, headers={"If-Match": etag})
        assert fewer.json()["code"] == "votes_inconsistent"


async def test_an_open_sitting_is_corrected(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        await client.post("/sittings", json={"held_on": on(5), "in_office": 28, "minutes_reference": "PV-2"})
        etag = (await client.get(path)).headers["etag"]
        body = {"held_on": on(7), "in_office": 5, "minutes_reference": "PV-3"}
        moved = await client.patch(path, json=body, headers={"If-Match": etag})
        shown = moved.json()
        assert (shown["held_on"], shown["in_office"], shown["minutes_reference"]) == (on(7), 5, "PV-3")
        taken = await client.patch(
            path, json={"minutes_reference": "PV-2"}, headers={"If-Match": moved.headers["etag"]}
        )
        assert (taken.status_code, taken.json()["code"]) == (409, "minutes_reference_taken")


async def test_what_is_voted_is_on_the_agenda_where_there_is_one(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        announced, stray = [await receive(client, **structure(name)) for name in "AB"]
        item = {"title": "A", "matter_id": announced["id"]}
        twice = await act(client, path, "PUT", "agenda", items=[item, item])
        assert (twice.status_code, twice.json()["code"]) == (400, "agenda_inconsistent")
        await act(client, path, "PUT", "agenda", items=[item])
        votes = [
            {"matter_id": one["id"], "outcome": "admitted", "votes_for": 3, "reservations": ["x"]}
            for one in (announced, stray)
        ]
        await act(client, path, "POST", "decisions", decisions=votes)
        assert (await act(client, path, "POST", "close")).json()["code"] == "not_on_agenda"


async def test_a_sitting_without_an_application_has_its_minutes_too(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        await act(client, path, "PUT", "agenda", items=[{"title": "Comptes 2025"}])
        assert (await act(client, path, "POST", "close")).json()["code"] == "nothing_decided"
        await act(client, path, "PUT", "agenda", items=[{"title": "Comptes 2025", "record": "Arrêtés."}])
        assert (await act(client, path, "POST", "close")).status_code == 200


async def test_a_document_refused_since_the_vote_asks_for_a_reservation(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("A"))
        file = f"/applications/{application['id']}"

        async def sent(item: str) -> str:
            form = {"file": ("a.pdf", b"%PDF-1.7", "application/pdf")}
            answer = (await client.post(f"{file}/documents", data={"item": item}, files=form)).json()
            [line] = [line for line in answer["checklist"] if line["item"] == item]
            return f"documents/{(line['to_check'] or line['document'])['id']}"

        for line in application["checklist"]:
            assert (await act(client, file, "POST", f"{await sent(line['item'])}/accept")).status_code == 200
        vote = {"matter_id": application["id"], "outcome": "admitted", "votes_for": 3}
        assert (await act(client, path, "POST", "decisions", decisions=[vote])).status_code == 200
        await sent("statutes")
        again = await sent("statutes")
        await act(client, file, "POST", f"{again}/refuse", remark="périmés")
        assert (await act(client, path, "POST", "close")).json()["code"] == "documents_outstanding"


async def test_a_closed_sitting_takes_neither_attendance_nor_agenda(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
        application = await receive(client, **structure("A"))
        vote = {"matter_id": application["id"], "outcome": "refused", "votes_for": 0, "votes_against": 3}
        await act(client, path, "POST", "decisions", decisions=[vote])
        await act(client, path, "POST", "close")
        for under, body in (("attendance", {"attendees": ATTENDEES}), ("agenda", {"items": []})):
            late = await act(client, path, "PUT", under, **body)
            assert (late.status_code, late.json()["code"]) == (409, "sitting_closed")


async def test_nobody_else_reads_the_minutes(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await sitting(client)
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.get(f"{path}/minutes/draft")).status_code == 403
    async with membership.client("board") as client:
        assert (await client.get(f"/sittings/{uuid4()}/minutes")).json()["code"] == "sitting_not_found"
