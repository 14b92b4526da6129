"""A trainer's story through the API: registered, able, away, archived, erased; who is shown what."""

import asyncio
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest

from ..programmes.arrangements import published
from .arrangements import COMPETENCE, CONTRACTOR, EMPLOYEE, able, acted, away, codes, registered


async def test_a_trainer_is_registered_amended_archived_and_called_again(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        made = await team.post("/trainers", json=EMPLOYEE)
        assert made.status_code == 201, made.text
        held = made.json()
        assert made.headers["location"] == f"/training/v1/trainers/{held['id']}"
        assert {name: held[name] for name in EMPLOYEE if name != "cost"} == {
            name: value for name, value in EMPLOYEE.items() if name != "cost"
        }
        assert (held["cost"], held["kind_label"]) == (EMPLOYEE["cost"], "salarié de l'organisme")
        assert (held["allowed_actions"], held["blockers"]["restore"][0]["code"]) == (
            ["amend", "archive"],
            "trainer_not_archived",
        )
        at = f"/trainers/{held['id']}"
        amended = await team.put(at, json=CONTRACTOR, headers={"If-Match": made.headers["etag"]})
        assert (amended.json()["contractor"], amended.json()["email"]) == (CONTRACTOR["contractor"], None)
        gone = (await acted(team, held["id"], "archive")).json()
        assert (gone["archived_on"] is not None, gone["allowed_actions"]) == (True, ["restore", "erase"])
        refused = await team.put(at, json=CONTRACTOR, headers={"If-Match": '"v3"'})
        assert codes(refused) == (409, "trainer_archived")
        assert codes(await acted(team, held["id"], "archive")) == (409, "trainer_archived")
        assert (await acted(team, held["id"], "restore")).json()["allowed_actions"] == ["amend", "archive"]
        assert codes(await acted(team, held["id"], "restore")) == (409, "trainer_not_archived")
        missing = "00000000-0000-0000-0000-000000000001"
        assert codes(await team.get(f"/trainers/{missing}")) == (404, "trainer_not_found")
        lost = await team.put(f"/trainers/{missing}", json=CONTRACTOR, headers={"If-Match": '"v1"'})
        assert codes(lost) == (404, "trainer_not_found")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        pytest.param({"kind": "contractor"}, 400, "trainer_employer_unclear", id="sous-traitant de personne"),
        pytest.param(
            {"contractor": CONTRACTOR["contractor"]}, 400, "trainer_employer_unclear", id="salarié d'une autre"
        ),
        pytest.param({"account": "sujet-camille"}, 409, "trainer_account_taken", id="le compte d'un autre"),
        pytest.param({"cost": {"amount": "-1", "unit": "hour"}}, 422, "validation", id="un coût négatif"),
        pytest.param({"delegations": ["Île-de-France"]}, 422, "validation", id="un nom pour un code"),
        pytest.param(
            {"kind": "contractor", "contractor": {**CONTRACTOR["contractor"], "siret": "90000000100018"}},
            422, "validation", id="un SIRET faux",
        ),
    ],
)  # fmt: skip
async def test_what_is_refused_of_a_trainer(
    training: ServiceUnderTest, said: dict[str, Any], status: int, code: str
) -> None:
    async with training.client("training") as team:
        await registered(team, account="sujet-camille")
        assert codes(await team.post("/trainers", json={**EMPLOYEE, "account": None, **said})) == (status, code)
        other = await registered(team, name="Autre EXEMPLE")
        amended = await team.put(
            f"/trainers/{other}", json={**EMPLOYEE, "account": None, **said}, headers={"If-Match": '"v1"'}
        )
        assert codes(amended) == (status, code)


