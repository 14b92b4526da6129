"""Preparing a grid for the vote: begin it, write it again, throw it away, look at what it would do."""

from functools import partial
from uuid import UUID

from pydantic import TypeAdapter

from common.etags import check_version
from common.transaction import Tx
from dues.drafts import repository
from dues.drafts.domain import BLANK, Draft, Plan, plan_of, require_never_simulated
from dues.drafts.queries import find_draft
from dues.drafts.schemas import GridDraftIn, GridDraftNew
from dues.grids.domain import require_usable
from dues.grids.queries import grid_of

_PLAN = TypeAdapter(Plan)


async def begin(tx: Tx, given: GridDraftNew) -> UUID:
    """Begin a draft from the grid of a year, or from nothing. Raises GridNotFound."""
    plan = BLANK if given.from_year is None else plan_of(grid_of(given.from_year))
    return await repository.add(tx, given.label, given.year, plan)


async def rewrite(tx: Tx, draft_id: UUID, if_match: str | None, given: GridDraftIn) -> None:
    """Write a draft again, whole; it may be unusable. Raises DraftNotFound."""
    row = await repository.get(tx, draft_id, for_update=True)
    await check_version(if_match, row.version, partial(find_draft, tx, draft_id))
    await repository.save(tx, row, given.label, given.year, _PLAN.validate_python(given.plan.model_dump()))


async def throw_away(tx: Tx, draft_id: UUID, if_match: str | None) -> None:
    """Delete a draft that was never simulated. Raises DraftNotFound, DraftSimulated."""
    row = await repository.get(tx, draft_id, for_update=True)
    await check_version(if_match, row.version, partial(find_draft, tx, draft_id))
    require_never_simulated(repository.draft_of(row))
    await repository.drop(tx, draft_id)


async def take_to_simulate(tx: Tx, draft_id: UUID) -> Draft:
    """Return a draft that can be applied, noting that its effects are looked at. Raises DraftNotFound, GridUnusable."""
    row = await repository.get(tx, draft_id, for_update=True)
    draft = repository.draft_of(row)
    require_usable(draft.grid)
    await repository.note_simulated(tx, row)
    return draft
