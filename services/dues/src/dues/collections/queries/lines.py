"""Reads of collections, one by one. A structure and its delegation see what was announced; accounts as mandates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from common.blockers import BlockerOut, tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, Scope, grant_for
from common.transaction import Read
from dues.collections import repository
from dues.collections.documents import export_line
from dues.collections.domain import (
    CollectionLineNotFound,
    CollectionLineState,
    SequenceType,
    require_returnable,
    require_withdrawable,
)
from dues.collections.queries.claims import action_of
from dues.collections.schemas import (
    CollectedCallOut,
    CollectionLineFilters,
    CollectionLineListParams,
    CollectionLineOut,
)
from dues.collections.tables import LineRow, RunRow
from dues.mandates.domain import masked
from dues.members.queries import MEMBER_DELEGATION, MEMBER_ID, MEMBER_NAME, joined_with_member
from dues.receipts.domain import Receipt
from dues.receipts.queries import standing_of
from dues.rights import RIGHTS, Act

_LINE: Any = LineRow.__table__  # type: ignore[attr-defined]
_RUN: Any = RunRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={
        "collection_on": _RUN.c.collection_on,
        "end_to_end": _LINE.c.end_to_end,
        "amount": _LINE.c.amount,
        "name": MEMBER_NAME,
    },
    default="-collection_on",
    unique=_LINE.c.id,
)


async def list_lines(read: Read, grant: Grant, params: CollectionLineListParams) -> Page[CollectionLineOut]:
    """Return one page of collections within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=await _shown(read, rows), next_cursor=cursor, total=total)


async def lines_to_export(read: Read, grant: Grant, filters: CollectionLineFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same collections as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_LINE.c.end_to_end))).all()
    return map(export_line, await _shown(read, rows))


async def find_line(read: Read, grant: Grant, line_id: UUID) -> CollectionLineOut:
    """Return one collection within reach. Raises CollectionLineNotFound."""
    row = (await read.session.execute(_query(grant).where(_LINE.c.id == line_id))).one_or_none()
    if row is None:
        raise CollectionLineNotFound("Ce prélèvement n'existe pas, ou n'est pas dans votre périmètre.")
    [shown] = await _shown(read, [row])
    return shown


def _query(grant: Grant) -> Select[Any]:
    query = select(LineRow, _RUN.c.reference, _RUN.c.collection_on).join(RunRow, _RUN.c.id == _LINE.c.run_id)
    query = joined_with_member(query, _LINE.c.member_id, grant).execution_options(populate_existing=True)
    return query if grant.scope is Scope.ALL else query.where(_LINE.c.notified_on.is_not(None))


def _filtered(grant: Grant, filters: CollectionLineFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (_LINE.c.run_id, filters.run_id),
        (_LINE.c.state, [state.value for state in filters.state]),
        (MEMBER_DELEGATION, filters.delegation),
    ):
        if values:
            conditions.append(column.in_(values))
    if filters.member_id:
        conditions.append(or_(_LINE.c.member_id.in_(filters.member_id), MEMBER_ID.in_(filters.member_id)))
    if filters.q:
        texts = (MEMBER_NAME, _LINE.c.end_to_end, _LINE.c.rum)
        conditions.append(or_(*(text.icontains(filters.q, autoescape=True) for text in texts)))
    return _query(grant).where(*conditions)


async def _shown(read: Read, rows: Sequence[Any]) -> list[CollectionLineOut]:
    receipts = await standing_of(read, [row[0].receipt_id for row in rows if row[0].receipt_id])
    return [_line(read, row, receipts) for row in rows]


def _iban(read: Read, line: LineRow, member_id: UUID) -> str | None:
    """Whoever may read accounts reads this one; whoever reads all mandates knows it again; nobody else sees it."""
    whole = grant_for(RIGHTS, Act.READ_MANDATE_ACCOUNTS, read.actor)
    if whole is not None and (whole.scope is Scope.ALL or member_id == read.actor.member_id):
        return line.iban
    mandates = grant_for(RIGHTS, Act.READ_MANDATES, read.actor)
    return masked(line.iban) if mandates is not None and mandates.scope is Scope.ALL else None


def _acts(read: Read, state: CollectionLineState) -> Mapping[str, Callable[[], object]]:
    if grant_for(RIGHTS, Act.RUN_COLLECTIONS, read.actor) is None:
        return {}
    return {"withdraw": partial(require_withdrawable, state), "return": partial(require_returnable, state)}


def _line(read: Read, row: Any, receipts: Mapping[UUID, Receipt]) -> CollectionLineOut:
    line, reference, collection_on, member_id, name, delegation = row
    state, sequence, iban = CollectionLineState(line.state), SequenceType(line.sequence), _iban(read, line, member_id)
    action = action_of(line.return_reason) if line.return_reason else None
    actions, blockers = tried(_acts(read, state))
    receipt = receipts[line.receipt_id] if line.receipt_id else None
    return CollectionLineOut(
        id=line.id,
        run_id=line.run_id,
        run_reference=reference,
        end_to_end=line.end_to_end,
        collection_on=collection_on,
        member_id=member_id,
        member_name=name,
        delegation=delegation,
        calls=[CollectedCallOut.model_validate(call) for call in repository.calls_of(line)],
        amount=line.amount,
        rum=line.rum,
        sequence=sequence,
        sequence_label=sequence.label,
        debtor_name=line.debtor_name if iban else None,
        iban=iban,
        state=state,
        state_label=state.label,
        notified_on=line.notified_on,
        withdrawn=BlockerOut(code=line.withdrawn_code, message=line.withdrawn_why) if line.withdrawn_code else None,
        receipt_id=line.receipt_id,
        receipt_number=receipt.number if receipt else None,
        returned_on=line.returned_on,
        return_reason=line.return_reason,
        return_action=action,
        return_action_label=action.label if action else None,
        version=line.version,
        allowed_actions=[*actions, *(["download_notice"] if line.notice_sha256 else [])],
        blockers=blockers,
    )
