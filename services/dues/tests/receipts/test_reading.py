"""Who reads and does what with the money that came in; lists, exports, and what they cost."""

from typing import Any
from uuid import UUID

import pytest

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from ..campaigns.test_duplicates import merged
from .desk import DUE, OTHER, TODAY, Desk, desk, two_called

CHEQUE = {"method": "cheque", "cheque_number": "0007788", "cheque_bank": "Banque d'exemple"}
FINANCE: tuple[str, dict[str, Any]] = ("finance", {})
OCCITANIE = ("delegation", {"delegation": "occitanie"})
BRETAGNE = ("delegation", {"delegation": "bretagne"})
OWN = ("member", {"member_id": UUID(int=1)})
NEIGHBOUR = ("member", {"member_id": UUID(int=2)})
NOBODY = ("member", {})
KEEPS = ["allocate", "take-back", "attribute", "deposit", "refund", "return", "cancel"]


async def four_received(dues: ServiceUnderTest) -> list[str]:
    """A call paid in Occitanie, an advance kept in Bretagne, a sum of unknown origin, a cheque to deposit."""
    await two_called(dues)
    async with dues.client("finance") as client:
        finance = Desk(client)
        entered = [
            await finance.enter(payer_reference="VIR 4471", note="vu avec la structure"),
            await finance.enter("900.00", member_id=OTHER, keep_rest=True, bank_reference="RELEVE-7/12"),
            await finance.enter("12.00", member_id=None, received_on="2026-01-05"),
            await finance.enter("30.00", member_id=OTHER, allocations=[], keep_rest=True, **CHEQUE),
        ]
    return [one["id"] for one in entered]


@pytest.mark.parametrize(
    ("who", "ranks"),
    [
        pytest.param(FINANCE, [1, 2, 3, 4], id="les finances"),
        pytest.param(("network", {}), [1, 2, 3, 4], id="le réseau"),
        pytest.param(("board", {}), [1, 2, 3, 4], id="le conseil"),
        pytest.param(OCCITANIE, [1], id="sa délégation"),
        pytest.param(BRETAGNE, [2, 4], id="une autre délégation"),
        pytest.param(OWN, [1], id="la structure"),
        pytest.param(NEIGHBOUR, [2, 4], id="une autre structure"),
        pytest.param(NOBODY, [], id="une structure sans identifiant"),
    ],
)
async def test_each_reads_its_own(
    dues: ServiceUnderTest, arranged: Arrange, who: tuple[str, dict[str, Any]], ranks: list[int]
) -> None:
    entered = await arranged(dues, four_received)
    async with dues.client("finance") as finance:
        calls = await Desk(finance).calls()
    role, claims = who
    async with dues.client(role, **claims) as client:
        page = (await client.get("/receipts", params={"sort": "number", "total": True})).json()
        export = (await client.get("/receipts/export")).text
        assert [int(one["number"][-5:]) for one in page["items"]] == ranks
        assert (page["total"], export.count("REC-")) == (len(ranks), len(ranks))
        for rank, receipt_id in enumerate(entered, start=1):
            answer = await client.get(f"/receipts/{receipt_id}")
            assert answer.status_code == (200 if rank in ranks else 404), answer.text
            if rank == 1 and rank in ranks:
                keeps = role == "finance"
                assert (answer.json()["note"] is not None, answer.json()["allowed_actions"] != []) == (keeps, keeps)
        paid = await client.get(f"/invoices/{calls['1']['id']}/payments")
        assert paid.status_code == (200 if 1 in ranks else 404)


@pytest.mark.parametrize("role", ["network", "board", "delegation", "member", "training"])
async def test_finance_alone_keeps_receipts(dues: ServiceUnderTest, arranged: Arrange, role: str) -> None:
    async with desk(dues, arranged) as finance:
        receipt = await finance.enter()
    async with dues.client(role, member_id=UUID(int=1), delegation="occitanie") as client:
        theirs = Desk(client)
        answers = [await theirs.ask(), *[await theirs.act(receipt, act) for act in KEEPS]]
        proposal = await client.get("/receipts/proposal", params={"member_id": OTHER, "amount": DUE})
        assert {answer.status_code for answer in [*answers, proposal]} == {403}
        reads = [await client.get(path) for path in ("/receipts", "/receipts/export", "/receipts/return-reasons")]
        assert {answer.status_code for answer in reads} == ({403} if role == "training" else {200})


async def test_nothing_is_done_with_what_does_not_exist(dues: ServiceUnderTest) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "allocate": {},
        "take-back": {"invoice_id": OTHER, "reason": "erreur"},
        "attribute": {"member_id": OTHER},
        "deposit": {"deposited_on": TODAY},
        "refund": {"amount": "1.00", "refunded_on": TODAY, "reference": "VIR"},
        "return": {"reason": "AM04", "returned_on": TODAY},
        "cancel": {"reason": "erreur"},
    }
    assert list(bodies) == KEEPS
    async with dues.client("finance") as client:
        for act, body in bodies.items():
            answer = await Desk(client).act({"id": OTHER, "version": 1}, act, **body)
            assert (answer.status_code, answer.json()["code"]) == (404, "receipt_not_found")


