"""What keeps a session from being announced, what it becomes, when it is decided, what cancelling it costs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from common.contracts.gatherings import GatheringState
from training.programmes.domain import Mode
from training.rooms.domain import Accessibility, Fact, Room
from training.sessions import domain
from training.sessions.domain import (
    AlreadyAtVersion,
    AlreadyConfirmed,
    AudienceKept,
    CancellingCost,
    CancelReason,
    CostKind,
    CostLine,
    DateWrong,
    DecisionRule,
    Defect,
    Incomplete,
    NotAnnounced,
    NotDraft,
    NothingMoved,
    Session,
    SessionEnded,
    SessionStatus,
    SessionType,
    SlotHeld,
)
from training.trainers.domain import (
    Cost,
    CostUnit,
    Half,
    HalfDay,
    Trainer,
    Unavailability,
    UnavailabilityReason,
)

from .examples import (
    MEMBER,
    NOW,
    ROOM,
    TODAY,
    TRAINER,
    TUESDAY,
    WEDNESDAY,
    competence,
    known,
    room,
    session,
    slots,
    terms,
    trainer,
    two_days,
    wanted,
)

RULE = DecisionRule(date(2000, 1, 1), 10, "assumed", "essai")
OVER = NOW + timedelta(days=90)


def away(half: Half) -> Unavailability:
    return Unavailability(UUID(int=12), HalfDay(TUESDAY, half), HalfDay(TUESDAY, half), UnavailabilityReason.LEAVE)


def announced(**said: Any) -> Session:
    return domain.schedule(session(**said), (), NOW)


def confirmed() -> Session:
    return domain.confirm(announced(), NOW)


@pytest.mark.parametrize(
    ("said", "who", "where", "codes"),
    [
        pytest.param({}, trainer(), room(), [], id="rien n'y manque"),
        pytest.param({"slots": ()}, trainer(), room(), ["slots_missing"], id="aucune demi-journée"),
        pytest.param(
            {"slots": slots(wanted(TUESDAY))}, trainer(), room(), ["hours_differ"], id="3,5 heures au lieu de 14"
        ),
        pytest.param(
            {"slots": slots(wanted(TUESDAY)), "terms": terms(reserved_for=(MEMBER,), adaptation="Une matinée",
             adapted_hours=Decimal("3.5"))}, trainer(), room(), [], id="sur mesure, ses propres heures",
        ),
        pytest.param(
            {"terms": terms(reserved_for=(MEMBER,), adapted_hours=Decimal(14))}, trainer(), room(),
            ["adaptation_missing"], id="heures adaptées sans dire quoi",
        ),
        pytest.param(
            {"terms": terms(adaptation="Une matinée")}, trainer(), room(), ["adaptation_open"], id="adaptée pour tous"
        ),
        pytest.param(
            {"terms": terms(reserved_for=(UUID(int=31),))}, trainer(), room(), ["member_unknown"], id="inconnue"
        ),
        pytest.param({"terms": terms(seats_min=None)}, trainer(), room(), ["seats_min_missing"], id="sans minimum"),
        pytest.param({"terms": terms(seats_max=None)}, trainer(), room(), ["seats_max_missing"], id="sans maximum"),
        pytest.param({"terms": terms(seats_min=13)}, trainer(), room(), ["seats_reversed"], id="minimum au-delà"),
        pytest.param({"slots": two_days(trainers=())}, trainer(), room(), ["trainer_missing"] * 4, id="sans formateur"),
        pytest.param({"slots": two_days(room_id=None)}, trainer(), room(), ["place_missing"] * 4, id="nulle part"),
        pytest.param({}, trainer(), room(capacity=11), ["room_too_small"] * 4, id="11 places pour 12"),
        pytest.param({}, trainer(), room(archived_on=TODAY), ["room_archived"] * 4, id="salle archivée"),
        pytest.param({}, trainer(archived_on=TODAY), room(), ["trainer_archived"] * 4, id="formateur archivé"),
        pytest.param({}, trainer(competences=()), room(), ["trainer_not_competent"] * 4, id="incompétent (ind. 21)"),
        pytest.param(
            {}, trainer(competences=(competence(valid_until=TUESDAY),)), room(), ["trainer_not_competent"] * 2,
            id="compétence finie la veille du second jour",
        ),
        pytest.param(
            {}, trainer(unavailabilities=(away(Half.AFTERNOON),)), room(), ["trainer_unavailable"], id="absent"
        ),
    ],
)  # fmt: skip
def test_what_keeps_a_draft_from_being_announced(
    said: dict[str, Any], who: Trainer, where: Room, codes: list[str]
) -> None:
    found = domain.defects(session(**said), known(who, where), NOW, TODAY)
    assert [one.code for one in found] == codes
    assert all(one.message and one.pointer.startswith("/") for one in found)


@pytest.mark.parametrize(
    ("today", "closes_on", "codes"),
    [
        pytest.param(date(2027, 2, 15), None, [], id="15 jours avant, au dernier jour"),
        pytest.param(date(2027, 2, 16), None, ["access_too_short"], id="14 jours avant"),
        pytest.param(date(2027, 2, 16), date(2027, 2, 26), [], id="14 jours avant, clôture fixée"),
        pytest.param(date(2027, 2, 27), date(2027, 2, 26), ["access_too_short"], id="clôture fixée passée"),
        pytest.param(TUESDAY, None, ["slot_past"], id="le jour même"),
    ],
)
def test_the_access_delay_of_the_sheet_is_kept(today: date, closes_on: date | None, codes: list[str]) -> None:
    """Indicator 1: the delay of access is published; here 15 days."""
    now = NOW + (today - TODAY)
    found = domain.defects(session(terms=terms(closes_on=closes_on)), known(), now, today)
    assert [one.code for one in found] == codes
    late = domain.defects(announced(terms=terms(closes_on=closes_on)), known(), now, today)
    assert late == (), "what is announced is not too late any more"


@pytest.mark.parametrize(
    ("said", "who", "where", "codes"),
    [
        pytest.param({}, trainer(), room(), [], id="rien"),
        pytest.param({"costs": ()}, trainer(), room(), ["costs_missing"], id="aucun coût"),
        pytest.param(
            {"slots": slots(wanted(date(2027, 5, 1)))}, trainer(), room(), ["public_holiday"], id="1er mai, un samedi"
        ),
        pytest.param({"slots": slots(wanted(date(2027, 3, 7)))}, trainer(), room(), ["sunday"], id="un dimanche"),
        pytest.param({}, trainer(), room(accessibility=Accessibility()), ["access_unknown"], id="accès jamais vérifié"),
        pytest.param(
            {}, trainer(), room(accessibility=Accessibility(step_free_access=Fact.NO)), ["no_step_free_access"],
            id="des marches",
        ),
        pytest.param(
            {}, trainer(competences=(competence(valid_until=TUESDAY),)), room(), ["competence_ends"],
            id="compétence qui finit en cours de session",
        ),
        pytest.param({"slots": two_days(room_id=None, remote=True)}, trainer(), room(), ["remote_url_missing"],
                     id="à distance sans adresse"),
    ],
)  # fmt: skip
def test_what_somebody_should_look_at(said: dict[str, Any], who: Trainer, where: Room, codes: list[str]) -> None:
    assert [one.code for one in domain.warnings(session(**said), known(who, where), NOW)] == codes


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        pytest.param({}, SessionType.INTER, id="à tous"),
        pytest.param({"reserved_for": (MEMBER,)}, SessionType.INTRA, id="à une structure"),
        pytest.param({"reserved_for": (MEMBER,), "adaptation": "Une matinée"}, SessionType.TAILOR_MADE, id="adaptée"),
    ],
)
def test_the_type_follows_from_for_whom_it_is(said: dict[str, Any], kind: SessionType) -> None:
    assert session(terms=terms(**said)).type is kind


@pytest.mark.parametrize(
    ("first", "said", "decide_on", "closes_on"),
    [
        pytest.param(date(2027, 3, 2), {}, date(2027, 2, 16), date(2027, 2, 15), id="dix jours ouvrés, quinze jours"),
        pytest.param(date(2027, 5, 19), {}, date(2027, 5, 3), date(2027, 5, 4), id="par-dessus Pentecôte"),
        pytest.param(
            date(2027, 3, 2), {"decide_on": date(2027, 2, 20), "decide_reason": "Salle à annuler avant",
            "closes_on": date(2027, 2, 26)}, date(2027, 2, 20), date(2027, 2, 26), id="fixés à la main",
        ),
    ],
)  # fmt: skip
def test_the_days_of_decision_and_closing(first: date, said: dict[str, Any], decide_on: date, closes_on: date) -> None:
    held = session(slots=slots(wanted(first)), terms=terms(**said))
    assert (domain.decides_on(held, RULE), domain.closes_on(held)) == (decide_on, closes_on)


def test_nothing_is_decided_of_a_session_without_a_day() -> None:
    held = session(slots=())
    assert (domain.decides_on(held, RULE), domain.closes_on(held)) == (None, None)


LINES = (
    CostLine(kind=CostKind.ROOM, label="Salle", amount=Decimal("400.00"), recoverable_until=date(2027, 2, 1),
             lost_if_cancelled=Decimal("120.00")),
    CostLine(kind=CostKind.MATERIALS, label="Livrets", amount=Decimal("80.00"), lost_if_cancelled=Decimal("80.00")),
    CostLine(kind=CostKind.TRAINER, label="A. Essai", amount=Decimal("1200.00"), recoverable_until=date(2027, 2, 15)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "known_loss", "unknown_loss"),
    [
        pytest.param(date(2027, 2, 1), "80.00", "0.00", id="tout se récupère encore, sauf les livrets imprimés"),
        pytest.param(date(2027, 2, 2), "200.00", "0.00", id="les arrhes de la salle sont perdues"),
        pytest.param(date(2027, 2, 16), "200.00", "1200.00", id="et jusqu'à 1 200 euros de formateur, on ne sait pas"),
    ],
)
def test_what_cancelling_costs_on_a_day(day: date, known_loss: str, unknown_loss: str) -> None:
    assert domain.cost_of(LINES) == Decimal("1680.00")
    assert domain.cost_of_cancelling(LINES, day) == CancellingCost(Decimal(known_loss), Decimal(unknown_loss))


def test_what_is_decided_otherwise_says_what_it_changes() -> None:
    before = terms(reserved_for=(MEMBER,), adaptation="Une journée", adapted_hours=Decimal(7))
    after = replace(
        before, seats_max=10, adapted_hours=Decimal("3.5"), decide_on=TODAY, decide_reason="Salle à rendre",
        closes_on=TUESDAY, adaptation="Une matinée", delegation="bretagne", remote_url="https://visio.exemple/a",
        reserved_for=(),
    )  # fmt: skip
    told = {one.label: (one.before, one.after) for one in domain.compare_terms(before, after)}
    assert told == {
        "places": ("6 à 12", "6 à 10"),
        "clôture des inscriptions": (None, "2 mars 2027"),
        "jour de la décision": (None, "4 janvier 2027 : Salle à rendre"),
        "délégation": (None, "bretagne"),
        "structures": (str(MEMBER), None),
        "adaptation": ("Une journée", "Une matinée"),
        "durée adaptée, en heures": ("7", "3.5"),
        "adresse de la classe à distance": (None, "https://visio.exemple/a"),
    }
    assert domain.compare_terms(before, before) == ()


@pytest.mark.parametrize(
    ("cost", "room_cost", "amounts", "untold"),
    [
        pytest.param(Cost(Decimal("300.00"), CostUnit.HALF_DAY), Decimal("100.00"), ["1200.00", "400.00"], 0,
                     id="4 demi-journées"),
        pytest.param(Cost(Decimal("90.00"), CostUnit.HOUR), None, ["1260.00"], 1, id="14 heures, salle non dite"),
        pytest.param(None, None, [], 2, id="aucun coût au registre"),
    ],
)  # fmt: skip
def test_costs_are_proposed_from_the_registers(
    cost: Cost | None, room_cost: Decimal | None, amounts: list[str], untold: int
) -> None:
    who = trainer(profile=replace(trainer().profile, cost=cost))
    found = domain.proposed(two_days(), {TRAINER: who}, {ROOM: room(cost=room_cost)})
    assert [f"{line.amount:.2f}" for line in found.lines] == amounts
    assert len(found.untold) == untold
    assert all(line.lost_if_cancelled is None for line in found.lines), "what is lost, nobody knows before it is said"


@pytest.mark.parametrize(
    ("held", "now", "status"),
    [
        pytest.param(session(), OVER, SessionStatus.DRAFT, id="un projet ne finit pas"),
        pytest.param(announced(), NOW, SessionStatus.SCHEDULED, id="annoncée"),
        pytest.param(confirmed(), NOW, SessionStatus.CONFIRMED, id="confirmée"),
        pytest.param(confirmed(), two_days()[-1].ends_at, SessionStatus.OVER, id="à la fin de la dernière"),
        pytest.param(domain.cancel(announced(), CancelReason.OTHER, NOW), OVER, SessionStatus.CANCELLED, id="annulée"),
    ],
)  # fmt: skip
def test_where_a_session_stands(held: Session, now: Any, status: SessionStatus) -> None:
    assert held.status_at(now) is status


MOVED = slots(wanted(WEDNESDAY))


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        pytest.param(lambda: domain.confirm(session(), NOW), NotAnnounced, id="confirmer un projet"),
        pytest.param(lambda: domain.confirm(confirmed(), NOW), AlreadyConfirmed, id="confirmer deux fois"),
        pytest.param(lambda: domain.confirm(announced(), OVER), SessionEnded, id="confirmer après coup"),
        pytest.param(lambda: domain.cancel(session(), CancelReason.OTHER, NOW), NotAnnounced, id="annuler un projet"),
        pytest.param(lambda: domain.cancel(confirmed(), CancelReason.OTHER, OVER), SessionEnded, id="annuler la finie"),
        pytest.param(
            lambda: domain.cancel(domain.cancel(announced(), CancelReason.OTHER, NOW), CancelReason.OTHER, NOW),
            SessionEnded, id="annuler deux fois",
        ),
        pytest.param(lambda: domain.schedule(announced(), (), NOW), NotDraft, id="annoncer deux fois"),
        pytest.param(
            lambda: domain.schedule(session(), (Defect(pointer="/", code="x", message="x"),), NOW), Incomplete,
            id="annoncer l'incomplète",
        ),
        pytest.param(lambda: domain.plan(announced(), MOVED), NotDraft, id="replanifier une annoncée"),
        pytest.param(lambda: domain.require_draft(announced()), NotDraft, id="jeter une annoncée"),
        pytest.param(lambda: domain.move(session(), MOVED, NOW), NotAnnounced, id="déplacer un projet"),
        pytest.param(lambda: domain.move(announced(), two_days(), NOW), NothingMoved, id="déplacer sans rien changer"),
        pytest.param(
            lambda: domain.move(announced(), MOVED, two_days()[0].starts_at), SlotHeld, id="retirer le commencé"
        ),
        pytest.param(
            lambda: domain.move(announced(slots=MOVED), two_days(), two_days()[0].starts_at), SlotHeld,
            id="ajouter après coup",
        ),
        pytest.param(lambda: domain.adopt(session(), session().pinned, NOW), AlreadyAtVersion, id="la même version"),
        pytest.param(
            lambda: domain.adopt(announced(), replace(session().pinned, number=2), OVER), SessionEnded,
            id="une autre version, après coup",
        ),
        pytest.param(
            lambda: domain.amend(announced(), terms(reserved_for=(MEMBER,)), NOW), AudienceKept, id="la réserver"
        ),
        pytest.param(
            lambda: domain.amend(announced(), terms(zone="Indian/Reunion"), NOW), AudienceKept, id="changer son heure"
        ),
        pytest.param(
            lambda: domain.amend(session(), terms(decide_on=TODAY), NOW), DateWrong, id="décider sans raison"
        ),
        pytest.param(
            lambda: domain.amend(session(), terms(decide_reason="Pourquoi"), NOW), DateWrong, id="une raison sans jour"
        ),
        pytest.param(
            lambda: domain.amend(session(), terms(closes_on=WEDNESDAY), NOW), DateWrong, id="clore après le début"
        ),
        pytest.param(
            lambda: domain.plan(session(terms=terms(closes_on=WEDNESDAY)), two_days()), DateWrong,
            id="commencer avant la clôture",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(act: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        act()


def test_the_codes_that_others_are_told_are_those_of_the_contract() -> None:
    told = GatheringState.model_fields
    for field, codes in (("reason_code", CancelReason), ("mode", Mode)):
        assert all(code.value in (told[field].description or "") for code in codes)
    announced_as = [one.value for one in (*domain.ANNOUNCED, SessionStatus.CANCELLED)]
    assert all(code in (told["status"].description or "") for code in announced_as)


def test_what_was_wrong_already_does_not_keep_the_rest_from_being_mended() -> None:
    ill = Defect(pointer="/slots/0/trainers", code="trainer_unavailable", message="A. Essai est indisponible.")
    small = Defect(pointer="/slots/0/room_id", code="room_too_small", message="Trop petite.")
    domain.require_no_worse((ill, small), (replace(ill, pointer="/slots/1/trainers"),))
    with pytest.raises(Incomplete) as refused:
        domain.require_no_worse((ill,), (ill, small))
    assert [one.code for one in refused.value.errors] == ["room_too_small"]


def test_each_change_is_another_version() -> None:
    held = session()
    acts = [
        domain.amend(held, terms(seats_max=10), NOW),
        domain.plan(held, MOVED),
        domain.price(held, LINES),
        announced(),
    ]
    assert [one.version for one in acts] == [2, 2, 2, 2]
