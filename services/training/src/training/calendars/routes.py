"""HTTP doors of the calendars: the addresses that are given, and what calendars read at them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from common.calendars import MEDIA_TYPE
from common.dated import RuleMissing
from common.door import Door, ReadDep, TracedDoor, TxDep
from common.etags import WrittenAfterwards, is_known, known_already, tag_of
from common.idempotency import NO_STORE, AnswerGivenOnce
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.secret_addresses import SecretAddressesTooMany, SecretAddressNotFound, SecretAddressRevoked
from training.calendars import documents, domain, use_cases
from training.calendars.queries import addresses
from training.calendars.queries.rules import calendar_rule, show_rule
from training.calendars.schemas import (
    CalendarFeedGiven,
    CalendarFeedIn,
    CalendarFeedListParams,
    CalendarFeedOut,
    CalendarRuleOut,
)
from training.members.domain import MemberMerged, MemberUnknown
from training.rights import Act
from training.trainees.domain import TraineeNotFound
from training.trainers.domain import TrainerArchived, TrainerErased, TrainerNotFound

_TAG = "Calendriers"
router = APIRouter(prefix="/calendar-feeds", tags=[_TAG], route_class=Door)
calendars = APIRouter(prefix="/calendars", tags=[_TAG], route_class=TracedDoor)

MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_CALENDAR_FEEDS))]
MayRead = Annotated[Grant, Depends(allow(Act.READ_CALENDAR_FEEDS))]
_CACHE = "private, no-cache"


@router.get(
    "",
    operation_id="listCalendarFeeds",
    summary="Les adresses d'abonnement",
    responses=problems(BadCursor, BadSort),
)
async def list_feeds(
    read: ReadDep, grant: MayKeep, params: Annotated[CalendarFeedListParams, Query()]
) -> Page[CalendarFeedOut]:
    """Une structure voit les siennes et celles qu'elle a données ; un formateur les siennes. Tri : created_at."""
    return await addresses.list_feeds(read, grant, params)


@router.get(
    "/rule", operation_id="getCalendarRule", summary="Les délais des calendriers", responses=problems(RuleMissing)
)
async def get_rule(read: ReadDep, _: MayRead) -> CalendarRuleOut:
    """Ceux d'aujourd'hui, et sur quoi ils reposent."""
    return show_rule(read.today)


@router.post(
    "",
    status_code=201,
    operation_id="openCalendarFeed",
    summary="Demander une adresse d'abonnement",
    responses=problems(
        TrainerNotFound,
        TrainerErased,
        TrainerArchived,
        TraineeNotFound,
        MemberUnknown,
        MemberMerged,
        SecretAddressesTooMany,
        AnswerGivenOnce,
        RuleMissing,
    ),
)
async def open_feed(body: CalendarFeedIn, tx: TxDep, grant: MayKeep, response: Response) -> CalendarFeedGiven:
    """Secrète, montrée une seule fois ; envoyée aussi à la personne formée qui a une adresse électronique."""
    address, path = await use_cases.open_feed(tx, grant, body)
    response.headers["Cache-Control"] = NO_STORE
    response.headers["Location"] = f"/training/v1/calendar-feeds/{address.id}"
    return CalendarFeedGiven(**addresses.feed_out(address).model_dump(), path=path)


@router.get(
    "/{feed_id}",
    operation_id="getCalendarFeed",
    summary="Une adresse d'abonnement",
    responses=problems(SecretAddressNotFound),
)
async def get_feed(feed_id: UUID, read: ReadDep, grant: MayKeep) -> CalendarFeedOut:
    """Jusqu'à quand elle sert, et quand elle a servi ; jamais l'adresse elle-même."""
    return await addresses.find_feed(read, grant, feed_id)


@router.post(
    "/{feed_id}/renew",
    operation_id="renewCalendarFeed",
    summary="Garder une adresse",
    responses=problems(SecretAddressNotFound, SecretAddressRevoked, SecretAddressesTooMany, RuleMissing),
)
async def renew(feed_id: UUID, tx: TxDep, grant: MayKeep) -> CalendarFeedOut:
    """La même, pour la durée d'une neuve ; expirée, elle sert de nouveau."""
    await use_cases.renew(tx, grant, feed_id)
    return await addresses.find_feed(tx, grant, feed_id)


@router.post(
    "/{feed_id}/revoke",
    operation_id="revokeCalendarFeed",
    summary="Retirer une adresse",
    responses=problems(SecretAddressNotFound, SecretAddressRevoked),
)
async def revoke(feed_id: UUID, tx: TxDep, grant: MayKeep) -> CalendarFeedOut:
    """Aussitôt et pour toujours ; le courriel qui la porte ne part plus, ou ne la dit plus."""
    await use_cases.revoke(tx, grant, feed_id)
    return await addresses.find_feed(tx, grant, feed_id)


@calendars.get(
    "/{secret}.ics",
    operation_id="readCalendarFeed",
    summary="Un calendrier de formation (iCalendar)",
    response_class=Response,
    responses=problems(SecretAddressNotFound, RuleMissing),
)
async def read_feed(request: Request, secret: str, tx: TxDep, _: MayRead) -> Response:
    """Sans jeton : l'adresse est le secret. Un événement par demi-journée ; personne n'y est nommé."""
    address, told = await use_cases.read_feed(tx, secret)
    rule, mailbox = calendar_rule(tx.today), request.app.state.runtime.settings.mail_sender
    sender = documents.Sender(mailbox.display_name, mailbox.addr_spec, rule.ask_again_hours)
    ends = domain.notice_from(address, rule) <= tx.now
    tag = tag_of(documents.writing(address, told, sender, ends=ends))
    if is_known(request, tag):
        return known_already(tag, _CACHE)
    return WrittenAfterwards(partial(documents.feed, address, told, rule, sender, ends=ends), MEDIA_TYPE, tag, _CACHE)
