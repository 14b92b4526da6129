"""The verifier catches each kind of tampering, without us: it is downloaded and run on its own."""

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.testing.harness import ServiceUnderTest

from .arrangements import Class, marked, on_the_day, said, whole
from .checking import exported, verified, verifier
from .devices import registered, synced

Ledger = dict[str, Any]
Seals = list[dict[str, Any]]


def _hash(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _rechained(ledger: Ledger) -> None:
    """Write every hash anew, as a forger who has the database would."""
    previous = "0" * 64
    for line in ledger["entries"]:
        line["previous"] = previous
        line["hash"] = previous = _hash({name: value for name, value in line.items() if name != "hash"})


def _of_device(ledger: Ledger) -> dict[str, Any]:
    return next(line for line in ledger["entries"] if line["device_number"] == 2)


def _hours(ledger: Ledger, _: Seals) -> None:
    ledger["entries"][1]["hours"] = "3.00"


def _person(ledger: Ledger, _: Seals) -> None:
    ledger["entries"][1]["enrolment"] = ledger["entries"][2]["enrolment"]


def _removed(ledger: Ledger, _: Seals) -> None:
    del ledger["entries"][1]


def _swapped(ledger: Ledger, _: Seals) -> None:
    lines = ledger["entries"]
    lines[1], lines[2] = lines[2], lines[1]


def _inserted(ledger: Ledger, _: Seals) -> None:
    ledger["entries"].insert(1, copy.deepcopy(ledger["entries"][1]))


def _cut(ledger: Ledger, _: Seals) -> None:
    del ledger["entries"][-1]


def _forged(ledger: Ledger, _: Seals) -> None:
    ledger["entries"][1]["at"] = "2027-01-01T08:00:00.000000Z"
    _rechained(ledger)


def _another(ledger: Ledger, _: Seals) -> None:
    ledger["session"] = "00000000-0000-0000-0000-000000000000"


def _correction(ledger: Ledger, _: Seals) -> None:
    ledger["entries"][1]["corrects"] = 40
    _rechained(ledger)


def _device_line(ledger: Ledger, _: Seals) -> None:
    _of_device(ledger)["device_at"] = "2027-01-01T08:00:00.000000Z"
    _rechained(ledger)


def _device_order(ledger: Ledger, _: Seals) -> None:
    _of_device(ledger)["device_number"] = 7
    _rechained(ledger)


def _device_key(ledger: Ledger, _: Seals) -> None:
    ledger["devices"] = []


def _seal_content(_: Ledger, seals: Seals) -> None:
    seals[0]["content"]["at"] = "2027-01-01T08:00:00.000000Z"


def _seal_missing(_: Ledger, seals: Seals) -> None:
    del seals[0]


def _seal_chain(_: Ledger, seals: Seals) -> None:
    seals[1]["content"]["previous"] = "f" * 64
    seals[1]["hash"] = _hash(seals[1]["content"])


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        pytest.param(_hours, "ligne 2 n'est pas celui dont l'empreinte", id="des heures changées"),
        pytest.param(_person, "ligne 2 n'est pas celui dont l'empreinte", id="une personne à la place d'une autre"),
        pytest.param(_removed, "Ligne 2 attendue, ligne 3 trouvée", id="une ligne ôtée"),
        pytest.param(_swapped, "Ligne 2 attendue, ligne 3 trouvée", id="deux lignes échangées"),
        pytest.param(_inserted, "Ligne 3 attendue, ligne 2 trouvée", id="une ligne de trop"),
        pytest.param(_cut, "le registre ne l'a pas", id="la fin coupée : le sceau le dit"),
        pytest.param(_forged, "le registre ne l'a pas, ou l'a autrement", id="tout récrit : le sceau le dit"),
        pytest.param(_another, "est d'une autre session", id="le registre d'une autre session"),
        pytest.param(_correction, "corrige la ligne 40", id="une correction de rien"),
        pytest.param(_device_line, "n'est pas signée par la clé", id="une ligne d'appareil changée et rechaînée"),
        pytest.param(_device_order, "son ordre n'est pas prouvé", id="l'ordre d'un appareil changé"),
        pytest.param(_device_key, "dont la clé n'est pas au registre", id="un appareil inconnu"),
        pytest.param(_seal_content, "contenu du sceau 1", id="un sceau récrit"),
        pytest.param(_seal_missing, "il faut les donner tous", id="un sceau ôté"),
        pytest.param(_seal_chain, "Le sceau 2 ne suit pas", id="un sceau rechaîné"),
    ],
)
async def test_each_tampering_is_caught(
    training: ServiceUnderTest,
    held: Class,
    tmp_path: Path,
    tamper: Callable[[Ledger, Seals], None],
    told: str,
) -> None:
    script, ledger, seals = await _sealed(training, held, tmp_path)
    code, text = verified(script, ledger, seals)
    assert (code, text) == (0, f"Le registre de la session {held.id}, 9 lignes, et ses sceaux se tiennent.\n")
    tamper(ledger, seals)
    code, text = verified(script, ledger, seals)
    assert code == 1
    assert told in text


async def _sealed(training: ServiceUnderTest, held: Class, folder: Path) -> tuple[Path, Ledger, Seals]:
    """A half-day on the spot, another without network, each sealed the day after."""
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        await whole(trainer, held, 0, 0, 1)
    async with on_the_day(training, held, 1) as then, then.client("trainer") as trainer:
        tablet = await registered(trainer, held, then.runtime.clock.now())
        tablet.write(held.slots[1], "opened")
        tablet.write(held.slots[1], "present", enrolment=held.seats[0])
        tablet.write(held.slots[1], "partial", enrolment=held.seats[1], hours="2.50", reason="late")
        answer = await synced(trainer, held, tablet, tablet.lines)
        assert answer.status_code == 200, answer.text
        await marked(trainer, held, 1, 2)
    async with on_the_day(training, held, 2) as then, then.client() as anybody:
        ledger, seals = await exported(then, held)
        assert len(seals) == 2
        return await verifier(anybody, folder), ledger, seals


async def test_a_ledger_alone_is_verified_and_a_correction_stands_in_it(
    training: ServiceUnderTest, held: Class, tmp_path: Path
) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer, then.client() as anybody:
        done = await whole(trainer, held, 0, 0)
        number = done["half_days"][0]["marks"][1]["number"]
        there = {"kind": "present", "correction_reason": "mistake"}
        await said(trainer, f"{held.path}/entries/{number}/correct", there)
        ledger, _ = await exported(then, held)
        assert [line["corrects"] for line in ledger["entries"]].count(number) == 1
        assert verified(await verifier(anybody, tmp_path), ledger)[0] == 0
        assert "NOM0" not in json.dumps(ledger), "nobody's name"
