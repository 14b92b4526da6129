"""The rules of the key figures: their definitions hold together, what is unknown is no zero, what is published.

Published figures: rapports d'activité 2015, 2020, 2024; the rest is decided in ADR 0034.
"""

import re
from datetime import date
from decimal import Decimal

import pytest

from common.errors import Refusal
from membership.yearly_figures.domain import (
    Amount,
    FigureMeasure,
    FigurePeriod,
    FiguresNotDefined,
    FrozenValue,
    NoValue,
    Told,
    YearlyFigure,
    YearStillRunning,
    change_of,
    change_percent,
    figures_of,
    frozen,
    label_of,
    partial_since,
    require_over,
    shown_places,
    why_empty,
    why_missing,
    why_untold,
    window_of,
)
from membership.yearly_figures.queries import figure_sets
from membership.yearly_figures.queries.counted import FEEDS, ROWS

PUBLISHED = {
    "members.at_year_end": "543",
    "activity.permanents": "3 889",
    "activity.people_in_pathway": "47 541",
    "activity.turnover": "316 447 560",
    "assessments.cap": "19 CAP",
    "training.sessions": "167",
    "training.trainees": "1 339",
    "legal_desk.asked": "1 600",
    "legal_desk.webinars": "28 webinaires",
    "ptce.supported": "39",
    "ptce.visits": "3 visites",
    "fg2i.members": "illisible",
}
"""The figures that a yearly report gives (RA 2015, 2020, 2024, as they were read), and what it says of them."""


def test_every_figure_counts_something_that_is_told_and_says_where_it_comes_from() -> None:
    for held in figure_sets():
        codes = [one.code for one in held.figures]
        themes = [one.code for one in held.themes]
        assert len(codes) == len(set(codes))
        assert [one.theme for one in held.figures] == sorted((one.theme for one in held.figures), key=themes.index)
        assert {one.status for one in held.figures} <= {"published", "assumed"}
        for one in held.figures:
            assert one.definition.endswith("."), one.code
            assert one.told_by.endswith("."), one.code
            assert not re.search(r"\w\.\w|credited|voided", f"{one.told_by} {one.definition}"), (
                f"{one.code}: a wire name"
            )
            assert one.source.endswith("."), one.code
        assert {one.rows for one in held.figures} == set(ROWS)
        assert {one.feed for one in held.figures} == set(FEEDS)


def test_a_published_figure_cites_the_report_that_gives_it() -> None:
    [held] = figure_sets()
    assert {one.code for one in held.figures if one.status == "published"} == set(PUBLISHED)
    for code, words in PUBLISHED.items():
        assert "RA 20" in held.figure(code).source
        assert words in held.figure(code).source


def test_the_definitions_of_a_year() -> None:
    assert figures_of(figure_sets(), 2026).version == "2026"
    with pytest.raises(FiguresNotDefined):
        figures_of(figure_sets(), 2014)


@pytest.mark.parametrize(
    ("year", "last", "provisional"),
    [
        pytest.param(2025, date(2025, 12, 31), False, id="une année finie"),
        pytest.param(2026, date(2026, 11, 22), True, id="l'année en cours : jusqu'à aujourd'hui"),
    ],
)
def test_the_days_that_are_counted(year: int, last: date, *, provisional: bool) -> None:
    window = window_of(year, date(2026, 11, 22))
    assert (window.first, window.last, window.is_provisional) == (date(year, 1, 1), last, provisional)


def test_the_last_day_of_a_year_is_its_whole() -> None:
    assert not window_of(2026, date(2026, 12, 31)).is_provisional


@pytest.mark.parametrize(
    ("period", "year", "told", "why"),
    [
        pytest.param("flow", 2026, [], NoValue.NEVER_TOLD, id="rien n'a jamais été reçu"),
        pytest.param("flow", 2026, [2025], None, id="entendu l'an dernier, rien cette année : un vrai zéro"),
        pytest.param("flow", 2025, [2026], NoValue.NOT_TOLD_THEN, id="avant que le service ne parle"),
        pytest.param("stock", 2026, [2024, 2026], None, id="au 31 décembre"),
        pytest.param("accounts", 2025, [2025], None, id="comptes déclarés"),
        pytest.param("accounts", 2026, [2025], NoValue.NOT_TOLD_YET, id="comptes pas encore déclarés"),
        pytest.param("accounts", 2024, [2023, 2025], NoValue.NOT_TOLD_THEN, id="une année sans déclaration"),
        pytest.param("accounts", 2026, [], NoValue.NEVER_TOLD, id="jamais de déclaration"),
    ],
)
def test_what_nobody_told_is_no_zero(period: str, year: int, told: list[int], why: NoValue | None) -> None:
    assert why_untold(FigurePeriod(period), year, told) is why


def test_what_the_network_alone_knows_has_no_value_below_it() -> None:
    [held] = figure_sets()
    called = held.figure("fg2i.called")
    assert why_missing(called, 2026, [2026], "") is None
    assert why_missing(called, 2026, [2026], "occitanie") is NoValue.NETWORK_ONLY


def test_what_comes_of_declared_income_is_discreet() -> None:
    """The amount of a call is a share of the declared income: of a few structures, it would say it."""
    [held] = figure_sets()
    discreet = {one.code for one in held.figures if one.discreet}
    declared = {"activity.permanents", "activity.people_in_pathway", "activity.turnover"}
    assert discreet == {*declared, "dues.amount_called", "fg2i.amount"}


