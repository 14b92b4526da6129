"""How far rights reach: what is another's changes nothing of what one reads, and no act of one's own reaches it.

Three structures, two of one delegation and one of another, are given the same things in turn. Each caller whose right
is bounded asks every route again each time: the answers stay, to the letter, in lists, counts and exports.
"""

from pathlib import Path
from uuid import UUID

import pytest

from common.contracts.roles import Role
from common.testing.asking import Api, Ids, Operation, Reader, changed, id_of, rows_of_every_table, source_of
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from membership.app import service

from .accompaniments.test_catalogue import offered, opened
from .applications.test_applications import send
from .assemblies.test_assembly import RESOLUTION, convened
from .assessments.test_alone import submitted
from .bookings.test_bookings import booked
from .certifications.test_certifications import recorded
from .contacts.test_contacts import CAMILLE, known, seat
from .declarations.test_declaring import FIGURES, declared, form
from .declarations.test_declaring import opened as campaign
from .directory.test_entries import fill
from .duplicates.test_merging import reported
from .electoral_roll.test_roll import freeze, joined
from .interviews.test_interviews import held
from .measures.test_measures import NOTICE
from .measures.test_measures import opened as measured
from .meetings.test_meetings import meeting
from .members.test_dates import TODAY, change, enter, on
from .members.test_register import receive, structure
from .next_steps.test_next_steps import step
from .renewals.test_renewals import OCTOBER, at
from .renewals.test_renewals import opened as renewal
from .sittings.test_minutes import act
from .support_requests.test_support import request

YEAR = TODAY.year - 1
WHERE = {
    "Garonne": {"delegation": "occitanie", "department": "31", "postcode": "31000", "siret": "90000003500015"},
    "Tarn": {"delegation": "occitanie", "department": "82", "postcode": "82000", "siret": "90000004300019"},
    "Vilaine": {"delegation": "bretagne", "department": "35", "postcode": "35000", "siret": "90000005000014"},
}
API = Api(
    service,
    endless={"/members/stream"},
    also={
        "/accompaniments/{offer_id}/slots": {"place": "ici"},
        "/accompaniment-slots/{slot_id}/move": {"place": "ici"},
        "/accompaniment-bookings/{booking_id}/deliverables": {"summary": "fait"},
    },
)
TOLD_TO_A_DELEGATION = {"/agenda", "/agenda/months", "/agenda.ics", "/accompaniments", "/accompaniment-slots"}
"""What every structure of a delegation is told: its dates and its offers."""
TOLD_TO_EVERY_MEMBER = {"/assemblies/{assembly_id}/voters"}
"""Whom one may give one's proxy to."""
_JOBS = "libs/common/tests/test_jobs.py::test_a_job_belongs_to_who_asked_for_it"
_HERE = "services/membership/tests"
_FEEDS = f"{_HERE}/agenda/test_feeds.py::test_a_revoked_address_is_gone_and_nobody_elses"
_FILES = f"{_HERE}/deliverables/test_deliverables.py::test_a_file_is_delivered_replaced_and_read_by_those_concerned"
_DELIVERABLE = "/accompaniment-bookings/{booking_id}/deliverables/{deliverable_id}"
ASKED_ELSEWHERE = {
    "GET /jobs/{job_id}": _JOBS,
    "GET /jobs/{job_id}/receipt": _JOBS,
    "GET /jobs/{job_id}/events": _JOBS,
    "POST /jobs/{job_id}/cancel": _JOBS,
    "GET /agenda/calendars/{secret}.ics": _FEEDS,
    "POST /agenda/feeds/{feed_id}/renew": _FEEDS,
    "POST /agenda/feeds/{feed_id}/revoke": _FEEDS,
    f"POST {_DELIVERABLE}/files": _FILES,
    f"GET {_DELIVERABLE}/files/{{file_id}}": _FILES,
    f"POST {_DELIVERABLE}/withdraw": _FILES,
    "GET /observatory/editions/{edition_id}/members/{member_id}": (
        f"{_HERE}/observatory/test_editions.py::test_a_structure_sees_itself_beside_its_kind"
    ),
    "GET /restructurings/{restructuring_id}": (
        f"{_HERE}/restructurings/test_restructurings.py::test_who_reads_restructurings_and_who_runs_them"
    ),
}
"""Routes with a part that no structure has here, and the test that asks another's of each, which is not found."""
HEARD_ELSEWHERE = "libs/common/tests/test_feeds.py::test_the_live_feed_begins_now_and_resumes_where_it_was_left"
"""What is heard on the stream: nothing of a stranger's."""
NOTHING_THERE_YET = {
    "GET /accompaniment-bookings/{booking_id}/satisfaction",
    "GET /assessments/{assessment_id}/sheet",
    "GET /renewals/{renewal_id}/members/{member_id}/proof",
}
"""Reads of what a structure of these tests has not made."""


