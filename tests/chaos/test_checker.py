"""The checker's own rules: a sound run passes, and each thing that must not be is found under its name."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from chaos.checker import Event, Evidence, Flow, Movement, Parked, judge
from chaos.load import Command

ACCOUNT = UUID(int=7)
FIRST, SECOND, REFUSED, UNKNOWN = (UUID(int=number) for number in (1, 2, 3, 4))


def flow(name: str, **changes: Any) -> Flow:
    """Return a flow of two events that went all the way."""
    events = (
        Event(UUID(int=101), ACCOUNT, 1, FIRST, 10),
        Event(UUID(int=102), ACCOUNT, 2, SECOND, 5),
    )
    sound = Flow(
        name=name,
        streams={ACCOUNT: 2},
        ledger=events,
        unsent=0,
        bus=[events],
        inbox={event.id for event in events},
        applied=events,
        totals={ACCOUNT: 15},
        copies={ACCOUNT: (2, 15)} if name == "moved" else None,
        parked=(),
    )
    return replace(sound, **changes)


COMMANDS = (
    Command(FIRST, (ACCOUNT,), 10, "ok"),
    Command(SECOND, (ACCOUNT,), 5, "unknown"),
    Command(REFUSED, (ACCOUNT,), 0, "fail"),
    Command(UNKNOWN, (ACCOUNT,), 9, "unknown"),
)
SOUND = Evidence(
    movements=(Movement(FIRST, ACCOUNT, 10), Movement(SECOND, ACCOUNT, 5)),
    balances={ACCOUNT: 15},
    moved=flow("moved"),
    confirmed=flow("confirmed"),
)
ONE, TWO = SOUND.moved.ledger
GHOST = Event(UUID(int=103), ACCOUNT, 2, SECOND, 5)
"""Sent, and never committed."""
Spoil = Callable[[Evidence], Evidence]


def moved(**changes: Any) -> Spoil:
    return lambda sound: replace(sound, moved=replace(sound.moved, **changes))


def with_nine(sound: Flow) -> Flow:
    """Return a flow that carried 9 instead of 10, all the way."""
    events = (replace(ONE, amount=9), TWO)
    copies = {ACCOUNT: (2, 14)} if sound.copies else None
    return replace(sound, ledger=events, applied=events, totals={ACCOUNT: 14}, copies=copies)


# what is wrong: how | under which name it is found
DEFECTS: dict[str, tuple[Spoil, str]] = {
    "une commande acquittée sans mouvement": (
        lambda sound: replace(sound, movements=sound.movements[1:], balances={ACCOUNT: 5}),
        "lost",
    ),
    "une commande faite deux fois": (
        lambda sound: replace(sound, movements=(*sound.movements, sound.movements[0]), balances={ACCOUNT: 25}),
        "doubled",
    ),
    "une commande faite d'un autre montant": (
        lambda sound: Evidence(
            movements=(Movement(FIRST, ACCOUNT, 9), sound.movements[1]),
            balances={ACCOUNT: 14},
            moved=with_nine(sound.moved),
            confirmed=with_nine(sound.confirmed),
        ),
        "lost",
    ),
    "une commande refusée qui a eu lieu": (
        lambda sound: replace(sound, movements=(*sound.movements, Movement(REFUSED, ACCOUNT, 0))),
        "doubled",
    ),
    "un solde qui ne suit pas ses mouvements": (lambda sound: replace(sound, balances={ACCOUNT: 14}), "lost"),
    "un mouvement sans fait": (moved(ledger=(ONE,), streams={ACCOUNT: 1}), "lost"),
    "un fait sans mouvement": (moved(ledger=(ONE, TWO, Event(UUID(int=103), ACCOUNT, 3, REFUSED, 0))), "doubled"),
    "un trou au registre": (moved(streams={ACCOUNT: 3}), "lost"),
    "un fait jamais parti": (moved(unsent=1), "lost"),
    "un fait absent du bus": (moved(bus=[(ONE,)]), "lost"),
    "deux faits croisés sur le bus": (moved(bus=[(TWO, ONE)]), "disordered"),
    "un fantôme sur le bus": (moved(bus=[(ONE, TWO, GHOST)]), "doubled"),
    "un agrégat dans deux partitions": (moved(bus=[(ONE,), (TWO,)]), "disordered"),
    "un événement absent de la boîte": (moved(inbox={ONE.id}), "lost"),
    "un événement sauté, puis rattrapé": (moved(parked=(Parked(TWO.id, "applied", "gap"),)), "lost"),
    "un effet manquant": (moved(applied=(ONE,)), "lost"),
    "un effet d'un fantôme": (moved(applied=(ONE, replace(TWO, id=GHOST.id))), "lost"),
    "deux effets qui ont échangé leurs montants": (
        moved(applied=(replace(ONE, amount=5), replace(TWO, amount=10))),
        "lost",
    ),
    "un effet de trop": (moved(applied=(ONE, TWO, TWO)), "doubled"),
    "deux effets croisés": (moved(applied=(TWO, ONE)), "disordered"),
    "une somme trop petite": (moved(totals={ACCOUNT: 10}), "lost"),
    "une somme trop grande": (moved(totals={ACCOUNT: 20}), "doubled"),
    "une copie en retard": (moved(copies={ACCOUNT: (1, 10)}), "lost"),
    "un événement mis de côté": (moved(parked=(Parked(TWO.id, None),)), "lost"),
    "une inscription qui n'a pas été annoncée": (
        lambda sound: replace(sound, confirmed=replace(sound.confirmed, ledger=(ONE,), streams={ACCOUNT: 1})),
        "lost",
    ),
}


def test_a_sound_run_passes() -> None:
    verdict = judge(COMMANDS, SOUND)
    assert verdict.findings == []
    assert verdict.commands == {"ok": 1, "unknown": 2, "fail": 1}
    assert verdict.events == 4


@pytest.mark.parametrize(("spoil", "kind"), DEFECTS.values(), ids=DEFECTS)
def test_each_defect_is_found_under_its_name(spoil: Spoil, kind: str) -> None:
    assert kind in {finding.kind for finding in judge(COMMANDS, spoil(SOUND)).findings}


def test_repeats_on_the_bus_are_counted_and_do_no_harm() -> None:
    verdict = judge(COMMANDS, moved(bus=[(ONE, TWO, ONE, TWO)])(SOUND))
    assert (verdict.repeats, verdict.findings) == (2, [])


def test_what_was_given_up_with_a_reason_is_no_loss() -> None:
    given_up = moved(applied=(ONE,), totals={ACCOUNT: 10}, parked=(Parked(TWO.id, "discarded"),))(SOUND)
    said = replace(given_up.confirmed, ledger=(ONE,), streams={ACCOUNT: 1}, inbox={ONE.id})
    said = replace(said, applied=(ONE,), totals={ACCOUNT: 10}, bus=[(ONE,)])
    verdict = judge(COMMANDS, replace(given_up, confirmed=said))
    assert (verdict.discarded, verdict.findings) == (1, [])
