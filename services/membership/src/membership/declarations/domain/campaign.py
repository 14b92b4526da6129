"""A year's campaign: opened by the federation's staff, extended with a reason, closed; figures are taken even after."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from common.errors import Conflict, Invalid, NotFound
from common.labels import Labelled


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
    """A closed campaign is neither extended nor closed again; figures are still taken, and marked late."""

    code = "declaration_campaign_closed"


class YearNotOver(Conflict):
    """Nobody knows the accounts of a year that is not over."""

    code = "year_not_over"


class ClosingDayTooEarly(Invalid):
    """A campaign closes on a coming day, and an extension gives more time, never less."""

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
    """

    year: int
    questionnaire: str
    opened_on: date
    closes_on: date
    extensions: tuple[Extension, ...] = ()
    closed_on: date | None = None
    version: int = 1

    @property
    def status(self) -> CampaignStatus:
        """Where it stands."""
        return CampaignStatus.OPEN if self.closed_on is None else CampaignStatus.CLOSED


def opened(year: int, questionnaire: str, closes_on: date, today: date) -> Campaign:
    """Open the campaign of a year of accounts. Raises YearNotOver, ClosingDayTooEarly."""
    if year >= today.year:
        raise YearNotOver(f"Les comptes de {year} ne sont pas clos : leur campagne s'ouvre en {year + 1}.")
    if closes_on < today:
        raise ClosingDayTooEarly(f"Une campagne ne peut se terminer le {closes_on:%d/%m/%Y} : ce jour est passé.")
    return Campaign(year, questionnaire, opened_on=today, closes_on=closes_on)


def extend(campaign: Campaign, extension: Extension) -> Campaign:
    """Give everybody more time. Raises CampaignClosed, ClosingDayTooEarly."""
    _require_open(campaign)
    if extension.closes_on <= campaign.closes_on:
        raise ClosingDayTooEarly(f"La campagne se termine déjà le {campaign.closes_on:%d/%m/%Y}.")
    return replace(
        campaign,
        closes_on=extension.closes_on,
        extensions=(*campaign.extensions, extension),
        version=campaign.version + 1,
    )


def close(campaign: Campaign, today: date) -> Campaign:
    """Close a campaign: who was expected and who answered is counted as of this day. Raises CampaignClosed."""
    _require_open(campaign)
    return replace(campaign, closed_on=today, version=campaign.version + 1)


def is_late(campaign: Campaign, day: date) -> bool:
    """Tell whether a first declaration on a day comes late."""
    return day > campaign.closes_on or campaign.closed_on is not None


def counted_on(campaign: Campaign, today: date) -> date:
    """Return the day as of which it is said who is expected: today, or the day it was closed."""
    return campaign.closed_on or today


def _require_open(campaign: Campaign) -> None:
    if campaign.closed_on is not None:
        raise CampaignClosed(f"La campagne {campaign.year} est close depuis le {campaign.closed_on:%d/%m/%Y}.")
