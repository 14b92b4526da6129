"""Each refusal of attendance, reached."""

from base64 import b64encode
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest

from ..sessions.arrangements import acted, refused
from .arrangements import Class, keys, marked, on_the_day, said
from .devices import registered, synced

_NOBODY = "00000000-0000-0000-0000-0000000000aa"
_PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


async def test_before_a_half_day_is_opened_and_after_it_is_signed(training: ServiceUnderTest, held: Class) -> None:
    mark = {"enrolment_id": held.seats[0], "kind": "present"}
    async with training.client("trainer") as trainer:
        assert refused(await trainer.post(f"{held.slot()}/open")) == (409, "attendance_too_early")
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        assert refused(await trainer.post(f"{held.slot(1)}/open")) == (409, "attendance_too_early")
        assert refused(await trainer.post(f"{held.slot()}/marks", json=mark)) == (409, "half_day_not_open")
        assert refused(await trainer.post(f"{held.slot()}/codes")) == (409, "half_day_not_open")
        await said(trainer, f"{held.slot()}/open")
        assert refused(await trainer.post(f"{held.slot()}/open")) == (409, "half_day_open")
        await said(trainer, f"{held.slot()}/marks", mark)
        assert refused(await trainer.post(f"{held.slot()}/marks", json=mark)) == (409, "already_signed")
        stranger = {"enrolment_id": _NOBODY, "kind": "present"}
        assert refused(await trainer.post(f"{held.slot()}/marks", json=stranger)) == (404, "not_on_sheet")
        await said(trainer, f"{held.slot()}/close", {})
        late = {"enrolment_id": held.seats[1], "kind": "present"}
        assert refused(await trainer.post(f"{held.slot()}/marks", json=late)) == (409, "half_day_closed")
        assert refused(await trainer.post(f"{held.slot()}/close", json={})) == (409, "half_day_closed")
        nowhere = f"{held.path}/slots/{_NOBODY}/open"
        assert refused(await trainer.post(nowhere)) == (404, "half_day_not_found")


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param({"kind": "present", "hours": None, "reason": "late"}, id="présent avec un motif"),
        pytest.param({"kind": "partial", "hours": "1.00"}, id="en partie sans motif"),
        pytest.param({"kind": "partial", "reason": "late"}, id="en partie sans heures"),
        pytest.param({"kind": "partial", "hours": "3.50", "reason": "late"}, id="en partie, toute la demi-journée"),
        pytest.param({"kind": "partial", "hours": "1.00", "reason": "transport"}, id="en partie, motif d'absence"),
        pytest.param({"kind": "absent"}, id="absent sans motif"),
        pytest.param({"kind": "absent", "reason": "late"}, id="absent en retard"),
        pytest.param({"kind": "absent", "hours": "1.00", "reason": "transport"}, id="absent avec des heures"),
        pytest.param({"kind": "opened"}, id="ni présent ni absent"),
    ],
)
async def test_a_mark_whose_hours_or_reason_do_not_fit(
    training: ServiceUnderTest, held: Class, mark: dict[str, Any]
) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await said(trainer, f"{held.slot()}/open")
        body = {"enrolment_id": held.seats[0], **mark}
        assert refused(await trainer.post(f"{held.slot()}/marks", json=body)) == (400, "attendance_mark_unfit")


@pytest.mark.parametrize(
    "stroke",
    [
        pytest.param("pas du base64", id="autre chose que du base64"),
        pytest.param(b64encode(b"GIF89a").decode(), id="une image d'un autre format"),
        pytest.param(b64encode(_PNG[:8] + b"\0" * 29_993).decode(), id="plus de 30 Ko"),
    ],
)
async def test_a_drawing_that_is_none(training: ServiceUnderTest, held: Class, stroke: str) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await said(trainer, f"{held.slot()}/open")
        body = {"enrolment_id": held.seats[0], "kind": "present", "stroke": stroke}
        assert refused(await trainer.post(f"{held.slot()}/marks", json=body)) == (400, "stroke_unfit")
        await marked(trainer, held, 0, 0, stroke=b64encode(_PNG).decode())
        assert len(await then.rows("SELECT 1 FROM attendance_stroke")) == 1


