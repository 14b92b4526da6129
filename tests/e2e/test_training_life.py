"""Training from the catalogue to a seat: the price of a member, the last seats, the queue, and the network's agenda."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from common.testing.awaiting import eventually
from e2e.people import Person, Structure, admitted, on, people
from e2e.platform import Platform

CODE = "CIP-01"
SHEET: dict[str, Any] = {
    "title": "Conduire un entretien d'accompagnement",
    "summary": "Deux journées pour outiller les entretiens des salariés en parcours.",
    "theme": "support",
    "objectives": ["Préparer un entretien", "Formuler un objectif avec la personne"],
    "prerequisites": "Aucun",
    "audience": "Conseillers en insertion",
    "hours": "14",
    "days": "2",
    "modes": ["on_site"],
    "methods": "Mises en situation, apports, échanges de pratiques.",
    "assessment": "Mise en situation finale.",
    "recognition": "attestation",
    "member_price": "560.00",
    "price": "700.00",
    "funding": ["skills_plan"],
    "access_days": 15,
    "disability_access": "Nous contacter.",
    "contact": {"office": "Coorace Formation", "email": "formation@exemple.fr"},
    "nsf_code": "332",
    "trainees_min": 1,
    "trainees_max": 2,
}
HOURS = {"morning": ("09:00", "12:30"), "afternoon": ("13:30", "17:00")}
_T = "/training/v1/"


@dataclass(frozen=True)
class Held:
    """A session of two seats that is announced, and two structures that want some."""

    session: dict[str, Any]
    ours: Structure
    theirs: Structure


@pytest.fixture(scope="module")
async def held(platform: Platform) -> Held:
    with people(platform, "network", "board", "training") as (network, board, team):
        ours, theirs = admitted(network, board, "Régie du Lac", "Chantiers du Lac")
        team.send(f"{_T}programmes", code=CODE, kind="programme", title="à écrire")
        team.act(f"{_T}programmes/{CODE}", "draft", verb="PUT", **SHEET)
        team.act(f"{_T}programmes/{CODE}", "publish")
        trainer = team.send(f"{_T}trainers", name="Camille EXEMPLE", kind="employee")
        competence = {"evidence": "experience", "reference": "Dossier 1", "assessed_on": on(0), "assessed_by": "Équipe"}
        team.send(f"{_T}competences", trainer_id=trainer["id"], programme_code=CODE, **competence)
        where = {"street": "1 rue de l'Exemple", "postcode": "31000", "city": "Toulouse", "department": "31"}
        room = team.send(f"{_T}rooms", name="Salle Jaurès", capacity=12, **where)
        session = f"{_T}sessions/{team.send(f'{_T}sessions', programme_code=CODE)['id']}"
        means = {"room_id": room["id"], "trainers": [trainer["id"]]}
        team.act(session, "slots", verb="PUT", slots=[_half(day, half, **means) for day in (0, 1) for half in HOURS])
        return Held(team.act(session, "schedule"), ours, theirs)


def _half(day: int, half: str, **said: Any) -> dict[str, Any]:
    tuesday = date.fromisoformat(on(60)) + timedelta(days=(1 - date.fromisoformat(on(60)).weekday()) % 7)
    begins, ends = HOURS[half]
    return {"day": str(tuesday + timedelta(days=day)), "half": half, "begins": begins, "ends": ends, **said}


async def test_a_member_is_told_its_price_and_why(platform: Platform, held: Held) -> None:
    """Membership said that it joined; training knows, and never asked."""
    with people(platform, held.ours.persona, "training") as (member, team):
        asked = {"session_id": held.session["id"], "buyer": {"member_id": held.ours.id}, "seats": 2}
        await eventually(lambda: _is_known(team, held.ours), awaited="the member, in training")
        quote = member.send(f"{_T}quotes", **asked)
        assert quote["price"]["total"] == "1120.00"
        assert any("adhérente" in step["text"] for step in quote["price"]["steps"])
        outsider = {"name": "Autre", "siret": "00000000000000", "street": "1 rue", "postcode": "31000", "city": "X"}
        full = team.send(f"{_T}quotes", **{**asked, "buyer": {"organisation": outsider}})
        assert full["price"]["total"] == "1400.00"


async def test_the_last_seats_go_once_and_what_is_given_back_goes_to_the_next(platform: Platform, held: Held) -> None:
    with people(platform, held.ours.persona, held.theirs.persona, "training") as (first, second, team):
        await eventually(lambda: _is_known(team, held.theirs), awaited="the other member, in training")
        taken, waits = _asks(first, held, held.ours, 2), _asks(second, held, held.theirs, 1)
        assert [seat["status"] for seat in taken["seats"]] == ["confirmed", "confirmed"]
        assert (waits["waiting"]["rank"], waits["waiting"]["seats_before"]) == (1, 0)
        assert second.denied(f"{_T}enrolment-requests/{taken['id']}") == 404
        first.act(f"{_T}enrolments/{taken['seats'][0]['id']}", "withdraw", reason="absence")
        [offer] = second.read(f"{_T}seat-offers", status="open")["items"]
        second.act(f"{_T}seat-offers/{offer['id']}", "accept")
        assert second.read(f"{_T}enrolment-requests/{waits['id']}")["seats"][0]["status"] == "confirmed"
        assert team.read(f"{_T}sessions/{held.session['id']}/seats/proof")["sound"]

    async def counted() -> bool:
        rows = await platform.query("membership", "SELECT status, count(*) FROM training_enrolment GROUP BY status")
        return {row["status"]: row["count"] for row in rows} == {"confirmed": 2, "cancelled": 1}

    await eventually(counted, awaited="the enrolments, in the yearly figures")


async def test_the_session_stands_in_the_networks_agenda_and_is_called_off(platform: Platform, held: Held) -> None:
    session = f"{_T}sessions/{held.session['id']}"

    def stands() -> list[str]:
        with platform.public_client() as public:
            found = Calendar.from_ical(public.get("/membership/v1/agenda.ics").text).walk("VEVENT")
        return [str(one["STATUS"]) for one in found if held.session["id"] in one["UID"]]

    await eventually(lambda: stands() == ["TENTATIVE"], awaited="the session, announced")
    with people(platform, "training") as [team]:
        team.act(session, "confirm", reason="Le minimum est atteint.")
        await eventually(lambda: stands() == ["CONFIRMED"], awaited="the session, confirmed")
        team.act(session, "cancel", reason_code="speaker", reason="La formatrice est souffrante.")
    await eventually(lambda: stands() == ["CANCELLED"], awaited="the session, called off")


def _asks(member: Person, held: Held, structure: Structure, seats: int) -> Any:
    quote = {"session_id": held.session["id"], "buyer": {"member_id": structure.id}, "seats": seats}
    return member.send(f"{_T}enrolment-requests", quote=quote, names_by=on(20))


def _is_known(team: Person, structure: Structure) -> bool:
    """Whether what training knows of the members holds one."""
    body = {"programme_code": CODE, "buyer": {"member_id": structure.id}, "seats": 1}
    return team.client.post(f"{_T}quotes", params={"dry_run": True}, json=body).is_success
