"""What people do for a year's declaration: open and close its campaign, fill the form, declare, correct, excuse."""

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from common.etags import check_version
from common.moments import whole_days
from common.rights import Grant
from common.transaction import Tx
from membership.agenda import queries as dates
from membership.agenda import use_cases as agenda
from membership.agenda.domain import Audience, Source, Told
from membership.declarations import domain, queries, repository
from membership.declarations.domain import (
    Author,
    Campaign,
    Declaration,
    Draft,
    Extension,
    Place,
    Revision,
    checks_made,
    is_late,
    opened,
    places,
    read_comments,
    read_figures,
    reminders_of,
    require_declarant,
)
from membership.declarations.events import told
from membership.declarations.schemas import CampaignIn, DraftIn, ExtensionIn
from membership.members.queries import find
from membership.notices import use_cases as notices
from membership.territory.domain import NETWORK_ZONE

Current = Callable[[], Awaitable[BaseModel]]
"""Reads a campaign as it is shown: with its answers, which are counted above here."""


async def open_campaign(tx: Tx, campaign: CampaignIn) -> Campaign:
    """Open the campaign of a year of accounts, by the version of the questionnaire asked for or that year's own.

    Raises QuestionnaireNotFound, YearNotOver, ClosingDayTooEarly, CampaignExists.
    """
    questionnaire = queries.questionnaire_of(campaign.questionnaire or str(campaign.year))
    began = opened(campaign.year, questionnaire, campaign.closes_on, tx.today)
    await repository.add_campaign(tx, began)
    await agenda.tell(tx, [_deadline(began)])
    return began


async def extend_campaign(
    tx: Tx, year: int, if_match: str | None, extension: ExtensionIn, current: Current
) -> Campaign:
    """Give everybody more time, those included that have declared since the day that was the last: in time after all.

    Raises CampaignNotFound, CampaignClosed, ClosingDayTooEarly, PreconditionMissing, PreconditionFailed.
    """
    campaign = await _held_campaign(tx, year, if_match, current)
    given = Extension(extension.closes_on, extension.reason, recorded_at=tx.now, recorded_by=tx.actor.subject)
    extended = domain.extend(campaign, given, tx.today)
    await repository.save_campaign(tx, extended)
    await repository.judge_lateness(tx, extended)
    await agenda.tell(tx, [_deadline(extended)])
    return extended


async def close_campaign(tx: Tx, year: int, if_match: str | None, current: Current) -> Campaign:
    """Close a campaign whose last day has passed; figures are still taken, and late as they already were.

    Raises CampaignNotFound, CampaignClosed, CampaignRunning, PreconditionMissing, PreconditionFailed.
    """
    closed = domain.close(await _held_campaign(tx, year, if_match, current), tx.today)
    await repository.save_campaign(tx, closed)
    return closed


async def save_draft(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None, draft: DraftIn) -> None:
    """Keep what was filled in so far for a structure within reach, complete or not.

    Raises MemberNotFound, NotAMember, CampaignNotFound, FiguresRefused, PreconditionMissing, PreconditionFailed.
    """
    campaign, declaration = await _held(tx, grant, member_id, year, if_match)
    form = await queries.form_of(tx, campaign, member_id)
    asked = places(form.questionnaire, form.activities)
    answers = read_figures([figure.figure for figure in draft.figures], form.questionnaire, asked)
    given = [(Place(one.check, one.activity), one.comment) for one in draft.comments]
    comments = read_comments(given, form.questionnaire, checks_made(form))
    saved = domain.save_draft(declaration, Draft(answers, comments, saved_at=tx.now, saved_by=tx.actor.subject))
    await repository.save_declaration(tx, saved)


async def carry_over(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None) -> None:
    """Fill the blanks of what a structure within reach has filled in with what it declared the year before.

    Raises MemberNotFound, NotAMember, CampaignNotFound, NothingToCarryOver, PreconditionMissing, PreconditionFailed.
    """
    campaign, declaration = await _held(tx, grant, member_id, year, if_match)
    form = await queries.form_of(tx, campaign, member_id)
    await repository.save_declaration(tx, domain.carry_over(declaration, form, _author(tx)))


async def drop_draft(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None) -> None:
    """Forget what was filled in for a structure within reach since its last revision.

    Raises MemberNotFound, NotAMember, CampaignNotFound, NothingDrafted, PreconditionMissing, PreconditionFailed.
    """
    _, declaration = await _held(tx, grant, member_id, year, if_match)
    await repository.save_declaration(tx, domain.drop_draft(declaration))


async def declare(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None) -> None:
    """Make the draft of a structure within reach its declaration, in time or late; the other services hear of it.

    Raises MemberNotFound, NotAMember, CampaignNotFound, AlreadyDeclared, NothingDrafted, FindingsOutstanding,
    PreconditionMissing, PreconditionFailed.
    """
    campaign, declaration = await _held(tx, grant, member_id, year, if_match)
    found = queries.findings_of(await queries.form_of(tx, campaign, member_id), declaration)
    declared = domain.declare(declaration, found, _author(tx), late=is_late(campaign, tx.today))
    await _save(tx, campaign, declared)
    tx.publish(told(declared, campaign.questionnaire))
    await notices.take_back(tx, reminders_of(year), member_id)


