"""The board in office when the register begins: entered with its source, ended and succeeded like an elected one.

Decided in ADR 0027 and ADR 0035.
"""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from common.errors import Refusal
from common.rights import Grant, Scope
from common.testing.acts import try_acts
from common.testing.awaiting import eventually
from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from membership.board import use_cases
from membership.board.domain import (
    BoardMandate,
    Elected,
    HoldsAnotherSeat,
    MandateDaysInconsistent,
    MandateElected,
    MandateEnd,
    MandateEnded,
    Place,
    SeatHeld,
    SeatScope,
    SeatUnknown,
    ending,
    require_endable,
    require_in_office,
    require_no_other,
    succeed,
    vacant,
    withdrawn,
)
from membership.board.schemas import BoardMandateIn

from ..assemblies.test_assembly import act, person_of
from ..members.test_dates import TODAY, on
from ..sittings.test_takeover import closed

SINCE, UNTIL = date(2024, 6, 12), date(2027, 6, 12)
DAY = date(2026, 11, 22)
SOURCE = "PV de l'AG du 12/06/2024"
HELD = BoardMandate(
    UUID(int=1), Place(SeatScope.REGION, "occitanie", 1), Elected(UUID(int=2), UUID(int=3)), SINCE, UNTIL, None,
    source=SOURCE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "accepted"),
    [
        pytest.param(SINCE, UNTIL, True, id="en cours"),
        pytest.param(DAY, UNTIL, True, id="depuis aujourd'hui"),
        pytest.param(DAY + timedelta(days=1), UNTIL, False, id="à venir : une assemblée le donnera"),
        pytest.param(SINCE, DAY, False, id="fini : de l'histoire"),
        pytest.param(UNTIL, SINCE, False, id="à l'envers"),
    ],
)
def test_a_mandate_that_is_held_is_taken_over(since: date, until: date, accepted: bool) -> None:
    if accepted:
        require_in_office(since, until, DAY)
    else:
        with pytest.raises(MandateDaysInconsistent, match="Seul un mandat en cours se saisit"):
            require_in_office(since, until, DAY)


@pytest.mark.parametrize(
    ("known", "number", "found"),
    [
        pytest.param([], None, 1, id="le premier siège libre"),
        pytest.param([HELD], None, 2, id="le suivant"),
        pytest.param([HELD], 1, SeatHeld, id="tenu"),
        pytest.param([replace(HELD, ended_on=date(2025, 1, 1))], 1, SeatHeld, id="tenu alors, fini depuis"),
        pytest.param([replace(HELD, since=date(2021, 6, 1), until=SINCE)], 1, 1, id="à son terme ce jour-là"),
        pytest.param([replace(HELD, ended_on=SINCE)], 1, 1, id="saisi par erreur : jamais tenu"),
        pytest.param([HELD, replace(HELD, place=replace(HELD.place, number=2))], None, SeatHeld, id="plus un seul"),
        pytest.param([], 3, SeatUnknown, id="un troisième siège, où il y en a deux"),
    ],
)
def test_which_seat_is_taken(known: list[BoardMandate], number: int | None, found: int | type[Refusal]) -> None:
    asked = (SeatScope.REGION, "occitanie", 2, number, known, SINCE, UNTIL)
    if isinstance(found, int):
        assert vacant(*asked) == Place(SeatScope.REGION, "occitanie", found)
    else:
        with pytest.raises(found):
            vacant(*asked)


def test_a_structure_takes_one_seat() -> None:
    with pytest.raises(HoldsAnotherSeat, match=r"Alpha tient déjà un siège du conseil \(occitanie, siège 1\)"):
        require_no_other("Alpha", [HELD], date(2025, 1, 1), UNTIL)
    require_no_other("Alpha", [HELD], UNTIL, date(2030, 1, 1))


