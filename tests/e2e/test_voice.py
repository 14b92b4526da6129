"""Who votes, how an assembly is held, and the mandates that follow: each from their own place, through the gateway."""

from datetime import date, timedelta
from typing import Any

from common.testing.awaiting import eventually
from e2e.parts import api_of_another_day, jobs_of_another_day
from e2e.people import Person, Structure, admitted, contact, directed, on, people, words_of
from e2e.platform import Platform

TODAY = date.fromisoformat(on(0))
HELD = date(TODAY.year + 1, 4, 15)
"""In the year after, so that of the platform's other members, whom nobody renewed, none is of the electorate."""
ROLL_DAY = HELD - timedelta(days=15)
RESOLUTION = {"kind": "resolution", "title": "Comptes", "text": "L'assemblée approuve les comptes."}
SEATS = {"kind": "election", "title": "Sièges de Bretagne", "scope": "region", "scope_code": "bretagne", "seats": 2}


async def test_an_assembly_from_its_roll_to_the_mandates_that_follow(platform: Platform) -> None:
    """Six vote, one of them by a contest, and everybody else is told why not; three stand for two seats."""
    with people(platform, "network", "board") as (network, board):
        first, second, third, absent, late = admitted(network, board, *"ABCDF", department="35")
        voters = [first, second, third, absent, *admitted(network, board, "E", department="75", activities=["aci"])]
        trial = _frozen(network, TODAY)
        body = {"kind": "ordinary", "title": "Assemblée annuelle", "held_on": str(HELD), "place": "Rennes"}
        assembly = f"assemblies/{network.send('assemblies', **body)['id']}"
        network.act(assembly, "agenda", verb="PUT", items=[RESOLUTION, SEATS])
        resolution, seats = (item["id"] for item in network.act(assembly, "convene")["agenda"])
        for structure in (first, second, third):
            stands = {"member_id": structure.id, "contact_id": contact(network, structure, "Camille")}
            with people(platform, structure.persona) as [own]:
                own.send(f"{assembly}/items/{seats}/candidacies", **stands)
        mail = directed(network, first, "presidence@a.example")

    convened = (ROLL_DAY - TODAY).days
    async with api_of_another_day(platform, "membership", days_later=convened) as open_as:
        then = Person(open_as("network"))
        renewal = f"renewals/{then.send('renewals', year=HELD.year)['id']}"
        then.send(f"{renewal}/exceptions", members=[one.id for one in voters], reason="vues à l'assemblée")
        roll = _frozen(then, ROLL_DAY)
        frozen = then.read(roll)
        _says_who_votes_and_why_not(then, trial, roll, {one.id for one in voters})
        _is_contested_and_corrected(then, Person(open_as(late.persona)), Person(open_as(second.persona)), roll)
        with jobs_of_another_day(platform, "membership", days_later=convened):
            await _convenes(then, Person(open_as(first.persona)), assembly, first, mail, [*voters[1:], late])

    later = (HELD - TODAY).days
    async with api_of_another_day(platform, "membership", days_later=later) as open_as:
        then, giver = Person(open_as("network")), Person(open_as(absent.persona))
        giver.send(f"{assembly}/proxies", giver_id=absent.id, holder_id=first.id)
        assert giver.denied(f"{assembly}/minutes/draft") == 403
        assert then.act(assembly, "open")["roll_id"] == frozen["id"]
        for structure in (first, second, third):
            room = then.send(f"{assembly}/attendance", member_id=structure.id, name="Sacha FICTIF")["room"]
        assert (room["present"], room["represented"], room["enrolled"], room["reached"]) == (3, 1, 6, True)
        counts = {"votes_for": 3, "votes_against": 1, "abstentions": 0}
        voted = then.act(assembly, f"items/{resolution}/vote", verb="PUT", **counts)
        assert voted["agenda"][0]["result"]["adopted"] is True
        polled = [{"member_id": one.id, "votes": votes} for one, votes in ((first, 4), (second, 1), (third, 3))]
        too_many = {"cast": 5, "candidates": polled}
        poll = f"items/{seats}/poll"
        assert then.refused(assembly, poll, verb="PUT", **too_many) == "tally_inconsistent"
        then.act(assembly, poll, verb="PUT", cast=4, candidates=polled)
        elected = then.act(assembly, "close")["mandates"]
        assert {one["member_name"] for one in elected} == {"A", "C"}
        _sit_and_name_a_bureau(then, {one["member_name"]: one["id"] for one in elected})
        with jobs_of_another_day(platform, "membership", days_later=later):
            minutes = f"/membership/v1/{assembly}/minutes"
            await eventually(lambda: then.client.get(minutes).is_success, awaited="the minutes", seconds=60)
        told = words_of(then.get(minutes).content)
        for words in ("4 voix présentes ou représentées sur 6", "La résolution est adoptée.", "pouvoir à A"):
            assert words in told, told
        assert then.read(roll)["sha256"] == frozen["sha256"]


