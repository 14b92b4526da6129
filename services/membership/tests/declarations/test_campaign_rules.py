"""The clock of a campaign of declarations: its first and last day, more time, its closing, and who comes late.

No text fixes these days: the federation does, campaign by campaign, and ADR 0024 says what they let through.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from common.errors import Refusal, obstacle
from membership.declarations.domain import (
    Campaign,
    CampaignClosed,
    CampaignRunning,
    CampaignStatus,
    ClosingDayTooEarly,
    Extension,
    YearNotOver,
    close,
    extend,
    is_late,
    opened,
)
from membership.declarations.queries import questionnaire_of

FORM = questionnaire_of("2025")
TODAY, LAST = date(2026, 4, 1), date(2026, 5, 31)
DAY = timedelta(days=1)
CAMPAIGN = Campaign(2025, "2025", (), opened_on=TODAY, closes_on=LAST)
CLOSED = replace(CAMPAIGN, closed_on=date(2026, 6, 1))


def found(act: Callable[[], object]) -> type[object]:
    return type(obstacle(act))


def until(day: date) -> Extension:
    return Extension(day, "demande des délégations", datetime(2026, 5, 1, tzinfo=UTC), "n")


@pytest.mark.parametrize(
    ("year", "closes_on", "today", "refusal"),
    [
        pytest.param(2025, LAST, TODAY, None, id="les comptes de l'an dernier"),
        pytest.param(2025, LAST, date(2026, 1, 1), None, id="dès le 1er janvier"),
        pytest.param(2025, LAST, date(2025, 12, 31), YearNotOver, id="le 31 décembre : l'année court encore"),
        pytest.param(2025, TODAY, TODAY, None, id="elle finit aujourd'hui"),
        pytest.param(2025, TODAY - DAY, TODAY, ClosingDayTooEarly, id="elle finirait hier"),
    ],
)
def test_when_a_campaign_opens(year: int, closes_on: date, today: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: opened(year, FORM, closes_on, today)) is (refusal or type(None))


def test_who_is_too_early_reads_when_it_opens() -> None:
    with pytest.raises(YearNotOver, match=r"Les comptes de 2026 .* s'ouvre en 2027"):
        opened(2026, FORM, LAST, TODAY)


@pytest.mark.parametrize(
    ("campaign", "closes_on", "today", "refusal"),
    [
        pytest.param(CAMPAIGN, LAST + DAY, TODAY, None, id="un jour de plus"),
        pytest.param(CAMPAIGN, LAST, TODAY, ClosingDayTooEarly, id="le même jour : rien de plus"),
        pytest.param(CAMPAIGN, LAST - DAY, TODAY, ClosingDayTooEarly, id="un jour de moins : jamais"),
        pytest.param(CAMPAIGN, LAST + DAY, LAST + DAY, None, id="prolongée jusqu'à aujourd'hui"),
        pytest.param(CAMPAIGN, LAST + DAY, LAST + 2 * DAY, ClosingDayTooEarly, id="jusqu'à hier"),
        pytest.param(CLOSED, LAST + 30 * DAY, TODAY, CampaignClosed, id="close"),
    ],
)
def test_when_everybody_has_more_time(
    campaign: Campaign, closes_on: date, today: date, refusal: type[Refusal] | None
) -> None:
    assert found(lambda: extend(campaign, until(closes_on), today)) is (refusal or type(None))


def test_of_extensions_the_last_gives_the_last_day() -> None:
    twice = extend(extend(CAMPAIGN, until(LAST + DAY), TODAY), until(LAST + 2 * DAY), TODAY)
    assert (twice.closes_on, len(twice.extensions)) == (LAST + 2 * DAY, 2)


@pytest.mark.parametrize(
    ("campaign", "today", "refusal"),
    [
        pytest.param(CAMPAIGN, LAST, CampaignRunning, id="le dernier jour : les structures l'ont encore"),
        pytest.param(CAMPAIGN, LAST + DAY, None, id="le lendemain"),
        pytest.param(CLOSED, LAST + DAY, CampaignClosed, id="close déjà"),
    ],
)
def test_when_a_campaign_closes(campaign: Campaign, today: date, refusal: type[Refusal] | None) -> None:
    assert found(lambda: close(campaign, today)) is (refusal or type(None))


def test_a_campaign_is_open_until_it_is_closed() -> None:
    assert CAMPAIGN.status is CampaignStatus.OPEN
    closed = close(CAMPAIGN, LAST + DAY)
    assert (closed.status, closed.closed_on) == (CampaignStatus.CLOSED, LAST + DAY)


@pytest.mark.parametrize(
    ("day", "late"),
    [
        pytest.param(LAST, False, id="le dernier jour compte"),
        pytest.param(LAST + DAY, True, id="le lendemain : en retard"),
    ],
)
def test_who_declares_late(day: date, late: bool) -> None:
    assert is_late(CAMPAIGN, day) is late
