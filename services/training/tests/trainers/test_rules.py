"""The rules of trainers, in tables: what one may teach, when one is not there, who can be archived or erased."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Refusal, obstacle
from training.trainers.domain import (
    AssessedAnotherDay,
    Competence,
    CompetenceWithdrawn,
    Contractor,
    Cost,
    CostUnit,
    EmployerUnclear,
    Evidence,
    Half,
    HalfDay,
    NotTaught,
    Profile,
    SubjectUnknown,
    Trainer,
    TrainerArchived,
    TrainerErased,
    TrainerKind,
    TrainerNotArchived,
    Unavailability,
    UnavailabilityOverlaps,
    UnavailabilityReason,
    UnavailabilityReversed,
    Withdrawal,
    amend,
    archive,
    erase,
    may_teach,
    require_active,
    require_clear,
    require_new,
    require_recordable,
    restore,
    taken,
    withdraw,
)

TODAY = date(2026, 6, 1)


def held(number: int = 1, **said: object) -> Competence:
    """The theme Accompagnement, assessed on 10 January 2026, unless the test says otherwise."""
    told: dict[str, object] = {
        "id": UUID(int=number), "theme": "support", "evidence": Evidence.DIPLOMA, "reference": "Dossier F-12",
        "assessed_on": date(2026, 1, 10), "assessed_by": "Responsable pédagogique",
    }  # fmt: skip
    return Competence(**{**told, **said})  # type: ignore[arg-type]  # fields of a competence


OF_PROGRAMME = held(2, theme=None, programme_code="CIP-01")
ENDING = held(3, valid_until=date(2026, 5, 31))
ENDED_LATER = held(4, valid_until=date(2026, 12, 31))
GONE = held(5, withdrawal=Withdrawal(date(2026, 6, 1), "Habilitation perdue", "x"))
TO_COME = held(6, assessed_on=date(2026, 6, 2))
OTHER = held(7, theme="hr")


@pytest.mark.parametrize(
    ("competences", "day", "expected"),
    [
        # Décret 2019-565, annexe, indicateur 21 : les compétences de qui enseigne sont déterminées et évaluées.
        pytest.param((), TODAY, NotTaught.NONE, id="aucune compétence"),
        pytest.param((OTHER,), TODAY, NotTaught.NONE, id="d'un autre thème"),
        pytest.param((held(),), TODAY, held(), id="de son thème"),
        pytest.param((OF_PROGRAMME,), TODAY, OF_PROGRAMME, id="du programme lui-même"),
        pytest.param((held(), OF_PROGRAMME), TODAY, OF_PROGRAMME, id="le programme passe avant le thème"),
        pytest.param((ENDED_LATER, held()), TODAY, held(), id="celle qui dure le plus"),
        pytest.param((held(),), date(2026, 1, 9), NotTaught.NOT_YET, id="la veille de l'évaluation"),
        pytest.param((held(),), date(2026, 1, 10), held(), id="le jour de l'évaluation"),
        pytest.param((ENDING,), date(2026, 5, 31), ENDING, id="le dernier jour"),
        pytest.param((ENDING,), TODAY, NotTaught.EXPIRED, id="le lendemain du dernier jour"),
        pytest.param((GONE,), date(2026, 5, 31), GONE, id="la veille du retrait"),
        pytest.param((GONE,), TODAY, NotTaught.WITHDRAWN, id="le jour du retrait"),
        pytest.param((GONE, TO_COME), TODAY, NotTaught.NOT_YET, id="de deux raisons, la plus vite levée"),
        pytest.param((GONE, ENDING), TODAY, NotTaught.EXPIRED, id="renouveler avant de réhabiliter"),
    ],
)
def test_what_lets_a_trainer_teach(
    competences: tuple[Competence, ...], day: date, expected: Competence | NotTaught
) -> None:
    assert may_teach(competences, "CIP-01", "support", day) == expected


def test_a_programme_without_a_theme_is_of_no_theme() -> None:
    assert may_teach((OF_PROGRAMME, held()), "AUT-01", None, TODAY) is NotTaught.NONE


@pytest.mark.parametrize(
    ("competence", "refusal"),
    [
        pytest.param(held(), None, id="d'un thème du catalogue"),
        pytest.param(OF_PROGRAMME, None, id="d'un programme"),
        pytest.param(held(assessed_on=TODAY, valid_until=TODAY), None, id="valable un jour"),
        pytest.param(held(theme=None), SubjectUnknown, id="de rien"),
        pytest.param(held(programme_code="CIP-01"), SubjectUnknown, id="des deux à la fois"),
        pytest.param(held(theme="cuisine"), SubjectUnknown, id="d'un thème inconnu"),
        pytest.param(held(theme=None, programme_code="ZZZ-9"), SubjectUnknown, id="d'un programme inconnu"),
        pytest.param(held(assessed_on=date(2026, 6, 2)), AssessedAnotherDay, id="évaluée demain"),
        pytest.param(held(valid_until=date(2026, 1, 9)), AssessedAnotherDay, id="finie avant d'être évaluée"),
    ],
)
def test_what_is_recorded_as_a_competence(competence: Competence, refusal: type[Refusal] | None) -> None:
    assert refused(lambda: require_recordable(competence, {"CIP-01"}, {"support", "hr"}, TODAY)) is refusal


def test_a_competence_is_withdrawn_once() -> None:
    gone = withdraw(held(), Withdrawal(TODAY, "Perdue", "x"))
    assert gone.withdrawal == Withdrawal(TODAY, "Perdue", "x")
    with pytest.raises(CompetenceWithdrawn):
        withdraw(gone, Withdrawal(TODAY, "Encore", "x"))


def half(day: int, part: str = "morning") -> HalfDay:
    return HalfDay(date(2026, 3, day), Half(part))


def away(first: HalfDay, last: HalfDay) -> Unavailability:
    return Unavailability(UUID(int=1), first, last, UnavailabilityReason.LEAVE)


MORNING_TO_NEXT_MORNING = away(half(3), half(4))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param((half(2, "afternoon"),), (), id="l'après-midi d'avant"),
        pytest.param((half(3),), (half(3),), id="la première demi-journée"),
        pytest.param((half(3, "afternoon"),), (half(3, "afternoon"),), id="au milieu"),
        pytest.param((half(4),), (half(4),), id="la dernière demi-journée"),
        pytest.param((half(4, "afternoon"),), (), id="l'après-midi d'après"),
        pytest.param((half(2), half(4), half(5)), (half(4),), id="de plusieurs, celle-là"),
        pytest.param((), (), id="d'aucune, aucune"),
    ],
)
def test_when_a_trainer_is_not_there(asked: tuple[HalfDay, ...], expected: tuple[HalfDay, ...]) -> None:
    assert taken([MORNING_TO_NEXT_MORNING], asked) == expected


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        pytest.param(half(2), half(2, "afternoon"), None, id="finie la veille"),
        pytest.param(half(4, "afternoon"), half(5), None, id="commencée l'après-midi même"),
        pytest.param(half(2), half(3), UnavailabilityOverlaps, id="jusqu'au premier matin"),
        pytest.param(half(4), half(6), UnavailabilityOverlaps, id="depuis le dernier matin"),
        pytest.param(half(1), half(9), UnavailabilityOverlaps, id="tout autour"),
        pytest.param(half(3, "afternoon"), half(3, "afternoon"), UnavailabilityOverlaps, id="dedans"),
        pytest.param(half(8, "afternoon"), half(8), UnavailabilityReversed, id="l'après-midi avant le matin"),
    ],
)
def test_two_unavailabilities_share_no_half_day(first: HalfDay, last: HalfDay, refusal: type[Refusal] | None) -> None:
    assert refused(lambda: require_new(away(first, last), [MORNING_TO_NEXT_MORNING])) is refusal


def test_an_overlap_names_what_is_held() -> None:
    with pytest.raises(UnavailabilityOverlaps, match=r"du 3 mars 2026 \(matin\) au 4 mars 2026 \(matin\)"):
        require_new(away(half(4), half(6)), [MORNING_TO_NEXT_MORNING])


half_days = st.builds(HalfDay, st.dates(date(2026, 3, 1), date(2026, 3, 6)), st.sampled_from(Half))


@given(half_days, half_days, half_days, half_days)
def test_two_overlap_when_and_only_when_they_hold_a_half_day_both(
    one: HalfDay, two: HalfDay, three: HalfDay, four: HalfDay
) -> None:
    first, second = away(*sorted((one, two), key=rank)), away(*sorted((three, four), key=rank))
    every = [HalfDay(date(2026, 3, day), part) for day in range(1, 7) for part in Half]
    shared = [half_day for half_day in every if first.holds(half_day) and second.holds(half_day)]
    assert first.meets(second) is second.meets(first) is bool(shared)


def rank(half_day: HalfDay) -> int:
    return half_day.rank


PROFILE = Profile(
    name="Camille EXEMPLE", kind=TrainerKind.EMPLOYEE, email="camille@exemple.fr", phone="01 00 00 00 00",
    account="sujet", delegations=("occitanie",), cost=Cost(Decimal(310), CostUnit.HALF_DAY),
)  # fmt: skip
SUBCONTRACTED = replace(
    PROFILE, kind=TrainerKind.CONTRACTOR, contractor=Contractor("Coopérative d'essai", "90000000100017")
)
TRAINER = Trainer(
    id=UUID(int=1), profile=PROFILE, competences=(held(), GONE), unavailabilities=(MORNING_TO_NEXT_MORNING,)
)
ARCHIVED = archive(TRAINER, TODAY)
ERASED = erase(ARCHIVED, TODAY, "Demande")


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [
        # Décret 2019-565, annexe, indicateur 27 : la sous-traitance est tracée.
        pytest.param(PROFILE, None, id="salarié"),
        pytest.param(SUBCONTRACTED, None, id="sous-traitant d'une structure"),
        pytest.param(replace(PROFILE, kind=TrainerKind.CONTRACTOR), EmployerUnclear, id="sous-traitant de personne"),
        pytest.param(replace(SUBCONTRACTED, kind=TrainerKind.EMPLOYEE), EmployerUnclear, id="salarié d'une autre"),
    ],
)
def test_who_employs_a_trainer_is_clear(profile: Profile, refusal: type[Refusal] | None) -> None:
    assert refused(lambda: require_clear(profile)) is refusal


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        pytest.param(lambda: amend(TRAINER, SUBCONTRACTED), None, id="récrire"),
        pytest.param(lambda: amend(ARCHIVED, PROFILE), TrainerArchived, id="récrire un archivé"),
        pytest.param(lambda: amend(ERASED, PROFILE), TrainerErased, id="récrire un effacé"),
        pytest.param(lambda: archive(TRAINER, TODAY), None, id="archiver"),
        pytest.param(lambda: archive(ARCHIVED, TODAY), TrainerArchived, id="archiver deux fois"),
        pytest.param(lambda: restore(ARCHIVED), None, id="rétablir"),
        pytest.param(lambda: restore(TRAINER), TrainerNotArchived, id="rétablir qui est là"),
        pytest.param(lambda: restore(ERASED), TrainerErased, id="rétablir un effacé"),
        pytest.param(lambda: erase(ARCHIVED, TODAY, "Demande"), None, id="effacer"),
        pytest.param(lambda: erase(TRAINER, TODAY, "Demande"), TrainerNotArchived, id="effacer qui est là"),
        pytest.param(lambda: erase(ERASED, TODAY, "Demande"), TrainerErased, id="effacer deux fois"),
        pytest.param(lambda: require_active(ARCHIVED), TrainerArchived, id="appeler un archivé"),
    ],
)
def test_what_can_be_done_to_a_trainer(act: Callable[[], object], refusal: type[Refusal] | None) -> None:
    assert refused(act) is refusal


def test_nothing_of_the_person_is_left_once_erased() -> None:
    erased = erase(archive(replace(TRAINER, profile=SUBCONTRACTED), TODAY), TODAY, "Demande")
    assert erased.profile == Profile(
        name="Formateur effacé", kind=TrainerKind.CONTRACTOR, contractor=SUBCONTRACTED.contractor
    )
    assert (erased.unavailabilities, erased.erased_on, erased.erasure_reason) == ((), TODAY, "Demande")
    assert [(one.theme, one.reference) for one in erased.competences] == [("support", "Effacé")] * 2
    assert [one.withdrawal.reason for one in erased.competences if one.withdrawal] == ["Effacé"]


def refused(act: Callable[[], object]) -> type[Refusal] | None:
    """The refusal that an act meets, None where it meets none."""
    met = obstacle(act)
    return type(met) if met else None
