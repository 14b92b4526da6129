"""Reads of campaigns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import Date, RowMapping, case, cast, distinct, func, select, tuple_

from common.blockers import blockers_out, tried
from common.dated import rule_on
from common.db import computed
from common.errors import Blocker
from common.pagination import Order, Page, PageParams, paginate, sift
from common.rights import grant_for
from common.transaction import Read
from dues.bases.queries import declared_amounts
from dues.campaigns import repository
from dues.campaigns.domain import (
    BLOCKER_LABELS,
    Campaign,
    CampaignPreview,
    Member,
    Recovery,
    Totals,
    base_of,
    figures_of,
    preview,
    require_runnable,
    take_census,
    weeks_of,
)
from dues.campaigns.schemas import (
    CampaignOut,
    DashboardFigureOut,
    DashboardOut,
    PreviewFilters,
    PreviewLine,
    PreviewListParams,
    PreviewOut,
    ReasonOut,
    RecoveryOut,
    WeekOut,
)
from dues.campaigns.tables import CampaignRow
from dues.grids.domain import Activity, Assessment, PublishedMedians, declared_base, delegation_name, kind_label
from dues.grids.queries import grid_of, published_medians, smic_table
from dues.grids.schemas import AssessmentOut
from dues.invoices.queries import CALLS, billed_members, called_for, campaign_totals
from dues.invoices.schemas import TotalsOut
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import frozen_entity
from dues.mandates.queries import collectable
from dues.members.domain import KnownMember
from dues.members.queries import BY_NAME, known, member_behind, members_after, members_besides, members_named
from dues.receipts.queries import MOVEMENTS
from dues.receivables.domain import Bucket
from dues.receivables.queries import aged_amounts, aged_sums, ageing_rules
from dues.rights import RIGHTS, Act

_NOTHING = Decimal("0.00")
_CAMPAIGN: Any = CampaignRow.__table__  # type: ignore[attr-defined]
_LATEST_FIRST = Order(columns={"year": _CAMPAIGN.c.year}, default="-year", unique=_CAMPAIGN.c.id)


async def find_campaign(read: Read, campaign_id: UUID, entity: LegalEntity) -> CampaignOut:
    """Return one campaign with what it has called. Raises CampaignNotFound."""
    return await campaign_out(read, await repository.get(read, campaign_id), entity)


async def is_running(read: Read, campaign_id: UUID) -> bool:
    """Tell whether a run of a campaign is under way. Raises CampaignNotFound."""
    return (await repository.get(read, campaign_id)).status == "running"


async def list_campaigns(read: Read, params: PageParams, entity: LegalEntity) -> Page[CampaignOut]:
    """Return one page of the campaigns, latest year first: one a year."""
    rows, cursor, total = await paginate(read, select(CampaignRow), _LATEST_FIRST, params)
    return Page(items=[await campaign_out(read, row, entity) for row in rows], next_cursor=cursor, total=total)


async def campaign_of(read: Read, campaign_id: UUID) -> Campaign:
    """Return a campaign, for what follows it. Raises CampaignNotFound."""
    return campaign_from(await repository.get(read, campaign_id))


def campaign_from(row: CampaignRow) -> Campaign:
    """Read a campaign out of its row, for what follows it."""
    return Campaign(id=row.id, year=row.year, use_published_medians=row.use_published_medians, seller=seller_of(row))


async def look(read: Read, campaign: CampaignRow | Campaign, members: Sequence[KnownMember]) -> CampaignPreview:
    """Decide for these members what the campaign calls: the same code for the preview and for the run.

    Raises SmicNotPublished.
    """
    grid = grid_of(campaign.year)
    debtors = await debtors_of(read, members, grid.base_year, use_published_medians=campaign.use_published_medians)
    billed = await billed_members(read, campaign.year, [member.id for member in members])
    return await computed(read.session, preview, grid, smic_table(), debtors, billed)


async def debtors_of(
    read: Read, members: Sequence[KnownMember], base_year: int, *, use_published_medians: bool
) -> list[Member]:
    """Return members as ``preview`` takes them, each with its base of the accounts of a year."""
    declared = await declared_amounts(read, base_year, [member.id for member in members])
    medians = published_medians()
    if not use_published_medians:
        medians = replace(medians, medians=())
    return [_debtor(member, declared.get(member.id), medians) for member in members]


def seller_of(campaign: CampaignRow) -> LegalEntity:
    """Return the entity that issues the calls of a campaign, as it was when it was last run."""
    return frozen_entity(campaign.seller)


def _debtor(member: KnownMember, amount: Decimal | None, medians: PublishedMedians) -> Member:
    activities = tuple(_activity(*one) for one in member.activities)
    declared = None if amount is None else declared_base(amount)
    return Member(
        id=member.id,
        name=member.name,
        status=member.status,
        activities=activities,
        joined_on=member.joined_on,
        renewed_years=member.renewed_years,
        delegation=member.delegation,
        base=base_of(declared, activities, medians),
        category=member.category,
    )


@cache
def _activity(kind: str, main: bool) -> Activity:  # a pair of a member
    return Activity(kind=kind, main=main)


async def campaign_out(read: Read, row: CampaignRow, entity: LegalEntity) -> CampaignOut:
    """Write a campaign as the API shows it to whom may run it as an entity."""
    running = row.status == "running"
    run = partial(require_runnable, row.year, seller_of(row), entity, running=running)
    actions, blockers = tried({"run": run} if _may_run(read) else {})
    return CampaignOut(
        id=row.id,
        year=row.year,
        status=row.status,
        use_published_medians=row.use_published_medians,
        job_id=row.job_id,
        invoiced=await campaign_totals(read, row.id),
        opened_at=row.opened_at,
        version=row.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def preview_campaign(read: Read, campaign_id: UUID) -> PreviewOut:
    """Return what the campaign would call now. Raises CampaignNotFound, SmicNotPublished."""
    campaign = await repository.get(read, campaign_id)
    looked = await look(read, campaign, await members_after(read, None))
    return PreviewOut(
        year=looked.year,
        totals=_totals(looked.totals),
        by_delegation={code: _totals(totals) for code, totals in looked.by_delegation.items()},
        by_kind={kind: _totals(totals) for kind, totals in looked.by_kind.items()},
        blocked=len(looked.blocked),
        reasons=_reasons(looked.reasons),
    )


async def list_previewed(read: Read, campaign_id: UUID, params: PreviewListParams) -> Page[PreviewLine]:
    """Return one page of the members as the campaign would deal with them. Raises as ``preview_campaign``."""
    campaign = await repository.get(read, campaign_id)
    query = members_named(params.q, params.delegation)
    return await sift(read, query, BY_NAME, params, partial(_previewed, read, campaign, params))


async def previewed_to_export(read: Read, campaign_id: UUID, filters: PreviewFilters) -> Iterator[PreviewLine]:
    """Return every member of the list with the same filters. Raises as ``preview_campaign``."""
    campaign = await repository.get(read, campaign_id)
    query = members_named(filters.q, filters.delegation).order_by(*BY_NAME.columns.values(), BY_NAME.unique)
    rows = (await read.session.execute(query)).scalars().all()
    return (line for line in await _previewed(read, campaign, filters, rows) if line is not None)


async def _previewed(
    read: Read, campaign: CampaignRow, filters: PreviewFilters, rows: Sequence[Any]
) -> list[PreviewLine | None]:
    """Turn members into lines, None for those that the filters leave out: only who is asked for is explained."""
    members = [known(row) for row in rows]
    looked = await look(read, campaign, members)
    assessed = {line.member.id: line.assessment for line in looked.billable}
    blocked = {line.member.id: line.blockers for line in looked.blocked}

    def lines() -> list[PreviewLine | None]:
        return [_line(one, assessed.get(one.id), blocked.get(one.id, ()), filters) for one in members]

    return await computed(read.session, lines)


def _line(
    member: KnownMember, assessment: Assessment | None, blockers: Sequence[Blocker], filters: PreviewFilters
) -> PreviewLine | None:
    if filters.billable not in (None, assessment is not None):
        return None
    if filters.blocker and not {blocker.code for blocker in blockers} & set(filters.blocker):
        return None
    return PreviewLine(
        member_id=member.id,
        name=member.name,
        delegation=member.delegation,
        billable=assessment is not None,
        assessment=AssessmentOut.of(assessment) if assessment else None,
        blockers=blockers_out(blockers),
    )


async def dashboard(read: Read, campaign_id: UUID) -> DashboardOut:
    """Return where a campaign stands today. Raises CampaignNotFound, GridNotFound, SmicNotPublished, RuleMissing."""
    campaign = await repository.get(read, campaign_id)
    buckets = rule_on(ageing_rules(), read.today).buckets
    [total, *groups] = await _recoveries(read, campaign.id, buckets)
    looked = await look(read, campaign, await members_besides(read, called_for(campaign.year)))
    census = take_census(total["members"], looked)
    return DashboardOut(
        campaign_id=campaign.id,
        year=campaign.year,
        as_of=read.today,
        figures=[DashboardFigureOut.model_validate(one) for one in figures_of(census, _recovery(total))],
        total=_recovery_out("total", "Ensemble", total, buckets),
        by_delegation=[
            _recovery_out(code, delegation_name(code), row, buckets) for row in groups if (code := row["delegation"])
        ],
        by_kind=[_recovery_out(code, kind_label(code), row, buckets) for row in groups if (code := row["activity"])],
        weeks=[WeekOut.model_validate(week) for week in weeks_of(await _received(read, campaign.id))],
        reasons=_reasons(census.reasons),
    )


async def _recoveries(read: Read, campaign_id: UUID, buckets: Sequence[Bucket]) -> Sequence[RowMapping]:
    """Return in one statement what became of all calls, then of each delegation's and of each kind's."""
    owed = CALLS.total - CALLS.paid - CALLS.credited
    mandated = member_behind(CALLS.member_id).in_(collectable())
    amounts = {
        "called": CALLS.total,
        "credited": CALLS.credited,
        "paid": CALLS.paid,
        "owed": owed,
        "overdue": case((CALLS.due_on < read.today, owed)),
        "owed_with_mandate": case((mandated, owed)),
    }
    query = (
        select(
            CALLS.delegation,
            CALLS.activity,
            func.count(distinct(CALLS.member_id)).label("members"),
            func.count().label("calls"),
            func.count(distinct(case((mandated, CALLS.member_id)))).label("with_mandate"),
            *(func.coalesce(func.sum(amount), _NOTHING).label(name) for name, amount in amounts.items()),
            *aged_sums(buckets, read.today, owed, CALLS.due_on),
        )
        .where(CALLS.campaign_id == campaign_id, CALLS.voided_on.is_(None))
        .group_by(func.grouping_sets(tuple_(), tuple_(CALLS.delegation), tuple_(CALLS.activity)))
        .order_by(CALLS.delegation.nulls_first(), CALLS.activity.nulls_first())
    )
    return (await read.session.execute(query)).mappings().all()


async def _received(read: Read, campaign_id: UUID) -> dict[date, Decimal]:
    """Return by Monday what was put on the calls of a campaign, less what was taken back."""
    monday = cast(func.date_trunc("week", MOVEMENTS.day), Date)
    query = (
        select(monday.label("monday"), func.sum(MOVEMENTS.amount).label("received"))
        .join_from(MOVEMENTS.id.table, CALLS.id.table, CALLS.id == MOVEMENTS.invoice_id)
        .where(CALLS.campaign_id == campaign_id, CALLS.voided_on.is_(None))
        .group_by(monday)
    )
    return {row.monday: row.received for row in await read.session.execute(query)}


def _reasons(reasons: Mapping[str, int]) -> list[ReasonOut]:
    """Return what keeps members from being called, what holds most of them first."""
    return [
        ReasonOut(code=code, label=BLOCKER_LABELS.get(code, code), members=members)
        for code, members in sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def _recovery(row: RowMapping) -> Recovery:
    return Recovery(**{field.name: row[field.name] for field in fields(Recovery)})


def _recovery_out(code: str, label: str, row: RowMapping, buckets: Sequence[Bucket]) -> RecoveryOut:
    recovery = _recovery(row)
    return RecoveryOut(
        code=code, label=label, rate=recovery.rate, buckets=aged_amounts(buckets, row), **asdict(recovery)
    )


def _may_run(read: Read) -> bool:
    return grant_for(RIGHTS, Act.RUN_CAMPAIGNS, read.actor) is not None


def _totals(totals: Totals) -> TotalsOut:
    return TotalsOut(count=totals.count, fixed=totals.fixed, variable=totals.variable, total=totals.total)
