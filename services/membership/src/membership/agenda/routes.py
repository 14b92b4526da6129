"""HTTP doors of the agenda: what anybody reads, what people write by hand, and what calendars subscribe to."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.auth import ANYONE
from common.calendars import MEDIA_TYPE
from common.dated import RuleMissing
from common.door import Door, ReadDep, TracedDoor, TxDep
from common.etags import (
    IfMatch,
    PreconditionFailed,
    PreconditionMissing,
    WrittenAfterwards,
    is_known,
    known_already,
    tag_of,
    unless_known,
    versioned,
)
from common.idempotency import NO_STORE, AnswerGivenOnce
from common.moments import HourSkipped
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.secret_addresses import SecretAddressesTooMany, SecretAddressNotFound, SecretAddressRevoked
from common.transaction import Actor, Read
from membership.agenda import documents, queries, use_cases
from membership.agenda.domain import (
    AgendaEntry,
    AgendaEntryCancelled,
    AgendaEntryElsewhere,
    AgendaEntryNotFound,
    AgendaEntryNotYours,
    AgendaEntryOver,
    AgendaKindUnknown,
    AgendaMomentPassed,
    AgendaZoneUnknown,
    last_days,
)
from membership.agenda.schemas import (
    AgendaCalendarFilters,
    AgendaCancelIn,
    AgendaCountFilters,
    AgendaEntryAmend,
    AgendaEntryIn,
    AgendaEntryOut,
    AgendaFeedGiven,
    AgendaFeedIn,
    AgendaFeedOfOut,
    AgendaFeedOut,
    AgendaFeedsOfAllParams,
    AgendaFilters,
    AgendaKindsOut,
    AgendaListParams,
    AgendaMonthsOut,
    AgendaMoveIn,
)
from membership.members.domain import DelegationUnknown
from membership.rights import Act

_TAG = "Agenda du réseau"
router = APIRouter(prefix="/agenda", tags=[_TAG], route_class=Door)
feeds_of_all = APIRouter(prefix="/agenda-feeds", tags=[_TAG], route_class=Door)
calendars = APIRouter(prefix="/agenda/calendars", tags=[_TAG], route_class=TracedDoor)

Anybody = Annotated[Grant, Depends(allow(Act.READ_AGENDA))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_AGENDA))]
MayStopFeeds = Annotated[Grant, Depends(allow(Act.STOP_AGENDA_FEEDS))]
MaySubscribe = Annotated[Grant, Depends(allow(Act.SUBSCRIBE_TO_AGENDA))]

_CHANGED = (AgendaEntryNotFound, AgendaEntryNotYours, AgendaEntryElsewhere, AgendaEntryCancelled, PreconditionMissing)
_EVERYBODYS, _ONES_OWN = "public, no-cache", "private, no-cache"
_NAME = "Coorace : l'agenda du réseau"


@router.get("", operation_id="listAgenda", summary="L'agenda", responses=problems(BadCursor, BadSort))
async def list_agenda(
    read: ReadDep, grant: Anybody, params: Annotated[AgendaListParams, Query()]
) -> Page[AgendaEntryOut]:
    """Sans jeton, ce qui est pour tout le monde ; avec un jeton, ce que ses droits montrent. Tri : starts_at."""
    return await queries.list_entries(read, grant.actor, params)


@router.get("/months", operation_id="countAgendaMonths", summary="Combien par mois")
async def count_months(
    read: ReadDep, grant: Anybody, params: Annotated[AgendaCountFilters, Query()]
) -> AgendaMonthsOut:
    """Les dates de la liste, avec les mêmes filtres, par mois de leur début."""
    return await queries.count_months(read, grant.actor, params)


@router.get("/kinds", operation_id="listAgendaKinds", summary="Ce que l'agenda montre", responses=problems(RuleMissing))
async def list_kinds(read: ReadDep, _: Anybody) -> AgendaKindsOut:
    """Les sortes de dates, les fuseaux du réseau, les délais de l'agenda."""
    return queries.list_kinds(read.today)


@router.get(
    ".ics",
    operation_id="subscribeToAgenda",
    summary="S'abonner à l'agenda (iCalendar)",
    response_class=Response,
    responses=problems(RuleMissing),
)
async def public_feed(
    request: Request, read: ReadDep, grant: Anybody, filters: Annotated[AgendaCalendarFilters, Query()]
) -> Response:
    """Sans jeton, ce qui est pour tout le monde. Les dates annulées y restent un temps, pour être retirées."""
    cache = _EVERYBODYS if grant.actor is ANYONE else _ONES_OWN
    return await _feed(request, read, grant.actor, filters, cache)


