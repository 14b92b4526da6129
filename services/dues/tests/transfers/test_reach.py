"""Who reads what is paid on, who does it, and what the reads cost."""

from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_campaign import joined
from ..receipts.desk import TODAY
from .test_story import MONTH
from .treasury import ANOTHER_IBAN, BRETAGNE, IBANS, OCCITANIE, account, both_paid, funded, treasury

MASKED = "FR76 **** **** 194"
OF_ALL = (
    "/transfers/payees",
    "/transfers/payees/export",
    "/transfers/balances",
    "/transfers/statements",
    "/transfers/statements/export",
    "/transfers/lines",
    "/transfers/lines/export",
)
OF_ONE = (
    "/transfers/payees/{code}",
    "/transfers/statements/{code}",
    "/transfers/statements/{code}/lines",
    "/transfers/statements/{code}/lines/export",
    "/transfers/statements/{code}/pdf",
)
BATCHES = ("/transfers/batches", "/transfers/batches/export", "/transfers/batches/{batch}")
OF_FINANCE = ("/transfers/preview", "/transfers/batches/{batch}/file")
ACTS: dict[str, Any] = {
    "/transfers/payees/{code}/confirm": None,
    "/transfers/payees/{code}/refuse": {"reason": "faux"},
    "/transfers/batches": {"up_to": TODAY, "pay_on": TODAY},
    "/transfers/batches/{batch}/approve": None,
    "/transfers/batches/{batch}/execute": {"executed_on": TODAY, "bank_reference": "B"},
    "/transfers/batches/{batch}/cancel": {"reason": "erreur"},
    "/transfers/batches/{batch}/lines/{line}/reject": {"rejected_on": TODAY, "reason": "AC04"},
}
SEEN = {"If-Match": '"v9"'}


def params_of(path: str) -> dict[str, str]:
    return {"month": MONTH} if "/statements" in path else {}


async def executed(dues: ServiceUnderTest) -> dict[str, str]:
    """Two delegations are paid; what the paths name."""
    await both_paid(dues)
    async with treasury(dues) as paying:
        batch = await paying.executed(await paying.prepared())
    return {"code": OCCITANIE, "batch": batch["id"], "line": batch["lines"][1]["id"]}


@pytest.mark.parametrize(
    ("roles", "who"),
    [
        pytest.param(("network",), {}, id="le réseau"),
        pytest.param(("member",), {"member_id": UUID(int=1)}, id="la structure qui a payé"),
        pytest.param(("training",), {}, id="un autre service"),
    ],
)
async def test_others_see_nothing_of_it(
    dues: ServiceUnderTest, arranged: Arrange, roles: tuple[str, ...], who: dict[str, Any]
) -> None:
    names = await arranged(dues, executed)
    async with dues.client(*roles, **who) as client:
        for path in (*OF_ALL, *OF_ONE, *BATCHES, *OF_FINANCE):
            assert (await client.get(path.format(**names), params=params_of(path))).status_code == 403, path
        await _does_nothing(client, names)


async def test_the_board_reads_all_but_the_accounts_and_does_nothing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    names = await arranged(dues, executed)
    async with dues.client("board") as client:
        for path in (*OF_ALL, *OF_ONE, *BATCHES):
            assert (await client.get(path.format(**names), params=params_of(path))).status_code == 200, path
        for path in OF_FINANCE:
            assert (await client.get(path.format(**names))).status_code == 403, path
        shown = (await client.get(f"/transfers/payees/{OCCITANIE}")).json()
        assert (shown["confirmed"]["iban"], shown["allowed_actions"], shown["blockers"]) == (MASKED, [], {})
        batch = (await client.get(f"/transfers/batches/{names['batch']}")).json()
        assert (batch["lines"][1]["iban"], batch["allowed_actions"], batch["lines"][1]["blockers"]) == (MASKED, [], {})
        for path in ("/transfers/payees/export", "/transfers/lines/export"):
            text = (await client.get(path)).text
            assert MASKED in text
            assert IBANS[OCCITANIE] not in text
        await _does_nothing(client, names)


async def test_a_delegation_reads_its_own(dues: ServiceUnderTest, arranged: Arrange) -> None:
    names = await arranged(dues, executed)
    async with dues.client("delegation", delegation="occitanie") as client:
        for path in OF_ALL:
            answer = await client.get(path, params=params_of(path))
            assert answer.status_code == 200, path
            assert "occitanie" in answer.text, path
            assert "bretagne" not in answer.text, path
        for path in OF_ONE:
            assert (await client.get(path.format(**names), params=params_of(path))).status_code == 200, path
            other = await client.get(path.format(code=BRETAGNE), params=params_of(path))
            assert other.status_code == 404, path
        for path in (*BATCHES, *OF_FINANCE):
            assert (await client.get(path.format(**names))).status_code == 403, path
        [transfer] = (await client.get("/transfers/lines")).json()["items"]
        assert (transfer["iban"], transfer["status"], transfer["allowed_actions"]) == (
            IBANS[OCCITANIE],
            "executed",
            [],
        )
        await _does_nothing(client, names)


