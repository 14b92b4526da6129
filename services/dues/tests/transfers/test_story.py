"""Two months of a treasury: money comes in and goes, is paid on, comes back; each statement follows from the last."""

import io
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from common.accounting.periods import last_day, write_month
from common.clock import Clock, legal_day
from common.dated import months_after
from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange
from common.transaction import Actor
from dues.transfers.queries import transferred_by

from ..receipts.desk import MEMBER, TODAY, Desk
from .treasury import BRETAGNE, OCCITANIE, SHARE, Treasury, funded, seen, treasury

MONTH = write_month(legal_day(Clock().now()))
NEXT = months_after(legal_day(Clock().now()).replace(day=1), 1)
DAYS = (NEXT - legal_day(Clock().now())).days
SUMS = ("opening", "received", "taken_back", "transferred", "rejected", "closing")


async def statement(paying: Treasury, code: str, month: str) -> tuple[str, ...]:
    found = await paying.one.get(f"/transfers/statements/{code}", params={"month": month})
    assert found.status_code == 200, found.text
    return tuple(found.json()[name] for name in SUMS)


async def read(paying: Treasury, month: str) -> list[str]:
    """Return all that can be read of a month."""
    of_occitanie = f"/transfers/statements/{OCCITANIE}"
    paths = ("/transfers/statements/export", f"{of_occitanie}/lines", f"{of_occitanie}/lines/export")
    return [(await paying.one.get(path, params={"month": month})).text for path in paths]


async def test_a_month_after_the_other(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, finance):
        await _first_month(paying, finance)
        assert await statement(paying, OCCITANIE, MONTH) == (
            "0.00", "320.00", "-320.00", "-320.00", "0.00", "-320.00",
        )  # fmt: skip
        assert await statement(paying, BRETAGNE, MONTH) == ("0.00", SHARE, "0.00", "-320.00", "320.00", "320.00")
        told = await read(paying, MONTH)
        lines = (await paying.one.get(f"/transfers/statements/{OCCITANIE}/lines", params={"month": MONTH})).json()
        assert [(one["kind"], one["amount"], one["invoice_number"], one["member_name"]) for one in lines["items"]] == [
            ("share", "320.00", "COT-2026-00001", "Structure 001 ges"),
            ("transfer", "-320.00", None, None),
            ("taken_back", "-320.00", "COT-2026-00001", "Structure 001 ges"),
        ]
    async with dues.days_later(DAYS) as later, treasury(later) as paying, later.client("finance") as client:
        await Desk(client).enter(member_id=MEMBER, received_on=str(NEXT))
        assert await statement(paying, OCCITANIE, write_month(NEXT)) == (
            "-320.00", "320.00", "0.00", "0.00", "0.00", "0.00",
        )  # fmt: skip
        batch = await paying.prepared(up_to=str(NEXT), pay_on=str(NEXT))
        assert [(one["payee"], one["amount"], one["transferred"]) for one in batch["lines"]] == [
            (BRETAGNE, "320.00", "0.00")
        ]
        await paying.executed(batch, str(NEXT))
        assert await statement(paying, BRETAGNE, write_month(NEXT)) == (
            "320.00", "0.00", "0.00", "-320.00", "0.00", "0.00",
        )  # fmt: skip
        final = (await paying.one.get("/transfers/statements", params={"month": MONTH})).json()
        assert (final["final"], final["closing"]) == (True, "0.00")
        assert _but_final(await read(paying, MONTH)) == _but_final(told)
        await _any_day_ties(later, paying)


async def _first_month(paying: Treasury, finance: Desk) -> None:
    """Both are paid; Brittany's bank rejects, and the cheque behind Occitania's part comes back."""
    batch = await paying.executed(await paying.prepared())
    line = next(one for one in batch["lines"] if one["payee"] == BRETAGNE)
    rejected = await paying.one.post(
        f"/transfers/batches/{batch['id']}/lines/{line['id']}/reject",
        json={"rejected_on": TODAY, "reason": "AC01"},
        headers=seen(batch),
    )
    assert rejected.status_code == 200, rejected.text
    [receipt] = (await finance.client.get("/receipts", params={"q": "00001"})).json()["items"]
    await finance.done(receipt, "cancel", reason="chèque sans provision")


