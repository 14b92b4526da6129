"""The picture of a period: what is shown is right, and what is hidden cannot be found again, from inside either.

The picture shows no single structure: decided in ADR 0026, by the thresholds of ADR 0028; numbers `assumed`.
"""

from collections.abc import Sequence
from datetime import date
from statistics import mean, median
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.testing.harness import ServiceUnderTest
from membership.assessment_pictures.domain import (
    WHOLE,
    Contribution,
    Period,
    Picture,
    PictureNotOver,
    PictureRule,
    contribution,
    draw,
    period_of,
    require_over,
)
from membership.assessment_pictures.queries import picture_rules
from membership.banks.domain import Choice, score
from membership.banks.queries import bank_of

from ..assessments.test_alone import submitted
from ..departures.test_departures import told
from ..members.test_dates import TODAY
from ..members.test_register import admit, receive, structure
from ..sittings.test_minutes import act

CAP = bank_of("cap-2026")
THEMES = [theme.code for theme in CAP.themes]
MEASURES = [WHOLE, *THEMES]
LEVELS = [level.code for level in CAP.levels]
PERIOD = period_of(picture_rules()[-1], TODAY.year)


def some(delegation: str | None, count: int, points: int = 40, level: str = "under_way") -> list[Contribution]:
    """Bring some structures that all say something else."""
    return [Contribution(delegation, dict.fromkeys(MEASURES, points + rank), level) for rank in range(count)]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        pytest.param({"a": 6, "b": 8}, {"a": 6, "b": 8}, id="toutes assez nombreuses"),
        pytest.param({"a": 6, "b": 8, "c": 2}, {}, id="a, qui se connaît, trouverait les deux de c"),
        pytest.param({"a": 6, "b": 8, "c": 2, "d": 9}, {"d": 9}, id="deux assez nombreuses se couvrent avec la petite"),
        pytest.param({"a": 6, "b": 3, "c": 2}, {}, id="c trouverait les trois de b"),
        pytest.param({"a": 6, "b": 4, "c": 4, "d": 4}, {"a": 6}, id="trois petites se couvrent"),
        pytest.param({"a": 3}, {}, id="trop peu dans tout le pays"),
        pytest.param({"a": 6, None: 2, "b": 7, "c": 8}, {"c": 8}, id="sans délégation compte aussi"),
    ],
)
def test_which_delegations_are_shown(counts: dict[str | None, int], shown: dict[str | None, int]) -> None:
    picture = draw(CAP, [one for part, count in counts.items() for one in some(part, count)], 5)
    assert {part: row.structures for part, row in picture.parts.items() if row.structures} == shown
    for part, row in picture.parts.items():
        assert all((cell is not None) == (part in shown) for cell in row.themes.values())


@pytest.mark.parametrize(
    ("counts", "structures"),
    [
        pytest.param({"a": 6, "b": 8}, 14, id="rien de caché"),
        pytest.param({"a": 6, "b": 3}, None, id="a connaît ses six : les trois autres seraient b"),
        pytest.param({"a": 4, "b": 4, "c": 4}, 12, id="chacun ignore huit autres"),
        pytest.param({"a": 5, "guyane": 1}, None, id="une seule ailleurs"),
    ],
)
def test_the_country_is_hidden_where_a_delegation_would_subtract_itself(
    counts: dict[str | None, int], structures: int | None
) -> None:
    picture = draw(CAP, [one for part, count in counts.items() for one in some(part, count)], 5)
    assert picture.country.structures == structures
    assert all((cell is None) == (structures is None) for cell in picture.country.themes.values())


CELLS = st.fixed_dictionaries({(part, level): st.integers(0, 12) for part in ("a", "b", "c", None) for level in LEVELS})
POINTS = st.lists(st.integers(0, 20), min_size=1, max_size=7)


def expanded(cells: dict[tuple[str | None, str], int], points: Sequence[int]) -> list[Contribution]:
    """Make the structures of a table of counts, whose points, or absence of points, run through a short list."""
    found = []
    for (part, level), count in cells.items():
        for rank in range(count):
            values = [points[(rank + shift) % len(points)] for shift in range(len(MEASURES))]
            told = {measure: None if value < 3 else value * 5 for measure, value in zip(MEASURES, values, strict=True)}
            found.append(Contribution(part, told, level))
    return found


