"""Reads of the affiliations to the group account. A structure reads its own."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from common.blockers import tried
from common.pagination import Order, Page, paginate
from common.rights import Grant, grant_for
from common.transaction import Read
from training.envelopes import repository
from training.envelopes.domain import (
    Affiliation,
    AffiliationNotFound,
    AffiliationStep,
    require_step,
)
from training.envelopes.queries.envelopes import ENVELOPE
from training.envelopes.schemas import (
    AffiliationExportParams,
    AffiliationFilters,
    AffiliationListParams,
    AffiliationOut,
)
from training.envelopes.tables import AffiliationRow
from training.members.queries import MEMBER_NAME, joined_with_member
from training.rights import RIGHTS, Act

_TABLE: Any = AffiliationRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(columns={"convention_on": _TABLE.c.convention_on}, default="-convention_on", unique=_TABLE.c.id)

AFFILIATIONS_HEADER = (
    "compte", "annee", "structure", "type", "operateur", "etape", "convention_le", "donnees_le", "masse_salariale",
    "du", "verse_le", "verse", "code_cora", "ecart", "confirmee_le",
)  # fmt: skip


async def find_affiliation(read: Read, grant: Grant, affiliation_id: UUID) -> AffiliationOut:
    """Return one affiliation within reach. Raises AffiliationNotFound."""
    row = (await read.session.execute(_reached(grant).where(_TABLE.c.id == affiliation_id))).one_or_none()
    if row is None:
        raise AffiliationNotFound("Cette affiliation n'existe pas, ou n'est pas dans votre périmètre.")
    return _out(read, row)


async def list_affiliations(read: Read, grant: Grant, params: AffiliationListParams) -> Page[AffiliationOut]:
    """Return one page of affiliations within reach."""
    rows, cursor, total = await paginate(read, _filtered(grant, params), _ORDER, params)
    return Page(items=[_out(read, row) for row in rows], next_cursor=cursor, total=total)


async def export_affiliations(read: Read, grant: Grant, params: AffiliationExportParams) -> Iterator[Sequence[object]]:
    """Return the lines of an export: the same affiliations as the list with the same filters."""
    query = _filtered(grant, params).order_by(_TABLE.c.convention_on.desc(), _TABLE.c.id.desc())
    rows = (await read.session.execute(query)).all()
    return (_line(_out(read, row)) for row in rows)


async def affiliations_of(read: Read, member_id: UUID) -> list[Affiliation]:
    """Return the affiliations of a structure that it has not given up, the last first."""
    going_on = _TABLE.c.step != AffiliationStep.WITHDRAWN.value
    query = select(AffiliationRow).where(_TABLE.c.member_id == member_id, going_on)
    rows = (await read.session.execute(query.order_by(_TABLE.c.convention_on.desc(), _TABLE.c.id.desc()))).scalars()
    return [repository.affiliation_of(row) for row in rows]


def _reached(grant: Grant) -> Select[Any]:
    query = select(AffiliationRow).add_columns(ENVELOPE.c.title.label("envelope_title"), ENVELOPE.c.year)
    query = query.join(ENVELOPE, ENVELOPE.c.id == _TABLE.c.envelope_id)
    return joined_with_member(query, _TABLE.c.member_id, grant).execution_options(populate_existing=True)


def _filtered(grant: Grant, filters: AffiliationFilters) -> Select[Any]:
    query = _reached(grant)
    for column, values in (
        (_TABLE.c.envelope_id, filters.envelope_id),
        (ENVELOPE.c.year, filters.year),
        (_TABLE.c.member_id, filters.member_id),
        (_TABLE.c.step, filters.step),
    ):
        if values:
            query = query.where(column.in_(values))
    return query.where(MEMBER_NAME.icontains(filters.q, autoescape=True)) if filters.q else query


def _out(read: Read, found: Any) -> AffiliationOut:
    row, title, year, _, name, _ = found
    affiliation = repository.affiliation_of(row)
    actions, blockers = tried(_acts(read, affiliation))
    return AffiliationOut.model_validate(
        {
            **row.model_dump(exclude={"created_at", "created_by"}),
            "envelope_title": title,
            "year": year,
            "member_name": name,
            "member_type_label": affiliation.member_type.label,
            "step_label": affiliation.step.label,
            "allowed_actions": actions,
            "blockers": blockers,
        }
    )


def _acts(read: Read, affiliation: Affiliation) -> dict[str, Callable[[], object]]:
    if grant_for(RIGHTS, Act.RUN_ENVELOPES, read.actor) is None:
        return {}
    at = partial(require_step, affiliation)
    return {
        "account": partial(at, AffiliationStep.CONVENTION),
        "payment": partial(at, AffiliationStep.ACCOUNT),
        "confirm": partial(at, AffiliationStep.PAID),
        "withdraw": partial(at, AffiliationStep.CONVENTION, AffiliationStep.ACCOUNT),
    }


def _line(one: AffiliationOut) -> Sequence[object]:
    return (
        one.envelope_title,
        one.year,
        one.member_name,
        one.member_type_label,
        one.operator,
        one.step_label,
        one.convention_on,
        one.account_on,
        one.payroll,
        one.due,
        one.paid_on,
        one.paid,
        one.cora_code,
        one.difference_reason,
        one.confirmed_on,
    )