async def test_a_delegation_does_not_read_what_is_not_approved(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        batch = await paying.prepared()
        async with dues.client("delegation", delegation="occitanie") as client:
            assert (await client.get("/transfers/lines", params={"total": True})).json()["total"] == 0
            approved = await paying.done(batch, "approve")
            assert (await client.get("/transfers/lines", params={"total": True})).json()["total"] == 1
            await paying.done(approved, "cancel", reason="erreur")
            assert (await client.get("/transfers/lines", params={"total": True})).json()["total"] == 0


async def test_what_is_not_there_is_not_found(dues: ServiceUnderTest, arranged: Arrange) -> None:
    names = {"code": "delegation-normandie", "batch": str(UUID(int=9)), "line": str(UUID(int=9))}
    async with dues.client("finance") as client:
        for path in (*OF_ONE, BATCHES[-1], OF_FINANCE[-1]):
            assert (await client.get(path.format(**names), params=params_of(path))).status_code == 404, path
        for path, body in ACTS.items():
            if "{" in path:
                asked = await client.post(path.format(**names), json=body, headers=SEEN)
                assert asked.status_code == 404, path
    real = await arranged(dues, executed)
    async with dues.client("finance") as client:
        path = "/transfers/batches/{batch}/lines/{line}/reject"
        version = (await client.get(f"/transfers/batches/{real['batch']}")).headers["etag"]
        asked = await client.post(
            path.format(batch=real["batch"], line=names["line"]), json=ACTS[path], headers={"If-Match": version}
        )
    assert (asked.status_code, asked.json()["code"]) == (404, "transfer_not_found")


async def test_a_read_takes_as_many_statements_for_many_as_for_a_few(dues: ServiceUnderTest, arranged: Arrange) -> None:
    names = await arranged(dues, executed)
    few = await _counted(dues, names)
    await dues.receive(*(joined(rank, "ges", delegation=f"region-{rank}") for rank in (3, 4, 5)))
    async with dues.client("finance") as client, dues.client("finance", "ops") as other:
        await _called_and_paid(dues, client)
        for rank in (3, 4, 5):
            path = f"/transfers/payees/delegation-region-{rank}"
            entered = await client.put(path, json=account(OCCITANIE, iban=ANOTHER_IBAN))
            confirmed = await other.post(f"{path}/confirm", headers={"If-Match": entered.headers["etag"]})
            assert confirmed.status_code == 200, confirmed.text
        prepared = await client.post("/transfers/batches", json=ACTS["/transfers/batches"])
        assert len(prepared.json()["lines"]) == 3
    assert await _counted(dues, {**names, "batch": prepared.json()["id"]}) == few


async def _called_and_paid(dues: ServiceUnderTest, client: Any) -> None:
    [campaign] = (await client.get("/campaigns")).json()["items"]
    known = await client.get(f"/campaigns/{campaign['id']}")
    started = await client.post(f"/campaigns/{campaign['id']}/run", headers={"If-Match": known.headers["etag"]})
    assert started.status_code == 202, started.text
    await dues.run_jobs()
    for rank in (3, 4, 5):
        body = {"method": "transfer", "amount": "800.00", "received_on": TODAY, "member_id": str(UUID(int=rank))}
        assert (await client.post("/receipts", json=body)).status_code == 201


async def _counted(dues: ServiceUnderTest, names: dict[str, str]) -> dict[str, int]:
    counts = {}
    async with dues.client("finance") as client:
        for path in (*OF_ALL, *OF_ONE, *BATCHES, "/transfers/preview"):
            with dues.statements() as sent:
                answer = await client.get(path.format(**names), params=params_of(path))
            assert answer.status_code == 200, answer.text
            counts[path] = len(sent)
    return counts


async def _does_nothing(client: Any, names: dict[str, str]) -> None:
    entered = await client.put(f"/transfers/payees/{OCCITANIE}", json=account(OCCITANIE), headers=SEEN)
    assert entered.status_code == 403
    for path, body in ACTS.items():
        asked = await client.post(path.format(**names), json=body, headers=SEEN)
        assert asked.status_code == 403, path
