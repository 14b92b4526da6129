"""Thirty people sign at the same instant, on real connections: one dense chain, nobody told to try again."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx

from common.testing.plugin import Assemble
from training.app import service

from .arrangements import on_the_day, planned_class, said
from .checking import exported, verified, verifier

_PEOPLE = 30


async def test_thirty_sign_at_once(assemble: Assemble, tmp_path: Path) -> None:
    training = await assemble(service, database_pool_size=10)
    held = await planned_class(training, _PEOPLE)
    async with on_the_day(training, held) as then, then.client("trainer") as trainer, then.client() as anybody:
        await said(trainer, f"{held.path}/links")
        await said(trainer, f"{held.slot()}/open")
        codes = {one["enrolment_id"]: one["code"] for one in (await said(trainer, f"{held.slot()}/codes"))["items"]}
        rows = await then.rows("SELECT text FROM mail WHERE subject LIKE 'Émargement%' ORDER BY recipient")
        by_address = sorted(range(_PEOPLE), key=lambda number: f"claude{number}@exemple.fr")
        signing = [
            (row.text.partition("#")[2].split()[0], codes[held.seats[number]])
            for row, number in zip(rows, by_address, strict=True)
        ]

        async def sign(key: str, code: str) -> httpx.Response:
            body = {"slot_id": held.slots[0], "code": code}
            return await anybody.post("/signing-link/sign", json=body, headers={"Signing-Key": key})

        twice = [*signing, *signing]
        answers = await asyncio.gather(*(sign(*one) for one in twice))
        assert Counter(one.status_code for one in answers) == {200: _PEOPLE, 409: _PEOPLE}
        ledger, _ = await exported(then, held)
        assert [line["number"] for line in ledger["entries"]] == list(range(1, _PEOPLE + 2))
        assert {line["enrolment"] for line in ledger["entries"][1:]} == set(held.seats)
        assert verified(await verifier(anybody, tmp_path), ledger)[0] == 0
