"""Reads of the batches and their transfers, and of what a batch prepared now would hold."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, null, select

from common.accounting.periods import write_month
from common.blockers import blockers_out, tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Actor, Read
from dues.apportionment.domain import delegation_of
from dues.apportionment.queries import due_to_delegations
from dues.rights import RIGHTS, Act
from dues.transfers import repository
from dues.transfers.documents import batch_line, transfer_line
from dues.transfers.domain import (
    LIVE,
    NOTHING,
    BatchNotFound,
    BatchStatus,
    Payee,
    Position,
    Proposal,
    TransferPurpose,
    TransferStatus,
    paid_account,
    positions,
    propose,
    require_approvable,
    require_cancellable,
    require_executable,
    require_file,
    require_rejectable,
    status_of,
)
from dues.transfers.queries.payees import account_out
from dues.transfers.queries.statements import transferred_by
from dues.transfers.schemas import (
    BatchDetail,
    BatchFilters,
    BatchListParams,
    BatchOut,
    TransferFilters,
    TransferListParams,
    TransferOut,
    TransferPreviewOut,
    TransferProposalOut,
)
from dues.transfers.tables import BatchRow, LineRow

_BATCH_ROW: Any = BatchRow
_BATCH: Any = BatchRow.__table__  # type: ignore[attr-defined]
_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_STATUS = case((_LINE.c.rejected_on.is_not(None), TransferStatus.REJECTED.value), else_=_BATCH.c.status)
_BATCH_ORDER = Order(
    columns={name: _BATCH.c[name] for name in ("prepared_at", "reference", "total", "pay_on")},
    default="-prepared_at",
    unique=_BATCH.c.id,
)
_LINE_ORDER = Order(
    columns={"reference": _LINE.c.reference, "amount": _LINE.c.amount, "payee": _LINE.c.payee_code},
    default="-reference",
    unique=_LINE.c.id,
)
_SHOWN_TO_ITS_PAYEE = (BatchStatus.APPROVED.value, BatchStatus.EXECUTED.value)


async def positions_on(read: Read, day: date) -> list[Position]:
    """Return where each delegation stands. To reckon a batch, hold the payees first."""
    due_then = await due_to_delegations(read, day)
    due_now = await due_to_delegations(read, read.today)
    transferred = {code: had for code, had in (await transferred_by(read, read.today)).items() if delegation_of(code)}
    return positions(due_then, due_now, transferred, await _committed(read))


async def preview(read: Read, up_to: date | None) -> TransferPreviewOut:
    """Return what a batch prepared now would hold, and what keeps the others out of it."""
    day = up_to or read.today
    standing = await positions_on(read, day)
    payees = await repository.payees_of(read, [one.code for one in standing])
    proposals = [propose(one, payees.get(one.code)) for one in standing]
    free = [one.position.payable for one in proposals if not one.obstacles]
    return TransferPreviewOut(
        up_to=day,
        lines=[_proposed(read.actor, one, day) for one in proposals],
        count=len(free),
        total=sum(free, NOTHING),
    )


async def list_batches(read: Read, params: BatchListParams) -> Page[BatchOut]:
    """Return one page of batches."""
    rows, cursor, total = await paginate(read, _batches(params), _BATCH_ORDER, params)
    return Page(items=[BatchOut(**_fields(read.actor, row)) for row in rows], next_cursor=cursor, total=total)


async def export_batches(read: Read, filters: BatchFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same batches as the list with the same filters."""
    rows = (await read.session.execute(_batches(filters).order_by(_BATCH.c.reference))).scalars().all()
    return (batch_line(BatchOut(**_fields(read.actor, row))) for row in rows)


async def find_batch(read: Read, batch_id: UUID) -> BatchDetail:
    """Return one batch with its transfers. Raises BatchNotFound."""
    row = await _row(read, batch_id)
    lines = await repository.lines_of(read, batch_id)
    payees = await repository.payees_of(read, [line.payee_code for line in lines])
    return BatchDetail(
        **_fields(read.actor, row),
        lines=[_transfer(read.actor, line, row, payees) for line in lines],
    )


async def file_of(read: Read, batch_id: UUID) -> tuple[str, str]:
    """Return where the file of a batch is stored, and its name. Raises BatchNotFound, BatchNotApproved."""
    row = await _row(read, batch_id)
    require_file(BatchStatus(row.status))
    return repository.file_path(batch_id), f"{row.reference}.xml"