@settings(max_examples=300, deadline=None)
@given(CELLS, POINTS)
def test_nothing_small_is_found_by_subtraction(cells: dict[tuple[str | None, str], int], points: list[int]) -> None:
    contributions = expanded(cells, points)
    picture = draw(CAP, contributions, 5)
    counts = {part: sum(one.delegation == part for one in contributions) for part in picture.parts}
    told = {part for part, row in picture.parts.items() if row.structures is not None}
    _is_safe(counts, told, whole=picture.country.structures is not None)
    for measure in MEASURES:
        having = {
            part: sum(one.points[measure] is not None and one.delegation == part for one in contributions)
            for part in picture.parts
        }
        known = {part for part, row in picture.parts.items() if row.themes[measure] is not None}
        _is_safe(having, known, whole=picture.country.themes[measure] is not None)
        if picture.country.themes[measure] is not None:
            _says_several_things(measure, contributions, known)
        assert known <= told
    _levels_are_safe(picture, cells)


def _is_safe(counts: dict[str | None, int], told: set[str | None], *, whole: bool) -> None:
    """All that is told counts five; beside it, without any one hidden part, five are left, or nothing is hidden."""
    assert all(counts[part] >= 5 for part in told)
    hidden = set(counts) - told
    if whole and hidden:
        rest = sum(counts[part] for part in hidden)
        assert all(rest - counts[part] >= 5 for part in hidden)


def _says_several_things(measure: str, contributions: Sequence[Contribution], known: set[str | None]) -> None:
    """The country, less what is shown, and less what any delegation knows, is not all of one answer."""
    for shown in (set[str | None](), known):
        for reader in (*"abc", ""):
            rest = [one for one in contributions if one.delegation not in shown and one.delegation != reader]
            points = [point for one in rest if (point := one.points[measure]) is not None]
            assert len(set(points)) != 1


def _levels_are_safe(picture: Picture, cells: dict[tuple[str | None, str], int]) -> None:
    told = {part for part, row in picture.parts.items() if any(count is not None for count in row.levels.values())}
    for part in told:
        assert picture.parts[part].levels == {level: cells[part, level] for level in LEVELS}
        assert picture.parts[part].structures is not None
    shown = [level for level in LEVELS if picture.country.levels[level] is not None]
    hidden = [level for level in LEVELS if level not in shown]
    for level in shown:
        assert picture.country.levels[level] == sum(cells[part, level] for part in picture.parts)
        _is_safe({part: cells[part, level] for part in picture.parts}, told, whole=True)
    assert not told or not hidden
    if shown and hidden:
        together = {part: sum(cells[part, level] for level in hidden) for part in picture.parts}
        assert len(hidden) > 1
        _is_safe(together, set(), whole=True)


def test_levels_are_told_where_all_are_many() -> None:
    large = [one for part in ("a", "b", "c") for level in LEVELS for one in some(part, 6, level=level)]
    picture = draw(CAP, large, 5)
    assert picture.country.levels == dict.fromkeys(LEVELS, 18)
    assert {part: row.levels for part, row in picture.parts.items()} == dict.fromkeys("abc", dict.fromkeys(LEVELS, 6))


def test_a_level_row_that_would_give_another_away_is_not_told() -> None:
    large = [one for part in ("a", "b", "c") for level in LEVELS for one in some(part, 6, level=level)]
    picture = draw(CAP, [*large, *some("d", 20)], 5)
    assert picture.country.levels == {**dict.fromkeys(LEVELS, 18), "under_way": 38}
    shown = {part for part, row in picture.parts.items() if None not in row.levels.values()}
    assert len(shown) == 1  # with d, which has none in most levels, two others are left beside


