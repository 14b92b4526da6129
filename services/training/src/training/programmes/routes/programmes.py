"""HTTP door of the programmes: what the training team writes and publishes, what the house reads."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from common.dated import RuleMissing
from common.door import Door, ReadDep, TxDep
from common.etags import IfMatch, PreconditionFailed, PreconditionMissing, versioned
from common.pagination import BadCursor, BadSort, Page, PageParams
from common.problem import problems
from common.rights import Grant, allow
from common.types import Day
from training.programmes import use_cases
from training.programmes.domain import (
    AlreadyPublished,
    CodeTaken,
    DraftMissing,
    DraftOpen,
    Incomplete,
    NeverPublished,
    NotOnSale,
    NotRetired,
    PartsNotSold,
    ProgrammeNotFound,
    Retired,
    SoldInOthers,
    Unchanged,
    VersionNotFound,
)
from training.programmes.queries import programmes, rules
from training.programmes.schemas import (
    Code,
    ComparisonOut,
    ComparisonParams,
    ContentBody,
    Number,
    ProgrammeLine,
    ProgrammeListParams,
    ProgrammeNew,
    ProgrammeOut,
    ReferentialOut,
    SheetOut,
    VersionLine,
)
from training.referential.domain import ReferentialNotFound
from training.rights import Act

router = APIRouter(prefix="/programmes", tags=["Programmes"], route_class=Door)

MayRead = Annotated[Grant, Depends(allow(Act.READ_PROGRAMMES))]
MayWrite = Annotated[Grant, Depends(allow(Act.WRITE_PROGRAMMES))]
MayPublish = Annotated[Grant, Depends(allow(Act.PUBLISH_PROGRAMMES))]
MayRetire = Annotated[Grant, Depends(allow(Act.RETIRE_PROGRAMMES))]
_SHOWN = (ProgrammeNotFound, RuleMissing)
_CHANGED = (*_SHOWN, PreconditionMissing, PreconditionFailed)


@router.get("", operation_id="listProgrammes", summary="Les programmes", responses=problems(BadCursor, BadSort))
async def list_programmes(
    read: ReadDep, _: MayRead, params: Annotated[ProgrammeListParams, Query()]
) -> Page[ProgrammeLine]:
    """Publiés ou non, au catalogue ou non. Tris : code, changed_at."""
    return await programmes.list_programmes(read, params)


@router.post(
    "",
    status_code=201,
    operation_id="createProgramme",
    summary="Créer",
    responses=problems(CodeTaken, ProgrammeNotFound, RuleMissing),
)
async def create(body: ProgrammeNew, tx: TxDep, _: MayWrite, response: Response) -> ProgrammeOut:
    """Avec un projet à écrire. Le code ne change plus."""
    await use_cases.create(tx, body)
    response.headers["Location"] = f"/training/v1/programmes/{body.code}"
    return versioned(response, await programmes.find_programme(tx, body.code))


@router.get(
    "/requirements",
    operation_id="listRequirements",
    summary="Ce qu'une fiche doit dire",
    responses=problems(ReferentialNotFound),
)
async def list_requirements(
    read: ReadDep,
    _: MayRead,
    on: Annotated[Day | None, Query(description="Le jour de la publication ; absent : aujourd'hui")] = None,
) -> ReferentialOut:
    """Selon le référentiel Qualiopi du jour, indicateur par indicateur, avec sa source."""
    return rules.requirements(on or read.today)


@router.get("/{code}", operation_id="getProgramme", summary="Un programme", responses=problems(*_SHOWN))
async def get_programme(code: Code, read: ReadDep, _: MayRead, response: Response) -> ProgrammeOut:
    """Où il en est, son projet, et tout ce qui empêche de le publier aujourd'hui."""
    return versioned(response, await programmes.find_programme(read, code))


@router.delete(
    "/{code}",
    status_code=204,
    operation_id="deleteProgramme",
    summary="Supprimer",
    responses=problems(*_CHANGED, AlreadyPublished),
)
async def throw_away(code: Code, tx: TxDep, _: MayWrite, if_match: IfMatch = None) -> None:
    """Tant qu'il n'a jamais été publié."""
    await use_cases.throw_away(tx, code, if_match)


