"""Money through the gateway: a statement settles calls, a credit note takes one back, and everybody hears of it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from common.clock import legal_day
from common.testing.awaiting import eventually

from .platform import Platform
from .statements import statement

TODAY = legal_day(datetime.now(UTC))


async def outcomes(client: httpx.Client, answer: httpx.Response) -> set[str]:
    """Wait for a job that was asked for; return what became of its lines."""
    assert answer.status_code == 202, answer.text
    path = answer.headers["location"]

    def read(what: str) -> dict[str, Any]:
        return dict(client.get(f"{path}{what}").json())

    await eventually(lambda: read("")["status"] == "succeeded", awaited="the job", seconds=60)
    return {line["outcome"] for line in read("/receipt")["items"]}


async def test_money_received_settles_a_call_is_shared_out_and_is_known_everywhere(platform: Platform) -> None:
    with platform.client("finance") as finance:
        whole, part, other = finance.get("/dues/v1/invoices", params={"sort": "number", "limit": 3}).json()["items"]
        content = statement(
            "R-1", TODAY, (whole["owed"], f"Cotisation {whole['number']}"), ("100.00", f"acompte {part['number']}")
        )
        sent = finance.post("/dues/v1/bank/files", files={"file": ("releve.xml", content, "application/xml")})
        assert sent.status_code == 201, sent.text
        assert "matched" in await outcomes(finance, finance.post("/dues/v1/bank/lines/match", json={"all": True}))
        paid = finance.get(f"/dues/v1/invoices/{whole['id']}").json()
        assert (paid["status"], paid["owed"]) == ("paid", "0.00")
        # A part of a call is never matched for sure: a person says so, in one call.
        waiting = finance.get("/dues/v1/bank/lines", params={"q": part["number"]}).json()["items"][0]
        matched = finance.post(
            f"/dues/v1/bank/lines/{waiting['id']}/match",
            json={"invoices": [part["id"]]},
            headers={"If-Match": f'"v{waiting["version"]}"'},
        )
        assert matched.status_code == 200, matched.text
        assert finance.get(f"/dues/v1/invoices/{part['id']}").json()["status"] == "partly_paid"

        # What came in is shared out to the cent.
        shared = finance.get("/dues/v1/apportionment/balances").json()
        parts = [Decimal(one["balance"]) for one in shared["balances"]]
        assert sum(parts, Decimal(0)) == Decimal(shared["total"]) == Decimal(whole["owed"]) + 100

        voided = finance.post(
            f"/dues/v1/invoices/{other['id']}/void", json={"reason": "mistake", "note": "appelée par erreur"}
        )
        assert voided.status_code == 201, voided.text

    async def told() -> bool:
        rows = await platform.query("membership", "SELECT number, status FROM dues_call")
        known = {row["number"]: row["status"] for row in rows}
        numbers = (whole["number"], part["number"], other["number"])
        return [known[number] for number in numbers] == ["paid", "partly_paid", "voided"]

    await eventually(told, awaited="what was paid and voided at membership", seconds=60)
