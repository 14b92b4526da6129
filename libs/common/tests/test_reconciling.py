"""What a reader lacks of a producer's story, from what both sides say."""

from typing import Any

import pytest

from common.cli.reconciling import (
    Cell,
    Comparison,
    Difference,
    Digest,
    Position,
    Replays,
    differences,
    differing_cells,
    digest,
    extra_events,
    missing_events,
    positions,
    replays,
)

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


@pytest.mark.parametrize(
    ("published", "received", "missing"),
    [
        pytest.param(Position(3, 0), Position(1, 0), 2, id="deux faits perdus"),
        pytest.param(Position(3, 2), Position(1, 0), 0, id="deux faits encore à envoyer"),
        pytest.param(Position(3, 0), Position(1, 2), 0, id="deux faits mis de côté"),
        pytest.param(Position(4, 1), Position(1, 1), 1, id="un à envoyer, un mis de côté, un perdu"),
        pytest.param(Position(3, 0), Position(0, 0), 3, id="rien reçu"),
        pytest.param(Position(1, 0), Position(2, 0), 0, id="le lecteur en sait plus que le producteur"),
    ],
)
def test_what_is_not_settled_is_told(published: Position, received: Position, missing: int) -> None:
    [found] = differences({"a": published}, {"a": received})
    assert found == Difference("a", published, received)
    assert found.missing == missing


def test_an_aggregate_that_one_side_does_not_know_is_told() -> None:
    found = differences({"a": Position(1)}, {"b": Position(1)})
    assert [item.aggregate_id for item in found] == ["a", "b"]


def test_a_reader_that_settled_everything_differs_in_nothing() -> None:
    assert differences({"a": Position(7, 0)}, {"a": Position(7, 0)}) == []


def test_what_only_has_still_to_leave_is_settled_by_nobody_and_told() -> None:
    assert differences({"a": Position(7, 1)}, {"a": Position(6, 0)}) != []


def test_positions_are_read_from_what_a_service_answers() -> None:
    assert positions([{"aggregate_id": "a", "sequence": 2, "waiting": 1}]) == {"a": Position(2, 1)}


@pytest.mark.parametrize(
    ("published", "received", "cells"),
    [
        pytest.param({}, {}, [], id="rien des deux côtés"),
        pytest.param({(MONDAY, 1): (2, "ab")}, {(MONDAY, 1): (2, "ab")}, [], id="pareil"),
        pytest.param({(MONDAY, 1): (2, "ab")}, {(MONDAY, 1): (1, "ab")}, [(MONDAY, 1)], id="un autre compte"),
        pytest.param({(MONDAY, 1): (2, "ab")}, {(MONDAY, 1): (2, "cd")}, [(MONDAY, 1)], id="un autre contenu"),
        pytest.param({(MONDAY, 1): (2, "ab")}, {}, [(MONDAY, 1)], id="le lecteur n'a rien"),
        pytest.param({}, {(MONDAY, 1): (2, "ab")}, [(MONDAY, 1)], id="le producteur n'a rien"),
        pytest.param(
            {(TUESDAY, 0): (1, "a"), (MONDAY, 9): (1, "a")},
            {(MONDAY, 3): (1, "a")},
            [(MONDAY, 3), (MONDAY, 9), (TUESDAY, 0)],
            id="par jour, puis par seau",
        ),
        pytest.param(
            {(MONDAY, 1): (1, "a"), (MONDAY, 2): (1, "a")},
            {(MONDAY, 2): (1, "a"), (MONDAY, 1): (1, "b")},
            [(MONDAY, 1)],
            id="un seau sur deux",
        ),
    ],
)
def test_the_cells_to_look_into(
    published: dict[tuple[str, int], tuple[int, str]],
    received: dict[tuple[str, int], tuple[int, str]],
    cells: list[tuple[str, int]],
) -> None:
    found = differing_cells(_side("2026-03-01", published), _side("2026-03-01", received))
    assert [(cell.day, cell.bucket) for cell in found] == cells


def test_only_the_days_that_both_sides_know_are_compared() -> None:
    """Midnight fell between the two answers: one begins a day later."""
    published = _side(MONDAY, {(MONDAY, 1): (1, "a"), (TUESDAY, 1): (1, "a")})
    assert differing_cells(published, _side(TUESDAY, {(TUESDAY, 1): (1, "a")})) == []
    assert differing_cells(_side(TUESDAY, {(TUESDAY, 1): (1, "a")}), published) == []


