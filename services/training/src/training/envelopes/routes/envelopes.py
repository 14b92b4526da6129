"""HTTP door of the envelopes, of what moves in them and of what is reserved on them."""

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
from common.tabular import export_response
from training.envelopes import domain, queries, use_cases
from training.envelopes.domain import EnvelopeNotFound, ReservationNotFound
from training.envelopes.schemas import (
    EnvelopeBalanceOut,
    EnvelopeBalanceParams,
    EnvelopeContributionIn,
    EnvelopeCorrectionIn,
    EnvelopeExportParams,
    EnvelopeIn,
    EnvelopeListParams,
    EnvelopeMovementOut,
    EnvelopeOut,
    EnvelopeReservationIn,
    EnvelopeReservationOut,
    MovementExportParams,
    MovementListParams,
    ReservationExportParams,
    ReservationListParams,
    ReservationReturnIn,
    ReservationUseIn,
)
from training.members.domain import MemberMerged, MemberUnknown
from training.rights import Act

router = APIRouter(prefix="/funding", tags=["Enveloppes"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ENVELOPES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ENVELOPES))]
_SEEN = (PreconditionMissing, PreconditionFailed)
_MEMBER = (MemberUnknown, MemberMerged)
_LISTED = problems(BadCursor, BadSort)
_USED = problems(EnvelopeNotFound, ReservationNotFound, domain.ReservationShort, domain.EnvelopeShort, *_SEEN)


@router.get("/envelopes", operation_id="listEnvelopes", summary="Les enveloppes", responses=_LISTED)
async def list_envelopes(
    read: ReadDep, _: MayRead, params: Annotated[EnvelopeListParams, Query()]
) -> Page[EnvelopeOut]:
    """`expires_before` : celles qui ont de l'argent et se closent. Tris : closes_on, opens_on, year, title."""
    return await queries.list_envelopes(read, params)


@router.post(
    "/envelopes",
    status_code=201,
    operation_id="createEnvelope",
    summary="Écrire une enveloppe",
    responses=problems(*domain.SAID, RuleMissing),
)
async def create_envelope(body: EnvelopeIn, tx: TxDep, _: MayRun, response: Response) -> EnvelopeOut:
    """Vide : ce qui y vient se note ensuite."""
    envelope_id = await use_cases.create_envelope(tx, body)
    response.headers["Location"] = f"/training/v1/funding/envelopes/{envelope_id}"
    return versioned(response, await queries.find_envelope(tx, envelope_id))


@router.get(
    "/envelopes/export", operation_id="exportEnvelopes", summary="Export des enveloppes", response_class=Response
)
async def export_envelopes(read: ReadDep, _: MayRead, params: Annotated[EnvelopeExportParams, Query()]) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres."""
    lines = await queries.export_envelopes(read, params)
    return await export_response(params.format, "enveloppes", queries.ENVELOPES_HEADER, lines)


@router.get(
    "/envelopes/{envelope_id}",
    operation_id="getEnvelope",
    summary="Une enveloppe",
    responses=problems(EnvelopeNotFound),
)
async def get_envelope(envelope_id: UUID, read: ReadDep, _: MayRead, response: Response) -> EnvelopeOut:
    """Ses règles, et où en est son argent."""
    return versioned(response, await queries.find_envelope(read, envelope_id))


@router.put(
    "/envelopes/{envelope_id}",
    operation_id="changeEnvelope",
    summary="Corriger une enveloppe",
    responses=problems(EnvelopeNotFound, domain.EnvelopeInUse, *domain.SAID, RuleMissing, *_SEEN),
)
async def change_envelope(
    envelope_id: UUID, body: EnvelopeIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> EnvelopeOut:
    """Une fois quelque chose réservé, seuls le titre et le dernier jour changent encore."""
    await use_cases.change_envelope(tx, envelope_id, if_match, body)
    return versioned(response, await queries.find_envelope(tx, envelope_id))


@router.get(
    "/envelopes/{envelope_id}/balance",
    operation_id="getEnvelopeBalance",
    summary="Une enveloppe à un instant",
    responses=problems(EnvelopeNotFound),
)
async def get_balance(
    envelope_id: UUID, read: ReadDep, _: MayRead, params: Annotated[EnvelopeBalanceParams, Query()]
) -> EnvelopeBalanceOut:
    """La somme de ses mouvements jusque-là, par nature ; jamais négative."""
    return await queries.balance(read, envelope_id, params)


@router.post(
    "/envelopes/{envelope_id}/contributions",
    status_code=201,
    operation_id="contributeToEnvelope",
    summary="Noter de l'argent venu",
    responses=problems(
        EnvelopeNotFound, domain.EnvelopeClosed, domain.EnvelopeShort, domain.ContributionDayWrong, *_MEMBER
    ),
)
async def contribute(
    envelope_id: UUID, body: EnvelopeContributionIn, tx: TxDep, grant: MayRun, response: Response
) -> EnvelopeOut:
    """Le versement d'une structure affiliée se note sur son affiliation."""
    await use_cases.contribute(tx, grant, envelope_id, body)
    return versioned(response, await queries.find_envelope(tx, envelope_id))


