"""Who sees and does what: a trainer in its own sessions, a structure of its own people, the network without names."""

from uuid import UUID

import httpx

from common.testing.harness import ServiceUnderTest

from ..sessions.arrangements import refused
from .arrangements import OTHER, Class, on_the_day, said, whole


async def test_a_trainer_has_its_own_sessions_and_no_other_exists(training: ServiceUnderTest, held: Class) -> None:
    async with training.client("training") as team, training.client("trainer") as trainer:
        assert (await trainer.get(held.path)).status_code == 200
        await _tied_to(team, held.trainer, "quelqu-un-d-autre")
        mark = {"enrolment_id": held.seats[0], "kind": "present"}
        device = {"label": "Tablette", "public_key": "0" * 64}
        sync = {
            "clock": "2027-01-01T08:00:00Z",
            "entries": [
                {
                    "number": 1, "previous": "0" * 64, "at": "2027-01-01T08:00:00Z", "slot_id": held.slots[0],
                    "kind": "opened", "signature": "0" * 128,
                }
            ],
        }  # fmt: skip
        answers = [
            await trainer.get(held.path),
            await trainer.get(f"{held.path}/ledger"),
            await trainer.get(f"{held.slot()}/sheet.pdf"),
            await trainer.post(f"{held.path}/links"),
            await trainer.post(f"{held.slot()}/open"),
            await trainer.post(f"{held.slot()}/codes"),
            await trainer.post(f"{held.slot()}/marks", json=mark),
            await trainer.post(f"{held.slot()}/close", json={}),
            await trainer.post(
                f"{held.path}/entries/1/correct", json={"kind": "present", "correction_reason": "mistake"}
            ),
            await trainer.post(f"{held.path}/devices", json=device),
            await trainer.post(f"{held.path}/devices/{held.id}/sync", json=sync),
        ]
        assert [refused(one) for one in answers] == [(404, "session_not_found")] * len(answers)
        assert (await trainer.get("/attendance")).json()["items"] == []


async def test_a_structure_reads_its_own_people_and_writes_nothing(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await whole(trainer, held, 0, 0, 1)
        async with then.client("member", member_id=OTHER) as member:
            shown = (await member.get(held.path)).json()
            assert [one["enrolment_id"] for one in shown["half_days"][0]["marks"]] == [held.seats[2]]
            assert [one["enrolment_id"] for one in shown["followed"]] == [held.seats[2]]
            [line] = (await member.get("/attendance")).json()["items"]
            assert (line["kind"], line["reason"], line["name"]) == ("absent", "unsaid", "Claude NOM02")
            assert shown["half_days"][0]["allowed_actions"] == []
            assert refused(await member.post(f"{held.slot()}/open")) == (403, "forbidden")
            assert refused(await member.get(f"{held.path}/ledger")) == (403, "forbidden")
        async with then.client("member", member_id=UUID(int=9)) as stranger:
            assert refused(await stranger.get(held.path)) == (404, "session_not_found")
        async with then.client("member", "trainer", member_id=OTHER) as both:
            # Its token is another account's: it reads its people as a structure, and takes nobody's attendance.
            assert (await both.get(held.path)).status_code == 200
            assert refused(await both.post(f"{held.slot(1)}/open")) == (404, "session_not_found")


async def test_the_network_reads_without_names(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await whole(trainer, held, 0, 0)
        async with then.client("network") as network, then.client("training") as team:
            for reader, names in ((network, {None}), (team, {"Claude NOM00", "Claude NOM01", "Claude NOM02"})):
                shown = (await reader.get(held.path)).json()
                assert {one["name"] for one in shown["half_days"][0]["marks"]} == names
                assert {one["name"] for one in (await reader.get("/attendance")).json()["items"]} == names


async def test_the_absences_of_a_day_are_found_filtered_and_exported(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await whole(trainer, held, 0, 0)
        async with then.client("training") as team:
            wanted = {"kind": "absent", "reason": "unsaid", "session_id": held.id, "member_id": str(UUID(int=1))}
            page = (await team.get("/attendance", params={**wanted, "total": True})).json()
            assert page["total"] == 1
            [line] = page["items"]
            day = {"day_from": line["day"], "day_to": line["day"]}
            assert len((await team.get("/attendance", params={**wanted, **day})).json()["items"]) == 1
            assert (await team.get("/attendance", params={**wanted, "day_from": "2100-01-01"})).json()["items"] == []
            answer = await team.get("/attendance/export", params={**wanted, **day, "format": "csv"})
    text = answer.content.decode("utf-8-sig").splitlines()
    assert len(text) == 2
    assert text[1].split(";")[3:7] == ["Claude NOM01", "absence", "0.00", "à dire"]


async def test_a_link_is_of_the_person_who_has_the_seat(training: ServiceUnderTest, held: Class) -> None:
    async with training.client("training") as team, training.client() as anybody:
        await said(team, f"{held.path}/links")
        rows = await training.rows("SELECT text FROM mail WHERE recipient = 'claude0@exemple.fr' AND text LIKE '%#%'")
        key = {"Signing-Key": rows[0].text.partition("#")[2].split()[0]}
        assert (await anybody.get("/signing-link", headers=key)).status_code == 200
        another = await team.post(
            "/trainees",
            json={
                "first_name": "Maxime",
                "last_name": "EXEMPLE",
                "situation": "employee",
                "member_id": str(UUID(int=1)),
            },
        )
        seat = await team.get(f"/enrolments/{held.seats[0]}")
        await team.post(
            f"/enrolments/{held.seats[0]}/substitute",
            json={"trainee_id": another.json()["id"]},
            headers={"If-Match": seat.headers["etag"]},
        )
        assert refused(await anybody.get("/signing-link", headers=key)) == (404, "signing_link_not_found")
        await said(team, f"{held.path}/links")
        sent = {one["enrolment_id"]: one["mailed"] for one in (await said(team, f"{held.path}/links"))["items"]}
        assert sent[held.seats[0]] is False, "no address: signs on the trainer's device"


async def _tied_to(team: httpx.AsyncClient, trainer: str, account: str) -> None:
    tag = (await team.get(f"/trainers/{trainer}")).headers["etag"]
    body = {"name": "Dominique MODÈLE", "kind": "employee", "account": account}
    answer = await team.put(f"/trainers/{trainer}", json=body, headers={"If-Match": tag})
    assert answer.status_code == 200, answer.text
