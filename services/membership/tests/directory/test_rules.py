"""The rules of the public directory: what consent lets be found, who ends it, and what a search looks for.

Consent field by field: RGPD, art. 7; the rest is decided in ADR 0031.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from common.errors import Refusal
from membership.directory.domain import (
    Consent,
    ConsentEnding,
    DepartmentUnknown,
    DirectoryEntry,
    DirectoryField,
    Filled,
    Offer,
    Sector,
    SectorUnknown,
    SignedInFuture,
    Written,
    change,
    consent,
    looks_personal,
    named_by,
    not_shown,
    of_divisions,
    require_known,
    require_signed,
    searched,
    withdraw,
    words_of,
)
from membership.directory.queries import sectors
from membership.members.domain import MemberStatus

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 9, tzinfo=UTC)
FILLED = Filled(
    presentation="Atelier d'Émile",
    offers=(Offer("catering", "Buffets"),),
    sectors=("green-spaces",),
    territory=("31", "81"),
)


def entry(*fields: str, filled: Filled = FILLED) -> DirectoryEntry:
    """An entry with consents in force, in the order given."""
    given = [Consent(UUID(int=rank), DirectoryField(name), AT, "own") for rank, name in enumerate(fields)]
    return consent(DirectoryEntry(UUID(int=9), filled), given)


@pytest.mark.parametrize(
    ("fields", "sold", "served", "words"),
    [
        pytest.param([], (), (), "", id="aucun accord"),
        pytest.param(["sectors", "offers", "territory", "presentation"], (), (), "", id="tous, sauf pour paraître"),
        pytest.param(["listed"], (), (), "", id="paraître seulement"),
        pytest.param(["listed", "sectors"], ("green-spaces",), (), "", id="les secteurs"),
        pytest.param(["listed", "offers"], ("catering",), (), "buffets", id="les offres, avec leur secteur"),
        pytest.param(["listed", "territory"], (), ("31", "81"), "", id="le territoire"),
        pytest.param(["listed", "presentation"], (), (), "atelier d emile", id="la présentation, sans accents"),
    ],
)
def test_nothing_is_found_without_consent(
    fields: list[str], sold: tuple[str, ...], served: tuple[str, ...], words: str
) -> None:
    found = searched(entry(*fields))
    assert (found.sectors, found.territory, found.words) == (sold, served, words)


@pytest.mark.parametrize(
    ("by_itself", "kept"),
    [
        pytest.param(True, ["listed", "phone", "email"], id="par la structure : son accord tient"),
        pytest.param(False, ["listed", "phone"], id="par une autre : plus montré sans un nouvel accord"),
    ],
)
def test_who_changes_a_field(by_itself: bool, kept: list[str]) -> None:
    before = entry("listed", "email", "phone", filled=Filled(email="accueil@a.example", phone="05 61 00 00 00"))
    after = change(before, {"email": "contact@a.example"}, by="x", at=LATER, by_itself=by_itself)
    assert [one.value for one in after.consented] == kept
    endings = [one.ended.ending for one in after.consents if one.ended]
    assert endings == ([] if by_itself else [ConsentEnding.CHANGED])
    assert after.version == before.version + 1


def test_a_change_to_the_same_changes_nothing() -> None:
    before = entry("listed", "territory")
    assert change(before, {"territory": ("31", "81")}, by="x", at=LATER, by_itself=False) is before


def test_consents_are_history() -> None:
    first = entry("listed", "email")
    gone = withdraw(first, [DirectoryField.EMAIL, DirectoryField.PHONE], by="y", at=LATER)
    again = consent(gone, [Consent(UUID(int=8), DirectoryField.EMAIL, LATER, "own")])
    told = [(one.field.value, one.given_at, one.ended.at if one.ended else None) for one in again.consents]
    assert told == [("listed", AT, None), ("email", AT, LATER), ("email", LATER, None)]
    assert withdraw(gone, [DirectoryField.EMAIL], by="y", at=LATER) is gone
    assert consent(again, [Consent(UUID(int=7), DirectoryField.EMAIL, LATER, "own")]) is again


@pytest.mark.parametrize(
    ("status", "fields", "shown"),
    [
        (MemberStatus.ACTIVE, ["listed"], True),
        (MemberStatus.ACTIVE, ["email"], False),
        (MemberStatus.SUSPENDED, ["listed"], False),
        (MemberStatus.LEFT, ["listed"], False),
        (MemberStatus.CANDIDATE, ["listed"], False),
    ],
)
def test_who_the_public_sees(status: MemberStatus, fields: list[str], shown: bool) -> None:
    assert (not_shown(entry(*fields), status) is None) == shown


@pytest.mark.parametrize(
    ("address", "personal"),
    [
        ("camille.exemple@a.example", True),
        ("c.exemple@a.example", True),
        ("camille-exemple@a.example", True),
        ("accueil@a.example", False),
        ("contact.toulouse@a.example", False),
        ("service.commercial@a.example", False),
        ("atelier31.verts@a.example", False),
        ("exemple@a.example", False),
    ],
)
def test_an_address_that_looks_like_a_persons(address: str, personal: bool) -> None:
    assert looks_personal(address) is personal


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Entretien d'espaces verts à Béziers", ["entretien", "espaces", "verts", "beziers"]),
        ("pour les", []),
        ("un deux trois quatre cinq six sept huit", ["deux", "trois", "quatre", "cinq", "six", "sept"]),
        ("ACI aci", ["aci"]),
    ],
)
def test_what_a_search_looks_for(asked: str, words: list[str]) -> None:
    assert words_of(asked) == words


@pytest.mark.parametrize(
    ("word", "found"),
    [("vert", ["green"]), ("verts", ["green"]), ("proprete", ["clean"]), ("es", []), ("de", [])],
)
def test_a_word_of_a_list(word: str, found: list[str]) -> None:
    assert named_by(word, {"green": ["Espaces verts"], "clean": ["Propreté de locaux"]}) == found


@pytest.mark.parametrize(
    ("codes", "found"),
    [
        pytest.param(["77310000-6"], ["green"], id="code entier"),
        pytest.param(["77"], ["green"], id="division"),
        pytest.param(["90", "45"], ["clean"], id="l'une ou l'autre"),
        pytest.param(["48"], [], id="division où personne ne vend"),
    ],
)
def test_a_public_buyer_asks_by_cpv(codes: list[str], found: list[str]) -> None:
    listed = [Sector("green", "Espaces verts", ("77",)), Sector("clean", "Propreté", ("90",)), Sector("none", "Autre")]
    assert of_divisions(codes, listed) == found


def test_the_shipped_sectors_are_sound() -> None:
    assert len({one.name for one in sectors().values()}) == len(sectors()) >= 20
    assert all(len(division) == 2 and division.isdigit() for one in sectors().values() for division in one.cpv)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"sectors": ("unknown",)}, SectorUnknown),
        ({"offers": (Offer("unknown", "x"),)}, SectorUnknown),
        ({"territory": ("99",)}, DepartmentUnknown),
    ],
)
def test_what_is_in_no_list(fields: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        require_known(Filled(**fields), ["catering"], ["31"])


def test_a_consent_is_signed_before_it_is_recorded() -> None:
    require_signed(Written(date(2026, 3, 2), "courriel"), date(2026, 3, 2))
    with pytest.raises(SignedInFuture):
        require_signed(Written(date(2026, 3, 3), "courriel"), date(2026, 3, 2))
