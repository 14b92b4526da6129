"""Who may see the bank, and what its reads cost."""

from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .statements import PAYER, Entry, bank_file, statement
from .treasury import called, lines, send

READS = (
    "/bank/files",
    "/bank/files/{file}",
    "/bank/files/{file}/lines",
    "/bank/files/{file}/content",
    "/bank/statements",
    "/bank/statements/{statement}",
    "/bank/lines",
    "/bank/lines/export",
    "/bank/lines/{line}",
)
ACTS = {
    "/bank/lines/match": {"all": True},
    "/bank/lines/{line}/match": {"invoices": [str(UUID(int=9))]},
    "/bank/lines/{line}/return": {"receipt_id": str(UUID(int=9))},
    "/bank/lines/{line}/recognise": {"kind": "run", "id": str(UUID(int=9))},
    "/bank/lines/{line}/deposit": {"receipt_ids": [str(UUID(int=9))]},
    "/bank/lines/{line}/charge": {"label": "Tenue de compte"},
    "/bank/lines/{line}/set-aside": {"kind": "subsidy"},
    "/bank/lines/{line}/reopen": None,
}
ENTRIES = [
    Entry("5291.98", text="cot 2026 1", iban=PAYER),
    Entry("800.00", reference="B-2"),
    Entry("-800.00", returned="AM04"),
]


@pytest.mark.parametrize(
    ("roles", "who"),
    [
        pytest.param(("network",), {}, id="le réseau"),
        pytest.param(("board",), {}, id="le conseil"),
        pytest.param(("delegation",), {"delegation": "occitanie"}, id="la délégation de la payeuse"),
        pytest.param(("delegation",), {"delegation": "bretagne"}, id="une autre délégation"),
        pytest.param(("member",), {"member_id": UUID(int=1)}, id="la payeuse"),
        pytest.param(("member",), {"member_id": UUID(int=2)}, id="une autre structure"),
    ],
)
async def test_only_finance_sees_the_bank(
    dues: ServiceUnderTest, arranged: Arrange, roles: tuple[str, ...], who: dict[str, object]
) -> None:
    ids = await arranged(dues, three_lines_sent)
    async with dues.client(*roles, **who) as client:  # type: ignore[arg-type]
        for path in READS:
            assert (await client.get(path.format(**ids))).status_code == 403, path
        for path, body in ACTS.items():
            asked = await client.post(path.format(**ids), json=body, headers={"If-Match": '"v1"'})
            assert asked.status_code == 403, path
        assert (await send(client, b"<a/>")).status_code == 403


async def test_what_is_not_there_is_not_found(dues: ServiceUnderTest) -> None:
    nowhere = dict.fromkeys(("file", "statement", "line"), str(UUID(int=9)))
    async with dues.client("finance") as client:
        for path in READS:
            if "{" in path:
                assert (await client.get(path.format(**nowhere))).status_code == 404, path
        for path, body in ACTS.items():
            if "{" in path:
                asked = await client.post(path.format(**nowhere), json=body, headers={"If-Match": '"v1"'})
                assert asked.status_code == 404, path


async def test_a_call_that_does_not_exist_is_not_paid(dues: ServiceUnderTest, arranged: Arrange) -> None:
    ids = await arranged(dues, three_lines_sent)
    async with dues.client("finance") as client:
        path = f"/bank/lines/{ids['line']}/match"
        asked = await client.post(path, json=ACTS["/bank/lines/{line}/match"], headers={"If-Match": '"v1"'})
    assert (asked.status_code, asked.json()["code"]) == (404, "invoice_not_found")


async def test_a_read_takes_as_many_statements_for_many_lines_as_for_a_few(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    ids = await arranged(dues, three_lines_sent)
    few = await _counted(dues, ids)
    more = [Entry("5608.00", text=f"cot 2026 {rank}", iban=PAYER, reference=f"C-{rank}") for rank in range(3)]
    async with dues.client("finance") as client:
        for rank, entry in enumerate(more):
            day = f"2026-04-{rank + 1:02d}"
            sent = await send(client, bank_file(statement([entry], reference=day, opened_on=day, closed_on=day)))
            assert sent.status_code == 201, sent.text
        assert len(await lines(client)) == 6
    assert await _counted(dues, ids) == few


async def three_lines_sent(dues: ServiceUnderTest) -> dict[str, str]:
    """Three are called, and the bank tells of a payment, of another, and of one that came back."""
    await called(dues)
    async with dues.client("finance") as client:
        file = (await send(client, bank_file(statement(ENTRIES)))).json()
        [kept] = (await client.get("/bank/statements")).json()["items"]
        [line] = await lines(client, amount=ENTRIES[0].amount)
    return {"file": file["id"], "statement": kept["id"], "line": line["id"]}


async def _counted(dues: ServiceUnderTest, ids: dict[str, str]) -> dict[str, int]:
    counts = {}
    async with dues.client("finance") as client:
        for path in READS:
            with dues.statements() as sent:
                answer = await client.get(path.format(**ids))
            assert answer.status_code == 200, answer.text
            counts[path] = len(sent)
    return counts
