"""Reads of the lines of the statements."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate, sift
from common.transaction import Read
from dues.bank import repository
from dues.bank.domain import (
    CHARGES,
    BankLineNotFound,
    Candidate,
    Deposit,
    Echo,
    LineState,
    Matching,
    OtherMoney,
    Reason,
    require_chargeable,
    require_matchable,
    require_reopenable,
    require_returnable,
    require_unsaid,
    require_unsettled,
    signs_of_charge,
    unless_echo,
)
from dues.bank.queries.depositing import deposits_of, numbers_deposited, of_deposits
from dues.bank.queries.matching import matching_of
from dues.bank.queries.recognising import echoes_of
from dues.bank.schemas import (
    BankLineDetail,
    BankLineOut,
    CandidateOut,
    DepositedReceiptOut,
    DepositOut,
    EchoOut,
    LineActOut,
    LineFilters,
    LineListParams,
    MatchReasonOut,
)
from dues.bank.tables import LineRow
from dues.receipts.domain import ReceiptMethod
from dues.transfers.queries import banked_batches, banked_transfers, totals_to_pay

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _LINE.c[name] for name in ("booked_on", "amount")}, default="-booked_on", unique=_LINE.c.id
)
_SEARCHED = ("text", "party", "party_iban", "end_to_end", "structured", "reference")
_NOTHING = Matching(())
_UNSAID = (LineState.UNMATCHED, LineState.OUTGOING)
_SLICE = 500

EXPORT_HEADER = (
    "jour", "valeur", "montant", "libelle", "contrepartie", "iban", "bout_en_bout", "reference_structuree",
    "reference_banque", "motif_de_retour", "code_operation", "etat", "autre_recette", "note", "lot_de_virements",
    "virement_revenu", "reglements_deposes",
)  # fmt: skip


async def find_line(read: Read, line_id: UUID) -> BankLineDetail:
    """Return one line, with what was said of it. Raises BankLineNotFound, RuleMissing."""
    row = await read.session.get(LineRow, line_id)
    if row is None:
        raise BankLineNotFound("Cette ligne de relevé n'existe pas.")
    [shown] = await _shown(read, [row])
    acts = [LineActOut.model_validate(act, from_attributes=True) for act in await repository.acts_of(read, line_id)]
    return BankLineDetail(**dict(shown), acts=acts)


async def list_lines(read: Read, params: LineListParams) -> Page[BankLineOut]:
    """Return one page of lines, with the calls that they may pay. Raises RuleMissing."""
    query = select(LineRow).where(*_conditions(params))
    if params.sure is not None:
        return await sift(read, query, _ORDER, params, partial(_sifted, read, params.sure))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_rows(read: Read, filters: LineFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list's with the same filters. Raises RuleMissing."""
    query = select(LineRow).where(*_conditions(filters)).order_by(_LINE.c.booked_on, _LINE.c.id)
    rows = (await read.session.execute(query)).scalars().all()
    if filters.sure is not None:
        rows = await _all_sifted(read, filters.sure, rows)
    batches = await banked_batches(read, batch_ids={row.transfer_batch_id for row in rows if row.transfer_batch_id})
    back = await banked_transfers(read, transfer_ids={row.transfer_id for row in rows if row.transfer_id})
    deposited = await numbers_deposited(read, {row.id for row in rows if row.state == LineState.MATCHED})
    ours: dict[UUID | None, str] = {one.id: one.reference for one in batches}
    ours |= {one.id: one.reference for one in back}
    return (
        (
            row.booked_on,
            row.value_on,
            row.amount,
            row.text,
            row.party,
            row.party_iban,
            row.end_to_end,
            row.structured,
            row.reference,
            row.return_code,
            row.bank_code,
            LineState(row.state).label,
            OtherMoney(row.other_money).label if row.other_money else None,
            row.note,
            ours.get(row.transfer_batch_id),
            ours.get(row.transfer_id),
            deposited.get(row.id),
        )
        for row in rows
    )


async def _sifted(read: Read, sure: bool, rows: Sequence[LineRow]) -> list[BankLineOut | None]:
    shown = await _shown(read, rows)
    return [line if (bool(line.sure) or _is_recognised(line)) == sure else None for line in shown]


async def _all_sifted(read: Read, sure: bool, rows: Sequence[LineRow]) -> list[LineRow]:
    """Keep the lines that are sure of what they are, or the others: looked up a slice at a time, as pages are."""
    slices = [rows[at : at + _SLICE] for at in range(0, len(rows), _SLICE)]
    return [
        row
        for slice_ in slices
        for row, shown in zip(slice_, await _sifted(read, sure, slice_), strict=True)
        if shown is not None
    ]


def _is_recognised(line: BankLineOut) -> bool:
    """Tell whether a line is known to be something that is known already."""
    return any(one.sure for one in line.echoes) or any(one.sure for one in line.deposits)


async def _shown(read: Read, rows: Sequence[LineRow]) -> list[BankLineOut]:
    matchings, echoed, deposited = (
        await matching_of(read, rows),
        await echoes_of(read, rows),
        await deposits_of(read, rows),
    )
    received = await repository.receipts_of(read, [row.id for row in rows])
    return [
        BankLineOut(
            **_fields(
                row, unless_echo(matchings.get(row.id, _NOTHING), echoed.get(row.id, ()), deposited.get(row.id, ()))
            ),
            deposits=[_deposit(one) for one in deposited.get(row.id, ())],
            echoes=[_echo(one) for one in echoed.get(row.id, ())],
            receipt_ids=received.get(row.id, []),
        )
        for row in rows
    ]


