"""A delegation's year: whom it met, what it promised, what it gave, and the figures that count exactly that."""

import csv
import io

import httpx

from common.testing.awaiting import eventually
from devstack import inbox
from e2e.parts import api_of_another_day
from e2e.people import Person, admitted, contact, declares, directed, on, people
from e2e.platform import Platform

YEAR = int(on(0)[:4])
MEMBERS, INTERVIEWED, GATHERED = 7, 3, 3
BOTH = 1


def test_a_dashboard_counts_the_rows_of_its_lists_and_a_met_structure_once(platform: Platform) -> None:
    """Seven in the region: three by interview, three at a meeting, one of them by both; each figure is its list."""
    with people(platform, "network", "board", "delegation-hdf") as (network, board, region):
        members = admitted(network, board, *(f"Nord {rank}" for rank in range(MEMBERS)), department="59")
        interviewed, came = members[:INTERVIEWED], members[INTERVIEWED - BOTH : INTERVIEWED - BOTH + GATHERED]
        for one in interviewed:
            interview = f"interviews/{region.send('interviews', member_id=one.id, planned_on=on(0))['id']}"
            camille = contact(network, one, "Camille")
            held = region.act(interview, "record", held_on=on(0), participants=[camille], notes="Projet d'extension.")
            assert held["state"] == "held"
        follow_up = {"interview_id": held["id"], "text": "Envoyer la grille de Coodiag", "due_on": on(20)}
        step = f"next-steps/{region.send('next-steps', **follow_up)['id']}"

        about = {"delegation": "hdf", "departments": ["59"], "subject": "Achats responsables", "day": on(0)}
        meeting = f"meetings/{region.send('meetings', **about)['id']}"
        attendance = [{"member_id": one.id, "presence": "present"} for one in came]
        recorded = region.act(meeting, "record", attendance=attendance)
        assert recorded["presences"]["present"] == GATHERED

        met = INTERVIEWED + GATHERED - BOTH
        count = region.read(f"encounters/{YEAR}")["count"]
        assert (count["members"], count["met"], count["by_both"]) == (MEMBERS, met, BOTH)
        figures = {one["code"]: one for one in region.read("dashboards/hdf")["figures"]}
        for figure in figures.values():
            rows = httpx.URL(figure["list"]).copy_merge_params({"limit": 1, "total": "true"})
            assert region.read(str(rows))["total"] == figure["value"], figure
        told = {code: figures[f"encounters.{code}"]["value"] for code in ("to_meet", "met", "not_met")}
        assert told == {"to_meet": MEMBERS, "met": met, "not_met": MEMBERS - met}
        table = region.get(f"encounters/{YEAR}/members/export", met=True).text.removeprefix("\ufeff")
        names = {line["nom"] for line in csv.DictReader(io.StringIO(table), delimiter=";")}
        assert names == {one.name for one in {*interviewed, *came}}

        assert figures["next_steps.open"]["value"] == 1
        region.act(step, "complete")
        after = {one["code"]: one["value"] for one in region.read("dashboards/hdf")["figures"]}
        assert after["next_steps.open"] == 0
        with people(platform, "delegation-bretagne") as [elsewhere]:
            assert elsewhere.denied("dashboards/hdf") == 404
            assert elsewhere.denied(meeting) == 404


async def test_an_accompaniment_leaves_a_deliverable_and_an_opinion_that_no_average_tells(platform: Platform) -> None:
    """Booked by the structure, held on its day: what it thought is its own until five have answered."""
    with people(platform, "network", "board", "delegation-bretagne") as (network, board, region):
        [own] = admitted(network, board, "L'Accompagnée", department="35")
        camille = contact(network, own, "Camille", email="presidence@accompagnee.example")
        network.act(own.path, "seats/appoint", seat="president", contact_id=camille)
        terms = {"kind": "coodiag", "level": "first", "title": "Coodiag", "duration_minutes": 60, "mode": "remote"}
        offer = f"accompaniments/{region.send('accompaniments', **terms, delegation='bretagne')['id']}"
        hours = {"first_day": on(10), "begins": "09:00", "ends": "10:00", "keep_holidays": True}
        [slot] = region.send(f"{offer}/slots", **hours, link="https://visio.example/salle")["items"]
        with people(platform, own.persona) as [member]:
            booked = member.send("accompaniment-bookings", slot_id=slot["id"], member_id=own.id)
            booking = f"accompaniment-bookings/{booked['id']}"
            assert member.read(booking)["free"] is True
            assert region.refused(booking, "hold") == "slot_not_begun"
            async with api_of_another_day(platform, "membership", days_later=11) as later:
                that_region, that_member = Person(later("delegation-bretagne")), Person(later(own.persona))
                assert that_region.act(booking, "hold")["state"] == "held"
                report = {"kind": "report", "title": "Compte rendu", "link": "https://docs.example/cr"}
                that_region.send(f"{booking}/deliverables", **report)
                [left] = that_member.read(booking)["deliverables"]
                assert (left["title"], left["link"]) == (report["title"], report["link"])
                codes = [one["code"] for one in that_member.read("accompaniment-satisfaction/survey")["questions"]]
                opinion = {"ratings": dict.fromkeys(codes, 4), "comment": "Utile."}
                that_member.send(f"{booking}/satisfaction", **opinion)
                figures = that_region.read("accompaniment-satisfaction/figures", year=YEAR)["items"]
                assert {one["averages"] for one in figures} == {None}
        await eventually(
            lambda: "presidence@accompagnee.example" in [mail.recipient for mail in inbox.caught(platform.settings)],
            awaited="the mail of the booking",
        )


async def test_who_has_not_declared_is_reminded_by_its_delegation_until_it_answers(platform: Platform) -> None:
    """Two of the region, written to once; one answers, and only the other waits to be written to again."""
    accounts = {"year": 2023, "questionnaire": "2024", "closes_on": on(60)}
    with people(platform, "network", "board", "delegation-aura") as (network, board, region):
        silent, answers = admitted(network, board, "La Muette", "La Diligente", department="69")
        mails = {directed(network, one, f"direction@{name}.example") for one, name in ((silent, "m"), (answers, "d"))}
        campaign = "declaration-campaigns/2023"
        network.send("declaration-campaigns", **accounts)

        def waited_for() -> dict[str, tuple[str, str | None]]:
            lines = region.read(f"{campaign}/reminders")["items"]
            return {one["name"]: (one["reminder"], one["again_on"]) for one in lines}

        assert waited_for() == dict.fromkeys(("La Muette", "La Diligente"), ("to_write", None))
        region.send(f"{campaign}/reminders", member_id=[silent.id, answers.id])
        await eventually(
            lambda: mails <= {mail.recipient for mail in inbox.caught(platform.settings)}, awaited="the reminders"
        )
        await eventually(
            lambda: set(waited_for().values()) == {("recent", on(15))}, awaited="the reminders known as sent"
        )
        with people(platform, answers.persona) as [member]:
            declares(member, answers, "ai", 400_000, 2023)
        assert set(waited_for()) == {"La Muette"}
        said = region.read(f"{campaign}/follow-up", reminded=True)
        assert {one["name"] for one in said["items"]} == {"La Muette", "La Diligente"}