async def list_transfers(read: Read, grant: Grant, params: TransferListParams) -> Page[TransferOut]:
    """Return one page of transfers within reach."""
    rows, cursor, total = await paginate(read, _transfers(grant, params), _LINE_ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_transfers(read: Read, grant: Grant, filters: TransferFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same transfers as the list with the same filters."""
    rows = (await read.session.execute(_transfers(grant, filters).order_by(_LINE.c.reference))).all()
    return map(transfer_line, await _shown(read, rows))


async def _row(read: Read, batch_id: UUID) -> BatchRow:
    row = await read.session.get(BatchRow, batch_id)
    if row is None:
        raise BatchNotFound("Ce lot de virements n'existe pas.")
    return row


async def _committed(read: Read) -> dict[str, Decimal]:
    """Return what live batches hold of each delegation's share."""
    query = select(_LINE.c.payee_code, func.sum(_LINE.c.amount)).join(_BATCH, _BATCH.c.id == _LINE.c.batch_id)
    query = query.where(
        _BATCH.c.status.in_(sorted(one.value for one in LIVE)),
        _LINE.c.purpose == TransferPurpose.DELEGATION_SHARE.value,
    )
    rows = await read.session.execute(query.group_by(_LINE.c.payee_code))
    return dict(rows.all())


async def _shown(read: Read, rows: Sequence[Any]) -> list[TransferOut]:
    payees = await repository.payees_of(read, {line.payee_code for line, _ in rows})
    return [_transfer(read.actor, line, batch, payees) for line, batch in rows]


def _batches(filters: BatchFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if filters.status:
        conditions.append(_BATCH.c.status.in_([one.value for one in filters.status]))
    prepared = func.date(func.timezone("Europe/Paris", _BATCH.c.prepared_at))
    if filters.prepared_from:
        conditions.append(prepared >= filters.prepared_from)
    if filters.prepared_to:
        conditions.append(prepared <= filters.prepared_to)
    if filters.q:
        conditions.append(_BATCH.c.reference.icontains(filters.q, autoescape=True))
    return select(BatchRow).where(*conditions)


def _transfers(grant: Grant, filters: TransferFilters) -> Select[Any]:
    """A beneficiary reads what was approved for it: what finance still prepares, or gave up, is finance's own."""
    conditions: list[ColumnElement[bool]] = [grant.covers(member=null(), delegation=_LINE.c.delegation)]
    if grant.scope is not Scope.ALL:
        conditions.append(_BATCH.c.status.in_(_SHOWN_TO_ITS_PAYEE))
    for column, values in (
        (_STATUS, [one.value for one in filters.status]),
        (_LINE.c.payee_code, filters.payee),
        (_LINE.c.batch_id, filters.batch_id),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.executed_from:
        conditions.append(_BATCH.c.executed_on >= filters.executed_from)
    if filters.executed_to:
        conditions.append(_BATCH.c.executed_on <= filters.executed_to)
    if filters.q:
        conditions.append(_LINE.c.reference.icontains(filters.q, autoescape=True))
    query: Select[Any] = select(LineRow, _BATCH_ROW).join(_BATCH, _BATCH.c.id == _LINE.c.batch_id)
    return query.where(*conditions)


def _proposed(actor: Actor, one: Proposal, up_to: date) -> TransferProposalOut:
    position, payee = one.position, one.payee
    account = account_out(actor, payee, payee.confirmed) if payee and payee.confirmed else None
    return TransferProposalOut(
        code=position.code,
        delegation=delegation_of(position.code),
        purpose=TransferPurpose.DELEGATION_SHARE,
        purpose_label=TransferPurpose.DELEGATION_SHARE.label,
        due=position.due,
        transferred=position.transferred,
        committed=position.committed,
        amount=position.payable,
        statement=_statement(position.code, up_to),
        holder=account.holder if account else None,
        iban=account.iban if account else None,
        blockers=blockers_out(one.obstacles),
    )


def _statement(code: str, up_to: date) -> str:
    return f"/dues/v1/transfers/statements/{code}?month={write_month(up_to)}"


def _transfer(actor: Actor, line: LineRow, batch: BatchRow, payees: Mapping[str, Payee]) -> TransferOut:
    payee = payees[line.payee_code]
    account = account_out(actor, payee, paid_account(payee, line.account_number))
    status, purpose = status_of(BatchStatus(batch.status), line.rejected_on), TransferPurpose(line.purpose)
    reject = partial(require_rejectable, BatchStatus(batch.status), line.rejected_on)
    actions, blockers = tried({"reject": reject}) if _runs(actor) else ([], {})
    return TransferOut(
        id=line.id,
        reference=line.reference,
        batch_id=batch.id,
        batch_reference=batch.reference,
        purpose=purpose,
        purpose_label=purpose.label,
        payee=line.payee_code,
        delegation=line.delegation,
        status=status,
        status_label=status.label,
        up_to=batch.up_to,
        statement=_statement(line.payee_code, batch.up_to),
        due=line.due,
        transferred=line.transferred,
        committed=line.committed,
        amount=line.amount,
        holder=account.holder,
        iban=account.iban,
        pay_on=batch.pay_on,
        executed_on=batch.executed_on,
        bank_reference=batch.bank_reference,
        rejected_on=line.rejected_on,
        reject_reason=line.reject_reason,
        allowed_actions=actions,
        blockers=blockers,
    )


def _fields(actor: Actor, row: BatchRow) -> dict[str, Any]:
    status = BatchStatus(row.status)
    acts = {
        "approve": partial(require_approvable, status, row.prepared_by, actor.subject),
        "download": partial(require_file, status),
        "execute": partial(require_executable, status),
        "cancel": partial(require_cancellable, status),
    }
    actions, blockers = tried(acts) if _runs(actor) else ([], {})
    shown = {name: getattr(row, name) for name in BatchOut.model_fields if name in BatchRow.model_fields}
    return {**shown, "status": status, "status_label": status.label, "allowed_actions": actions, "blockers": blockers}


def _runs(actor: Actor) -> bool:
    return grant_for(RIGHTS, Act.RUN_TRANSFERS, actor) is not None