async def test_one_account_is_given_once_however_many_ask_at_once(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        wanted = {**EMPLOYEE, "account": "sujet-un"}
        answers = await asyncio.gather(*(team.post("/trainers", json=wanted) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_who_has_not_read_the_last_state_changes_nothing(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        trainer = await registered(team)
        assert codes(await team.put(f"/trainers/{trainer}", json=EMPLOYEE)) == (428, "if_match_missing")
        await acted(team, trainer, "archive")
        late = await team.post(f"/trainers/{trainer}/restore", headers={"If-Match": '"v1"'})
        assert codes(late) == (412, "version_changed")
        assert late.json()["current"]["version"] == 2
        dry = await team.post(f"/trainers/{trainer}/restore", params={"dry_run": True}, headers={"If-Match": '"v2"'})
        assert dry.json()["archived_on"] is None
        assert (await team.get(f"/trainers/{trainer}")).json()["archived_on"] is not None


async def test_what_a_trainer_may_teach_is_shown_withdrawn_and_kept(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        await published(team, "CIP-01")
        trainer = await registered(team)
        theme = await able(team, trainer)
        told = {"theme": None, "programme_code": "CIP-01", "valid_until": "2026-02-01", "evidence": "certification"}
        programme = await able(team, trainer, **told)
        held = {one["id"]: one for one in (await team.get("/competences")).json()["items"]}
        assert {key: one["subject_label"] for key, one in held.items()} == {
            theme: "Accompagnement", programme: "Conduire un entretien d'accompagnement",
        }  # fmt: skip
        assert {key: one["lacking"] for key, one in held.items()} == {theme: None, programme: "expired"}
        assert held[theme]["allowed_actions"] == ["withdraw"]
        taken = await team.post(f"/competences/{theme}/withdraw", json={"reason": "Habilitation perdue"})
        assert (taken.json()["lacking"], taken.json()["withdrawal_reason"]) == ("withdrawn", "Habilitation perdue")
        assert (taken.json()["allowed_actions"], taken.json()["blockers"]["withdraw"][0]["code"]) == (
            [], "competence_withdrawn",
        )  # fmt: skip
        again = await team.post(f"/competences/{theme}/withdraw", json={"reason": "Encore"})
        assert codes(again) == (409, "competence_withdrawn")
        assert (await team.get(f"/competences/{theme}")).json()["reference"] == COMPETENCE["reference"]
        missing = "/competences/00000000-0000-0000-0000-000000000001"
        assert codes(await team.get(missing)) == (404, "competence_not_found")
        assert codes(await team.post(f"{missing}/withdraw", json={"reason": "x"})) == (404, "competence_not_found")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        pytest.param({"theme": "cuisine"}, 400, "competence_subject_unknown", id="thème inconnu"),
        pytest.param({"programme_code": "CIP-01"}, 400, "competence_subject_unknown", id="deux objets"),
        pytest.param({"theme": None, "programme_code": "ZZZ-9"}, 400, "competence_subject_unknown", id="inconnu"),
        pytest.param({"assessed_on": "2100-01-01"}, 400, "competence_days_impossible", id="pas encore évaluée"),
        pytest.param({"valid_until": "2026-01-09"}, 400, "competence_days_impossible", id="finie avant"),
        pytest.param(
            {"trainer_id": "00000000-0000-0000-0000-000000000001"}, 404, "trainer_not_found", id="de personne"
        ),
    ],
)
async def test_what_is_refused_of_a_competence(
    training: ServiceUnderTest, said: dict[str, Any], status: int, code: str
) -> None:
    async with training.client("training") as team:
        trainer = await registered(team)
        answer = await team.post("/competences", json={**COMPETENCE, "trainer_id": trainer, **said})
        assert codes(answer) == (status, code)


async def test_when_a_trainer_is_away_is_declared_once_and_taken_back(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        trainer = await registered(team)
        declared = await away(team, trainer, "2026-03-03", "2026-03-04", last_half="morning")
        assert declared.status_code == 201, declared.text
        at = declared.headers["location"].removeprefix("/training/v1")
        assert (await team.get(at)).json() == declared.json()
        assert codes(await away(team, trainer, "2026-03-04", "2026-03-05")) == (409, "unavailability_overlaps")
        assert (await away(team, trainer, "2026-03-04", "2026-03-05", first_half="afternoon")).status_code == 201
        assert codes(await away(team, trainer, "2026-03-09", "2026-03-08")) == (400, "unavailability_reversed")
        assert (await team.delete(at)).status_code == 204
        assert codes(await team.delete(at)) == (404, "unavailability_not_found")
        assert codes(await team.get(at)) == (404, "unavailability_not_found")
        missing = "00000000-0000-0000-0000-000000000001"
        assert codes(await away(team, missing, "2026-03-03", "2026-03-03")) == (404, "trainer_not_found")


async def test_of_two_absences_that_overlap_declared_at_once_one_is_kept(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        trainer = await registered(team)
        answers = await asyncio.gather(*(away(team, trainer, "2026-03-03", f"2026-03-{day:02}") for day in range(3, 9)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_nothing_is_said_of_an_archived_or_erased_trainer(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        trainer = await registered(team)
        theme = await able(team, trainer)
        assert (await away(team, trainer, "2026-03-03", "2026-03-04", reason="illness")).status_code == 201
        assert codes(await acted(team, trainer, "erase", reason="Demande")) == (409, "trainer_not_archived")
        await acted(team, trainer, "archive")
        for answer in (
            await team.post("/competences", json={**COMPETENCE, "trainer_id": trainer}),
            await away(team, trainer, "2026-04-03", "2026-04-04"),
        ):
            assert codes(answer) == (409, "trainer_archived")
        erased = (await acted(team, trainer, "erase", reason="Demande de l'intéressé")).json()
        assert (erased["name"], erased["erasure_reason"]) == ("Formateur effacé", "Demande de l'intéressé")
        assert (erased["email"], erased["phone"], erased["account"], erased["cost"]) == (None, None, None, None)
        assert erased["allowed_actions"] == []
        kept = (await team.get(f"/competences/{theme}")).json()
        assert (kept["trainer_name"], kept["reference"], kept["theme"]) == ("Formateur effacé", "Effacé", "support")
        assert (await team.get("/unavailabilities")).json()["items"] == []
        for answer in (
            await acted(team, trainer, "restore"),
            await acted(team, trainer, "erase", reason="Encore"),
            await team.put(f"/trainers/{trainer}", json=EMPLOYEE, headers={"If-Match": '"v3"'}),
            await team.post("/competences", json={**COMPETENCE, "trainer_id": trainer}),
            await away(team, trainer, "2026-04-03", "2026-04-04"),
        ):
            assert codes(answer) == (409, "trainer_erased")
    [row] = await training.rows("SELECT name, name_key, email, phone, account, cost_note FROM trainer")
    assert tuple(row) == ("Formateur effacé", "formateur efface", None, None, None, "")


@pytest.mark.parametrize("role", ["network", "board"])
async def test_the_house_sees_who_teaches_what_and_nothing_of_the_person(training: ServiceUnderTest, role: str) -> None:
    async with training.client("training") as team, training.client(role) as reader:
        trainer = await registered(team, account="sujet-camille")
        competence = await able(team, trainer)
        await away(team, trainer, "2026-03-03", "2026-03-04", reason="illness")
        seen = (await reader.get(f"/trainers/{trainer}")).json()
        assert (seen["name"], seen["allowed_actions"]) == (EMPLOYEE["name"], [])
        assert [seen[name] for name in ("email", "phone", "account", "cost")] == [None] * 4
        [line] = (await reader.get("/trainers")).json()["items"]
        assert (line["email"], line["phone"]) == (None, None)
        assert (await reader.get(f"/competences/{competence}")).json()["allowed_actions"] == []
        [absence] = (await reader.get("/unavailabilities")).json()["items"]
        assert (absence["first_day"], absence["reason"]) == ("2026-03-03", None)
        assert "camille@" not in (await reader.get("/trainers/export")).text
        assert "camille@" in (await team.get("/trainers/export")).text
        assert (await reader.post("/trainers", json=EMPLOYEE)).status_code == 403
    async with training.client("member") as member, training.client() as anybody:
        assert (await member.get("/trainers")).status_code == 403
        assert (await anybody.get("/trainers")).status_code == 401
