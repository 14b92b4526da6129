"""The rules of a declaration as an accountant reads them: the checks, the versions, the revisions, the activities.

No text fixes the checks: `assumed` with the questionnaire, and decided in ADR 0024.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from common.errors import Refusal
from membership.declarations.domain import (
    BASE_OF_DUES,
    AlreadyDeclared,
    Answers,
    Author,
    Check,
    CheckKind,
    CheckSeverity,
    Declaration,
    Draft,
    Figure,
    FiguresRefused,
    FindingsOutstanding,
    Form,
    NotDeclared,
    NothingChanged,
    NothingDrafted,
    Place,
    Question,
    Questionnaire,
    QuestionScope,
    Section,
    Unit,
    activities_of,
    changes,
    correct,
    declare,
    findings,
    of_both,
    outstanding,
    places,
    read_figures,
    save_draft,
    verified,
)
from membership.declarations.queries import questionnaire_of, questionnaires
from membership.members.domain import ActivityKind, Entry, Subject, Topic

AI, ACI, ETTI, ETT_ESS = ActivityKind.AI, ActivityKind.ACI, ActivityKind.ETTI, ActivityKind.ETT_ESS
FORM = questionnaire_of("2025")


def read(text: str) -> Answers:
    """Read « turnover@ai 1000, total_operating_income 2000 »."""
    answers = {}
    for part in filter(None, text.split(", ")):
        name, value = part.split()
        code, _, activity = name.partition("@")
        answers[Place(code, ActivityKind(activity) if activity else None)] = Decimal(value)
    return answers


def found(text: str, *kinds: ActivityKind, before: str = "") -> dict[str, str]:
    """Return the messages of the checks that do not hold; what is merely missing is another matter."""
    form = Form(FORM, kinds or (AI,), read(before))
    return {one.code: one.message for one in findings(form, read(text), {}) if one.code != "missing"}


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        pytest.param("clients_public@ai 60, clients_individuals@ai 40", None, id="100 % : rien à dire"),
        pytest.param("clients_public@ai 60, clients_individuals@ai 39.6", None, id="un arrondi passe"),
        pytest.param("", None, id="rien de répondu : rien à dire"),
        pytest.param(
            "clients_public@ai 60, clients_individuals@ai 30",
            "AI : La répartition des clients doit faire 100 % : 60 % + 30 % = 90 %, pour 100 % attendus.",
            id="90 %",
        ),
        pytest.param(
            "clients_public@ai 120",
            "AI : La répartition des clients doit faire 100 % : 120 %, pour 100 % attendus.",
            id="une seule part, trop grande",
        ),
    ],
)
def test_shares_of_clients_make_a_whole(figures: str, message: str | None) -> None:
    told = found(figures).get("clients_sum")
    assert (told and plain(told)) == message


@pytest.mark.parametrize(
    ("figures", "code", "says"),
    [
        pytest.param(
            "headcount_pathway@ai 10, women_under_26@ai 4, men_26_49@ai 5",
            "ages_sum",
            "4 + 5 = 9, pour 10 attendus.",
            id="une personne sans âge",
        ),
        pytest.param("women_under_26@ai 4", "ages_sum", None, id="le total n'est pas encore donné"),
        pytest.param("headcount_pathway@ai 4, women_under_26@ai 4", "ages_sum", None, id="le compte y est"),
        pytest.param(
            "headcount_pathway@ai 10, rsa_recipients@ai 11",
            "rsa_within_headcount",
            "11, pour 10 au plus.",
            id="plus de bénéficiaires du RSA que de personnes",
        ),
        pytest.param("headcount_pathway@ai 10, rsa_recipients@ai 10", "rsa_within_headcount", None, id="toutes"),
        pytest.param(
            "exits@ai 5, exits_lasting@ai 3, exits_training@ai 3",
            "dynamic_exits_within_exits",
            "3 + 3 = 6, pour 5 au plus.",
            id="plus de sorties dynamiques que de sorties",
        ),
        pytest.param(
            "total_operating_income 748.66",
            "income_plausible",
            "748,66 €, entre 10 000,00 € et 50 000 000,00 € attendus.",
            id="en milliers d'euros",
        ),
        pytest.param("total_operating_income 10000", "income_plausible", None, id="la borne est admise"),
        pytest.param(
            "turnover@etti 900, temp_work_turnover@etti 902",
            "temp_work_within_turnover",
            "902,00 €, pour 900,00 € au plus.",
            id="plus de travail temporaire que de ventes",
        ),
    ],
)
def test_what_figures_say_of_each_other(figures: str, code: str, says: str | None) -> None:
    message = found(figures, AI, ETTI).get(code)
    assert message is None if says is None else plain(str(message)).endswith(says), message


def test_the_activities_of_a_structure_add_up_before_its_total() -> None:
    """200 + 300 of two activities, and a subsidy of 600 to one: 1 100 for a total of 1 000."""
    figures = "total_operating_income 1000, turnover@ai 200, turnover@aci 300, subsidies_state@aci 600"
    message = plain(found(figures, AI, ACI)["income_within_total"])
    assert message.endswith("500,00 € + 600,00 € = 1 100,00 €, pour 1 000,00 € au plus.")


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        pytest.param("400000", "510000", "510 000,00 €, contre 400 000,00 € l'année d'avant (+27,5 %).", id="+27,5 %"),
        pytest.param("400000", "290000", "290 000,00 €, contre 400 000,00 € l'année d'avant (-27,5 %).", id="-27,5 %"),
        pytest.param("400000", "500000", None, id="25 % tout juste"),
        pytest.param("20000", "30000", None, id="50 %, mais 10 000 € seulement"),
        pytest.param("0", "300000", None, id="rien l'an dernier"),
    ],
)
def test_a_large_change_is_to_be_explained(before: str, now: str, says: str | None) -> None:
    told = found(f"total_operating_income {now}", before=f"total_operating_income {before}").get("income_changed")
    assert told is None if says is None else plain(str(told)).endswith(says), told


def test_every_check_that_does_not_hold_is_told_at_once() -> None:
    figures = "total_operating_income 1, clients_public@ai 1, headcount_pathway@ai 1, exits@ai 2, exits_lasting@ai 3"
    codes = {"clients_sum", "exits_within_headcount", "dynamic_exits_within_exits", "income_plausible"}
    assert found(figures).keys() == codes
    form = Form(FORM, (AI,))
    every = findings(form, read(figures), {Place("income_plausible"): "association en sommeil"})
    assert {one.code for one in outstanding(every)} == {*codes - {"income_plausible"}, "missing"}


@pytest.mark.parametrize(
    ("kinds", "asked", "not_asked"),
    [
        pytest.param((AI,), {"headcount_pathway"}, {"temp_work_turnover"}, id="AI"),
        pytest.param((ETTI,), {"headcount_pathway", "temp_work_turnover"}, set(), id="ETTI"),
        pytest.param((ETT_ESS,), {"temp_work_turnover"}, {"headcount_pathway"}, id="ETT-ESS"),
        pytest.param((), set(), {"turnover"}, id="aucune activité : la structure seule"),
    ],
)
def test_what_is_asked_follows_the_activities(
    kinds: tuple[ActivityKind, ...], asked: set[str], not_asked: set[str]
) -> None:
    codes = {place.code for place in places(FORM, kinds)}
    assert codes >= {BASE_OF_DUES, *asked}
    assert not codes & not_asked


@pytest.mark.parametrize("version", sorted(questionnaires()))
def test_a_shipped_version_is_whole_and_says_where_it_comes_from(version: str) -> None:
    questionnaire = questionnaire_of(version)
    assert (questionnaire.version, questionnaire.status) == (version, "assumed")
    assert "Rapport d'activité 2024" in questionnaire.source
    assert {check.kind for check in questionnaire.checks} == set(CheckKind)


BARE = Questionnaire(
    "0", 2000, "assumed", "", (Section("a", "A"),),
    (Question(BASE_OF_DUES, "Total", "", "a", Unit.EUR, QuestionScope.ENTITY, required=True),), (),
)  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(replace(BARE, questions=()), id="sans la base de la cotisation"),
        pytest.param(replace(BARE, questions=BARE.questions * 2), id="deux fois la même question"),
        pytest.param(replace(BARE, sections=()), id="une section inconnue"),
        pytest.param(
            replace(BARE, checks=(Check("a", CheckKind.AT_MOST, CheckSeverity.ERROR, "", ("b",)),)),
            id="un contrôle d'une question inconnue",
        ),
        pytest.param(
            replace(
                BARE,
                questions=(*BARE.questions, Question("p", "P", "", "a", Unit.PEOPLE, QuestionScope.ENTITY)),
                checks=(Check("a", CheckKind.AT_MOST, CheckSeverity.ERROR, "", ("p",), BASE_OF_DUES),),
            ),
            id="des personnes comparées à des euros",
        ),
    ],
)
def test_a_version_that_does_not_hold_together_is_not_shipped(wrong: Questionnaire) -> None:
    assert verified(BARE) == BARE
    with pytest.raises(ValueError, match="questionnaire 0"):
        verified(wrong)


def test_last_year_shows_only_what_is_still_asked_in_the_same_unit() -> None:
    before = replace(
        BARE, questions=tuple(replace(one, unit=Unit.HOURS) for one in FORM.questions if one.code != "charges")
    )
    known = read("total_operating_income 5, charges@ai 1, turnover@ai 1")
    asked = places(FORM, (AI,))
    assert of_both(known, FORM, asked) == known
    assert of_both(known, before, asked) == {}
    assert of_both(read("turnover@aci 5"), FORM, asked) == {}, "an activity it no longer has"


def test_figures_are_kept_in_the_order_of_the_form_and_in_their_unit() -> None:
    given = [Figure(Place("headcount_pathway", AI), Decimal("4.0")), Figure(Place(BASE_OF_DUES), Decimal("1e3"))]
    kept = read_figures(given, FORM, places(FORM, (AI,)))
    assert [(place.code, f"{value:f}") for place, value in kept.items()] == [
        (BASE_OF_DUES, "1000.00"),
        ("headcount_pathway", "4"),
    ]
    with pytest.raises(FiguresRefused):
        read_figures([Figure(Place(BASE_OF_DUES), Decimal(1), Unit.PEOPLE)], FORM, places(FORM, (AI,)))


def entry(kind: str, day: str, *, held: bool = True) -> Entry:
    return Entry(
        id=uuid4(),
        member_id=UUID(int=1),
        subject=Subject(Topic.ACTIVITY, kind),
        effective_on=date.fromisoformat(day),
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        recorded_by="somebody",
        value={} if held else None,
    )


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([entry("ai", "2020-01-01")], (AI,), id="toute l'année"),
        pytest.param(
            [entry("ai", "2020-01-01"), entry("ai", "2025-01-02", held=False)], (AI,), id="finie le 2 janvier"
        ),
        pytest.param(
            [entry("ai", "2020-01-01"), entry("ai", "2025-01-01", held=False), entry("aci", "2025-01-01")],
            (ACI,),
            id="finie le 1er janvier",
        ),
        pytest.param([entry("ai", "2020-01-01"), entry("aci", "2025-12-31")], (AI, ACI), id="commencée le 31 décembre"),
        pytest.param([entry("ai", "2020-01-01"), entry("aci", "2026-01-01")], (AI,), id="commencée l'année d'après"),
        pytest.param([entry("etti", "2026-03-01")], (ETTI,), id="connue depuis seulement"),
        pytest.param(
            [entry("etti", "2026-03-01"), entry("aci", "2026-05-01")],
            (ETTI,),
            id="connue depuis, puis une autre activité",
        ),
        pytest.param(
            [entry("etti", "2026-03-01"), entry("etti", "2026-05-01", held=False)],
            (ETTI,),
            id="connue depuis, puis finie",
        ),
        pytest.param(
            [entry("ai", "2019-01-01"), entry("ai", "2024-07-01", held=False), entry("aci", "2026-02-01")],
            (ACI,),
            id="aucune dans l'année : celle qu'elle prend ensuite, pas celle d'autrefois",
        ),
        pytest.param([], (), id="aucune"),
    ],
)
def test_a_structure_answers_for_the_activities_it_had_in_2025(
    entries: list[Entry], expected: tuple[ActivityKind, ...]
) -> None:
    assert activities_of(entries, 2025) == expected


AUTHOR = Author(datetime(2026, 5, 4, tzinfo=UTC), "somebody", date(2026, 5, 4))
EMPTY = Declaration(UUID(int=3), UUID(int=1), 2025)


def drafted(declaration: Declaration, text: str) -> Declaration:
    return save_draft(declaration, Draft(read(text), {}, AUTHOR.at, AUTHOR.by))


DECLARED = declare(drafted(EMPTY, f"{BASE_OF_DUES} 1000"), [], AUTHOR, late=True)


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        pytest.param(lambda: declare(EMPTY, [], AUTHOR, late=False), NothingDrafted, id="sans rien saisir"),
        pytest.param(lambda: declare(drafted(DECLARED, ""), [], AUTHOR, late=False), AlreadyDeclared, id="deux fois"),
        pytest.param(
            lambda: declare(drafted(EMPTY, ""), findings(Form(FORM, ()), {}, {}), AUTHOR, late=False),
            FindingsOutstanding,
            id="incomplète",
        ),
        pytest.param(lambda: correct(drafted(EMPTY, ""), [], AUTHOR, reason="-"), NotDeclared, id="avant de déclarer"),
        pytest.param(lambda: correct(DECLARED, [], AUTHOR, reason="-"), NothingDrafted, id="sans rien ressaisir"),
        pytest.param(
            lambda: correct(drafted(DECLARED, f"{BASE_OF_DUES} 1000.00"), [], AUTHOR, reason="-"),
            NothingChanged,
            id="sans rien changer",
        ),
    ],
)
def test_what_cannot_be(attempt: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        attempt()


def test_a_correction_leaves_what_was_declared_and_how_late_it_came() -> None:
    corrected = correct(drafted(DECLARED, f"{BASE_OF_DUES} 1200, turnover@ai 7"), [], AUTHOR, reason="bilan définitif")
    assert [(one.number, one.base_of_dues, one.reason) for one in corrected.revisions] == [
        (1, Decimal(1000), None),
        (2, Decimal(1200), "bilan définitif"),
    ]
    assert (corrected.late, corrected.draft, corrected.version) == (True, None, 4)
    first, second = corrected.revisions
    assert [(one.place.code, one.before, one.after) for one in changes(first.answers, second.answers)] == [
        (BASE_OF_DUES, Decimal(1000), Decimal(1200)),
        ("turnover", None, Decimal(7)),
    ]
