"""HTTP door of general assemblies."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from common.dated import RuleMissing
from common.documents import pdf_response
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.files import FileMissing
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from membership.assemblies import domain, queries, schemas, use_cases
from membership.assemblies.documents import print_minutes
from membership.assemblies.schemas import AssemblyLine, AssemblyOut, ParticipantOut, VoterOut
from membership.board.domain import HoldsAnotherSeat, SeatFilledLater, TooManyElected
from membership.contacts.domain import ContactNotFound, ContactOfAnother
from membership.electoral_roll.domain import ContestOpen, ContestWindowOpen, RollNotFound
from membership.members.domain import MemberNotFound
from membership.rights import Act

router = APIRouter(prefix="/assemblies", tags=["Assemblées générales"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_ASSEMBLIES))]
MayRun = Annotated[Grant, Depends(allow(Act.RUN_ASSEMBLIES))]
MayActForItself = Annotated[Grant, Depends(allow(Act.TAKE_PART))]
_HELD = (domain.AssemblyNotFound, domain.AssemblyState, RuleMissing)
_VERSIONED = (*_HELD, PreconditionMissing, PreconditionFailed)
_PERSON = (MemberNotFound, domain.NotEntitled, ContactNotFound, ContactOfAnother)
_VOTED = (
    domain.ItemNotFound, domain.ItemOfAnotherKind, domain.ItemVoted, domain.AssemblyWithoutQuorum,
    domain.TallyInconsistent,
)  # fmt: skip
_SEATED = (TooManyElected, SeatFilledLater, HoldsAnotherSeat)
_STANDING = (domain.CandidateOutside, HoldsAnotherSeat, domain.CandidacyExists, domain.CandidacyElsewhere)
_GIVEN = (
    domain.ProxyTooLate, domain.ProxyToOneself, domain.ProxyGiven, domain.ProxyChained, domain.ProxyOutside,
    domain.HolderUnavailable, domain.TooManyProxies,
)  # fmt: skip
_AT_THE_DESK = (domain.AssemblyDayToCome, domain.MomentOutside)
_AGENDA = (domain.SecondAgenda, domain.ItemInconsistent, domain.SeatsTwice, domain.MajorityUnknown)
_OPENING = (domain.AssemblyDayToCome, domain.RollMissing, RollNotFound, ContestOpen, ContestWindowOpen)


@router.get("", operation_id="listAssemblies", summary="Les assemblées", responses=problems(BadCursor, BadSort))
async def list_assemblies(
    read: ReadDep, _: MayRead, params: Annotated[schemas.AssemblyListParams, Query()]
) -> Page[AssemblyLine]:
    """De la plus récente à la plus ancienne. Tri : held_on."""
    return await queries.list_assemblies(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="prepareAssembly",
    summary="Préparer une assemblée",
    responses=problems(domain.AssemblyNotFound, domain.NotSecond, RuleMissing),
)
async def prepare(body: schemas.AssemblyIn, tx: TxDep, _: MayRun, response: Response) -> AssemblyOut:
    """Ou la seconde convocation d'une assemblée close faute de quorum."""
    assembly_id = await use_cases.prepare(tx, body)
    response.headers["Location"] = f"/membership/v1/assemblies/{assembly_id}"
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.get(
    "/{assembly_id}",
    operation_id="getAssembly",
    summary="Une assemblée",
    responses=problems(domain.AssemblyNotFound, RuleMissing),
)
async def get_assembly(assembly_id: UUID, read: ReadDep, _: MayRead, response: Response) -> AssemblyOut:
    """Son ordre du jour, la salle et le quorum à cet instant, les résultats, les mandats."""
    return versioned(response, await queries.find_assembly(read, assembly_id))


