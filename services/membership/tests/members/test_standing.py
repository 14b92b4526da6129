"""Where a structure stands with its dues, as dues told: on its page, in the list, in the export."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import pytest

from common.contracts.dues import DuesInvoiced, DuesStandingChanged, InvoiceState, StandingState
from common.testing.harness import ServiceUnderTest
from common.wording import write_day
from membership.members.domain import Call, StandingCode, ToldStanding, YearOfDues

from .test_dates import TODAY
from .test_register import admit, receive, structure

SOON = TODAY + timedelta(days=20)


def invoiced(member_id: str, number: int = 1, year: int = TODAY.year, **fields: Any) -> DuesInvoiced:
    """Tell a call of 800 €, always the same for a number."""
    told = {"number": f"COT-{number}", "year": year, "status": "issued", "total": Decimal("800.00")}
    days = {"issued_on": TODAY, "due_on": TODAY + timedelta(days=30)}
    key = uuid5(UUID(member_id), f"call {number}")
    state = InvoiceState(**{"id": key, "member_id": UUID(member_id), **told, **days, **fields})
    return DuesInvoiced(state=state, campaign_id=uuid4(), shares=())


def stands(
    member_id: str, standing: str, year: int = TODAY.year, since: date = TODAY, until: date | None = None
) -> DuesStandingChanged:
    """Tell where a structure stands with a year."""
    key = uuid5(UUID(member_id), f"standing {year}")
    state = StandingState(
        id=key, member_id=UUID(member_id), year=year, standing=standing, since=since, until=until
    )  # fmt: skip
    return DuesStandingChanged(state=state)


async def joined(client: httpx.AsyncClient, name: str) -> str:
    application = await receive(client, **structure(name))
    await admit(client, application, f"PV-{name}")
    return str(application["member_id"])


DUE = TODAY + timedelta(days=30)
ISSUED = Call(UUID(int=1), UUID(int=2), 2026, "COT-1", "issued", Decimal("800.00"), TODAY, DUE)


def told(code: str, until: date | None = None) -> ToldStanding:
    return ToldStanding(code, TODAY, until)


@pytest.mark.parametrize(
    ("dues", "code", "label"),
    [
        pytest.param(YearOfDues(2026), "not_called", "non appelée", id="rien n'est dit"),
        pytest.param(YearOfDues(2026, (ISSUED,)), "unknown", "appelée, paiement non connu", id="appelée"),
        pytest.param(YearOfDues(2026, (ISSUED,), told("up_to_date", DUE)), "up_to_date", "à jour", id="à jour"),
        pytest.param(
            YearOfDues(2026, (ISSUED,), told("grace", SOON)), "grace", f"délai jusqu'au {write_day(SOON)}", id="délai"
        ),
        pytest.param(YearOfDues(2026, (ISSUED,), told("overdue")), "overdue", "en retard", id="en retard"),
        pytest.param(YearOfDues(2026, (ISSUED,), told("plan")), "plan", "échéancier en cours", id="échéancier"),
        pytest.param(YearOfDues(2026, (), told("exempt")), "exempt", "exemptée", id="exemptée, jamais appelée"),
        pytest.param(YearOfDues(2026, (ISSUED,), told("mediation")), "mediation", "mediation", id="que nul ne connaît"),
    ],
)
def test_where_a_structure_stands(dues: YearOfDues, code: str, label: str) -> None:
    assert (dues.code, dues.label) == (code, label)


def call(status: str, paid: str = "0.00", credited: str = "0.00") -> Call:
    amounts = (Decimal(paid), Decimal(credited))
    return Call(UUID(int=1), UUID(int=2), 2026, "COT-1", status, Decimal("800.00"), TODAY, DUE, *amounts)


@pytest.mark.parametrize(
    ("calls", "called", "paid", "owed"),
    [
        pytest.param([], "0.00", "0.00", "0.00", id="aucun appel"),
        pytest.param([call("issued")], "800.00", "0.00", "800.00", id="émis"),
        pytest.param([call("partly_paid", "300.00")], "800.00", "300.00", "500.00", id="payé en partie"),
        pytest.param([call("issued", "0.00", "100.00")], "700.00", "0.00", "700.00", id="un avoir en annule une part"),
        pytest.param([call("paid", "700.00", "100.00")], "700.00", "700.00", "0.00", id="le reste est payé"),
        pytest.param([call("paid")], "800.00", "0.00", "0.00", id="dit payé avant que les montants soient dits"),
        pytest.param([call("credited", "0.00", "800.00")], "0.00", "0.00", "0.00", id="annulé par un avoir"),
        pytest.param([call("voided"), call("issued")], "800.00", "0.00", "800.00", id="annulé, appelé de nouveau"),
    ],
)
def test_what_is_called_paid_and_owed(calls: list[Call], called: str, paid: str, owed: str) -> None:
    dues = YearOfDues(2026, tuple(calls))
    assert (str(dues.called), str(dues.paid), str(dues.owed)) == (called, paid, owed)


def test_what_is_settled_ends_on_no_day() -> None:
    assert YearOfDues(2026, (ISSUED,), told("up_to_date", DUE)).until == DUE
    assert YearOfDues(2026, (call("paid", "800.00"),), told("up_to_date", DUE)).until is None


async def test_the_page_says_where_it_stands_and_what_is_owed(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        own = await joined(client, "Alpha")
        partly = {"status": "partly_paid", "paid": Decimal("300.00")}
        await membership.receive(invoiced(own), invoiced(own, 2, **partly), stands(own, "grace", until=SOON))
        shown = (await client.get(f"/members/{own}")).json()["standing"]
        assert (shown["standing"], shown["since"], shown["until"]) == ("grace", TODAY.isoformat(), SOON.isoformat())
        assert shown["label"] == f"cotisation {TODAY.year} : délai jusqu'au {write_day(SOON)}"
        assert (shown["called"], shown["paid"], shown["owed"]) == ("1600.00", "300.00", "1300.00")
        assert (shown["status"], shown["number"]) == ("partly_paid", "COT-2"), "of the last call"
        await membership.receive(stands(own, "overdue"))
        shown = (await client.get(f"/members/{own}")).json()["standing"]
        assert (shown["label"], shown["until"]) == (f"cotisation {TODAY.year} : en retard", None)
        exported = (await client.get("/members/export")).text
        assert f"cotisation {TODAY.year} : en retard" in exported


async def test_the_list_is_filtered_by_standing_as_the_page_says_it(membership: ServiceUnderTest) -> None:
    async with membership.client("network", "board") as client:
        ids = {name: await joined(client, name) for name in "ABCDEFG"}
        codes = dict(zip("ABCDE", ("up_to_date", "grace", "overdue", "plan", "exempt"), strict=True))
        await membership.receive(*(invoiced(ids[name], number) for number, name in enumerate("ABCDF")))
        await membership.receive(*(stands(ids[name], code) for name, code in codes.items()))
        await membership.receive(stands(ids["A"], "overdue", TODAY.year - 1))
        found: dict[str, str] = {}
        for code in StandingCode:
            filters = {"standing": code.value, "total": True}
            listed = (await client.get("/members", params=filters)).json()
            exported = (await client.get("/members/export", params={"standing": code.value})).text
            for one in listed["items"]:
                assert one["standing"]["standing"] == code, one["name"]
                assert one["reference"] in exported
                found[one["name"]] = code.value
            assert listed["total"] == len(listed["items"]) == exported.count("STR-")
        assert found == {**codes, "F": "unknown", "G": "not_called"}
        late = {"standing": ["overdue", "plan"], "sort": "name"}
        assert [one["name"] for one in (await client.get("/members", params=late)).json()["items"]] == ["C", "D"]
        before = {"standing": "overdue", "standing_year": TODAY.year - 1}
        assert [one["name"] for one in (await client.get("/members", params=before)).json()["items"]] == ["A"]
        refused = await client.get("/members", params={"standing": "late"})
        assert refused.status_code == 422
    async with membership.client("delegation", delegation="idf") as elsewhere:
        assert (await elsewhere.get("/members", params={"standing": "overdue"})).json()["items"] == []
    async with membership.client("member", member_id=UUID(ids["D"])) as own:
        assert [one["name"] for one in (await own.get("/members", params=late)).json()["items"]] == ["D"]
