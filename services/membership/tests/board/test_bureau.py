"""Seats of employees, and the bureau: who is what from a day on, under the names of that day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from common.dated import rule_on
from common.errors import Refusal
from common.testing.acts import try_acts
from common.testing.harness import ServiceUnderTest
from membership.board.domain import (
    BoardMandate,
    BureauDaysInconsistent,
    BureauFunction,
    BureauFunctionHeld,
    BureauFunctionUnknown,
    BureauOutsideBoard,
    BureauTerm,
    BureauTermEnded,
    Elected,
    Place,
    SeatScope,
    end,
    name,
    require_function,
)
from membership.board.queries import board_rules, bureau_rules

from ..assemblies.test_assembly import act, person_of
from ..members.test_dates import TODAY, change, on
from ..people.test_personal_data import kept
from .test_takeover import people, seat

SINCE, UNTIL = date(2024, 6, 12), date(2027, 6, 12)
DAY = date(2026, 11, 22)


def mandate(number: int, **fields: Any) -> BoardMandate:
    place, elected = Place(SeatScope.REGION, "occitanie", number), Elected(UUID(int=number), UUID(int=100 + number))
    return replace(BoardMandate(UUID(int=number), place, elected, SINCE, UNTIL, None, source="PV"), **fields)


def term(number: int, since: date = DAY, **fields: Any) -> BureauTerm:
    return replace(BureauTerm(UUID(int=50 + number), "president", mandate(number), since, "PV"), **fields)


ALONE, SEVERAL = BureauFunction("president", "présidence", 1), BureauFunction("pilot", "pilotage", 2)
BEFORE = term(1, SINCE)
EARLIER, LATER = date(2025, 1, 1), date(2025, 7, 1)
TAKEN_BACK = term(1, LATER, ended_on=LATER)
UNSEATED = term(1, LATER, mandate=mandate(1, ended_on=SINCE))


@pytest.mark.parametrize(
    ("function", "named", "known", "expected"),
    [
        pytest.param(ALONE, term(2), [], None, id="personne ne l'avait"),
        pytest.param(ALONE, term(2), [BEFORE], (BEFORE.id, DAY), id="une succession"),
        pytest.param(ALONE, term(2), [replace(BEFORE, ended_on=date(2025, 1, 1))], None, id="finie avant"),
        pytest.param(
            ALONE,
            term(2),
            [term(1, SINCE, mandate=mandate(1, ended_on=date(2025, 1, 1)))],
            None,
            id="finie avec le siège",
        ),
        pytest.param(ALONE, term(1), [BEFORE], BureauFunctionHeld, id="la même personne, encore"),
        pytest.param(SEVERAL, term(2), [BEFORE], None, id="une deuxième place"),
        pytest.param(SEVERAL, term(3), [BEFORE, term(2)], BureauFunctionHeld, id="plus de place"),
        pytest.param(ALONE, term(2, DAY + timedelta(days=1)), [], BureauDaysInconsistent, id="un jour à venir"),
        pytest.param(ALONE, term(2, date(2024, 6, 11)), [], BureauOutsideBoard, id="avant son siège"),
        pytest.param(ALONE, term(2, EARLIER), [term(1)], BureauDaysInconsistent, id="avant celle qui l'a"),
        pytest.param(ALONE, term(2, EARLIER), [TAKEN_BACK], None, id="avant une reprise"),
        pytest.param(ALONE, term(1, EARLIER), [TAKEN_BACK], None, id="la même, d'un jour d'avant, une fois reprise"),
        pytest.param(ALONE, term(2, EARLIER), [UNSEATED], None, id="avant celle d'un siège retiré"),
        pytest.param(ALONE, term(2, LATER), [UNSEATED], None, id="le jour de celle d'un siège retiré"),
        pytest.param(
            ALONE,
            term(2, EARLIER, mandate=mandate(2, ended_on=LATER)),
            [term(1, LATER)],
            None,
            id="finie avec son siège quand l'autre commence",
        ),
        pytest.param(
            ALONE,
            term(2, EARLIER),
            [term(1, SINCE, ended_on=LATER)],
            BureauFunctionHeld,
            id="tenue jusqu'à un jour qui suit",
        ),
        pytest.param(SEVERAL, term(2, EARLIER), [term(1, LATER)], None, id="une autre place, tenue depuis"),
        pytest.param(
            SEVERAL,
            term(3, EARLIER),
            [term(1, LATER), term(2)],
            BureauDaysInconsistent,
            id="les deux places, tenues depuis",
        ),
        pytest.param(
            SEVERAL, term(3, EARLIER), [BEFORE, term(2, LATER)], BureauDaysInconsistent, id="la dernière, tenue depuis"
        ),
        pytest.param(
            SEVERAL,
            term(3, EARLIER),
            [term(1, SINCE, ended_on=LATER), term(2, LATER)],
            None,
            id="jamais plus de deux à la fois",
        ),
        pytest.param(SEVERAL, term(3, EARLIER), [BEFORE, term(2, LATER, ended_on=LATER)], None, id="une reprise"),
        pytest.param(SEVERAL, term(1, EARLIER), [term(1, LATER)], BureauFunctionHeld, id="la même, d'un jour d'avant"),
    ],
)
def test_who_is_named(
    function: BureauFunction,
    named: BureauTerm,
    known: list[BureauTerm],
    expected: tuple[UUID, date] | type[Refusal] | None,
) -> None:
    if isinstance(expected, type):
        with pytest.raises(expected):
            name(function, named, known, DAY)
    else:
        over = name(function, named, known, DAY)
        assert (over and (over.id, over.ended_on)) == expected


@pytest.mark.parametrize(
    ("known", "day", "refusal"),
    [
        pytest.param(BEFORE, DAY, None, id="aujourd'hui"),
        pytest.param(BEFORE, SINCE, None, id="le premier jour : saisie par erreur"),
        pytest.param(BEFORE, DAY + timedelta(days=1), BureauDaysInconsistent, id="un jour à venir"),
        pytest.param(BEFORE, date(2024, 1, 1), BureauDaysInconsistent, id="avant son premier jour"),
        pytest.param(replace(BEFORE, ended_on=DAY), DAY, BureauTermEnded, id="déjà finie"),
        pytest.param(term(1, SINCE, mandate=mandate(1, ended_on=DAY)), DAY, BureauTermEnded, id="finie avec le siège"),
    ],
)
def test_when_a_function_ends(known: BureauTerm, day: date, refusal: type[Refusal] | None) -> None:
    if refusal:
        with pytest.raises(refusal):
            end(known, day, DAY)
    else:
        assert not end(known, day, DAY).is_held_on(day)


def test_what_is_not_known_says_so() -> None:
    bureau, board = rule_on(bureau_rules(), DAY), rule_on(board_rules(), DAY)
    assert (bureau.status, board.status, board.seats_of(SeatScope.EMPLOYEES, "employees")) == ("assumed", "assumed", 2)
    assert "statuts n'ont pas été lus" in bureau.source
    assert "collège des salariés" in board.source
    assert require_function(bureau.functions, "treasurer").holders == 1
    with pytest.raises(BureauFunctionUnknown):
        require_function(bureau.functions, "king")


async def entered(client: httpx.AsyncClient, who: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.post("/board/mandates", json=seat(**who, **fields))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def named(client: httpx.AsyncClient, mandate_id: str, function: str = "president", **fields: Any) -> Any:
    body = {"function": function, "mandate_id": mandate_id, "source": "PV du conseil", **fields}
    return await client.post("/board/functions", json=body)


async def bureau(client: httpx.AsyncClient, as_of: str | None = None) -> dict[str, list[str]]:
    board = (await client.get("/board", params={"as_of": as_of} if as_of else {})).json()
    assert board["bureau_status"] == "assumed"
    return {one["function"]: [held["person"] for held in one["holders"]] for one in board["bureau"] if one["holders"]}


async def test_the_bureau_is_that_of_the_day(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        first, second = await entered(client, who["AVIE"]), await entered(client, who["ENVIE"])
        one, other = first["person"], second["person"]
        given = await named(client, first["id"], since="2025-01-10")
        assert (given.status_code, given.json()["function_label"]) == (201, "présidence"), given.text
        assert given.json()["until"] == first["until"]
        assert (await named(client, first["id"])).json()["code"] == "bureau_function_held"
        taken = await named(client, second["id"], since="2025-06-01")
        assert taken.status_code == 201, taken.text
        await named(client, first["id"], "treasurer", since="2025-06-01")
        assert await bureau(client, "2025-01-09") == {}
        assert await bureau(client, "2025-05-31") == {"president": [one]}
        assert await bureau(client) == {"president": [other], "treasurer": [one]}
        for body, code in (
            ({"function": "king"}, "bureau_function_unknown"),
            ({"since": on(1)}, "bureau_days_inconsistent"),
            ({"function": "secretary", "since": "2020-01-01"}, "bureau_outside_board"),
        ):
            assert (await named(client, first["id"], **body)).json()["code"] == code
        path = f"/board/functions/{taken.json()['id']}"
        acts = {"end": ("POST", "/end", {"ended_on": on(0)})}
        assert await try_acts(client, path, acts) == {"end"}
        ended = await act(client, path, "/end", ended_on=on(0))
        assert await try_acts(client, path, acts) == set()
        assert (ended.status_code, ended.json()["ended_on"], ended.json()["allowed_actions"]) == (200, on(0), [])
        assert (await act(client, path, "/end", ended_on=on(0))).json()["code"] == "bureau_term_ended"
        assert (await act(client, f"/board/mandates/{first['id']}", "/end", end="resigned", reason="x")).is_success
        assert await bureau(client) == {}, "the function ends with the seat"
        listed = (await client.get("/board/functions", params={"function": "president", "total": True})).json()
        assert [one["since"] for one in listed["items"]] == ["2025-06-01", "2025-01-10"]
        [told] = (await kept(client, who["AVIE"]["contact_id"]))["board_mandate"]
        assert [one["function"] for one in told["value"]["functions"]] == ["president", "treasurer"]
    async with membership.client("member", member_id=UUID(who["AVIE"]["member_id"])) as reader:
        assert (await bureau(reader, "2025-05-31")) == {"president": [one]}
        assert (await named(reader, first["id"])).status_code == 403


async def test_the_names_are_those_of_the_day(membership: ServiceUnderTest) -> None:
    """Somebody marries and a structure is renamed today: the board of before shows who it was then."""
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        held = await entered(client, who["AVIE"])
        await named(client, held["id"], since="2025-06-01")
    later = membership.days_later(3)
    async with later as service, service.client("network", "board") as client:
        await change(client, f"/contacts/{who['AVIE']['contact_id']}", family_name="MARIÉE")
        await change(client, f"/members/{who['AVIE']['member_id']}", name="AVIE NOUVELLE")
        [now] = [one["mandate"] for one in (await client.get("/board")).json()["seats"] if one["mandate"]]
        assert (now["member_name"], now["person"].endswith("MARIÉE")) == ("AVIE NOUVELLE", True)
        then = (await client.get("/board", params={"as_of": on(1)})).json()
        [before] = [one["mandate"] for one in then["seats"] if one["mandate"]]
        assert (before["member_name"], before["person"]) == ("AVIE", held["person"])
        assert [one["person"] for one in then["bureau"][0]["holders"]] == [held["person"]]


async def test_employees_hold_seats_beside_their_structure(membership: ServiceUnderTest) -> None:
    employees = {"scope": "employees", "code": "employees"}
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        region = await entered(client, who["AVIE"])
        employee = {**who["AVIE"], "contact_id": await person_of(client, who["AVIE"]["member_id"], "SALARIÉE")}
        own = await entered(client, employee, **employees)
        assert (own["scope_label"], own["number"]) == ("collège des salariés", 1)
        twice = await client.post("/board/mandates", json=seat(**employee, **employees))
        assert (twice.status_code, twice.json()["code"]) == (409, "holds_another_seat")
        assert (await entered(client, who["ENVIE"], **employees))["number"] == 2
        full = await client.post("/board/mandates", json=seat(**who["AVIE"], **employees))
        assert full.json()["code"] == "seat_held"
        unknown = await client.post("/board/mandates", json=seat(**employee, scope="employees", code="occitanie"))
        assert unknown.json()["code"] == "seat_unknown"
        board = (await client.get("/board")).json()
        assert [one["number"] for one in board["seats"] if one["scope"] == "employees"] == [1, 2]
        assert board["in_office"] == 3
        assert (await named(client, own["id"], "vice_president")).status_code == 201
        ended = await act(client, f"/board/mandates/{region['id']}", "/end", end="resigned", reason="x")
        assert ended.status_code == 200, ended.text
        again = {**who["AVIE"], "until": (TODAY + timedelta(days=90)).isoformat(), "since": on(0)}
        assert (await client.post("/board/mandates", json=seat(**again))).status_code == 201
        item = {"kind": "election", "title": "Salariés", "scope": "employees", "scope_code": "employees", "seats": 1}
        body = {"kind": "ordinary", "title": "AG", "held_on": on(90), "place": "Paris"}
        path = f"/assemblies/{(await client.post('/assemblies', json=body)).json()['id']}"
        refused = await client.put(f"{path}/agenda", json={"items": [item]}, headers={"If-Match": '"v1"'})
        assert refused.status_code == 422, "an assembly of structures elects no employees"
