"""An audit rehearsed: every night and on demand; found once, explained or corrected, never deleted."""

import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..attendance.arrangements import Class, on_the_day, planned_class, said, whole
from ..sessions.arrangements import acted, refused

_NOTHING = "00000000-0000-0000-0000-0000000000aa"
_WHY = {"text": "Le réseau manquait : la feuille papier est au dossier."}


@pytest_asyncio.fixture
async def held(training: ServiceUnderTest, arranged: Arrange) -> Class:
    made: Class = await arranged(training, planned_class)
    return made


async def test_what_is_found_at_night_is_found_once_explained_or_corrected(
    training: ServiceUnderTest, held: Class
) -> None:
    async with on_the_day(training, held, 2) as then, then.client("training") as team:
        wanted = {"session_id": held.id, "total": True}
        page = (await team.get("/rehearsal-findings", params={**wanted, "code": "not_signed"})).json()
        assert page["total"] == 4, "the night has examined it already"
        again = await said(team, f"/sessions/{held.id}/rehearse")
        assert (again["new"], again["open"], again["rule_status"]) == (0, 4, "assumed")
        first, *_ = page["items"]
        path = f"/rehearsal-findings/{first['id']}"
        assert (await team.get(path)).json()["allowed_actions"] == ["explain"]
        tag = (await team.get(path)).headers["etag"]
        explained = await team.post(f"{path}/explain", json=_WHY, headers={"If-Match": tag})
        assert explained.status_code == 200, explained.text
        assert (explained.json()["state"], explained.json()["explained_by"]) == ("explained", "test-training")
        assert refused(await team.post(f"{path}/explain", json=_WHY)) == (428, "if_match_missing")
        assert refused(await team.post(f"{path}/explain", json=_WHY, headers={"If-Match": tag}))[0] == 412

        for number in range(4):
            await whole(team, held, number, 0, 1, 2)
        after = await said(team, f"/sessions/{held.id}/rehearse")
        assert (after["open"], after["explained"], after["corrected"], after["new"]) == (0, 0, 4, 0)
        shown = await team.get(path)
        assert (shown.json()["state"], shown.json()["explanation"]) == ("corrected", _WHY["text"])
        settled = await team.post(f"{path}/explain", json=_WHY, headers={"If-Match": shown.headers["etag"]})
        assert refused(settled) == (409, "rehearsal_finding_settled")
        answer = await team.get("/rehearsal-findings/export", params={"session_id": held.id, "format": "csv"})
        assert len(answer.content.decode("utf-8-sig").splitlines()) == 5


async def test_a_trainer_of_the_day_who_is_said_away_is_found(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer, then.client("training") as team:
        done = await whole(trainer, held, 0, 0, 1, 2)
        day = done["half_days"][0]["day"]
        absence = {"trainer_id": held.trainer, "first_day": day, "last_day": day, "reason": "leave"}
        assert (await team.post("/unavailabilities", json=absence)).status_code == 201
        found = await said(team, f"/sessions/{held.id}/rehearse")
        listed = (await team.get("/rehearsal-findings", params={"session_id": held.id, "state": "open"})).json()
        codes = {one["code"] for one in listed["items"]}
        assert {"trainer_away", "serial_pace"} <= codes
        assert found["new"] == len(listed["items"])
        assert "leave" not in str(listed), "why somebody is away is nobody's here"
        assert refused(await team.post(f"/sessions/{_NOTHING}/rehearse")) == (404, "session_not_found")
        nothing = await team.get(f"/rehearsal-findings/{_NOTHING}")
        assert refused(nothing) == (404, "rehearsal_finding_not_found")


async def test_a_cancelled_session_is_not_examined_at_night(training: ServiceUnderTest, held: Class) -> None:
    async with training.client("training") as team:
        await acted(team, held.id, "POST", "/cancel", {"reason_code": "other", "reason": "Essai"})
    async with on_the_day(training, held, 2) as then, then.client("training") as team:
        assert (await team.get("/rehearsal-findings")).json()["items"] == []
