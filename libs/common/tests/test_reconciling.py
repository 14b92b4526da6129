"""What a reader lacks of a producer's story, from two numbers an aggregate."""

import pytest

from common.cli.reconciling import Difference, Position, differences, positions


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