def test_levels_do_not_tell_a_count_that_is_hidden() -> None:
    large = [one for part in ("a", "b", "e") for level in LEVELS for one in some(part, 5, level=level)]
    picture = draw(CAP, [*large, *some("c", 2)], 5)
    hidden = [part for part, row in picture.parts.items() if row.structures is None]
    assert len(hidden) == 3
    assert {count for part in hidden for count in picture.parts[part].levels.values()} == {None}


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        pytest.param([40, 40, 40, 40, 40, 40], False, id="tous disent la même chose"),
        pytest.param([0, 0, 0, 0, 1, 0, 0, 0], False, id="tout en bas"),
        pytest.param([100, 100, 100, 100, 99, 100], False, id="tout en haut"),
        pytest.param([40, 40, 40, 40, 40, 41], True, id="pas tout à fait"),
    ],
)
def test_unanimity_is_not_told(points: list[int], shown: bool) -> None:
    alike = [Contribution("a", dict.fromkeys(MEASURES, one), "under_way") for one in points]
    picture = draw(CAP, [*alike, *some("b", 6), *some("c", 7)], 5)
    assert (picture.parts["a"].themes["services"] is not None) is shown
    assert picture.country.themes["services"] is not None
    assert draw(CAP, alike, 5).country.themes["services"] == (picture.parts["a"].themes["services"] if shown else None)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        pytest.param(
            {"occitanie": [40], **{place: [100] for place in "abcde"}}, False, id="une à 40, cinq ailleurs à 100"
        ),
        pytest.param({"occitanie": [40, 60], **{place: [100] for place in "abcde"}}, False, id="elle en connaît deux"),
        pytest.param(
            {"occitanie": [40], "a": [60], **{place: [100] for place in "bcdef"}}, True, id="aucune ne les connaît"
        ),
        pytest.param(
            {"a": [20, 30, 40, 50, 60], "b": [70] * 2, "c": [70] * 2, "d": [70] * 4}, False, id="ce qui est masqué"
        ),
    ],
)
def test_a_delegation_takes_its_own_off_the_country(parts: dict[str, list[int]], shown: bool) -> None:
    """Occitanie's 40 taken off a mean of 90 of six leaves 100: each of the five others is at the top."""
    said = [Contribution(part, dict.fromkeys(MEASURES, one), "") for part, ones in parts.items() for one in ones]
    country = draw(CAP, said, 5).country
    assert {cell is not None for cell in country.themes.values()} == {shown}


def test_each_theme_has_its_own_points() -> None:
    told = [
        Contribution("a", {WHOLE: 50 + one, **{theme: rank * 10 + one for rank, theme in enumerate(THEMES, 1)}}, "")
        for one in range(5)
    ]
    region = draw(CAP, told, 5).country
    assert {code: cell and cell.mean for code, cell in region.themes.items()} == {
        WHOLE: 52,
        **{theme: rank * 10 + 2 for rank, theme in enumerate(THEMES, 1)},
    }


@pytest.mark.parametrize(
    ("bank", "level", "points", "reached"),
    [
        pytest.param("cap-2026", 2, 50, "under_way", id="2 sur 4"),
        pytest.param("cap-2015", 3, 100, "exemplary", id="3 sur 3, en part de sa propre échelle"),
        pytest.param("cap-2015", 1, 33, "to_build", id="1 sur 3"),
    ],
)
def test_versions_meet_as_shares_of_their_scales(bank: str, level: int, points: int, reached: str) -> None:
    answered = bank_of(bank)
    scores = score(answered, {question.code: Choice(level) for question in answered.questions})
    found = contribution(CAP, "a", answered, scores)
    assert found.points == dict.fromkeys(MEASURES, points)
    assert found.level == next(one.code for one in reversed(CAP.levels) if one.points <= points)


ASSUMED = PictureRule(date(2015, 1, 1), 3, 5, "assumed", "test")


@pytest.mark.parametrize(
    ("year", "first", "last"), [(2015, 2015, 2017), (2024, 2024, 2026), (2026, 2024, 2026), (2027, 2027, 2029)]
)
def test_periods_share_no_year(year: int, first: int, last: int) -> None:
    assert period_of(ASSUMED, year) == Period(date(first, 1, 1), date(last, 12, 31))


def test_a_running_period_is_not_drawn() -> None:
    require_over(period_of(ASSUMED, 2024), date(2027, 1, 1))
    with pytest.raises(PictureNotOver):
        require_over(period_of(ASSUMED, 2024), date(2026, 12, 31))