@router.post(
    "/envelopes/{envelope_id}/corrections",
    status_code=201,
    operation_id="correctEnvelope",
    summary="Corriger ce qui est venu",
    responses=problems(EnvelopeNotFound, domain.EnvelopeShort, domain.CorrectionWrong),
)
async def correct(
    envelope_id: UUID, body: EnvelopeCorrectionIn, tx: TxDep, _: MayRun, response: Response
) -> EnvelopeOut:
    """D'une différence, et pas au-dessous de ce qui est réservé ou consommé."""
    await use_cases.correct(tx, envelope_id, body)
    return versioned(response, await queries.find_envelope(tx, envelope_id))


@router.post(
    "/envelopes/{envelope_id}/reservations",
    status_code=201,
    operation_id="reserveOnEnvelope",
    summary="Réserver à la main",
    responses=problems(EnvelopeNotFound, domain.EnvelopeNotOpen, domain.EnvelopeShort, *_MEMBER),
)
async def reserve(
    envelope_id: UUID, body: EnvelopeReservationIn, tx: TxDep, grant: MayRun, response: Response
) -> EnvelopeReservationOut:
    """Pour ce que rien d'autre ne réserve."""
    reservation_id = await use_cases.reserve_by_hand(tx, grant, envelope_id, body)
    response.headers["Location"] = f"/training/v1/funding/reservations/{reservation_id}"
    return versioned(response, await queries.find_reservation(tx, reservation_id))


@router.get("/movements", operation_id="listEnvelopeMovements", summary="Les mouvements", responses=_LISTED)
async def list_movements(
    read: ReadDep, _: MayRead, params: Annotated[MovementListParams, Query()]
) -> Page[EnvelopeMovementOut]:
    """Ce dont chaque solde est la somme. Tri : recorded_at."""
    return await queries.list_movements(read, params)


@router.get(
    "/movements/export",
    operation_id="exportEnvelopeMovements",
    summary="Export des mouvements",
    response_class=Response,
)
async def export_movements(read: ReadDep, _: MayRead, params: Annotated[MovementExportParams, Query()]) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres, du plus ancien au plus récent."""
    lines = await queries.export_movements(read, params)
    return await export_response(params.format, "mouvements-enveloppes", queries.MOVEMENTS_HEADER, lines)


@router.get("/reservations", operation_id="listEnvelopeReservations", summary="Les réservations", responses=_LISTED)
async def list_reservations(
    read: ReadDep, _: MayRead, params: Annotated[ReservationListParams, Query()]
) -> Page[EnvelopeReservationOut]:
    """`idle_days` donne celles qui dorment. Tri : reserved_on."""
    return await queries.list_reservations(read, params)


@router.get(
    "/reservations/export",
    operation_id="exportEnvelopeReservations",
    summary="Export des réservations",
    response_class=Response,
)
async def export_reservations(
    read: ReadDep, _: MayRead, params: Annotated[ReservationExportParams, Query()]
) -> Response:
    """Les mêmes que la liste, avec les mêmes filtres."""
    lines = await queries.export_reservations(read, params)
    return await export_response(params.format, "reservations", queries.RESERVATIONS_HEADER, lines)


@router.get(
    "/reservations/{reservation_id}",
    operation_id="getEnvelopeReservation",
    summary="Une réservation",
    responses=problems(ReservationNotFound),
)
async def get_reservation(
    reservation_id: UUID, read: ReadDep, _: MayRead, response: Response
) -> EnvelopeReservationOut:
    """Ce qui fut réservé, et ce que c'est devenu."""
    return versioned(response, await queries.find_reservation(read, reservation_id))


@router.post(
    "/reservations/{reservation_id}/release",
    operation_id="releaseReservation",
    summary="Libérer une réservation",
    responses=_USED,
)
async def release(
    reservation_id: UUID, body: ReservationUseIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> EnvelopeReservationOut:
    """En tout ou en partie : c'est de nouveau disponible."""
    await use_cases.release_reservation(tx, reservation_id, if_match, body)
    return versioned(response, await queries.find_reservation(tx, reservation_id))


@router.post(
    "/reservations/{reservation_id}/consume",
    operation_id="consumeReservation",
    summary="Consommer une réservation",
    responses=_USED,
)
async def consume(
    reservation_id: UUID, body: ReservationUseIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> EnvelopeReservationOut:
    """En tout ou en partie, aussi après la clôture de l'enveloppe."""
    await use_cases.consume_reservation(tx, reservation_id, if_match, body)
    return versioned(response, await queries.find_reservation(tx, reservation_id))


@router.post(
    "/reservations/{reservation_id}/return",
    operation_id="returnConsumption",
    summary="Noter une consommation rendue",
    responses=problems(EnvelopeNotFound, ReservationNotFound, domain.ReservationUnspent, domain.EnvelopeShort, *_SEEN),
)
async def give_back(
    reservation_id: UUID, body: ReservationReturnIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> EnvelopeReservationOut:
    """C'est de nouveau disponible."""
    await use_cases.return_consumption(tx, reservation_id, if_match, body)
    return versioned(response, await queries.find_reservation(tx, reservation_id))
