"""The books against each capability: what they should bear, read from its own tables."""

from decimal import Decimal

from common.testing.harness import ServiceUnderTest

BALANCES = """
    SELECT account, coalesce(auxiliary, '') AS auxiliary, sum(debit - credit) AS balance
    FROM ledger_line GROUP BY 1, 2 HAVING sum(debit - credit) <> 0
"""
SAID = """
    SELECT account, auxiliary, sum(balance) AS balance FROM (
    SELECT '411' AS account, member_id::text AS auxiliary, sum(total - paid - credited) AS balance
    FROM invoice GROUP BY member_id
    UNION ALL SELECT '756', '', -sum(total - credited) FROM invoice
    UNION ALL SELECT CASE WHEN member_id IS NULL THEN '471' ELSE '4191' END, coalesce(member_id::text, ''),
        sum(CASE WHEN returned_on IS NOT NULL THEN refunded ELSE allocated + refunded - amount END)
    FROM receipt WHERE cancelled_on IS NULL GROUP BY 1, 2
    UNION ALL SELECT CASE WHEN method IN ('cheque', 'cash') AND deposited_on IS NULL THEN '511' ELSE '512' END, '',
        sum(CASE WHEN returned_on IS NOT NULL THEN 0 ELSE amount END - refunded)
    FROM receipt WHERE cancelled_on IS NULL AND method <> 'fund' GROUP BY 1
    UNION ALL SELECT '4671', beneficiary, -sum(amount) FROM cash_part WHERE delegation IS NOT NULL GROUP BY 2
    UNION ALL SELECT '4671', beneficiary, -sum(amount) FROM transfer_movement GROUP BY 2
    UNION ALL SELECT '512', '', sum(amount) FROM transfer_movement
    UNION ALL SELECT '4672', '', -sum(amount) FROM cash_part WHERE beneficiary = 'mutual-fund'
    UNION ALL SELECT '4672', '', sum(CASE kind WHEN 'paid' THEN amount ELSE -amount END)
    FROM fund_movement WHERE kind IN ('paid', 'returned')
    UNION ALL SELECT '512', '', -sum(CASE kind WHEN 'paid' THEN amount ELSE -amount END)
    FROM fund_movement WHERE kind IN ('paid', 'returned') AND source_kind = 'award'
    UNION ALL SELECT side.account, '', sum(side.sign * charge.amount) FROM (
        SELECT -amount AS amount FROM bank_line WHERE state = 'charged'
        UNION ALL SELECT -line.amount - receipt.amount FROM bank_line line
        JOIN bank_line_receipt told ON told.line_id = line.id JOIN receipt ON receipt.id = told.receipt_id
        WHERE line.amount < 0
        UNION ALL SELECT back.amount - line.amount FROM bank_line line JOIN transfer_line back
        ON back.id = line.transfer_id
    ) AS charge CROSS JOIN (VALUES ('627', 1), ('512', -1)) AS side (account, sign) GROUP BY 1
    UNION ALL SELECT '6586', '', sum(amount) FROM cash_part WHERE beneficiary <> 'national-offer'
    ) AS said GROUP BY 1, 2 HAVING sum(balance) <> 0
"""
LETTERED = """
    SELECT account, about, sum(debit - credit) AS left, bool_or(letter IS NOT NULL) AS lettered,
        bool_and(letter IS NOT NULL) AS wholly, count(DISTINCT letter) AS codes
    FROM ledger_line WHERE about IS NOT NULL GROUP BY account, coalesce(auxiliary, ''), about
"""


async def balances(dues: ServiceUnderTest) -> dict[tuple[str, str], Decimal]:
    return {(row.account, row.auxiliary): row.balance for row in await dues.rows(BALANCES)}


async def check_books(dues: ServiceUnderTest) -> None:
    """The books say what each capability says; what is settled is lettered, and nothing else."""
    said = {(row.account, row.auxiliary): row.balance for row in await dues.rows(SAID)}
    assert await balances(dues) == said
    for row in await dues.rows(LETTERED):
        assert (row.lettered, row.wholly, row.codes) == ((False, False, 0) if row.left else (True, True, 1)), row
    series = await dues.rows("SELECT year, max(rank) AS last, count(*) AS count FROM ledger_entry GROUP BY year")
    assert all(row.last == row.count for row in series), "a number is missing"
