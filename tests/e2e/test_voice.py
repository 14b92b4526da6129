"""Who votes, how an assembly is held, and the mandates that follow: each from their own place, through the gateway."""

from datetime import date, timedelta
from typing import Any

from common.testing.awaiting import eventually
from e2e.parts import api_of_another_day, jobs_of_another_day
from e2e.people import Person, admitted, contact, on, people, words_of
from e2e.platform import Platform

TODAY = date.fromisoformat(on(0))
HELD = date(TODAY.year + 1, 4, 15)
"""In the year after, so that of the platform's other members, whom nobody renewed, none is of the electorate."""
ROLL_DAY = HELD - timedelta(days=15)
RESOLUTION = {"kind": "resolution", "title": "Comptes", "text": "L'assemblée approuve les comptes."}
SEATS = {"kind": "election", "title": "Sièges de Bretagne", "scope": "region", "scope_code": "bretagne", "seats": 2}


async def test_an_assembly_from_its_roll_to_the_mandates_that_follow(platform: Platform) -> None:
    """Five vote and everybody else is told why not; one is absent and votes all the same; three stand for two seats."""
    with people(platform, "network", "board") as (network, board):
        first, second, third, absent = voters = admitted(network, board, *"ABCD", department="35")
        voters = [*voters, *admitted(network, board, "E", department="75", activities=["aci"])]
        trial = _frozen(network, TODAY)
        body = {"kind": "ordinary", "title": "Assemblée annuelle", "held_on": str(HELD), "place": "Rennes"}
        assembly = f"assemblies/{network.send('assemblies', **body)['id']}"
        network.act(assembly, "agenda", verb="PUT", items=[RESOLUTION, SEATS])
        resolution, seats = (item["id"] for item in network.act(assembly, "convene")["agenda"])
        for structure in (first, second, third):
            stands = {"member_id": structure.id, "contact_id": contact(network, structure, "Camille")}
            with people(platform, structure.persona) as [own]:
                own.send(f"{assembly}/items/{seats}/candidacies", **stands)
        later = (HELD - TODAY).days
        async with api_of_another_day(platform, "membership", days_later=later) as open_as:
            then, giver = Person(open_as("network")), Person(open_as(absent.persona))
            renewal = f"renewals/{then.send('renewals', year=HELD.year)['id']}"
            then.send(f"{renewal}/exceptions", members=[one.id for one in voters], reason="vues à l'assemblée")
            roll = _frozen(then, ROLL_DAY)
            frozen = then.read(roll)
            _says_who_votes_and_why_not(then, trial, roll, {one.id for one in voters})

            giver.send(f"{assembly}/proxies", giver_id=absent.id, holder_id=first.id)
            assert giver.denied(f"{assembly}/minutes/draft") == 403
            opened = then.act(assembly, "open", waiver="personne ne conteste la liste")
            assert opened["roll_id"] == frozen["id"]
            for structure in (first, second, third):
                room = then.send(f"{assembly}/attendance", member_id=structure.id, name="Sacha FICTIF")["room"]
            assert (room["present"], room["represented"], room["enrolled"], room["reached"]) == (3, 1, 5, True)
            counts = {"votes_for": 3, "votes_against": 1, "abstentions": 0}
            voted = then.act(assembly, f"items/{resolution}/vote", verb="PUT", **counts)
            assert voted["agenda"][0]["result"]["adopted"] is True
            polled = [{"member_id": one.id, "votes": votes} for one, votes in ((first, 4), (second, 1), (third, 3))]
            too_many = {"cast": 5, "candidates": polled}
            poll = f"items/{seats}/poll"
            assert then.refused(assembly, poll, verb="PUT", **too_many) == "tally_inconsistent"
            then.act(assembly, poll, verb="PUT", cast=4, candidates=polled)
            closed = then.act(assembly, "close")
            assert {one["member_name"] for one in closed["mandates"]} == {"A", "C"}

            def seated(day: date) -> set[str]:
                board_then = then.read("board", as_of=str(day))["seats"]
                return {one["mandate"]["member_name"] for one in board_then if one["mandate"]}

            assert (seated(HELD - timedelta(days=1)), seated(HELD)) == (set(), {"A", "C"})
            with jobs_of_another_day(platform, "membership", days_later=later):
                minutes = f"/membership/v1/{assembly}/minutes"
                await eventually(lambda: then.client.get(minutes).is_success, awaited="the minutes", seconds=60)
            told = words_of(then.get(minutes).content)
            for words in ("4 voix présentes ou représentées sur 5", "La résolution est adoptée.", "pouvoir à A"):
                assert words in told, told
            assert then.read(roll)["sha256"] == frozen["sha256"]


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