def _conditions(filters: LineFilters) -> list[ColumnElement[bool]]:
    columns = _LINE.c
    conditions: list[ColumnElement[bool]] = [
        columns[name].in_([str(value) if name != "statement_id" else value for value in values])
        for name in ("state", "other_money", "statement_id")
        if (values := getattr(filters, name))
    ]
    if filters.booked_from:
        conditions.append(columns.booked_on >= filters.booked_from)
    if filters.booked_to:
        conditions.append(columns.booked_on <= filters.booked_to)
    if filters.amount is not None:
        conditions.append(columns.amount == filters.amount)
    returned = or_(columns.return_code.is_not(None), columns.reversal)
    for asked, condition in (
        (filters.received, columns.amount > 0),
        (filters.returned, returned),
        (filters.transfers, _of_transfers()),
        (filters.deposit, of_deposits()),
        (filters.charge, _charged()),
    ):
        if asked is not None:
            conditions.append(condition if asked else ~condition)
    if filters.sure is not None:
        conditions.append(repository.matched_at_once())
    if filters.q:
        conditions.append(or_(*(columns[name].icontains(filters.q, autoescape=True) for name in _SEARCHED)))
    return conditions


def _of_transfers() -> ColumnElement[bool]:
    """Select what was recognised of our transfers, and what takes as much as a batch that waits to be paid."""
    unsaid = _LINE.c.state.in_([LineState.UNMATCHED.value, LineState.OUTGOING.value])
    known = or_(_LINE.c.transfer_batch_id.is_not(None), _LINE.c.transfer_id.is_not(None))
    return or_(known, and_(unsaid, (-_LINE.c.amount).in_(totals_to_pay())))


def _charged() -> ColumnElement[bool]:
    """Select what was said to be a charge, and what the bank says is one."""
    said = func.coalesce(func.split_part(_LINE.c.bank_code, "/", 3).in_(sorted(CHARGES)), false())
    taken_back = or_(_LINE.c.return_code.is_not(None), _LINE.c.reversal)
    return or_(_LINE.c.state == LineState.CHARGED.value, and_(_LINE.c.amount < 0, ~taken_back, said))


def _fields(row: LineRow, matching: Matching) -> dict[str, Any]:
    state = LineState(row.state)
    other = OtherMoney(row.other_money) if row.other_money else None
    actions, blockers = tried(_attempts(row, state))
    return {
        **{name: getattr(row, name) for name in _AS_KEPT},
        "state": state,
        "state_label": state.label,
        "other_money": other,
        "other_money_label": other.label if other else None,
        "candidates": [_candidate(one) for one in matching.candidates],
        "sure": list(matching.sure),
        "notes": list(matching.notes),
        "charge_reasons": _reasons(signs_of_charge(repository.line_of(row)) if state in _UNSAID else ()),
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _attempts(row: LineRow, state: LineState) -> dict[str, Callable[[], object]]:
    line = repository.line_of(row)
    return {
        "match": partial(require_matchable, state, line),
        "return": partial(require_returnable, state, line),
        "recognise": partial(require_unsaid, state),
        "deposit": partial(require_matchable, state, line),
        "charge": partial(require_chargeable, state, line),
        "set_aside": partial(require_unsettled, state),
        "reopen": partial(require_reopenable, state, came_back=bool(row.collection_id or row.transfer_id)),
    }


_AS_KEPT = (
    "id", "statement_id", "booked_on", "value_on", "amount", "reversal", "reference", "end_to_end", "structured",
    "text", "party", "party_iban", "return_code", "bank_code", "batch", "charges", "run_id", "collection_id",
    "transfer_batch_id", "transfer_id",
    "note", "version",
)  # fmt: skip


def _candidate(one: Candidate) -> CandidateOut:
    call = one.call
    return CandidateOut(
        invoice_id=call.id,
        number=call.number,
        member_id=call.member_id,
        member_name=call.member_name,
        owed=call.owed,
        due_on=call.due_on,
        score=one.score,
        reasons=_reasons(one.reasons),
    )


def _echo(one: Echo) -> EchoOut:
    return EchoOut(
        kind=one.kind,
        kind_label=one.kind.label,
        id=one.id,
        reference=one.reference,
        amount=one.amount,
        score=one.score,
        sure=one.sure,
        reasons=_reasons(one.reasons),
    )


def _deposit(one: Deposit) -> DepositOut:
    return DepositOut(
        receipts=[
            DepositedReceiptOut(
                id=receipt.id,
                number=receipt.number,
                method=receipt.method,
                method_label=ReceiptMethod(receipt.method).label,
                amount=receipt.amount,
                received_on=receipt.received_on,
                member_name=receipt.member_name,
            )
            for receipt in one.receipts
        ],
        deposited_on=one.deposited_on,
        score=one.score,
        sure=one.sure,
        reasons=_reasons(one.reasons),
    )


def _reasons(reasons: Sequence[Reason]) -> list[MatchReasonOut]:
    return [MatchReasonOut(code=reason.code, message=reason.message) for reason in reasons]
