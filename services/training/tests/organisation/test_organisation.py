"""The training body: what its file may say, what its papers print of it, what anybody reads."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from common.testing.harness import ServiceUnderTest, settings_for
from common.testing.issuer import TestIssuer
from common.testing.plugin import Assemble
from training.app import service
from training.organisation.domain import MentionUse, Wording, lacks, mentions_on
from training.organisation.queries import DEMO_ORGANISATION, load_organisation, mention

DEMO = DEMO_ORGANISATION.read_text(encoding="utf-8")
REGISTERED = DEMO[DEMO.index("[registration]") : DEMO.index("[certification]")]
CERTIFIED = DEMO[DEMO.index("[certification]") : DEMO.index("# Le règlement intérieur")]
RULES = """
[[internal_rules]]
since = 2026-09-01
text = "Article 1. La deuxième version."

[[internal_rules]]
since = 2026-01-01
text = "Article 1. La première version."
"""
DAY = date(2026, 11, 23)
CONTRACT = (
    "Déclaration d'activité enregistrée sous le numéro 00000000000 auprès du préfet de région de Démonstration."
    " Cet enregistrement ne vaut pas agrément de l'État."
)
ADVERTISING = "Enregistré sous le numéro 00000000000. Cet enregistrement ne vaut pas agrément de l'État."
CERTIFICATION = (
    "La certification qualité a été délivrée au titre de la ou des catégories d'actions suivantes :"
    " actions de formation."
)
TWICE_CERTIFIED = CERTIFICATION.replace(".", ", bilans de compétences.")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "organisation.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_demonstration_is_plainly_fictitious_and_says_so() -> None:
    demo = load_organisation(DEMO_ORGANISATION)
    assert demo.demonstration
    assert demo.siren == "000000000"
    assert demo.registration is not None
    assert set(demo.registration.number) == {"0"}
    assert demo.internal_rules == (), "no text of rules is invented"


@pytest.mark.parametrize(
    ("true", "false", "fault"),
    [
        pytest.param('"00000000000" #', '"0000000000" #', "not a number of registration", id="dix chiffres"),
        pytest.param('"000000000"', '"000000001"', "not a SIREN", id="clé du SIREN"),
        pytest.param("[registration]", "[declaration]", "nothing is called declaration", id="nom mal écrit"),
        pytest.param('["training"]', '["trainings"]', "certification.categories", id="catégorie inconnue"),
    ],
)
def test_a_false_file_does_not_load(written: Callable[[str], Path], true: str, false: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        load_organisation(written(DEMO.replace(true, false)))


@pytest.mark.parametrize(
    ("use", "text", "said"),
    [
        # R6351-6 : sur les conventions, contrats, devis et factures.
        pytest.param(MentionUse.CONTRACT, DEMO, CONTRACT, id="convention"),
        # L6352-12 : dans une publicité, sous cette seule forme.
        pytest.param(MentionUse.ADVERTISING, DEMO, ADVERTISING, id="fiche du catalogue"),
        pytest.param(MentionUse.CONTRACT, DEMO.replace(REGISTERED, ""), "", id="convention, sans numéro"),
        pytest.param(MentionUse.ADVERTISING, DEMO.replace(REGISTERED, ""), "", id="fiche, sans numéro"),
        # Charte d'usage de la marque Qualiopi : toujours avec les catégories du certificat.
        pytest.param(
            MentionUse.CERTIFICATION,
            DEMO.replace('["training"]', '["training", "skills_assessment"]'),
            TWICE_CERTIFIED,
            id="certification de deux catégories",
        ),
        pytest.param(MentionUse.CERTIFICATION, DEMO.replace(CERTIFIED, ""), "", id="sans certification"),
        pytest.param(
            MentionUse.CERTIFICATION, DEMO.replace("2099-12-31", "2026-11-22"), "", id="certificat fini la veille"
        ),
    ],
)
def test_a_mention_is_worded_as_its_text_asks(
    written: Callable[[str], Path], use: MentionUse, text: str, said: str
) -> None:
    assert mention(load_organisation(written(text)), use, DAY) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        pytest.param(date(2025, 12, 31), (), id="avant tout texte"),
        pytest.param(date(2026, 1, 1), ("Numéro 00000000000",), id="premier texte"),
        pytest.param(date(2026, 12, 31), ("Numéro 00000000000",), id="veille du suivant"),
        pytest.param(date(2027, 1, 1), ("Nº 00000000000",), id="jour du suivant"),
    ],
)
def test_the_wording_is_that_of_the_day(day: date, said: tuple[str, ...]) -> None:
    worded = [
        Wording(use=MentionUse.CONTRACT, since=since, text=text, status="published", source="exemple")
        for since, text in ((date(2027, 1, 1), "Nº {number}"), (date(2026, 1, 1), "Numéro {number}"))
    ]
    assert tuple(one.text for one in mentions_on(load_organisation(DEMO_ORGANISATION), worded, day)) == said


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param(DEMO + RULES, [], id="tout est renseigné"),
        pytest.param(DEMO, ["internal_rules_missing"], id="pas de règlement intérieur"),
        pytest.param(
            DEMO + RULES.replace("2026-09-01", "2027-01-01").replace("2026-01-01", "2026-11-24"),
            ["internal_rules_missing"],
            id="règlement de demain",
        ),
        pytest.param(DEMO.replace(REGISTERED, "") + RULES, ["registration_missing"], id="pas de numéro"),
        pytest.param(DEMO.replace("2099-12-31", "2026-11-22") + RULES, ["certification_missing"], id="certificat fini"),
        pytest.param(DEMO.replace("2099-12-31", "2026-11-23") + RULES, [], id="certificat, dernier jour"),
    ],
)
def test_what_is_not_set_is_told(written: Callable[[str], Path], text: str, missing: list[str]) -> None:
    assert [one.code for one in lacks(load_organisation(written(text)), DAY)] == missing


async def test_anybody_reads_who_trains_and_never_its_account(training: ServiceUnderTest) -> None:
    async with training.client() as anybody:
        answer = await anybody.get("/organisation")
        again = await anybody.get("/organisation", headers={"If-None-Match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code) == (200, 304)
    shown = answer.json()
    assert shown["name"] == "Organisme de formation de démonstration"
    assert shown["registration"] == {"number": "00000000000", "of_region": "de Démonstration"}
    assert shown["certification"] == {
        "categories": [{"code": "training", "label": "actions de formation"}],
        "until": "2099-12-31",
    }
    assert {one["use"]: one["text"] for one in shown["mentions"]} == {
        "contract": CONTRACT, "advertising": ADVERTISING, "certification": CERTIFICATION,
    }  # fmt: skip
    assert all(one["source"] and one["status"] == "published" for one in shown["mentions"])
    assert (shown["demonstration"], shown["internal_rules_since"]) == (True, None)
    assert [one["code"] for one in shown["missing"]] == ["internal_rules_missing"]
    assert not {"iban", "bic"} & set(shown)
    assert "FR76" not in answer.text


async def test_a_file_that_changes_is_read_again(assemble: Assemble, written: Callable[[str], Path]) -> None:
    file = written(DEMO)
    training = await assemble(service, entity_file=file)
    async with training.client() as anybody:
        assert (await anybody.get("/organisation")).json()["registration"] is not None
        file.write_text(DEMO.replace(REGISTERED, "").replace(CERTIFIED, ""), encoding="utf-8")
        shown = (await anybody.get("/organisation")).json()
    assert (shown["registration"], shown["certification"], shown["mentions"]) == (None, None, [])


@pytest.mark.parametrize(
    ("on", "found"),
    [
        pytest.param("2025-12-31", None, id="avant la première version"),
        pytest.param("2026-01-01", "Article 1. La première version.", id="premier jour"),
        pytest.param("2026-08-31", "Article 1. La première version.", id="veille de la deuxième"),
        pytest.param("2026-09-01", "Article 1. La deuxième version.", id="jour de la deuxième"),
    ],
)
async def test_the_rules_of_a_day_are_read_without_a_token(
    assemble: Assemble, written: Callable[[str], Path], on: str, found: str | None
) -> None:
    training = await assemble(service, entity_file=written(DEMO + RULES))
    async with training.client() as anybody:
        answer = await anybody.get("/organisation/internal-rules", params={"on": on})
    if found is None:
        assert (answer.status_code, answer.json()["code"]) == (404, "internal_rules_missing")
        assert "31 décembre 2025" in answer.json()["detail"]
    else:
        assert (answer.status_code, answer.json()["text"]) == (200, found)


def test_production_trains_in_the_name_of_a_real_body(
    issuer: TestIssuer, tmp_path: Path, written: Callable[[str], Path]
) -> None:
    told = {"COORACE_ENVIRONMENT": "production"}
    with pytest.raises(ValidationError, match="TRAINING_ENTITY_FILE must name the real legal entity"):
        settings_for(service, "postgresql://x", issuer, tmp_path, **told)
    with pytest.raises(ValidationError, match="TRAINING_ENTITY_FILE"):
        settings_for(service, "postgresql://x", issuer, tmp_path, **told, entity_file=written(DEMO))  # a copy of it
    real = written(DEMO.replace("demonstration = true", ""))
    settings_for(service, "postgresql://x", issuer, tmp_path, **told, entity_file=real)


def test_a_false_file_starts_nothing(issuer: TestIssuer, tmp_path: Path, written: Callable[[str], Path]) -> None:
    false = written(DEMO.replace('"00000000000000"', '"00000000000001"'))
    with pytest.raises(ValidationError, match="is not a SIRET"):
        settings_for(service, "postgresql://x", issuer, tmp_path, entity_file=false)