@router.patch(
    "/{assembly_id}",
    operation_id="amendAssembly",
    summary="Corriger",
    responses=problems(*_VERSIONED, domain.NotSecond),
)
async def amend(
    assembly_id: UUID, body: schemas.AssemblyAmend, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> AssemblyOut:
    """Le titre, le jour, le lieu, tant que l'assemblée est en préparation ; le lieu, jusqu'à l'ouverture."""
    await use_cases.amend(tx, assembly_id, if_match, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.put(
    "/{assembly_id}/agenda",
    operation_id="setAssemblyAgenda",
    summary="Écrire l'ordre du jour",
    responses=problems(*_VERSIONED, *_AGENDA),
)
async def set_agenda(
    assembly_id: UUID,
    body: schemas.AssemblyAgendaIn,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AssemblyOut:
    """En entier, dans son ordre, avant la convocation : résolutions et élections."""
    await use_cases.set_agenda(tx, assembly_id, if_match, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/convene",
    operation_id="conveneAssembly",
    summary="Convoquer",
    responses=problems(*_VERSIONED, domain.ConveningInconsistent, domain.AssemblyAgendaEmpty, domain.ConvenedTooLate),
)
async def convene(
    assembly_id: UUID,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
    body: schemas.ConveningIn | None = None,
) -> AssemblyOut:
    """L'ordre du jour ne change plus, et le jour de la liste électorale est fixé."""
    await use_cases.convene(tx, assembly_id, if_match, body or schemas.ConveningIn(convened_on=None, proof=None))
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post("/{assembly_id}/cancel", operation_id="cancelAssembly", summary="Annuler", responses=problems(*_VERSIONED))
async def cancel(
    assembly_id: UUID, body: schemas.CancellationIn, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None
) -> AssemblyOut:
    """Avant l'ouverture, avec sa raison : elle reste dans la liste. Reportée, elle se prépare de nouveau."""
    await use_cases.cancel(tx, assembly_id, if_match, body.reason)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/open",
    operation_id="openAssembly",
    summary="Ouvrir",
    responses=problems(*_VERSIONED, *_OPENING),
)
async def open_assembly(
    assembly_id: UUID,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
    body: schemas.OpeningIn | None = None,
) -> AssemblyOut:
    """Le jour venu, sur la liste figée pour elle : ni la liste ni les règles ne changent plus."""
    await use_cases.open_assembly(tx, assembly_id, if_match, body or schemas.OpeningIn(waiver=None))
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/items/{item_id}/candidacies",
    operation_id="standForElection",
    summary="Se présenter",
    responses=problems(*_HELD, domain.ItemNotFound, domain.ItemOfAnotherKind, *_PERSON, *_STANDING),
)
async def stand(
    assembly_id: UUID, item_id: UUID, body: schemas.CandidacyIn, tx: TxDep, grant: MayActForItself, response: Response
) -> AssemblyOut:
    """Une structure du périmètre élu, et la personne qu'elle présente, jusqu'à l'ouverture."""
    await use_cases.stand(tx, grant, assembly_id, item_id, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/items/{item_id}/candidacies/{member_id}/withdraw",
    operation_id="withdrawCandidacy",
    summary="Retirer sa candidature",
    responses=problems(*_HELD, MemberNotFound, domain.WithdrawalUnexplained, domain.CandidacyNotFound),
)
async def withdraw_candidacy(
    assembly_id: UUID,
    item_id: UUID,
    member_id: UUID,
    tx: TxDep,
    grant: MayActForItself,
    response: Response,
    body: schemas.TakenBackIn | None = None,
) -> AssemblyOut:
    """Jusqu'à l'ouverture ; avec la raison, si l'on agit pour la structure. Qui conduit l'assemblée la lit encore."""
    reason = body.reason if body else None
    await use_cases.withdraw_candidacy(tx, grant, assembly_id, item_id, member_id, reason)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/proxies",
    operation_id="giveProxy",
    summary="Donner pouvoir",
    responses=problems(*_HELD, MemberNotFound, domain.NotEntitled, *_GIVEN),
)
async def give_proxy(
    assembly_id: UUID, body: schemas.ProxyIn, tx: TxDep, grant: MayActForItself, response: Response
) -> AssemblyOut:
    """À une autre structure qui vote, dans la limite des pouvoirs qu'elle peut tenir, jusqu'au premier vote."""
    await use_cases.give_proxy(tx, grant, assembly_id, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/proxies/{giver_id}/revoke",
    operation_id="revokeProxy",
    summary="Révoquer son pouvoir",
    responses=problems(*_HELD, domain.ProxyTooLate, MemberNotFound, domain.WithdrawalUnexplained, domain.ProxyNotFound),
)
async def revoke_proxy(
    assembly_id: UUID,
    giver_id: UUID,
    tx: TxDep,
    grant: MayActForItself,
    response: Response,
    body: schemas.TakenBackIn | None = None,
) -> AssemblyOut:
    """Jusqu'au premier vote ; avec la raison, si l'on agit pour la structure. Une structure qui vient vote elle-même,
    sans avoir à révoquer."""
    await use_cases.revoke_proxy(tx, grant, assembly_id, giver_id, body.reason if body else None)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/attendance",
    operation_id="recordArrival",
    summary="Consigner une arrivée",
    responses=problems(*_HELD, *_AT_THE_DESK, domain.AlreadyPresent, MemberNotFound, ContactNotFound, ContactOfAnother),
)
async def arrive(
    assembly_id: UUID, body: schemas.ArrivalIn, tx: TxDep, grant: MayRun, response: Response
) -> AssemblyOut:
    """À l'accueil, le jour même : plusieurs peuvent consigner à la fois. Sans voix, une structure assiste."""
    await use_cases.arrive(tx, grant, assembly_id, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/attendance/{member_id}/leave",
    operation_id="recordLeaving",
    summary="Consigner un départ",
    responses=problems(*_HELD, *_AT_THE_DESK, domain.NotPresent),
)
async def leave(
    assembly_id: UUID, member_id: UUID, tx: TxDep, _: MayRun, response: Response, body: schemas.LeavingIn | None = None
) -> AssemblyOut:
    """Ne compte plus pour les votes à venir, ni les pouvoirs que la structure tient."""
    await use_cases.leave(tx, assembly_id, member_id, body or schemas.LeavingIn(at=None))
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.get(
    "/{assembly_id}/voters",
    operation_id="listAssemblyVoters",
    summary="Qui vote, pour trouver à qui donner pouvoir",
    responses=problems(domain.AssemblyNotFound, RuleMissing, BadCursor, BadSort),
)
async def list_voters(
    assembly_id: UUID, read: ReadDep, _: MayRead, params: Annotated[schemas.VoterListParams, Query()]
) -> Page[VoterOut]:
    """Le nom seul, pour chaque adhérente ; avant que la liste soit figée, celles qui pourraient voter. Tri : name."""
    return await queries.list_voters(read, assembly_id, params)


