"""Reads of who is paid, and on which account: whole to finance and to its delegation, masked to the board."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, null, select
from sqlmodel import col

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Actor, Read
from dues.mandates.domain import masked
from dues.rights import RIGHTS, Act
from dues.transfers import repository
from dues.transfers.documents import payee_line
from dues.transfers.domain import (
    AccountState,
    Payee,
    PayeeAccount,
    PayeeNotFound,
    require_confirmable,
    require_refusable,
    require_settled,
)
from dues.transfers.schemas import PayeeAccountOut, PayeeDetail, PayeeFilters, PayeeListParams, PayeeOut
from dues.transfers.tables import PayeeAccountRow, PayeeRow

_TABLE: Any = PayeeRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"code": _TABLE.c.code}, default="code", unique=_TABLE.c.code)


async def list_payees(read: Read, grant: Grant, params: PayeeListParams) -> Page[PayeeOut]:
    """Return one page of payees within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    payees = await repository.loaded(read, rows)
    return Page(
        items=[PayeeOut(**_fields(read.actor, one)) for one in payees.values()], next_cursor=cursor, total=total
    )


async def export_payees(read: Read, grant: Grant, filters: PayeeFilters) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same payees as the list with the same filters."""
    rows = (await read.session.execute(_filtered(grant, filters).order_by(_TABLE.c.code))).scalars().all()
    payees = await repository.loaded(read, rows)
    return (payee_line(PayeeOut(**_fields(read.actor, one))) for one in payees.values())


async def find_payee(read: Read, grant: Grant, code: str) -> PayeeDetail:
    """Return one payee within reach, and each account that was its. Raises PayeeNotFound."""
    found = (await repository.payees_of(read, [code])).get(code)
    if found is None or not grant.reaches(found.delegation):
        raise PayeeNotFound("Aucun compte n'est connu de ce bénéficiaire, ou il n'est pas dans votre périmètre.")
    accounts = [account_out(read.actor, found, one) for one in found.accounts]
    return PayeeDetail(**_fields(read.actor, found), accounts=accounts)


def account_out(actor: Actor, payee: Payee, one: PayeeAccount) -> PayeeAccountOut:
    """Show an account, as much of it as somebody sees."""
    whole = sees_whole(actor, payee.delegation)
    return PayeeAccountOut(
        number=one.number,
        holder=one.account.holder,
        street=one.address.street,
        postcode=one.address.postcode,
        city=one.address.city,
        country=one.address.country,
        iban=one.account.iban if whole else masked(one.account.iban),
        bic=one.account.bic,
        reason=one.reason,
        entered_at=one.entered_at,
        entered_by=one.entered_by,
        state=one.state,
        state_label=one.state.label,
        settled_at=one.settled_at,
        settled_by=one.settled_by,
        settled_reason=one.settled_reason,
    )


def sees_whole(actor: Actor, delegation: str | None) -> bool:
    """Tell whether somebody sees an account whole: finance, and whose it is."""
    keeps = grant_for(RIGHTS, Act.KEEP_PAYEES, actor) is not None
    return keeps or (delegation is not None and actor.delegation == delegation)


def _filtered(grant: Grant, filters: PayeeFilters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [grant.covers(member=null(), delegation=_TABLE.c.delegation)]
    if filters.delegation:
        conditions.append(_TABLE.c.delegation.in_(filters.delegation))
    if filters.waiting is not None:
        waits = exists().where(
            col(PayeeAccountRow.payee_code) == _TABLE.c.code, col(PayeeAccountRow.state) == AccountState.WAITING.value
        )
        conditions.append(waits if filters.waiting else ~waits)
    return select(PayeeRow).where(*conditions)


def _fields(actor: Actor, payee: Payee) -> dict[str, Any]:
    acts: dict[str, Callable[[], object]] = {
        "enter": partial(require_settled, payee),
        "confirm": partial(require_confirmable, payee, actor.subject),
        "refuse": partial(require_refusable, payee),
    }
    keeps = grant_for(RIGHTS, Act.KEEP_PAYEES, actor) is not None
    actions, blockers = tried(acts) if keeps else ([], {})
    return {
        "code": payee.code,
        "delegation": payee.delegation,
        "confirmed": account_out(actor, payee, payee.confirmed) if payee.confirmed else None,
        "waiting": account_out(actor, payee, payee.waiting) if payee.waiting else None,
        "version": payee.version,
        "allowed_actions": actions,
        "blockers": blockers,
    }
