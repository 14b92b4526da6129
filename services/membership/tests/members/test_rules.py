"""What makes a complete file, and what changes in a structure."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from membership.members.domain import (
    ActivityKind,
    AlreadyMember,
    Member,
    MemberStatus,
    SiretOfAnotherSiren,
    admit,
    amend,
    identified,
    missing_for_admission,
)

COMPLETE = Member(
    id=UUID(int=1),
    reference="STR-2026-00001",
    name="Structure fictive",
    status=MemberStatus.CANDIDATE,
    department="31",
    delegation="occitanie",
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
        pytest.param(replace(COMPLETE, delegation=None), ["delegation_missing"], id="Grand Est : aucune délégation"),
    ],
)
def test_what_a_file_lacks(member: Member, missing: list[str]) -> None:
    assert [blocker.code for blocker in missing_for_admission(member)] == missing


def test_the_first_activity_is_the_main_one() -> None:
    assert COMPLETE.main_activity is ActivityKind.AI
    assert replace(COMPLETE, activities=()).main_activity is None


def test_a_candidate_is_admitted_once() -> None:
    member = admit(COMPLETE, date(2026, 1, 15))
    assert (member.status, member.joined_on, member.version) == (MemberStatus.ACTIVE, date(2026, 1, 15), 2)
    with pytest.raises(AlreadyMember):
        admit(member, date(2026, 2, 1))


def test_only_what_really_changes_makes_a_new_version() -> None:
    same, nothing = amend(COMPLETE, name="Structure fictive", city="TOULOUSE")
    assert (same, nothing) == (COMPLETE, ())
    moved, changed = amend(COMPLETE, name="Structure fictive", city="BLAGNAC")
    assert (moved.city, moved.version, changed) == ("BLAGNAC", 2, ("city",))


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