@router.get(
    "/{assembly_id}/participants",
    operation_id="listAssemblyParticipants",
    summary="Présences et pouvoirs",
    responses=problems(domain.AssemblyNotFound, RuleMissing, BadCursor, BadSort),
)
async def list_participants(
    assembly_id: UUID, read: ReadDep, _: MayRead, params: Annotated[schemas.ParticipantListParams, Query()]
) -> Page[ParticipantOut]:
    """Dans le périmètre de l'appelant. Tri : name."""
    return await queries.list_participants(read, assembly_id, params)


@router.put(
    "/{assembly_id}/items/{item_id}/vote",
    operation_id="voteResolution",
    summary="Consigner le vote d'une résolution",
    responses=problems(*_VERSIONED, *_VOTED),
)
async def vote(
    assembly_id: UUID,
    item_id: UUID,
    body: schemas.ResolutionVoteIn,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AssemblyOut:
    """À main levée, ou par structure. Corrigé avec sa raison, dans la salle où il fut voté ; le précédent reste."""
    await use_cases.vote(tx, assembly_id, if_match, item_id, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.put(
    "/{assembly_id}/items/{item_id}/poll",
    operation_id="recordPoll",
    summary="Consigner un dépouillement",
    responses=problems(*_VERSIONED, *_VOTED, domain.CandidacyNotFound),
)
async def record_poll(
    assembly_id: UUID,
    item_id: UUID,
    body: schemas.PollIn,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AssemblyOut:
    """Les totaux des scrutateurs : rien ne dit qui a voté pour qui. Se corrige comme un vote."""
    await use_cases.record_poll(tx, assembly_id, if_match, item_id, body)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/items/{item_id}/withdraw",
    operation_id="withdrawItem",
    summary="Retirer un point",
    responses=problems(*_VERSIONED, domain.ItemNotFound, domain.ItemVoted),
)
async def withdraw_item(
    assembly_id: UUID,
    item_id: UUID,
    body: schemas.ItemWithdrawalIn,
    tx: TxDep,
    _: MayRun,
    response: Response,
    if_match: IfMatch = None,
) -> AssemblyOut:
    """En séance, avec la raison que le procès-verbal donne."""
    await use_cases.withdraw_item(tx, assembly_id, if_match, item_id, body.reason)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.post(
    "/{assembly_id}/close",
    operation_id="closeAssembly",
    summary="Clore",
    responses=problems(*_VERSIONED, domain.ItemsUnvoted, *_SEATED, RollNotFound),
)
async def close(assembly_id: UUID, tx: TxDep, _: MayRun, response: Response, if_match: IfMatch = None) -> AssemblyOut:
    """Les personnes élues prennent leur siège ; le procès-verbal s'imprime, tel qu'il restera."""
    await use_cases.close(tx, assembly_id, if_match)
    return versioned(response, await queries.find_assembly(tx, assembly_id))


@router.get(
    "/{assembly_id}/minutes",
    operation_id="downloadAssemblyMinutes",
    summary="Le procès-verbal (PDF/A)",
    response_class=Response,
    responses=problems(domain.AssemblyNotFound, FileMissing),
)
async def download_minutes(assembly_id: UUID, request: Request, read: ReadDep, grant: MayRead) -> Response:
    """Imprimé une fois, à la clôture, et conservé tel quel ; chaque adhérente peut le lire. L'annexe (présences,
    pouvoirs) et les votes par structure ne sont que dans l'exemplaire de qui lit toutes les structures."""
    path = await queries.find_minutes(read, grant, assembly_id)
    return pdf_response(await request.app.state.runtime.files.get(path), "proces-verbal")


@router.get(
    "/{assembly_id}/minutes/draft",
    operation_id="previewAssemblyMinutes",
    summary="Le procès-verbal, en projet",
    response_class=Response,
    responses=problems(domain.AssemblyNotFound, RollNotFound, RuleMissing),
)
async def preview_minutes(assembly_id: UUID, read: ReadDep, _: MayRun) -> Response:
    """Ce qu'il dirait si l'assemblée était close maintenant, barré de la mention « Projet »."""
    return pdf_response(
        await print_minutes(await queries.draft_minutes(read, assembly_id), read.today), "proces-verbal"
    )
