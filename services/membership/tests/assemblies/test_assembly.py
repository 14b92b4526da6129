"""An assembly from its preparation to the mandates that follow, through its doors."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.pictures import faults_of_print

from ..contacts.test_contacts import known
from ..departures.test_departures import told
from ..electoral_roll.test_roll import TODAY, able, at, freeze, joined
from ..observatory.test_pictures import ACCENT, INK

HELD = TODAY + timedelta(days=120)
ROLL_DAY = HELD - timedelta(days=15)
NAMES = ("Alpha", "Bravo", "Charlie", "Delta")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


async def act(client: httpx.AsyncClient, path: str, under: str = "", method: str = "POST", **body: Any) -> Any:
    etag = (await client.get(path)).headers["etag"]
    return await client.request(method, f"{path}{under}", json=body or None, headers={"If-Match": etag})


async def five_who_vote(membership: ServiceUnderTest) -> dict[str, str]:
    """Four members of Occitanie, and one of another region, able to vote on the day."""
    async with membership.client("network", "board") as client:
        ids = {name: await joined(client, name) for name in NAMES}
        ids["Echo"] = await joined(client, "Echo", department="75", postcode="75001", activities=["aci"])
    await able(membership, *ids.values())
    return ids


async def person_of(client: httpx.AsyncClient, member_id: str, name: str) -> str:
    return await known(client, f"/members/{member_id}", {"given_name": "Camille", "family_name": name})


RESOLUTION: dict[str, Any] = {
    "kind": "resolution",
    "title": "Comptes 2026",
    "text": "L'assemblée approuve les comptes.",
}
SEATS: dict[str, Any] = {
    "kind": "election", "title": "Sièges d'Occitanie", "scope": "region", "scope_code": "occitanie", "seats": 2,
}  # fmt: skip


async def convened(client: httpx.AsyncClient, *items: dict[str, Any], proof: str | None = None, **fields: Any) -> str:
    body = {"kind": "ordinary", "title": "AG 2027", "held_on": HELD.isoformat(), "place": "Paris", **fields}
    prepared = await client.post("/assemblies", json=body)
    assert prepared.status_code == 201, prepared.text
    path = f"/assemblies/{prepared.json()['id']}"
    seen = {"If-Match": prepared.headers["etag"]}
    planned = await client.put(f"{path}/agenda", json={"items": list(items)}, headers=seen)
    assert planned.status_code == 200, planned.text
    seen = {"If-Match": planned.headers["etag"]}
    answer = await client.post(f"{path}/convene", json={"proof": proof} if proof else None, headers=seen)
    assert answer.status_code == 200, answer.text
    return path


async def convened_again(client: httpx.AsyncClient, first: str, **fields: Any) -> str:
    """Convene the second assembly of one that left points for want of a quorum."""
    body = {"kind": "ordinary", "title": "AG bis", "place": "Paris", **fields, "second_of": first.rpartition("/")[2]}
    prepared = await client.post("/assemblies", json=body)
    assert prepared.status_code == 201, prepared.text
    path = f"/assemblies/{prepared.json()['id']}"
    assert (await act(client, path, "/convene")).status_code == 200
    return path


async def opens(client: httpx.AsyncClient, path: str) -> Any:
    """Open an assembly, be its roll of today."""
    return await act(client, path, "/open", waiver="personne ne conteste la liste")


async def came(client: httpx.AsyncClient, path: str, *member_ids: str, **when: Any) -> Any:
    for member_id in member_ids:
        body = {"member_id": member_id, "name": "Sacha FICTIF", **when}
        answer = await client.post(f"{path}/attendance", json=body)
        assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_assembly_from_its_preparation_to_the_mandates(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network", "board") as client:
        path = await convened(client, RESOLUTION, SEATS)
        shown = (await client.get(path)).json()
        resolution, seats = (f"{path}/items/{item['id']}" for item in shown["agenda"])
        assert (shown["roll_day"], shown["room"]) == (ROLL_DAY.isoformat(), None)
        assert shown["blockers"]["open"][0]["code"] == "assembly_day_to_come"
        people = {name: await person_of(client, ids[name], name.upper()) for name in NAMES}
        early = await client.post(
            f"{seats}/candidacies", json={"member_id": ids["Echo"], "contact_id": people["Alpha"]}
        )
        assert (early.status_code, early.json()["code"]) == (409, "candidate_outside")
        another = await client.post(
            f"{seats}/candidacies", json={"member_id": ids["Alpha"], "contact_id": people["Bravo"]}
        )
        assert (another.status_code, another.json()["code"]) == (409, "contact_of_another")
        for name in ("Alpha", "Bravo", "Charlie"):
            body = {"member_id": ids[name], "contact_id": people[name]}
            assert (await client.post(f"{seats}/candidacies", json=body)).status_code == 200
        twice = await client.post(f"{seats}/candidacies", json=body)
        assert (twice.status_code, twice.json()["code"]) == (409, "candidacy_exists")
        assert (await client.post(f"{resolution}/candidacies", json=body)).json()["code"] == "item_of_another_kind"

    async with at(membership, ROLL_DAY, "network", "board") as client:
        roll = await freeze(client, ROLL_DAY)
        assert (await client.get(path)).json()["room"]["enrolled"] == 5

    async with at(membership, HELD, "member", member_id=UUID(ids["Delta"])) as client:
        given = await client.post(f"{path}/proxies", json={"giver_id": ids["Delta"], "holder_id": ids["Alpha"]})
        assert (given.status_code, given.json()["allowed_actions"]) == (200, [])
        stolen = await client.post(f"{path}/proxies", json={"giver_id": ids["Echo"], "holder_id": ids["Alpha"]})
        assert (stolen.status_code, stolen.json()["code"]) == (404, "member_not_found")
        [mine] = (await client.get(f"{path}/participants")).json()["items"]
        assert (mine["name"], mine["proxy_to_name"]) == ("Delta", "Alpha")
        assert (
            await client.post(f"{path}/attendance", json={"member_id": ids["Delta"], "name": "x"})
        ).status_code == 403
        assert (await client.get(f"{path}/minutes/draft")).status_code == 403

    async with at(membership, HELD, "network", "board") as client:
        opened = (await act(client, path, "/open")).json()
        assert (opened["status"], opened["roll_id"]) == ("open", roll.rpartition("/")[2])
        assert opened["blockers"]["vote"][0]["code"] == "assembly_without_quorum"
        sealed = await act(client, roll, "/corrections", member_id=ids["Echo"], votes=3, reason="trop tard")
        assert (sealed.status_code, sealed.json()["code"]) == (409, "roll_sealed")
        body = {"member_id": ids["Alpha"], "contact_id": people["Alpha"], "at": opened["opened_at"]}
        assert (await client.post(f"{path}/attendance", json=body)).status_code == 200
        room = (await came(client, path, ids["Bravo"], at=opened["opened_at"]))["room"]
        assert (room["present"], room["represented"], room["enrolled"], room["needed"]) == (2, 1, 5, 2)
        too_many = await act(
            client, path, f"{resolution.removeprefix(path)}/vote", "PUT", votes_for=4, votes_against=0, abstentions=0
        )
        assert (too_many.status_code, too_many.json()["code"]) == (400, "tally_inconsistent")
        absent = [{"member_id": ids["Echo"], "choice": "for"}]
        stranger = await act(client, path, f"{resolution.removeprefix(path)}/vote", "PUT", named=absent)
        assert stranger.json()["code"] == "tally_inconsistent"
        choices = (("Alpha", "for"), ("Bravo", "against"), ("Delta", "for"))
        named = [{"member_id": ids[name], "choice": choice} for name, choice in choices]
        voted = (await act(client, path, f"{resolution.removeprefix(path)}/vote", "PUT", named=named)).json()
        result = voted["agenda"][0]["result"]
        assert (result["adopted"], result["votes_for"], result["room"]["enrolled"]) == (True, 2, 5)
        assert result["explanation"].startswith("2 voix pour, 1 contre, 0 abstention non comptée : 3 suffrages")
        for name, seen in (("Delta", ["Delta"]), ("Echo", [])):
            async with at(membership, HELD, "member", member_id=UUID(ids[name])) as its_own:
                told_it = (await its_own.get(path)).json()["agenda"][0]["result"]
                assert [one["member_id"] for one in told_it["named"]] == [ids[one] for one in seen]
                assert told_it["votes_for"] == 2
        late = await client.post(f"{path}/proxies", json={"giver_id": ids["Charlie"], "holder_id": ids["Bravo"]})
        assert (late.status_code, late.json()["code"]) == (409, "proxy_too_late")
        unfinished = await act(client, path, "/close")
        assert (unfinished.status_code, unfinished.json()["code"]) == (409, "items_unvoted")
        poll = f"{seats.removeprefix(path)}/poll"
        totals = {ids["Alpha"]: 2, ids["Bravo"]: 1, ids["Charlie"]: 1}
        counted = [{"member_id": one, "votes": votes} for one, votes in totals.items()]
        wrong = await act(client, path, poll, "PUT", cast=3, void=2, candidates=counted)
        assert (wrong.status_code, wrong.json()["code"]) == (400, "tally_inconsistent")
        strange = await act(client, path, poll, "PUT", cast=1, candidates=[{"member_id": ids["Delta"], "votes": 1}])
        assert (strange.status_code, strange.json()["code"]) == (404, "candidacy_not_found")
        answer = await act(client, path, poll, "PUT", cast=3, void=1, candidates=counted)
        assert answer.status_code == 200, answer.text
        election = answer.json()["agenda"][1]
        assert (election["result"]["cast"], election["result"]["electors"]["enrolled"]) == (3, 4)
        assert (election["result"]["room"]["enrolled"], election["result"]["room"]["reached"]) == (5, True)
        # Bravo and Charlie joined on the same day: nothing parts them.
        assert [one["member_name"] for one in election["candidates"] if one["elected"]] == ["Alpha"]
        assert "rien ne départage Bravo, Charlie. 1 siège à pourvoir." in election["result"]["explanation"]
        draft = text_of((await client.get(f"{path}/minutes/draft")).content)
        assert "PROJET" in draft
        closed = (await act(client, path, "/close")).json()
        assert (closed["status"], closed["quorum_failed"]) == ("closed", False)
        [mandate] = closed["mandates"]
        assert (mandate["member_name"], mandate["person"], mandate["number"]) == ("Alpha", "Camille ALPHA", 1)
        assert mandate["until"] == HELD.replace(year=HELD.year + 3).isoformat()
        again = await act(client, path, "/close")
        assert (again.status_code, again.json()["code"]) == (409, "assembly_state")

    async with membership.days_later((HELD - TODAY).days) as then:
        await then.run_jobs()
        async with then.client("board") as client:
            printed = await client.get(f"{path}/minutes")
            assert printed.headers["content-type"] == "application/pdf"
            shown = {"2 voix pour, 1 contre": ACCENT, "Ordre du jour": ACCENT, "Camille ALPHA": INK, "Sacha": INK}
            assert faults_of_print(printed.content, shown) == []
            told_there = text_of(printed.content)
    for words in (
        "3 voix présentes ou représentées sur 5 inscrites. Il faut 2 voix : le quorum est atteint.",
        "La résolution est adoptée.",
        "L'assemblée approuve les comptes.",
        "pouvoir à Alpha",
        "Pour : Alpha (1), Delta (1). Contre : Bravo (1).",
        "Parmi elles, 3 voix élisent, sur 4 inscrites.",
        "présente depuis",
        "inclus",
        "Camille ALPHA",
        "Sacha FICTIF",
        "3 voix dans l'urne, dont 0 blanche et 1 nulle.",
        "rien ne départage Bravo, Charlie",
        "Occitanie, siège 1",
        "À confirmer : Assemblée : Les statuts n'ont pas été lus.",
        "Mandats : Deux sièges par région",
    ):
        assert words in told_there, words
    assert "PROJET" not in told_there


async def test_without_a_quorum_it_closes_and_a_second_convening_needs_none(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION, kind="extraordinary")
        second = {"kind": "extraordinary", "title": "AGE bis", "held_on": HELD.isoformat(), "place": "Paris"}
        early = await client.post("/assemblies", json={**second, "second_of": path.rpartition("/")[2]})
        assert (early.status_code, early.json()["code"]) == (409, "not_second")
    async with at(membership, HELD) as client:
        roll = await freeze(client, ROLL_DAY)
        await opens(client, path)
        await came(client, path, ids["Alpha"])
        item = (await client.get(path)).json()["agenda"][0]["id"]
        refused = await act(client, path, f"/items/{item}/vote", "PUT", votes_for=1, votes_against=0, abstentions=0)
        assert (refused.status_code, refused.json()["code"]) == (409, "assembly_without_quorum")
        assert "1 voix présentes ou représentées sur 5 inscrites ; il en faut 3." in refused.json()["detail"]
        closed = (await act(client, path, "/close")).json()
        assert (closed["quorum_failed"], closed["mandates"]) == (True, [])
        assert "n'a pas réuni le quorum" in text_of((await client.get(f"{path}/minutes/draft")).content)
        later = (HELD + timedelta(days=20)).isoformat()
        again = await convened_again(client, path, kind="extraordinary", held_on=later)
        assert roll
    async with at(membership, HELD + timedelta(days=20)) as client:
        await freeze(client, HELD + timedelta(days=5))
        await opens(client, again)
        room = (await came(client, again, ids["Alpha"]))["room"]
        assert (room["needed"], room["reached"]) == (0, True)
        item = (await client.get(again)).json()["agenda"][0]["id"]
        voted = await act(client, again, f"/items/{item}/vote", "PUT", votes_for=1, votes_against=0, abstentions=0)
        assert voted.json()["agenda"][0]["result"]["adopted"] is True
        assert [one["status"] for one in (await client.get("/assemblies")).json()["items"]] == ["open", "closed"]


async def test_proxies_lapse_and_are_revoked(membership: ServiceUnderTest, ids: dict[str, str]) -> None:
    async with membership.client("network") as client:
        path = await convened(client, RESOLUTION)
    async with at(membership, HELD) as client:
        await freeze(client, ROLL_DAY)

        async def gives(giver: str, holder: str) -> Any:
            return await client.post(f"{path}/proxies", json={"giver_id": ids[giver], "holder_id": ids[holder]})

        assert (await gives("Bravo", "Alpha")).status_code == 200
        assert (await gives("Charlie", "Alpha")).status_code == 200
        assert (await gives("Delta", "Alpha")).json()["code"] == "too_many_proxies"
        assert (await gives("Bravo", "Echo")).json()["code"] == "proxy_given"
        assert (await gives("Alpha", "Echo")).json()["code"] == "proxy_chained"
        assert (await gives("Echo", "Echo")).json()["code"] == "proxy_to_oneself"
        unknown = await client.post(f"{path}/proxies", json={"giver_id": ids["Echo"], "holder_id": str(uuid4())})
        assert (unknown.status_code, unknown.json()["code"]) == (409, "not_entitled")
        await opens(client, path)
        room = (await came(client, path, ids["Alpha"]))["room"]
        assert (room["present"], room["represented"]) == (1, 2)
        room = (await came(client, path, ids["Bravo"]))["room"]
        assert (room["present"], room["represented"]) == (2, 1)
        rows = (await client.get(f"{path}/participants", params={"total": "true"})).json()
        bravo = next(one for one in rows["items"] if one["name"] == "Bravo")
        assert (rows["total"], bravo["proxy_lapsed"][:40]) == (3, "La structure qui l'a donné est présente ")
        why = {"reason": "par courrier"}
        revoked = await client.post(f"{path}/proxies/{ids['Charlie']}/revoke", json=why)
        assert revoked.json()["room"]["represented"] == 0
        missing = await client.post(f"{path}/proxies/{ids['Charlie']}/revoke", json=why)
        assert (missing.status_code, missing.json()["code"]) == (404, "proxy_not_found")
        left = await client.post(f"{path}/attendance/{ids['Bravo']}/leave")
        assert left.json()["room"]["votes"] == 2  # back to its proxy
        nobody = await client.post(f"{path}/attendance/{ids['Echo']}/leave")
        assert (nobody.status_code, nobody.json()["code"]) == (404, "not_present")
    async with at(membership, HELD, "delegation", delegation="idf") as client:
        assert (await client.get(f"{path}/participants")).json()["items"] == []
        assert (await client.get(path)).json()["room"]["votes"] == 2
        assert (await client.post("/assemblies", json={})).status_code == 403


async def test_a_seat_is_handed_on_and_ends(membership: ServiceUnderTest, ids: dict[str, str]) -> None:

    async def elected(day: date, *names: str) -> None:
        """Hold an assembly that gives the seats of Occitanie to some of its structures."""
        async with at(membership, day - timedelta(days=15), "network", "board") as client:
            path = await convened(client, SEATS, held_on=day.isoformat())
            item = (await client.get(path)).json()["agenda"][0]["id"]
            for name in names:
                body = {"member_id": ids[name], "contact_id": await person_of(client, ids[name], name)}
                stood = await client.post(f"{path}/items/{item}/candidacies", json=body)
                assert stood.status_code == 200, stood.text
            await freeze(client, day - timedelta(days=15))
        async with at(membership, day, "network", "board") as client:
            await opens(client, path)
            await came(client, path, *(ids[name] for name in NAMES))
            votes = [{"member_id": ids[name], "votes": 4 - rank} for rank, name in enumerate(names)]
            polled = await act(client, path, f"/items/{item}/poll", "PUT", cast=4, candidates=votes)
            assert polled.status_code == 200, polled.text
            assert (await act(client, path, "/close")).status_code == 200

    def seats(board: Any) -> dict[int, str | None]:
        return {
            one["number"]: one["mandate"] and one["mandate"]["member_name"]
            for one in board["seats"]
            if one["code"] == "occitanie"
        }

    first, next_day = HELD, HELD + timedelta(days=30)
    await elected(first, "Alpha", "Bravo")
    await elected(next_day, "Charlie", "Bravo")
    async with at(membership, next_day, "network") as client:
        eve = {"as_of": (next_day - timedelta(days=1)).isoformat()}
        assert seats((await client.get("/board", params=eve)).json()) == {1: "Alpha", 2: "Bravo"}
        board = (await client.get("/board")).json()
        assert seats(board) == {1: "Charlie", 2: "Bravo"}
        assert (board["in_office"], board["status"]) == (2, "assumed")
        assert board["total"] == 2 * len({one["code"] for one in board["seats"]})
        held = (await client.get("/board/mandates", params={"held": "true", "total": "true"})).json()
        ended = (await client.get("/board/mandates", params={"member_id": ids["Alpha"]})).json()["items"]
        assert (held["total"], [one["end"] for one in ended]) == (2, ["succeeded"])
        await told(client, f"/members/{ids['Charlie']}", effective_on=next_day.isoformat(), notice_waived=True)
        [charlie] = (await client.get("/board/mandates", params={"member_id": ids["Charlie"]})).json()["items"]
        assert charlie["problem"].startswith("Charlie n'est plus adhérente : mettez fin au mandat")
        mandate = f"/board/mandates/{charlie['id']}"
        body = {"end": "structure_left", "reason": "démission de la structure"}
        over = (await act(client, mandate, "/end", **body)).json()
        assert (over["ended_on"], over["allowed_actions"]) == (next_day.isoformat(), [])
        assert seats((await client.get("/board")).json()) == {1: None, 2: "Bravo"}
        again = await act(client, mandate, "/end", **body)
        assert (again.status_code, again.json()["code"]) == (409, "mandate_ended")
    async with at(membership, next_day, "member", member_id=UUID(ids["Echo"])) as client:
        board = (await client.get("/board")).json()
        [bravo] = [one["mandate"] for one in board["seats"] if one["mandate"]]
        assert (bravo["person"], bravo["allowed_actions"]) == ("Camille Bravo", [])
        assert (await client.post(mandate + "/end", json=body, headers={"If-Match": '"v1"'})).status_code == 403


async def test_an_assembly_in_preparation_is_corrected_and_a_point_withdrawn(
    membership: ServiceUnderTest, ids: dict[str, str]
) -> None:
    async with membership.client("board") as client:
        body = {"kind": "ordinary", "title": "AG", "held_on": HELD.isoformat(), "place": "Paris"}
        path = f"/assemblies/{(await client.post('/assemblies', json=body)).json()['id']}"
        empty = await act(client, path, "/convene")
        assert (empty.status_code, empty.json()["code"]) == (409, "assembly_agenda_empty")
        amended = await act(client, path, "", "PATCH", place="à distance")
        assert amended.json()["place"] == "à distance"
        stale = await client.patch(path, json={"place": "x"}, headers={"If-Match": '"v1"'})
        assert (stale.status_code, stale.json()["current"]["place"]) == (412, "à distance")
        wrong = await act(client, path, "/agenda", "PUT", items=[{**SEATS, "seats": None}])
        assert (wrong.status_code, wrong.json()["code"]) == (400, "item_inconsistent")
        college = {**SEATS, "scope": "college"}
        for agenda in (
            [{**SEATS, "seats": 3}],
            [{**SEATS, "scope_code": "nulle-part"}],
            [{**SEATS, "scope_code": "production"}],
            [college],
            [{**college, "scope_code": "associates"}],
        ):
            wrong = await act(client, path, "/agenda", "PUT", items=agenda)
            assert (wrong.status_code, wrong.json()["code"]) == (400, "item_inconsistent"), agenda
        twice = await act(client, path, "/agenda", "PUT", items=[SEATS, SEATS])
        assert (twice.status_code, twice.json()["code"]) == (400, "seats_twice")
        first = (await act(client, path, "/agenda", "PUT", items=[RESOLUTION, SEATS])).json()["agenda"]
        kept = {**RESOLUTION, "id": first[0]["id"], "majority": "absolute"}
        again = (await act(client, path, "/agenda", "PUT", items=[kept, RESOLUTION])).json()["agenda"]
        assert (again[0]["id"], again[0]["majority"]) == (first[0]["id"], "majorité absolue, abstentions comptées")
        await act(client, path, "/convene")
        assert (await act(client, path, "", "PATCH", place="Lyon")).json()["place"] == "Lyon"
        fixed = await act(client, path, "", "PATCH", title="x")
        assert (fixed.status_code, fixed.json()["code"]) == (409, "assembly_state")
    async with at(membership, HELD, "board") as client:
        missing = await act(client, path, "/open")
        assert (missing.status_code, missing.json()["code"]) == (409, "roll_missing")
        await freeze(client, ROLL_DAY)
        await opens(client, path)
        await came(client, path, ids["Alpha"], ids["Bravo"])
        withdrawn = await act(client, path, f"/items/{again[1]['id']}/withdraw", reason="remis à l'an prochain")
        assert withdrawn.json()["agenda"][1]["result"]["withdrawn"] == "remis à l'an prochain"
        nothing = await act(client, path, f"/items/{uuid4()}/withdraw", reason="x")
        assert (nothing.status_code, nothing.json()["code"]) == (404, "item_not_found")
        await act(client, path, f"/items/{again[0]['id']}/vote", "PUT", votes_for=1, votes_against=0, abstentions=1)
        closed = (await act(client, path, "/close")).json()
        assert closed["agenda"][0]["result"]["adopted"] is False  # one of two, abstentions counted
