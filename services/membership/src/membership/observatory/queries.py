"""Reads of the Observatoire: what the declarations of a year make of each indicator, and what may be shown of it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import select

from common.dated import rule_on
from common.pagination import Order, Page, PageParams, paginate
from common.rights import Grant
from common.rights import Scope as Reach
from common.shipped import shipped, shipped_rules
from common.transaction import Read
from membership.declarations.domain import Campaign, Unit, activities_answered
from membership.declarations.queries import answers_of, campaign_of, questions_of
from membership.follow_up.queries import find_campaign
from membership.members.domain import ActivityKind
from membership.members.queries import find
from membership.observatory import documents, repository
from membership.observatory.domain import (
    Asked,
    Cell,
    Edition,
    EditionNotFound,
    EditionStatus,
    Indicator,
    IndicatorSet,
    Response,
    Scope,
    SecrecyRule,
    Summary,
    Theme,
    asked_of,
    hidden_totals,
    indicators_of,
    position,
    published,
    rounded,
    to_three_digits,
    value_of,
)
from membership.observatory.schemas import (
    CellOut,
    ComparedOut,
    ComparisonOut,
    EditionDocument,
    EditionOut,
    EvolutionOut,
    EvolutionParams,
    IndicatorsOut,
    PointOut,
    PortraitOut,
    PortraitParams,
    PreviewOut,
    ResponseOut,
)
from membership.observatory.tables import EditionRow
from membership.territory.queries import load_territory

_EDITION: Any = EditionRow.__table__  # type: ignore[attr-defined]
_ORDER = Order(
    columns={"year": _EDITION.c.year, "number": _EDITION.c.number}, default="-year,-number", unique=_EDITION.c.id
)


@cache
def indicator_sets() -> tuple[IndicatorSet, ...]:
    """Return every version of the indicators shipped with the service."""
    names = (one.name for one in (files("membership.observatory") / "data").iterdir())
    return tuple(
        _indicator_set(shipped("membership.observatory", name))
        for name in sorted(names)
        if name.startswith("indicators-")
    )


@cache
def secrecy_rules() -> tuple[SecrecyRule, ...]:
    """Return the dated rules of secrecy shipped with the service."""
    return shipped_rules("membership.observatory", "secrecy.toml", SecrecyRule)


def find_indicators(year: int) -> IndicatorsOut:
    """Return the indicators of a year of accounts. Raises IndicatorsNotFound."""
    return IndicatorsOut.of(indicators_of(indicator_sets(), year))


async def preview(source: Read, year: int, params: PortraitParams) -> PreviewOut:
    """Return what a first edition of a year would say now, under the same secrecy.

    Raises CampaignNotFound, QuestionnaireNotFound, IndicatorsNotFound, RuleMissing.
    """
    campaign = await campaign_of(source, year)
    asked, cells = await compute(source, campaign, by_delegation=params.delegation is not None)
    kinds = params.kind or (*ActivityKind, None)
    chosen = [cell for cell in cells if cell.scope.kind in kinds and cell.scope.delegation == params.delegation]
    return PreviewOut(year=year, indicators=asked.held.version, portraits=_portraits(asked.held, chosen))


def asked_in(campaign: Campaign, version: str | None = None) -> Asked:
    """Return what can be computed of a campaign, by the version in force for its year or by another one.

    Raises QuestionnaireNotFound, IndicatorsNotFound.
    """
    held = _version(version) if version else indicators_of(indicator_sets(), campaign.year)
    return asked_of(held, questions_of(campaign))


async def compute(source: Read, campaign: Campaign, *, by_delegation: bool) -> tuple[Asked, list[Cell]]:
    """Return every figure that the declarations of a year allow to show.

    Without its delegations the country takes less time, and shows the same.

    Raises QuestionnaireNotFound, IndicatorsNotFound, RuleMissing.
    """
    asked = asked_in(campaign)
    rule = rule_on(secrecy_rules(), source.today)
    summaries = await repository.summaries_of(source, campaign.year, asked, by_delegation=by_delegation)
    return asked, _shown(asked.indicators, summaries, rule)


def _shown(
    asked: Sequence[Indicator], summaries: Mapping[str, Mapping[Scope, Summary]], rule: SecrecyRule
) -> list[Cell]:
    """Put every indicator under secrecy; before one that is made of others come these, for what they hide it hides."""
    cells: dict[str, list[Cell]] = {}
    for one in sorted(asked, key=lambda one: len(one.of)):
        parts = [part for part in asked if one.is_made_of(part)]
        told = {scope for part in parts for scope in hidden_totals(cells[part.code])}
        rounded_ = _rounded(one, summaries[one.code], rule)
        cells[one.code] = published(one.code, rounded_, rule, adds_up=one.adds_up, told=told)
    return [cell for one in asked for cell in cells[one.code]]


async def responses_of(source: Read, year: int) -> tuple[Response, ...]:
    """Return how many structures were expected to declare a year, and did: in all, by kind and by delegation.

    Raises CampaignNotFound, RuleMissing.
    """
    campaign = await find_campaign(source, Grant(source.actor, Reach.ALL), year)
    groups = [
        ("all", "", campaign.count),
        *(("kind", code, count) for code, count in campaign.by_kind.items()),
        *(("delegation", code, count) for code, count in campaign.by_delegation.items() if code),
    ]
    return tuple(
        Response(group, code, count.expected - count.exempt, count.answered, count.rate)
        for group, code, count in groups
    )


async def list_editions(source: Read, params: PageParams) -> Page[EditionOut]:
    """Return one page of editions, the latest first."""
    rows, cursor, total = await paginate(source, select(EditionRow), _ORDER, params)
    return Page(items=[_edition_out(row) for row in rows], next_cursor=cursor, total=total)


async def find_edition(source: Read, edition_id: UUID) -> EditionOut:
    """Return one edition. Raises EditionNotFound."""
    row = await source.session.get(EditionRow, edition_id)
    if row is None:
        raise EditionNotFound("Cette édition n'existe pas.")
    return _edition_out(row)


async def portraits_of(source: Read, edition_id: UUID, params: PortraitParams) -> list[PortraitOut]:
    """Return portraits of a published edition. Raises EditionNotFound."""
    edition = await published_edition(source, edition_id)
    kinds = [kind.value for kind in params.kind] if params.kind else None
    cells = await repository.cells_of(source, [edition.id], kinds=kinds, delegation=params.delegation or "")
    return _portraits(_version(edition.indicators), [cell for _, cell in cells])


async def all_portraits(source: Read, edition: Edition) -> list[PortraitOut]:
    """Return every portrait of a published edition."""
    return _portraits(
        _version(edition.indicators), [cell for _, cell in await repository.cells_of(source, [edition.id])]
    )


def document(edition: Edition, held: IndicatorSet, cells: Sequence[Cell]) -> EditionDocument:
    """Return the document that an edition is cited by."""
    return EditionDocument(
        title=edition.title,
        year=edition.year,
        number=edition.number,
        reason=edition.reason,
        published_on=edition.published_on,
        responses=[_response_out(response) for response in edition.responses],
        indicators=IndicatorsOut.of(held),
        portraits=_portraits(held, cells),
    )


async def document_of(source: Read, edition_id: UUID) -> str:
    """Return the document of a published edition, as it was sealed. Raises EditionNotFound."""
    edition = await published_edition(source, edition_id)
    return await repository.document_of(source, edition.id)


async def print_edition(source: Read, edition_id: UUID) -> bytes:
    """Return the booklet of a published edition. Raises EditionNotFound, RuleMissing."""
    edition = await published_edition(source, edition_id)
    rule = rule_on(secrecy_rules(), edition.published_on or source.today)
    responses = [_response_out(response) for response in edition.responses]
    portraits = await all_portraits(source, edition)
    return await documents.print_edition(edition, _version(edition.indicators), rule, responses, portraits)


async def published_edition(source: Read, edition_id: UUID) -> Edition:
    """Return an edition that is published. Raises EditionNotFound."""
    edition = await repository.get(source, edition_id)
    if edition.status is not EditionStatus.PUBLISHED:
        raise EditionNotFound(f"L'édition {edition.year} n'est pas publiée : {edition.status.label}.")
    return edition


async def compare(source: Read, grant: Grant, edition_id: UUID, member_id: UUID) -> list[ComparisonOut]:
    """Return what a structure within reach declared beside the others of its kinds.

    Raises EditionNotFound, MemberNotFound.
    """
    edition = await published_edition(source, edition_id)
    member = await find(source, grant, member_id)
    answers = await answers_of(source, edition.year, member.id)
    kinds = activities_answered(answers)
    cells = await repository.cells_of(source, [edition.id], kinds=[kind.value for kind in kinds])
    shown = {(cell.scope, cell.indicator): cell for _, cell in cells}
    return [
        ComparisonOut(
            kind=kind,
            kind_label=kind.label,
            compared=[
                _compared(
                    one,
                    value_of(one, answers, kind),
                    country,
                    shown.get((Scope(kind, member.delegation), one.code)) if member.delegation else None,
                )
                for one in _version(edition.indicators).indicators
                if (country := shown.get((Scope(kind, None), one.code))) is not None
            ],
        )
        for kind in kinds
    ]


async def evolution(source: Read, params: EvolutionParams) -> list[EvolutionOut]:
    """Return indicators over the published years that compare with the last one."""
    editions = {edition.id: edition for edition in await repository.latest(source)}
    if not editions:
        return []
    held = _version(list(editions.values())[-1].indicators)
    cells = await repository.cells_of(
        source, list(editions), kinds=[params.kind.value], delegation=params.delegation or ""
    )
    by_year: dict[str, dict[int, tuple[UUID, Cell]]] = {}
    for edition_id, cell in cells:
        by_year.setdefault(cell.indicator, {})[editions[edition_id].year] = (edition_id, cell)
    asked = [one for one in held.indicators if not params.indicator or one.code in params.indicator]
    return [_evolution(one, by_year.get(one.code, {})) for one in asked]


def _evolution(one: Indicator, by_year: Mapping[int, tuple[UUID, Cell]]) -> EvolutionOut:
    comparable, others = one.comparable(by_year)
    points = [
        PointOut(year=year, edition_id=by_year[year][0], cell=CellOut.of(one, by_year[year][1])) for year in comparable
    ]
    return EvolutionOut(
        indicator=one.code, label=one.label, theme=one.theme, unit=one.unit, points=points, not_comparable=others
    )


def _rounded(indicator: Indicator, summaries: Mapping[Scope, Summary], rule: SecrecyRule) -> dict[Scope, Summary]:
    """Round as it is shown what is shown; the largest value, which is not, stays exact.

    Of few structures the median is nearly one's own figure: it is told to three digits only.
    """
    unit = indicator.unit
    written = {}
    for scope, one in summaries.items():
        quartiles = one.quartiles
        if quartiles is not None:
            low, median, high = (rounded(value, unit) for value in quartiles)
            if one.count < rule.quartiles_minimum and indicator.adds_up:
                median = to_three_digits(median)
            quartiles = (low, median, high)
        written[scope] = Summary(one.count, quartiles, rounded(one.total, unit), one.largest)
    return written


def _version(version: str) -> IndicatorSet:
    return next(one for one in indicator_sets() if one.version == version)


def _portraits(held: IndicatorSet, cells: Iterable[Cell]) -> list[PortraitOut]:
    """Write cells by scope: each kind, then all of them; the country before its delegations."""
    by_scope: dict[Scope, dict[str, Cell]] = {}
    for cell in cells:
        by_scope.setdefault(cell.scope, {})[cell.indicator] = cell
    ranks = {kind: rank for rank, kind in enumerate((*ActivityKind, None))}
    return [
        PortraitOut(
            kind=scope.kind,
            kind_label=scope.kind.label if scope.kind else "toutes les activités",
            delegation=scope.delegation,
            cells=[CellOut.of(one, cells_of[one.code]) for one in held.indicators if one.code in cells_of],
        )
        for scope, cells_of in sorted(
            by_scope.items(), key=lambda item: (ranks[item[0].kind], item[0].delegation or "")
        )
    ]


def _compared(indicator: Indicator, value: Decimal | None, country: Cell, region: Cell | None) -> ComparedOut:
    shown = None if value is None else rounded(value, indicator.unit)
    where = None if shown is None else position(shown, country)
    return ComparedOut(
        indicator=indicator.code,
        label=indicator.label,
        theme=indicator.theme,
        unit=indicator.unit,
        value=shown,
        position=where,
        position_label=where.label if where else None,
        country=CellOut.of(indicator, country),
        region=CellOut.of(indicator, region) if region else None,
    )


def _edition_out(row: EditionRow) -> EditionOut:
    edition = repository.to_domain(row)
    return EditionOut(
        id=edition.id,
        title=edition.title,
        year=edition.year,
        number=edition.number,
        status=edition.status,
        status_label=edition.status.label,
        indicators=edition.indicators,
        reason=edition.reason,
        published_on=edition.published_on,
        sha256=edition.sha256,
        responses=[_response_out(response) for response in edition.responses],
        asked_at=edition.asked_at,
        job_id=row.job_id,
    )


def _response_out(response: Response) -> ResponseOut:
    label = _named(response)
    return ResponseOut(
        group=response.group,
        code=response.code,
        label=label,
        expected=response.expected,
        answered=response.answered,
        rate=response.rate,
    )


def _named(response: Response) -> str:
    if response.group == "kind":
        return ActivityKind(response.code).label
    names = {delegation.code: delegation.name for delegation in load_territory().delegations}
    return names.get(response.code, "ensemble")


def _indicator_set(data: Mapping[str, Any]) -> IndicatorSet:
    return IndicatorSet(
        version=data["version"],
        since=data["since"],
        status=data["status"],
        source=data["source"],
        themes=tuple(Theme(**theme) for theme in data["themes"]),
        indicators=tuple(
            Indicator(
                code=one["code"],
                label=one["label"],
                theme=one["theme"],
                unit=Unit(one["unit"]),
                definition=one["definition"],
                of=tuple(one["of"]),
                over=tuple(one.get("over", ())),
                beside=tuple(one.get("beside", ())),
                comparable_from=one["comparable_from"],
            )
            for one in data["indicators"]
        ),
    )
