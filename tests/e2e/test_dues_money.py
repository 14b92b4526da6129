"""Money through the gateway: a statement settles calls, a credit note takes one back, and everybody hears of it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from common.clock import legal_day
from common.testing.awaiting import eventually

from .platform import Platform

ACCOUNT = "FR7600000000000000000000097"


def statement(*credits_: tuple[str, str]) -> bytes:
    """Write today's camt.053 statement of the demonstration's account: amounts received, and what the payer wrote."""
    today = legal_day(datetime.now(UTC)).isoformat()
    total = sum((Decimal(amount) for amount, _ in credits_), Decimal(0))

    def balance(kind: str, amount: Decimal) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
            f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{today}</Dt></Dt></Bal>"
        )

    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{today}</Dt></BookgDt><AcctSvcrRef>B-{rank}</AcctSvcrRef><BkTxCd/>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for rank, (amount, text) in enumerate(credits_)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>E2E</MsgId><CreDtTm>{today}T06:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>R-1</Id><CreDtTm>{today}T06:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balance('OPBD', Decimal('0.00'))}{balance('CLBD', total)}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


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
        content = statement((whole["owed"], f"Cotisation {whole['number']}"), ("100.00", f"acompte {part['number']}"))
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
