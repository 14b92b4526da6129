"""HTTP door of the ledger: the books of the entity that calls for dues."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Path, Query, UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from common.accounting import acts
from common.accounting.accounts import AccountUnknown
from common.accounting.entries import EntryDayInFuture, EntryNotByHand, EntryNotFound, EntryPosted, EntryReversed
from common.accounting.fec import fec_name
from common.accounting.opening import OpeningDefective, OpeningExists, OpeningUnreadable
from common.accounting.periods import PeriodClosed, PeriodNotLastClosed, PeriodNotOver, PeriodOutOfOrder
from common.door import ActorDep, Door, ReadDep, TxDep
from common.pagination import BadCursor, BadSort, Page
from common.problem import problems
from common.rights import Grant, allow
from common.tabular import export_response
from dues.config import Entity
from dues.ledger import queries
from dues.ledger.schemas import (
    AccountLineExportParams,
    AccountLineOut,
    AccountLineParams,
    AuxiliaryExportParams,
    AuxiliaryParams,
    BalanceExportParams,
    BalanceOut,
    BalanceParams,
    BalancesOut,
    ChartOut,
    EntryDetail,
    EntryExportParams,
    EntryListParams,
    EntryOut,
    PeriodsOut,
    ReversalIn,
)
from dues.rights import Act

_LARGEST_FILE = 16 * 1024 * 1024

router = APIRouter(prefix="/ledger", tags=["Comptabilité"], route_class=Door)
openings = APIRouter(prefix="/ledger", tags=["Comptabilité"], route_class=Door, max_body_size=_LARGEST_FILE)

MayRead = Annotated[Grant, Depends(allow(Act.READ_LEDGER))]
MayKeep = Annotated[Grant, Depends(allow(Act.KEEP_LEDGER))]
Year = Annotated[int, Query(ge=2000, le=2100, description="L'exercice : une année civile")]
Month = Annotated[str, Path(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Le mois", examples=["2026-03"])]
Number = Annotated[str, Path(pattern=r"^\d{1,10}$", description="Le numéro du compte", examples=["411"])]


@router.get("/entries", operation_id="listEntries", summary="Les écritures", responses=problems(BadCursor, BadSort))
async def list_entries(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[EntryListParams, Query()]
) -> Page[EntryOut]:
    """Tris : day, posted_at, total."""
    return await queries.list_entries(read, entity.code, params)


@router.get("/entries/export", operation_id="exportEntries", summary="Export CSV ou tableur", response_class=Response)
async def export_entries(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[EntryExportParams, Query()]
) -> Response:
    """Les lignes des mêmes écritures que la liste, avec les mêmes filtres."""
    lines = await queries.export_rows(read, entity.code, params)
    return await export_response(params.format, "ecritures", queries.EXPORT_HEADER, lines)


@router.get("/entries/{entry_id}", operation_id="getEntry", summary="Une écriture", responses=problems(EntryNotFound))
async def get_entry(entry_id: UUID, read: ReadDep, _: MayRead, entity: Entity) -> EntryDetail:
    """Ses lignes, sa pièce, l'acte dont elle vient."""
    return await queries.find_entry(read, entity.code, entry_id)


@router.post(
    "/entries/{entry_id}/reverse",
    status_code=201,
    operation_id="reverseEntry",
    summary="Extourner",
    responses=problems(EntryNotFound, EntryNotByHand, EntryReversed, EntryPosted, PeriodClosed),
)
async def reverse_entry(entry_id: UUID, body: ReversalIn, tx: TxDep, _: MayKeep, entity: Entity) -> EntryDetail:
    """Passe l'écriture inverse. Seule une reprise de soldes s'extourne ici : le reste suit l'acte dont il vient."""
    posted = await acts.reverse_by_hand(tx, entity.code, entry_id, body.reason)
    return await queries.find_entry(tx, entity.code, posted.id)


@router.get("/balances", operation_id="getBalances", summary="La balance à une date")
async def get_balances(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[BalanceParams, Query()]
) -> BalancesOut:
    """Par compte, à la fin d'un jour (aujourd'hui si rien n'est dit), depuis la dernière reprise des soldes."""
    return await queries.trial_balance(read, entity.code, params)


@router.get("/balances/export", operation_id="exportBalances", summary="Export de la balance", response_class=Response)
async def export_balances(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[BalanceExportParams, Query()]
) -> Response:
    """Les mêmes comptes, au même jour."""
    lines = await queries.export_balances(read, entity.code, params)
    return await export_response(params.format, "balance", queries.BALANCE_HEADER, lines)


@router.get(
    "/auxiliaries",
    operation_id="listAuxiliaries",
    summary="La balance auxiliaire à une date",
    responses=problems(BadCursor, BadSort),
)
async def list_auxiliaries(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[AuxiliaryParams, Query()]
) -> Page[BalanceOut]:
    """Par structure et par délégation. Tris : account, auxiliary_name, balance."""
    return await queries.list_auxiliaries(read, entity.code, params)


