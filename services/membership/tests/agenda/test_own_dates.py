"""What the agenda shows to those concerned alone: interviews, what a structure pays, guarantees, sessions it is in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from common.contracts.dues import DuesInvoiced, InvoiceState
from common.contracts.fg2i import GuaranteeExpired, GuaranteeIssued, GuaranteeState
from common.contracts.training import (
    EnrolmentCancelled,
    EnrolmentConfirmed,
    EnrolmentState,
    SessionMoved,
    SessionScheduled,
)
from common.events import Fact
from common.identifiers import new_id
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor

from ..arrangements import admitted_by
from ..declarants.test_follow_up import member
from ..departures.test_departures import joined as registered
from ..duplicates.test_merging import id_of, merge, undo
from ..interviews.test_interviews import held, planned
from ..members.test_dates import TODAY, enter, on
from ..renewals.test_renewals import joined
from ..sittings.test_minutes import act
from .test_agenda import AGENDA, titles
from .test_sources import fact, shown

INTERVIEW = "Entretien annuel avec la délégation : A"
DUES = f"Dernier jour pour régler la cotisation {TODAY.year}"
GUARANTEE = "Dernier jour de la garantie financière"
SESSION = "Conduire un entretien"
KINDS = ["interview", "dues_deadline", "guarantee_end", "training_session"]


async def away(client: httpx.AsyncClient, department: str) -> str:
    return await joined(client, "A", department=department, postcode=f"{department:0<5}")


async def seen(membership: ServiceUnderTest, *roles: str, **who: Any) -> list[str]:
    """Return what somebody's agenda shows; their calendar holds as much."""
    async with membership.client(*roles, **who) as client:
        listed = await titles(client, kind=KINDS)
        calendar = (await client.get("/agenda.ics", params={"kind": KINDS})).text.replace("\r\n ", "")
        assert calendar.count("BEGIN:VEVENT") == len(listed)
        return listed