async def federation(membership: ServiceUnderTest) -> dict[str, dict[str, str]]:
    """Three members, and what concerns them all: a campaign, a renewal, a roll, an assembly."""
    async with membership.client("network", "board") as client:
        of_all = {"year": str(YEAR), "version": str(YEAR), "code": "activity.turnover"}
        ids = {
            name: await joined(client, name, **{key: where[key] for key in ("department", "postcode")})
            for name, where in WHERE.items()
        }
        await campaign(client, YEAR)
        of_all["roll_id"] = id_of(await freeze(client, TODAY))
        assembly = await convened(client, RESOLUTION)
        [item] = (await client.get(assembly)).json()["agenda"]
        of_all |= {"assembly_id": id_of(assembly), "item_id": item["id"]}
    async with at(membership, OCTOBER) as client:
        of_all["renewal_id"] = id_of(await renewal(client))
    return {
        name: {**of_all, "member_id": one, "giver_id": one, "delegation": WHERE[name]["delegation"]}
        for name, one in ids.items()
    }


async def furnish(membership: ServiceUnderTest, name: str, ids: dict[str, str]) -> None:
    """Give a structure one of each thing, and note under which ids they are read."""
    member, path, where = UUID(ids["member_id"]), f"/members/{ids['member_id']}", WHERE[name]
    region = where["delegation"]
    ids |= {"siren": where["siret"][:9], "siret": where["siret"], "number": "1"}
    async with membership.client("member", member_id=member) as own:
        await declared(own, form(path, YEAR), FIGURES)
        assessment = await submitted(own)
        ids["assessment_id"] = id_of(assessment)
        ids["action_id"] = (await own.get(f"{assessment}/plan")).json()["actions"][0]["id"]
        asked = {"purpose": "review", "name": name, "email": "relecture@cabinet.example"}
        ids["invitation_id"] = (await own.post(f"{assessment}/invitations", json=asked)).json()["id"]
        ids["certification_id"] = (await recorded(own, member, evidence=name)).json()["id"]
        await fill(own, member)
    async with membership.client("network", "board") as network:
        person = await known(network, path, {**CAMILLE, "family_name": name.upper()})
        await change(network, path, siren=ids["siren"], siret=ids["siret"])
        await seat(network, path, seat="billing", contact_id=person)
        await enter(network, path, topic="activity", kind="aci", convention=f"ACI-{name}")
        measure = f"/measures/{(await measured(network, path, 'exclusion'))['id']}"
        await act(network, measure, "POST", "notifications", received_on=on(0), **NOTICE)
        review = await network.post(f"{assessment}/reviews")
        candidate = await receive(network, **structure(name, where["department"], where["postcode"]))
        sent = (await send(network, f"/applications/{candidate['id']}")).json()
        [document] = [line["document"] for line in sent["checklist"] if line["document"]]
        ids |= {
            "contact_id": person,
            "application_id": candidate["id"],
            "document_id": document["id"],
            "measure_id": id_of(measure),
            "review_id": review.json()["id"],
            "pair_id": id_of(await reported(network, path, f"/members/{candidate['member_id']}")),
        }
    async with membership.client("delegation", delegation=region) as local:
        offer = await offered(local, region, title=name)
        slot, _ = await opened(local, offer, 10 + list(WHERE).index(name), ends="11:00")
        ids |= {"offer_id": id_of(offer), "slot_id": slot["id"], "series_id": slot["series_id"]}
        ids["booking_id"] = id_of(await booked(local, slot, member))
        ids["interview_id"] = id_of(await held(local, ids["member_id"], notes=name))
        ids["step_id"] = id_of(await step(local, interview_id=ids["interview_id"], text=name, shared=True))
        called = {"delegation": region, "departments": [where["department"]], "subject": name}
        ids["meeting_id"] = id_of(await meeting(local, **called))
        ids["request_id"] = id_of(await request(local, ids["member_id"]))
        letter = {"name": name, "description": name, "delegation": region}
        ids["newsletter_id"] = (await local.post("/newsletters", json=letter)).json()["id"]
        written = {"title": name, "text": name}
        issue = await local.post(f"/newsletters/{ids['newsletter_id']}/issues", json=written)
        ids["issue_id"] = issue.json()["id"]
        date = {"kind": "event", "title": name, "audience": "members", "delegation": region, "day": on(9)}
        ids["entry_id"] = (await local.post("/agenda", json=date)).json()["id"]