async def correct(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None, reason: str) -> None:
    """Make the draft of a structure within reach a correction of what it declared; the other services hear of it.

    Raises MemberNotFound, NotAMember, CampaignNotFound, NotDeclared, NothingDrafted, NothingChanged,
    FindingsOutstanding, PreconditionMissing, PreconditionFailed.
    """
    campaign, declaration = await _held(tx, grant, member_id, year, if_match)
    found = queries.findings_of(await queries.form_of(tx, campaign, member_id), declaration)
    corrected = domain.correct(declaration, found, _author(tx), reason=reason)
    await _save(tx, campaign, corrected)
    tx.publish(told(corrected, campaign.questionnaire), reason=reason)


async def take_over(tx: Tx, year: int, member_id: UUID, duplicate_id: UUID, reason: str) -> int | None:
    """Make what a held duplicate declared for a year a correction of what a structure declared; others hear of it.

    Return the number of the revision that gave way; None where no figure differs. Raises CampaignNotFound.
    """
    declaration = await repository.hold_declaration(tx, year, member_id)
    theirs = await repository.hold_declaration(tx, year, duplicate_id)
    if theirs.last is None or not domain.changes(declaration.declared, theirs.declared):
        return None
    await _replace(tx, declaration, theirs.last, reason)
    return len(declaration.revisions)


async def take_back(tx: Tx, year: int, member_id: UUID, number: int, reason: str) -> None:
    """Make the figures of an earlier revision a structure's again, by a correction. Raises CampaignNotFound."""
    declaration = await repository.hold_declaration(tx, year, member_id)
    await _replace(tx, declaration, declaration.revisions[number - 1], reason)


async def exempt(tx: Tx, year: int, member_id: UUID, reason: str) -> None:
    """Excuse a structure from a year; nobody is reminded of it meanwhile. Raises CampaignNotFound, AlreadyExempt."""
    await repository.hold_campaign(tx, year, shared=True)
    await repository.add_exemption(tx, year, member_id, reason)
    await notices.take_back(tx, reminders_of(year), member_id)


async def withdraw_exemption(tx: Tx, year: int, member_id: UUID, reason: str) -> None:
    """Expect a structure's declaration after all. Raises NotExempt."""
    await repository.withdraw_exemption(tx, year, member_id, reason)


async def _replace(tx: Tx, declaration: Declaration, by: Revision, reason: str) -> None:
    campaign = await queries.campaign_of(tx, declaration.year)
    corrected = domain.replaced(declaration, by, _author(tx), reason=reason)
    await _save(tx, campaign, corrected)
    tx.publish(told(corrected, campaign.questionnaire), reason=reason)


async def hold_campaign(tx: Tx, year: int) -> Campaign:
    """Load a campaign and hold it: nobody declares meanwhile, and it is reminded of by one at a time.

    Raises CampaignNotFound.
    """
    return await repository.hold_campaign(tx, year)


async def tell_again(tx: Tx) -> None:
    """Tell the agenda again what it shows: by night, what was done while it did not listen yet."""
    for campaign in await repository.campaigns(tx):
        if campaign.closes_on >= dates.shown_since(tx):
            await agenda.tell(tx, [_deadline(await repository.hold_campaign(tx, campaign.year))])


def _deadline(campaign: Campaign) -> Told:
    """Return what the agenda shows of a campaign: the last day to declare in time."""
    return Told(
        # A campaign is known by its year: this is the same identifier for ever, and nobody else's (UUID version 8).
        id=UUID(f"00000000-0000-8000-8000-{campaign.year:012d}"),
        source=Source.DECLARATIONS,
        kind="declaration_deadline",
        title=f"Dernier jour pour déclarer les chiffres de {campaign.year}",
        when=whole_days(campaign.closes_on, campaign.closes_on, NETWORK_ZONE),
        audience=Audience.MEMBERS,
    )


async def _save(tx: Tx, campaign: Campaign, declaration: Declaration) -> None:
    await repository.save_declaration(tx, declaration)
    await repository.add_last_revision(tx, declaration)
    await repository.save_figures(tx, declaration, campaign.questions)


async def _held_campaign(tx: Tx, year: int, if_match: str | None, current: Current) -> Campaign:
    campaign = await repository.hold_campaign(tx, year)
    await check_version(if_match, campaign.version, current)
    return campaign


async def _held(tx: Tx, grant: Grant, member_id: UUID, year: int, if_match: str | None) -> tuple[Campaign, Declaration]:
    """Load what is to be changed, and hold it; two people who begin it at once begin the same.

    The campaign's last day is held too: what is judged by it is not told late of a day that is being moved.
    """
    member = await find(tx, grant, member_id)
    require_declarant(member)
    campaign = await repository.hold_campaign(tx, year, shared=True)
    declaration = await repository.hold_declaration(tx, year, member_id)
    current = partial(queries.find_declaration, tx, grant, member_id, year)
    await check_version(if_match, declaration.version, current)
    return campaign, declaration


def _author(tx: Tx) -> Author:
    return Author(tx.now, tx.actor.subject, tx.today)
