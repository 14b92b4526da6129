"""« 51 sur 58 » : from the interviews and meetings as they were recorded to the figure, and to the list behind it."""

import csv
import io
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from ..declarants.test_follow_up import member
from ..departures.test_departures import told
from ..duplicates.test_merging import merge
from ..imports.test_acts import applied, previewed
from ..interviews.test_interviews import held
from ..meetings.test_meetings import came, meeting
from ..members.test_dates import TODAY, enter, on
from ..sittings.test_minutes import act
from ..sittings.test_takeover import COLUMNS, takeover
from .test_dashboards import hold_together, values

NUMBERS = range(1, 57)
BY_INTERVIEW, AT_THE_MEETING = range(2, 31), range(25, 50)
NOT_MET = [f"ATELIER {number:02d}" for number in range(50, 57)]
OTHERS = {"DOUBLON": "31", "PARTIE": "31", "DÉMÉNAGE": "31", "ARRIVE": "77"}


async def taken_over(membership: ServiceUnderTest, client: httpx.AsyncClient) -> dict[str, str]:
    """Take over those that were members long before; return them by name."""
    where = {**{f"ATELIER {number:02d}": "31" for number in NUMBERS}, **OTHERS}
    lines = [
        f"{name};AI;{rank} rue A;{code}000;VILLE;{code};01/01/2020" for rank, (name, code) in enumerate(where.items())
    ]
    sent = await previewed(membership, client, "\n".join([COLUMNS, *lines]))
    assert (await applied(membership, client, sent["id"]))["status"] == "succeeded"
    path = await takeover(client)
    assert (await act(client, path, "POST", "decisions/takeover", votes_for=3)).json()["recorded"] == len(where)
    assert (await act(client, path, "POST", "close")).status_code == 200
    page = (await client.get("/members", params={"limit": 100})).json()
    return {one["name"]: one["id"] for one in page["items"]}


async def listed(client: httpx.AsyncClient, **filters: Any) -> list[str]:
    params = {"delegation": "occitanie", "limit": 100, "total": True, **filters}
    page = (await client.get(f"/encounters/{TODAY.year}/members", params=params)).json()
    assert page["total"] == len(page["items"])
    return [one["name"] for one in page["items"]]


async def test_51_of_58_from_what_was_recorded_to_the_list_behind_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as network:
        ids = await taken_over(membership, network)
        of = {number: ids[f"ATELIER {number:02d}"] for number in NUMBERS}
        interviewed = [of[number] for number in BY_INTERVIEW] + [ids[name] for name in OTHERS]
        for one in interviewed:
            await held(network, one)
        path = await meeting(network, departments=["31"])
        present = [of[number] for number in AT_THE_MEETING]
        assert (await came(network, path, *present, of[1], ids["DOUBLON"])).status_code == 200

        joined = await member(network, "ADHÈRE")
        await held(network, joined)
        await told(network, f"/members/{ids['PARTIE']}", notice_waived=True, effective_on=on(0))
        for name, code in (("DÉMÉNAGE", "idf"), ("ARRIVE", "occitanie")):
            await enter(network, f"/members/{ids[name]}", topic="delegation", code=code, reason="Siège déplacé.")
        await merge(network, f"/members/{of[1]}", f"/members/{ids['DOUBLON']}")

        year = (await network.get(f"/encounters/{TODAY.year}")).json()["by_delegation"]
        assert year["occitanie"] == {
            "members": 58, "met": 51, "not_met": 7, "by_interview": 32, "by_meeting": 26, "by_both": 7,
        }  # fmt: skip
        assert (year["idf"]["members"], year["idf"]["met"]) == (1, 1)

    async with membership.client("delegation", delegation="occitanie") as client:
        board = (await client.get("/dashboards/occitanie", params={"year": TODAY.year})).json()
        figures = [one for one in board["figures"] if one["group"] == "encounters"]
        counted = values(board)
        assert [counted[f"encounters.{code}"] for code in ("to_meet", "met", "not_met")] == [58, 51, 7]
        await hold_together(client, figures)
        assert await listed(client, met=False) == NOT_MET
        met = await listed(client, met=True)
        assert len(met) == 51
        assert {"ATELIER 01", "ADHÈRE", "ARRIVE"} <= set(met)
        assert not {"DOUBLON", "PARTIE", "DÉMÉNAGE"} & set(await listed(client))
        export = await client.get(f"/encounters/{TODAY.year}/members/export", params={"met": True})
        lines = list(csv.DictReader(io.StringIO(export.text.removeprefix("\ufeff")), delimiter=";"))
        assert [line["nom"] for line in lines] == met
