"""HTTP door of the training body: what anybody reads of it without a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.door import Door, ReadDep
from common.etags import revalidated
from common.problem import problems
from common.rights import Grant, allow
from common.types import Day
from training.config import OrganisationDep
from training.organisation import queries
from training.organisation.domain import InternalRulesMissing
from training.organisation.schemas import InternalRulesOut, OrganisationOut
from training.rights import Act

router = APIRouter(prefix="/organisation", tags=["Organisme"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.READ_ORGANISATION))]


@router.get("", operation_id="getOrganisation", summary="L'organisme de formation", response_model=OrganisationOut)
async def get_organisation(request: Request, read: ReadDep, _: Anybody, organisation: OrganisationDep) -> Response:
    """Sans jeton. Son identité, sa déclaration d'activité, ses mentions mot pour mot, et ce qui n'est pas renseigné."""
    return revalidated(request, queries.show(organisation, read.today))


@router.get(
    "/internal-rules",
    operation_id="getInternalRules",
    summary="Le règlement intérieur",
    response_model=InternalRulesOut,
    responses=problems(InternalRulesMissing),
)
async def get_internal_rules(
    request: Request,
    read: ReadDep,
    _: Anybody,
    organisation: OrganisationDep,
    on: Annotated[Day | None, Query(description="Un jour ; absent : aujourd'hui")] = None,
) -> Response:
    """Sans jeton. Celui qui vaut pour les stagiaires ce jour-là."""
    return revalidated(request, queries.find_internal_rules(organisation, on or read.today))
