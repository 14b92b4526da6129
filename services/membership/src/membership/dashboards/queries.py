"""Reads of dashboards. A figure counts what its list selects, with the list's own filters: they cannot disagree.

One query a figure, for all delegations at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, select

from common.pagination import PageParams
from common.rights import Grant, Scope
from common.transaction import Read
from membership.accompaniments import queries as catalogue
from membership.accompaniments.schemas import SlotListParams
from membership.applications import queries as applications
from membership.applications.domain import ApplicationStatus
from membership.applications.schemas import ApplicationListParams
from membership.assessments import queries as assessments
from membership.assessments.schemas import AssessmentListParams
from membership.bookings import queries as bookings
from membership.bookings.domain import BookingState
from membership.bookings.schemas import BookingListParams
from membership.dashboards.domain import Counted, DelegationNotFound, Figure, FigureGroup
from membership.dashboards.schemas import DashboardFigureOut, DashboardOut, DashboardsOut
from membership.declarants import queries as follow_up
from membership.declarants.schemas import FollowUpListParams
from membership.declarations import queries as declarations
from membership.declarations.domain import CampaignNotFound, DeclarationState
from membership.encounters import queries as encounters
from membership.encounters.domain import EncounterMeans
from membership.encounters.schemas import EncounterListParams
from membership.measures import queries as measures
from membership.measures.domain import MeasureStatus
from membership.measures.schemas import MeasureListParams
from membership.members import queries as members
from membership.members.domain import ActivityKind, MemberStatus, StandingCode
from membership.members.schemas import MemberListParams
from membership.next_steps import queries as next_steps
from membership.next_steps.domain import NextStepState
from membership.next_steps.schemas import NextStepListParams
from membership.renewals import queries as renewals
from membership.renewals.domain import RenewalState
from membership.renewals.schemas import LineListParams
from membership.satisfaction import queries as satisfaction
from membership.satisfaction.schemas import AnswerListParams
from membership.support_requests import queries as support
from membership.support_requests.domain import SupportStatus
from membership.support_requests.schemas import SupportRequestListParams
from membership.territory.domain import Delegation
from membership.territory.queries import load_territory

_ROOT = "/membership/v1"
_BELONGS = [MemberStatus.ACTIVE, MemberStatus.SUSPENDED]
_TOLD = [one for one in StandingCode if one is not StandingCode.NOT_CALLED]
_OPEN_SUPPORT = [SupportStatus.ASKED, SupportStatus.TAKEN_UP, SupportStatus.PLANNED]


@dataclass(frozen=True, slots=True)
class _Selection:
    """A figure, the query of its rows, and which column of them tells the delegation."""

    figure: Figure
    rows: Select[Any]
    delegation: ColumnElement[str | None] = members.MEMBER_DELEGATION


async def list_dashboards(source: Read, grant: Grant, year: int | None) -> DashboardsOut:
    """Return the dashboards of the delegations within reach, and of all of them. Raises YearNotBegun, RuleMissing."""
    told = year or source.today.year
    counted = [await _count(source, one) for one in await _selections(source, grant, told)]
    return DashboardsOut(
        year=told,
        items=[_dashboard(one, told, counted) for one in _within(grant)],
        total=_dashboard(None, told, counted) if grant.scope is Scope.ALL else None,
    )


async def find_dashboard(source: Read, grant: Grant, delegation: str, year: int | None) -> DashboardOut:
    """Return the dashboard of one delegation within reach. Raises DelegationNotFound, YearNotBegun, RuleMissing."""
    shown = next((one for one in _within(grant) if one.code == delegation), None)
    if shown is None:
        raise DelegationNotFound("Cette délégation n'existe pas, ou n'est pas dans votre périmètre.")
    told = year or source.today.year
    counted = [await _count(source, one) for one in await _selections(source, grant, told)]
    return _dashboard(shown, told, counted)


def _within(grant: Grant) -> list[Delegation]:
    delegations = load_territory().delegations
    return [one for one in delegations if grant.reaches(one.code)]


async def _count(source: Read, selection: _Selection) -> Counted:
    told = selection.delegation.label("delegation")
    rows = selection.rows.with_only_columns(told, maintain_column_froms=True).subquery()
    query = select(rows.c.delegation, func.count()).group_by(rows.c.delegation)
    return Counted(selection.figure, {row[0]: row[1] for row in await source.session.execute(query)})


def _dashboard(delegation: Delegation | None, year: int, counted: Sequence[Counted]) -> DashboardOut:
    return DashboardOut(
        delegation=delegation.code if delegation else None,
        name=delegation.name if delegation else "Ensemble",
        year=year,
        figures=[_figure_out(one, delegation) for one in counted],
    )


def _figure_out(counted: Counted, delegation: Delegation | None) -> DashboardFigureOut:
    figure = counted.figure
    filters = {**figure.filters, **({figure.by: [delegation.code]} if delegation else {})}
    return DashboardFigureOut(
        code=figure.code,
        group=figure.group,
        group_label=figure.group.label,
        label=figure.label,
        definition=figure.definition,
        value=counted.of(delegation.code) if delegation else counted.total,
        list=f"{figure.path}?{urlencode(filters, doseq=True)}" if filters else figure.path,
    )


def _figure(code: str, group: FigureGroup, label: str, definition: str, path: str, params: PageParams) -> Figure:
    """Write a figure whose rows are those of a list with these filters."""
    filters = params.model_dump(mode="json", exclude_defaults=True)
    written = {name: str(value).lower() if isinstance(value, bool) else value for name, value in filters.items()}
    return Figure(code, group, label, definition, f"{_ROOT}{path}", written)


async def _selections(source: Read, grant: Grant, year: int) -> list[_Selection]:
    """Return all figures of a year, in the order in which they are read. Raises YearNotBegun, RuleMissing."""
    return [
        *_of_members(source, grant),
        *_of_encounters(source, grant, year),
        *_of_next_steps(source, grant),
        *await _of_declarations(source, grant, year),
        *_of_dues(source, grant, year),
        *_of_the_board(source, grant),
        *await _of_renewals(source, grant, year),
        *_of_support(source, grant),
        *await _of_accompaniments(source, grant, year),
        *await _of_assessments(source, grant, year),
    ]


def _of_members(source: Read, grant: Grant) -> Iterator[_Selection]:
    for status, label in (
        (MemberStatus.ACTIVE, "adhérentes"),
        (MemberStatus.SUSPENDED, "suspendues"),
        (MemberStatus.CANDIDATE, "candidates"),
    ):
        definition = f"Structures {label} aujourd'hui."
        yield _listed_members(source, grant, f"members.{status}", label, definition, MemberListParams(status=[status]))
    for kind in ActivityKind:
        definition = "Adhérentes, suspendues comprises, qui ont cette activité aujourd'hui, et peut-être d'autres."
        params = MemberListParams(status=_BELONGS, kind=[kind])
        yield _listed_members(source, grant, f"members.kind.{kind}", kind.label, definition, params)


def _of_dues(source: Read, grant: Grant, year: int) -> Iterator[_Selection]:
    for code, label, params in (
        ("called", "appelées", MemberListParams(status=_BELONGS, called=year)),
        ("not_called", "non appelées", MemberListParams(status=_BELONGS, not_called=year)),
    ):
        definition = f"Adhérentes d'aujourd'hui, {label} pour la cotisation {year} d'après le service des cotisations."
        yield _listed_members(source, grant, f"dues.{code}", label, definition, params, FigureGroup.DUES)
    for standing in _TOLD:
        definition = f"Adhérentes d'aujourd'hui dont la cotisation {year} est, d'après ce service : {standing.label}."
        params = MemberListParams(status=_BELONGS, standing=[standing], standing_year=year)
        label = f"cotisation {standing.label}"
        yield _listed_members(source, grant, f"dues.{standing}", label, definition, params, FigureGroup.DUES)


def _listed_members(
    source: Read,
    grant: Grant,
    code: str,
    label: str,
    definition: str,
    params: MemberListParams,
    group: FigureGroup = FigureGroup.MEMBERS,
) -> _Selection:
    return _Selection(
        _figure(code, group, label, definition, "/members", params), members.selected(source, grant, params)
    )


def _of_encounters(source: Read, grant: Grant, year: int) -> Iterator[_Selection]:
    counted = encounters.YearOfEncounters(source, year)
    told = f"de {year} (règle de décompte avec `/encounters/{year}`)"
    for code, label, definition, params in (
        ("to_meet", "à rencontrer", f"Adhérentes {told}.", EncounterListParams()),
        ("met", "rencontrées", f"Adhérentes {told}, vues en entretien ou en rencontre.", EncounterListParams(met=True)),
        (
            "not_met",
            "pas encore rencontrées",
            f"Adhérentes {told}, jamais vues cette année-là.",
            EncounterListParams(met=False),
        ),
        (
            "by_interview",
            "par un entretien",
            f"Adhérentes {told}, dont un entretien s'est tenu.",
            EncounterListParams(means=[EncounterMeans.INTERVIEW]),
        ),
        (
            "by_meeting",
            "par une rencontre départementale",
            f"Adhérentes {told}, présentes à une rencontre.",
            EncounterListParams(means=[EncounterMeans.MEETING]),
        ),
    ):
        path = f"/encounters/{year}/members"
        figure = _figure(f"encounters.{code}", FigureGroup.ENCOUNTERS, label, definition, path, params)
        yield _Selection(figure, counted.selected(grant, params), counted.delegation)


def _of_next_steps(source: Read, grant: Grant) -> Iterator[_Selection]:
    for code, label, definition, params in (
        (
            "open",
            "suites à donner",
            "Suites d'entretiens et de rencontres encore à faire.",
            NextStepListParams(state=[NextStepState.OPEN]),
        ),
        ("overdue", "suites en retard", "Celles dont l'échéance est passée.", NextStepListParams(overdue=True)),
    ):
        figure = _figure(f"next_steps.{code}", FigureGroup.ENCOUNTERS, label, definition, "/next-steps", params)
        yield _Selection(figure, next_steps.selected(source, grant, params), next_steps.DELEGATION)


async def _of_declarations(source: Read, grant: Grant, year: int) -> list[_Selection]:
    """Return the figures of the campaign held in a year, on the accounts of the one before; none before it opens."""
    accounts = year - 1
    try:
        campaign = await declarations.campaign_of(source, accounts)
    except CampaignNotFound:
        return []
    found = []
    for code, label, states in (
        ("answered", "déclarées", [DeclarationState.DECLARED, DeclarationState.CORRECTED]),
        ("missing", "pas encore déclarées", [DeclarationState.DRAFT, DeclarationState.NOT_STARTED]),
        ("exempt", "dispensées", [DeclarationState.EXEMPT]),
    ):
        params = FollowUpListParams(state=states, expected=True)
        definition = f"Structures attendues pour les comptes {accounts}, {label}."
        path = f"/declaration-campaigns/{accounts}/follow-up"
        figure = _figure(f"declarations.{code}", FigureGroup.DECLARATIONS, label, definition, path, params)
        found.append(_Selection(figure, await follow_up.selected(source, grant, campaign, params)))
    return found


def _of_the_board(source: Read, grant: Grant) -> Iterator[_Selection]:
    waiting = ApplicationListParams(status=[ApplicationStatus.OPEN], without_opinion=True)
    yield _Selection(
        _figure(
            "applications.without_opinion",
            FigureGroup.BOARD,
            "candidatures en attente d'avis",
            "Candidatures à instruire dont la délégation n'a donné aucun avis.",
            "/applications",
            waiting,
        ),
        applications.selected(source, grant, waiting),
    )
    to_decide = MeasureListParams(status=[MeasureStatus.OPEN])
    yield _Selection(
        _figure(
            "measures.open",
            FigureGroup.BOARD,
            "procédures à décider",
            "Suspensions, réintégrations et exclusions que le conseil n'a pas décidées.",
            "/measures",
            to_decide,
        ),
        measures.selected(source, grant, to_decide),
    )


async def _of_renewals(source: Read, grant: Grant, year: int) -> list[_Selection]:
    """Return the figure of the renewal of which a year informs, the next one's; none before it opens."""
    renewal = await renewals.of_year(source, year + 1)
    if renewal is None:
        return []
    params = LineListParams(state=[RenewalState.TO_NOTIFY, RenewalState.SENDING, RenewalState.UNPROVEN])
    figure = _figure(
        "renewals.not_informed",
        FigureGroup.RENEWALS,
        "pas encore informées",
        f"Adhérentes que rien ne prouve informées du renouvellement {year + 1}.",
        f"/renewals/{renewal.id}/members",
        params,
    )
    return [_Selection(figure, renewals.selected(source, grant, renewal, params))]


