"""Who holds office on the day of a sitting: the register of the board counts, and says who came, and for whom.

Two seats a region: rapport d'activité 2024; the rest is decided in ADR 0021 and ADR 0027.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from common.errors import Refusal
from common.testing.harness import ServiceUnderTest
from membership.matters.domain import Outcome
from membership.sittings.domain import (
    AgendaItem,
    AttendanceInconsistent,
    Attendee,
    Holder,
    InOfficeBelowBoard,
    InOfficeMissing,
    InOfficeUnexplained,
    Presence,
    closing_blockers,
    concerned,
    named,
    number_in_office,
    record,
    require_explained,
)

from ..board.test_takeover import people, seat
from ..members.test_dates import TODAY, on
from ..members.test_register import receive, structure
from .test_minutes import act
from .test_rules import HELD, RULE, sitting, vote

ALPHA, BETA, GAMMA = (UUID(int=number) for number in (101, 102, 103))
"""Mandates."""
HOLDERS = {
    ALPHA: Holder("Alpha", "Camille EXEMPLE"),
    BETA: Holder("Bêta", "Sacha FICTIF"),
    GAMMA: Holder("Gamma", None),
}


@pytest.mark.parametrize(
    ("typed", "reason", "known", "expected"),
    [
        pytest.param(28, None, 0, 28, id="registre non saisi : le nombre donné"),
        pytest.param(None, None, 0, InOfficeMissing, id="registre non saisi, et aucun nombre"),
        pytest.param(None, None, 27, 27, id="le nombre du registre, sans rien saisir"),
        pytest.param(27, None, 27, 27, id="le même nombre"),
        pytest.param(28, None, 27, InOfficeUnexplained, id="un de plus, sans raison"),
        pytest.param(28, "le siège des salariés", 27, 28, id="un de plus, et la raison"),
        pytest.param(1, None, 27, InOfficeBelowBoard, id="moins : le quorum ne se baisse pas en le saisissant"),
        pytest.param(
            26, "une démission", 27, InOfficeBelowBoard, id="... même avec une raison : elle se dit au registre"
        ),
    ],
)
def test_how_many_hold_office(typed: int | None, reason: str | None, known: int, expected: int | type[Refusal]) -> None:
    def held() -> int:
        number = number_in_office(typed, known)
        require_explained(number, reason, known)
        return number

    if isinstance(expected, int):
        assert held() == expected
    else:
        with pytest.raises(expected):
            held()


def came(name: str = "", mandate: UUID | None = None, proxy: UUID | None = None, **fields: Any) -> Attendee:
    presence = Presence.REPRESENTED if proxy else Presence.PRESENT
    return Attendee(name, None, presence, mandate_id=mandate, proxy_mandate_id=proxy, **fields)


@pytest.mark.parametrize(
    ("attendees", "names"),
    [
        pytest.param([came(mandate=ALPHA)], ["Camille EXEMPLE"], id="le nom du registre"),
        pytest.param([came("Cam", ALPHA)], ["Camille EXEMPLE"], id="... quoi que l'on saisisse"),
        pytest.param([came("Autre"), came(mandate=BETA)], ["Autre", "Sacha FICTIF"], id="un autre, par le sien"),
        pytest.param([came("Jo EFFACÉ", GAMMA)], ["Jo EFFACÉ"], id="le nom donné, si le registre ne l'a plus"),
    ],
)
def test_who_holds_a_mandate_is_named_by_the_register(attendees: list[Attendee], names: list[str]) -> None:
    assert [one.name for one in named(attendees, HOLDERS, HELD)] == names


def test_a_proxy_is_given_to_a_mandate_and_homonyms_are_told_apart() -> None:
    twins = {**HOLDERS, BETA: Holder("Bêta", "Camille EXEMPLE")}
    first, second = named([came(mandate=ALPHA), came(mandate=BETA, proxy=ALPHA)], twins, HELD)
    assert (first.name, second.name) == ("Camille EXEMPLE (Alpha)", "Camille EXEMPLE (Bêta)")
    assert (second.proxy, second.proxy_mandate_id) == ("Camille EXEMPLE (Alpha)", ALPHA)


@pytest.mark.parametrize(
    ("attendees", "why"),
    [
        pytest.param([came(mandate=ALPHA), came(mandate=ALPHA)], "Le mandat de Alpha figure 2 fois", id="deux fois"),
        pytest.param([came(mandate=UUID(int=9))], "n'est pas tenu le 15 janvier 2026", id="pas tenu ce jour-là"),
        pytest.param([came(mandate=GAMMA)], "ne donne plus le nom de qui tient le mandat de Gamma", id="effacé"),
        pytest.param(
            [came(mandate=ALPHA, proxy=BETA)], "à un mandat qui n'est pas dans la liste", id="à qui n'y est pas"
        ),
    ],
)
def test_a_mandate_is_listed_once_and_held_that_day(attendees: list[Attendee], why: str) -> None:
    with pytest.raises(AttendanceInconsistent, match=why):
        named(attendees, HOLDERS, HELD)


APPLYING, OTHER = UUID(int=9), UUID(int=10)
ONE, ANOTHER = UUID(int=201), UUID(int=202)


@pytest.mark.parametrize(
    ("agenda", "voted", "seats", "found"),
    [
        pytest.param([APPLYING], False, {ALPHA: ONE, BETA: ANOTHER}, {ALPHA}, id="à l'ordre du jour"),
        pytest.param([], True, {ALPHA: ONE, BETA: ANOTHER}, {ALPHA}, id="voté sans ordre du jour"),
        pytest.param([OTHER], False, {ALPHA: ONE, BETA: ANOTHER}, set(), id="le point d'une autre"),
        pytest.param([APPLYING], False, {BETA: ANOTHER}, set(), id="le mandat n'est plus tenu"),
    ],
)
def test_whose_structure_is_concerned(
    agenda: list[UUID], voted: bool, seats: dict[UUID, UUID], found: set[UUID]
) -> None:
    listed = replace(
        sitting(),
        agenda=tuple(AgendaItem("Point", one) for one in agenda),
        attendees=(came("A", ALPHA), came("B", BETA), came("C")),
    )
    if voted:
        listed = record(listed, [vote(Outcome.ADMITTED, 18)])
    assert concerned(listed, seats, {APPLYING: ONE, OTHER: UUID(int=7)}).keys() == found


@pytest.mark.parametrize(
    ("known", "reason", "codes"),
    [
        pytest.param(0, None, [], id="registre non saisi"),
        pytest.param(28, None, [], id="le registre dit autant"),
        pytest.param(27, None, ["in_office_unexplained"], id="un mandat a pris fin depuis"),
        pytest.param(27, "le siège des salariés", [], id="... et l'on a dit pourquoi"),
        pytest.param(29, "le siège des salariés", ["in_office_below_board"], id="un mandat de plus depuis"),
    ],
)
def test_a_sitting_closes_with_the_board_of_its_day(known: int, reason: str | None, codes: list[str]) -> None:
    voted = replace(record(sitting(), [vote(Outcome.ADMITTED, 18)]), in_office_reason=reason)
    seats = {UUID(int=number): UUID(int=number) for number in range(known)}
    assert [blocker.code for blocker in closing_blockers(voted, RULE, seats, HELD)] == codes


def test_a_mandate_that_ended_since_asks_for_the_names_again() -> None:
    listed = replace(record(sitting(), [vote(Outcome.ADMITTED, 18)]), attendees=(came("A", ALPHA), came("C")))
    [blocker] = closing_blockers(listed, RULE, {}, HELD)
    assert (blocker.code, "d'après le registre : A." in blocker.message) == ("attendance_inconsistent", True)


async def entered(client: httpx.AsyncClient, who: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """Enter the two mandates of a board; return their ids."""
    ids = []
    for name in ("AVIE", "ENVIE"):
        answer = await client.post("/board/mandates", json=seat(**who[name]))
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids[0], ids[1]


def meeting(**fields: Any) -> dict[str, Any]:
    return {"held_on": on(0), "minutes_reference": "PV-1", **fields}


async def test_a_typed_number_does_not_make_the_quorum(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        alone = await client.post("/sittings", json=meeting(in_office=1, present=1))
        assert (alone.status_code, alone.json()["in_office_known"]) == (201, 0), "no board is entered yet"
        nobody = await client.post("/sittings", json=meeting(minutes_reference="PV-2"))
        assert (nobody.status_code, nobody.json()["code"]) == (400, "in_office_missing")
        await entered(client, who)
        path = f"/sittings/{alone.json()['id']}"
        shown = (await client.get(path)).json()
        assert (shown["in_office"], shown["in_office_known"]) == (1, 2)
        assert "in_office_below_board" in [one["code"] for one in shown["blockers"]["close"]]
        vote = {"matter_id": (await receive(client, **structure("A")))["id"], "outcome": "refused", "votes_for": 0}
        await act(client, path, "POST", "decisions", decisions=[vote])
        refused = await act(client, path, "POST", "close")
        assert (refused.status_code, refused.json()["code"]) == (409, "in_office_below_board")
        again = await client.post("/sittings", json=meeting(in_office=1, present=1, minutes_reference="PV-2"))
        assert (again.status_code, again.json()["code"]) == (409, "in_office_below_board")
        too_many = await client.post("/sittings", json=meeting(present=3, minutes_reference="PV-2"))
        assert (too_many.status_code, too_many.json()["code"]) == (400, "attendance_inconsistent")
        followed = await client.post("/sittings", json=meeting(present=1, minutes_reference="PV-2"))
        assert (followed.json()["in_office"], followed.json()["quorum"]["needed"]) == (2, 1)
        assert {one["in_office_known"] for one in (await client.get("/sittings")).json()["items"]} == {2}


async def test_more_in_office_than_the_register_knows_has_a_reason(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        await entered(client, await people(membership, client))
        body = meeting(in_office=3, present=2)
        refused = await client.post("/sittings", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "in_office_unexplained")
        opened = await client.post("/sittings", json={**body, "in_office_reason": "Le siège des salariés."})
        assert opened.status_code == 201, opened.text
        path = f"/sittings/{opened.json()['id']}"

        async def amend(**fields: Any) -> httpx.Response:
            return await client.patch(path, json=fields, headers={"If-Match": (await client.get(path)).headers["etag"]})

        another = await amend(in_office=4)
        assert another.json()["code"] == "in_office_unexplained", "the reason was for another number"
        same = await amend(in_office=3, present=2)
        assert (same.status_code, same.json()["in_office_reason"]) == (200, "Le siège des salariés.")
        over = await amend(present=9)
        assert (over.status_code, over.json()["code"]) == (400, "attendance_inconsistent")
        await act(client, path, "PUT", "agenda", items=[{"title": "Comptes", "record": "Arrêtés."}])
        closed = await act(client, path, "POST", "close")
        assert closed.status_code == 200, closed.text
        await membership.run_jobs()
        assert (await client.get(f"{path}/minutes")).content.startswith(b"%PDF-")
    [row] = await membership.rows("SELECT minutes FROM sitting WHERE minutes_reference = 'PV-1'")
    assert row.minutes["board"] == (
        "Mandats tenus ce jour d'après le registre du conseil : 2. En fonction : 3."
        " Motif de la différence : Le siège des salariés."
    )


async def test_those_who_came_are_known_by_their_mandates(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        avie, envie = await entered(client, who)
        measure = await client.post(
            f"/members/{who['AVIE']['member_id']}/measures", json={"kind": "suspension", "grounds": "Impayés."}
        )
        path = f"/sittings/{(await client.post('/sittings', json=meeting())).json()['id']}"
        attendees: list[dict[str, Any]] = [
            {"mandate_id": avie, "presence": "present", "capacity": "Région Occitanie"},
            {"mandate_id": envie, "presence": "represented", "proxy_mandate_id": avie},
        ]
        attended = await act(client, path, "PUT", "attendance", attendees=attendees)
        assert attended.status_code == 200, attended.text
        listed = attended.json()["attendees"]
        assert [(one["name"], one["proxy"], one["concerned"]) for one in listed] == [
            ("Camille AVIE", None, False),
            ("Camille ENVIE", "Camille AVIE", False),
        ]
        assert attended.json()["quorum"]["taking_part"] == 2
        item = {"title": "Suspension", "matter_id": measure.json()["id"]}
        planned = await act(client, path, "PUT", "agenda", items=[item])
        assert [one["concerned"] for one in planned.json()["attendees"]] == [True, False]
        [shown] = [one for one in (await client.get("/sittings")).json()["items"] if one["id"] == path[-36:]]
        assert shown == (await client.get(path)).json()
        await act(client, path, "POST", "decisions", decisions=[{**REFUSED, "matter_id": item["matter_id"]}])
        assert (await client.get(f"{path}/minutes/draft")).content.startswith(b"%PDF-")
        closed = await act(client, path, "POST", "close")
        assert closed.status_code == 200, closed.text
    [row] = await membership.rows("SELECT minutes FROM sitting WHERE minutes_reference = 'PV-1'")
    assert [one["concerned"] for one in row.minutes["attendance"]] == [
        "Un point à décider concerne sa structure, AVIE.",
        "",
    ]
    assert row.minutes["attendance"][1]["presence"] == "représenté par Camille AVIE"
    assert row.minutes["board"] == "Mandats tenus ce jour d'après le registre du conseil : 2."


REFUSED = {"outcome": "refused", "votes_for": 0, "votes_against": 1}


async def test_what_the_register_does_not_say_is_refused(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        avie, envie = await entered(client, await people(membership, client))
        path = f"/sittings/{(await client.post('/sittings', json=meeting())).json()['id']}"
        for attendees, status, code in (
            ([{"mandate_id": avie}, {"mandate_id": avie}], 400, "attendance_inconsistent"),
            ([{"mandate_id": avie}, {"mandate_id": str(uuid4())}], 400, "attendance_inconsistent"),
            ([{"mandate_id": avie}], 400, "attendance_inconsistent"),
            ([{"mandate_id": avie}, {}], 422, "validation"),
        ):
            listed = [{**one, "presence": "present"} for one in attendees]
            answer = await act(client, path, "PUT", "attendance", attendees=listed)
            assert (answer.status_code, answer.json()["code"]) == (status, code), attendees
        listed = [{"mandate_id": one, "presence": "present"} for one in (avie, envie)]
        assert (await act(client, path, "PUT", "attendance", attendees=listed)).status_code == 200
        await act(client, path, "PUT", "agenda", items=[{"title": "Comptes", "record": "Arrêtés."}])
        over = await act(client, f"/board/mandates/{envie}", "POST", "end", end="resigned", reason="lettre")
        assert over.status_code == 200, over.text
        codes = [one["code"] for one in (await client.get(path)).json()["blockers"]["close"]]
        assert codes == ["in_office_unexplained", "attendance_inconsistent"]
        etag = (await client.get(path)).headers["etag"]
        before = (TODAY - timedelta(days=1)).isoformat()
        moved = await client.patch(path, json={"held_on": before}, headers={"If-Match": etag})
        assert (moved.json()["in_office_known"], moved.json()["blockers"]) == (2, {}), "the eve, it was held"
        assert (await act(client, path, "POST", "close")).status_code == 200


BEFORE = """
UPDATE sitting SET attendees = '[{"name": "A", "capacity": null, "presence": "present", "proxy": null}]',
    minutes = jsonb_set(minutes - 'board', '{attendance}', '[{"name": "A", "capacity": "", "presence": "présent"}]')
"""


async def test_what_the_version_before_wrote_is_read_and_printed(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = f"/sittings/{(await client.post('/sittings', json=meeting(in_office=1, present=1))).json()['id']}"
        await act(client, path, "PUT", "agenda", items=[{"title": "Comptes", "record": "Arrêtés."}])
        assert (await act(client, path, "POST", "close")).status_code == 200
        connection = await asyncpg.connect(membership.runtime.settings.database_url)
        try:
            await connection.execute(BEFORE)
        finally:
            await connection.close()
        [attendee] = (await client.get(path)).json()["attendees"]
        assert (attendee["name"], attendee["mandate_id"], attendee["concerned"]) == ("A", None, False)
        await membership.run_jobs()
        assert (await client.get(f"{path}/minutes")).content.startswith(b"%PDF-")