@router.get(
    "/auxiliaries/export",
    operation_id="exportAuxiliaries",
    summary="Export de la balance auxiliaire",
    response_class=Response,
)
async def export_auxiliaries(
    read: ReadDep, _: MayRead, entity: Entity, params: Annotated[AuxiliaryExportParams, Query()]
) -> Response:
    """Les mêmes auxiliaires que la liste, avec les mêmes filtres."""
    lines = await queries.export_auxiliaries(read, entity.code, params)
    return await export_response(params.format, "balance-auxiliaire", queries.AUXILIARY_HEADER, lines)


@router.get("/accounts", operation_id="getChart", summary="Le plan de comptes en service")
async def get_chart(_: MayRead) -> ChartOut:
    """Journaux et comptes, chacun avec sa source et son état : « à confirmer » tant que personne ne l'a dit."""
    return queries.show_chart()


@router.get(
    "/accounts/{number}",
    operation_id="listAccountLines",
    summary="Le grand livre d'un compte",
    responses=problems(AccountUnknown, BadCursor, BadSort),
)
async def list_account_lines(
    number: Number, read: ReadDep, _: MayRead, entity: Entity, params: Annotated[AccountLineParams, Query()]
) -> Page[AccountLineOut]:
    """Chaque ligne avec le solde après elle, depuis la dernière reprise des soldes. Tri : day."""
    return await queries.list_account_lines(read, entity.code, number, params)


@router.get(
    "/accounts/{number}/export",
    operation_id="exportAccountLines",
    summary="Export du grand livre d'un compte",
    response_class=Response,
    responses=problems(AccountUnknown),
)
async def export_account_lines(
    number: Number, read: ReadDep, _: MayRead, entity: Entity, params: Annotated[AccountLineExportParams, Query()]
) -> Response:
    """Les mêmes lignes que la liste, avec les mêmes filtres."""
    lines = await queries.export_account_lines(read, entity.code, number, params)
    return await export_response(params.format, f"grand-livre-{number}", queries.ACCOUNT_HEADER, lines)


@router.get("/periods", operation_id="getPeriods", summary="Les mois clos")
async def get_periods(read: ReadDep, _: MayRead, entity: Entity) -> PeriodsOut:
    """Jusqu'à quand rien ne s'écrit plus, et ce qui peut se clore ou se rouvrir."""
    return await queries.show_periods(read, entity.code)


@router.post(
    "/periods/{month}/close",
    operation_id="closePeriod",
    summary="Clore un mois",
    responses=problems(PeriodNotOver, PeriodOutOfOrder),
)
async def close_period(month: Month, tx: TxDep, _: MayKeep, entity: Entity) -> PeriodsOut:
    """Une fois fini, et dans l'ordre ; le premier que l'on clôt clôt ceux d'avant. Rien ne s'y écrit plus."""
    await acts.close_month(tx, entity.code, _first_day(month))
    return await queries.show_periods(tx, entity.code)


@router.post(
    "/periods/{month}/reopen",
    operation_id="reopenPeriod",
    summary="Rouvrir un mois",
    responses=problems(PeriodNotLastClosed),
)
async def reopen_period(month: Month, body: ReversalIn, tx: TxDep, _: MayKeep, entity: Entity) -> PeriodsOut:
    """Le dernier clos, avec une raison, qui se garde."""
    await acts.reopen_month(tx, entity.code, _first_day(month), body.reason)
    return await queries.show_periods(tx, entity.code)


@router.get(
    "/fec",
    operation_id="downloadFec",
    summary="Le fichier des écritures comptables (FEC)",
    response_class=StreamingResponse,
)
async def download_fec(request: Request, actor: ActorDep, _: MayRead, entity: Entity, year: Year) -> StreamingResponse:
    """18 colonnes séparées par des tabulations, en UTF-8 (LPF, art. A47 A-1) ; de l'année en cours, jusqu'à ce jour."""
    lines = queries.fec(request.app.state.runtime.database, actor, entity.code, year)
    disposition = f'attachment; filename="{fec_name(entity.siren, year)}"'
    return StreamingResponse(
        lines, media_type="text/plain; charset=utf-8", headers={"Content-Disposition": disposition}
    )


@openings.post(
    "/opening-balances",
    status_code=201,
    operation_id="openYear",
    summary="Reprendre les soldes d'une année",
    responses=problems(OpeningUnreadable, OpeningDefective, OpeningExists, EntryDayInFuture, PeriodClosed, EntryPosted),
)
async def open_year(
    file: Annotated[
        UploadFile,
        File(description="CSV en UTF-8, séparé par des points-virgules : compte;auxiliaire;nom;debit;credit"),
    ],
    year: Year,
    tx: TxDep,
    _: MayKeep,
    entity: Entity,
) -> EntryDetail:
    """Une écriture d'à-nouveaux au 1er janvier. Un seul défaut, et rien n'est repris : tous sont dits, avec leur ligne.
    `dry_run` montre l'écriture sans la passer."""
    posted = await acts.open_year(tx, queries.chart(), entity.code, year, await file.read())
    return await queries.find_entry(tx, entity.code, posted.id)


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