@pytest.mark.parametrize(
    ("mandate", "refusal"),
    [
        pytest.param(HELD, None, id="repris"),
        pytest.param(replace(HELD, assembly_id=UUID(int=9), source=None), MandateElected, id="élu ici"),
        pytest.param(replace(HELD, ended_on=DAY, end=MandateEnd.RESIGNED), MandateEnded, id="fini"),
        pytest.param(replace(HELD, ended_on=SINCE, end=MandateEnd.NEVER_HELD), MandateEnded, id="déjà retiré"),
    ],
)
def test_which_mandate_is_withdrawn(mandate: BoardMandate, refusal: type[Refusal] | None) -> None:
    if refusal:
        with pytest.raises(refusal):
            withdrawn(mandate, "erreur")
    else:
        over = withdrawn(mandate, "erreur")
        assert (over.end, over.reason, over.is_held_on(SINCE), over.is_held_on(DAY)) == (
            MandateEnd.NEVER_HELD, "erreur", False, False,
        )  # fmt: skip


def test_it_is_succeeded_and_ended_like_an_elected_one() -> None:
    winner = Elected(UUID(int=7), UUID(int=8))
    [one] = succeed(SeatScope.REGION, "occitanie", 1, [HELD], [winner], DAY)
    assert (one.place, one.predecessor) == (HELD.place, HELD)
    assert ending(HELD, DAY) == (DAY, MandateEnd.SUCCEEDED)
    assert ending(HELD, UNTIL) == (UNTIL, MandateEnd.TERM)
    require_endable(HELD, DAY, DAY)