def _of_support(source: Read, grant: Grant) -> Iterator[_Selection]:
    for code, label, definition, params in (
        (
            "open",
            "ouvertes",
            "Demandes ni closes ni laissées sans suite.",
            SupportRequestListParams(status=_OPEN_SUPPORT),
        ),
        (
            "late",
            "en retard",
            "Pas prises en charge à temps, ou dont une action du plan est en retard.",
            SupportRequestListParams(late=True),
        ),
    ):
        figure = _figure(f"support.{code}", FigureGroup.SUPPORT, label, definition, "/support-requests", params)
        yield _Selection(figure, support.selected(source, grant, params), support.DELEGATION)


async def _of_accompaniments(source: Read, grant: Grant, year: int) -> list[_Selection]:
    """Return the figures of the accompaniments of a year, those of a slot by its day."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    slots = SlotListParams(starts_from=first, starts_to=last, cancelled=False)
    definition = f"Créneaux de {year} que la délégation a ouverts et n'a pas annulés, pleins ou non."
    figure = _accompaniment("slots", "créneaux proposés", definition, "/accompaniment-slots", slots)
    found = [_Selection(figure, await catalogue.selected_slots(source, grant, slots), catalogue.OFFER_DELEGATION)]
    kept = [BookingState.BOOKED, BookingState.HELD, BookingState.ABSENT]
    for code, label, told, states, once in (
        ("booked", "places réservées", "Places réservées et non annulées", kept, False),
        ("held", "accompagnements tenus", "Réservations dont l'accompagnement s'est tenu", [BookingState.HELD], False),
        ("structures", "structures accompagnées", "Structures qui en ont suivi un au moins", [BookingState.HELD], True),
    ):
        params = BookingListParams(state=states, starts_from=first, starts_to=last, once=once)
        definition = f"{told}, pour un créneau de {year}, chez sa délégation du jour de la réservation."
        figure = replace(
            _accompaniment(code, label, definition, "/accompaniment-bookings", params), by="booked_delegation"
        )
        found.append(_Selection(figure, bookings.selected(grant, params), bookings.DELEGATION))
    answers = AnswerListParams(year=year)
    definition = (
        f"Avis donnés sur un accompagnement de {year} ; leurs moyennes : `/accompaniment-satisfaction/figures`."
    )
    figure = _accompaniment("answers", "avis donnés", definition, "/accompaniment-satisfaction/answers", answers)
    return [*found, _Selection(figure, satisfaction.selected(grant, answers), satisfaction.DELEGATION)]


def _accompaniment(code: str, label: str, definition: str, path: str, params: PageParams) -> Figure:
    return _figure(f"accompaniments.{code}", FigureGroup.ACCOMPANIMENTS, label, definition, path, params)


async def _of_assessments(source: Read, grant: Grant, year: int) -> list[_Selection]:
    found = []
    for family, label in (("cap", "CAP"), ("cap-rse", "CAP RSE")):
        params = AssessmentListParams(family=[family], submitted_from=date(year, 1, 1), submitted_to=date(year, 12, 31))
        definition = f"Auto-évaluations {label} remises en {year}."
        figure = _figure(f"assessments.{family}", FigureGroup.ASSESSMENTS, label, definition, "/assessments", params)
        found.append(_Selection(figure, await assessments.selected(source, grant, params)))
    return found