async def test_an_interview_is_in_the_calendars_of_the_structure_and_of_its_delegation(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", "B")
    async with membership.client("network", "board") as client:
        interview = (await planned(client, own, planned_on=on(7), mode="remote")).json()
        path = f"/interviews/{interview['id']}"
        occitanie, idf = {"delegation": "occitanie"}, {"delegation": "idf"}
        assert await seen(membership, "member", member_id=UUID(own)) == [INTERVIEW]
        assert await seen(membership, "delegation", **occitanie) == [INTERVIEW]
        nobody_else: list[tuple[tuple[str, ...], dict[str, Any]]] = [
            (("member",), {"member_id": UUID(other)}),
            (("delegation",), idf),
            *(((role,), {}) for role in ("network", "board", "finance", "ops")),
            ((), {}),
        ]
        for roles, who in nobody_else:
            assert await seen(membership, *roles, **who) == [], roles
            async with membership.client(*roles, **who) as stranger:
                assert (await stranger.get(f"{AGENDA}/{interview['id']}")).status_code == 404
                assert (await stranger.get(f"{AGENDA}/{interview['id']}.ics")).status_code == 404
        async with membership.client("member", member_id=UUID(own)) as structure:
            found = await shown(structure, interview["id"])
            assert (found["first_day"], found["all_day"], found["mode"]) == (on(7), True, "remote")
            await act(client, path, "POST", "move", planned_on=on(9))
            moved = await shown(structure, interview["id"])
            assert (moved["first_day"], moved["sequence"]) == (on(9), 1)
            await act(client, path, "POST", "cancel", reason="Direction en arrêt.")
            gone = await shown(structure, interview["id"])
            assert (gone["status"], gone["sequence"], gone["cancelled_reason"]) == ("cancelled", 2, None)
            assert "METHOD:CANCEL" in (await structure.get(f"{AGENDA}/{interview['id']}.ics")).text


async def test_an_interview_held_another_day_is_of_that_day(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        path = await held(client, own, on(-3))
    async with membership.client("delegation", delegation="occitanie") as client:
        assert (await shown(client, path.removeprefix("/interviews/")))["first_day"] == on(-3)
        await act(client, path, "POST", "record", held_on=on(-2))
        assert (await shown(client, path.removeprefix("/interviews/")))["first_day"] == on(-2)


@pytest.mark.parametrize(
    ("department", "zone"),
    [
        pytest.param("973", "America/Cayenne", id="Cayenne"),
        pytest.param("971", "America/Guadeloupe", id="Pointe-à-Pitre"),
        pytest.param("31", "Europe/Paris", id="Toulouse"),
        pytest.param("974", "Indian/Reunion", id="Saint-Denis"),
        pytest.param("976", "Indian/Mayotte", id="Mamoudzou"),
    ],
)
async def test_the_day_of_an_interview_is_that_of_the_structure(
    membership: ServiceUnderTest, department: str, zone: str
) -> None:
    async with membership.client("network", "board") as client:
        own = await away(client, department)
        interview = (await planned(client, own, planned_on=on(7))).json()
    async with membership.client("member", member_id=UUID(own)) as structure:
        found = await shown(structure, interview["id"])
        assert (found["zone"], found["first_day"], found["last_day"]) == (zone, on(7), on(7))
        written = (await structure.get(f"{AGENDA}/{interview['id']}.ics")).text
        assert f"DTSTART;VALUE=DATE:{on(7).replace('-', '')}" in written


async def test_an_interview_follows_its_structure_to_another_delegation(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        interview = (await planned(client, own, planned_on=on(7))).json()
        await enter(client, f"/members/{own}", topic="delegation", code="idf", reason="Siège déplacé.")
    assert await seen(membership, "delegation", delegation="idf") == [INTERVIEW]
    assert await seen(membership, "delegation", delegation="occitanie") == []
    async with membership.days_later(1) as later, later.client("delegation", delegation="idf") as client:
        found = await shown(client, interview["id"])
        assert (found["delegation"], found["sequence"]) == ("idf", 1), "the next day, its category too"


async def test_an_interview_is_for_the_structure_that_both_records_were(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    stays, goes = await arranged(membership, admitted_by, registered, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        interview = (await planned(client, id_of(goes), planned_on=on(7))).json()
        pair = await merge(client, stays, goes)
        async with membership.client("member", member_id=UUID(id_of(stays))) as own:
            assert (await shown(own, interview["id"]))["sequence"] == 0
            assert (await undo(client, pair)).status_code == 200
            assert (await own.get(f"{AGENDA}/{interview['id']}")).status_code == 404


def call(member_id: object, call_id: UUID, **fields: Any) -> DuesInvoiced:
    told = {"number": "COT-1", "year": TODAY.year, "status": "issued", "total": Decimal("800.00")}
    days = {"issued_on": TODAY, "due_on": TODAY + timedelta(days=30)}
    state = InvoiceState(**{"id": call_id, "member_id": UUID(str(member_id)), **told, **days, **fields})
    return DuesInvoiced(state=state, campaign_id=uuid4(), shares=())


def guaranteed(of: type[Fact], key: UUID, member_id: object, **fields: Any) -> Fact:
    told = {"member_id": UUID(str(member_id)), "amount": Decimal("151445.00"), "follows_id": None, "status": "in_force"}
    days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=60)}
    rest = {"ended_on": None, "called_on": None, "called_amount": None}
    return of(state=GuaranteeState(**{"id": key, **told, **days, **rest, **fields}))


def enrolled(of: type[Fact], key: UUID, session: UUID, member_id: object, status: str = "confirmed") -> Fact:
    told = {"session_id": session, "action_code": "CIP-01", "delegation": "guyane", "confirmed_on": TODAY}
    ends = {"completed_on": None, "hours": None}
    return of(state=EnrolmentState(id=key, member_id=UUID(str(member_id)), status=status, **told, **ends))


async def test_what_a_structure_pays_is_in_its_own_calendar(membership: ServiceUnderTest, arranged: Arrange) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", "B")
    invoice = new_id()
    await membership.receive(call(own, invoice))
    assert await seen(membership, "member", member_id=UUID(own)) == [DUES]
    for role in ("network", "board", "finance", "delegation"):
        assert await seen(membership, role, delegation="occitanie") == [], role
    assert await seen(membership, "member", member_id=UUID(other)) == []
    async with membership.client("member", member_id=UUID(own)) as client:
        first = await shown(client, invoice)
        assert (first["first_day"], first["all_day"], first["kind_label"]) == (on(30), True, "Cotisation")
        assert "800" not in (await client.get(f"{AGENDA}/{invoice}.ics")).text, "calendars are shared"
        await membership.receive(call(own, invoice, due_on=date.fromisoformat(on(45))))
        later = await shown(client, invoice)
        assert (later["first_day"], later["sequence"]) == (on(45), 1)
        await membership.receive(call(own, invoice, due_on=date.fromisoformat(on(45)), status="credited"))
        gone = await shown(client, invoice)
        assert (gone["status"], gone["cancelled_reason"], gone["sequence"]) == ("cancelled", "Appel annulé.", 2)


async def test_a_call_that_is_paid_is_taken_back_and_comes_back_with_what_was_owed(
    membership: ServiceUnderTest,
    arranged: Arrange,
) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    invoice = new_id()
    async with membership.client("member", member_id=UUID(own)) as client:
        for status, shows, reason in (
            ("issued", [DUES], None),
            ("partly_paid", [DUES], None),
            ("paid", [], "Appel réglé."),
            ("issued", [DUES], None),
        ):
            await membership.receive(call(own, invoice, status=status))
            assert await titles(client, kind=KINDS) == shows, status
            assert (await shown(client, invoice))["cancelled_reason"] == reason


async def test_a_guarantee_ends_as_agreed_or_sooner(membership: ServiceUnderTest, arranged: Arrange) -> None:
    [own] = await arranged(membership, admitted_by, member, "A")
    one = new_id()
    await membership.receive(guaranteed(GuaranteeIssued, one, own))
    assert await seen(membership, "member", member_id=UUID(own)) == [GUARANTEE]
    assert await seen(membership, "delegation", delegation="occitanie") == []
    async with membership.client("member", member_id=UUID(own)) as client:
        assert (await shown(client, one))["first_day"] == on(60)
        ended = {"status": "expired", "ended_on": date.fromisoformat(on(20))}
        await membership.receive(guaranteed(GuaranteeExpired, one, own, **ended))
        sooner = await shown(client, one)
        assert (sooner["first_day"], sooner["sequence"]) == (on(19), 1)


@pytest.mark.parametrize("session_first", [True, False], ids=["la session d'abord", "l'inscription d'abord"])
async def test_a_session_for_those_enrolled_shows_to_them(
    membership: ServiceUnderTest, arranged: Arrange, *, session_first: bool
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", "B")
    session, place = new_id(), new_id()
    told = [fact(SessionScheduled, session, audience="participants"), enrolled(EnrolmentConfirmed, place, session, own)]
    for one in told if session_first else reversed(told):
        await membership.receive(one)
    assert await seen(membership, "member", member_id=UUID(own)) == [SESSION]
    assert await seen(membership, "member", member_id=UUID(other)) == []
    await membership.receive(fact(SessionMoved, session, audience="participants", status="moved", city="Kourou"))
    async with membership.client("member", member_id=UUID(own)) as client:
        assert (await shown(client, session))["sequence"] == 1, "moved: who is in it stays in it"
    await membership.receive(enrolled(EnrolmentCancelled, place, session, own, "cancelled"))
    assert await seen(membership, "member", member_id=UUID(own)) == []


async def test_a_session_of_members_shows_to_those_of_elsewhere_who_are_in_it(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    own, other = await arranged(membership, admitted_by, member, "A", "B")
    session = new_id()
    await membership.receive(fact(SessionScheduled, session, audience="members"))
    await membership.receive(enrolled(EnrolmentConfirmed, new_id(), session, own))
    assert await seen(membership, "member", member_id=UUID(own)) == [SESSION]
    assert await seen(membership, "member", member_id=UUID(other)) == []


async def test_what_a_duplicate_was_told_is_the_structure_s(membership: ServiceUnderTest, arranged: Arrange) -> None:
    stays, goes = await arranged(membership, admitted_by, registered, "Régain", "Regain")
    async with membership.client("network", "board") as client:
        invoice = new_id()
        await membership.receive(call(id_of(goes), invoice), guaranteed(GuaranteeIssued, new_id(), id_of(goes)))
        pair = await merge(client, stays, goes)
        assert await seen(membership, "member", member_id=UUID(id_of(stays))) == sorted([DUES, GUARANTEE])
        assert (await undo(client, pair)).status_code == 200
        assert await seen(membership, "member", member_id=UUID(id_of(stays))) == []


async def everything(membership: ServiceUnderTest, client: httpx.AsyncClient) -> None:
    own, session = await away(client, "976"), new_id()
    await planned(client, own, planned_on=on(7))
    await membership.receive(call(own, new_id()), guaranteed(GuaranteeIssued, new_id(), own))
    await membership.receive(enrolled(EnrolmentConfirmed, new_id(), session, own))
    await membership.receive(fact(SessionScheduled, session, audience="participants"))


async def test_told_again_by_night_nothing_changes_and_nothing_is_missing(membership: ServiceUnderTest) -> None:
    said = "SELECT id, title, first_day, last_day, zone, participants FROM agenda_entry ORDER BY id"
    async with membership.client("network", "board") as client:
        await everything(membership, client)
    before, kept = await membership.rows(said), await membership.rows("SELECT * FROM agenda_entry ORDER BY id")
    assert {row.title for row in before} >= {INTERVIEW, DUES, GUARANTEE, SESSION}
    async with membership.days_later(1):
        assert await membership.rows("SELECT * FROM agenda_entry ORDER BY id") == kept
    async with membership.runtime.database.transaction(Actor("test")) as tx:
        await tx.session.execute(text("DELETE FROM agenda_entry WHERE source <> 'training' AND kind <> 'sitting'"))
        await tx.session.execute(text("UPDATE agenda_entry SET participants = '{}' WHERE source = 'training'"))
    async with membership.days_later(2):
        assert await membership.rows(said) == before
