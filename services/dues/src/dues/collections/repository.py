"""Loads and saves runs of collections and their lines; the only writer of their tables. Set-based: hundreds at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from common.identifiers import new_id
from common.transaction import Read, Tx
from dues.collections.domain import (
    LIVE,
    ClaimedCall,
    CollectionAct,
    CollectionLineNotFound,
    CollectionLineState,
    CollectionNotFound,
    CollectionState,
    LeftOut,
    Proposed,
    Run,
    Setting,
)
from dues.collections.tables import LineRow, RunRow, StepRow
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import freeze_entity
from dues.mandates.domain import Presentable

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_CALLS = TypeAdapter(tuple[ClaimedCall, ...])


def file_path(run_id: UUID) -> str:
    """Return where the file of a run is stored."""
    return f"collections/{run_id}.xml"


def notice_path(line_id: UUID) -> str:
    """Return where the notice of a collection is stored."""
    return f"collections/notices/{line_id}.pdf"


def calls_of(row: LineRow) -> tuple[ClaimedCall, ...]:
    """Read what a line collects of which calls."""
    return _CALLS.validate_python(row.calls)


def to_domain(row: RunRow) -> Run:
    """Read a row as the rules know a run."""
    return Run(
        id=row.id,
        reference=row.reference,
        state=CollectionState(row.state),
        collection_on=row.collection_on,
        last_notice_on=row.last_notice_on,
        filed_on=row.filed_on,
        settled_on=row.settled_on,
        version=row.version,
    )


async def add(tx: Tx, run: Run, seller: LegalEntity, setting: Setting) -> RunRow:
    """Insert a run that is prepared, without its lines yet."""
    row = RunRow(
        id=run.id,
        reference=run.reference,
        creditor=freeze_entity(seller),
        scheme=setting.scheme.value,
        collection_on=run.collection_on,
        last_notice_on=run.last_notice_on,
        last_file_on=setting.rules.last_file_on(run.collection_on),
        state=run.state.value,
        left_out=[],
        version=run.version,
    )
    tx.session.add(row)
    await tx.session.flush()
    await _step(tx, row, CollectionAct.PREPARED, None)
    return row


async def add_lines(tx: Tx, run: RunRow, lines: Sequence[Proposed]) -> set[str]:
    """Insert the lines of a run, always in the same order; return the claims that no other run took up meanwhile."""
    if not lines:
        return set()
    in_order = sorted(enumerate(lines, start=1), key=lambda one: one[1].claim.key)
    statement = postgresql.insert(_LINE).on_conflict_do_nothing(
        index_elements=[_LINE.c.claim_key], index_where=text("state NOT IN ('withdrawn', 'returned')")
    )
    values = [_line(run, rank, line) for rank, line in in_order]
    return set((await tx.session.execute(statement.returning(_LINE.c.claim_key), values)).scalars())


async def note_left_out(tx: Tx, run: RunRow, left_out: Sequence[LeftOut]) -> None:
    """Keep what was owed and not taken up, and why."""
    run.left_out = [
        {
            "member_id": str(one.claim.member_id),
            "name": one.claim.member_name,
            "delegation": one.claim.delegation,
            "calls": [call.number for call in one.claim.calls],
            "amount": str(one.claim.amount),
            "code": one.blocker.code,
            "message": one.blocker.message,
        }
        for one in left_out
    ]
    await tx.session.flush()


async def get(read: Read, run_id: UUID, *, for_update: bool = False) -> RunRow:
    """Load a run. Raises CollectionNotFound."""
    row = await read.session.get(RunRow, run_id, with_for_update=for_update or None, populate_existing=True)
    if row is None:
        raise CollectionNotFound("Cette remise de prélèvements n'existe pas.")
    return row


async def move(tx: Tx, run: RunRow, state: CollectionState, act: CollectionAct, reason: str | None = None) -> None:
    """Save where a held run now stands, and what brought it there."""
    run.state = state.value
    run.version += 1
    await tx.session.flush()
    await _step(tx, run, act, reason)


async def steps_of(read: Read, run_id: UUID) -> Sequence[StepRow]:
    """Return what was done with a run, in order."""
    query = select(StepRow).where(col(StepRow.run_id) == run_id).order_by(col(StepRow.number))
    return (await read.session.execute(query)).scalars().all()


async def lines_in(
    tx: Tx, run_id: UUID, states: Collection[CollectionLineState], limit: int | None = None
) -> list[LineRow]:
    """Return the lines of a held run that stand so, the first by rank."""
    query = select(LineRow).where(_LINE.c.run_id == run_id, _LINE.c.state.in_([state.value for state in states]))
    query = query.order_by(_LINE.c.rank).limit(limit).execution_options(populate_existing=True)
    return list((await tx.session.execute(query)).scalars())


async def lines_after(tx: Tx, run_id: UUID, state: CollectionLineState, rank: int, limit: int) -> list[LineRow]:
    """Return the next lines of a held run that stand so, by rank."""
    query = select(LineRow).where(_LINE.c.run_id == run_id, _LINE.c.state == state.value, _LINE.c.rank > rank)
    query = query.order_by(_LINE.c.rank).limit(limit).execution_options(populate_existing=True)
    return list((await tx.session.execute(query)).scalars())


async def hold_line(tx: Tx, line_id: UUID) -> tuple[RunRow, LineRow]:
    """Load a line and hold it, its run first. Raises CollectionLineNotFound."""
    known = await tx.session.get(LineRow, line_id)
    if known is None:
        raise CollectionLineNotFound("Ce prélèvement n'existe pas.")
    run = await get(tx, known.run_id, for_update=True)
    line = await tx.session.get_one(LineRow, line_id, with_for_update=True, populate_existing=True)
    return run, line


async def lines_of_claims(read: Read, keys: Collection[str]) -> Sequence[LineRow]:
    """Return what collects some claims, or came back of them."""
    states = [state.value for state in CollectionLineState if state is not CollectionLineState.WITHDRAWN]
    query = select(LineRow).where(_LINE.c.claim_key.in_(keys), _LINE.c.state.in_(states))
    query = query.order_by(_LINE.c.id).execution_options(populate_existing=True)
    return (await read.session.execute(query)).scalars().all()


async def pending_lines(read: Read) -> Sequence[LineRow]:
    """Return the live lines of which no money is noted yet: those of the runs at hand."""
    states = [state.value for state in LIVE if state is not CollectionLineState.SETTLED]
    query = select(LineRow).where(_LINE.c.state.in_(states)).order_by(_LINE.c.id)
    return (await read.session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def save_lines(tx: Tx, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Save what became of some lines: the same columns of each."""
    if not changes:
        return
    named = next(iter(changes.values()))
    statement = update(_LINE).where(_LINE.c.id == bindparam("line_id"))
    statement = statement.values(version=_LINE.c.version + 1, **{name: bindparam(f"to_{name}") for name in named})
    connection = await tx.session.connection()
    await connection.execute(
        statement,
        [
            {"line_id": line_id, **{f"to_{name}": value for name, value in change.items()}}
            for line_id, change in changes.items()
        ],
    )


