"""A year of dues as a treasurer lives it, on the federation's published members: from the vote to the closed books.

Each act is done on its day, through an API whose clock is on that day; what the bank sends comes in as its file.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from common.clock import legal_day
from common.testing.awaiting import eventually
from common.workdays import TARGET
from e2e.parts import api_of_another_day, jobs_of_another_day

from .platform import Platform
from .statements import statement

YEAR, REGION = 2026, "occitanie"
TODAY = legal_day(datetime.now(UTC))
COLLECTED = TARGET.first_from(TODAY + timedelta(days=45))
IBANS = ("FR7600000000000000000000194", "FR7600000000000000000000291", "FR7600000000000000000000388")
ADDRESS = {"street": "1 rue de l'Exemple", "postcode": "31000", "city": "Toulouse"}


@dataclass(frozen=True)
class Day:
    """Finance at work on one day; ``other`` is a second person of finance, for what takes four eyes.

    ``region`` is the delegation of those whom the story helps.
    """

    day: date
    finance: httpx.Client
    other: httpx.Client
    region: httpx.Client

    def get(self, path: str, **params: Any) -> Any:
        answer = self.finance.get(f"/dues/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return list(self.get(path, **params)["items"])

    def post(self, path: str, body: Any = None, seen: Mapping[str, Any] | None = None, **sent: Any) -> dict[str, Any]:
        return self._done(self.finance, "POST", path, body, seen, **sent)

    def post_as_other(self, path: str, body: Any = None, seen: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._done(self.other, "POST", path, body, seen)

    def post_as_region(self, path: str, body: Any, seen: Mapping[str, Any]) -> dict[str, Any]:
        return self._done(self.region, "POST", path, body, seen)

    def put(self, path: str, body: Any) -> dict[str, Any]:
        return self._done(self.finance, "PUT", path, body, None)

    def _done(
        self,
        who: httpx.Client,
        method: str,
        path: str,
        body: Any,
        seen: Mapping[str, Any] | None,
        **sent: Any,
    ) -> dict[str, Any]:
        headers = {"If-Match": f'"v{seen["version"]}"'} if seen else {}
        answer = who.request(method, f"/dues/v1{path}", json=body, headers=headers, **sent)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def finished(self, path: str, state: str) -> dict[str, Any]:
        """Wait until what a job does to a thing is done."""
        await eventually(lambda: self.get(path)["state"] == state, awaited=f"{path} {state}", seconds=90)
        return dict(self.get(path))

    async def job(self, job_id: str) -> list[dict[str, Any]]:
        """Wait for a job; return its receipt."""
        done = lambda: self.get(f"/jobs/{job_id}")["status"] == "succeeded"  # noqa: E731  # said in one breath
        await eventually(done, awaited=f"the job {job_id}", seconds=90)
        return self.items(f"/jobs/{job_id}/receipt", limit=200)


@asynccontextmanager
async def on(platform: Platform, day: date) -> AsyncIterator[Day]:
    """Open finance's desk on a day: its API, and the jobs of that day."""
    days = (day - TODAY).days
    with jobs_of_another_day(platform, "dues", days_later=days):
        async with api_of_another_day(platform, "dues", days_later=days) as open_as:
            yield Day(day, open_as("finance"), open_as("finance", "finance-2"), open_as(f"delegation-{REGION}"))


async def test_a_year_from_the_vote_to_the_closed_books(platform: Platform) -> None:
    async with on(platform, TODAY) as now:
        await prepare_the_vote(now)
        calls = now.items("/invoices", sort="number", limit=200, year=YEAR)
        assert len(calls) > 40, "the published members of two regions"
        relieved = next(call for call in calls if call["delegation"] == REGION)
        collected, returned, held, helped, *others = (call for call in calls if call is not relieved)
        for call, iban in ((collected, IBANS[0]), (returned, IBANS[1])):
            mandate(now, call["member_id"], iban)
        run = await announce(now)
    async with on(platform, COLLECTED - timedelta(days=3)) as eve:
        run = make_the_file(eve, run)
    async with on(platform, COLLECTED + timedelta(days=1)) as after:
        await collect(after, run, returned)
        remind(after, held)
        agree(after, helped)
        request = ask_for_solidarity(after, relieved)
    async with on(platform, COLLECTED + timedelta(days=40)) as spring:
        await pay_by_bank(spring, [returned, held, *others])
        pay_plan(spring, helped)
        relieve(spring, request, relieved)
        assert spring.get("/accounts/aged-balance")["totals"]["owed"] == "0.00"
        pay_delegations(spring)
        close_the_books(spring)
        certify(spring)


