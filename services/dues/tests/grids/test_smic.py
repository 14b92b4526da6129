"""The hourly SMIC in force on a day."""

from datetime import date
from decimal import Decimal

import pytest

from common.sourced import Datum, DatumStatus
from dues.grids.domain import SmicNotPublished, SmicRate, hourly_smic, require_sound_table
from dues.grids.queries import smic_table


@pytest.mark.parametrize(
    ("on", "hourly", "since"),
    [
        pytest.param(date(2024, 1, 1), "11.65", date(2024, 1, 1), id="1er janvier 2024"),
        pytest.param(date(2024, 10, 31), "11.65", date(2024, 1, 1), id="veille d'une hausse"),
        pytest.param(date(2024, 11, 1), "11.88", date(2024, 11, 1), id="jour d'une hausse"),
        pytest.param(date(2025, 1, 1), "11.88", date(2025, 1, 1), id="1er janvier 2025, taux inchangé"),
        pytest.param(date(2026, 1, 1), "12.02", date(2026, 1, 1), id="1er janvier 2026"),
        pytest.param(date(2026, 12, 31), "12.31", date(2026, 6, 1), id="dernier jour connu"),
    ],
)
def test_the_rate_of_a_day_is_the_last_one_of_its_year(on: date, hourly: str, since: date) -> None:
    rate = hourly_smic(smic_table(), on=on)
    assert (rate.hourly.value, rate.since) == (Decimal(hourly), since)


@pytest.mark.parametrize(
    "on",
    [
        pytest.param(date(2027, 1, 1), id="le taux de décembre ne passe pas le nouvel an"),
        pytest.param(date(2030, 7, 1), id="année lointaine"),
        pytest.param(date(2023, 12, 31), id="avant la table"),
    ],
)
def test_an_unknown_year_is_refused_by_naming_the_missing_figure(on: date) -> None:
    with pytest.raises(SmicNotPublished) as refused:
        hourly_smic(smic_table(), on=on)
    assert refused.value.code == "smic_not_published"
    assert refused.value.extra == {"missing": "hourly_smic", "on": on.isoformat()}


def test_a_rate_published_during_the_year_says_nothing_of_its_first_days() -> None:
    may = Datum(value=Decimal("12.50"), status=DatumStatus.PUBLISHED, source="essai")
    with pytest.raises(SmicNotPublished, match="1er janvier 2027"):
        hourly_smic((SmicRate(since=date(2027, 5, 1), hourly=may),), on=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("since", "hourly", "why"),
    [
        pytest.param(date(2026, 1, 1), "12.50", "two rates", id="deux taux du même jour"),
        pytest.param(date(2028, 1, 1), "0", "nothing or less", id="nul"),
        pytest.param(date(2028, 1, 1), "-1", "nothing or less", id="négatif"),
    ],
)
def test_a_table_that_has_defects_does_not_serve(since: date, hourly: str, why: str) -> None:
    rate = SmicRate(since=since, hourly=Datum(value=Decimal(hourly), status=DatumStatus.PUBLISHED, source="essai"))
    with pytest.raises(ValueError, match=why):
        require_sound_table((*smic_table(), rate))
