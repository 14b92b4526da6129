"""The record of a decision, drawn as a reader draws it."""

from io import BytesIO

import pypdfium2
from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .jury import BEST, ONE, OTHER, THIRD, WORST, closed, fund, no, yes

HOSTILE = "#panic[*gras*] $x$ " + "long" * 30


async def test_the_record_says_what_was_decided_and_why(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
        one = await now.application(call, partners=[str(THIRD)])
        two = await now.application(call, OTHER, title=HOSTILE, trainees=20)
        three = await now.application(call, THIRD, title="Former à l'accueil")
    async with closed(training) as then:
        for application, marks in ((one, BEST), (two, {"reach": 3, "quality": 4}), (three, WORST)):
            await then.judge(application, marks=marks)
        await then.judge(one, "board", WORST)
        tie = {"reason": "Lien avec la structure"}
        await then.ask("POST", f"/solidarity-applications/{three['id']}/recusals", "board", json=tie)
        call = await then.seen(call)
        await then.act(call, "rank")
        less = yes(two, "4000.00", trainees=10, reason="Dix places, <b>pas plus</b>.")
        assert (await then.decide(call, yes(one), less, no(three))).status_code == 200
        path = f"/solidarity-calls/{call['id']}/decision-record"
        answer = await then.ask("GET", path, "board")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content == (await then.ask("GET", path)).content, "a decision prints alike"
        assert (await then.ask("GET", path, "member", ONE)).status_code == 403
    reader = PdfReader(BytesIO(answer.content))
    said = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    said = said.replace("\u202f", " ").replace("\u00a0", " ")
    for words in (
        "10 000,00 €", "6 000,00 €", "4 000,00 €", "Structure 001", "65,00", "100,00 *", "retenue pour moins",
        "refusée",
        "Dix places, <b>pas plus</b>.", "Public déjà formé.", "#panic[*gras*] $x$", "Lien avec la structure",
        "Nombre de salariés formés (poids 3)",
    ):  # fmt: skip
        assert words in said, words
    page = pypdfium2.PdfDocument(answer.content)[0]
    pixels = bytes(page.render(grayscale=True).buffer)
    assert 0.005 < sum(shade < 200 for shade in pixels) / len(pixels) < 0.2


async def test_a_call_that_nobody_answered_is_decided_too(training: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(training, arranged) as now:
        call = await now.call()
    async with closed(training) as then:
        call = await then.seen(call)
        assert (await then.act(call, "rank")).status_code == 200
        assert (await then.decide(call)).status_code == 200
        assert call["totals"]["projects"] == 0
        answer = await then.ask("GET", f"/solidarity-calls/{call['id']}/decision-record")
        assert "Aucune demande" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()
