"""Every line is kept first, and once: the same file again, a statement that overlaps, two people at once."""

import asyncio

import pytest

from common.testing.harness import ServiceUnderTest

from .statements import PAYER, Entry, bank_file, statement
from .treasury import lines, send

FIRST, SECOND, THIRD = Entry("100.00", reference="B-1"), Entry("200.00"), Entry("-30.00", text="Frais", reference="B-3")
WEEK = bank_file(statement([FIRST, SECOND, THIRD]))


async def test_a_file_is_kept_whole_and_its_lines_wait(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        sent = await send(client, WEEK, "semaine 10.xml")
        assert sent.status_code == 201, sent.text
        file = sent.json()
        assert (file["added"], file["known"], file["not_booked"], file["filename"]) == (3, 0, 0, "semaine 10.xml")
        assert (await client.get(f"/bank/files/{file['id']}/content")).content == WEEK
        assert sent.headers["location"] == f"/dues/v1/bank/files/{file['id']}"
        assert (await client.get(f"/bank/files/{file['id']}")).json() == file
        assert [(one["amount"], one["state"]) for one in await lines(client)] == [
            ("-30.00", "outgoing"),
            ("100.00", "unmatched"),
            ("200.00", "unmatched"),
        ]
        [kept] = (await client.get("/bank/statements")).json()["items"]
        assert (kept["lines"], kept["unmatched"], kept["outgoing"], kept["gap"]) == (3, 2, 1, None)
        assert (kept["received"], kept["paid_out"], kept["closing"]) == ("300.00", "-30.00", "270.00")
        assert (await client.get(f"/bank/statements/{kept['id']}")).json() == kept


async def test_the_same_file_again_adds_nothing_and_says_so_line_by_line(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, WEEK)
        again = (await send(client, WEEK)).json()
        assert (again["added"], again["known"]) == (0, 3)
        rows = (await client.get(f"/bank/files/{again['id']}/lines")).json()["items"]
        assert [(row["row"], row["outcome"], row["amount"]) for row in rows] == [
            (1, "known", "100.00"),
            (2, "known", "200.00"),
            (3, "known", "-30.00"),
        ]
        assert len(await lines(client)) == 3
        assert (await client.get("/bank/files", params={"total": True})).json()["total"] == 2


async def test_a_statement_that_overlaps_adds_what_is_new(dues: ServiceUnderTest) -> None:
    longer = statement([SECOND, THIRD, Entry("50.00", day="2026-03-09")], reference="R-2", opening="100.00")
    async with dues.client("finance") as client:
        await send(client, WEEK)
        file = (await send(client, bank_file(longer))).json()
        assert (file["added"], file["known"]) == (1, 2)
        added = (await client.get(f"/bank/files/{file['id']}/lines", params={"outcome": "added"})).json()["items"]
        assert [(row["row"], row["amount"]) for row in added] == [(3, "50.00")]


async def test_a_missing_statement_shows(dues: ServiceUnderTest) -> None:
    later = statement([], reference="R-3", opening="300.00", opened_on="2026-03-16", closed_on="2026-03-22")
    between = statement(
        [Entry("30.00")], reference="R-2", opening="270.00", opened_on="2026-03-09", closed_on="2026-03-15"
    )
    async with dues.client("finance") as client:
        await send(client, bank_file(statement([FIRST, SECOND, THIRD]), later))
        latest, first = (await client.get("/bank/statements")).json()["items"]
        assert first["gap"] is None
        assert "R-1" in latest["gap"]
        await send(client, bank_file(between))
        assert [one["gap"] for one in (await client.get("/bank/statements")).json()["items"]] == [None, None, None]


async def test_a_statement_known_with_other_balances_is_refused_and_nothing_is_kept(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as client:
        await send(client, WEEK)
        refused = await send(client, bank_file(statement([FIRST])))
        assert (refused.status_code, refused.json()["code"]) == (409, "statement_changed")
        assert len(await lines(client)) == 3
        assert len((await client.get("/bank/files")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "statement_empty", id="vide"),
        pytest.param(
            bank_file(statement([FIRST], closing="99.00")), "statement_does_not_add_up", id="ne tombe pas juste"
        ),
        pytest.param(b"<!DOCTYPE a []><a/>", "statement_unsafe", id="DOCTYPE"),
    ],
)
async def test_a_file_that_is_refused_leaves_nothing(dues: ServiceUnderTest, content: bytes, code: str) -> None:
    async with dues.client("finance") as client:
        refused = await send(client, content)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
        assert (await client.get("/bank/files")).json()["items"] == []
        assert await lines(client) == []


async def test_two_who_send_one_file_at_once_store_it_once(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as one, dues.client("finance") as other:
        sent = [answer.json() for answer in await asyncio.gather(send(one, WEEK), send(other, WEEK))]
        assert sorted(file["added"] for file in sent) == [0, 3]
        assert len(await lines(one)) == 3


async def test_lines_are_found_by_what_they_say(dues: ServiceUnderTest) -> None:
    entries = [
        Entry("100.00", party="Garonne", iban=PAYER),
        Entry("-40.00", text="Rejet", returned="AM04", day="2026-03-05"),
        Entry("-5.00", text="Frais 100 %"),
    ]
    async with dues.client("finance") as client:
        await send(client, bank_file(statement(entries)))
        for params, amounts in (
            ({"q": "garonne"}, ["100.00"]),
            ({"q": PAYER[-6:]}, ["100.00"]),
            ({"q": "0 %"}, ["-5.00"]),
            ({"state": "unmatched"}, ["-40.00", "100.00"]),
            ({"received": True}, ["100.00"]),
            ({"returned": True}, ["-40.00"]),
            ({"amount": "-5.00"}, ["-5.00"]),
            ({"booked_from": "2026-03-04"}, ["-40.00"]),
            ({"booked_to": "2026-03-04"}, ["-5.00", "100.00"]),
        ):
            assert [one["amount"] for one in await lines(client, **params)] == amounts, params
            export = await client.get("/bank/lines/export", params=params)
            assert sorted(row.split(";")[2].strip("'") for row in export.text.splitlines()[1:]) == sorted(amounts)


async def test_five_thousand_lines_are_stored_at_once_and_scored_by_a_few_reads(dues: ServiceUnderTest) -> None:
    entries = [Entry("800.00", text=f"cotisation cot 2026 {rank}", reference=f"B-{rank}") for rank in range(5_000)]
    content = bank_file(statement(entries))
    async with dues.client("finance") as client:
        file = (await send(client, content)).json()
        with dues.statements() as sent:
            assert len(await lines(client, state="unmatched")) == 200
        assert file["added"] == 5_000
        assert len(sent) < 10
