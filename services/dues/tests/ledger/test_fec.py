"""The file of accounting entries, read by a reader that knows the rules of the law and nothing of our code."""

import re
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from common.testing.harness import ServiceUnderTest
from common.transaction import Actor
from dues.ledger import queries

from ..filling import filling
from .test_opening import FILE, send
from .test_posting import ENTITY, call, payment, post

COLUMNS = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
]  # fmt: skip
OBLIGATORY = set(COLUMNS) - {"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"}


def day(text: str) -> date:
    assert re.fullmatch(r"\d{8}", text), text
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day, of no time zone


def amount(text: str) -> Decimal:
    assert re.fullmatch(r"\d+,\d{2}", text), text
    return Decimal(text.replace(",", "."))


def check(content: bytes, year: int) -> list[dict[str, str]]:
    """Read a file as an audit does: every rule of LPF art. A47 A-1 that a machine can check."""
    text = content.decode("utf-8")
    assert text.endswith("\r\n")
    header, *rows = [line.split("\t") for line in text.removesuffix("\r\n").split("\r\n")]
    assert header == COLUMNS
    assert {len(row) for row in rows} <= {18}
    lines = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    for line in lines:
        assert all(line[name] for name in OBLIGATORY), line
        assert day(line["EcritureDate"]).year == year
        assert day(line["PieceDate"]) <= day(line["ValidDate"])
        assert day(line["EcritureDate"]) <= day(line["ValidDate"]), "final once written"
        assert 0 in (amount(line["Debit"]), amount(line["Credit"]))
        assert bool(line["CompAuxNum"]) == bool(line["CompAuxLib"])
        assert bool(line["EcritureLet"]) == bool(line["DateLet"] and day(line["DateLet"]))
        assert re.fullmatch(r"\d{3,}", line["CompteNum"])
        assert (line["Montantdevise"], line["Idevise"]) == ("", "")
    entries = [(number, list(group)) for number, group in groupby(lines, key=lambda line: line["EcritureNum"])]
    assert [number for number, _ in entries] == [f"ECR-{year}-{rank:05d}" for rank in range(1, len(entries) + 1)]
    for number, group in entries:
        assert len({(one["JournalCode"], one["EcritureDate"], one["PieceRef"]) for one in group}) == 1, number
        assert sum(amount(one["Debit"]) for one in group) == sum(amount(one["Credit"]) for one in group), number
    settled: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line["EcritureLet"]:
            key = (line["CompteNum"], line["EcritureLet"])
            settled[key] = settled.get(key, Decimal(0)) + amount(line["Debit"]) - amount(line["Credit"])
    assert set(settled.values()) <= {Decimal(0)}
    return lines


async def test_the_file_of_a_year_holds_every_rule(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        await send(finance, FILE)
        await post(dues, call(1), payment(1), call(2, "0.05"), call(3, day=date(2025, 3, 1)))
        answer = await finance.get("/ledger/fec", params={"year": 2026})
        before = await finance.get("/ledger/fec", params={"year": 2025})
        empty = await finance.get("/ledger/fec", params={"year": 2020})
    assert answer.headers["content-disposition"] == 'attachment; filename="000000000FEC20261231.txt"'
    lines = check(answer.content, 2026)
    assert len(lines) == 9
    assert [line["EcritureLet"] for line in lines if line["CompteNum"] == "411"] == ["", "AA", "AA", ""]
    assert lines[0] | {"ValidDate": ""} == {
        "JournalCode": "AN", "JournalLib": "À-nouveaux", "EcritureNum": "ECR-2026-00001", "EcritureDate": "20260101",
        "CompteNum": "411", "CompteLib": "Adhérents", "CompAuxNum": "m-1", "CompAuxLib": "Garonne",
        "PieceRef": "AN-2026", "PieceDate": "20260101", "EcritureLib": "À-nouveaux 2026", "Debit": "250,00",
        "Credit": "0,00", "EcritureLet": "", "DateLet": "", "ValidDate": "", "Montantdevise": "", "Idevise": "",
    }  # fmt: skip
    assert len(check(before.content, 2025)) == 2
    assert empty.content.decode().strip().split("\t") == COLUMNS


async def test_a_text_never_breaks_a_line_of_the_file(dues: ServiceUnderTest) -> None:
    async with dues.client("finance") as finance:
        opening = (await send(finance, FILE)).json()
        reason = {"reason": "un\u2028saut"}
        await finance.post(f"/ledger/entries/{opening['id']}/reverse", json=reason)
        content = (await finance.get("/ledger/fec", params={"year": 2026})).content
    assert len(check(content, 2026)) == 6


ENTRIES = 50_000
MANY = (
    "INSERT INTO ledger_book (entity) VALUES ('federation')",
    """INSERT INTO ledger_entry (id, entity, year, rank, number, journal, day, piece, piece_on, label, total,
        source_kind, source_id, posted_on, posted_at, posted_by)
    SELECT gen_random_uuid(), 'federation', 2025, n, 'ECR-2025-' || lpad(n::text, 5, '0'), 'VE', day, 'COT-' || n, day,
        'Appel ' || n, 100, 'invoice', n::text, '2026-01-01', now(), 'x'
    FROM (SELECT n, date '2025-01-01' + n / 150 AS day FROM generate_series(1, 50000) AS n) AS made""",
    """INSERT INTO ledger_line (id, entry_id, position, account, account_label, auxiliary, auxiliary_name, debit,
        credit)
    SELECT gen_random_uuid(), id, 1, '411', 'Adhérents', source_id, 'Structure ' || source_id, 100, 0 FROM ledger_entry
    UNION ALL SELECT gen_random_uuid(), id, 2, '756', 'Cotisations', NULL, NULL, 0, 100 FROM ledger_entry""",
)


async def test_a_hundred_thousand_lines_are_read_and_written_a_few_at_a_time(dues: ServiceUnderTest) -> None:
    connection = await dues.runtime.database.connect()
    async with filling(connection, "ledger_book", "ledger_entry", "ledger_line"):
        for statement in MANY:
            await connection.execute(statement)
    await connection.close()
    whole = queries.fec(dues.runtime.database, Actor("finance"), ENTITY, 2025)
    with dues.statements() as sent:
        parts = [(part.count(b"\n"), len(part)) async for part in whole]
    assert sum(count for count, _ in parts) == 2 * ENTRIES + 1
    assert max(count for count, _ in parts) == 2_000
    assert max(size for _, size in parts) < 400_000 < sum(size for _, size in parts) / 20
    assert len(sent) == len(parts) - 1, "one read for each part, and nothing kept between two"
