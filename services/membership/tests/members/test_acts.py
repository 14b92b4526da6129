"""What a structure says can be done about it, and what keeps the rest: what doing it answers, state by state."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from common.testing.acts import Asked, try_acts
from common.testing.harness import ServiceUnderTest
from membership.members.domain import Departure, DepartureCause, Entry, Member, leave, refused_acts

from ..date_corrections.test_corrections import absorb
from ..departures.test_departures import joined, told
from ..duplicates.test_merging import id_of
from ..restructurings.test_restructurings import version
from .test_dates import entered as received
from .test_dates import joining, on
from .test_status import ACTIVE, CANDIDATE, DAY, IN, LEFT, SUSPENDED, entered

NO_MEASURE = {"open_measure": "not_a_member"}
NOT_IN = {**NO_MEASURE, "leave": "not_a_member"}
STAYS = {"withdraw_departure": "no_departure_announced"}
INSIDE = {"apply_again": "already_member", "correct_leaving": "not_left"}
OUTSIDE = {**NOT_IN, **STAYS, "correct_joining": "not_a_member", "correct_leaving": "not_left"}
GONE = [*IN, entered(20, "left", "resigned")]
MERGER = replace(entered(20, "left", "absorbed"), source="restructuring:1")


def gone(cause: DepartureCause) -> Member:
    return leave(ACTIVE, Departure(DAY + timedelta(20), cause))


@pytest.mark.parametrize(
    ("member", "statuses", "applying", "refused"),
    [
        pytest.param(CANDIDATE, IN[:1], False, OUTSIDE, id="candidate, retirée ou refusée"),
        pytest.param(
            CANDIDATE, IN[:1], True, {**OUTSIDE, "apply_again": "application_already_open"}, id="candidate à instruire"
        ),
        pytest.param(
            CANDIDATE, [IN[0], entered(40, "active")], False,
            {**STAYS, **INSIDE, **NO_MEASURE, "correct_joining": "not_a_member"},
            id="admise pour un jour à venir : elle peut en partir ensuite",
        ),
        pytest.param(ACTIVE, IN, False, {**STAYS, **INSIDE}, id="adhérente"),
        pytest.param(SUSPENDED, [*IN, entered(9, "suspended")], False, {**STAYS, **INSIDE}, id="suspendue"),
        pytest.param(
            ACTIVE, [*IN, entered(40, "left", "resigned")], False,
            {**INSIDE, "leave": "not_a_member", "correct_joining": "status_to_come"}, id="un départ est annoncé",
        ),
        pytest.param(
            ACTIVE, [*IN, entered(40, "left", "excluded")], False,
            {**STAYS, **INSIDE, "correct_joining": "status_to_come"},
            id="exclue pour un jour à venir : elle peut partir avant",
        ),
        pytest.param(LEFT, GONE, False, {**NOT_IN, **STAYS}, id="sortie"),
        pytest.param(
            LEFT, [*GONE, entered(40, "active", sitting="S2")], False,
            {**STAYS, **NO_MEASURE, "apply_again": "already_member"},
            id="sortie, de nouveau admise pour un jour à venir",
        ),
        pytest.param(
            gone(DepartureCause.ABSORBED), [*IN, MERGER], False,
            {**NOT_IN, **STAYS, "correct_joining": "day_given_elsewhere", "correct_leaving": "day_given_elsewhere"},
            id="absorbée",
        ),
        pytest.param(
            gone(DepartureCause.NOT_RENEWED), [*IN, entered(20, "left", "not_renewed")], False,
            {**NOT_IN, **STAYS, "correct_leaving": "day_given_elsewhere"}, id="non renouvelée",
        ),
        pytest.param(
            ACTIVE, [IN[0], replace(IN[1], source="duplicate:1")], False,
            {**STAYS, **INSIDE, "correct_joining": "day_given_elsewhere"}, id="venue d'un doublon réuni",
        ),
    ],
)  # fmt: skip
def test_what_the_state_of_a_structure_refuses(
    member: Member, statuses: Sequence[Entry], applying: bool, refused: dict[str, str]
) -> None:
    found = refused_acts(member, statuses, DAY + timedelta(30), applying=applying)
    assert {act: refusal.code for act, refusal in found.items() if refusal} == refused
    assert "amend" in found, "what is known of it can always be completed"


def acts(day: int, corrected_to: int) -> dict[str, Asked]:
    """The acts, as they are asked for on a day; both days may be put right to another one."""
    put_right = {"day": on(corrected_to), "reason": "mal lu"}
    return {
        "amend": ("PATCH", "", {"city": "MURET"}),
        "leave": ("POST", "/departure", {"cause": "resigned", "received_on": on(day), "reason": "courrier"}),
        "withdraw_departure": ("POST", "/departure/withdraw", {"reason": "elle reste"}),
        "open_measure": ("POST", "/measures", {"kind": "exclusion", "grounds": "cotisations"}),
        "correct_joining": ("POST", "/status/correct", {"which": "joining", **put_right}),
        "correct_leaving": ("POST", "/status/correct", {"which": "leaving", **put_right}),
    }


async def tried(client: httpx.AsyncClient, path: str, day: int, corrected_to: int) -> set[str]:
    """Try each act and keep none; another application is not asked for under the structure's own path."""
    again = await client.post(
        "/applications/again", json={"member_id": path.rpartition("/")[2]}, params={"dry_run": True}
    )
    shown: dict[str, Any] = (await client.get(path)).json()
    said = [one["code"] for one in shown["blockers"].get("apply_again", ())]
    assert ("apply_again" in shown["allowed_actions"]) == again.is_success
    assert said == ([] if again.is_success else [again.json()["code"]])
    return await try_acts(client, path, acts(day, corrected_to)) | ({"apply_again"} if again.is_success else set())


async def test_a_structure_says_what_doing_it_answers(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        candidate = await received(client, "C")
        assert await tried(client, candidate, 0, 0) == {"amend"}
        path, into = f"/members/{await joining(client, on(1))}", await joined(client, "B")
        assert await tried(client, path, 0, 0) == {"amend", "leave"}, "it is admitted, and its day has not come"
    async with membership.days_later(10) as later, later.client("network", "board") as client:
        member = {"amend", "leave", "open_measure", "correct_joining"}
        assert await tried(client, path, 10, 5) == member
        await told(client, path, received_on=on(10))
        assert await tried(client, path, 10, 5) == {"amend", "withdraw_departure", "open_measure"}
        await told(client, path, "departure/withdraw", reason="elle reste")
        assert await tried(client, path, 10, 5) == member
        await told(client, path, cause="ceased", received_on=on(10), effective_on=on(9))
        left = {"amend", "apply_again", "correct_joining", "correct_leaving"}
        assert await tried(client, path, 10, 5) == left
        absorbed = await joined(client, "D")
    async with membership.days_later(20) as later, later.client("network", "board") as client:
        await absorb(client, absorbed, into_id=id_of(into), into_version=await version(client, into))
        assert await tried(client, absorbed, 20, 15) == {"amend", "apply_again"}


async def test_who_may_not_do_it_is_not_told_what_keeps_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        path = await joined(client)
        past = (await client.get(path, params={"as_of": on(0)})).json()
        assert (past["allowed_actions"], past["blockers"]) == ([], {})
        siren = (await client.get(path)).json()["siren"]
        assert siren is None or (await client.get(f"/members/by-siren/{siren}")).json()["blockers"]
    async with membership.client("delegation", delegation="occitanie") as client:
        shown = (await client.get(path)).json()
        assert (shown["allowed_actions"], shown["blockers"]) == (["amend"], {})
