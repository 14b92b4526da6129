"""HTTP door of the catalogue of accompaniments and of its slots."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.accompaniments import queries, use_cases
from membership.accompaniments.domain import (
    AccompanimentClosed,
    AccompanimentKindUnknown,
    AccompanimentNotFound,
    AccompanimentNotYours,
    AccompanimentOpen,
    AdviserBusy,
    SlotInPast,
    SlotsOutOfBounds,
    SlotZoneUnknown,
)
from membership.accompaniments.schemas import (
    AccompanimentAmend,
    AccompanimentIn,
    AccompanimentKindsOut,
    AccompanimentListParams,
    AccompanimentOut,
    HolidayOut,
    SlotsIn,
    SlotsOut,
)
from membership.members.domain import DelegationUnknown
from membership.rights import Act

router = APIRouter(prefix="/accompaniments", tags=["Accompagnements"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ACCOMPANIMENTS))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ACCOMPANIMENTS))]
_CHANGED = (AccompanimentNotFound, AccompanimentNotYours, PreconditionMissing, PreconditionFailed)


@router.get(
    "/kinds",
    operation_id="listAccompanimentKinds",
    summary="Les types d'accompagnement",
    responses=problems(RuleMissing),
)
async def list_kinds(read: ReadDep, _: MayRead) -> AccompanimentKindsOut:
    """Définis au niveau national, avec la règle de réservation d'aujourd'hui."""
    return queries.list_kinds(read.today)


@router.get(
    "",
    operation_id="listAccompaniments",
    summary="Le catalogue",
    responses=problems(BadCursor, BadSort),
)
async def list_offers(
    read: ReadDep, grant: MayRead, params: Annotated[AccompanimentListParams, Query()]
) -> Page[AccompanimentOut]:
    """Les accompagnements du réseau et de sa délégation, avec leurs prochaines places libres. Tris : kind, title."""
    return await queries.list_offers(read, grant, params)


@router.post(
    "",
    status_code=201,
    operation_id="offerAccompaniment",
    summary="Offrir un accompagnement",
    responses=problems(AccompanimentNotFound, AccompanimentKindUnknown, DelegationUnknown, AccompanimentNotYours),
)
async def offer(body: AccompanimentIn, tx: TxDep, grant: MayRun, response: Response) -> AccompanimentOut:
    """De sa délégation ; le réseau, d'une délégation ou de toutes. Il est ouvert à la réservation."""
    offer_id = await use_cases.offer(tx, body)
    response.headers["Location"] = f"/membership/v1/accompaniments/{offer_id}"
    return versioned(response, await queries.find_offer(tx, grant, offer_id))


@router.get(
    "/{offer_id}",
    operation_id="getAccompaniment",
    summary="Un accompagnement",
    responses=problems(AccompanimentNotFound),
)
async def get_offer(offer_id: UUID, read: ReadDep, grant: MayRead, response: Response) -> AccompanimentOut:
    """Ce qu'il promet, comment s'y préparer, et quand une place est libre."""
    return versioned(response, await queries.find_offer(read, grant, offer_id))


@router.patch(
    "/{offer_id}",
    operation_id="amendAccompaniment",
    summary="Changer ce qui est promis",
    responses=problems(*_CHANGED),
)
async def amend(
    offer_id: UUID, body: AccompanimentAmend, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AccompanimentOut:
    """Vaut pour les réservations à venir : celles qui sont faites gardent l'édition qui leur a été promise."""
    await use_cases.amend(tx, grant, offer_id, if_match, body)
    return versioned(response, await queries.find_offer(tx, grant, offer_id))


@router.post(
    "/{offer_id}/close",
    operation_id="closeAccompaniment",
    summary="Fermer à la réservation",
    responses=problems(*_CHANGED, AccompanimentClosed),
)
async def close(
    offer_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AccompanimentOut:
    """Les structures ne le voient plus ; les places déjà réservées le restent."""
    await use_cases.close(tx, grant, offer_id, if_match)
    return versioned(response, await queries.find_offer(tx, grant, offer_id))


@router.post(
    "/{offer_id}/reopen",
    operation_id="reopenAccompaniment",
    summary="Rouvrir à la réservation",
    responses=problems(*_CHANGED, AccompanimentOpen),
)
async def reopen(
    offer_id: UUID, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AccompanimentOut:
    """Les créneaux à venir qui n'ont pas été annulés se réservent de nouveau."""
    await use_cases.reopen(tx, grant, offer_id, if_match)
    return versioned(response, await queries.find_offer(tx, grant, offer_id))


@router.post(
    "/{offer_id}/slots",
    status_code=201,
    operation_id="openAccompanimentSlots",
    summary="Ouvrir des créneaux",
    responses=problems(
        AccompanimentNotFound,
        AccompanimentNotYours,
        AccompanimentClosed,
        SlotZoneUnknown,
        SlotInPast,
        SlotsOutOfBounds,
        AdviserBusy,
        RuleMissing,
    ),
)
async def open_slots(offer_id: UUID, body: SlotsIn, tx: TxDep, grant: MayRun) -> SlotsOut:
    """Un seul, ou une série : tous ou aucun. Les jours fériés de l'endroit sont laissés ; `dry_run=true` les montre."""
    opened, planned = await use_cases.open_slots(tx, grant, offer_id, body)
    offered = await queries.offer_of(tx, grant, offer_id)
    items = queries.show_slots(tx, [(slot, offered) for slot in opened])
    return SlotsOut(items=items, left_out=[HolidayOut(day=day, name=name) for day, name in planned.left_out])