async def test_a_code_serves_once_for_some_minutes(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer, then.client() as anybody:
        await said(trainer, f"{held.path}/links")
        key = {"Signing-Key": (await keys(then))[0]}
        await said(trainer, f"{held.slot()}/open")
        body = {"slot_id": held.slots[0], "code": "AAAAAA"}
        assert refused(await anybody.post("/signing-link/sign", json=body, headers=key)) == (409, "signing_code_wrong")
        code = (await said(trainer, f"{held.slot()}/codes"))["items"][0]["code"]
        async with then.runtime.database.engine.begin() as database:
            await database.exec_driver_sql("UPDATE attendance_code SET expires_at = now() - interval '1 day'")
        late = await anybody.post("/signing-link/sign", json={**body, "code": code}, headers=key)
        assert refused(late) == (409, "signing_code_wrong"), "too old"
        again = (await said(trainer, f"{held.slot()}/codes"))["items"][0]["code"]
        old = await anybody.post("/signing-link/sign", json={**body, "code": code}, headers=key)
        assert refused(old) == (409, "signing_code_wrong"), "another was given since"
        assert (await anybody.post("/signing-link/sign", json={**body, "code": again}, headers=key)).status_code == 200
        twice = await anybody.post("/signing-link/sign", json={**body, "code": again}, headers=key)
        assert refused(twice) == (409, "already_signed")
        unknown = {"Signing-Key": "x" * 43}
        assert refused(await anybody.get("/signing-link", headers=unknown)) == (404, "signing_link_not_found")


async def test_a_correction_that_corrects_nothing(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await said(trainer, f"{held.slot()}/open")
        await marked(trainer, held, 0, 0)
        there = {"kind": "present", "correction_reason": "mistake"}
        path = f"{held.path}/entries"
        assert refused(await trainer.post(f"{path}/40/correct", json=there)) == (404, "attendance_entry_not_found")
        nothing = (409, "attendance_nothing_to_correct")
        assert refused(await trainer.post(f"{path}/1/correct", json=there)) == nothing, "it marks nobody"
        assert refused(await trainer.post(f"{path}/2/correct", json=there)) == nothing, "it says so already"
        away = {"kind": "absent", "reason": "personal", "correction_reason": "mistake"}
        await said(trainer, f"{path}/2/correct", away)
        assert refused(await trainer.post(f"{path}/2/correct", json=away)) == nothing, "it was corrected"


async def test_who_signs_for_the_trainer_and_on_which_device(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("training") as team:
        opened = await said(team, f"{held.slot()}/open")
        assert opened["half_days"][0]["allowed_actions"] == ["sign", "close"]
        assert (opened["rule"]["opens_minutes"], opened["rule"]["status"]) == (30, "assumed"), "what is assumed is seen"
        unnamed = (400, "attendance_trainer_unnamed")
        assert refused(await team.post(f"{held.slot()}/close", json={})) == unnamed
        assert refused(await team.post(f"{held.slot()}/close", json={"trainer_id": _NOBODY})) == unnamed
        device = {"label": "Tablette", "public_key": "0" * 64}
        assert refused(await team.post(f"{held.path}/devices", json=device)) == unnamed
        tablet = await registered(team, held, then.runtime.clock.now())
        tablet.write(held.slots[0], "opened")
        tablet.device = _NOBODY
        assert refused(await synced(team, held, tablet, tablet.lines)) == (404, "attendance_device_not_found")


async def test_a_cancelled_session_is_not_attended(training: ServiceUnderTest, held: Class) -> None:
    async with training.client("training") as team:
        cancelled = await acted(team, held.id, "POST", "/cancel", {"reason_code": "other", "reason": "Essai"})
        assert cancelled.status_code == 200, cancelled.text
        assert refused(await team.post(f"{held.slot()}/open")) == (409, "session_not_held")
