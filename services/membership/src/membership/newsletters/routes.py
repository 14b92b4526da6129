"""HTTP doors of newsletters: what anybody does without a token, and what the network and the delegations send."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, revalidated, versioned
from common.openapi import apart
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from membership.newsletters import queries, use_cases
from membership.newsletters.domain import (
    ConfirmationNotFound,
    IssueNotFound,
    IssueSent,
    NewsletterClosed,
    NewsletterNameTaken,
    NewsletterNotFound,
    SubscriberNotFound,
)
from membership.newsletters.schemas import (
    ConfirmIn,
    ConsentTextOut,
    IssueIn,
    IssueOut,
    NewsletterIn,
    NewsletterListParams,
    NewsletterOut,
    PreferencesIn,
    PreferencesOut,
    PublicNewsletterOut,
    PublicNewsletterParams,
    RefusedOut,
    Secret,
    StopLinkOut,
    StoppedOut,
    SubscribeIn,
    SubscribeOut,
    SubscriberOut,
    SubscriberParams,
)
from membership.rights import Act

subscriptions = APIRouter(prefix="/newsletter-subscriptions", tags=["Abonnements aux lettres"], route_class=Door)
letters = APIRouter(prefix="/newsletters", tags=["Lettres"], route_class=Door)
issues = APIRouter(prefix="/newsletter-issues", tags=["Lettres"], route_class=Door)
subscribers = APIRouter(prefix="/newsletter-subscribers", tags=["Abonnés aux lettres"], route_class=Door)

Anybody = Annotated[Grant, Depends(allow(Act.SUBSCRIBE))]
MaySend = Annotated[Grant, Depends(allow(Act.SEND_NEWSLETTERS))]
MayHandle = Annotated[Grant, Depends(allow(Act.HANDLE_SUBSCRIBERS))]
Key = Annotated[Secret, Header(alias="Subscription-Key", description="La clé que portent les courriels, après le `#`")]
LinkKey = Annotated[Secret, Query(description="La clé que portent les liens de désabonnement")]
LinkNewsletter = Annotated[UUID | None, Query(description="La seule lettre à quitter ; à défaut, toutes")]

_VERSIONED = (PreconditionMissing, PreconditionFailed)


@subscriptions.get(
    "/newsletters",
    operation_id="listOpenNewsletters",
    summary="Les lettres auxquelles s'abonner",
    response_model=Page[PublicNewsletterOut],
    responses=problems(BadCursor, BadSort),
)
async def list_open(
    request: Request, read: ReadDep, _: Anybody, params: Annotated[PublicNewsletterParams, Query()]
) -> Response:
    """Sans jeton. Les nationales et celles des délégations ; tri : name."""
    return revalidated(request, await queries.list_open(read, params))


@subscriptions.get(
    "/text",
    operation_id="getNewsletterConsent",
    summary="Ce à quoi l'on consent",
    response_model=ConsentTextOut,
    responses=problems(RuleMissing),
)
async def get_text(request: Request, read: ReadDep, _: Anybody) -> Response:
    """Sans jeton. Le texte à montrer avant de s'abonner ; sa version est gardée avec l'abonnement."""
    return revalidated(request, queries.consent_text(read))


@subscriptions.post(
    "",
    status_code=202,
    operation_id="subscribe",
    openapi_extra=apart("travail", "Rien à suivre : un courriel part, ou non, et la réponse ne dit pas lequel."),
    summary="Demander à s'abonner",
    responses=problems(NewsletterNotFound, RuleMissing),
)
async def subscribe(body: SubscribeIn, tx: TxDep, _: Anybody) -> SubscribeOut:
    """Sans jeton. Un courriel demande de confirmer, un par jour au plus ; rien ne dit si l'adresse est connue."""
    await use_cases.subscribe(tx, body)
    return SubscribeOut(
        message="Si cette adresse n'est pas abonnée, ni sollicitée aujourd'hui, ni laissée en paix après des demandes"
        " sans suite, un courriel lui demande de confirmer."
    )


@subscriptions.post(
    "/confirm",
    operation_id="confirmSubscription",
    summary="Confirmer un abonnement",
    responses=problems(ConfirmationNotFound, NewsletterClosed, SubscriberNotFound),
)
async def confirm(body: ConfirmIn, tx: TxDep, _: Anybody) -> PreferencesOut:
    """Sans jeton. Un POST : ce qui analyse les courriels suit les liens, et ne confirme donc rien."""
    return await queries.preferences_of(tx, await use_cases.confirm(tx, body.token))


