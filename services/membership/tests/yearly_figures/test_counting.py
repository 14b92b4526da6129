"""Every figure of a year, counted by hand; its rows make it; plain SQL finds the same of what membership holds."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import event

from common.contracts.dues import DuesInvoiced, InvoiceState
from common.contracts.fg2i import GuaranteeCalled, GuaranteeIssued, GuaranteeState
from common.contracts.legal_desk import LegalQuestionState, QuestionAnswered, QuestionAsked, WebinarScheduled
from common.contracts.ptce import DeliveryState, PoleRegistered, PoleState, ServiceDelivered, VisitScheduled
from common.contracts.training import EnrolmentState, TrainingCompleted
from common.events import Fact
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..accompaniments.test_catalogue import offered, opened
from ..agenda.test_sources import fact as gathering
from ..arrangements import admitted_by
from ..assessments.test_alone import submitted
from ..bookings.test_bookings import booked
from ..declarants.test_follow_up import member
from ..declarations.test_declaring import FIGURES, declared, form
from ..departures.test_departures import told as leaves
from ..interviews.test_interviews import held
from ..meetings.test_meetings import came, meeting
from ..members.test_dates import TODAY
from ..sittings.test_minutes import act
from ..support_requests.test_support import fact as support_asked
from ..support_requests.test_support import request

ROOT = "/membership/v1"
YEAR = TODAY.year + 1
MARCH = date(YEAR, 3, 10)
"""The day on which the year is counted; what is registered before it is of the year before."""
UNTIL_MARCH = (MARCH - TODAY).days
FEBRUARY = date(YEAR, 2, 3)
BEFORE = date(YEAR - 1, 6, 1)

ANONYMOUS = ("legal_desk.asked", "legal_desk.answered")
"""No row of them is read of a delegation of so few structures."""

# code: the network, Occitanie, Île-de-France, the network the year before; None: nobody told.
EXPECTED: dict[str, tuple[str | None, str | None, str | None, str | None]] = {
    "members.at_year_end": ("3", "2", "1", "3"),  # A, C, D; the year before A, B, C
    "members.joined": ("1", "1", "0", "3"),
    "members.left": ("1", "1", "0", "0"),
    "activity.permanents": (None, None, None, "18"),  # the accounts of the year are declared the year after
    "activity.people_in_pathway": (None, None, None, "328"),
    "activity.turnover": (None, None, None, "1224801"),
    "dues.members_called": ("2", "1", "1", "1"),
    "dues.amount_called": ("1700.5", "800", "900.5", "800"),  # not what was credited, in whole or in part
    "encounters.met": ("2", "1", "1", None),
    "interviews.held": ("3", "2", "1", None),
    "meetings.held": ("1", "1", "0", None),
    "accompaniments.held": ("1", "1", "0", None),
    "assessments.cap": ("1", "1", "0", None),
    "assessments.cap-rse": ("1", "1", "0", None),
    "support.requested": ("3", "1", "1", None),  # one of them for a structure that the register does not know
    "training.sessions": ("2", "1", "0", "1"),  # the second is for the whole country
    "training.trainees": ("4", "2", "1", "1"),  # neither cancelled nor only confirmed
    "training.hours": ("35.5", "14.5", "7", "7"),
    "training.structures": ("2", "1", "1", "1"),
    "legal_desk.asked": ("2", "2", "0", "1"),
    "legal_desk.answered": ("2", "1", "1", "0"),
    "legal_desk.webinars": ("1", "0", "0", None),
    "ptce.poles": ("2", "1", "1", "2"),
    "ptce.supported": ("2", "1", "1", None),
    "ptce.service_days": ("4", "3.5", "0.5", None),
    "ptce.visits": ("1", "1", "0", None),
    "fg2i.members": ("2", "2", "0", "2"),  # one of them has a guarantee for each of two establishments
    "fg2i.amount": ("180000", "180000", "0", "351445.5"),
    "fg2i.called": ("1", None, None, "0"),  # the network alone
}


PARTIAL = {
    "members.joined": TODAY,
    "members.left": TODAY,
    **dict.fromkeys((code for code in EXPECTED if code.startswith("training.")), BEFORE),
    **dict.fromkeys(ANONYMOUS, BEFORE),
}
"""What was first told of during the year before: part of it, that the year is not compared with."""


def enrolment(session: UUID, who: str | None, hours: str | None, day: date = FEBRUARY, **fields: Any) -> Fact:
    state = {"status": "completed", "confirmed_on": day, "completed_on": day, "delegation": None, **fields}
    known = {"session_id": session, "action_code": "CIP-01", "member_id": UUID(who) if who else None}
    amount = Decimal(hours) if hours else None
    return TrainingCompleted(state=EnrolmentState(**{"id": uuid4(), **known, "hours": amount, **state}))


def question(asked_on: date, answered_on: date | None, delegation: str, **fields: Any) -> Fact:
    days = {"asked_on": asked_on, "answered_on": answered_on, "status": "answered" if answered_on else "asked"}
    told = {"id": uuid4(), "theme_code": "labour_law", "delegation": delegation, **days, **fields}
    return (QuestionAnswered if answered_on else QuestionAsked)(state=LegalQuestionState(**told))


def pole(registered_on: date, delegation: str | None, ended_on: date | None = None, **fields: Any) -> Fact:
    days = {"registered_on": registered_on, "ended_on": ended_on, "status": "ended" if ended_on else "registered"}
    return PoleRegistered(
        state=PoleState(**{"id": uuid4(), "member_id": None, "delegation": delegation, **days, **fields})
    )


def service(pole_id: UUID, delegation: str, days: str, status: str = "delivered") -> Fact:
    told = {"service_code": "legal_support", "delivered_on": FEBRUARY, "days": Decimal(days), "status": status}
    return ServiceDelivered(
        state=DeliveryState(**{"id": uuid4(), "pole_id": pole_id, "delegation": delegation, **told})
    )


def guarantee(who: str, amount: str, starts_on: date, ends_on: date, **fields: Any) -> Fact:
    told = {"follows_id": None, "status": "in_force", "ended_on": None, "called_on": None, "called_amount": None}
    days = {"starts_on": starts_on, "ends_on": ends_on}
    known = {"id": uuid4(), "member_id": UUID(who), "amount": Decimal(amount)}
    of = GuaranteeCalled if "called_on" in fields else GuaranteeIssued
    return of(state=GuaranteeState(**{**told, **known, **days, **fields}))


def called(who: str, year: int, total: str, status: str = "issued", **amounts: Decimal) -> Fact:
    day = date(year, 1, 15)
    told = {"number": f"COT-{who[-6:]}", "year": year, "status": status, "issued_on": day, "due_on": day}
    state = InvoiceState(**{"id": uuid4(), "member_id": UUID(who), "total": Decimal(total), **told, **amounts})
    return DuesInvoiced(state=state, campaign_id=uuid4(), shares=())


def facts_of(ids: dict[str, str]) -> list[Fact]:
    """What the other services tell of the year, and of the one before."""
    a, b, c, d = (ids[name] for name in "ABCD")
    first, second, poles = uuid4(), uuid4(), [uuid4(), uuid4()]
    at = datetime(YEAR, 2, 3, 9, tzinfo=UTC)
    when = {"starts_at": at, "ends_at": at + timedelta(hours=2), "zone": "Europe/Paris"}
    after = {"starts_at": at + timedelta(days=90), "ends_at": at + timedelta(days=90, hours=2), "zone": "Europe/Paris"}
    webinar = {"kind": "webinar", "delegation": None}
    new_year, eve = date(YEAR, 1, 1), date(YEAR - 1, 12, 31)
    return [
        enrolment(first, a, "7", delegation="occitanie"),
        enrolment(first, a, "7.5", delegation="occitanie"),
        enrolment(first, c, "7", delegation="occitanie"),
        enrolment(second, None, "14"),
        enrolment(second, a, "14", status="cancelled"),
        enrolment(second, d, None, status="confirmed", completed_on=None),
        enrolment(uuid4(), a, "7", BEFORE, delegation="occitanie"),
        question(FEBRUARY, FEBRUARY, "occitanie"),
        question(FEBRUARY, None, "occitanie"),
        question(FEBRUARY, None, "occitanie", status="withdrawn"),
        question(BEFORE, FEBRUARY, "idf"),
        gathering(WebinarScheduled, uuid4(), **webinar, **when),
        gathering(WebinarScheduled, uuid4(), **webinar, **when, status="cancelled"),
        gathering(WebinarScheduled, uuid4(), **webinar, **after),
        gathering(VisitScheduled, uuid4(), kind="visit", **{**when, "delegation": "occitanie"}),
        pole(BEFORE, "occitanie", id=poles[0]),
        pole(BEFORE, "idf", FEBRUARY, id=poles[1]),
        pole(FEBRUARY, None, member_id=UUID(c)),
        pole(MARCH + timedelta(days=1), "occitanie"),
        service(poles[0], "occitanie", "1.5"),
        service(poles[0], "occitanie", "2"),
        service(poles[1], "idf", "0.5"),
        service(poles[1], "idf", "3", "cancelled"),
        guarantee(a, "151445.00", date(YEAR - 1, 1, 1), eve, status="expired"),
        guarantee(a, "160000.00", new_year, date(YEAR, 12, 31)),
        guarantee(c, "200000.50", BEFORE, date(YEAR, 6, 30), ended_on=FEBRUARY, called_on=FEBRUARY, status="called"),
        guarantee(d, "10000.00", new_year, date(YEAR, 12, 31)),
        guarantee(d, "10000.00", new_year, date(YEAR, 12, 31)),
        called(a, YEAR, "800.00"),
        called(c, YEAR, "1000.50", "paid", paid=Decimal("900.50"), credited=Decimal("100.00")),
        called(d, YEAR, "800.00", "credited"),
        called(b, YEAR - 1, "800.00"),
        support_asked(a, asked_on=MARCH),
        support_asked(str(uuid4()), asked_on=MARCH),
    ]


async def a_year_lived(membership: ServiceUnderTest) -> None:
    """Live the year up to its tenth of March: A, B and D in Occitanie, C in Île-de-France."""
    async with membership.client("network", "board") as client:
        ids = {"A": await member(client, "A"), "B": await member(client, "B"), "C": await member(client, "C", "77")}
        offer = await offered(client)
        slot = (await opened(client, offer, UNTIL_MARCH - 2))[0]
        place = await booked(client, slot, ids["A"])
    async with membership.days_later(UNTIL_MARCH) as now:
        async with now.client("network", "board") as client:
            ids["D"] = await member(client, "D")
            day = MARCH.isoformat()
            gone = await leaves(client, f"/members/{ids['B']}", cause="ceased", received_on=day, effective_on=day)
            assert gone.status_code == 200, gone.text
            for name in "AAC":
                await held(client, ids[name], day)
            path = await meeting(client, day=day)
            assert (await came(client, path, ids["A"])).status_code == 200
            assert (await act(client, place, "POST", "hold")).status_code == 200
            await request(client, ids["C"])
            campaign = {"year": YEAR - 1, "questionnaire": "2025", "closes_on": date(YEAR, 6, 30).isoformat()}
            assert (await client.post("/declaration-campaigns", json=campaign)).status_code == 201
            for name in "AC":
                await declared(client, form(f"/members/{ids[name]}", YEAR - 1), FIGURES)
        for name, bank in (("A", "cap-2026"), ("D", "cap-rse-2026")):
            async with now.client("member", member_id=UUID(ids[name])) as own:
                await submitted(own, bank)
        await now.receive(*facts_of(ids))


@pytest_asyncio.fixture
async def in_march(membership: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[ServiceUnderTest]:
    """The service on the day on which the year is counted."""
    await arranged(membership, a_year_lived)
    async with membership.days_later(UNTIL_MARCH) as now:
        yield now


async def figures(client: httpx.AsyncClient, year: int = YEAR, **params: Any) -> dict[str, dict[str, Any]]:
    answer = await client.get(f"/yearly-figures/{year}", params=params)
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json()["figures"]}


async def rows_make_the_figure(client: httpx.AsyncClient, figure: dict[str, Any]) -> None:
    """The list of a figure, page by page, and its export, come to the figure."""
    path, _, place = figure["list"].removeprefix(ROOT).partition("?")
    asked = dict(parse_qsl(place))
    found: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 2, "total": True, **asked}
    while True:
        page = (await client.get(path, params=params)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    told = sum((Decimal(row["quantity"]) for row in found), Decimal(0))
    code = figure["code"]
    told_of = [row["id"] for row in found if row["id"]]
    assert (len(set(told_of)), page["total"]) == (len(told_of), len(found)), code
    if figure["value"] is None or (asked and code in ANONYMOUS):
        assert found == [], code
    else:
        assert (Decimal(figure["value"]), figure["rows"]) == (told, len(found)), code
    exported = await client.get(f"{path}/export", params=asked)
    lines = list(csv.reader(io.StringIO(exported.content.decode("utf-8-sig")), delimiter=";"))
    assert len(lines) == len(found) + 1, code
    alone = (await client.get(path.removesuffix("/rows"), params=asked)).json()
    assert alone == figure, code
    for row in found[:1]:
        opened_row = row["link"] and await client.get(row["link"].removeprefix(ROOT))
        assert opened_row is None or opened_row.status_code == 200, (code, row)


async def test_every_figure_is_the_one_counted_by_hand_and_its_rows_make_it(in_march: ServiceUnderTest) -> None:
    async with in_march.client("network") as client:
        network = await figures(client)
        occitanie, idf = await figures(client, delegation="occitanie"), await figures(client, delegation="idf")
        found = {
            code: (one["value"], occitanie[code]["value"], idf[code]["value"], one["previous"])
            for code, one in network.items()
        }
        assert found == {
            code: (*told, None if code in PARTIAL else previous) for code, (*told, previous) in EXPECTED.items()
        }
        before = await figures(client, YEAR - 1)
        assert {code: one["partial_since"] for code, one in before.items() if one["partial_since"]} == {
            code: day.isoformat() for code, day in PARTIAL.items()
        }
        assert {network[code]["change"] for code in PARTIAL} == {None}
        assert network["members.at_year_end"]["period_label"] == "aujourd'hui"
        assert before["members.at_year_end"]["period_label"] == "au 31 décembre"
        assert {code: one["value"] for code, one in before.items()} == {code: one[3] for code, one in EXPECTED.items()}
        for one in (*network.values(), *occitanie.values(), before["members.joined"], before["activity.turnover"]):
            await rows_make_the_figure(client, one)
        await plain_sql_finds_the_same(in_march)
        await filters_narrow_the_rows(client)


async def plain_sql_finds_the_same(now: ServiceUnderTest) -> None:
    """What membership holds, counted again without anything of its code."""
    first, last = date(YEAR, 1, 1), MARCH
    asked = {
        "members.at_year_end": "SELECT count(*) FROM member WHERE status IN ('active', 'suspended')",
        "members.joined": "SELECT count(*) FROM member WHERE joined_on BETWEEN :first AND :last",
        "members.left": "SELECT count(*) FROM member WHERE left_on BETWEEN :first AND :last",
        "dues.amount_called": "SELECT sum(total::numeric - credited::numeric) FROM dues_call"
        " WHERE year = :year AND status IN ('issued', 'paid')",
        "interviews.held": "SELECT count(*) FROM interview WHERE held_on BETWEEN :first AND :last",
        "meetings.held": "SELECT count(*) FROM department_meeting WHERE state = 'held'"
        " AND day BETWEEN :first AND :last",
        "accompaniments.held": "SELECT count(*) FROM accompaniment_booking WHERE state = 'held'",
        "assessments.cap": "SELECT count(*) FROM assessment WHERE family = 'cap' AND submitted_on >= :first",
        "support.requested": "SELECT count(*) FROM support_request WHERE asked_on BETWEEN :first AND :last",
    }
    for code, query in asked.items():
        named = {
            name: value for name, value in (("first", first), ("last", last), ("year", YEAR)) if f":{name}" in query
        }
        [row] = await now.rows(query, **named)
        assert str(row[0].normalize() if isinstance(row[0], Decimal) else row[0]) == EXPECTED[code][0], code
    turnover = (
        "SELECT sum((figure->>2)::numeric) FROM declaration_revision, jsonb_array_elements(figures) AS figure"
        " WHERE figure->>0 = 'turnover'"
    )
    assert (await now.rows(turnover))[0][0] == Decimal(EXPECTED["activity.turnover"][3] or 0)


async def filters_narrow_the_rows(client: httpx.AsyncClient) -> None:
    path = f"/yearly-figures/{YEAR}/training.trainees/rows"
    for params, count in (({"q": "c"}, 1), ({"q": "zz"}, 0), ({"detail": "CIP-01"}, 4), ({"detail": "RH"}, 0)):
        page = (await client.get(path, params={**params, "total": True})).json()
        assert (page["total"], len(page["items"])) == (count, count), params
    [one] = (await client.get(path, params={"q": "C"})).json()["items"]
    assert (one["name"], one["delegation"], one["quantity"], one["link"]) == ("C", "idf", "1", None)
    page = (await client.get(path, params={"member_id": one["member_id"]})).json()
    assert [row["id"] for row in page["items"]] == [one["id"]]
    by_hours = (await client.get(f"/yearly-figures/{YEAR}/training.hours/rows", params={"sort": "quantity"})).json()
    assert [row["quantity"] for row in by_hours["items"]] == ["7", "7", "7.5", "14"]
    met = (await client.get(f"/yearly-figures/{YEAR}/encounters.met/rows")).json()["items"]
    coverage = (await client.get(f"/encounters/{YEAR}/members", params={"met": True})).json()["items"]
    assert {row["member_id"] for row in met} == {row["member_id"] for row in coverage}


async def test_what_nobody_told_is_no_zero_and_what_was_heard_is(
    membership: ServiceUnderTest, arranged: Arrange
) -> None:
    await arranged(membership, admitted_by, member, "A")
    async with membership.client("network", "board") as client:
        year = TODAY.year
        silent = await figures(client, year)
        told = {code for code, one in silent.items() if one["value"] is not None}
        assert told == {"members.at_year_end", "members.joined", "members.left"}
        assert (silent["members.left"]["value"], silent["members.left"]["missing"]) == ("0", None)
        assert (silent["training.trainees"]["rows"], silent["training.trainees"]["missing"]) == (None, "never_told")
        assert silent["training.trainees"]["missing_label"].startswith("pas de donnée")
        taken_over = enrolment(uuid4(), None, "7", date(year - 1, 12, 1), confirmed_on=date(year, 1, 1))
        cancelled = enrolment(uuid4(), None, None, date(year, 1, 1), status="cancelled")
        await membership.receive(cancelled, taken_over)
        heard = await figures(client, year)
        assert (heard["training.trainees"]["value"], heard["training.trainees"]["rows"]) == ("0", 0)
        assert heard["legal_desk.asked"]["value"] is None
        before = (await figures(client, year - 1))["training.trainees"]
        assert (before["value"], before["missing"]) == (None, "not_told_then")
        path = f"/yearly-figures/{year - 1}/training.trainees/rows"
        empty = (await client.get(path, params={"total": True})).json()
        assert (empty["items"], empty["total"]) == ([], 0)
        assert len((await client.get(f"{path}/export")).text.splitlines()) == 1


async def test_a_year_takes_as_many_queries_as_one_figure(membership: ServiceUnderTest) -> None:
    """The year, the one before, what was told, what was published: however many figures there are."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    engine = membership.runtime.database.engine.sync_engine
    counts = []
    async with membership.client("network") as client:
        for path in ("", "/training.hours"):
            event.listen(engine, "before_cursor_execute", note)
            try:
                assert (await client.get(f"/yearly-figures/{TODAY.year}{path}")).status_code == 200
            finally:
                event.remove(engine, "before_cursor_execute", note)
            counts.append(len(asked))
            asked.clear()
    assert counts[0] == counts[1] <= 6, counts


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param(f"/yearly-figures/{TODAY.year + 1}", 400, "year_not_begun", id="une année à venir"),
        pytest.param("/yearly-figures/2014", 404, "figures_not_defined", id="avant les définitions"),
        pytest.param("/yearly-figures/1999", 422, None, id="une année d'avant"),
        pytest.param(f"/yearly-figures/{TODAY.year}?delegation=grandest", 404, "delegation_not_found", id="sans nom"),
        pytest.param(f"/yearly-figures/{TODAY.year}/jobs", 404, "yearly_figure_not_found", id="un chiffre inconnu"),
        pytest.param(f"/yearly-figures/{TODAY.year}/jobs/rows", 404, "yearly_figure_not_found", id="ses lignes"),
        pytest.param(
            f"/yearly-figures/{TODAY.year}/members.left/rows?sort=name", 400, "sort_unknown", id="un tri inconnu"
        ),
        pytest.param(
            f"/yearly-figures/{TODAY.year}/members.left/rows?cursor=x", 400, "cursor_invalid", id="un curseur"
        ),
        pytest.param(f"/yearly-figures/{TODAY.year}/editions/1", 404, "yearly_edition_not_found", id="non publiée"),
    ],
)
async def test_what_cannot_be_read(membership: ServiceUnderTest, path: str, status: int, code: str | None) -> None:
    async with membership.client("network") as client:
        refused = await client.get(path)
        assert (refused.status_code, refused.json().get("code") if code else None) == (status, code), refused.text
