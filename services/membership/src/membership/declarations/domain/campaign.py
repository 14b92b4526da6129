"""A year's campaign: opened by the federation's staff, extended with a reason, closed; figures are taken even after.

Late is what comes after its last day, the closing or not: closing only fixes who was expected.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled
from membership.declarations.domain.questionnaire import Questionnaire
from membership.notices.domain import About, NoticePurpose


class CampaignStatus(Labelled):
    """Where a campaign stands."""

    OPEN = "open", "ouverte"
    CLOSED = "closed", "close"


class CampaignNotFound(NotFound):
    """No campaign was opened for these accounts."""

    code = "declaration_campaign_not_found"


class CampaignExists(Conflict):
    """A year of accounts has one campaign."""

    code = "declaration_campaign_exists"


class CampaignClosed(Conflict):
    """A closed campaign is neither extended nor closed again; figures are still taken."""

    code = "declaration_campaign_closed"


class CampaignRunning(Conflict):
    """A campaign is closed once its last day has passed: until then structures have been told that they have time."""

    code = "declaration_campaign_running"


class YearNotOver(Conflict):
    """Nobody knows the accounts of a year that is not over."""

    code = "year_not_over"


class ClosingDayTooEarly(Invalid):
    """A campaign ends today or on a coming day, and an extension gives more time, never less."""

    code = "closing_day_too_early"


@dataclass(frozen=True, slots=True)
class Extension:
    """More time given to everybody: until when, why, and who said so when."""

    closes_on: date
    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """The declarations of one year of accounts, by the version of the questionnaire it was opened with.

    ``closes_on`` is the last day on which a declaration is in time; of its ``extensions`` the last one gave it.
    ``questions`` are the codes that version had then, in its order: figures kept by rank are read by them.
    """

    year: int
    questionnaire: str
    questions: tuple[str, ...]
    opened_on: date
    closes_on: date
    extensions: tuple[Extension, ...] = ()
    closed_on: date | None = None
    version: int = 1

    @property
    def status(self) -> CampaignStatus:
        """Where it stands."""
        return CampaignStatus.OPEN if self.closed_on is None else CampaignStatus.CLOSED


def reminders_of(year: int) -> About:
    """Return what the reminders of a year's declaration are about."""
    return About(NoticePurpose.REMINDER, str(year))


def opened(year: int, questionnaire: Questionnaire, closes_on: date, today: date) -> Campaign:
    """Open the campaign of a year of accounts. Raises YearNotOver, ClosingDayTooEarly."""
    if year >= today.year:
        raise YearNotOver(f"Les comptes de {year} ne sont pas clos : leur campagne s'ouvre en {year + 1}.")
    _require_coming(closes_on, today)
    codes = tuple(question.code for question in questionnaire.questions)
    return Campaign(year, questionnaire.version, codes, opened_on=today, closes_on=closes_on)


def extend(campaign: Campaign, extension: Extension, today: date) -> Campaign:
    """Give everybody more time. Raises CampaignClosed, ClosingDayTooEarly."""
    require_open(campaign)
    _require_coming(extension.closes_on, today)
    if extension.closes_on <= campaign.closes_on:
        raise ClosingDayTooEarly(f"La campagne se termine déjà le {campaign.closes_on:%d/%m/%Y}.")
    return replace(
        campaign,
        closes_on=extension.closes_on,
        extensions=(*campaign.extensions, extension),
        version=campaign.version + 1,
    )


def require_closable(campaign: Campaign, today: date) -> None:
    """Let only an open campaign whose last day has passed be closed. Raises CampaignClosed, CampaignRunning."""
    require_open(campaign)
    if today <= campaign.closes_on:
        last = f"{campaign.closes_on:%d/%m/%Y}"
        raise CampaignRunning(f"La campagne {campaign.year} court jusqu'au {last} inclus : elle se clôt ensuite.")


def close(campaign: Campaign, today: date) -> Campaign:
    """Close a campaign whose last day has passed: who was expected is counted as of today, for ever.

    Raises CampaignClosed, CampaignRunning.
    """
    require_closable(campaign, today)
    return replace(campaign, closed_on=today, version=campaign.version + 1)


def is_late(campaign: Campaign, day: date) -> bool:
    """Tell whether a first declaration on a day comes late: after the last day of the campaign."""
    return day > campaign.closes_on


def _require_coming(closes_on: date, today: date) -> None:
    if closes_on < today:
        raise ClosingDayTooEarly(f"Une campagne ne peut se terminer le {closes_on:%d/%m/%Y} : ce jour est passé.")


def require_open(campaign: Campaign) -> None:
    """Let only an open campaign be changed. Raises CampaignClosed."""
    if campaign.closed_on is not None:
        raise CampaignClosed(f"La campagne {campaign.year} est close depuis le {campaign.closed_on:%d/%m/%Y}.")
