"""What a structure owes for 2026, case by case, as its accountant would check it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from common.errors import Refusal
from common.sourced import DatumStatus
from dues.grids.domain import (
    Activity,
    Assessment,
    BaseNotUsable,
    ExplanationLine,
    SmicNotPublished,
    Step,
    assess,
    declared_base,
    published_median,
)
from dues.grids.queries import grid_of, published_medians, smic_table

GRID = grid_of(2026)


def activities(*kinds: str) -> tuple[Activity, ...]:
    """The first kind is the main one."""
    return tuple(Activity(kind=kind, main=rank == 0) for rank, kind in enumerate(kinds))


def due(base: str | None, *kinds: str, joined_on: date | None = None) -> Assessment:
    declared = None if base is None else declared_base(Decimal(base))
    return assess(GRID, smic_table(), declared, activities(*kinds), joined_on=joined_on)


def said(assessment: Assessment) -> dict[Step, ExplanationLine]:
    return {line.step: line for line in assessment.explanation}


# The first four bases are the medians of the activity report 2024; the cap is 400 x 12.02 = 4,808.00 euros.
@pytest.mark.parametrize(
    ("kind", "base", "before_cap", "capped", "variable", "total"),
    [
        pytest.param("ai", "748664", "4491.98", False, "4491.98", "5291.98", id="AI médiane"),
        pytest.param("etti", "998493", "5990.96", True, "4808.00", "5608.00", id="ETTI médiane, plafonnée"),
        pytest.param("aci", "1058130", "2116.26", False, "2116.26", "2916.26", id="ACI médiane"),
        pytest.param("ei", "499030", "1746.61", False, "1746.61", "2546.61", id="EI médiane, demi-centime"),
        pytest.param("ett-ess", "100000", "600.00", False, "600.00", "1400.00", id="ETT-ESS"),
        pytest.param("sap-proxim", "50000.50", "300.00", False, "300.00", "1100.00", id="SAP Proxim'"),
        pytest.param("ebe", "500000", "1000.00", False, "1000.00", "1800.00", id="EBE"),
        pytest.param("ai", "801333.33", "4808.00", False, "4808.00", "5608.00", id="exactement au plafond"),
        pytest.param("ai", "801334.17", "4808.01", True, "4808.00", "5608.00", id="un centime au-dessus"),
        pytest.param("ai", "0", "0.00", False, "0.00", "800.00", id="aucun produit"),
        pytest.param("ai", "99999999999.99", "600000000.00", True, "4808.00", "5608.00", id="base démesurée"),
    ],
)
def test_a_due_is_the_fixed_part_and_a_capped_percentage(
    kind: str, base: str, before_cap: str, capped: bool, variable: str, total: str
) -> None:
    assessment = due(base, kind)
    assert assessment.fixed == Decimal("800.00")
    assert assessment.cap == Decimal("4808.00")
    assert assessment.variable_before_cap == Decimal(before_cap)
    assert assessment.capped is capped
    assert assessment.variable == Decimal(variable)
    assert assessment.total == Decimal(total)


@pytest.mark.parametrize("kind", ["ges", "other"])
def test_a_kind_without_variable_part_owes_the_fixed_part_and_needs_no_base(kind: str) -> None:
    assessment = due(None, kind)
    assert (assessment.total, assessment.variable, assessment.base) == (Decimal(800), Decimal(0), None)
    assert assessment.status is DatumStatus.ASSUMED


def test_the_cap_uses_the_smic_of_1_january_and_not_the_one_of_june() -> None:
    assert "1er janvier 2026 (12,02\u00a0€)" in said(due("1", "ai"))[Step.CAP].text


@pytest.mark.parametrize(
    ("kinds", "rated", "total"),
    [
        pytest.param(("ai", "aci", "ges"), "ai", "1400.00", id="AI principale, ACI et GES"),
        pytest.param(("aci", "ai"), "aci", "1000.00", id="ACI principale"),
        pytest.param(("ges", "ai"), "ges", "800.00", id="GES principal : part fixe seule"),
    ],
)
def test_the_main_activity_rates_the_whole_base(kinds: tuple[str, ...], rated: str, total: str) -> None:
    assessment = due("100000", *kinds)
    assert (assessment.kind, assessment.total) == (rated, Decimal(total))
    assert said(assessment)[Step.ACTIVITY].status is DatumStatus.ASSUMED


def test_a_structure_that_joins_within_the_year_owes_the_whole_year_and_is_told_so() -> None:
    joined = due("100000", "ai", joined_on=date(2026, 10, 1))
    assert joined.total == due("100000", "ai").total
    line = said(joined)[Step.JOINER]
    assert line.text == "Adhésion le 1er octobre 2026 : année entière due, sans prorata"
    assert Step.JOINER not in said(due("100000", "ai", joined_on=date(2025, 12, 31)))


@pytest.mark.parametrize(
    ("base", "listed", "code", "sentence"),
    [
        pytest.param(None, activities("ebe"), "base_missing", "pour le type EBE", id="aucune base"),
        pytest.param("1", (), "no_activity", "Aucune activité", id="aucune activité"),
        pytest.param("1", activities("coop"), "rate_not_found", "« coop »", id="type inconnu de la grille"),
        pytest.param(
            "1",
            (Activity(kind="ai", main=False), Activity(kind="aci", main=False)),
            "main_activity_unclear",
            "2 activités, dont 0",
            id="aucune activité principale",
        ),
        pytest.param(
            "1",
            (Activity(kind="ai", main=True), Activity(kind="aci", main=True)),
            "main_activity_unclear",
            "2 activités, dont 2",
            id="deux activités principales",
        ),
    ],
)
def test_what_cannot_be_rated_is_refused_by_name(
    base: str | None, listed: tuple[Activity, ...], code: str, sentence: str
) -> None:
    declared = None if base is None else declared_base(Decimal(base))
    with pytest.raises(Refusal, match=sentence) as refused:
        assess(GRID, smic_table(), declared, listed)
    assert refused.value.code == code


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity"])
def test_a_base_is_an_amount_of_zero_or_more(amount: str) -> None:
    with pytest.raises(BaseNotUsable):
        declared_base(Decimal(amount))


def test_a_year_whose_smic_is_not_published_is_refused() -> None:
    with pytest.raises(SmicNotPublished, match="1er janvier 2027"):
        assess(replace(GRID, year=2027), smic_table(), declared_base(Decimal(1)), activities("ai"))


def test_the_explanation_reads_as_on_the_phone() -> None:
    median = published_median(published_medians(), "ei")
    assessment = assess(GRID, smic_table(), median, activities("ei"))
    told = [
        (line.label, line.text.replace("\u202f", " ").replace("\u00a0", " "), line.status.value)
        for line in assessment.explanation
    ]
    assert told == [
        ("Grille", "Grille 2026, votée par l'assemblée générale du 27 juin 2024", "published"),
        ("Part fixe", "800,00 € pour toutes les structures", "published"),
        (
            "Base",
            (
                "499 030,00 € : médiane des charges 2024 publiée pour le type EI, faute de déclaration, "
                "à la place du total des produits d'exploitation 2025"
            ),
            "assumed",
        ),
        ("Taux", "0,35 % pour le groupe EI", "assumed"),
        (
            "Part variable avant plafond",
            "499 030,00 € × 0,35 % = 1 746,605 €, arrondi au centime (demi-centime au-dessus) : 1 746,61 €",
            "assumed",
        ),
        (
            "Plafond",
            "400 × SMIC horaire brut au 1er janvier 2026 (12,02 €) = 4 808,00 €, plafond non dépassé",
            "assumed",
        ),
        ("Part variable", "1 746,61 €, sans plafonnement", "assumed"),
        ("Cotisation", "800,00 € + 1 746,61 € = 2 546,61 €", "assumed"),
    ]


def test_every_line_names_its_sources_and_an_assumed_one_says_what_is_missing() -> None:
    for line in due("998493", "etti", "ai", joined_on=date(2026, 2, 1)).explanation:
        assert line.sources
        assert bool(line.notes) is (line.status is DatumStatus.ASSUMED)
