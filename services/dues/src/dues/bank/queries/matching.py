"""Which calls lines may pay, as things are now: looked up for many lines at once, by number, by amount, by payer."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.dated import rule_on
from common.shipped_data import shipped_rules
from common.transaction import Read
from dues.bank.domain import Around, LineState, Matching, MatchingRule, match, named_in
from dues.bank.repository import line_of
from dues.bank.tables import LineRow, PayerRow
from dues.invoices.queries import calls_around
from dues.members.queries import member_behind

_PAYER: Any = PayerRow.__table__  # type: ignore[attr-defined]


@cache
def matching_rules() -> tuple[MatchingRule, ...]:
    """Return the dated rules of matching shipped with the service."""
    return shipped_rules("dues.bank", "matching.toml", MatchingRule)


async def matching_of(read: Read, rows: Sequence[LineRow]) -> dict[UUID, Matching]:
    """Return, of the lines that wait and brought money, the calls that each may pay. Raises RuleMissing."""
    waiting = {row.id: line_of(row) for row in rows if row.state == LineState.UNMATCHED and row.amount > 0}
    if not waiting:
        return {}
    lines = waiting.values()
    payers = await _payers(read, {line.party_iban for line in lines if line.party_iban})
    calls = await calls_around(
        read,
        numbers=frozenset().union(*(named_in(line) for line in lines)),
        amounts={line.amount for line in lines},
        member_ids=frozenset().union(*payers.values()),
    )
    around, rule = Around(tuple(calls), payers), rule_on(matching_rules(), read.today)
    return {line_id: match(line, around, rule) for line_id, line in waiting.items()}


async def _payers(read: Read, ibans: Collection[str]) -> dict[str, frozenset[UUID]]:
    """Return for which members each account paid before."""
    query = select(_PAYER.c.iban, member_behind(_PAYER.c.member_id).label("member_id")).where(_PAYER.c.iban.in_(ibans))
    found: dict[str, set[UUID]] = {}
    for row in await read.session.execute(query):
        found.setdefault(row.iban, set()).add(row.member_id)
    return {iban: frozenset(members) for iban, members in found.items()}
