"""The people of a structure, through the API: its own list, namesakes, corrections; nobody else's to read."""

from uuid import UUID

from common.testing.harness import ServiceUnderTest

from ..enrolments.arrangements import member, person, refused


async def test_a_structure_keeps_its_own_list(training: ServiceUnderTest) -> None:
    await training.receive(member(1), member(2))
    async with training.client("member", member_id=UUID(int=1)) as mine:
        first = await person(mine, 1, "ÉXEMPLE")
        again = (await mine.post("/trainees", json={
            "first_name": "camille", "last_name": "Exemple", "situation": "apprentice", "member_id": str(UUID(int=1)),
        })).json()  # fmt: skip
        assert again["namesakes"] == [first]
        assert again["situation_label"] == "apprentie ou apprenti"
        nowhere = {"first_name": "A", "last_name": "B", "situation": "other"}
        assert refused(await mine.post("/trainees", json=nowhere)) == (403, "trainee_not_yours")
        theirs = {**nowhere, "member_id": str(UUID(int=2))}
        assert refused(await mine.post("/trainees", json=theirs)) == (404, "member_unknown")
    async with training.client("member", member_id=UUID(int=2)) as other:
        assert refused(await other.get(f"/trainees/{first}")) == (404, "trainee_not_found")
        assert (await other.get("/trainees")).json()["items"] == []
    async with training.client("network") as network:
        assert (await network.get("/trainees")).status_code == 403


async def test_a_person_is_found_and_corrected(training: ServiceUnderTest) -> None:
    await training.receive(member(1))
    async with training.client("training") as team:
        one = await person(team, 1, "DE L'ÎLE", email="personne@exemple.fr")
        await person(team, None, "AUTRE", situation="individual")
        for params, names in (
            ({"q": "ile camille"}, ["DE L'ÎLE"]), ({"member_id": str(UUID(int=1))}, ["DE L'ÎLE"]),
            ({"situation": "individual"}, ["AUTRE"]), ({"sort": "-name"}, ["DE L'ÎLE", "AUTRE"]),
        ):  # fmt: skip
            found = (await team.get("/trainees", params=params)).json()["items"]
            assert [line["last_name"] for line in found] == names
        blind = await team.patch(f"/trainees/{one}", json={"last_name": "Nouveau"})
        assert refused(blind) == (428, "if_match_missing")
        amended = await team.patch(
            f"/trainees/{one}", json={"last_name": "Nouveau", "email": None}, headers={"If-Match": '"v1"'}
        )
        after = amended.json()
        assert (after["first_name"], after["last_name"], after["email"]) == ("Camille", "Nouveau", None)
        assert (after["version"], after["member_name"]) == (2, "Structure 1")


async def test_a_persons_name_is_not_told_to_the_bus(training: ServiceUnderTest) -> None:
    await training.receive(member(1))
    async with training.client("training") as team:
        await person(team, 1, "SECRET")
    assert await training.published() == []