@pytest.mark.parametrize(
    ("params", "ranks"),
    [
        pytest.param({"member_id": OTHER}, [2, 4], id="par adhérent"),
        pytest.param({"delegation": "occitanie"}, [1], id="par délégation"),
        pytest.param({"method": "cheque"}, [4], id="par mode"),
        pytest.param({"status": ["allocated", "returned"]}, [1], id="par statut"),
        pytest.param({"has_rest": True}, [2, 3, 4], id="ce qui reste à affecter"),
        pytest.param({"has_rest": False}, [1], id="ce dont il ne reste rien"),
        pytest.param({"attributed": False}, [3], id="à attribuer"),
        pytest.param({"deposited": False}, [4], id="à déposer"),
        pytest.param({"received_to": "2026-01-05"}, [3], id="reçu jusqu'à"),
        pytest.param({"received_from": TODAY}, [1, 2, 4], id="reçu depuis"),
        pytest.param({"q": "vir 44"}, [1], id="par référence du payeur"),
        pytest.param({"q": "releve-7"}, [2], id="par ligne de banque"),
        pytest.param({"q": "7788"}, [4], id="par numéro de chèque"),
        pytest.param({"q": "structure 001"}, [1], id="par nom"),
        pytest.param({"sort": "amount"}, [3, 4, 1, 2], id="les plus petits d'abord"),
        pytest.param({"sort": "received_on,number"}, [3, 1, 2, 4], id="par jour"),
    ],
)
async def test_the_list_is_filtered_and_sorted(
    dues: ServiceUnderTest, arranged: Arrange, params: dict[str, Any], ranks: list[int]
) -> None:
    await arranged(dues, four_received)
    async with dues.client("finance") as client:
        listed = (await client.get("/receipts", params={"sort": "number", **params})).json()["items"]
        assert [int(one["number"][-5:]) for one in listed] == ranks
        filters = {key: value for key, value in params.items() if key != "sort"}
        export = (await client.get("/receipts/export", params=filters)).text
        assert export.count("REC-") == len(ranks)


async def test_what_was_received_under_a_duplicate_is_its_structures(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with desk(dues, arranged) as finance:
        receipt = await finance.enter()
        await dues.receive(merged(1, into=2, kind="ges"))
        for member in (1, 2):
            listed = await finance.client.get("/receipts", params={"member_id": str(UUID(int=member))})
            assert [one["id"] for one in listed.json()["items"]] == [receipt["id"]]
    async with dues.client("member", member_id=UUID(int=2)) as own:
        assert [one["id"] for one in (await own.get("/receipts")).json()["items"]] == [receipt["id"]]


async def test_one_payment_may_pay_for_several_structures(dues: ServiceUnderTest, arranged: Arrange) -> None:
    """A group pays the calls of its structures at once; each reads what was paid of its own."""
    async with desk(dues, arranged) as finance:
        calls = [call["id"] for call in (await finance.calls()).values()]
        await finance.enter("1600.00", allocations=[{"invoice_id": call, "amount": DUE} for call in calls])
    async with dues.client("member", member_id=UUID(int=2)) as paid_for:
        told = (await paid_for.get(f"/invoices/{calls[1]}/payments")).json()
        assert [one["amount"] for one in told["payments"]] == [DUE]
        assert (await paid_for.get("/receipts")).json()["items"] == []


READS = [
    "/receipts",
    "/receipts/export",
    "/receipts/return-reasons",
    "/receipts/{receipt}",
    "/invoices/{call}/payments",
    "/apportionment/balances",
    "/apportionment/movements",
    "/apportionment/movements/export",
]


async def test_a_read_takes_as_many_statements_of_many_payments_as_of_one(
    dues: ServiceUnderTest, arranged: Arrange
) -> None:
    async def statements(names: dict[str, str]) -> dict[str, int]:
        counts = {}
        for path in READS:
            with dues.statements() as sent:
                answer = await finance.client.get(path.format(**names))
            assert answer.is_success, answer.text
            counts[path] = len(sent)
        return counts

    async with desk(dues, arranged) as finance:
        calls = [call["id"] for call in (await finance.calls()).values()]
        first = await finance.enter("100.00")
        alone = await statements({"receipt": first["id"], "call": calls[0]})
        many = await finance.enter("90.00", allocations=[{"invoice_id": call, "amount": "45.00"} for call in calls])
        for call in calls:
            back = (await finance.client.get(f"/receipts/{many['id']}")).json()
            await finance.done(back, "take-back", invoice_id=call, amount="5.00", reason="erreur")
        await finance.enter("1000.00", keep_rest=True)
        assert await statements({"receipt": many["id"], "call": calls[0]}) == alone