async def prepare_the_vote(now: Day) -> None:
    """A draft of the next grid, simulated over the members before the assembly votes."""
    draft = now.post("/grid-drafts", {"label": "Projet", "year": YEAR + 1, "from_year": YEAR})
    body = {"year": YEAR + 1, "use_published_medians": True, "smic_hourly": "12.31"}
    asked = now.post(f"/grid-drafts/{draft['id']}/simulations", body)
    await now.job(asked["job_id"])
    found = now.get(f"/simulations/{asked['id']}")["summary"]
    assert (found["members"], found["blocked"]) != (0, found["members"])
    assert now.finance.get(f"/dues/v1/simulations/{asked['id']}/pdf").content.startswith(b"%PDF")


def mandate(now: Day, member_id: str, iban: str) -> None:
    """A structure signs on paper; finance keeps what it signed."""
    prepared = now.post("/mandates", {"member_id": member_id, "iban": iban})
    files = {"file": ("mandat.pdf", b"%PDF-1.7 mandat", "application/pdf")}
    sent = now.post(f"/mandates/{prepared['id']}/signed-documents", seen=prepared, files=files)
    now.post(f"/mandates/{prepared['id']}/confirm", {"signed_on": str(now.day), "place": "Toulouse"}, sent)


async def announce(now: Day) -> dict[str, Any]:
    """Who signed is told of the day and the amount, more than fourteen days before."""
    run = now.post("/collections", {"collection_on": str(COLLECTED)})
    now.post(f"/collections/{run['id']}/announce", seen=run)
    return await now.finished(f"/collections/{run['id']}", "announced")


def make_the_file(eve: Day, run: dict[str, Any]) -> dict[str, Any]:
    presented = eve.post(f"/collections/{run['id']}/file", seen=run)
    file = eve.finance.get(f"/dues/v1/collections/{run['id']}/file").content
    assert b"pain.008.001.08" in file
    return presented


async def collect(after: Day, run: dict[str, Any], returned: Mapping[str, Any]) -> None:
    """The bank pays; one comes back: its call is owed again."""
    after.post(f"/collections/{run['id']}/settle", {"settled_on": str(COLLECTED)}, run)
    await after.finished(f"/collections/{run['id']}", "settled")
    [line] = after.items("/collections/lines", member_id=returned["member_id"])
    after.post(f"/collections/lines/{line['id']}/return", {"reason": "AM04", "returned_on": str(after.day)}, line)
    assert after.get(f"/invoices/{returned['id']}")["owed"] == returned["total"]


def remind(after: Day, held: Mapping[str, Any]) -> None:
    """Whoever is late is reminded, but one for whom its region asked to wait."""
    until = str(after.day + timedelta(days=20))
    hold = {"member_id": held["member_id"], "reason": "difficulty", "note": "La délégation l'appelle.", "until": until}
    after.post("/reminder-holds", hold)
    sent = after.post("/reminders/runs", {"filter": {"ready": True}})
    reminded = {one["member_id"] for one in after.items(f"/reminders?run_id={sent['run']['id']}", limit=200)}
    assert reminded
    assert held["member_id"] not in reminded


def agree(after: Day, helped: Mapping[str, Any]) -> None:
    """One structure pays what it owes in three times."""
    schedule = {"count": 3, "first_on": str(after.day), "every_months": 1}
    plan = after.post("/plans", {"member_id": helped["member_id"], "schedule": schedule, "reason": "Trésorerie"})
    assert plan["total"] == helped["owed"]


async def pay_by_bank(spring: Day, calls: list[dict[str, Any]]) -> None:
    """The statement of the bank names each call: all that is sure is matched at once."""
    lines = [(call["owed"], f"cotisation {call['number']}") for call in calls if call["owed"] != "0.00"]
    content = statement("ANNEE", spring.day, *lines)
    spring.post("/bank/files", files={"file": ("releve.xml", content, "application/xml")})
    matched = await spring.job(spring.post("/bank/lines/match", {"all": True})["job_id"])
    assert {line["outcome"] for line in matched} == {"matched"}


