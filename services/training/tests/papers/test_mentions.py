"""What each paper must say, by its article; what a change of each thing entails; what a paper may become."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from common.dated import RuleMissing
from common.errors import Refusal
from training.papers import domain
from training.papers.documents import announced
from training.papers.domain import Consequence, Paper, PaperIncomplete, PaperKind, PaperStatus, SentHow, Subject, Term
from training.papers.queries.rules import clauses_on, rule_of

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CONVENTION, CONTRACT = PaperKind.CONVENTION, PaperKind.CONTRACT

# Ce que chaque papier doit dire : sans cette mention, il n'est pas émis.
REQUIRED = [
    # Convention : D6353-1, I, 1° et 2° ; R6351-6 pour la déclaration d'activité ; CGI pour la TVA.
    *((CONVENTION, term, "D6353-1, I, 1°") for term in (
        "title", "objectives", "content", "means", "mode", "follow_up", "sanction", "hours", "period",
    )),
    *((CONVENTION, term, "D6353-1, I, 2°") for term in ("price", "payment")),
    (CONVENTION, "buyer", "L6353-1"),
    (CONVENTION, "issuer", "L6353-1"),
    (CONVENTION, "registration", "R6351-6"),
    (CONVENTION, "vat", "261-4-4° a"),
    (CONVENTION, "trainees", "Usage des financeurs"),
    # Contrat : L6353-4, 1° à 5°, à peine de nullité ; L6353-5 à -7.
    *((CONTRACT, term, "L6353-4, 1°") for term in (
        "nature", "title", "objectives", "content", "hours", "headcount",
    )),
    (CONTRACT, "prerequisites", "L6353-4, 2°"),
    *((CONTRACT, term, "L6353-4, 3°") for term in ("mode", "means", "follow_up", "sanction")),
    (CONTRACT, "trainers", "L6353-4, 4°"),
    *((CONTRACT, term, "L6353-4, 5°") for term in ("price", "payment", "early_end")),
    (CONTRACT, "payment", "L6353-6"),
    (CONTRACT, "early_end", "L6353-7"),
    (CONTRACT, "withdrawal", "L6353-5"),
    (CONTRACT, "registration", "R6351-6"),
    (CONTRACT, "buyer", "L6353-3"),
    (CONTRACT, "issuer", "L6353-3"),
    (CONTRACT, "vat", "261-4-4° a"),
    # Information préalable du stagiaire : L6353-8.
    *((PaperKind.CONVOCATION, term, "L6353-8") for term in (
        "title", "period", "timetable", "objectives", "content", "trainers", "follow_up", "contact",
    )),
    *((PaperKind.CONVOCATION, term, "Indicateur 9") for term in ("issuer", "trainees", "place", "disability")),
    *((PaperKind.PROGRAMME, term, "Indicateur") for term in (
        "issuer", "title", "prerequisites", "objectives", "content", "hours", "mode", "means", "follow_up",
        "disability", "contact",
    )),
    *((PaperKind.RULES, term, "L6352-3") for term in ("issuer", "rules")),
    *((PaperKind.SHEET, term, "") for term in (
        "issuer", "title", "timetable", "hours", "place", "trainers", "trainees", "codes",
    )),
]  # fmt: skip


def whole(kind: PaperKind) -> domain.Terms:
    """A paper that says something of everything."""
    return {one.term: (f"{one.term.label} d'exemple",) for one in rule_of(kind, DAY).mentions}


@pytest.mark.parametrize(
    ("kind", "term", "article"), [pytest.param(*one, id=f"{one[0].label}, {Term(one[1]).label}") for one in REQUIRED]
)
def test_a_mention_is_asked_for_by_its_article(kind: PaperKind, term: str, article: str) -> None:
    rule = rule_of(kind, DAY)
    [mention] = [one for one in rule.mentions if one.term == term]
    assert article in mention.article
    said = {one: lines for one, lines in whole(kind).items() if one != term}
    [lack] = domain.lacks(rule, said)
    assert lack.message == f"{mention.term.label} : mention manquante ({mention.article})."
    with pytest.raises(PaperIncomplete) as refusal:
        domain.require_whole([(rule, said), (rule, said)])
    assert [one.pointer for one in refusal.value.errors] == [f"/{kind.value}/{term}"], "said once of many"


def test_no_mention_is_asked_for_that_the_table_does_not_tell() -> None:
    asked = {(kind, one.term.value) for kind in PaperKind for one in rule_of(kind, DAY).mentions if one.required}
    assert asked == {(kind, term) for kind, term, _ in REQUIRED}


@pytest.mark.parametrize("kind", list(PaperKind))
def test_a_paper_of_before_any_text_is_not_written(kind: PaperKind) -> None:
    with pytest.raises(RuleMissing):
        rule_of(kind, date(2018, 12, 31))


AGAIN, ANEW, TELL = Consequence.SIGN_AGAIN, Consequence.REPLACE, Consequence.INFORM


@pytest.mark.parametrize(
    ("changed", "convention", "contract", "convocation", "sheet"),
    [
        pytest.param({Term.PERIOD}, AGAIN, AGAIN, ANEW, None, id="dates"),
        pytest.param({Term.HOURS}, AGAIN, AGAIN, ANEW, ANEW, id="durée"),
        pytest.param({Term.PRICE}, AGAIN, AGAIN, None, None, id="prix"),
        pytest.param({Term.TRAINEES}, AGAIN, None, ANEW, ANEW, id="stagiaires"),
        pytest.param({Term.CONTENT}, AGAIN, AGAIN, ANEW, None, id="contenu"),
        pytest.param({Term.PLACE}, TELL, TELL, ANEW, ANEW, id="salle"),
        pytest.param({Term.TIMETABLE}, TELL, TELL, ANEW, ANEW, id="horaires du même jour"),
        # L6353-4, 4° : les titres de qui forme sont du contrat, à peine de nullité ; rien de tel d'une convention.
        pytest.param({Term.TRAINERS}, TELL, AGAIN, ANEW, ANEW, id="formateur"),
        pytest.param({Term.ISSUER}, TELL, TELL, TELL, TELL, id="adresse de l'organisme"),
        pytest.param({Term.PLACE, Term.PERIOD}, AGAIN, AGAIN, ANEW, ANEW, id="dates et salle : le plus fort"),
    ],
)
def test_a_change_entails_what_the_table_says(
    changed: set[Term],
    convention: Consequence | None,
    contract: Consequence | None,
    convocation: Consequence | None,
    sheet: Consequence | None,
) -> None:
    papers = (CONVENTION, CONTRACT, PaperKind.CONVOCATION, PaperKind.SHEET)
    for kind, expected in zip(papers, (convention, contract, convocation, sheet), strict=True):
        before = whole(kind)
        after: domain.Terms = {term: ("Autre chose",) if term in changed else lines for term, lines in before.items()}
        found = domain.compare(rule_of(kind, DAY), before, after)
        assert {one.term for one in found} == changed & before.keys()
        assert domain.consequence_of(found, after) is (expected or Consequence.NONE), kind


def test_a_difference_is_told_in_french_whether_a_thing_comes_or_goes() -> None:
    rule, before = rule_of(CONVENTION, DAY), {**whole(CONVENTION), Term.PERIOD: ("du 3 au 4 mars 2027",)}
    moved: domain.Terms = {**before, Term.PERIOD: ("du 10 au 11 mars 2027",)}
    [dates] = domain.compare(rule, before, moved)
    assert dates.text == "Dates : du 3 au 4 mars 2027 → du 10 au 11 mars 2027"
    gone: domain.Terms = {term: lines for term, lines in before.items() if term is not Term.TRAINERS}
    [trainers] = domain.compare(rule, before, gone)
    assert trainers.text == "Formateurs : Formateurs d'exemple → rien"
    assert domain.consequence_of(domain.compare(rule, before, None), None) is Consequence.WITHDRAW
    assert [one.outdates for one in Consequence] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        pytest.param(date(2027, 3, 3), date(2027, 3, 3), "le 3 mars 2027", id="un jour"),
        pytest.param(date(2027, 3, 1), date(2027, 3, 4), "du 1er au 4 mars 2027", id="un mois"),
        pytest.param(date(2027, 3, 31), date(2027, 4, 1), "du 31 mars au 1er avril 2027", id="deux mois"),
        pytest.param(date(2026, 12, 31), date(2027, 1, 4), "du 31 décembre 2026 au 4 janvier 2027", id="deux ans"),
    ],
)
def test_a_period_is_written_as_it_is_said(first: date, last: date, said: str) -> None:
    assert domain.period(first, last) == said


def test_each_cell_of_a_sheet_has_a_code_of_its_own() -> None:
    codes = {domain.cell_code(UUID(int=slot), UUID(int=who)) for slot in range(100) for who in range(100)}
    assert len(codes) == 10_000
    assert domain.cell_code(UUID(int=1), UUID(int=2)) == domain.cell_code(UUID(int=1), UUID(int=2))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        pytest.param(10, "Dans les 10 jours", id="en présence, L6353-5"),
        pytest.param(14, "Dans les 14 jours", id="à distance, L221-18"),
    ],
)
def test_the_delay_to_withdraw_is_that_of_the_day(days: int, said: str) -> None:
    assert clauses_on(DAY, days)[domain.ClauseUse.WITHDRAWAL].startswith(said)


PAPER = Paper(
    id=UUID(int=1), number="CONV-2026-00001", subject=Subject(CONVENTION, UUID(int=2)), session_id=UUID(int=3),
    terms={}, sha256="", replaces=None, issued_at=NOW, issued_by="essai",
)  # fmt: skip
SHEET = replace(PAPER, subject=Subject(PaperKind.SHEET, UUID(int=4)))
VOID = domain.void(PAPER, "Report", NOW)
SIGNED = domain.sign(PAPER, DAY, DAY, DAY)


def test_a_paper_is_issued_sent_signed_or_void() -> None:
    sent = domain.send(PAPER, SentHow.MAIL, "bureau@structure.example", NOW)
    assert (sent.status, sent.version) == (PaperStatus.SENT, 2)
    assert domain.send(SIGNED, SentHow.HAND, None, NOW).status is PaperStatus.SIGNED, "sent once more, signed still"
    assert domain.give_way(SIGNED, "Report", NOW, UUID(int=9)).replaced_by == UUID(int=9)


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        pytest.param(lambda: domain.void(VOID, "Encore", NOW), "paper_voided", id="annuler deux fois"),
        pytest.param(lambda: domain.sign(VOID, DAY, DAY, DAY), "paper_voided", id="signer un papier annulé"),
        pytest.param(lambda: domain.send(VOID, SentHow.HAND, None, NOW), "paper_voided", id="envoyer un papier annulé"),
        pytest.param(lambda: domain.sign(SIGNED, DAY, DAY, DAY), "paper_signed", id="signer deux fois"),
        pytest.param(lambda: domain.sign(SHEET, DAY, DAY, DAY), "paper_without_signature", id="signer une feuille"),
        pytest.param(
            lambda: domain.sign(PAPER, date(2026, 11, 22), DAY, DAY), "paper_signed_on_wrong", id="signer la veille"
        ),
        pytest.param(
            lambda: domain.sign(PAPER, date(2026, 11, 24), DAY, DAY), "paper_signed_on_wrong", id="signer demain"
        ),
        pytest.param(
            lambda: domain.send(SHEET, SentHow.HAND, None, NOW), "paper_without_recipient", id="envoyer une feuille"
        ),
        pytest.param(
            lambda: domain.send(PAPER, SentHow.MAIL, None, NOW), "paper_recipient_unknown", id="écrire à personne"
        ),
        pytest.param(lambda: domain.recognise_copy(b"MZ"), "paper_copy_unreadable", id="un programme"),
        pytest.param(
            lambda: domain.recognise_copy(b"%PDF-" + bytes(domain.MOST_COPY_BYTES)), "paper_copy_too_large",
            id="plus de 10 Mo",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_is_refused(attempt: object, code: str) -> None:
    assert callable(attempt)
    with pytest.raises(Refusal) as refusal:
        attempt()
    assert refusal.value.code == code


def test_somebody_at_their_own_cost_is_told_whom_to_ask() -> None:
    terms: domain.Terms = {Term.ISSUER: ("Organisme", "bureau@organisme.example"), Term.TITLE: ("Accueillir",)}
    contract = replace(PAPER, number="CTR-2026-00001", subject=Subject(CONTRACT, UUID(int=2)), terms=terms)
    mail = announced(contract, "quelqu.un@exemple.fr")
    assert mail.subject == "Contrat de formation : Accueillir"
    assert "avant l'inscription définitive et tout règlement : bureau@organisme.example." in mail.text
    assert "espace" not in mail.text, "who buys alone has none"
