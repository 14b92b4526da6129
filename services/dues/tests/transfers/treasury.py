"""Two persons of finance who pay two delegations what came in for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..receipts.desk import OTHER, TODAY, Desk, two_called

OCCITANIE, BRETAGNE = "delegation-occitanie", "delegation-bretagne"
IBANS = {OCCITANIE: "FR7600000000000000000000194", BRETAGNE: "FR7600000000000000000000291"}
ANOTHER_IBAN = "FR7600000000000000000000388"
SHARE = "320.00"
"""What a delegation has of a call of 800 euros paid in full."""


def account(code: str, **given: Any) -> dict[str, Any]:
    address = {"street": "12 rue de l’Été", "postcode": "31000", "city": "Toulouse"}
    body = {"holder": "Coorace Régional & Cie", "address": address, "iban": IBANS[code], "reason": "RIB reçu, rappelé"}
    return {**body, **given}


def seen(resource: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"v{resource["version"]}"'}


@dataclass
class Treasury:
    """Who enters and prepares, and who confirms and approves."""

    one: httpx.AsyncClient
    two: httpx.AsyncClient

    async def payee(self, code: str) -> dict[str, Any]:
        return dict((await self.one.get(f"/transfers/payees/{code}")).json())

    async def know(self, *codes: str) -> None:
        """Enter and confirm the account of each."""
        for code in codes:
            entered = await self.one.put(f"/transfers/payees/{code}", json=account(code))
            assert entered.status_code == 200, entered.text
            confirmed = await self.two.post(f"/transfers/payees/{code}/confirm", headers=seen(entered.json()))
            assert confirmed.status_code == 200, confirmed.text

    async def prepare(self, **given: Any) -> httpx.Response:
        return await self.one.post("/transfers/batches", json={"up_to": TODAY, "pay_on": TODAY, **given})

    async def prepared(self, **given: Any) -> dict[str, Any]:
        answer = await self.prepare(**given)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def act(
        self, batch: dict[str, Any], act: str, by: httpx.AsyncClient | None = None, **body: Any
    ) -> httpx.Response:
        path = f"/transfers/batches/{batch['id']}/{act}"
        return await (by or self.one).post(path, json=body or None, headers=seen(batch))

    async def done(self, batch: dict[str, Any], act: str, **body: Any) -> dict[str, Any]:
        answer = await self.act(batch, act, self.two if act == "approve" else None, **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def executed(self, batch: dict[str, Any], day: str = TODAY) -> dict[str, Any]:
        """Approve a batch and say that the bank executed it."""
        approved = await self.done(batch, "approve")
        return await self.done(approved, "execute", executed_on=day, bank_reference="BNQ-1")

    async def balances(self, **params: Any) -> dict[str, tuple[str, str, str]]:
        found = (await self.one.get("/transfers/balances", params=params)).json()["balances"]
        return {one["code"]: (one["due"], one["transferred"], one["balance"]) for one in found}


@asynccontextmanager
async def treasury(dues: ServiceUnderTest) -> AsyncIterator[Treasury]:
    """Open a treasury where nothing came in yet."""
    async with dues.client("finance") as one, dues.client("finance", "ops") as two:
        yield Treasury(one, two)


async def both_paid(dues: ServiceUnderTest) -> None:
    """Two structures of two delegations paid their dues, and both delegations' accounts are known."""
    await two_called(dues)
    async with treasury(dues) as paying:
        finance = Desk(paying.one)
        await finance.enter()
        await finance.enter(member_id=OTHER)
        await paying.know(OCCITANIE, BRETAGNE)


@asynccontextmanager
async def funded(dues: ServiceUnderTest, arranged: Arrange) -> AsyncIterator[tuple[Treasury, Desk]]:
    """Open a treasury where both paid."""
    await arranged(dues, both_paid)
    async with treasury(dues) as paying:
        yield paying, Desk(paying.one)
