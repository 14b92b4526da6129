"""What makes a complete file, and what changes in a structure.

What a file holds is what the federation's directories print (rapport d'activité 2024, Occitanie); a SIREN's and a
SIRET's keys are the INSEE's (répertoire Sirene); the rest is decided in ADR 0020.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from membership.members.domain import (
    ActivityKind,
    ActivityNotHeld,
    Admission,
    AlreadyMember,
    Convention,
    Correspondence,
    DelegationUnknown,
    FileIncomplete,
    Member,
    MemberStatus,
    NotAGroup,
    NotInGroup,
    Purpose,
    SiretOfAnotherSiren,
    address_for,
    admit,
    agree,
    amend,
    give_up,
    identified,
    impose_delegation,
    join_group,
    leave_group,
    located,
    missing_for_admission,
    pursue,
    require_complete,
    write_to,
)
from membership.members.schemas import Siren, Siret
from membership.territory.queries import load_territory

COMPLETE = Member(
    id=UUID(int=1),
    reference="STR-2026-00001",
    name="Structure fictive",
    status=MemberStatus.CANDIDATE,
    department="31",
    covering_delegation="occitanie",
    activities=(ActivityKind.AI, ActivityKind.ACI),
    street="1 rue des Exemples",
    postcode="31000",
    city="TOULOUSE",
)


@pytest.mark.parametrize(
    ("member", "missing"),
    [
        pytest.param(COMPLETE, [], id="dossier complet, sans SIREN"),
        pytest.param(replace(COMPLETE, activities=()), ["activity_missing"], id="sans activité"),
        pytest.param(replace(COMPLETE, street=None), ["address_missing"], id="sans rue"),
        pytest.param(replace(COMPLETE, city=None), ["address_missing"], id="sans commune"),
        pytest.param(
            replace(COMPLETE, covering_delegation=None), ["delegation_missing"], id="Grand Est : aucune délégation"
        ),
    ],
)
def test_what_a_file_lacks(member: Member, missing: list[str]) -> None:
    assert [blocker.code for blocker in missing_for_admission(member)] == missing


def test_the_first_activity_is_the_main_one() -> None:
    assert COMPLETE.main_activity is ActivityKind.AI
    assert replace(COMPLETE, activities=()).main_activity is None


def test_a_candidate_is_admitted_once() -> None:
    admission = Admission(date(2026, 1, 15), UUID(int=9), "PV-1")
    member = admit(COMPLETE, admission)
    assert (member.status, member.joined_on) == (MemberStatus.ACTIVE, date(2026, 1, 15))
    with pytest.raises(AlreadyMember):
        admit(member, replace(admission, joined_on=date(2026, 2, 1)))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"city": "BLAGNAC"}, replace(COMPLETE, city="BLAGNAC"), id="une commune"),
        pytest.param(
            {"postcode": "75001", "city": "PARIS"},
            replace(COMPLETE, postcode="75001", city="PARIS", department=None),
            id="un nouveau code postal : le département est à retrouver",
        ),
        pytest.param({"postcode": "31000", "city": "MURET"}, replace(COMPLETE, city="MURET"), id="le même code postal"),
        pytest.param(
            {"postcode": "75001", "department": "92"},
            replace(COMPLETE, postcode="75001", department="92"),
            id="un département dit avec le code postal",
        ),
        pytest.param(
            {"activities": (ActivityKind.AI,)},
            replace(COMPLETE, activities=(ActivityKind.AI,), chosen_main=ActivityKind.AI),
            id="une activité en moins : sa convention avec elle",
        ),
    ],
)
def test_what_an_amendment_changes(fields: dict[str, object], expected: Member) -> None:
    agreed = replace(COMPLETE, conventions={ActivityKind.ACI: Convention("ACI 031 24 0001")})
    conventions = {kind: agreed.conventions[kind] for kind in agreed.conventions if kind in expected.activities}
    assert amend(agreed, fields) == replace(expected, conventions=conventions)


ACI_2024 = Convention("ACI 031 24 0001", date(2026, 12, 31))
AGREED = agree(COMPLETE, ActivityKind.ACI, ACI_2024)


@pytest.mark.parametrize(
    ("kind", "main", "activities"),
    [
        pytest.param("etti", False, "ai aci etti", id="une activité de plus, dans l'ordre de la fédération"),
        pytest.param("etti", True, "etti ai aci", id="... ou la principale"),
        pytest.param("aci", True, "aci ai", id="une activité déjà là devient la principale"),
        pytest.param("aci", False, "ai aci", id="une activité déjà là : rien ne change"),
    ],
)
def test_pursuing_an_activity_keeps_the_conventions(kind: str, main: bool, activities: str) -> None:
    after = pursue(AGREED, ActivityKind(kind), main=main)
    assert " ".join(after.activities) == activities
    assert after.conventions == {ActivityKind.ACI: ACI_2024}


def test_a_convention_is_set_and_taken_away() -> None:
    assert AGREED.conventions == {ActivityKind.ACI: ACI_2024}
    assert agree(AGREED, ActivityKind.ACI, None).conventions == {}


def test_an_activity_ends_with_its_convention() -> None:
    after = give_up(AGREED, ActivityKind.ACI)
    assert (after.activities, after.conventions) == ((ActivityKind.AI,), {})
    assert give_up(AGREED, ActivityKind.AI).main_activity is ActivityKind.ACI
    with pytest.raises(ActivityNotHeld):
        give_up(after, ActivityKind.ACI)


def test_a_group_is_another_structure_that_is_a_ges() -> None:
    group = replace(COMPLETE, id=UUID(int=2), activities=(ActivityKind.GES,))
    member = join_group(COMPLETE, group)
    assert member.groups == {group.id}
    assert leave_group(member, group.id) == COMPLETE
    with pytest.raises(NotInGroup):
        leave_group(COMPLETE, group.id)
    for not_a_group in (replace(COMPLETE, id=UUID(int=3)), replace(group, id=COMPLETE.id)):
        with pytest.raises(NotAGroup):
            join_group(COMPLETE, not_a_group)


def test_a_delegation_is_imposed_and_given_back_to_the_address() -> None:
    imposed = impose_delegation(COMPLETE, "idf", load_territory())
    assert imposed.delegation == "idf"
    assert impose_delegation(imposed, None, load_territory()).delegation == "occitanie"
    with pytest.raises(DelegationUnknown):
        impose_delegation(COMPLETE, "grand-est", load_territory())


SIREN, SIRET, OTHER_SIREN = "900000001", "90000000100017", "900000019"


@pytest.mark.parametrize(
    ("siren", "siret", "held"),
    [
        pytest.param(None, None, None, id="ni l'un ni l'autre"),
        pytest.param(SIREN, None, SIREN, id="SIREN seul"),
        pytest.param(None, SIRET, SIREN, id="SIRET seul : il donne le SIREN"),
        pytest.param(SIREN, SIRET, SIREN, id="SIRET de ce SIREN"),
    ],
)
def test_the_siret_and_the_siren_hold_together(siren: str | None, siret: str | None, held: str | None) -> None:
    assert identified(replace(COMPLETE, siren=siren, siret=siret)) == replace(COMPLETE, siren=held, siret=siret)


def test_a_siret_of_another_siren_is_refused() -> None:
    with pytest.raises(SiretOfAnotherSiren, match=f"{SIRET} ne commence pas par le SIREN {OTHER_SIREN}"):
        identified(replace(COMPLETE, siren=OTHER_SIREN, siret=SIRET))


@pytest.mark.parametrize(
    ("written", "held"),
    [
        pytest.param("90000000100017", "90000000100017", id="quatorze chiffres, clé juste"),
        pytest.param("900 000 001 00017", "90000000100017", id="écrit avec des espaces"),
        pytest.param("90000000100018", None, id="la clé du SIRET est fausse"),
        pytest.param("90000000200016", None, id="la clé du SIREN est fausse"),
        pytest.param("9000000010001", None, id="treize chiffres"),
        pytest.param("900000001000170", None, id="quinze chiffres"),
        pytest.param("9000000010001A", None, id="une lettre"),
        pytest.param("35600000049837", "35600000049837", id="La Poste, dont la clé compte autrement"),
    ],
)
def test_a_siret_has_its_key(written: str, held: str | None) -> None:
    siret = TypeAdapter[str](Siret)
    if held is not None:
        assert siret.validate_python(written) == held
    else:
        with pytest.raises(ValidationError, match="SIRET n'est pas valable"):
            siret.validate_python(written)


@pytest.mark.parametrize(
    ("written", "held"),
    [
        pytest.param("900000001", "900000001", id="neuf chiffres, clé juste"),
        pytest.param("900000002", None, id="la clé est fausse"),
        pytest.param("90000000", None, id="huit chiffres"),
    ],
)
def test_a_siren_has_its_key(written: str, held: str | None) -> None:
    siren = TypeAdapter[str](Siren)
    if held is not None:
        assert siren.validate_python(written) == held
    else:
        with pytest.raises(ValidationError, match="SIREN n'est pas valable"):
            siren.validate_python(written)


@pytest.mark.parametrize(
    ("department", "postcode", "expected"),
    [
        pytest.param(None, "31000", ("31", "occitanie"), id="le code postal donne le département"),
        pytest.param("82", "31000", ("82", "occitanie"), id="un département dit n'est pas corrigé"),
        pytest.param("31", "75011", ("31", "idf"), id="mais c'est le code postal qui donne la délégation"),
        pytest.param("82", None, ("82", "occitanie"), id="le département seul"),
        pytest.param(None, "67000", ("67", None), id="Grand Est : aucune délégation"),
        pytest.param(None, None, (None, None), id="ni l'un ni l'autre"),
    ],
)
def test_the_address_gives_the_delegation(
    department: str | None, postcode: str | None, expected: tuple[str | None, str | None]
) -> None:
    unknown = replace(COMPLETE, covering_delegation=None)
    member = located(replace(unknown, department=department, postcode=postcode), load_territory())
    assert (member.department, member.delegation) == expected


def test_what_a_file_lacks_stops_its_sitting_by_name() -> None:
    require_complete(COMPLETE)
    with pytest.raises(FileIncomplete, match="Aucune activité") as refused:
        require_complete(replace(COMPLETE, activities=()))
    assert refused.value.extra["missing"] == ["activity_missing"]


OWN = Correspondence(street="1 rue des Exemples", postcode="31000", city="TOULOUSE")
ELSEWHERE = Correspondence(street="2 place Fictive", postcode="75011", city="PARIS")


@pytest.mark.parametrize(
    ("fields", "chosen", "expected"),
    [
        pytest.param({}, None, OWN, id="aucune choisie : la sienne"),
        pytest.param({}, ELSEWHERE, ELSEWHERE, id="celle qu'elle a choisie"),
        pytest.param({"street": None}, ELSEWHERE, ELSEWHERE, id="choisie, et la sienne est inconnue"),
        pytest.param({"street": None}, None, None, id="sans rue : aucune"),
        pytest.param({"postcode": None}, None, None, id="sans code postal : aucune"),
        pytest.param({"city": None}, None, None, id="sans commune : aucune"),
    ],
)
def test_where_letters_of_a_purpose_go(
    fields: dict[str, Any], chosen: Correspondence | None, expected: Correspondence | None
) -> None:
    member = write_to(replace(COMPLETE, **fields), Purpose.DUES, chosen)
    assert address_for(member, Purpose.DUES) == expected
    assert address_for(write_to(member, Purpose.DUES, None), Purpose.DUES) == (None if fields else OWN)
    assert address_for(write_to(COMPLETE, Purpose.MEETINGS, ELSEWHERE), Purpose.DUES) == OWN