@router.put(
    "/{code}/draft",
    operation_id="rewriteProgrammeDraft",
    summary="Récrire le projet",
    responses=problems(*_CHANGED, DraftMissing),
)
async def rewrite(
    code: Code, body: ContentBody, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ProgrammeOut:
    """En entier ; incomplet, il se garde."""
    await use_cases.rewrite(tx, code, if_match, body)
    return versioned(response, await programmes.find_programme(tx, code))


@router.post(
    "/{code}/open-draft",
    operation_id="openProgrammeDraft",
    summary="Ouvrir un projet",
    responses=problems(*_CHANGED, DraftOpen, DraftMissing),
)
async def open_draft(code: Code, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None) -> ProgrammeOut:
    """De la version en vigueur, qui reste au catalogue."""
    await use_cases.open_draft(tx, code, if_match)
    return versioned(response, await programmes.find_programme(tx, code))


@router.post(
    "/{code}/discard-draft",
    operation_id="discardProgrammeDraft",
    summary="Abandonner le projet",
    responses=problems(*_CHANGED, DraftMissing, NeverPublished),
)
async def discard_draft(
    code: Code, tx: TxDep, _: MayWrite, response: Response, if_match: IfMatch = None
) -> ProgrammeOut:
    """La version en vigueur reste."""
    await use_cases.discard_draft(tx, code, if_match)
    return versioned(response, await programmes.find_programme(tx, code))


@router.post(
    "/{code}/publish",
    operation_id="publishProgramme",
    summary="Publier",
    responses=problems(*_CHANGED, DraftMissing, Retired, Incomplete, Unchanged),
)
async def publish(code: Code, tx: TxDep, _: MayPublish, response: Response, if_match: IfMatch = None) -> ProgrammeOut:
    """Le projet devient la version suivante, que rien ne change plus ; elle est aussitôt au catalogue."""
    await use_cases.publish(tx, code, if_match)
    return versioned(response, await programmes.find_programme(tx, code))


@router.post(
    "/{code}/retire",
    operation_id="retireProgramme",
    summary="Retirer du catalogue",
    responses=problems(*_CHANGED, NotOnSale, SoldInOthers),
)
async def retire(code: Code, tx: TxDep, _: MayRetire, response: Response, if_match: IfMatch = None) -> ProgrammeOut:
    """Ses versions se lisent toujours ici."""
    await use_cases.retire(tx, code, if_match)
    return versioned(response, await programmes.find_programme(tx, code))


@router.post(
    "/{code}/resume",
    operation_id="resumeProgramme",
    summary="Remettre au catalogue",
    responses=problems(*_CHANGED, NotRetired, PartsNotSold),
)
async def resume(code: Code, tx: TxDep, _: MayRetire, response: Response, if_match: IfMatch = None) -> ProgrammeOut:
    """À sa dernière version."""
    await use_cases.resume(tx, code, if_match)
    return versioned(response, await programmes.find_programme(tx, code))


@router.get(
    "/{code}/versions",
    operation_id="listProgrammeVersions",
    summary="Les versions d'un programme",
    responses=problems(BadCursor, BadSort, ProgrammeNotFound),
)
async def list_versions(
    code: Code, read: ReadDep, _: MayRead, params: Annotated[PageParams, Query()]
) -> Page[VersionLine]:
    """La dernière d'abord. Tri : number."""
    return await programmes.list_versions(read, code, params)


@router.get(
    "/{code}/versions/{number}",
    operation_id="getProgrammeVersion",
    summary="Une version",
    responses=problems(ProgrammeNotFound, VersionNotFound),
)
async def get_version(code: Code, number: Number, read: ReadDep, _: MayRead) -> SheetOut:
    """Telle que publiée, au catalogue ou non."""
    return await programmes.find_version(read, code, number)


@router.get(
    "/{code}/comparison",
    operation_id="compareProgrammeVersions",
    summary="Ce qui change d'une version à l'autre",
    responses=problems(ProgrammeNotFound, VersionNotFound, DraftMissing),
)
async def compare_versions(
    code: Code, read: ReadDep, _: MayRead, params: Annotated[ComparisonParams, Query()]
) -> ComparisonOut:
    """Champ par champ ; d'une liste, ce qui s'ajoute et ce qui s'en va. Sans `after`, à côté du projet."""
    return await programmes.compare_versions(read, code, params)
