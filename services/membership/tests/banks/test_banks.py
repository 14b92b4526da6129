"""The banks hold together, do not change once they serve, and answers come to what the rule says.

Themes of CAP: rapport d'activité 2015. Questions and scores are dated data, `assumed`; ADR 0026.
"""

from hashlib import sha256
from importlib.resources import files

import pytest

from common.testing.harness import ServiceUnderTest
from membership.banks.domain import Bank, Choice, level_of, score
from membership.banks.queries import bank_of, banks

CAP, RSE = bank_of("cap-2026"), bank_of("cap-rse-2026")

# The whole file as it ships, its words and its actions too: a correction is a new version of the bank.
FINGERPRINTS = {
    "cap-2026": "6019b370b327e425",
    "cap-rse-2026": "32bb10acf072df49",
    "cap-2015": "59a938ad934bc28b",
}


def fingerprint(code: str) -> str:
    return sha256((files("membership.banks") / "data" / f"{code}.toml").read_bytes()).hexdigest()[:16]


def test_a_bank_that_has_served_does_not_change() -> None:
    assert {code: fingerprint(code) for code in banks()} == FINGERPRINTS


def test_a_code_that_is_kept_asks_the_same_thing() -> None:
    asked: dict[tuple[str, str], set[str]] = {}
    for bank in banks().values():
        for question in bank.questions:
            asked.setdefault((bank.family, question.code), set()).add(question.text)
    assert {key: texts for key, texts in asked.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("bank", [pytest.param(bank, id=code) for code, bank in banks().items()])
def test_a_bank_says_that_it_is_assumed(bank: Bank) -> None:
    assert (bank.status, "n'a" in bank.source or "n'ont" in bank.source) == ("assumed", True)
    assert all(one.text.endswith("?") and one.evidence for one in bank.questions)


@pytest.mark.parametrize(
    ("points", "label"),
    [(0, "Initial"), (300, "Initial"), (301, "Progression"), (500, "Progression"), (501, "Confirmé"),
     (700, "Confirmé"), (701, "Exemplaire"), (1000, "Exemplaire")],
)  # fmt: skip
def test_the_levels_of_engage_rse(points: int, label: str) -> None:
    level = level_of(RSE, points)
    assert (level.label, level.status) == (label, "assumed")


@pytest.mark.parametrize(
    ("answers", "identity", "whole"),
    [
        pytest.param({}, None, None, id="rien de répondu"),
        pytest.param({"written-project": Choice(4)}, 100, 100, id="une seule réponse"),
        pytest.param({"written-project": Choice(4), "yearly-objectives": Choice(0)}, 60, 60, id="pondérée : 3 et 2"),
        pytest.param({"volunteers": Choice(not_applicable=True)}, None, None, id="sans objet ne pèse rien"),
        pytest.param(
            {"written-project": Choice(3), "volunteers": Choice(not_applicable=True)}, 75, 75, id="ni en plus"
        ),
        pytest.param({"written-project": Choice(2), "risk-assessment": Choice(0)}, 50, 25, id="le tout pèse chacun"),
        pytest.param({"democratic-governance": Choice(1), "limited-profit": Choice(2)}, 35, 35, id="35 tout juste"),
    ],
)
def test_what_answers_come_to(answers: dict[str, Choice], identity: int | None, whole: int | None) -> None:
    scores = score(CAP, answers)
    assert (scores.themes["identity"].points, scores.whole.points) == (identity, whole)
    assert scores.whole.answered == len(answers)
    assert scores.whole.applicable == 24 - sum(choice.not_applicable for choice in answers.values())


async def test_the_banks_are_read(membership: ServiceUnderTest) -> None:
    async with membership.client("member") as client:
        listed = (await client.get("/assessment-banks")).json()["items"]
        assert [one["code"] for one in listed] == ["cap-2026", "cap-rse-2026", "cap-2015"]
        bank = (await client.get("/assessment-banks/cap-rse-2026")).json()
        assert (bank["out_of"], len(bank["themes"]), bank["questions"]) == (1000, 5, 30)
        assert (await client.get("/assessment-banks/inconnue")).json()["code"] == "bank_not_found"