@router.get(
    "/feeds",
    operation_id="listAgendaFeeds",
    summary="Ses adresses d'abonnement",
    responses=problems(BadCursor, BadSort),
)
async def list_feeds(read: ReadDep, _: MaySubscribe, params: Annotated[PageParams, Query()]) -> Page[AgendaFeedOut]:
    """Les siennes, retirées comprises ; jamais l'adresse elle-même. Tri : created_at."""
    return await queries.list_feeds(read, params)


@router.post(
    "/feeds",
    status_code=201,
    operation_id="openAgendaFeed",
    summary="Demander une adresse d'abonnement",
    responses=problems(SecretAddressesTooMany, AnswerGivenOnce, RuleMissing),
)
async def open_feed(body: AgendaFeedIn, tx: TxDep, _: MaySubscribe, response: Response) -> AgendaFeedGiven:
    """Secrète, montrée une seule fois, aux droits du jeton d'aujourd'hui ; elle sert jusqu'à `expires_on`."""
    feed, secret = await use_cases.open_feed(tx, body.label)
    response.headers["Cache-Control"] = NO_STORE
    path = f"/membership/v1/agenda/calendars/{secret}.ics"
    return AgendaFeedGiven(**queries.feed_out(feed).model_dump(), path=path)


@router.post(
    "/feeds/{feed_id}/renew",
    operation_id="renewAgendaFeed",
    summary="Garder une adresse",
    responses=problems(SecretAddressNotFound, SecretAddressRevoked, SecretAddressesTooMany, RuleMissing),
)
async def renew_feed(feed_id: UUID, tx: TxDep, _: MaySubscribe) -> AgendaFeedOut:
    """Comme une adresse demandée aujourd'hui, durée et droits ; expirée aussi. L'adresse elle-même ne change pas."""
    await use_cases.renew_feed(tx, feed_id)
    return await queries.find_feed(tx, feed_id)


@router.post(
    "/feeds/{feed_id}/revoke",
    operation_id="revokeAgendaFeed",
    summary="Retirer une adresse",
    responses=problems(SecretAddressNotFound, SecretAddressRevoked),
)
async def revoke_feed(feed_id: UUID, tx: TxDep, _: MaySubscribe) -> AgendaFeedOut:
    """Aussitôt et pour toujours."""
    await use_cases.revoke_feed(tx, feed_id)
    return await queries.find_feed(tx, feed_id)


@feeds_of_all.get(
    "",
    operation_id="listAgendaFeedsOfAll",
    summary="Les adresses d'abonnement de chacun",
    responses=problems(BadCursor, BadSort),
)
async def list_feeds_of_all(
    read: ReadDep, _: MayStopFeeds, params: Annotated[AgendaFeedsOfAllParams, Query()]
) -> Page[AgendaFeedOfOut]:
    """Pour retirer celles de qui a changé de poste : une adresse garde ses rôles. Tri : created_at."""
    return await queries.list_feeds_of_all(read, params)


@feeds_of_all.post(
    "/{feed_id}/revoke",
    operation_id="stopAgendaFeed",
    summary="Retirer l'adresse de quelqu'un",
    responses=problems(SecretAddressNotFound, SecretAddressRevoked),
)
async def stop_feed(feed_id: UUID, tx: TxDep, _: MayStopFeeds) -> AgendaFeedOfOut:
    """Aussitôt et pour toujours ; la personne en demande une autre, aux droits de son jeton."""
    await use_cases.revoke_feed_of_somebody(tx, feed_id)
    return await queries.find_feed_of_somebody(tx, feed_id)


@calendars.get(
    "/{secret}.ics",
    operation_id="readAgendaFeed",
    summary="Un abonnement personnel (iCalendar)",
    response_class=Response,
    responses=problems(SecretAddressNotFound, RuleMissing),
)
async def personal_feed(
    request: Request, secret: str, tx: TxDep, _: Anybody, filters: Annotated[AgendaCalendarFilters, Query()]
) -> Response:
    """Sans jeton : l'adresse est le secret. Ce que montrent les droits gardés avec elle."""
    feed = await use_cases.read_feed(tx, secret)
    ends = last_days(feed, tx.today, queries.agenda_rule(tx.today))
    return await _feed(request, tx, queries.reader_of(feed), filters, _ONES_OWN, ends)


