"""What is counted of a campaign at the end of a day: each sum from the table that keeps it, in one statement each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import FunctionElement, Integer, Select, String, and_, case, cast, func, literal, select

from common.numbering import last_taken
from common.rights import Grant, Scope
from common.transaction import Read
from dues.apportionment.queries import CASH_PARTS, due_to_delegations
from dues.campaigns.domain import Campaign
from dues.certificates.domain import (
    NOTHING,
    Books,
    Calls,
    Counted,
    Money,
    Notes,
    NumberSeries,
    OpenItem,
    Parts,
    Tally,
)
from dues.certificates.queries.people import count_people
from dues.credit_notes.domain import JOURNAL as CREDIT_JOURNAL
from dues.credit_notes.domain import CreditStatus
from dues.credit_notes.queries import CREDITS, credited_after
from dues.grids.domain import Beneficiary
from dues.invoices.domain import JOURNAL as CALL_JOURNAL
from dues.invoices.queries import CALLS, SHARES
from dues.ledger.domain import Purpose
from dues.ledger.queries import borne_about, borne_from
from dues.receipts.queries import MOVEMENTS, RECEIPTS, moved_after
from dues.receivables.queries import aged_balance
from dues.receivables.schemas import AgedListParams
from dues.transfers.domain import MovementKind
from dues.transfers.queries import transferred_by

_KEPT = frozenset({Beneficiary.NATIONAL_OFFER.value})
_ISSUED = CreditStatus.ISSUED.value


@dataclass(frozen=True, slots=True)
class _Of:
    """Which campaign is counted, at the end of which day."""

    campaign: Campaign
    day: date

    def calls(self, column: Any) -> Select[Any]:
        """Select a column of the calls that were issued by then."""
        return select(column).where(CALLS.campaign_id == self.campaign.id, CALLS.issued_on <= self.day)


async def count(read: Read, campaign: Campaign, day: date) -> Counted:
    """Count all of a campaign, in as many statements whatever its size. Raises GridNotFound, SmicNotPublished."""
    of = _Of(campaign, day)
    aged = await aged_balance(
        read, Grant(read.actor, Scope.ALL), AgedListParams(as_of=day, year=[campaign.year], limit=1)
    )
    return Counted(
        people=await count_people(read, campaign),
        calls=await _calls(read, of),
        series=await _series(read, of),
        notes=await _notes(read, of),
        money=await _money(read, of),
        parts=await _parts(read, of),
        transferred=await _transferred(read, day),
        open_items=tuple(OpenItem(one.code, one.label, one.amount) for one in aged.totals.buckets),
        open_calls=aged.totals.calls,
        books=await _books(read, of),
    )


async def _calls(read: Read, of: _Of) -> Calls:
    """Count the calls; what they say was paid and credited of them, less what was since."""
    voided = CALLS.voided_on <= of.day
    found = (CALLS.kind == "call", CALLS.kind == "complement", voided)
    query = of.calls(func.coalesce(func.sum(CALLS.paid), NOTHING).label("paid")).add_columns(
        func.coalesce(func.sum(CALLS.credited), NOTHING).label("credited"),
        *(func.count().filter(which) for which in found),
        *(func.coalesce(func.sum(CALLS.total).filter(which), NOTHING) for which in found),
        _since(of, moved_after(of.day)),
        _since(of, credited_after(of.day)),
    )
    paid, credited, *tallies, moved, noted = (await read.session.execute(query)).one()
    calls, complements, gone = map(Tally, tallies[:3], tallies[3:])
    return Calls(calls=calls, complements=complements, voided=gone, paid=paid - moved, credited=credited - noted)


def _since(of: _Of, after: Select[Any]) -> Any:
    """Return what was done to the calls since, as a column."""
    done = after.subquery()
    query = select(func.coalesce(func.sum(done.c.amount), NOTHING))
    return query.where(done.c.invoice_id.in_(of.calls(CALLS.id))).scalar_subquery()


async def _series(read: Read, of: _Of) -> tuple[NumberSeries, ...]:
    """Return the series in which this campaign took numbers, whole: those of other campaigns too."""
    last = await last_taken(read, of.campaign.seller.code)
    calls = select(CALLS.number, CALLS.issued_on)
    notes = select(CREDITS.reference.label("number"), CREDITS.issued_on).where(CREDITS.status == _ISSUED)
    on_calls = select(CREDITS.reference).where(CREDITS.status == _ISSUED, CREDITS.invoice_id.in_(of.calls(CALLS.id)))
    return (
        *await _numbered(read, of.day, CALL_JOURNAL, calls, of.calls(CALLS.number), last),
        *await _numbered(read, of.day, CREDIT_JOURNAL, notes, on_calls, last),
    )


async def _numbered(
    read: Read,
    day: date,
    journal: str,
    all_numbers: Select[Any],
    ours: Select[Any],
    last: Mapping[tuple[str, int], int],
) -> list[NumberSeries]:
    """Follow the numbers of a journal in order, year by year, through SQL: each beside the one before it."""
    mine, given = ours.subquery(), all_numbers.subquery()
    year = cast(func.split_part(given.c.number, "-", 2), Integer)
    rank = cast(func.split_part(given.c.number, "-", 3), Integer)
    in_order = partial(FunctionElement.over, partition_by=year, order_by=rank)
    beside = (
        select(
            year.label("year"),
            rank.label("rank"),
            given.c.issued_on,
            func.coalesce(in_order(func.lag(rank)), 0).label("before"),
            in_order(func.lag(given.c.issued_on)).label("issued_before"),
        )
        .where(year.in_(select(cast(func.split_part(mine.c[0], "-", 2), Integer))))
        .subquery()
        .c
    )
    by_then = beside.issued_on <= day
    hole = func.jsonb_build_array(beside.before + 1, beside.rank - 1)
    query = select(
        beside.year,
        func.min(beside.rank).filter(by_then).label("first"),
        func.max(beside.rank).filter(by_then).label("last"),
        func.count().filter(by_then).label("count"),
        func.count().filter(~by_then).label("later"),
        func.jsonb_agg(hole).filter(and_(by_then, beside.rank > beside.before + 1)).label("holes"),
        func.count().filter(and_(by_then, beside.issued_on < beside.issued_before)).label("backwards"),
    )
    rows = await read.session.execute(query.group_by(beside.year).order_by(beside.year))
    return [
        NumberSeries(
            journal=journal,
            year=row.year,
            first=row.first,
            last=row.last,
            count=row.count,
            taken=last.get((journal, row.year), 0) - row.later,
            holes=tuple((low, high) for low, high in sorted(row.holes or ())),
            backwards=row.backwards,
        )
        for row in rows.mappings().all()
        if row["count"]
    ]


async def _notes(read: Read, of: _Of) -> Notes:
    voided = CALLS.voided_on <= of.day
    query = (
        select(
            CREDITS.reason,
            func.count(),
            func.sum(CREDITS.total),
            func.coalesce(func.sum(CREDITS.total).filter(voided), NOTHING),
        )
        .join(CALLS.id.table, CALLS.id == CREDITS.invoice_id)
        .where(CALLS.campaign_id == of.campaign.id, CREDITS.status == _ISSUED, CREDITS.issued_on <= of.day)
        .group_by(CREDITS.reason)
    )
    rows = (await read.session.execute(query)).all()
    return Notes(
        by_reason={reason: Tally(number, total) for reason, number, total, _ in rows},
        on_voided=sum((of_voided for *_, of_voided in rows), NOTHING),
    )


async def _money(read: Read, of: _Of) -> Money:
    """Count what was put on the calls and taken back, then check the receipts that it came from, whole."""
    back = case((RECEIPTS.returned_on == MOVEMENTS.day, "came_back"), else_="taken_back")
    what = case((MOVEMENTS.amount > 0, RECEIPTS.method), else_=back).label("what")
    ours = MOVEMENTS.invoice_id.in_(of.calls(CALLS.id))
    query = (
        select(what, func.count(), func.sum(MOVEMENTS.amount))
        .join(RECEIPTS.id.table, RECEIPTS.id == MOVEMENTS.receipt_id)
        .where(ours, MOVEMENTS.recorded_on <= of.day)
        .group_by(what)
    )
    tallies = {name: Tally(number, amount) for name, number, amount in await read.session.execute(query)}
    concerned = select(MOVEMENTS.receipt_id).where(ours, MOVEMENTS.recorded_on <= of.day)
    allocated = select(func.coalesce(func.sum(RECEIPTS.allocated), NOTHING)).where(RECEIPTS.id.in_(concerned))
    by_then = MOVEMENTS.recorded_on <= of.day
    moved = select(
        allocated.scalar_subquery(),
        *(func.coalesce(func.sum(MOVEMENTS.amount).filter(when), NOTHING) for when in (by_then, ~by_then)),
    ).where(MOVEMENTS.receipt_id.in_(concerned.correlate(None)))
    now, then, since = (await read.session.execute(moved)).one()
    return Money(
        taken_back=tallies.pop("taken_back", Tally()),
        came_back=tallies.pop("came_back", Tally()),
        put=tallies,
        allocated=now - since,
        moved=then,
    )


async def _parts(read: Read, of: _Of) -> Parts:
    voided = CALLS.voided_on <= of.day
    announced = (
        select(
            SHARES.beneficiary,
            func.sum(SHARES.amount),
            func.coalesce(func.sum(SHARES.amount).filter(func.coalesce(~voided, literal(True))), NOTHING),
        )
        .join(CALLS.id.table, CALLS.id == SHARES.invoice_id)
        .where(CALLS.campaign_id == of.campaign.id, CALLS.issued_on <= of.day)
        .group_by(SHARES.beneficiary)
    )
    received = (
        select(CASH_PARTS.beneficiary, func.sum(CASH_PARTS.amount))
        .where(CASH_PARTS.invoice_id.in_(of.calls(CALLS.id)), CASH_PARTS.day <= of.day)
        .group_by(CASH_PARTS.beneficiary)
    )
    told = (await read.session.execute(announced)).all()
    return Parts(
        announced={code: standing for code, _, standing in told},
        shared=sum((amount for _, amount, _ in told), NOTHING),
        received=dict((await read.session.execute(received)).all()),
        kept=_KEPT,
    )


async def _transferred(read: Read, day: date) -> dict[str, Decimal]:
    """Return what each delegation was transferred of the dues, those that had nothing yet included."""
    had = await transferred_by(read, day)
    return {code: had.get(code, NOTHING) for code in sorted({*had, *await due_to_delegations(read, day)})}


async def _books(read: Read, of: _Of) -> Books:
    on_calls = await borne_about(read, Purpose.MEMBER, of.calls(CALLS.number), of.day)
    moved = select(cast(MOVEMENTS.id, String)).where(MOVEMENTS.invoice_id.in_(of.calls(CALLS.id)))
    shared = await borne_from(read, ["apportionment"], of.day, moved)
    paid_on = await borne_from(read, [f"transfer_{kind.value}" for kind in MovementKind], of.day)
    return Books(
        owed=on_calls[Purpose.MEMBER],
        income=-on_calls[Purpose.INCOME],
        shared=-shared[Purpose.DELEGATION] - shared[Purpose.FUND],
        transferred=paid_on[Purpose.DELEGATION],
    )
