"""Who may vote at the assembly, as its secretary would check it.

The statutes were not read: seniority, dues, colleges and the days to contest are dated data, `assumed`; the rest is
decided in ADR 0027.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from common.dated import RuleMissing, rule_on
from common.errors import Refusal, obstacle
from membership.electoral_roll.domain import (
    ChangeKind,
    CollegeUnknown,
    Contest,
    ContestAnswered,
    ContestNotFound,
    ContestOpen,
    ContestStatus,
    ContestTooLate,
    ContestWindowOpen,
    Correction,
    CorrectionEmpty,
    CorrectionKind,
    CorrectionTooLarge,
    Exclusion,
    Roll,
    RollDayToCome,
    RollLine,
    RollOfAnotherDay,
    RollReplaced,
    RollSealed,
    changes,
    corrected,
    counted,
    decide,
    digest,
    enrol,
    omitted,
    require_contestable,
    require_day_come,
    require_open,
    require_replaceable,
    require_sealable,
)
from membership.electoral_roll.queries import roll_rules
from membership.members.domain import (
    ActivityKind,
    Admission,
    Departure,
    DepartureCause,
    Member,
    MemberCategory,
    MemberStatus,
)

DAY = date(2027, 6, 24)
RULE = rule_on(roll_rules(), DAY)


def member(joined_on: date = date(2020, 1, 15), renewed_years: tuple[int, ...] = (2027,), **fields: object) -> Member:
    known = Member(
        id=UUID(int=1),
        reference="STR-2020-00001",
        name="L'Étoile",
        status=MemberStatus.ACTIVE,
        activities=(ActivityKind.AI,),
        admission=Admission(joined_on, UUID(int=9), "PV-1"),
        renewed_years=renewed_years,
    )
    return replace(known, **fields)  # type: ignore[arg-type]


LEFT = {
    "status": MemberStatus.LEFT,
    "departure": Departure(date(2027, 6, 24), DepartureCause.RESIGNED),
}


@pytest.mark.parametrize(
    ("who", "reasons"),
    [
        pytest.param(member(), [], id="adhérente renouvelée : vote"),
        pytest.param(member(status=MemberStatus.SUSPENDED), [Exclusion.SUSPENDED], id="suspendue"),
        pytest.param(member(**LEFT), [Exclusion.LEFT], id="sortie le jour même : n'est plus adhérente"),
        pytest.param(member(activities=()), [Exclusion.NO_COLLEGE], id="sans activité : aucun collège"),
        pytest.param(member(category=MemberCategory.ASSOCIATE), [Exclusion.NO_VOTE], id="associée : sans voix"),
        pytest.param(member(renewed_years=()), [Exclusion.NOT_RENEWED], id="jamais renouvelée"),
        pytest.param(member(renewed_years=(2026,)), [Exclusion.NOT_RENEWED], id="renouvelée l'an dernier seulement"),
        pytest.param(member(date(2027, 1, 1), ()), [], id="adhérente de l'année : rien à renouveler"),
        pytest.param(member(date(2026, 12, 31), ()), [Exclusion.NOT_RENEWED], id="de la veille du 1er janvier"),
        pytest.param(member(date(2027, 3, 24), ()), [], id="trois mois d'ancienneté : le jour même, vote"),
        pytest.param(member(date(2027, 3, 25), ()), [Exclusion.TOO_RECENT], id="trois mois demain : trop récente"),
        pytest.param(
            member(DAY - timedelta(10), (), status=MemberStatus.SUSPENDED, activities=()),
            [Exclusion.SUSPENDED, Exclusion.NO_COLLEGE, Exclusion.TOO_RECENT],
            id="toutes les raisons, pas la première seule",
        ),
    ],
)
def test_who_votes_and_why_not(who: Member, reasons: list[Exclusion]) -> None:
    line = enrol(who, [], RULE, DAY)
    assert [reason.code for reason in line.reasons] == reasons
    assert (line.votes, line.entitled) == ((0, False) if reasons else (1, True))


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (
            member(date(2027, 3, 25), ()),
            "Adhérente depuis le 25 mars 2027 ; il faut 3 mois le 24 juin 2027, elle les aura le 25 juin 2027.",
        ),
        (member(renewed_years=(2026,)), "Adhésion non renouvelée pour 2027 (la dernière fois pour 2026)."),
        (member(**LEFT), "N'est plus adhérente depuis le 24 juin 2027 (démission)."),
    ],
    ids=["ancienneté", "renouvellement", "départ"],
)
def test_a_reason_says_its_days_and_figures(who: Member, sentence: str) -> None:
    assert [reason.message for reason in enrol(who, [], RULE, DAY).reasons] == [sentence]


@pytest.mark.parametrize(
    ("kinds", "college"),
    [
        ([ActivityKind.AI, ActivityKind.ACI], "intermediation"),
        ([ActivityKind.ACI, ActivityKind.AI], "production"),
        ([ActivityKind.ETT_ESS], "intermediation"),
        ([ActivityKind.EBE], "others"),
    ],
    ids=["AI d'abord", "ACI d'abord", "ETT-ESS", "EBE"],
)
def test_the_main_activity_gives_the_college(kinds: list[ActivityKind], college: str) -> None:
    assert enrol(member(activities=tuple(kinds)), [], RULE, DAY).college == college


def test_a_college_may_weigh_more() -> None:
    heavier = tuple(replace(one, votes=3) if one.code == "production" else one for one in RULE.colleges)
    line = enrol(member(activities=(ActivityKind.EI,)), [], replace(RULE, colleges=heavier), DAY)
    assert line.votes == 3


def test_every_kind_of_activity_has_its_college() -> None:
    assert {kind for kind in ActivityKind if RULE.college_of(member(activities=(kind,))) is None} == set()
    assert RULE.status == "assumed"
    with pytest.raises(RuleMissing):
        rule_on(roll_rules(), date(1999, 12, 31))


def line(votes: int = 1, college: str | None = "production", number: int = 1) -> RollLine:
    reasons = () if votes else enrol(member(status=MemberStatus.SUSPENDED), [], RULE, DAY).reasons
    return RollLine(UUID(int=number), f"STR-{number}", f"N{number}", "idf", DAY, college, votes, reasons)


ROLL = Roll(UUID(int=5), "AG", DAY, datetime(2027, 6, 24, tzinfo=UTC), "n", date(2027, 7, 1), "0" * 64, RULE)
WAITING = Contest(UUID(int=7), UUID(int=1), "payée", datetime(2027, 6, 25, tzinfo=UTC), "m")
ANSWERED = replace(WAITING, status=ContestStatus.REJECTED)


@pytest.mark.parametrize(
    ("roll", "contests", "today", "refusal"),
    [
        pytest.param(ROLL, [], date(2027, 7, 1), None, id="le dernier jour du délai"),
        pytest.param(ROLL, [], date(2027, 7, 2), ContestTooLate, id="le lendemain"),
        pytest.param(ROLL, [WAITING], DAY, ContestOpen, id="une contestation attend déjà"),
        pytest.param(ROLL, [ANSWERED], DAY, None, id="la première a reçu sa réponse"),
        pytest.param(replace(ROLL, sealed_at=ROLL.frozen_at), [], DAY, RollSealed, id="l'assemblée est ouverte"),
        pytest.param(replace(ROLL, replaced_at=ROLL.frozen_at), [], DAY, RollReplaced, id="une autre la remplace"),
        pytest.param(
            ROLL, [replace(WAITING, member_id=UUID(int=2))], DAY, None, id="une contestation d'une autre structure"
        ),
    ],
)
def test_when_a_line_is_contested(
    roll: Roll, contests: list[Contest], today: date, refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        require_contestable(roll, contests, UUID(int=1), today)
    else:
        with pytest.raises(refusal):
            require_contestable(roll, contests, UUID(int=1), today)


@pytest.mark.parametrize(
    ("contests", "today", "waived", "refusal"),
    [
        pytest.param([ANSWERED], date(2027, 7, 2), False, None, id="le délai est passé, chacune a sa réponse"),
        pytest.param([], date(2027, 7, 1), False, ContestWindowOpen, id="le dernier jour du délai"),
        pytest.param([], date(2027, 7, 1), True, None, id="on y a renoncé par écrit"),
        pytest.param([ANSWERED, WAITING], date(2027, 7, 2), True, ContestOpen, id="une contestation attend"),
    ],
)
def test_when_an_assembly_may_open_on_a_roll(
    contests: list[Contest], today: date, waived: bool, refusal: type[Refusal] | None
) -> None:
    if refusal is None:
        require_sealable(ROLL, contests, today, waived=waived)
    else:
        with pytest.raises(refusal):
            require_sealable(ROLL, contests, today, waived=waived)
    require_sealable(replace(ROLL, sealed_at=ROLL.frozen_at), [], DAY, waived=False)


def test_a_roll_is_not_frozen_before_its_day() -> None:
    require_day_come(DAY, DAY)
    with pytest.raises(RollDayToCome, match="24 juin 2027"):
        require_day_come(DAY, DAY - timedelta(1))


@pytest.mark.parametrize(
    ("before", "votes", "college", "expected"),
    [
        pytest.param(line(0), 1, None, CorrectionKind.ADDED, id="0 puis 1 : ajoutée"),
        pytest.param(line(1), 0, None, CorrectionKind.REMOVED, id="1 puis 0 : retirée"),
        pytest.param(line(1), 2, None, CorrectionTooLarge, id="plus que les voix de son collège"),
        pytest.param(line(0), 1, "associates", CorrectionTooLarge, id="une voix dans un collège qui n'en a pas"),
        pytest.param(line(1), 1, "others", CorrectionKind.CHANGED, id="autre collège"),
        pytest.param(line(1), 1, None, CorrectionEmpty, id="rien ne change"),
        pytest.param(line(0, None), 1, None, CollegeUnknown, id="une voix, mais dans quel collège ?"),
        pytest.param(line(1), 1, "salaries", CollegeUnknown, id="collège inconnu"),
    ],
)
def test_what_a_correction_does(
    before: RollLine, votes: int, college: str | None, expected: CorrectionKind | type[Refusal]
) -> None:
    if isinstance(expected, CorrectionKind):
        assert decide(ROLL, before, votes, college, "r")[0] is expected
    else:
        with pytest.raises(expected):
            decide(ROLL, before, votes, college, "r")


def decision(votes: int, kind: CorrectionKind) -> Correction:
    return Correction(UUID(int=1), kind, "others", votes, "reçu du 3 mars", DAY, ROLL.frozen_at, "n")


def test_the_last_decision_counts_and_says_so() -> None:
    added, removed = decision(1, CorrectionKind.ADDED), decision(0, CorrectionKind.REMOVED)
    entitled = corrected(line(0), [added])
    assert (entitled.votes, entitled.reasons, entitled.college) == (1, (), "others")
    assert entitled.remarks[-1].message == "Ajoutée par décision du 24 juin 2027 : reçu du 3 mars"
    gone = corrected(line(0), [added, removed])
    assert [reason.code for reason in gone.reasons] == [Exclusion.SUSPENDED]
    assert [one.code for one in corrected(line(1), [removed]).reasons] == [Exclusion.REMOVED]
    moved = corrected(line(0), [decision(0, CorrectionKind.CHANGED)])
    assert [one.code for one in moved.reasons] == [Exclusion.SUSPENDED]  # of another college, and still suspended
    assert corrected(line(1, number=2), [added]) == line(1, number=2)


@pytest.mark.parametrize(
    ("before", "after", "kind", "why"),
    [
        pytest.param(None, line(1), ChangeKind.CAME, "Absente de la liste d'avant.", id="nouvelle"),
        pytest.param(line(0), line(1), ChangeKind.CAME, "N'est plus vrai : Suspendue", id="réintégrée"),
        pytest.param(line(1), line(0), ChangeKind.WENT, "Suspendue par le conseil", id="suspendue entre-temps"),
        pytest.param(
            line(1),
            line(1, "others"),
            ChangeKind.CHANGED,
            "Collège « Production (ACI, EI) », 1 voix, puis Collège « Autres",
            id="autre collège",
        ),
        pytest.param(
            line(1), line(2), ChangeKind.CHANGED, "Collège « Production (ACI, EI) », 1 voix, puis", id="autres voix"
        ),
        pytest.param(
            line(0),
            corrected(line(0), [decision(1, CorrectionKind.ADDED)]),
            ChangeKind.CAME,
            "Ajoutée par décision du 24 juin 2027 : reçu du 3 mars",
            id="ajoutée par décision",
        ),
        pytest.param(line(1), line(1), None, "", id="rien"),
        pytest.param(line(0), line(0, "others"), None, "", id="ne vote ni avant ni après"),
        pytest.param(None, line(0), None, "", id="nouvelle, sans voix"),
    ],
)
def test_what_differs_between_two_rolls(
    before: RollLine | None, after: RollLine | None, kind: ChangeKind | None, why: str
) -> None:
    found = changes(*({one.member_id: one} if one else {} for one in (before, after)))
    assert [change.kind for change in found] == ([kind] if kind else [])
    names = {one.code: one.name for one in RULE.colleges}
    assert all(change.why(names).startswith(why) for change in found)


def test_the_digest_is_of_what_the_roll_says_in_any_order() -> None:
    one, two = line(1), line(0, number=2)
    assert digest(DAY, [one, two]) == digest(DAY, [two, one])
    assert len({digest(DAY, [one]), digest(DAY, [replace(one, votes=2)]), digest(DAY + timedelta(1), [one])}) == 3


@pytest.mark.parametrize(
    ("roll", "contests", "as_of", "refusal"),
    [
        pytest.param(ROLL, [ANSWERED], DAY, None, id="de nouveau, pour le même jour"),
        pytest.param(ROLL, [], DAY - timedelta(1), RollOfAnotherDay, id="pour la veille"),
        pytest.param(ROLL, [WAITING], DAY, ContestOpen, id="une contestation attend"),
        pytest.param(replace(ROLL, sealed_at=ROLL.frozen_at), [], DAY, RollSealed, id="l'assemblée est ouverte"),
        pytest.param(replace(ROLL, replaced_at=ROLL.frozen_at), [], DAY, RollReplaced, id="remplacée déjà"),
    ],
)
def test_when_a_roll_is_frozen_again(
    roll: Roll, contests: list[Contest], as_of: date, refusal: type[Refusal] | None
) -> None:
    assert type(obstacle(lambda: require_replaceable(roll, contests, as_of))) is (refusal or type(None))


@pytest.mark.parametrize(
    ("contests", "number", "member_id", "expected"),
    [
        pytest.param([WAITING], 7, None, WAITING, id="le réseau répond à une contestation"),
        pytest.param([WAITING], 7, UUID(int=1), WAITING, id="la structure lit la sienne"),
        pytest.param([WAITING], 7, UUID(int=2), ContestNotFound, id="une autre ne la lit pas"),
        pytest.param([WAITING], 8, None, ContestNotFound, id="inconnue"),
        pytest.param([ANSWERED], 7, None, ContestAnswered, id="elle a sa réponse"),
    ],
)
def test_which_contest_waits_for_its_answer(
    contests: list[Contest], number: int, member_id: UUID | None, expected: Contest | type[Refusal]
) -> None:
    if isinstance(expected, Contest):
        assert require_open(contests, UUID(int=number), member_id) == expected
    else:
        with pytest.raises(expected):
            require_open(contests, UUID(int=number), member_id)


def test_nothing_is_decided_on_a_roll_that_is_sealed_or_replaced() -> None:
    for field, refusal in (("sealed_at", RollSealed), ("replaced_at", RollReplaced)):
        with pytest.raises(refusal):
            decide(replace(ROLL, **{field: ROLL.frozen_at}), line(0), 1, None, "r")


def test_a_structure_with_two_reasons_counts_in_both() -> None:
    both = enrol(member(status=MemberStatus.SUSPENDED, activities=()), [], RULE, DAY)
    found = {code: count for code, count in counted([both, line(0), line(1)]).items() if count}
    assert found == {Exclusion.SUSPENDED: 2, Exclusion.NO_COLLEGE: 1}


def test_who_was_omitted_has_no_vote_until_it_is_decided() -> None:
    forgotten = omitted(line(1))
    assert (forgotten.votes, [one.code for one in forgotten.reasons]) == (0, [Exclusion.OMITTED])