async def admitted(membership: ServiceUnderTest, name: str, **where: str) -> str:
    async with membership.client("network", "board") as client:
        application = await receive(client, **structure(name, **where))
        await admit(client, application, f"PV-{name}")
    return str(application["member_id"])


async def submitted_by(membership: ServiceUnderTest, name: str, level: int, **where: str) -> None:
    member_id = await admitted(membership, name, **where)
    async with membership.client("member", member_id=member_id) as client:
        await submitted(client, level=level, written_project=(level + 1) % 5, pathway_built=(level + 2) % 5)


async def picture_of(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/assessment-pictures", params={"family": "cap", "year": TODAY.year})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def points_of(level: int, theme: str | None = None) -> int:
    """Return what such a structure comes to, as ``submitted_by`` answers."""
    others = {"written-project": Choice((level + 1) % 5), "pathway-built": Choice((level + 2) % 5)}
    scores = score(CAP, {question.code: Choice(level) for question in CAP.questions} | others)
    found = (scores.themes[theme] if theme else scores.whole).points
    assert found is not None
    return found


async def test_the_picture_of_a_period(membership: ServiceUnderTest) -> None:
    south, west = [0, 1, 2, 3, 4, 4], [1, 2, 2, 2, 3]
    for rank, level in enumerate(south):
        await submitted_by(membership, f"S{rank}", level)
    for rank, level in enumerate(west):
        await submitted_by(membership, f"W{rank}", level, department="35", postcode="35000")
    await admitted(membership, "Silent")
    # One that left before the last day counts, as in the present picture; one that answered twice, as it did last.
    leaving = await admitted(membership, "Leaving")
    async with membership.client("member", member_id=leaving) as client:
        await submitted(client, level=0, written_project=1, pathway_built=2)
    twice = await admitted(membership, "Twice")
    async with membership.client("member", member_id=twice) as client:
        await act(client, await submitted(client, level=0), "POST", "close")
        await submitted(client, level=3, written_project=4, pathway_built=0)
    async with membership.client("network", "board") as client:
        gone = await told(client, f"/members/{leaving}", cause="ceased")
        assert gone.status_code == 200, gone.text
        early = await client.get("/assessment-pictures", params={"family": "cap", "year": TODAY.year})
        assert (early.status_code, early.json()["code"]) == (409, "picture_year_not_over")
    levels = [*south, 0, 3]
    days = (PERIOD.last - TODAY).days + 1
    async with membership.days_later(days) as later:
        for role, claims in (("network", {}), ("board", {}), ("finance", {}), ("delegation", {"delegation": "idf"})):
            async with later.client(role, **claims) as client:
                picture = await picture_of(client)
        assert (picture["bank"], picture["last"]) == ("cap-2026", PERIOD.last.isoformat())
        rows = {row["delegation"]: row for row in picture["delegations"]}
        here = rows["occitanie"]
        assert [(one["structures"], one["members"]) for one in (here, rows["bretagne"])] == [(8, 8), (5, 5)]
        assert (picture["country"]["structures"], picture["country"]["members"]) == (13, 13)
        for theme in here["themes"]:
            points = [points_of(level, theme["code"]) for level in levels]
            assert (theme["mean"], theme["median"]) == (int(mean(points) + 0.5), int(median(points) + 0.5))
        assert len({theme["mean"] for theme in here["themes"]}) > 1
        points = [points_of(level) for level in (*levels, *west)]
        assert picture["country"]["whole"]["mean"] == int(mean(points) + 0.5)
        assert (rows["idf"]["structures"], rows["idf"]["members"]) == (None, 0)
        assert all(level["structures"] is None for row in rows.values() for level in row["levels"])
        async with later.client("member") as client:
            refused = await client.get("/assessment-pictures", params={"family": "cap", "year": TODAY.year})
            assert refused.status_code == 403
        await submitted_by(later, "Late", 4)
        async with later.client("network") as client:
            assert await picture_of(client) == picture
            unknown = await client.get("/assessment-pictures", params={"family": "cap-1999", "year": TODAY.year})
            assert (unknown.status_code, unknown.json()["code"]) == (404, "bank_not_found")
