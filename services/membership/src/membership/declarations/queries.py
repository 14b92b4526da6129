"""Reads of questionnaires, campaigns and declarations."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from importlib.resources import files
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Numeric, String, and_, case, cast, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from common.blockers import BlockerOut, tried
from common.pagination import PageParams
from common.rights import Grant
from common.shipped_data import shipped
from common.transaction import Read
from membership.declarations import repository
from membership.declarations.domain import (
    Answers,
    Campaign,
    Check,
    CheckKind,
    CheckSeverity,
    Declaration,
    DeclarationState,
    Exemption,
    Finding,
    Form,
    Question,
    Questionnaire,
    QuestionnaireNotFound,
    QuestionScope,
    Revision,
    RevisionNotFound,
    Section,
    Unit,
    changes,
    findings,
    name_place,
    narrowed,
    of_both,
    places,
    require_carriable,
    require_correctable,
    require_declarable,
    require_declarant,
    require_drafted,
    state_of,
    verified,
)
from membership.declarations.domain import activities_of as activities_in
from membership.declarations.schemas import (
    CommentOut,
    DeclarationFindingOut,
    DeclarationOut,
    DeclaredFigureOut,
    DeclaredOut,
    DraftOut,
    FigureOut,
    PreviousOut,
    QuestionnaireOut,
    RevisionOut,
)
from membership.declarations.tables import DeclarationRow, ExemptionRow, FiguresRow, RevisionRow
from membership.members import queries as members
from membership.members.domain import ActivityKind, Member, Topic
from membership.rights import Act

_PACKAGE = "membership.declarations"
_DECLARATION: Any = DeclarationRow.__table__  # type: ignore[attr-defined]
_REVISION: Any = RevisionRow.__table__  # type: ignore[attr-defined]
_FIGURES: Any = FiguresRow.__table__  # type: ignore[attr-defined]
_EXEMPTION: Any = ExemptionRow.__table__  # type: ignore[attr-defined]


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """Return every version of the questionnaire shipped with the service, read once and checked as a whole."""
    names = [file.name for file in (files(_PACKAGE) / "data").iterdir() if file.name.startswith("questionnaire-")]
    found = [_questionnaire(shipped(_PACKAGE, name)) for name in sorted(names)]
    return {questionnaire.version: questionnaire for questionnaire in found}


def questionnaire_of(version: str) -> Questionnaire:
    """Return one version of the questionnaire. Raises QuestionnaireNotFound."""
    found = questionnaires().get(version)
    if found is None:
        known = ", ".join(questionnaires())
        raise QuestionnaireNotFound(f"Aucun questionnaire « {version} » n'est renseigné. Versions connues : {known}.")
    return found


def find_questionnaire(version: str, kinds: Collection[ActivityKind]) -> QuestionnaireOut:
    """Return what a version asks of every structure, or of one with some activities. Raises QuestionnaireNotFound."""
    questionnaire = questionnaire_of(version)
    return QuestionnaireOut.of(narrowed(questionnaire, kinds) if kinds else questionnaire)


async def campaign_of(source: Read, year: int) -> Campaign:
    """Return the campaign of a year of accounts. Raises CampaignNotFound."""
    return await repository.campaign_of(source, year)


async def page_of_campaigns(source: Read, params: PageParams) -> tuple[list[Campaign], str | None, int | None]:
    """Return one page of the campaigns, latest year first, with the next cursor and the total when asked for."""
    return await repository.page_of_campaigns(source, params)


async def find_declaration(source: Read, grant: Grant, member_id: UUID, year: int) -> DeclarationOut:
    """Return the form of a structure within reach, begun or not. Raises MemberNotFound, CampaignNotFound."""
    member = await members.find(source, grant, member_id)
    campaign = await campaign_of(source, year)
    declaration = await repository.declaration_of(source, year, member_id)
    exemptions = await repository.exemptions_of(source, year, member_id)
    reasons = [exemption.reason for exemption in exemptions if exemption.withdrawn_at is None]
    form = await form_of(source, campaign, member_id)
    kept = declaration or Declaration(id=member_id, member_id=member_id, year=year)
    state = state_of(len(kept.revisions), exempt=bool(reasons), drafted=kept.draft is not None)
    may_declare = bool(await members.allowed_on(source, Act.DECLARE, [member_id]))
    shown = kept if may_declare else replace(kept, draft=None)
    found = findings_of(form, shown) if may_declare else []
    actions, blockers = _actions(member, shown, form, found) if may_declare else ([], {})
    return DeclarationOut(
        id=declaration.id if declaration and declaration.version else None,
        member_id=member_id,
        name=member.name,
        delegation=member.delegation,
        year=year,
        questionnaire=campaign.questionnaire,
        campaign_status=campaign.status,
        closes_on=campaign.closes_on,
        state=state,
        state_label=state.label,
        late=shown.late,
        exemption_reason=reasons[0] if reasons else None,
        activities=list(form.activities),
        figures=_figures(form, shown),
        comments=[
            CommentOut(check=place.code, activity=place.activity, comment=comment)
            for place, comment in (shown.draft.comments if shown.draft else {}).items()
        ],
        findings=[DeclarationFindingOut.of(finding) for finding in found],
        draft=DraftOut.of(shown.draft) if shown.draft else None,
        revisions=_revisions(shown, form.questionnaire),
        version=shown.version,
        allowed_actions=actions,
        blockers=blockers,
    )


async def find_revision(source: Read, grant: Grant, member_id: UUID, year: int, number: int) -> DeclaredOut:
    """Return one revision of a structure within reach, whole.

    Raises MemberNotFound, CampaignNotFound, RevisionNotFound.
    """
    member = await members.find(source, grant, member_id)
    campaign = await campaign_of(source, year)
    declaration = await repository.declaration_of(source, year, member_id)
    revisions = declaration.revisions if declaration else ()
    if not 0 < number <= len(revisions):
        raise RevisionNotFound(f"{member.name} n'a pas de révision {number} pour les comptes de {year}.")
    questionnaire = questionnaire_of(campaign.questionnaire)
    revision = revisions[number - 1]
    differing = changes(revisions[number - 2].answers, revision.answers) if number > 1 else []
    return DeclaredOut(
        **dict(RevisionOut.of(revision, differing, questionnaire)),
        member_id=member_id,
        year=year,
        questionnaire=campaign.questionnaire,
        figures=[
            DeclaredFigureOut.of(place, questionnaire.by_code[place.code], value)
            for place, value in revision.answers.items()
        ],
    )


async def last_revisions(source: Read, year: int, member_ids: Sequence[UUID]) -> dict[UUID, Revision]:
    """Return what each of these structures declared for a year, as it last corrected it; nothing of the others."""
    return await repository.last_revisions(source, year, member_ids)


async def exemptions_of(source: Read, year: int, member_id: UUID) -> list[Exemption]:
    """Return every exemption of a structure for a year, in the order in which they were granted."""
    return await repository.exemptions_of(source, year, member_id)


async def form_of(source: Read, campaign: Campaign, member_id: UUID) -> Form:
    """Return what a campaign asks of a structure, with what the structure declared the year before."""
    questionnaire = questionnaire_of(campaign.questionnaire)
    entries = await members.entries_of(source, [member_id], (Topic.ACTIVITY,))
    activities = activities_in(entries[member_id], campaign.year)
    before = await repository.declaration_of(source, campaign.year - 1, member_id)
    if before is None or before.last is None:
        return Form(questionnaire, activities)
    earlier = questionnaire_of((await campaign_of(source, campaign.year - 1)).questionnaire)
    kept = of_both(before.last.answers, earlier, places(questionnaire, activities))
    return Form(questionnaire, activities, kept, before.last.number)


def findings_of(form: Form, declaration: Declaration) -> list[Finding]:
    """Return what is to be put right or explained in a draft; of what is declared and not being corrected, nothing."""
    if declaration.draft is None:
        return [] if declaration.revisions else findings(form, {}, {})
    return findings(form, declaration.draft.answers, declaration.draft.comments, declaration.draft.carried)


class Standing(NamedTuple):
    """The columns that say where a structure stands with a year, ``state`` as ``state_of`` says it."""

    state: ColumnElement[str]
    exempt: ColumnElement[bool]
    late: ColumnElement[bool]
    declared_on: ColumnElement[date | None]
    activities: ColumnElement[list[str]]
    """Those it declared for; none where it did not declare."""


def with_standing(base: FromClause, member_id: ColumnElement[UUID], year: int) -> tuple[FromClause, Standing]:
    """Join to another capability's rows where the structure each is about stands with a year's declaration."""
    of_year = and_(_DECLARATION.c.year == year, _DECLARATION.c.member_id == member_id)
    stands = (_EXEMPTION.c.year == year, _EXEMPTION.c.withdrawn_at.is_(None), _EXEMPTION.c.member_id == member_id)
    revisions = func.coalesce(_DECLARATION.c.revisions, 0)
    exempt = _EXEMPTION.c.id.is_not(None)
    state = case(
        (revisions > 1, DeclarationState.CORRECTED.value),
        (revisions == 1, DeclarationState.DECLARED.value),
        (exempt, DeclarationState.EXEMPT.value),
        (_DECLARATION.c.draft.is_not(None), DeclarationState.DRAFT.value),
        else_=DeclarationState.NOT_STARTED.value,
    )
    late = func.coalesce(_DECLARATION.c.late, False)
    joined = base.outerjoin(_DECLARATION, of_year).outerjoin(_EXEMPTION, and_(*stands))
    activities = select(_FIGURES.c.activity).where(_FIGURES.c.declaration_id == _DECLARATION.c.id)
    declared_for: Any = func.array(activities.correlate(_DECLARATION).scalar_subquery(), type_=ARRAY(String))
    return joined, Standing(state, exempt, late, _DECLARATION.c.declared_on, declared_for)


def questions_of(campaign: Campaign) -> Sequence[str]:
    """Return the codes of what a campaign asks, in the order of the ``amounts`` of ``figures_of``."""
    return campaign.questions


def figures_of(year: int) -> FromClause:
    """Return what was declared for a year as a table, a line for each activity of each structure: the last revision.

    ``amounts`` are in the order of ``questions_of`` the campaign, from 1 on.
    """
    revision = _DECLARATION.c.revisions.label("revision")
    query = select(_FIGURES, revision).join(_DECLARATION, _DECLARATION.c.id == _FIGURES.c.declaration_id)
    return query.where(_FIGURES.c.year == year).subquery()


def declared(code: str) -> FromClause:
    """Return one figure as each declaration last gave it, all activities together, as a table.

    ``id``, ``member_id``, ``year`` (of the accounts), ``day`` (of the revision), ``quantity``. What a duplicate
    declared was taken over by the record that stays: counted there, not twice.
    """
    figure = func.jsonb_array_elements(_REVISION.c.figures).table_valued(column("value", JSONB)).lateral("figure")
    place: Any = figure.c.value
    told = (_DECLARATION.c.id, _DECLARATION.c.member_id, _DECLARATION.c.year, _REVISION.c.recorded_on.label("day"))
    query = select(*told, func.sum(cast(place[2].astext, Numeric)).label("quantity"))
    last = and_(_REVISION.c.declaration_id == _DECLARATION.c.id, _REVISION.c.number == _DECLARATION.c.revisions)
    query = query.join(_REVISION, last).join(figure, place[0].astext == code)
    query = query.join(members.TODAY, members.TODAY.c.id == _DECLARATION.c.member_id).where(members.PRESENT)
    return query.group_by(_DECLARATION.c.id, _REVISION.c.recorded_on).subquery()


def years_declared() -> FromClause:
    """Return the years of accounts of which a structure declared something, as a table: ``year``."""
    query = select(_DECLARATION.c.year).where(_DECLARATION.c.revisions > 0)
    query = query.join(members.TODAY, members.TODAY.c.id == _DECLARATION.c.member_id).where(members.PRESENT)
    return query.distinct().subquery()


async def answers_of(source: Read, year: int, member_id: UUID) -> Answers:
    """Return what a structure declared for a year, as it last corrected it; nothing where it did not declare."""
    declaration = await repository.declaration_of(source, year, member_id)
    return declaration.declared if declaration else {}


def _actions(
    member: Member, declaration: Declaration, form: Form, found: Sequence[Finding]
) -> tuple[list[str], dict[str, list[BlockerOut]]]:
    attempts: dict[str, Callable[[], None]] = {
        "save_draft": partial(require_declarant, member),
        "carry_over": partial(require_carriable, declaration, form),
        "drop_draft": partial(require_drafted, declaration),
    }
    if declaration.last is None:
        attempts["declare"] = partial(require_declarable, declaration, found)
    else:
        attempts["correct"] = partial(require_correctable, declaration, found)
    return tried(attempts)


def _figures(form: Form, declaration: Declaration) -> list[FigureOut]:
    """Write every figure of the form, then those that the register's later words have made moot."""
    declared = declaration.declared
    answers = declaration.draft.answers if declaration.draft else declared
    asked = places(form.questionnaire, form.activities)
    by_code = form.questionnaire.by_code
    moot = {place: by_code[place.code] for place in (*answers, *declared) if place not in asked}
    return [
        FigureOut(
            code=place.code,
            activity=place.activity,
            label=name_place(place, question),
            unit=question.unit,
            required=question.required and place in asked,
            value=answers.get(place),
            declared=declared.get(place),
            previous=PreviousOut(value=form.previous[place], year=declaration.year - 1, revision=form.previous_revision)
            if place in form.previous
            else None,
            carried_over=declaration.draft is not None and place in declaration.draft.carried,
        )
        for place, question in {**asked, **moot}.items()
    ]


