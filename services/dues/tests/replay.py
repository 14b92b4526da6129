"""What a reader who heard every fact would know, held against what the service keeps: replay equals state."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from common.contracts.dues import (
    DuesApportioned,
    DuesCredited,
    DuesInvoiced,
    DuesPaid,
    DuesUnpaid,
    InvoiceFact,
    InvoiceState,
)
from common.events import Fact
from common.testing.harness import ServiceUnderTest

_NOTHING = Decimal("0.00")
_CALLS = """
SELECT id, number, member_id, year, status, total, issued_on, due_on, paid, credited FROM invoice ORDER BY number
"""
_PARTS = "SELECT invoice_id, beneficiary, sum(amount) AS amount FROM cash_part GROUP BY 1, 2 HAVING sum(amount) <> 0"


@dataclass(slots=True)
class Heard:
    """What the facts of one call come to, each counted for what it says that it did."""

    total: Decimal = _NOTHING
    paid: Decimal = _NOTHING
    credited: Decimal = _NOTHING
    parts: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: _NOTHING))
    last: InvoiceState | None = None

    def hear(self, fact: InvoiceFact) -> None:
        """Count one fact."""
        self.last = fact.state
        match fact:
            case DuesInvoiced():
                self.total += sum((share.amount for share in fact.shares), _NOTHING)
            case DuesPaid():
                self.paid += fact.amount
            case DuesUnpaid():
                self.paid -= fact.amount
            case DuesCredited():
                self.credited += fact.amount
            case DuesApportioned():
                for part in fact.parts:
                    self.parts[part.beneficiary] += part.amount


def replay(facts: Iterable[Fact]) -> dict[UUID, Heard]:
    """Add up the facts of each call, in order."""
    calls: defaultdict[UUID, Heard] = defaultdict(Heard)
    for fact in facts:
        if isinstance(fact, InvoiceFact):
            calls[fact.state.id].hear(fact)
    return calls


async def check_replay(dues: ServiceUnderTest) -> None:
    """Hold what the facts come to against the calls and the parts that the service keeps."""
    heard = replay(await dues.published())
    kept = {row.id: row for row in await dues.rows(_CALLS)}
    assert heard.keys() == kept.keys()
    for call, row in kept.items():
        found = heard[call]
        assert (found.total, found.paid, found.credited) == (row.total, row.paid, row.credited), row.number
        assert found.last is not None
        assert tuple(getattr(found.last, name) for name in row._fields) == tuple(row), row.number
    parts = {(row.invoice_id, row.beneficiary): row.amount for row in await dues.rows(_PARTS)}
    told = {(call, code): amount for call, found in heard.items() for code, amount in found.parts.items() if amount}
    assert told == parts
