"""Signing without network: the order is proven, a repeated sync adds nothing, a conflict is kept beside."""

import random
from pathlib import Path

import pytest

from common.testing.harness import ServiceUnderTest

from .arrangements import Class, marked, on_the_day, said
from .checking import exported, verified, verifier
from .devices import registered, synced


async def test_a_conflict_is_kept_beside_and_a_person_decides(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        tablet = await registered(trainer, held, then.runtime.clock.now())
        await said(trainer, f"{held.slot()}/open")
        await marked(trainer, held, 0, 0, kind="absent", reason="employer")
        tablet.write(held.slots[0], "present", enrolment=held.seats[0])
        tablet.write(held.slots[0], "present", enrolment=held.seats[1])
        answer = await synced(trainer, held, tablet, tablet.lines, ahead=90)
        assert answer.status_code == 200, answer.text
        [beside] = answer.json()["beside"]
        assert (beside["enrolment_id"], beside["why"]) == (held.seats[0], "signed_otherwise")
        half_day = (await trainer.get(held.path)).json()["half_days"][0]
        assert [one["kind"] for one in half_day["marks"]] == ["absent", "present", None]
        assert [one["number"] for one in half_day["beside"]] == [beside["number"]]
        decided = {"kind": "present", "correction_reason": "conflict"}
        after = await said(trainer, f"{held.path}/entries/{beside['number']}/correct", decided)
        assert [one["kind"] for one in after["half_days"][0]["marks"]] == ["present", "present", None]
        assert after["half_days"][0]["beside"] == []
        ledger, _ = await exported(then, held)
    drifts = {line["device_drift"] for line in ledger["entries"]} - {None}
    assert all(80 <= drift <= 90 for drift in drifts), "the device's clock was ahead: written, not corrected"


async def test_sent_again_as_it_was_nothing_is_added_sent_otherwise_it_is_refused(
    training: ServiceUnderTest, held: Class
) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        tablet = await registered(trainer, held, then.runtime.clock.now())
        tablet.write(held.slots[0], "opened")
        tablet.write(held.slots[0], "present", enrolment=held.seats[0])
        assert (await synced(trainer, held, tablet, tablet.lines)).json()["added"] == 2
        assert (await synced(trainer, held, tablet, tablet.lines)).json()["added"] == 0
        tablet.write(held.slots[0], "closed")
        assert (await synced(trainer, held, tablet, tablet.lines)).json()["added"] == 3, "two who did not sign are away"
        forged = [{**tablet.lines[1], "enrolment_id": held.seats[1]}]
        gap = [tablet.write(held.slots[0], "opened"), tablet.write(held.slots[0], "opened")][1:]
        unsigned = [{**tablet.lines[3], "signature": "0" * 128}]
        for lines in (forged, gap, unsigned):
            answer = await synced(trainer, held, tablet, lines)
            assert (answer.status_code, answer.json()["code"]) == (409, "device_chain_broken")


async def test_what_cannot_count_is_kept_beside_and_loses_nothing_that_follows(
    training: ServiceUnderTest, held: Class
) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        tablet = await registered(trainer, held, then.runtime.clock.now())
        nobody, elsewhere = "00000000-0000-0000-0000-0000000000aa", "00000000-0000-0000-0000-0000000000bb"
        tablet.write(held.slots[0], "present", enrolment=held.seats[0])
        tablet.write(held.slots[0], "opened")
        tablet.write(held.slots[0], "opened")
        tablet.write(held.slots[0], "present", enrolment=nobody)
        tablet.write(elsewhere, "present", enrolment=held.seats[0])
        tablet.write(held.slots[0], "partial", enrolment=held.seats[0], hours="9.00", reason="late")
        tablet.write(held.slots[0], "closed")
        tablet.write(held.slots[0], "present", enrolment=held.seats[0])
        answer = await synced(trainer, held, tablet, tablet.lines)
        assert answer.status_code == 200, answer.text
        beside = ["not_open", "already_open", "not_on_sheet", "no_half_day", "unfit", "closed"]
        assert [one["why"] for one in answer.json()["beside"]] == beside


@pytest.mark.parametrize("seed", range(4))
async def test_any_interleaving_of_devices_and_network_gives_one_chain(
    training: ServiceUnderTest, held: Class, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    async with on_the_day(training, held, 2) as then, then.client("trainer") as trainer, then.client() as anybody:
        now = then.runtime.clock.now()
        tablets = [await registered(trainer, held, now, f"Tablette {number}") for number in range(2)]
        for _ in range(40):
            slot, seat = chance.choice(held.slots), chance.choice(held.seats)
            kind = chance.choice(["opened", "present", "present", "absent", "closed"])
            mark = {"enrolment": seat} if kind in ("present", "absent") else {}
            mark |= {"reason": "transport"} if kind == "absent" else {}
            where = chance.choice(["network", "device", "device", "sync"])
            tablet = chance.choice(tablets)
            if where == "device":
                tablet.write(slot, kind, **mark)
            elif where == "sync" and tablet.lines:
                begin = chance.randint(0, tablet.sent)
                answer = await synced(trainer, held, tablet, tablet.lines[begin:][:500] or tablet.lines[-1:])
                assert answer.status_code == 200, answer.text
                tablet.sent = len(tablet.lines)
            else:
                act = {"opened": "open", "closed": "close"}.get(kind, "marks")
                body = {"enrolment_id": seat, "kind": kind, "reason": mark.get("reason")} if act == "marks" else {}
                path = f"{held.path}/slots/{slot}/{act}"
                answer = await trainer.post(path, json=body if act != "open" else None)
                assert answer.status_code in (200, 409), answer.text
        ledger, _ = await exported(then, held)
        code, text = verified(await verifier(anybody, tmp_path), ledger)
        assert code == 0, text
        assert [line["number"] for line in ledger["entries"]] == list(range(1, len(ledger["entries"]) + 1))
        sent = sum(line["device_number"] is not None for line in ledger["entries"])
        assert sent == sum(tablet.sent for tablet in tablets), "nothing that was sent is lost"
