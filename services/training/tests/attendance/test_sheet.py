"""The sheet of a half-day, drawn as a reader draws it: how and when each signed, and the line that proves it."""

import io
import re

import pypdfium2
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest

from .arrangements import Class, marked, on_the_day, said
from .devices import registered, synced

_NOT_FINAL = "cette feuille n’est pas définitive"


def _said(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


async def test_the_sheet_has_each_signature_with_its_proof(training: ServiceUnderTest, held: Class) -> None:
    async with on_the_day(training, held) as then, then.client("trainer") as trainer:
        tablet = await registered(trainer, held, then.runtime.clock.now())
        await said(trainer, f"{held.slot()}/open")
        await marked(trainer, held, 0, 0)
        await marked(trainer, held, 0, 1, kind="partial", hours="2.50", reason="late")
        assert _NOT_FINAL in _said((await trainer.get(f"{held.slot()}/sheet.pdf")).content)
        tablet.write(held.slots[0], "present", enrolment=held.seats[1])
        await synced(trainer, held, tablet, tablet.lines)
        done = await said(trainer, f"{held.slot()}/close", {})
        answer = await trainer.get(f"{held.slot()}/sheet.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = _said(answer.content)
    for words in (
        "Claude NOM00", "présence signée", "présence en partie, 2,50 h, arrivée en retard", "absence, à dire",
        "Dominique MODÈLE", "appareil du formateur", "À départager", "déjà signé autrement",
    ):  # fmt: skip
        assert words in text
    assert _NOT_FINAL not in text
    for mark in done["half_days"][0]["marks"]:
        assert f"{mark['number']} · {mark['hash'][:16]}" in text
    assert re.search(r"signé le \d\d/\d\d/\d{4} \d\d:\d\d:\d\d", text)
    document = pypdfium2.PdfDocument(answer.content)
    assert len(document) == 1
