"""What the fund prints: the letter of an award, which keeps the words of its day, and the board's pages on a call."""

from io import BytesIO

from pypdf import PdfReader

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Arrange

from .projects import BRETAGNE, OCCITANIE, Fund, days_later, fund


async def test_the_letter_says_what_was_awarded_and_how_it_is_paid(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        one = await now.application(call)
        assert (await now.ask("GET", f"/applications/{one['id']}/letter")).json()["code"] == "fund_award_missing"
    async with days_later(dues, 10) as then:
        given = {"amount": "50.00", "reason": "Une première année.", "conditions": "Trois structures.\n<b>Un bilan</b>"}
        awarded = await then.awarded(call, one, **given)
        assert "download_letter" in awarded["allowed_actions"]
        content, words = await printed(then, f"/applications/{one['id']}/letter", "delegation")
        said = (
            "50,00 €",
            "35,00 €",
            "15,00 €",
            "80,00 €",
            "Une première année.",
            "Trois structures.",
            "<b>Un bilan</b>",
        )
        assert [one for one in said if one not in words] == []
        assert "Occitanie" in words
        another_s = await then.ask("GET", f"/applications/{one['id']}/letter", "delegation", who=BRETAGNE)
        assert another_s.status_code == 404
    async with days_later(dues, 40) as later:
        assert (await printed(later, f"/applications/{one['id']}/letter", "delegation"))[0] == content


async def test_the_board_is_given_the_applications_of_a_call(dues: ServiceUnderTest, arranged: Arrange) -> None:
    async with fund(dues, arranged) as now:
        call = await now.call()
        await now.application(call)
        await now.application(call, BRETAGNE)
        gone = await now.application(call, BRETAGNE)
        await now.try_on("applications", gone, "withdraw", "delegation", who=BRETAGNE)
        await now.application(call, BRETAGNE, submitted=False, title="Un brouillon")
        path = f"/calls/{call['id']}/summary"
        assert "Aucune demande à lire." in (await printed(now, path, "board"))[1]
        assert "160,00 €" in (await printed(now, path, "finance"))[1]
    async with days_later(dues, 10) as then:
        words = (await printed(then, path, "board"))[1]
        said = ("160,00 €", "120,00 €", "PRJ", "Occitanie", "Bretagne", "40 %", "retirée", "Suite donnée.")
        assert [one for one in said if one not in words] == []
        assert "Un brouillon" not in words


async def printed(who: Fund, path: str, role: str) -> tuple[bytes, str]:
    """Return a document, and its words with plain spaces."""
    answer = await who.ask("GET", path, role, who=OCCITANIE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    pages = PdfReader(BytesIO(answer.content)).pages
    words = " ".join(page.extract_text() for page in pages)
    return answer.content, " ".join(words.replace("\u202f", " ").split())