@pytest.mark.parametrize(
    ("value", "previous", "change", "percent"),
    [
        pytest.param("543", "573", "-30", "-5.2", id="RA 2024 et RA 2020"),
        pytest.param("548", "543", "5", "0.9", id="au dixième"),
        pytest.param("3", "0", "3", None, id="de rien, aucun pourcentage"),
        pytest.param("0", "4", "-4", "-100.0", id="plus rien"),
        pytest.param("5", None, None, None, id="l'année d'avant n'est pas connue"),
        pytest.param(None, "5", None, None, id="celle-ci ne l'est pas"),
    ],
)
def test_a_year_beside_the_one_before(
    value: str | None, previous: str | None, change: str | None, percent: str | None
) -> None:
    now, before = (None if one is None else Decimal(one) for one in (value, previous))
    assert change_of(now, before) == (None if change is None else Decimal(change))
    assert change_percent(now, before) == (None if percent is None else Decimal(percent))


def figure(*, discreet: bool) -> YearlyFigure:
    period, measure = FigurePeriod.ACCOUNTS, FigureMeasure.QUANTITY
    texts = {"code": "x", "label": "X", "theme": "t", "unit": "euros", "definition": "X.", "rows": "r", "feed": "f"}
    return YearlyFigure(
        **texts, told_by="X.", period=period, measure=measure, status="assumed", source="X.", discreet=discreet
    )


@pytest.mark.parametrize(
    ("shown", "before", "kept"),
    [
        pytest.param(True, True, FrozenValue(Decimal(9), 5, None, Decimal(8)), id="montrées toutes deux"),
        pytest.param(False, True, FrozenValue(None, None, NoValue.TOO_FEW, None), id="masquée, et celle d'avant"),
        pytest.param(True, False, FrozenValue(Decimal(9), 5, None, None), id="l'année d'avant masquée"),
    ],
)
def test_what_an_edition_keeps_of_a_figure(kept: FrozenValue, *, shown: bool, before: bool) -> None:
    told = Told(figure(discreet=True), Amount(5, Decimal(9), 5), None, Amount(5, Decimal(8), 5))
    assert frozen(told, shown=shown, shown_before=before) == kept


@pytest.mark.parametrize(
    ("structures", "shown"),
    [
        pytest.param({"idf": 7, "occitanie": 5}, {"", "idf", "occitanie"}, id="assez partout"),
        pytest.param({"idf": 4}, set(), id="trop peu en tout"),
        pytest.param({"idf": 9, "occitanie": 7, "bretagne": 2}, {"", "idf"}, id="une petite en cache une autre"),
        pytest.param({"idf": 9, "occitanie": 7, None: 2}, {"", "idf"}, id="celles de nulle part sont une partie"),
        pytest.param({"idf": 9, "occitanie": 4, "bretagne": 2}, {"", "idf"}, id="deux petites se cachent"),
        pytest.param({"idf": 5, "occitanie": 0}, {"", "idf"}, id="nulle part où personne n'est compté"),
    ],
)
def test_no_small_sum_is_found_by_subtraction(structures: dict[str | None, int], shown: set[str]) -> None:
    """Five structures: the rule of the Observatoire (observatory/data/secrecy.toml), assumed."""
    amounts = {place: Amount(count, Decimal(100), count) for place, count in structures.items()}
    assert shown_places(amounts, 5) == shown


def test_the_first_year_of_a_source_is_partial_and_accounts_of_nobody_are_no_zero() -> None:
    told = {2026: date(2026, 9, 1), 2027: date(2027, 1, 4)}
    assert partial_since(FigurePeriod.FLOW, 2026, told) == date(2026, 9, 1)
    assert partial_since(FigurePeriod.FLOW, 2027, told) is None
    assert partial_since(FigurePeriod.STOCK, 2026, told) is None
    assert partial_since(FigurePeriod.FLOW, 2026, {2026: date(2026, 1, 1)}) is None
    assert why_empty(FigurePeriod.ACCOUNTS, Amount()) is NoValue.NOT_TOLD_YET
    assert why_empty(FigurePeriod.ACCOUNTS, Amount(1, Decimal(0), 1)) is None
    assert why_empty(FigurePeriod.FLOW, Amount()) is None


def test_an_edition_keeps_why_there_is_no_value() -> None:
    told = Told(figure(discreet=True), None, NoValue.NOT_TOLD_YET, Amount(7, Decimal(8), 7))
    kept = FrozenValue(None, None, NoValue.NOT_TOLD_YET, Decimal(8))
    assert frozen(told, shown=True, shown_before=True) == kept


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        pytest.param(date(2026, 12, 31), YearStillRunning, id="son dernier jour"),
        pytest.param(date(2027, 1, 1), None, id="le 1er janvier"),
    ],
)
def test_a_year_is_published_once_it_is_over(today: date, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        require_over(2026, today)
    else:
        with pytest.raises(refusal):
            require_over(2026, today)


def test_what_stands_while_the_year_runs_is_that_of_today() -> None:
    today = date(2026, 11, 22)
    assert label_of(FigurePeriod.STOCK, window_of(2026, today)) == "aujourd'hui"
    assert label_of(FigurePeriod.STOCK, window_of(2025, today)) == "au 31 décembre"
    assert label_of(FigurePeriod.FLOW, window_of(2026, today)) == "dans l'année"