async def one_furnished(membership: ServiceUnderTest) -> dict[str, dict[str, str]]:
    """Three members, of which the first has one of each thing; return under which ids they are read, by name."""
    ids = await federation(membership)
    await furnish(membership, "Garonne", ids["Garonne"])
    return ids


def readers(ids: Ids) -> tuple[Reader, Reader]:
    """A structure, and its delegation."""
    return Reader(Role.MEMBER, {"member_id": UUID(ids["member_id"])}), Reader(
        Role.DELEGATION, {"delegation": "occitanie"}
    )


async def test_what_is_another_s_changes_nothing_of_what_one_reads(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(membership, one_furnished)
    garonne, vilaine = ids["Garonne"], ids["Vilaine"]
    own, local = readers(garonne)
    alone = {reader.role: await API.answers(membership, reader, garonne) for reader in (own, local)}
    await furnish(membership, "Tarn", ids["Tarn"])
    beside = {reader.role: await API.answers(membership, reader, garonne) for reader in (own, local)}
    assert changed(alone[own.role], beside[own.role]) == TOLD_TO_A_DELEGATION
    assert len(changed(alone[local.role], beside[local.role])) > 30, "what is of its territory, it reads"
    await furnish(membership, "Vilaine", vilaine)
    for reader in (own, local):
        after = await API.answers(membership, reader, garonne)
        assert changed(beside[reader.role], after) == set()
        told = {path for path, answer in after.items() if "Vilaine" in answer or vilaine["member_id"] in answer}
        assert told == TOLD_TO_EVERY_MEMBER, "nor in what was there before"


async def test_what_is_another_s_is_not_found(membership: ServiceUnderTest, arranged: Arrange) -> None:
    """404 for all that is read and every act, whoever told the id; and nothing at all is written."""
    ids = await arranged(membership, one_furnished)
    garonne, vilaine = ids["Garonne"], ids["Vilaine"]
    await furnish(membership, "Vilaine", vilaine)
    of_all = {key for key, value in garonne.items() if value == vilaine[key]}
    before = await rows_of_every_table(membership)
    answered: dict[int, set[str]] = {}
    asked: set[Operation] = set()
    left_out: set[str] = set()
    for reader in readers(garonne):
        known = [one for one in API.reached_by(reader) if one.named <= vilaine.keys()]
        left_out |= {str(one) for one in API.reached_by(reader) if one not in known}
        its_own = [one for one in known if one.named - of_all]
        asked |= set(its_own)
        async with membership.client(reader.role, **reader.claims) as client:
            for one in its_own:
                answer = await API.ask(client, one, vilaine)
                answered.setdefault(answer.status_code, set()).add(str(one))
    assert answered.keys() == {404}, answered
    assert await rows_of_every_table(membership) == before
    assert left_out == ASKED_ELSEWHERE.keys(), "a part of a path is given to the structures above, or stands there"
    everybody = [role for role in Role if role is not Role.ANYONE]
    claims = {"member_id": UUID(vilaine["member_id"]), "delegation": "bretagne"}
    reads = [one for one in asked if one.reads]
    async with membership.client(*everybody, **claims) as owner:
        there = {str(one) for one in reads if (await API.ask(owner, one, vilaine)).status_code == 200}
    assert {str(one) for one in reads} - there == NOTHING_THERE_YET


@pytest.mark.parametrize(
    ("test", "shown_by"),
    [*((test, "404") for test in sorted({*ASKED_ELSEWHERE.values()})), (HEARD_ELSEWHERE, "author=STRANGER")],
)
def test_what_is_asked_elsewhere_is_asked_there(test: str, shown_by: str) -> None:
    """The tests that stand for routes left out above exist, and ask as another."""
    assert shown_by in source_of(Path(__file__).parents[3], test)
