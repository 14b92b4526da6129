"""The lists of trainers: who may teach what and is there when; each filter is the rule that it stands for."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plans import indexes_of
from common.transaction import Actor
from training.trainers.domain import Half, HalfDay, NotTaught, TrainerNotFound, may_teach, taken
from training.trainers.queries import trainers_by_id

from ..programmes.arrangements import created, published
from .arrangements import CONTRACTOR, able, acted, away, codes, registered


async def names(client: httpx.AsyncClient, **asked: Any) -> list[str]:
    answer = await client.get("/trainers", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["name"].split()[0] for one in answer.json()["items"]]


@pytest_asyncio.fixture
async def four(training: ServiceUnderTest) -> None:
    """Aïda teaches the theme of CIP-01, Brice that programme until February, Cléo HR; Denis is archived."""
    async with training.client("training") as team:
        await published(team, "CIP-01", theme="support")
        await created(team, "NEW-01")
        aida = await registered(team, name="Aïda ÉVRARD", delegations=["occitanie"])
        brice = await registered(team, **CONTRACTOR | {"name": "Brice MODÈLE", "cost": None})
        cleo = await registered(team, name="Cléo DUBOIS", delegations=["hdf"])
        denis = await registered(team, name="Denis EXEMPLE")
        await able(team, aida)
        ending = {"theme": None, "programme_code": "CIP-01", "valid_until": "2026-02-28"}
        await able(team, brice, **ending)
        await able(team, cleo, theme="hr", valid_until="2030-06-30")
        await able(team, cleo, theme="hr", assessed_on="2025-01-10", valid_until="2026-01-31")
        lost = await able(team, cleo)
        await team.post(f"/competences/{lost}/withdraw", json={"reason": "Perdue"})
        await able(team, denis)
        await acted(team, denis, "archive")
        await away(team, aida, "2026-02-10", "2026-02-12", last_half="morning")


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, ["Aïda", "Brice", "Cléo"], id="ceux en activité, par leur nom"),
        pytest.param({"sort": "-name"}, ["Cléo", "Brice", "Aïda"], id="à l'envers"),
        pytest.param({"archived": True}, ["Denis"], id="archivés"),
        pytest.param({"q": "evrard"}, ["Aïda"], id="sans accents"),
        pytest.param({"q": "MODELE"}, ["Brice"], id="sans casse"),
        pytest.param({"q": "%%"}, ["Aïda", "Brice", "Cléo"], id="des signes ne cherchent rien"),
        pytest.param({"kind": "contractor"}, ["Brice"], id="sous-traitants"),
        pytest.param({"delegation": ["occitanie", "hdf"]}, ["Aïda", "Brice", "Cléo"], id="de deux délégations"),
        pytest.param({"delegation": "hdf"}, ["Cléo"], id="d'une délégation"),
        pytest.param({"theme": "support"}, ["Aïda"], id="d'un thème, aujourd'hui"),
        pytest.param({"programme": "CIP-01"}, ["Aïda"], id="d'un programme ou de son thème, aujourd'hui"),
        pytest.param({"programme": "CIP-01", "available_on": "2026-02-16"}, ["Aïda", "Brice", "Cléo"], id="ce jour-là"),
        pytest.param({"programme": "CIP-01", "available_on": "2026-02-11"}, ["Brice", "Cléo"], id="qui est là"),
        pytest.param({"programme": "NEW-01"}, [], id="d'un programme que nul n'enseigne"),
        pytest.param({"programme": "ZZZ-99"}, [], id="d'un programme inconnu"),
        pytest.param({"available_on": "2026-02-12"}, ["Brice", "Cléo"], id="la journée entière"),
        pytest.param({"available_on": "2026-02-12", "half": "morning"}, ["Brice", "Cléo"], id="le matin"),
        pytest.param({"available_on": "2026-02-12", "half": "afternoon"}, ["Aïda", "Brice", "Cléo"], id="l'après-midi"),
        pytest.param({"expiring_before": "2026-03-01"}, ["Brice"], id="à renouveler ; Cléo l'a fait"),
        pytest.param({"expiring_before": "2031-01-01"}, ["Brice", "Cléo"], id="à renouveler plus tard"),
    ],
)
async def test_trainers_are_found(training: ServiceUnderTest, asked: dict[str, Any], found: list[str]) -> None:
    async with training.client("training") as team:
        assert await names(team, **asked) == found
        narrowing = {name: value for name, value in asked.items() if name != "sort"}
        exported = (await team.get("/trainers/export", params=narrowing)).content.decode("utf-8-sig").splitlines()[1:]
        assert sorted(line.split(";")[0].split()[0] for line in exported) == sorted(found)
        assert (await team.get("/trainers", params={**asked, "total": True})).json()["total"] == len(found)


@pytest.mark.usefixtures("four")
async def test_a_filter_is_the_rule_that_it_stands_for(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        ids = [one["id"] for one in (await team.get("/trainers")).json()["items"]]
        async with training.runtime.database.reading(Actor("test")) as read:
            held = await trainers_by_id(read, [UUID(one) for one in ids])
        for day in (date(2026, 1, 9), date(2026, 2, 10), date(2026, 2, 12), date(2026, 2, 28), date(2026, 3, 1)):
            for half in Half:
                there = [
                    one.profile.name.split()[0]
                    for one in held.values()
                    if not isinstance(may_teach(one.competences, "CIP-01", "support", day), NotTaught)
                    and not taken(one.unavailabilities, [HalfDay(day, half)])
                ]
                asked = {"programme": "CIP-01", "available_on": str(day), "half": half.value}
                assert await names(team, **asked) == sorted(there), (day, half)


async def test_half_of_no_day_is_asked_for_in_vain(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        for path in ("/trainers", "/trainers/export"):
            assert codes(await team.get(path, params={"half": "morning"})) == (400, "half_without_day")


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, 6, id="toutes, les retirées comprises"),
        pytest.param({"theme": "hr"}, 2, id="d'un thème"),
        pytest.param({"programme": "CIP-01"}, 1, id="d'un programme"),
        pytest.param({"evidence": ["peer_evaluation", "experience"]}, 0, id="montrées autrement"),
        pytest.param({"withdrawn": True}, 1, id="retirées"),
        pytest.param({"withdrawn": False}, 5, id="les autres"),
        pytest.param({"valid_on": "2026-02-28"}, 5, id="qui valaient ce jour-là, la perdue depuis comprise"),
        pytest.param({"expiring_before": "2026-03-01"}, 1, id="à renouveler"),
        pytest.param({"trainer_id": "00000000-0000-0000-0000-000000000001"}, 0, id="de personne"),
    ],
)
async def test_competences_are_found(training: ServiceUnderTest, asked: dict[str, Any], found: int) -> None:
    async with training.client("training") as team:
        page = (await team.get("/competences", params={**asked, "total": True})).json()
        assert (len(page["items"]), page["total"]) == (found, found)
        exported = (await team.get("/competences/export", params=asked)).content.decode("utf-8-sig").splitlines()
        assert len(exported) == found + 1
        turned, cursor = 0, None
        for _ in range(found):
            following = {"cursor": cursor} if cursor else {}
            one = await team.get("/competences", params={**asked, "limit": 1, "sort": "valid_until", **following})
            turned, cursor = turned + len(one.json()["items"]), one.json()["next_cursor"]
        assert (turned, cursor) == (found, None)


@pytest.mark.usefixtures("four")
async def test_absences_are_found_by_their_days(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        for first, last, found in (
            ("2026-02-12", "2026-02-20", 1),
            ("2026-02-13", "2026-02-20", 0),
            ("2026-01-01", "2026-02-09", 0),
        ):
            page = await team.get("/unavailabilities", params={"day_from": first, "day_to": last})
            assert len(page.json()["items"]) == found
        stranger = "00000000-0000-0000-0000-000000000001"
        assert (await team.get("/unavailabilities", params={"trainer_id": stranger})).json()["items"] == []


async def test_a_trainer_that_is_not_there_is_not_found_among_others(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        known = UUID(await registered(team))
    async with training.runtime.database.reading(Actor("test")) as read:
        assert list(await trainers_by_id(read, [known])) == [known]
        with pytest.raises(TrainerNotFound):
            await trainers_by_id(read, [known, UUID(int=1)])


async def test_a_thousand_trainers_are_found_by_their_indexes(training: ServiceUnderTest) -> None:
    await fill(training, 1_000)
    async with training.client("training") as team:
        for asked, most, index in (
            ({"limit": 20}, 1, "ix_trainer_name_key"),
            ({"limit": 20, "theme": "support"}, 1, "ix_trainer_name_key"),
            ({"limit": 20, "programme": "T-7", "available_on": "2026-03-02"}, 2, "ix_trainer_competence_programme"),
            ({"limit": 20, "expiring_before": "2020-06-01"}, 1, "ix_trainer_competence_valid_until"),
        ):
            with training.statements() as sent:
                page = await team.get("/trainers", params=asked)
            assert page.json()["items"], asked
            reads = [one for one in sent if one[0].lstrip().upper().startswith("SELECT")]
            assert len(reads) == most, [statement for statement, _ in reads]
            assert index in await indexes_of(training, *reads[-1]), (asked, reads[-1])
        with training.statements() as sent:
            assert len((await team.get("/competences", params={"limit": 50})).json()["items"]) == 50
        assert len([one for one in sent if one[0].lstrip().upper().startswith("SELECT")]) == 2


async def fill(training: ServiceUnderTest, count: int) -> None:
    """Put trainers straight into the tables, each with five competences, one of them soon over, and two absences."""
    connection = await asyncpg.connect(training.runtime.settings.database_url)
    trainers = [(UUID(int=rank + 1), f"formateur {rank:05}") for rank in range(count)]
    competences = [
        (
            UUID(int=10_000 + rank * 5 + place), UUID(int=rank + 1), f"T-{(rank + place) % 50}" if place else None,
            None if place else "support", date(2020, 1, 1) + timedelta(days=rank) if place == 4 else None,
        )
        for rank in range(count)
        for place in range(5)
    ]  # fmt: skip
    absences = [
        (UUID(int=50_000 + rank), UUID(int=rank % count + 1), date(2026, 1, 1) + timedelta(days=rank % 300))
        for rank in range(2 * count)
    ]
    try:
        await connection.executemany(
            "INSERT INTO trainer (id, name, name_key, kind, delegations, cost_note, version, created_at, created_by,"
            " changed_at, changed_by) VALUES ($1, $2, $2, 'employee', '{}', '', 1, now(), 'x', now(), 'x')",
            trainers,
        )
        await connection.executemany(
            "INSERT INTO trainer_competence (id, trainer_id, programme_code, theme, valid_until, evidence, reference,"
            " assessed_on, assessed_by, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5, 'diploma', 'x', '2019-01-01', 'x', now(), 'x')",
            competences,
        )
        await connection.executemany(
            "INSERT INTO trainer_unavailability (id, trainer_id, first_day, first_half, last_day, last_half, reason,"
            " recorded_at, recorded_by) VALUES ($1, $2, $3, 'morning', $3, 'afternoon', 'leave', now(), 'x')",
            absences,
        )
        await connection.execute("VACUUM ANALYZE trainer, trainer_competence, trainer_unavailability")
    finally:
        await connection.close()