async def _convenes(
    network: Person, own: Person, assembly: str, reached: Structure, mail: str, others: list[Structure]
) -> None:
    """On the last day in time: whoever has an address by mail, the others by letter, and all of it proven."""
    network.send(f"{assembly}/convocations")
    line = f"{assembly}/convocations/{reached.id}"
    await eventually(lambda: own.read(line)["state"] == "convened", awaited="the convocation", seconds=60)
    letters = [{"member_id": one.id, "tracking_number": f"1A {rank}"} for rank, one in enumerate(others)]
    counts = network.send(f"{assembly}/convocations/letters", posted_on=str(ROLL_DAY), letters=letters)["convocations"]
    assert (counts["enrolled"], counts["convened"], counts["late"]) == (6, 6, 0)
    assert own.denied(f"{assembly}/convocations/{others[0].id}") == 404
    proof = words_of(network.get(f"{assembly}/convocations/proof").content)
    for words in ("6 sur 6", mail, "1A 4", RESOLUTION["title"]):
        assert words in proof, proof


def _is_contested_and_corrected(network: Person, left_out: Person, enrolled: Person, roll: str) -> None:
    """A structure that was left out is right, another that asks for more is not: each reads its answer."""
    contests = []
    for one in (left_out, enrolled):
        [line] = one.read(f"{roll}/members")["items"]
        one.send(f"{roll}/members/{line['member_id']}/contest", reason="Notre courrier du 3 mars.")
        [contest] = one.read(f"{roll}/members/{line['member_id']}")["contests"]
        contests.append(contest)
    right, wrong = contests
    correction = {"member_id": right["member_id"], "votes": 1, "reason": "courrier retrouvé"}
    network.act(roll, "corrections", contest_id=right["id"], **correction)
    network.act(roll, f"contests/{wrong['id']}/reject", answer="Une structure a une voix.")
    assert left_out.read(f"{roll}/members/{right['member_id']}")["entitled"] is True
    [answered] = enrolled.read(f"{roll}/members/{wrong['member_id']}")["contests"]
    assert (answered["status"], answered["answer"]) == ("rejected", "Une structure a une voix.")


def _sit_and_name_a_bureau(network: Person, mandates: dict[str, str]) -> None:
    """Who was elected sits from that day, and a function of the bureau is handed over in one call."""

    def board_on(day: date) -> tuple[set[str], dict[str, list[str]]]:
        board = network.read("board", as_of=str(day))
        bureau = {one["function"]: [held["member_name"] for held in one["holders"]] for one in board["bureau"]}
        sits = {one["mandate"]["member_name"] for one in board["seats"] if one["mandate"]}
        return sits, {function: names for function, names in bureau.items() if names}

    network.send("board/functions", function="president", mandate_id=mandates["A"], source="PV du conseil")
    assert board_on(HELD - timedelta(days=1)) == (set(), {})
    assert board_on(HELD) == ({"A", "C"}, {"president": ["A"]})
    network.send("board/functions", function="president", mandate_id=mandates["C"], source="PV du conseil")
    assert board_on(HELD) == ({"A", "C"}, {"president": ["C"]})


def _frozen(network: Person, day: date) -> str:
    return f"electoral-rolls/{network.send('electoral-rolls', title='Liste', as_of=str(day))['id']}"


def _says_who_votes_and_why_not(network: Person, trial: str, roll: str, voters: set[str]) -> None:
    """Of two rolls, the lines and what differs say the same; who is left out is told why."""

    def lines(path: str, **filters: Any) -> dict[str, dict[str, Any]]:
        return {one["member_id"]: one for one in network.read(path, limit=200, **filters)["items"]}

    assert lines(f"{trial}/members", entitled=True) == {}
    assert lines(f"{roll}/members", entitled=True).keys() == voters
    left_out = lines(f"{roll}/members", entitled=False)
    assert {tuple(one["code"] for one in line["reasons"]) for line in left_out.values()} == {("not_renewed",)}
    came = lines(f"{trial}/diff", against=roll.partition("/")[2])
    assert {(member, one["kind"]) for member, one in came.items()} == {(member, "came") for member in voters}