async def people(membership: ServiceUnderTest, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Take the list over, with somebody in each structure; return by name what a mandate says of its holder."""
    applications = await closed(membership, client)
    found = {}
    for name in ("AVIE", "ENVIE", "SANS DATE"):
        member_id = applications[name]["member_id"]
        found[name] = {"member_id": member_id, "contact_id": await person_of(client, member_id, name)}
    return found


def seat(**fields: Any) -> dict[str, Any]:
    term = TODAY + timedelta(days=400)
    return {
        "scope": "region", "code": "occitanie", "since": SINCE.isoformat(), "until": term.isoformat(),
        "source": SOURCE, **fields,
    }  # fmt: skip


async def test_the_board_in_office_is_entered_ended_and_withdrawn(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        entered = await client.post("/board/mandates", json=seat(**who["AVIE"]))
        assert entered.status_code == 201, entered.text
        path = entered.headers["location"].removeprefix("/membership/v1")
        shown = entered.json()
        assert (shown["taken_over"], shown["source"], shown["assembly_id"]) == (True, SOURCE, None)
        assert (shown["number"], shown["allowed_actions"]) == (1, ["end", "withdraw"])
        board = (await client.get("/board", params={"as_of": "2025-01-01"})).json()
        assert [one["mandate"]["member_name"] for one in board["seats"] if one["mandate"]] == ["AVIE"]
        college = await client.post(
            "/board/mandates", json=seat(**who["ENVIE"], scope="college", code="production", number=2)
        )
        assert (college.status_code, college.json()["number"]) == (201, 2)
        listed = (await client.get("/board/mandates", params={"taken_over": "true", "sort": "code"})).json()["items"]
        assert [one["member_name"] for one in listed] == ["AVIE", "ENVIE"]
        assert (await client.get("/board/mandates", params={"taken_over": "false"})).json()["items"] == []
        without = await client.post(f"{path}/withdraw", json={"reason": "erreur"})
        assert (without.status_code, without.json()["code"]) == (428, "if_match_missing")
        ending = ("POST", "/end", {"end": "resigned", "reason": "x"})
        acts = {"end": ending, "withdraw": ("POST", "/withdraw", {"reason": "erreur"})}
        assert await try_acts(client, path, acts) == {"end", "withdraw"}
        over = await act(client, path, "/withdraw", reason="erreur de siège")
        assert await try_acts(client, path, acts) == set()
        assert (over.status_code, over.json()["end"], over.json()["allowed_actions"]) == (200, "never_held", [])
        board = (await client.get("/board", params={"as_of": "2025-01-01"})).json()
        assert [one["mandate"]["member_name"] for one in board["seats"] if one["mandate"]] == ["ENVIE"]
        again = await act(client, path, "/withdraw", reason="encore")
        assert (again.status_code, again.json()["code"]) == (409, "mandate_ended")
        right = await client.post("/board/mandates", json=seat(**who["AVIE"], number=2))
        assert (right.status_code, right.json()["number"]) == (201, 2)
        ended = await act(
            client, f"/board/mandates/{right.json()['id']}", "/end", end="resigned", reason="lettre du jour"
        )
        assert (ended.status_code, ended.json()["ended_on"]) == (200, on(0))


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("une candidate", "SANS DATE", {}, 409, "not_a_member"),
    ("la veille de son adhésion", "ENVIE", {"since": "2024-03-14"}, 409, "not_a_member"),
    ("d'une autre région", "AVIE", {"code": "bretagne"}, 409, "holder_outside"),
    ("d'un autre collège", "AVIE", {"scope": "college", "code": "production"}, 409, "holder_outside"),
    ("une région inconnue", "AVIE", {"code": "atlantide"}, 400, "seat_unknown"),
    ("un siège qui n'existe pas", "AVIE", {"number": 3}, 400, "seat_unknown"),
    ("une personne inconnue", "AVIE", {"contact_id": str(uuid4())}, 404, "contact_not_found"),
    ("une structure inconnue", "AVIE", {"member_id": str(uuid4())}, 404, "member_not_found"),
    ("un mandat fini", "AVIE", {"until": on(0)}, 400, "mandate_days_inconsistent"),
    ("sans source", "AVIE", {"source": ""}, 422, "validation"),
    ("un champ inconnu", "AVIE", {"elected": True}, 422, "validation"),
]


async def test_what_is_refused(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        for case, of, fields, status, code in REFUSED:
            answer = await client.post("/board/mandates", json=seat(**{**who[of], **fields}))
            assert (answer.status_code, answer.json()["code"]) == (status, code), case
        another = {**who["AVIE"], "contact_id": who["ENVIE"]["contact_id"]}
        assert (await client.post("/board/mandates", json=seat(**another))).json()["code"] == "contact_of_another"
        assert (await client.get("/board/mandates")).json()["items"] == []
        first_day = await client.post("/board/mandates", json=seat(**{**who["ENVIE"], "since": "2024-03-15"}))
        long_ago = await client.post("/board/mandates", json=seat(**{**who["AVIE"], "since": "2000-01-01"}))
        assert (first_day.status_code, long_ago.status_code) == (201, 201)


async def test_a_seat_and_a_structure_are_taken_once(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        twice = await asyncio.gather(*(client.post("/board/mandates", json=seat(**who["AVIE"])) for _ in range(2)))
        assert sorted(answer.status_code for answer in twice) == [201, 409]
        assert [one.json()["code"] for one in twice if one.status_code == 409] == ["holds_another_seat"]
        same = await client.post("/board/mandates", json=seat(**who["ENVIE"], number=1))
        assert (same.status_code, same.json()["code"]) == (409, "seat_held")
        key = {"Idempotency-Key": str(uuid4())}
        answers = [await client.post("/board/mandates", json=seat(**who["ENVIE"]), headers=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        other = seat(**who["AVIE"], scope="college", code="intermediation")
        assert (await client.post("/board/mandates", json=other)).json()["code"] == "holds_another_seat"
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await client.post("/board/mandates", json=seat(**who["AVIE"]))).status_code == 403
        withdraw = f"/board/mandates/{answers[0].json()['id']}/withdraw"
        refused = await client.post(withdraw, json={"reason": "x"}, headers={"If-Match": '"v1"'})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("second", "code"),
    [
        pytest.param("ENVIE", "seat_held", id="deux structures pour un siège"),
        pytest.param("AVIE", "seat_held", id="le même mandat deux fois"),
    ],
)
async def test_two_that_are_entered_at_once_wait_for_each_other(
    membership: ServiceUnderTest, second: str, code: str
) -> None:
    async with membership.client("network", "board") as client:
        who = await people(membership, client)
        wanted = BoardMandateIn.model_validate(seat(**who["AVIE"], number=1))
        actor = Actor("test", roles=frozenset({"network"}))
        async with membership.runtime.database.transaction(actor) as tx:
            await use_cases.enter(tx, Grant(actor, Scope.ALL), wanted)
            late = asyncio.create_task(client.post("/board/mandates", json=seat(**who[second], number=1)))
            await eventually(lambda: waiting(membership), awaited="the second to wait for the first")
        answer = await late
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert (await client.get("/board")).json()["in_office"] == 1


async def waiting(membership: ServiceUnderTest, least: int = 1) -> bool:
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return len(await membership.rows(query)) >= least
