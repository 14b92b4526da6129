"""What a long run calls growth."""

import pytest

from chaos.soak import FULL_MINUTE, Sample, growing

TABLES = ("outbox_bytes", "inbox_bytes", "mark_bytes", "ledger_bytes")


def sample(minute: float, *, memory: float = 100, ledger: float = 50, lag: float = 0.2) -> Sample:
    tables = dict.fromkeys(TABLES, 10000000)
    sizes = {
        "accounts": {**tables, "ledger_bytes": int(ledger * 1e6), "partitions": 16},
        "books": {**tables, "partitions": 16},
    }
    return Sample(minute, {"accounts-relay": int(memory * 1e6)}, lag_events=5, lag_seconds=lag, sizes=sizes)


def run(**slopes: float) -> list[Sample]:
    """Look every half minute for half an hour; each figure named grows by so much a minute."""
    starts = {"memory": 100.0, "ledger": 50.0, "lag": 0.2}
    minutes = [half / 2 for half in range(60)]
    return [sample(at, **{name: starts[name] + slope * at for name, slope in slopes.items()}) for at in minutes]


@pytest.mark.parametrize(
    ("slopes", "found"),
    [
        ({}, []),
        ({"memory": 0.05}, []),
        ({"memory": 0.2}, ["mémoire de accounts-relay (Mo)"]),
        ({"memory": 2.0}, ["mémoire de accounts-relay (Mo)"]),
        ({"ledger": 1.0}, ["accounts.ledger (Mo)"]),
        ({"lag": 0.5}, ["retard du lecteur (s)"]),
    ],
)
def test_what_grows_is_named(slopes: dict[str, float], found: list[str]) -> None:
    assert growing(run(**slopes)) == found


def test_what_fills_up_before_anything_is_forgotten_is_no_growth() -> None:
    filling = [sample(at, ledger=min(at, FULL_MINUTE)) for at in range(30)]
    assert growing(filling) == []


def test_a_short_run_says_nothing() -> None:
    assert growing([sample(at, memory=100 * (at + 1)) for at in range(int(FULL_MINUTE))]) == []
