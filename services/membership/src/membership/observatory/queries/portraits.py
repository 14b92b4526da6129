"""What the declarations of a year make of each indicator, and what may be shown of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from common.dated import rule_on
from common.rights import Grant
from common.rights import Scope as Reach
from common.transaction import Read
from membership.declarants.queries import count_by_kind_and_delegation, find_campaign
from membership.declarations.domain import Campaign
from membership.declarations.queries import campaign_of
from membership.members.domain import ActivityKind
from membership.observatory import repository
from membership.observatory.domain import (
    Asked,
    Cell,
    Indicator,
    IndicatorSet,
    Response,
    Scope,
    SecrecyRule,
    Summary,
    hidden_totals,
    published,
    rounded,
    to_three_digits,
    told_responses,
)
from membership.observatory.queries.versions import asked_in, secrecy_rules
from membership.observatory.schemas import (
    EVERY_KIND,
    CellOut,
    PortraitOut,
    PortraitParams,
    PreviewOut,
)


async def preview(source: Read, year: int, params: PortraitParams) -> PreviewOut:
    """Return what a first edition of a year would say now, under the same secrecy.

    Raises CampaignNotFound, QuestionnaireNotFound, IndicatorsNotFound, RuleMissing.
    """
    campaign = await campaign_of(source, year)
    asked, cells = await compute(source, campaign, by_delegation=params.delegation is not None)
    kinds = params.kind or (*ActivityKind, None)
    chosen = [cell for cell in cells if cell.scope.kind in kinds and cell.scope.delegation == params.delegation]
    return PreviewOut(year=year, indicators=asked.held.version, portraits=portraits_out(asked.held, chosen))


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
        written[scope] = replace(one, quartiles=quartiles, total=rounded(one.total, unit))
    return written


async def responses_of(source: Read, year: int, cells: Sequence[Cell]) -> tuple[Response, ...]:
    """Return how many structures were expected to declare a year, and did, as may be told beside its figures.

    In all, by kind and by delegation. Raises CampaignNotFound, RuleMissing.
    """
    everybody = Grant(source.actor, Reach.ALL)
    campaign = await find_campaign(source, everybody, year)
    groups = [
        ("all", "", campaign.count),
        *(("kind", code, count) for code, count in campaign.by_kind.items()),
        *(("delegation", code, count) for code, count in campaign.by_delegation.items()),
    ]
    exact = [
        Response(group, code, count.expected - count.exempt, count.answered, count.rate)
        for group, code, count in groups
    ]
    parts = await count_by_kind_and_delegation(source, everybody, year)
    expected = {part: count.expected - count.exempt for part, count in parts.items()}
    return told_responses(exact, expected, cells, rule_on(secrecy_rules(), source.today))


def portraits_out(held: IndicatorSet, cells: Iterable[Cell]) -> list[PortraitOut]:
    """Write cells by scope: each kind, then all of them; the country before its delegations."""
    by_scope: dict[Scope, dict[str, Cell]] = {}
    for cell in cells:
        by_scope.setdefault(cell.scope, {})[cell.indicator] = cell
    ranks = {kind: rank for rank, kind in enumerate((*ActivityKind, None))}
    return [
        PortraitOut(
            kind=scope.kind,
            kind_label=scope.kind.label if scope.kind else EVERY_KIND,
            delegation=scope.delegation,
            cells=[CellOut.of(one, cells_of[one.code]) for one in held.indicators if one.code in cells_of],
        )
        for scope, cells_of in sorted(
            by_scope.items(), key=lambda item: (ranks[item[0].kind], item[0].delegation or "")
        )
    ]
