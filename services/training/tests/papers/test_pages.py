"""The papers as they are printed, and what keeps one from being issued, through the API."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from common.testing.harness import ServiceUnderTest
from common.testing.plugin import Assemble
from training.app import service
from training.papers.domain import PaperKind

from ..enrolments.arrangements import acted, person, refused
from ..programmes.arrangements import COMPLETE, published_again
from ..sessions.arrangements import trainer
from .arrangements import KINDS, body_file, carried, issued, of_kind, on_session, peopled, read_pdf

SAID = {
    "convention": (
        "Convention de formation professionnelle", "Structure 1", "Adhérent ADH-00001", "Camille ALPHA Camille BETA",
        "2 stagiaires, 560,00 € par stagiaire : 1 120,00 €", "14 heures, sur 2 jours", "matin, 9 h 00 à 12 h 30",
        "Salle Jaurès, 1 rue de l'Exemple, 31000 Toulouse", "261-4-4° a", COMPLETE["methods"], "L6353-1 et D6353-1",
        "Déclaration d'activité enregistrée sous le numéro 00000000000", "ne vaut pas agrément de l'État",
    ),
    "contract": (
        "Contrat de formation professionnelle", "Camille GAMMA", "Aucun", "Programme annexé : CIP-01, version 1",
        "30 % du prix au plus", "force majeure",
        "Dans les 10 jours de la signature", "Camille EXEMPLE (expérience professionnelle : Dossier 1)",
        "Action de formation (code du travail, L6313-1, 1°)", "de 1 à 6 stagiaires", "L6353-3 à L6353-7",
    ),
    "programme": ("Programme de formation", *COMPLETE["objectives"], COMPLETE["audience"], COMPLETE["assessment"]),
    "convocation": ("Convocation à une formation", "Camille ALPHA", "Référent handicap", "formation@exemple.fr"),
    "rules": ("Règlement intérieur", "Article 1. Les consignes de sécurité", "Article 2. Chacun respecte"),
    "attendance_sheet": ("Feuille d'émargement", "Camille GAMMA", "Camille EXEMPLE", "formateur", "3,5 heures"),
}  # fmt: skip


@pytest_asyncio.fixture
async def training(assemble: Assemble, tmp_path: Path) -> ServiceUnderTest:
    return await assemble(service, entity_file=body_file(tmp_path))


async def test_each_paper_is_one_page_that_says_what_it_must(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    assert set(SAID) == set(KINDS) == set(PaperKind)
    async with training.client("training") as team:
        await issued(team, made)
        for kind, words in SAID.items():
            papers = await of_kind(team, made, kind)
            said, pages = await read_pdf(team, papers[0]["id"])
            assert pages == 1
            assert papers[0]["number"] in said
            for one in words:
                assert one in said.replace("\u00a0", " ").replace("\u202f", " "), kind
            assert "Qualiopi" not in said
            assert "certification qualité" not in said, "the mark is on no paper of one training"


@pytest.mark.parametrize(
    ("kind", "term"),
    [
        # R6351-6 : le numéro est sur les conventions et les contrats. Personne n'y passe outre.
        pytest.param("convention", "registration", id="convention sans numéro"),
        pytest.param("contract", "registration", id="contrat sans numéro"),
        pytest.param("rules", "rules", id="règlement intérieur absent"),
    ],
)
async def test_a_paper_that_lacks_a_mention_is_not_issued(
    assemble: Assemble, tmp_path: Path, kind: str, term: str
) -> None:
    file = body_file(tmp_path)
    said = file.read_text(encoding="utf-8")
    if term == "rules":
        said = said[: said.rindex("[[internal_rules]]")]
    else:
        said = said.replace(said[said.index("[registration]") : said.index("[certification]")], "")
    file.write_text(said, encoding="utf-8")
    training = await assemble(service, entity_file=file)
    made = await peopled(training)
    async with training.client("training") as team:
        refusal = await on_session(team, made, "/papers/issue", {"kinds": [kind]})
        assert refused(refusal) == (409, "paper_incomplete")
        assert [one["code"] for one in refusal.json()["errors"]] == [term]
        assert await of_kind(team, made, kind) == []


CHANGES = {
    "dates": {"convention": "sign_again", "contract": "sign_again", "convocation": "replace", "programme": "none"},
    "formateur": {"convention": "inform", "contract": "sign_again", "convocation": "replace", "programme": "none"},
    "personne": {"convention": "sign_again", "contract": "none", "convocation": "replace", "programme": "none"},
    "place rendue": {"convention": "sign_again", "contract": "none", "convocation": "withdraw", "programme": "none"},
    "version": {"convention": "sign_again", "contract": "sign_again", "convocation": "replace", "programme": "replace"},
}
"""What each change of a session entails for its papers; of the convocations, the one of ALPHA."""


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_of_the_session_entails_what_it_must(training: ServiceUnderTest, what: str) -> None:
    made = await peopled(training)
    seat = made.request["seats"][0]["id"]
    async with training.client("training") as team:
        await issued(team, made, *CHANGES[what])
        mine = next(one["id"] for one in await of_kind(team, made, "convocation") if one["about"] == seat)
        change: dict[str, Any] = {"reason": "Essai"}
        if what == "personne":
            other = await person(team, 1, "DELTA")
            answer = await acted(team, f"/enrolments/{seat}", "substitute", {"trainee_id": other})
            assert answer.status_code == 200, answer.text
        elif what == "place rendue":
            assert (await acted(team, f"/enrolments/{seat}", "withdraw", {"reason": "absence"})).status_code == 200
        elif what == "version":
            await published_again(team, "CIP-01", objectives=["Conduire un entretien seul"], summary="Autrement.")
            change["adopt_version"] = True
        elif what == "formateur":
            change["slots"] = await carried(team, made, trainers=[await trainer(team, "Dominique EXEMPLE")])
        else:
            change["slots"] = await carried(team, made, 7)
        answer = await on_session(team, made, "/changes", change)
        assert answer.status_code == 200, answer.text
        done = answer.json()
        seen = {one["paper"]["id"]: one["consequence"] for one in done["replaced"]}
        seen |= {one["id"]: one["consequence"] for one in done["informed"]}
        for kind, expected in CHANGES[what].items():
            [paper] = [one for one in await of_kind(team, made, kind) if one["id"] == mine] or [
                one for one in await of_kind(team, made, kind) if one["replaces"] is None
            ]
            assert seen.get(paper["id"], "none") == expected, kind
        again = (await on_session(team, made, "/changes", {"reason": "Rien"})).json()
        assert again["replaced"] == []


async def test_one_change_at_a_time(training: ServiceUnderTest) -> None:
    made = await peopled(training)
    async with training.client("training") as team:
        both = {"reason": "Essai", "adopt_version": True, "slots": await carried(team, made, 7)}
        assert (await on_session(team, made, "/changes", both)).status_code == 422
        late = await team.post(f"{made.path}/changes", json={"reason": "Essai"}, headers={"If-Match": '"v1"'})
        assert refused(late) == (412, "version_changed")


async def test_the_rules_of_papers_are_told_with_their_sources(training: ServiceUnderTest) -> None:
    async with training.client("training") as team:
        rules = (await team.get("/papers/rules")).json()
    assert [one["kind"] for one in rules["kinds"]] == KINDS
    assert rules["changes_status"] == "assumed"
    assert {one["use"]: one["status"] for one in rules["clauses"]} == {
        "convention_payment": "assumed", "contract_payment": "published", "early_end": "assumed",
        "withdrawal": "published",
    }  # fmt: skip
