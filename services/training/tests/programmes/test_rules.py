"""The rules of the catalogue, as tables: what a day asks, what contradicts itself, a programme's life, a diff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal
from training.programmes.domain import (
    AlreadyPublished,
    Contact,
    Content,
    DraftMissing,
    DraftOpen,
    Field,
    Funding,
    Incomplete,
    Issue,
    Known,
    Mode,
    NeverPublished,
    NotOnSale,
    NotRetired,
    Part,
    PartsNotSold,
    Programme,
    ProgrammeKind,
    ProgrammeStatus,
    Recognition,
    Retired,
    SoldInOthers,
    Unchanged,
    compare,
    defects,
    discard_draft,
    nearest,
    open_draft,
    publish,
    require_never_published,
    resume,
    retire,
    rewrite,
    settled,
    within,
    words_of,
)
from training.programmes.queries.rules import referential_on

OCTOBER, NOVEMBER = date(2026, 10, 31), date(2026, 11, 1)
SAID = Content(
    title="Conduire un entretien",
    theme="support",
    objectives=("Préparer un entretien",),
    prerequisites="Aucun",
    hours=Decimal(14),
    modes=(Mode.ON_SITE,),
    methods="Mises en situation",
    assessment="Quiz",
    recognition=Recognition.ATTESTATION,
    member_price=Decimal(560),
    price=Decimal(700),
    funding=(Funding.SKILLS_PLAN,),
    access_days=15,
    disability_access="Nous contacter",
    contact=Contact(office="Coorace Formation"),
)


def part(code: str, **fields: Any) -> Part:
    figures = {"hours": Decimal(7), "member_price": Decimal(300), "price": Decimal(400)}
    return Part(**{"code": code, "number": 1, "title": f"Titre {code}", **figures, **fields})


KNOWN = Known(themes={"support"}, on_sale={code: part(code) for code in ("A-1", "A-2")})


def told(content: Content, day: date, kind: ProgrammeKind = ProgrammeKind.PROGRAMME) -> dict[str, tuple[int, ...]]:
    """The codes of what keeps a content from being published on a day, each with who asks for it."""
    return {one.code: one.indicators for one in defects(content, kind, referential_on(day), KNOWN, "P-1")}


@pytest.mark.parametrize("day", [OCTOBER, NOVEMBER])
def test_a_sheet_that_says_everything_has_no_defect(day: date) -> None:
    assert told(SAID, day) == {}


@pytest.mark.parametrize(
    ("silent", "october", "november"),
    [
        # Décret 2019-565, annexe, indicateur 1 ; décret 2026-728 à partir du 1er novembre 2026.
        pytest.param({"prerequisites": ""}, {"prerequisites_missing": (1,)}, {"prerequisites_missing": (1,)}, id="pré"),
        pytest.param({"objectives": ()}, {"objectives_missing": (1, 5)}, {"objectives_missing": (1, 5)}, id="buts"),
        pytest.param({"hours": None}, {"duration_missing": (1,)}, {"duration_missing": (1,)}, id="durée"),
        pytest.param({"hours": None, "days": Decimal(2)}, {}, {}, id="durée en jours"),
        pytest.param({"access_days": None}, {"access_days_missing": (1,)}, {"access_days_missing": (1,)}, id="délai"),
        pytest.param({"access_days": 0}, {}, {}, id="aucun délai se dit"),
        pytest.param({"price": None, "member_price": None}, {"price_missing": (1,)}, {"price_missing": (1,)}, id="€"),
        pytest.param({"price": None, "member_price": None, "on_request": True}, {}, {}, id="sur devis"),
        pytest.param({"contact": None}, {"contact_missing": (1,)}, {"contact_missing": (1,)}, id="contact"),
        pytest.param({"methods": ""}, {"methods_missing": (1, 6)}, {"methods_missing": (1, 6)}, id="méthodes"),
        pytest.param({"assessment": ""}, {"assessment_missing": (1,)}, {"assessment_missing": (1,)}, id="évaluation"),
        pytest.param(
            {"disability_access": ""},
            {"disability_access_missing": (1,)},
            {"disability_access_missing": (1,)},
            id="handicap",
        ),
        pytest.param({"modes": ()}, {"modes_missing": (6,)}, {"modes_missing": (1, 6)}, id="modalités"),
        pytest.param({"recognition": None}, {}, {"recognition_missing": (1,)}, id="reconnaissance, demandée en 2026"),
        pytest.param({"funding": ()}, {}, {"funding_missing": (1,)}, id="financement, demandé en 2026"),
        pytest.param(
            {"recognition": Recognition.RNCP},
            {"recognition_number_missing": (3,)},
            {"recognition_number_missing": (3,)},
            id="numéro d'une certification",
        ),
        pytest.param({"summary": "", "audience": "", "nsf_code": None}, {}, {}, id="ce que personne ne demande"),
    ],
)  # fmt: skip
def test_what_a_sheet_must_say_is_that_of_its_day(
    silent: dict[str, Any], october: dict[str, Any], november: dict[str, Any]
) -> None:
    content = replace(SAID, **silent)
    assert (told(content, OCTOBER), told(content, NOVEMBER)) == (october, november)


def test_a_defect_says_what_is_missing_and_who_asks_for_it() -> None:
    [one] = defects(replace(SAID, methods=""), ProgrammeKind.PROGRAMME, referential_on(NOVEMBER), KNOWN)
    assert (one.pointer, one.message) == ("/methods", "Il manque les méthodes mobilisées (indicateurs 1 et 6).")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"theme": "cuisine"}, "theme_unknown", id="thème inconnu"),
        pytest.param({"theme": None}, "theme_unknown", id="sans thème"),
        pytest.param({"recognition_number": "RNCP12345"}, "recognition_number_idle", id="numéro sans certification"),
        pytest.param(
            {"recognition": Recognition.RNCP, "recognition_number": "RS1234"}, "recognition_number_wrong", id="un RS"
        ),
        pytest.param(
            {"recognition": Recognition.RS, "recognition_number": "1234"}, "recognition_number_wrong", id="sans RS"
        ),
        pytest.param(
            {"recognition": Recognition.BLOCK, "recognition_number": "RNCP12345"}, "recognition_number_wrong", id="bloc"
        ),
        pytest.param({"member_price": Decimal(701)}, "member_price_above", id="l'adhérent paie plus"),
        pytest.param({"price": None, "on_request": True}, "price_contradicted", id="devis et montant"),
        pytest.param({"nsf_code": "33"}, "nsf_code_wrong", id="NSF de deux chiffres"),
        pytest.param({"trainees_min": 12, "trainees_max": 6}, "trainees_reversed", id="effectif à l'envers"),
        pytest.param({"parts": ("A-1",)}, "parts_idle", id="une formation faite d'une autre"),
    ],
)  # fmt: skip
def test_a_sheet_that_contradicts_itself_is_not_published(said: dict[str, Any], code: str) -> None:
    assert code in told(replace(SAID, **said), NOVEMBER)


@pytest.mark.parametrize(
    ("recognition", "number"),
    [(Recognition.RNCP, "RNCP12345"), (Recognition.RS, "RS1234"), (Recognition.BLOCK, "RNCP12345BC01")],
)
def test_a_certification_bears_a_number_of_its_kind(recognition: Recognition, number: str) -> None:
    assert told(replace(SAID, recognition=recognition, recognition_number=number), NOVEMBER) == {}


@pytest.mark.parametrize(
    ("kind", "parts", "codes"),
    [
        pytest.param("pack", ("A-1", "A-2"), set(), id="deux formations vendues"),
        pytest.param("pack", (), {"parts_missing"}, id="de rien"),
        pytest.param("pack", ("A-1", "A-1"), {"part_twice"}, id="deux fois la même"),
        pytest.param("pack", ("A-1", "Z-9"), {"part_not_sold"}, id="une qui ne se vend pas"),
        pytest.param("pack", ("P-1",), {"part_not_sold"}, id="de lui-même"),
        pytest.param("path", ("A-1",), {"path_not_certifying"}, id="un parcours qui ne certifie pas"),
    ],
)
def test_a_pack_is_made_of_programmes_on_sale(kind: str, parts: tuple[str, ...], codes: set[str]) -> None:
    assert set(told(replace(SAID, parts=parts), NOVEMBER, ProgrammeKind(kind))) == codes


@pytest.mark.parametrize(
    ("stated", "of_parts", "hours", "prices"),
    [
        pytest.param({}, {}, 14, (600, 800), id="rien de dit : les sommes"),
        pytest.param({"hours": Decimal(12)}, {}, 12, (600, 800), id="les heures dites"),
        pytest.param({"days": Decimal(2)}, {}, None, (600, 800), id="les jours dits"),
        pytest.param({"price": Decimal(750)}, {}, 14, (None, 750), id="un prix dit : aucun des deux n'est une somme"),
        pytest.param({"on_request": True}, {}, 14, (None, None), id="sur devis"),
        pytest.param({}, {"hours": None}, None, (600, 800), id="une formation sans heures : pas de somme"),
        pytest.param({}, {"member_price": None}, 14, (None, 800), id="une sans prix adhérent : pas de somme"),
    ],
)
def test_a_pack_says_its_figures_or_has_the_sum_of_its_parts(
    stated: dict[str, Any], of_parts: dict[str, Any], hours: int | None, prices: tuple[int | None, int | None]
) -> None:
    known = Known(themes=(), on_sale={"A-1": part("A-1"), "A-2": part("A-2", **of_parts)})
    blank = replace(SAID, parts=("A-1", "A-2"), hours=None, price=None, member_price=None)
    whole = settled(replace(blank, **stated), known)
    assert (whole.hours, (whole.member_price, whole.price)) == (hours, prices)


ISSUE = Issue(content=SAID)
NEW = Programme(id=UUID(int=1), code="P-1", kind=ProgrammeKind.PROGRAMME, draft=SAID)
SOLD = replace(NEW, status=ProgrammeStatus.ON_SALE, current=1, draft=None)
REWRITTEN = replace(SOLD, draft=replace(SAID, title="Autre"))
GONE = replace(SOLD, status=ProgrammeStatus.RETIRED)
INCOMPLETE = defects(Content(title="Essai"), ProgrammeKind.PROGRAMME, referential_on(NOVEMBER), KNOWN)


@pytest.mark.parametrize(
    ("act", "status", "current", "has_draft"),
    [
        pytest.param(lambda: rewrite(NEW, SAID), "in_preparation", None, True, id="écrire"),
        pytest.param(lambda: publish(NEW, ISSUE, None, ()), "on_sale", 1, False, id="publier"),
        pytest.param(lambda: open_draft(SOLD, SAID), "on_sale", 1, True, id="ouvrir un projet"),
        pytest.param(lambda: open_draft(GONE, SAID), "retired", 1, True, id="préparer le retour d'un retiré"),
        pytest.param(lambda: discard_draft(REWRITTEN), "on_sale", 1, False, id="abandonner"),
        pytest.param(lambda: publish(REWRITTEN, Issue(content=SAID), None, ()), "on_sale", 2, False, id="la suivante"),
        pytest.param(lambda: retire(SOLD, ()), "retired", 1, False, id="retirer"),
        pytest.param(lambda: retire(REWRITTEN, ()), "retired", 1, True, id="retirer garde le projet"),
        pytest.param(lambda: resume(GONE, ()), "on_sale", 1, False, id="reprendre"),
    ],
)
def test_a_programme_moves_on(act: Callable[[], Programme], status: str, current: int | None, has_draft: bool) -> None:
    after = act()
    assert (after.status, after.current, after.draft is not None) == (status, current, has_draft)
    assert after.version == 2


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        pytest.param(lambda: rewrite(SOLD, SAID), DraftMissing, id="écrire sans projet"),
        pytest.param(lambda: open_draft(REWRITTEN, SAID), DraftOpen, id="deux projets"),
        pytest.param(lambda: discard_draft(SOLD), DraftMissing, id="abandonner rien"),
        pytest.param(lambda: discard_draft(NEW), NeverPublished, id="abandonner tout"),
        pytest.param(lambda: publish(SOLD, ISSUE, ISSUE, ()), DraftMissing, id="publier rien"),
        pytest.param(lambda: publish(NEW, ISSUE, None, INCOMPLETE), Incomplete, id="publier incomplet"),
        pytest.param(lambda: publish(REWRITTEN, ISSUE, ISSUE, ()), Unchanged, id="publier la même chose"),
        pytest.param(lambda: publish(replace(GONE, draft=SAID), ISSUE, None, ()), Retired, id="publier un retiré"),
        pytest.param(lambda: retire(NEW, ()), NotOnSale, id="retirer ce qui ne se vend pas"),
        pytest.param(lambda: retire(SOLD, ["PACK-1"]), SoldInOthers, id="retirer d'un pack vendu"),
        pytest.param(lambda: resume(SOLD, ()), NotRetired, id="reprendre ce qui se vend"),
        pytest.param(lambda: resume(GONE, ["A-1"]), PartsNotSold, id="reprendre un pack sans ses formations"),
        pytest.param(lambda: require_never_published(SOLD), AlreadyPublished, id="effacer ce qui fut publié"),
    ],
)
def test_an_act_is_refused_in_its_state(act: Callable[[], object], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        act()


def test_what_changes_is_told_field_by_field_and_item_by_item() -> None:
    before = Issue(content=replace(SAID, objectives=("Un", "Deux", "Trois")), parts=(part("A-1"), part("A-2")))
    content = replace(
        before.content, objectives=("Trois", "Un", "Quatre"), price=Decimal("720.50"), on_request=True, hours=None,
        modes=(Mode.ON_SITE, Mode.REMOTE), contact=Contact(office="Coorace Formation", phone="01 00 00 00 00"),
    )  # fmt: skip
    after = Issue(content=content, parts=(part("A-1", number=2), part("A-2")))
    changes = {one.field: one for one in compare(before, after)}
    assert list(changes) == [
        Field.OBJECTIVES, Field.PARTS, Field.HOURS, Field.MODES, Field.ON_REQUEST, Field.PRICE, Field.CONTACT
    ]  # fmt: skip
    objectives = changes[Field.OBJECTIVES]
    assert (objectives.added, objectives.removed, objectives.reordered) == (("Quatre",), ("Deux",), True)
    assert changes[Field.PARTS].added == ("A-1 (version 2)",)
    assert changes[Field.MODES].added == ("à distance",)
    assert (changes[Field.HOURS].before, changes[Field.HOURS].after) == ("14", None)
    assert (changes[Field.ON_REQUEST].before, changes[Field.ON_REQUEST].after) == ("non", "oui")
    assert changes[Field.PRICE].after == "720,50\u00a0€"
    assert changes[Field.CONTACT].after == "Coorace Formation, 01 00 00 00 00"
    assert compare(before, before) == ()


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        pytest.param("acompagnement", ["accompagnement", "compagnon"], ("accompagnement",), id="une lettre oubliée"),
        pytest.param("tutuer", ["tuteur", "statuer"], ("tuteur",), id="deux lettres échangées"),
        pytest.param("evaluasion", ["evaluation", "evasion"], ("evaluation",), id="une lettre pour une autre"),
        pytest.param("manajemant", ["management", "menagement"], ("management",), id="deux fautes, mot long"),
        pytest.param("paie", ["gaie", "page", "pari"], ("gaie", "page"), id="à égalité, les deux"),
        pytest.param("bilan", ["bancal"], (), id="rien d'assez proche"),
        pytest.param("bilan", [], (), id="rien du tout"),
    ],
)
def test_a_misspelt_word_is_taken_for_its_nearest(word: str, candidates: list[str], meant: tuple[str, ...]) -> None:
    assert nearest(word, within(word, candidates)) == meant


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Évaluer, à l'entrée", ["evaluer", "entree"]),
        ("L\u2019entreprise d'insertion", ["entreprise", "insertion"]),
        ("CIP-01", ["cip", "01"]),
        ("' OR 1=1 -- & | ! :*", ["or"]),
        ("", []),
    ],
)
def test_a_search_is_made_of_words(question: str, words: list[str]) -> None:
    assert words_of(question) == words