@router.post(
    "",
    status_code=201,
    operation_id="writeAgendaEntry",
    summary="Saisir une date",
    responses=problems(
        AgendaKindUnknown,
        DelegationUnknown,
        AgendaEntryNotYours,
        AgendaZoneUnknown,
        HourSkipped,
        AgendaMomentPassed,
        AgendaEntryNotFound,
    ),
)
async def write(body: AgendaEntryIn, tx: TxDep, grant: MayRun, response: Response) -> AgendaEntryOut:
    """Le réseau pour tous ou pour une délégation, une délégation pour les siens."""
    entry_id = await use_cases.write(tx, body)
    response.headers["Location"] = f"/membership/v1/agenda/{entry_id}"
    return versioned(response, await queries.find_entry(tx, grant.actor, entry_id))


@router.get(
    "/{entry_id}.ics",
    operation_id="downloadAgendaEntry",
    summary="Une date (iCalendar)",
    response_class=Response,
    responses=problems(AgendaEntryNotFound, RuleMissing),
)
async def one_calendar(request: Request, entry_id: UUID, read: ReadDep, grant: Anybody) -> Response:
    """À joindre à un courriel ; annulée, le fichier la retire des calendriers (METHOD:CANCEL)."""
    entry = await queries.entry_of(read, grant.actor, entry_id)
    body = documents.one(entry, _wording(request, read))
    cache = _EVERYBODYS if grant.actor is ANYONE else _ONES_OWN
    return unless_known(request, body, MEDIA_TYPE, cache)


@router.get("/{entry_id}", operation_id="getAgendaEntry", summary="Une date", responses=problems(AgendaEntryNotFound))
async def get_entry(entry_id: UUID, read: ReadDep, grant: Anybody, response: Response) -> AgendaEntryOut:
    """Quand, où, pour qui."""
    return versioned(response, await queries.find_entry(read, grant.actor, entry_id))


@router.patch(
    "/{entry_id}",
    operation_id="amendAgendaEntry",
    summary="Corriger",
    responses=problems(*_CHANGED, PreconditionFailed, AgendaKindUnknown),
)
async def amend(
    entry_id: UUID, body: AgendaEntryAmend, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AgendaEntryOut:
    """Ce qui est saisi ici ; ce qui vient d'ailleurs se change là-bas."""
    await use_cases.amend(tx, entry_id, if_match, body)
    return versioned(response, await queries.find_entry(tx, grant.actor, entry_id))


@router.post(
    "/{entry_id}/move",
    operation_id="moveAgendaEntry",
    summary="Déplacer",
    responses=problems(
        *_CHANGED, PreconditionFailed, AgendaEntryOver, AgendaZoneUnknown, HourSkipped, AgendaMomentPassed
    ),
)
async def move(
    entry_id: UUID, body: AgendaMoveIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AgendaEntryOut:
    """À un autre moment, ailleurs s'il est dit où ; les calendriers suivent."""
    await use_cases.move(tx, entry_id, if_match, body)
    return versioned(response, await queries.find_entry(tx, grant.actor, entry_id))


@router.post(
    "/{entry_id}/cancel",
    operation_id="cancelAgendaEntry",
    summary="Annuler",
    responses=problems(*_CHANGED, PreconditionFailed, AgendaEntryOver),
)
async def cancel(
    entry_id: UUID, body: AgendaCancelIn, tx: TxDep, grant: MayRun, response: Response, if_match: IfMatch = None
) -> AgendaEntryOut:
    """Avec la raison, que les calendriers montrent."""
    await use_cases.cancel(tx, entry_id, if_match, body.reason)
    return versioned(response, await queries.find_entry(tx, grant.actor, entry_id))


async def _feed(
    request: Request,
    read: Read,
    reader: Actor,
    filters: AgendaFilters,
    cache: str,
    ends: AgendaEntry | None = None,
) -> Response:
    """Answer a calendar: by its tag alone where nothing changed, else written off the event loop."""
    wording = _wording(request, read)
    state = await queries.state_for_calendars(read, reader, filters)
    tag = tag_of(f"{documents.writing(wording)} {state} {ends and ends.sequence}".encode())
    if is_known(request, tag):
        return known_already(tag, cache)
    entries = [*await queries.for_calendars(read, reader, filters), *([ends] if ends else [])]
    write = partial(documents.feed, _NAME, entries, wording)
    return WrittenAfterwards(write, MEDIA_TYPE, tag, cache)


def _wording(request: Request, read: Read) -> documents.Wording:
    sender = request.app.state.runtime.settings.mail_sender
    return documents.Wording(
        kinds={code: kind.label for code, kind in queries.kinds().items()},
        delegations=queries.names_of_delegations(),
        organizer_name=sender.display_name,
        organizer_mail=sender.addr_spec,
        ask_again_hours=queries.agenda_rule(read.today).ask_again_hours,
    )
