"""Reads of the grids being prepared."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.blockers import possible
from common.errors import Refusal, obstacle
from common.pagination import Order, Page, paginate
from common.rights import grant_for
from common.transaction import Read
from dues.drafts import repository
from dues.drafts.domain import Draft, compare, require_never_simulated
from dues.drafts.schemas import (
    ChangeOut,
    ComparisonOut,
    GridDefectOut,
    GridDraftListParams,
    GridDraftOut,
    PlanBody,
)
from dues.drafts.tables import DraftRow
from dues.grids.domain import defects, require_usable
from dues.grids.queries import reference_grid
from dues.rights import RIGHTS, Act

_TABLE: Any = DraftRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={name: _TABLE.c[name] for name in ("changed_at", "label", "year")},
    default="-changed_at",
    unique=_TABLE.c.id,
)


async def find_draft(read: Read, draft_id: UUID) -> GridDraftOut:
    """Return one draft, with all that is wrong with it. Raises DraftNotFound."""
    return _out(read, await repository.get(read, draft_id))


async def list_drafts(read: Read, params: GridDraftListParams) -> Page[GridDraftOut]:
    """Return one page of drafts."""
    query = select(DraftRow)
    if params.year:
        query = query.where(_TABLE.c.year.in_(params.year))
    if params.q:
        query = query.where(_TABLE.c.label.icontains(params.q, autoescape=True))
    rows, cursor, total = await paginate(read, query, _ORDER, params)
    return Page(items=[_out(read, row) for row in rows], next_cursor=cursor, total=total)


async def compare_draft(read: Read, draft_id: UUID) -> ComparisonOut:
    """Put a draft beside the grid of its year, or else the latest. Raises DraftNotFound."""
    draft = repository.draft_of(await repository.get(read, draft_id))
    reference = reference_grid(draft.year)
    return ComparisonOut(
        reference_year=reference.year,
        draft_version=draft.version,
        lines=[ChangeOut.of(change) for change in compare(reference, draft.grid)],
    )


def _out(read: Read, row: DraftRow) -> GridDraftOut:
    draft = repository.draft_of(row)
    allowed, blockers = possible(_acts(read, draft))
    return GridDraftOut(
        id=row.id,
        label=row.label,
        year=row.year,
        plan=PlanBody.model_validate(draft.plan),
        defects=[GridDefectOut.model_validate(one) for one in defects(draft.grid)],
        simulated_at=row.simulated_at,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        version=row.version,
        allowed_actions=allowed,
        blockers=blockers,
    )


def _acts(read: Read, draft: Draft) -> dict[str, Refusal | None]:
    acts: dict[str, Refusal | None] = {}
    if grant_for(RIGHTS, Act.WRITE_DRAFTS, read.actor) is not None:
        acts = {"update": None, "delete": obstacle(partial(require_never_simulated, draft))}
    if grant_for(RIGHTS, Act.RUN_SIMULATIONS, read.actor) is not None:
        acts["simulate"] = obstacle(partial(require_usable, draft.grid))
    return acts
