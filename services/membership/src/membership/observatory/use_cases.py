"""What the federation's staff do with the Observatoire: publish an edition of a year, and another when it must be."""

import hashlib
from dataclasses import replace
from uuid import UUID

import orjson

from common.identifiers import new_id
from common.jobs import enqueue
from common.transaction import Tx
from membership.declarations.queries import campaign_of
from membership.observatory import queries, repository
from membership.observatory.domain import (
    Cell,
    Edition,
    EditionStatus,
    Response,
    indicators_of,
    require_explained,
)

COMPUTE = "observatory.compute"


async def ask_to_publish(tx: Tx, year: int, reason: str | None) -> UUID:
    """Ask for an edition of a year of accounts, from what is declared now; return its id.

    Raises CampaignNotFound, IndicatorsNotFound, RevisionUnexplained, EditionUnderWay.
    """
    await campaign_of(tx, year)
    earlier = await repository.editions_of(tx, year)
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

    Raises EditionNotFound, CampaignNotFound, IndicatorsNotFound, RuleMissing.
    """
    edition = await repository.get(tx, edition_id)
    held, cells = await queries.compute(tx, await campaign_of(tx, edition.year), by_delegation=True)
    responses = await queries.responses_of(tx, edition.year)
    done = replace(
        edition,
        status=EditionStatus.PUBLISHED,
        indicators=held.version,
        published_on=tx.today,
        sha256=_sealed(edition, cells, responses),
        responses=responses,
    )
    await repository.publish(tx, done, cells)
    return len(cells)


async def give_up(tx: Tx, edition_id: UUID | None) -> None:
    """Say of an edition that it could not be computed."""
    if edition_id is not None:
        await repository.fail(tx, edition_id)


def _sealed(edition: Edition, cells: list[Cell], responses: tuple[Response, ...]) -> str:
    """Return the digest of all that an edition says: whoever cites it can tell that nothing moved."""
    said = {"year": edition.year, "number": edition.number, "cells": cells, "responses": responses}
    return hashlib.sha256(orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()