def pay_plan(spring: Day, helped: Mapping[str, Any]) -> None:
    """What was spread is paid before its last day: the plan is kept."""
    received = {"method": "transfer", "amount": helped["owed"], "received_on": str(spring.day)}
    spring.post("/receipts", {**received, "member_id": helped["member_id"]})
    [plan] = spring.items("/plans", member_id=helped["member_id"])
    assert plan["state"] == "kept"


def ask_for_solidarity(after: Day, relieved: Mapping[str, Any]) -> dict[str, Any]:
    """A structure asks for help; its region says what it thinks; nobody reminds it meanwhile."""
    asked = after.post(
        "/reliefs", {"member_id": relieved["member_id"], "asks": "reduction", "reason": "Une année sans marché."}
    )
    advised = {"opinion": "favourable", "text": "La structure se redresse."}
    return after.post_as_region(f"/reliefs/{asked['id']}/advise", advised, asked)


def relieve(spring: Day, request: dict[str, Any], relieved: Mapping[str, Any]) -> None:
    """The board grants it: the mutual fund pays the call, and everybody has its part of it."""
    decision = {
        "outcome": "reduction",
        "decided_by": "Conseil d'administration",
        "sitting_on": str(spring.day),
        "reason": "Accordée en entier.",
    }
    spring.post(f"/reliefs/{request['id']}/decide", decision, request)
    assert spring.get(f"/invoices/{relieved['id']}")["status"] == "paid"
    assert spring.get("/fund/statement")["paid"] == relieved["owed"]


def certify(spring: Day) -> None:
    """The auditor's visit in one page: every sum tied, prepared by one and signed by another."""
    [campaign] = spring.items("/campaigns")
    shown = spring.get(f"/campaigns/{campaign['id']}/certificate")
    assert [tie["code"] for tie in shown["ties"] if not tie["holds"]] == []
    prepared = spring.post(f"/campaigns/{campaign['id']}/certificates", {})
    signed = spring.post_as_other(f"/certificates/{prepared['id']}/sign", seen=prepared)
    assert spring.finance.get(f"/dues/v1/certificates/{signed['id']}/pdf").content.startswith(b"%PDF")
    checked = spring.get(f"/certificates/{signed['id']}/verify")
    assert checked["valid"], checked
    assert checked["still_counted"], checked


def pay_delegations(spring: Day) -> None:
    """Each delegation is paid its part: an account two persons saw, a batch two persons wanted."""
    owed = {one["code"]: one["balance"] for one in spring.get("/transfers/balances")["balances"]}
    for code, iban in zip(sorted(owed), IBANS, strict=False):
        account = {"holder": "Délégation", "address": ADDRESS, "iban": iban, "reason": "RIB reçu"}
        entered = spring.put(f"/transfers/payees/{code}", account)
        spring.post_as_other(f"/transfers/payees/{code}/confirm", seen=entered)
    batch = spring.post("/transfers/batches", {"up_to": str(spring.day), "pay_on": str(spring.day)})
    approved = spring.post_as_other(f"/transfers/batches/{batch['id']}/approve", seen=batch)
    done = {"executed_on": str(spring.day), "bank_reference": "VIR-1"}
    spring.post(f"/transfers/batches/{batch['id']}/execute", done, approved)
    assert {one["balance"] for one in spring.get("/transfers/balances")["balances"]} == {"0.00"}


def close_the_books(spring: Day) -> None:
    """Every sum ties: what was called, what came in, what each was paid; then the month closes."""
    bears = {one["account"]: Decimal(one["balance"]) for one in spring.get("/ledger/balances")["items"]}
    called = sum((Decimal(call["total"]) - Decimal(call["credited"]) for call in _all(spring)), Decimal(0))
    shares = spring.get("/apportionment/balances")
    assert -bears["756"] == called == Decimal(shares["total"])
    assert bears.get("411", Decimal(0)) == bears.get("4671", Decimal(0)) == 0
    month = (spring.day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    spring.post(f"/ledger/periods/{month}/close")
    fec = spring.finance.get("/dues/v1/ledger/fec", params={"year": spring.day.year}).text.splitlines()
    debits, credits_ = (
        sum((Decimal(line.split("\t")[column].replace(",", ".")) for line in fec[1:]), Decimal(0))
        for column in (11, 12)
    )
    assert debits == credits_ > 0


def _all(spring: Day) -> list[dict[str, Any]]:
    return spring.items("/invoices", limit=200)
