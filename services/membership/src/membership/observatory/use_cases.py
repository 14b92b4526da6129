"""What the federation's staff do with the Observatoire: publish an edition of a year, and another when it must be."""

import hashlib
from dataclasses import replace
from uuid import UUID

from sqlalchemy import FromClause

from common.dated import rule_on
from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from membership.declarations.domain import Campaign
from membership.declarations.queries import campaign_of
from membership.observatory import queries, repository
from membership.observatory.domain import (
    Asked,
    Cell,
    Edition,
    EditionStatus,
    changes,
    families,
    indicators_of,
    require_closed,
    require_explained,
    revised,
)

COMPUTE = "observatory.compute"


async def ask_to_publish(tx: Tx, year: int, reason: str | None) -> UUID:
    """Ask for an edition of a year of accounts, from what is declared when it is computed; return its id.

    Raises CampaignNotFound, CampaignStillOpen, IndicatorsNotFound, RevisionUnexplained, EditionUnderWay.
    """
    require_closed(await campaign_of(tx, year))
    earlier = max(await repository.published_of(tx, year), default=0)
    require_explained(earlier, reason)
    edition = Edition(
        id=new_id(),
        year=year,
        number=earlier + 1,
        status=EditionStatus.COMPUTING,
        indicators=indicators_of(queries.indicator_sets(), year).version,
        asked_at=tx.now,
        asked_by=tx.actor.subject,
        reason=reason,
    )
    await repository.add(tx, edition, await enqueue(tx, COMPUTE, subject_id=edition.id))
    return edition.id


async def publish(tx: Tx, edition_id: UUID) -> int:
    """Compute an edition, seal and publish it; return how many figures it holds.

    Raises EditionNotFound, CampaignNotFound, QuestionnaireNotFound, IndicatorsNotFound, RuleMissing.
    """
    edition = await repository.get(tx, edition_id)
    await repository.still(tx)
    campaign = await campaign_of(tx, edition.year)
    asked, cells = await queries.compute(tx, campaign, by_delegation=True)
    resting = repository.resting_on(edition.year, asked)
    told = await _told(tx, campaign, cells, asked, resting)
    done = replace(
        edition,
        status=EditionStatus.PUBLISHED,
        indicators=asked.held.version,
        published_on=tx.today,
        responses=await queries.responses_of(tx, edition.year, told),
    )
    document = queries.document(done, asked.held, told).model_dump_json()
    sealed = replace(done, sha256=hashlib.sha256(document.encode()).hexdigest())
    await repository.publish(tx, sealed, told, document, resting)
    return len(told)


async def give_up(tx: Tx, edition_id: UUID | None) -> None:
    """Say of an edition that it could not be computed."""
    if edition_id is not None:
        await repository.fail(tx, edition_id)


async def _told(tx: Tx, campaign: Campaign, cells: list[Cell], asked: Asked, resting: FromClause) -> list[Cell]:
    """Return what an edition may tell beside those before it, if there are any. Raises RuleMissing."""
    editions = await repository.published_of(tx, campaign.year)
    if not editions:
        return cells
    last = editions[max(editions)]
    before = [
        replace(cell, kept_from=cell.kept_from or last.number) for _, cell in await repository.cells_of(tx, [last.id])
    ]
    since = {}
    for number in {last.number, *(cell.kept_from for cell in before if cell.kept_from)}:
        then = queries.asked_in(campaign, editions[number].indicators)
        since[number] = changes(*await repository.differences(tx, editions[number], then.codes, resting, asked.codes))
    rests_on = {(cell.scope, cell.indicator): cell.kept_from or last.number for cell in before}
    keys = since[last.number].keys() | rests_on.keys()
    changed = {key: found for key in keys if (found := since[rests_on.get(key, last.number)].get(key))}
    return revised(cells, before, changed, rule_on(queries.secrecy_rules(), tx.today), families(asked.indicators))