def _revisions(declaration: Declaration, questionnaire: Questionnaire) -> list[RevisionOut]:
    written = []
    for rank, revision in enumerate(declaration.revisions):
        differing = changes(declaration.revisions[rank - 1].answers, revision.answers) if rank else []
        written.append(RevisionOut.of(revision, differing, questionnaire))
    return written


def _questionnaire(data: Mapping[str, Any]) -> Questionnaire:
    return verified(
        Questionnaire(
            version=data["version"],
            year=data["year"],
            status=data["status"],
            source=data["source"],
            sections=tuple(Section(**section) for section in data["sections"]),
            questions=tuple(_question(question) for question in data["questions"]),
            checks=tuple(_check(check) for check in data["checks"]),
        )
    )


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        code=data["code"],
        label=data["label"],
        help=data.get("help", ""),
        section=data["section"],
        unit=Unit(data["unit"]),
        scope=QuestionScope(data["scope"]),
        required=data.get("required", False),
        kinds=frozenset(ActivityKind(kind) for kind in data.get("kinds", ())),
    )


def _check(data: Mapping[str, Any]) -> Check:
    figures = {
        name: data[name] if isinstance(data[name], str) else Decimal(data[name])
        for name in ("total", "low", "high", "percent", "floor", "tolerance")
        if name in data
    }
    return Check(
        code=data["code"],
        kind=CheckKind(data["kind"]),
        severity=CheckSeverity(data["severity"]),
        explanation=data["explanation"],
        parts=tuple(data["parts"]),
        **figures,
    )


async def begun_forms(source: Read, member_id: UUID) -> dict[int, tuple[bool, bool]]:
    """Return, of each year that a structure has a form of, whether it is declared and whether something is drafted."""
    columns = _DECLARATION.c
    drafted = func.jsonb_array_length(columns.draft["answers"]) + func.jsonb_array_length(columns.draft["comments"])
    query = select(columns.year, columns.revisions > 0, func.coalesce(drafted > 0, False)).where(  # SQL
        columns.member_id == member_id
    )
    return {year: (declared, begun) for year, declared, begun in await source.session.execute(query)}
