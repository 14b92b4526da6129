"""Reads of the lines of the statements."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from common.blockers import tried
from common.pagination import Order, Page, paginate, sift
from common.transaction import Read
from dues.bank import repository
from dues.bank.domain import (
    BankLineNotFound,
    Candidate,
    Echo,
    LineState,
    Matching,
    OtherMoney,
    Reason,
    require_matchable,
    require_reopenable,
    require_returnable,
    require_unsettled,
    unless_echo,
)
from dues.bank.queries.matching import matching_of
from dues.bank.queries.recognising import echoes_of
from dues.bank.schemas import (
    BankLineDetail,
    BankLineOut,
    CandidateOut,
    EchoOut,
    LineActOut,
    LineFilters,
    LineListParams,
    MatchReasonOut,
)
from dues.bank.tables import LineRow

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _LINE.c[name] for name in ("booked_on", "amount")}, default="-booked_on", unique=_LINE.c.id
)
_SEARCHED = ("text", "party", "party_iban", "end_to_end", "structured", "reference")
_NOTHING = Matching(())

EXPORT_HEADER = (
    "jour", "valeur", "montant", "libelle", "contrepartie", "iban", "bout_en_bout", "reference_structuree",
    "reference_banque", "motif_de_retour", "etat", "autre_recette", "note",
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
        waiting = query.where(_LINE.c.state == LineState.UNMATCHED, _LINE.c.amount > 0)
        return await sift(read, waiting, _ORDER, params, partial(_sifted, read, params.sure))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def export_rows(read: Read, filters: LineFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same as the list's with the same filters."""
    query = select(LineRow).where(*_conditions(filters)).order_by(_LINE.c.booked_on, _LINE.c.id)
    rows = (await read.session.execute(query)).scalars().all()
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
            LineState(row.state).label,
            OtherMoney(row.other_money).label if row.other_money else None,
            row.note,
        )
        for row in rows
    )


async def _sifted(read: Read, sure: bool, rows: Sequence[LineRow]) -> list[BankLineOut | None]:
    shown = await _shown(read, rows)
    return [line if (bool(line.sure) or any(one.sure for one in line.echoes)) == sure else None for line in shown]


async def _shown(read: Read, rows: Sequence[LineRow]) -> list[BankLineOut]:
    matchings, echoed = await matching_of(read, rows), await echoes_of(read, rows)
    received = await repository.receipts_of(read, [row.id for row in rows])
    return [
        BankLineOut(
            **_fields(row, unless_echo(matchings.get(row.id, _NOTHING), echoed.get(row.id, ()))),
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
    if filters.received is not None:
        conditions.append(columns.amount > 0 if filters.received else columns.amount <= 0)
    if filters.returned is not None:
        returned = or_(columns.return_code.is_not(None), columns.reversal)
        conditions.append(returned if filters.returned else ~returned)
    if filters.q:
        conditions.append(or_(*(columns[name].icontains(filters.q, autoescape=True) for name in _SEARCHED)))
    return conditions


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
        "allowed_actions": actions,
        "blockers": blockers,
    }


def _attempts(row: LineRow, state: LineState) -> dict[str, Callable[[], object]]:
    line = repository.line_of(row)
    return {
        "match": partial(require_matchable, state, line),
        "return": partial(require_returnable, state, line),
        "recognise": partial(require_unsettled, state),
        "set_aside": partial(require_unsettled, state),
        "reopen": partial(require_reopenable, state, collection=row.collection_id is not None),
    }


_AS_KEPT = (
    "id", "statement_id", "booked_on", "value_on", "amount", "reversal", "reference", "end_to_end", "structured",
    "text", "party", "party_iban", "return_code", "bank_code", "batch", "charges", "run_id", "collection_id",
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


def _reasons(reasons: Sequence[Reason]) -> list[MatchReasonOut]:
    return [MatchReasonOut(code=reason.code, message=reason.message) for reason in reasons]