def _line(run: RunRow, rank: int, line: Proposed) -> dict[str, Any]:
    claim, mandate = line.claim, line.mandate
    return {
        "id": new_id(),
        "run_id": run.id,
        "rank": rank,
        "end_to_end": f"{run.reference}-{rank:05d}",
        "claim_key": claim.key,
        "member_id": claim.member_id,
        "member_name": claim.member_name,
        "calls": _CALLS.dump_python(claim.calls, mode="json"),
        "amount": claim.amount,
        "mandate_id": mandate.mandate_id,
        "rum": mandate.rum,
        "sequence": line.sequence.value,
        **account_values(mandate),
        "state": CollectionLineState.PREPARED.value,
        "version": 1,
    }


def account_values(mandate: Presentable) -> dict[str, str]:
    """Return the account that a line debits, as its mandate says."""
    return {"debtor_name": mandate.account.holder, "iban": mandate.account.iban}


async def _step(tx: Tx, run: RunRow, act: CollectionAct, reason: str | None) -> None:
    """What was done with a run, and by whom: its rank is the version that it gave."""
    await tx.session.execute(
        insert(StepRow).values(
            run_id=run.id,
            number=run.version,
            act=act.value,
            reason=reason,
            recorded_at=tx.now,
            recorded_by=tx.actor.subject,
        )
    )