@subscriptions.post("/refuse", operation_id="refuseSubscription", summary="Dire que ce n'est pas soi")
async def refuse(key: Key, tx: TxDep, _: Anybody) -> RefusedOut:
    """Sans jeton, par la clé du courriel de confirmation. L'adresse est effacée, et plus rien ne lui est écrit pendant
    le délai que dit ce courriel ; ce qu'elle avait confirmé avant se choisit par les préférences."""
    await use_cases.refuse(tx, key)
    return RefusedOut(message="C'est noté : cette demande est effacée.")


@subscriptions.get(
    "/preferences",
    operation_id="getPreferences",
    summary="Les lettres que l'on reçoit",
    responses=problems(SubscriberNotFound),
)
async def get_preferences(key: Key, read: ReadDep, _: Anybody) -> PreferencesOut:
    """Sans jeton, par la clé que portent les courriels ; l'adresse est masquée."""
    return await queries.preferences_by_key(read, key)


@subscriptions.post(
    "/preferences",
    operation_id="choosePreferences",
    summary="Choisir les lettres que l'on reçoit",
    responses=problems(SubscriberNotFound, NewsletterNotFound, RuleMissing),
)
async def choose(key: Key, body: PreferencesIn, tx: TxDep, _: Anybody) -> PreferencesOut:
    """Sans jeton. Celles-ci et aucune autre ; une liste vide arrête tout."""
    return await queries.preferences_of(tx, await use_cases.choose(tx, key, body.newsletters))


@subscriptions.get("/stop", operation_id="showStop", summary="Ce que fait le lien d'arrêt")
async def show_stop(key: LinkKey, _: Anybody, newsletter: LinkNewsletter = None) -> StopLinkOut:
    """Sans jeton. Rien n'est arrêté : ce qui analyse les courriels suit les liens. L'arrêt est un POST, ici même."""
    return StopLinkOut(
        message="Rien n'est arrêté : ce lien ne fait que s'ouvrir. Pour arrêter, prenez « Se désabonner » dans votre"
        " messagerie (elle envoie un POST à cette adresse), ou la page de préférences au bas de chaque courriel."
    )


@subscriptions.post("/stop", operation_id="stopSubscription", summary="Arrêter en un clic")
async def stop(key: LinkKey, tx: TxDep, _: Anybody, newsletter: LinkNewsletter = None) -> StoppedOut:
    """Sans jeton (RFC 8058). Sans `newsletter`, toutes ; ce qui est arrêté le reste, et la réponse est la même."""
    await use_cases.stop(tx, key, newsletter)
    return StoppedOut(message="C'est arrêté.")


@letters.get(
    "", operation_id="listNewsletters", summary="Les lettres que l'on envoie", responses=problems(BadCursor, BadSort)
)
async def list_letters(
    read: ReadDep, grant: MaySend, params: Annotated[NewsletterListParams, Query()]
) -> Page[NewsletterOut]:
    """Avec le nombre d'abonnés de chacune. Tri : name."""
    return await queries.list_sent(read, grant, params)


@letters.post(
    "",
    status_code=201,
    operation_id="openNewsletter",
    summary="Ouvrir une lettre",
    responses=problems(NewsletterNotFound, NewsletterNameTaken),
)
async def open_newsletter(body: NewsletterIn, tx: TxDep, grant: MaySend, response: Response) -> NewsletterOut:
    """Nationale, par le réseau ; d'une délégation, par elle-même ou le réseau."""
    newsletter_id = await use_cases.open_newsletter(tx, grant, body)
    response.headers["Location"] = f"/membership/v1/newsletters/{newsletter_id}"
    return versioned(response, await queries.find_letter(tx, grant, newsletter_id))


@letters.get(
    "/{newsletter_id}",
    operation_id="getNewsletter",
    summary="Une lettre",
    responses=problems(NewsletterNotFound),
)
async def get_letter(newsletter_id: UUID, read: ReadDep, grant: MaySend, response: Response) -> NewsletterOut:
    """Et combien l'ont demandée, confirmée, arrêtée."""
    return versioned(response, await queries.find_letter(read, grant, newsletter_id))