async def _any_day_ties(dues: ServiceUnderTest, paying: Treasury) -> None:
    """On each day: what is due is the parts kept, what was transferred is the movements, and a statement's closing."""
    today = legal_day(dues.runtime.clock.now())
    for day in (legal_day(Clock().now()), last_day(legal_day(Clock().now())), today):
        parts = (await paying.one.get("/apportionment/balances", params={"as_of": str(day)})).json()["balances"]
        due = {one["beneficiary"]: one["balance"] for one in parts if one["delegation"]}
        shown = await paying.balances(as_of=str(day))
        assert {code: sums[0] for code, sums in shown.items()} == due
        async with dues.runtime.database.reading(Actor("test")) as reading:
            had = await transferred_by(reading, day)
        assert {code: Decimal(sums[1]) for code, sums in shown.items()} == had
    closings = (await paying.one.get("/transfers/statements", params={"month": write_month(today)})).json()
    assert {one["code"]: one["closing"] for one in closings["statements"]} == {
        code: sums[2] for code, sums in (await paying.balances()).items()
    }


def _but_final(texts: list[str]) -> list[str]:
    """Leave out the last column of an export: whether the month is over."""
    return [text.replace(";oui\r\n", "\r\n").replace(";non\r\n", "\r\n") for text in texts]


@pytest.mark.parametrize(
    ("month", "status", "code"),
    [
        pytest.param("2099-12", 400, "month_not_begun", id="à venir"),
        pytest.param("2025-01", 404, "transfer_statement_not_found", id="avant tout"),
        pytest.param("2026-13", 422, "validation", id="pas un mois"),
    ],
)
async def test_a_month_that_tells_nothing(
    dues: ServiceUnderTest, arranged: Arrange, month: str, status: int, code: str
) -> None:
    async with funded(dues, arranged) as (paying, _):
        for path in ("", "/lines", "/lines/export", "/pdf"):
            answer = await paying.one.get(f"/transfers/statements/{OCCITANIE}{path}", params={"month": month})
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_statement_is_paged_and_sums_to_its_closing(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        await paying.executed(await paying.prepared())
        path = f"/transfers/statements/{OCCITANIE}"
        found = (await paying.one.get(path, params={"month": MONTH})).json()
        assert (found["movements"], found["closing"], found["final"]) == (2, "0.00", False)
        shown: list[dict[str, Any]] = []
        params: dict[str, Any] = {"month": MONTH, "limit": 1, "sort": "-amount", "total": True}
        while True:
            page = (await paying.one.get(f"{path}/lines", params=params)).json()
            shown += page["items"]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert [one["amount"] for one in shown] == ["320.00", "-320.00"]
        assert page["total"] == found["movements"]
        moved = sum(Decimal(one["amount"]) for one in shown)
        assert Decimal(found["opening"]) + moved == Decimal(found["closing"])


async def test_a_statement_prints_all_its_lines(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with funded(dues, arranged) as (paying, _):
        await paying.executed(await paying.prepared())
        path = f"/transfers/statements/{OCCITANIE}/pdf"
        now = await paying.one.get(path, params={"month": MONTH})
        text = _text(now.content)
        for words in (
            "Relevé de reversement",
            "Provisoire",
            "Occitanie",
            "COT-2026-00001",
            "REC-2026-00001",
            "Reste à vous reverser",
        ):
            assert words in text
    async with dues.days_later(DAYS) as later, treasury(later) as paying:
        final = await paying.one.get(path, params={"month": MONTH})
        assert "Provisoire" not in _text(final.content)
    async with dues.days_later(DAYS + 40) as much_later, treasury(much_later) as paying:
        assert (await paying.one.get(path, params={"month": MONTH})).content == final.content


def _text(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
