"""The quality referential: what holds on a day for what one does, and what changed on 1 November 2026."""

from datetime import date

import pytest

from common.testing.harness import ServiceUnderTest
from training.referential.domain import (
    AppliesTo,
    IndicatorUnknown,
    ReferentialNotFound,
    Standing,
    TrainingScope,
    Weight,
    applicable,
    compare,
    criterion_of,
    require_indicators,
)
from training.referential.queries import criteria, version_of, version_on

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)
NOT_CERTIFYING = [1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32]


@pytest.mark.parametrize(
    ("day", "code", "count"),
    [
        pytest.param(date(2019, 6, 6), "V9", 32, id="jour du décret 2019-565"),
        pytest.param(OCTOBER, "V9", 32, id="dernier jour de V9"),
        pytest.param(NOVEMBER, "2026", 33, id="entrée en vigueur du décret 2026-728"),
    ],
)
def test_the_version_of_a_day(day: date, code: str, count: int) -> None:
    found = version_on(day)
    assert (found.code, [one.number for one in found.indicators]) == (code, list(range(1, count + 1)))


@pytest.mark.parametrize("day", [OCTOBER, NOVEMBER])
@pytest.mark.parametrize(
    ("scope", "more"),
    [
        pytest.param(TrainingScope(), set(), id="sans certification : 23 (guide V9, tableau des indicateurs)"),
        pytest.param(TrainingScope(certifying=True), {3, 7, 16}, id="certifiante : 26"),
        pytest.param(TrainingScope(on_the_job=True), {13, 28}, id="en situation de travail : 25"),
        pytest.param(TrainingScope(certifying=True, on_the_job=True), {3, 7, 13, 16, 28}, id="les deux : 28"),
    ],
)
def test_what_holds_for_what_one_does(day: date, scope: TrainingScope, more: set[int]) -> None:
    held = [one.number for one in applicable(version_on(day).indicators, scope)]
    assert held == sorted({*NOT_CERTIFYING, *more})
    assert len(NOT_CERTIFYING) == 23


def test_what_a_centre_for_apprentices_owes_is_told_and_never_asked_here() -> None:
    indicators = version_on(NOVEMBER).indicators
    assert [one.number for one in indicators if one.applies_to is AppliesTo.APPRENTICESHIP] == [14, 15, 20, 29, 33]


@pytest.mark.parametrize(
    ("number", "criterion"),
    [
        (1, 1), (3, 1), (4, 2), (8, 2), (9, 3), (16, 3), (17, 4), (20, 4), (21, 5), (22, 5), (23, 6), (29, 6), (30, 7),
        (33, 7),
    ],
)  # fmt: skip
def test_the_criterion_of_an_indicator(number: int, criterion: int) -> None:
    assert criterion_of(criteria(), number).number == criterion


def test_any_breach_of_these_is_major() -> None:
    """Source: guide de lecture V9, level of each indicator; 33: décret 2026-728, in two transcriptions."""
    weights = {one.number: one.weight for one in version_on(NOVEMBER).indicators}
    major = [4, 5, 6, 7, 10, 11, 14, 15, 16, 20, 21, 22, 26, 27, 29, 31, 32]
    assert [number for number, weight in weights.items() if weight is Weight.MAJOR] == major
    assert weights[33] is Weight.NEVER_MAJOR


def test_what_the_first_of_november_2026_changed() -> None:
    """Source: two transcriptions of the annex of décret 2026-728: twelve indicators reworded, one added."""
    changes = compare(version_of("V9"), version_of("2026"))
    assert [one.number for one in changes] == [1, 2, 3, 7, 12, 14, 15, 19, 20, 27, 30, 32, 33]
    assert [one.number for one in changes if one.before is None] == [33]
    assert compare(version_of("2026"), version_of("V9"))[-1].after is None
    assert compare(version_of("V9"), version_of("V9")) == ()


def test_the_twelfth_was_for_trainings_of_more_than_two_days() -> None:
    before, after = (version_of(code).indicators[11] for code in ("V9", "2026"))
    assert (before.over_days, after.over_days) == (2, None)


def test_what_is_not_known_is_said() -> None:
    version = version_of("2026")
    assert (version.status, version.weights_status) == (Standing.SECONDARY, Standing.ASSUMED)
    assert any("V10" in one for one in version.unknown)
    unread = {one.number for one in version.indicators if one.unknown}
    assert unread == {14, 15, 19, 20, 31}
    changes = [(one.before, one.after) for one in compare(version_of("V9"), version)]
    same = {after.number for before, after in changes if before and after and before.text == after.text}
    assert same <= unread, "an indicator said to change shows a change, or says that its wording was not read"


def test_only_indicators_of_the_day_are_named() -> None:
    require_indicators(version_on(NOVEMBER), [12, 33])
    with pytest.raises(IndicatorUnknown, match="33"):
        require_indicators(version_on(OCTOBER), [12, 33])
    with pytest.raises(ReferentialNotFound):
        version_of("V10")


async def test_anybody_reads_the_referential_of_a_day(training: ServiceUnderTest) -> None:
    async with training.client() as anybody:
        before = (await anybody.get("/referential", params={"on": "2026-10-31"})).json()
        after = await anybody.get("/referential", params={"on": "2026-11-01", "certifying": True})
        found = after.json()
        assert (before["code"], before["total"], len(before["items"])) == ("V9", 32, 23)
        assert (found["code"], found["total"], len(found["items"])) == ("2026", 33, 26)
        assert (found["status"], found["weights_status"]) == ("secondary", "assumed")
        [twelfth] = [one for one in found["items"] if one["number"] == 12]
        assert twelfth["criterion"] == 3
        assert "harcèlement" in twelfth["text"]
        known = {"If-None-Match": after.headers["etag"]}
        again = await anybody.get("/referential", params={"on": "2026-11-01", "certifying": True}, headers=known)
        assert again.status_code == 304
        early = await anybody.get("/referential", params={"on": "2019-06-05"})
        assert (early.status_code, early.json()["code"]) == (404, "referential_not_found")


async def test_anybody_reads_what_changed(training: ServiceUnderTest) -> None:
    async with training.client() as anybody:
        compared = (await anybody.get("/referential/comparison", params={"before": "V9", "after": "2026"})).json()
        assert (compared["before"]["code"], compared["after"]["since"]) == ("V9", "2026-11-01")
        changes = {one["number"]: one for one in compared["items"]}
        assert len(changes) == 13
        assert changes[33]["before"] is None
        assert "risques" in changes[32]["after"]["text"]
        assert "risques" not in changes[32]["before"]["text"]
        unknown = await anybody.get("/referential/comparison", params={"before": "V9", "after": "V10"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "referential_not_found")