@letters.post(
    "/{newsletter_id}/close",
    operation_id="closeNewsletter",
    summary="Clore une lettre",
    responses=problems(NewsletterNotFound, NewsletterClosed, *_VERSIONED),
)
async def close_newsletter(
    newsletter_id: UUID, tx: TxDep, grant: MaySend, response: Response, if_match: IfMatch = None
) -> NewsletterOut:
    """Plus d'abonnement, plus d'envoi ; ses abonnés y restent inscrits jusqu'à ce qu'ils arrêtent."""
    await use_cases.close_newsletter(tx, grant, newsletter_id, if_match)
    return versioned(response, await queries.find_letter(tx, grant, newsletter_id))


@letters.get(
    "/{newsletter_id}/issues",
    operation_id="listIssues",
    summary="Les numéros d'une lettre",
    responses=problems(NewsletterNotFound, BadCursor, BadSort),
)
async def list_issues(
    newsletter_id: UUID, read: ReadDep, grant: MaySend, params: Annotated[PageParams, Query()]
) -> Page[IssueOut]:
    """Du plus récent au plus ancien. Tri : created_at."""
    return await queries.list_issues(read, grant, newsletter_id, params)


@letters.post(
    "/{newsletter_id}/issues",
    status_code=201,
    operation_id="writeIssue",
    summary="Écrire un numéro",
    responses=problems(NewsletterNotFound, NewsletterClosed, IssueNotFound),
)
async def write_issue(newsletter_id: UUID, body: IssueIn, tx: TxDep, grant: MaySend, response: Response) -> IssueOut:
    """Un titre, un texte simple, un lien s'il y en a un ; rien ne part encore."""
    issue_id = await use_cases.write_issue(tx, grant, newsletter_id, body)
    response.headers["Location"] = f"/membership/v1/newsletter-issues/{issue_id}"
    return versioned(response, await queries.find_issue(tx, grant, issue_id))


@issues.get("/{issue_id}", operation_id="getIssue", summary="Un numéro", responses=problems(IssueNotFound))
async def get_issue(issue_id: UUID, read: ReadDep, grant: MaySend, response: Response) -> IssueOut:
    """Ce qu'il dit, et combien l'ont reçu."""
    return versioned(response, await queries.find_issue(read, grant, issue_id))


@issues.put(
    "/{issue_id}",
    operation_id="amendIssue",
    summary="Récrire un numéro",
    responses=problems(IssueNotFound, IssueSent, NewsletterClosed, *_VERSIONED),
)
async def amend_issue(
    issue_id: UUID, body: IssueIn, tx: TxDep, grant: MaySend, response: Response, if_match: IfMatch = None
) -> IssueOut:
    """Tant qu'il n'est pas parti."""
    await use_cases.amend_issue(tx, grant, issue_id, if_match, body)
    return versioned(response, await queries.find_issue(tx, grant, issue_id))


@issues.post(
    "/{issue_id}/send",
    status_code=202,
    operation_id="sendIssue",
    summary="Envoyer un numéro",
    responses=problems(IssueNotFound, IssueSent, NewsletterClosed, *_VERSIONED),
)
async def send_issue(
    issue_id: UUID, tx: TxDep, grant: MaySend, response: Response, if_match: IfMatch = None
) -> IssueOut:
    """À qui est confirmé au moment de l'envoi, une fois chacun ; avancement et reçu : le travail `job_id`."""
    await use_cases.send_issue(tx, grant, issue_id, if_match)
    sent = await queries.find_issue(tx, grant, issue_id)
    response.headers["Location"] = f"/membership/v1/jobs/{sent.job_id}"
    return versioned(response, sent)


@subscribers.get(
    "/find",
    operation_id="findSubscriber",
    summary="Tout ce que l'on sait d'une adresse",
    responses=problems(SubscriberNotFound),
)
async def find_subscriber(read: ReadDep, _: MayHandle, params: Annotated[SubscriberParams, Query()]) -> SubscriberOut:
    """À remettre à qui le demande (RGPD, article 15). Une adresse à la fois : il n'y a ni liste ni export."""
    return await queries.find_by_address(read, params.email)


@subscribers.post(
    "/{subscriber_id}/erase",
    operation_id="eraseSubscriber",
    summary="Effacer une adresse",
    responses=problems(SubscriberNotFound),
)
async def erase(subscriber_id: UUID, tx: TxDep, _: MayHandle) -> SubscriberOut:
    """Tout s'arrête, et rien ne la reconnaît plus."""
    return await queries.subscriber_out(tx, await use_cases.erase(tx, subscriber_id))