def _side(since: str, cells: dict[tuple[str, int], tuple[int, str]]) -> Digest:
    return Digest(since, {Cell(day, bucket): held for (day, bucket), held in cells.items()})


def test_a_digest_is_read_from_what_a_service_answers_without_what_has_still_to_leave() -> None:
    answer = {
        "since": MONDAY,
        "buckets": [
            {"day": MONDAY, "bucket": 1, "events": 2, "hash": "ab", "waiting": 1},
            {"day": MONDAY, "bucket": 2, "events": 0, "hash": "00", "waiting": 3},
        ],
    }
    assert digest(answer) == Digest(MONDAY, {Cell(MONDAY, 1): (2, "ab")})


def _published(event_id: str, aggregate_id: str = "a", sequence: int = 1, *, sent: bool = True) -> dict[str, Any]:
    return {"event_id": event_id, "aggregate_id": aggregate_id, "sequence": sequence, "sent": sent}


@pytest.mark.parametrize(
    ("published", "received", "missing", "extra"),
    [
        pytest.param([_published("x")], ["x"], [], [], id="reçu"),
        pytest.param([_published("x")], [], ["x"], [], id="perdu"),
        pytest.param([_published("x", sent=False)], [], [], [], id="encore à envoyer"),
        pytest.param([_published("x", sent=False)], ["x"], [], [], id="reçu avant que l'envoi soit noté"),
        pytest.param([], ["x"], [], ["x"], id="inconnu de son producteur"),
        pytest.param([_published("y")], ["x"], ["y"], ["x"], id="l'un pour l'autre"),
        pytest.param(
            [_published("x", "b", 1), _published("y", "a", 2), _published("z", "a", 1)],
            [],
            ["z", "y", "x"],
            [],
            id="par agrégat, dans l'ordre",
        ),
    ],
)
def test_the_events_that_differ(
    published: list[dict[str, Any]], received: list[str], missing: list[str], extra: list[str]
) -> None:
    came = [{"event_id": event_id} for event_id in received]
    assert [item["event_id"] for item in missing_events(published, came)] == missing
    assert [item["event_id"] for item in extra_events(published, came)] == extra


@pytest.mark.parametrize(
    ("missing", "aggregates", "expected"),
    [
        pytest.param([], [], Replays([], []), id="rien"),
        pytest.param(
            [_published("x", "a", 4)],
            [Difference("a", Position(4), Position(3))],
            Replays([], ["x"]),
            id="tout est nommé",
        ),
        pytest.param(
            [_published("x", "a", 4)],
            [Difference("a", Position(4), Position(1))],
            Replays([("a", 1)], ["x"]),
            id="il manque aussi de plus ancien",
        ),
        pytest.param(
            [_published("x", "a", 2)],
            [Difference("a", Position(4), Position(1, waiting=2))],
            Replays([], ["x"]),
            id="la suite est mise de côté",
        ),
        pytest.param(
            [], [Difference("a", Position(4, waiting=1), Position(3))], Replays([], []), id="la suite part d'elle-même"
        ),
        pytest.param([], [Difference("a", Position(3), Position(4))], Replays([], []), id="le lecteur en sait plus"),
        pytest.param(
            [_published("x", "a", 2)], [], Replays([], ["x"]), id="réglé, et pourtant inconnu de la boîte de réception"
        ),
    ],
)
def test_what_is_missing_is_asked_for_and_no_more(
    missing: list[dict[str, Any]], aggregates: list[Difference], expected: Replays
) -> None:
    assert replays(Comparison(MONDAY, missing=list(missing), aggregates=aggregates)) == expected


@pytest.mark.parametrize(
    ("comparison", "differs"),
    [
        pytest.param(Comparison(MONDAY), False, id="rien"),
        pytest.param(Comparison(MONDAY, missing=[_published("x")]), True, id="un manquant"),
        pytest.param(Comparison(MONDAY, extra=[{"event_id": "x"}]), True, id="un inconnu"),
        pytest.param(Comparison(MONDAY, aggregates=[Difference("a", Position(1), Position())]), True, id="un agrégat"),
    ],
)
def test_anything_that_differs_counts(comparison: Comparison, differs: bool) -> None:
    assert comparison.differs is differs
