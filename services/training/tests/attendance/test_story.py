"""A session attended: opened, signed by each with a code, signed by the trainer, told to the others, corrected."""

from decimal import Decimal

from common.contracts.training import EnrolmentCancelled, TrainingCompleted
from common.testing.harness import ServiceUnderTest

from .arrangements import Class, keys, marked, on_the_day, said, whole


async def test_each_signs_by_a_link_with_the_code_said_in_the_room(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer, then.client() as anybody:
        sent = await said(trainer, f"{held.path}/links")
        assert [one["mailed"] for one in sent["items"]] == [True] * 3
        await said(trainer, f"{held.slot()}/open")
        codes = await said(trainer, f"{held.slot()}/codes")
        key = {"Signing-Key": (await keys(then))[0]}
        [first, second, _] = codes["items"]
        assert first["enrolment_id"] == held.seats[0]
        another = await anybody.post(
            "/signing-link/sign", json={"slot_id": held.slots[0], "code": second["code"]}, headers=key
        )
        assert (another.status_code, another.json()["code"]) == (409, "signing_code_wrong")
        signed = await anybody.post(
            "/signing-link/sign", json={"slot_id": held.slots[0], "code": first["code"].lower()}, headers=key
        )
        assert signed.status_code == 200, signed.text
        assert [one["kind"] for one in signed.json()["half_days"]] == ["present", None, None, None]
        shown = (await trainer.get(held.path)).json()
    [mark, *_] = shown["half_days"][0]["marks"]
    assert (mark["kind"], mark["method"], mark["hours"], mark["name"]) == (
        "present",
        "own_link",
        "3.50",
        "Claude NOM00",
    )


async def test_what_was_followed_is_told_once_each_half_day_is_signed_and_again_when_corrected(
    training: ServiceUnderTest, held: Class
) -> None:
    async with on_the_day(training, held, 2) as then, then.client("trainer") as trainer:
        for number in range(3):
            await whole(trainer, held, number, 0, 1)
        before = await then.published()
        await said(trainer, f"{held.slot(3)}/open")
        await marked(trainer, held, 3, 0, kind="partial", hours="1.25", reason="left_early")
        done = await said(trainer, f"{held.slot(3)}/close", {})
        assert done["is_complete"]
        assert [one["hours"] for one in done["followed"]] == ["11.75", "10.50", "0"]
        told = (await then.published())[len(before) :]
        assert [type(one) for one in told] == [TrainingCompleted] * 2
        assert {one.state.hours for one in told} == {Decimal("11.75"), Decimal("10.50")}
        assert {one.state.status for one in told} == {"completed"}

        marks = (await trainer.get(held.path)).json()["half_days"][3]["marks"]
        away = next(one for one in marks if one["enrolment_id"] == held.seats[1])
        assert (away["kind"], away["reason"], away["method"]) == ("absent", "unsaid", "system")
        learnt = {"kind": "absent", "reason": "transport", "correction_reason": "learnt"}
        await said(trainer, f"{held.path}/entries/{away['number']}/correct", learnt)
        assert len(await then.published()) == len(before) + 2, "a reason changes no hours: nothing is told again"
        first = next(one for one in marks if one["enrolment_id"] == held.seats[0])
        there = {"kind": "present", "correction_reason": "evidence"}
        await said(trainer, f"{held.path}/entries/{first['number']}/correct", there)
        again = (await then.published())[-1]
        assert isinstance(again, TrainingCompleted)
        assert again.state.hours == Decimal("14.00")


async def test_a_presence_counted_by_mistake_is_taken_back(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held, 2) as then, then.client("trainer") as trainer:
        await whole(trainer, held, 0, 0)
        for number in range(1, 4):
            await whole(trainer, held, number)
        [mark, *_] = (await trainer.get(held.path)).json()["half_days"][0]["marks"]
        wrong = {"kind": "absent", "reason": "unsaid", "correction_reason": "mistake"}
        await said(trainer, f"{held.path}/entries/{mark['number']}/correct", wrong)
        completed, taken_back = (await then.published())[-2:]
    assert isinstance(completed, TrainingCompleted)
    assert isinstance(taken_back, EnrolmentCancelled)
    assert (taken_back.state.id, taken_back.state.status) == (completed.state.id, "cancelled")


async def test_nobody_followed_nothing_is_told(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held, 2) as then, then.client("trainer") as trainer:
        before = len(await then.published())
        for number in range(4):
            await whole(trainer, held, number)
        assert len(await then.published()) == before
